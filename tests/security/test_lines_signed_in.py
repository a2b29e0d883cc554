"""The security checklist, who asks: forms of other sites, cookies, sessions, roles, fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import PASSWORD, Network
from tests.security.crawl import BASE
from tests.security.site import ASIDE, Site
from tests.security.sources import callers

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def posts(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            yield re.sub(r"<[^>]+>", "some-thing", rule.rule)


MAIL_BUTTON = "/opt-out/some-thing"  # RFC 8058: a mail program has no form of ours


@SQLITE
def test_19_csrf(site: Site) -> None:
    """No form is taken without its token, with another session's, as JSON, or from another site."""
    other = site.network.browser("admin").token("/account")
    refused = 0
    for role in (None, "admin", "director", "manager"):
        token = _token(site, role)
        attempts: list[dict[str, Any]] = [
            {"data": {"q": "1"}},
            {"data": {"csrf_token": other}},
            {"json": {"csrf_token": other}},
            {"data": {"csrf_token": token}, "headers": {"Sec-Fetch-Site": "cross-site"}},
            {"data": '{"q":1}', "content_type": "text/plain"},
        ]
        for path in posts(site.network.app):
            for attempt in attempts if path != MAIL_BUTTON else []:
                site.writes.forget()
                answer = site.browser(role).post(path, base_url=BASE, **attempt)
                assert answer.status_code in (400, 401, 404), (role, path, attempt)
                assert not set(site.writes.kept) - set(ASIDE), (role, path)
                refused += answer.status_code == 400
    assert refused > 150


def _token(site: Site, role: str | None) -> str:
    page = site.browser(role).get("/account" if role else "/sign-in", base_url=BASE).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


@ALONE
def test_20_cookies_and_caches(network: Network, make_app: Callable[..., Flask]) -> None:
    """No script reads the cookie, no other site sends it, no plain line carries it; no page is kept."""
    for base_url, secure in (("http://localhost", False), ("https://tandem.example.gov", True)):
        client = make_app(base_url=base_url).test_client()
        answer = client.get("/sign-in", base_url=base_url)
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure
        assert cookie.startswith("__Host-tandem=") is secure  # a neighbour's host cannot set it
        assert "Domain" not in cookie
        assert "Cookie" in answer.headers["Vary"]
    staff = network.browser("staff")
    for path in ("/work", "/account", "/api/v1/reports/network", "/reports/exports"):
        assert staff.get(path).headers["Cache-Control"] == "no-store", path


def _cookie(browser: Any) -> str:
    found = browser.client.get_cookie("tandem", domain="localhost")
    assert found is not None
    return str(found.value)


def _opens(network: Network, cookie: str) -> bool:
    client = network.app.test_client()
    client.set_cookie("tandem", cookie, domain="localhost")
    return bool(client.get("/account", base_url=BASE).status_code == 200)


@ALONE
def test_21_session_ends_on_the_server(network: Network) -> None:
    """After signing out, after a new password, after changed rights, an old cookie opens nothing."""
    first, second = network.browser("staff"), network.browser("staff")
    old = _cookie(first)
    assert _opens(network, old)
    first.post("/sign-out", {}, form="/account")
    assert not _opens(network, old)
    new = {"old": PASSWORD, "new": "violet otter under seven bridges"}
    third = network.browser("staff")
    assert third.post("/account/password", new, form="/account").status_code == 302
    assert not _opens(network, _cookie(second))
    manager, admin = _cookie(network.browser("denver")), network.browser("admin")
    page = re.search(r'href="(/people/[^"/]+)"[^>]*>\s*Denver', admin.get("/people").get_data(as_text=True))
    assert page is not None
    rights = {"name": "Denver", "role": "staff", "centers": "EOC-DEN", "states": ""}
    assert admin.post(page.group(1), rights).status_code == 302
    assert not _opens(network, manager)


@ALONE
def test_21_session_is_another_after_each_sign_in_and_has_an_end(network: Network) -> None:
    browser = network.browser()
    browser.get("/sign-in")
    before = _cookie(browser)
    browser.sign_in("staff@example.gov")
    one = _cookie(browser)
    assert before != one
    assert not _opens(network, before)
    for _ in range(30):  # used every hour, and ended all the same
        network.clock.move(hours=1)
        browser.get("/account")
    assert not _opens(network, one)
    idle = _cookie(network.browser("staff"))
    network.clock.move(hours=9)
    assert not _opens(network, idle)


@ALONE
def test_22_privilege_escalation(network: Network) -> None:
    """Nobody but an administrator makes anybody anything, by any page or any field."""
    wish = {
        "role": "administrator",
        "name": "X",
        "email": "x@example.gov",
        "password": "violet otter under bridges",
    }
    with network.database.reading() as db:
        staff = str(
            db.execute(text("SELECT public_id FROM people WHERE email = 'staff@example.gov'")).scalar_one()
        )
    for who in ("director", "manager", "staff", "reviewer"):
        browser = network.browser(who)
        for path in ("/people/new", f"/people/{staff}", "/people/import", "/cycles/new", "/centers/new"):
            assert browser.post(path, wish, form="/account").status_code == 404, (who, path)
        for path in ("/account/password", "/account/sign-ins/end"):
            browser.post(path, {**wish, "old": PASSWORD, "new": PASSWORD, "is_admin": "1"}, form="/account")
        assert network.person(who).role.value == {"denver": "manager"}.get(who, who)
    assert network.browser("admin").get(f"/people/{staff}").status_code == 200


@ALONE
def test_22_privilege_escalation_the_last_administrator_stays(network: Network) -> None:
    admin = network.browser("admin")
    with network.database.reading() as db:
        own = str(
            db.execute(text("SELECT public_id FROM people WHERE email = 'admin@example.gov'")).scalar_one()
        )
    answer = admin.post(
        f"/people/{own}", {"name": "Admin", "role": "staff", "centers": "FC-CO", "states": ""}
    )
    assert answer.status_code == 422
    assert network.person("admin").role.value == "administrator"


@ALONE
def test_23_mass_assignment(network: Network) -> None:
    """Fields that no form has change nothing: side, pair, status, signature, owner."""
    network.open()
    public_id = network.response_id("FC-CO", "EOC-CO", "eoc")
    extra = {
        "side": "fusion_center", "status": "submitted", "cycle_pair_id": "1", "public_id": "x", "id": "1",
        "signer_name": "Mallory", "answers_hash": "0" * 64, "submitted_by_id": "1", "role": "administrator",
    }  # fmt: skip
    staff = network.browser("staff")
    before = _row(network, public_id)
    answer = staff.post(f"/responses/{public_id}/GOV", {"q_GOV-01": "3", "rev_GOV-01": "0", **extra})
    assert answer.status_code == 302
    assert _row(network, public_id) == before


def _row(network: Network, public_id: str) -> tuple[Any, ...]:
    query = "SELECT side, status, cycle_pair_id, signer_name, answers_hash, submitted_by_id FROM responses"
    with network.database.reading() as db:
        return tuple(db.execute(text(f"{query} WHERE public_id = :id"), {"id": public_id}).one())


def test_23_mass_assignment_no_form_is_poured_into_a_row() -> None:
    assert callers("populate_obj", "from_object") == set()
