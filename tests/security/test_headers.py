"""What every answer of every route says to the browser, for each kind of answer and each role."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Network
from tests.security.crawl import BASE, pages
from tests.security.site import ROLES, Site

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REFERRER = ("same-origin", "no-referrer")
CLOSED = {
    "default-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
POWERS = ("camera", "microphone", "geolocation", "payment", "usb")


def policy_of(answer: Any) -> dict[str, str]:
    parts = [part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: words[0] if words else "" for name, *words in parts}


def missing(answer: Any, where: str) -> list[str]:
    """What an answer does not say; the health check alone may be kept by nobody either."""
    headers = answer.headers
    found = [
        f"{where}: {name} is {headers.get(name)}"
        for name, value in ALWAYS.items()
        if headers.get(name) != value
    ]
    if headers.get("Referrer-Policy") not in REFERRER:
        found.append(f"{where}: Referrer-Policy is {headers.get('Referrer-Policy')}")
    policy = policy_of(answer)
    found += [
        f"{where}: {name} {policy.get(name)}" for name, value in CLOSED.items() if policy.get(name) != value
    ]
    if "'unsafe-inline'" in str(policy) or "'unsafe-eval'" in str(policy) or "http" in str(policy):
        found.append(f"{where}: {policy}")
    found += [f"{where}: {p}" for p in POWERS if f"{p}=()" not in headers.get("Permissions-Policy", "")]
    return found + [f"{where}: {name}" for name in ("Server", "X-Powered-By") if name in headers]


def every_route(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of every route of the URL map, with a word in each variable part."""
    return [
        (method, re.sub(r"<[^>]+>", "some-thing", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_answers_with_every_header(network: Network) -> None:
    """Whatever the answer: a page, a redirect, 400, 401, 404."""
    found = []
    for role in (None, "admin", "director", "staff"):
        client = network.browser(role).client
        for method, address in every_route(network.app):
            answer = client.open(address, method=method, base_url=BASE)
            found += missing(answer, f"{method} {address} as {role} ({answer.status_code})")
    assert not found, "\n".join(found)


def test_every_page_that_a_role_comes_to_has_every_header(site: Site) -> None:
    if site.backend != "sqlite":
        pytest.skip("headers do not come from the database")
    found = [
        line for role in ROLES for address, answer in pages(site, role) for line in missing(answer, address)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hsts_and_secure_cookies_exactly_behind_tls(network: Network, make_app: Callable[..., Flask]) -> None:
    plain = network.app.test_client().get("/sign-in", base_url=BASE)
    assert "Strict-Transport-Security" not in plain.headers
    secure = make_app(base_url="https://tandem.example.gov").test_client()
    answer = secure.get("/sign-in", base_url="https://tandem.example.gov")
    assert (
        int(re.search(r"max-age=(\d+)", answer.headers["Strict-Transport-Security"]).group(1)) >= 31_536_000
    )  # type: ignore[union-attr]
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_static_files_are_taken_for_what_they_are(app: Flask) -> None:
    name = app.jinja_env.globals["asset"]("app.css")
    answer = app.test_client().get(name)
    if answer.status_code == 404:
        pytest.skip("page assets are not built")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
