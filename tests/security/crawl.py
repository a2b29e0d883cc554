"""Every page and every form that somebody of a role comes to, found by following links from page to page."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from tests.security.pages_read import Form, Page, page_of
from tests.security.site import ROLES, Site

BASE = "http://localhost"
OF_EACH = 3  # addresses of one kind that are looked at
NETWORK = "network_"  # begins the endpoints of its reports
REPORTS = (NETWORK, "center_reports", "product_reports", "reports")  # begin those of all reports
FIRST = "admin"  # who reads three of each kind about the network


@dataclass(frozen=True)
class Found:
    """A form, who sees it and where."""

    role: str | None
    page: str
    form: Any  # Form; it is not hashable
    endpoint: str

    @property
    def kind(self) -> tuple[Any, ...]:
        names = sorted({f.name for f in self.form.fields})
        return self.endpoint, self.form.method, tuple(names), tuple(sorted(set(self.form.buttons)))

    def __str__(self) -> str:
        return f"{self.form.method} {self.endpoint} on {self.page} as {self.role}"


def endpoint_of(site: Site, address: str, method: str = "GET") -> str:
    """The handler behind an address; nothing where there is none."""
    adapter = site.network.app.url_map.bind("localhost")
    try:
        return str(adapter.match(urlsplit(address).path, method=method.upper())[0])
    except HTTPException:
        return ""


def starts(site: Site, role: str | None) -> list[str]:
    """Addresses without variable parts, and those that only a secret leads to."""
    rules = site.network.app.url_map.iter_rules()
    plain = [rule.rule for rule in rules if not rule.arguments and "GET" in (rule.methods or ())]
    return site.seeds + plain if role is None else plain


def walk(site: Site, role: str | None) -> Iterator[tuple[str, Any]]:
    """(address, response) of the pages that this role comes to, some of each kind."""
    client = site.browser(role)
    waiting, seen, count = starts(site, role), set[str](), Counter[tuple[Any, ...]]()
    while waiting:
        address = waiting.pop(0)
        kind = _kind(site, address)
        if address in seen or kind is None or count[kind] >= _most(site, kind[0], role):
            continue
        seen.add(address)
        response = client.get(address, base_url=BASE, buffered=True)
        if response.status_code in (301, 302, 303, 307, 308):
            waiting.append(_here(response.location, address))
            continue
        count[kind] += 1
        yield address, response
        if response.mimetype == "text/html":
            waiting += [_here(link, address) for link in page_of(response, address).links]


def pages(site: Site, role: str | None) -> list[tuple[str, Any]]:
    """What ``walk`` finds on the site as it was made, walked once and with no way to another machine."""
    if role not in site.walks:
        with cut_off(site.connected):
            site.walks[role] = list(walk(site, role))
    return site.walks[role]


@contextmanager
def cut_off(asked: list[Any]) -> Iterator[None]:
    """Meanwhile no socket connects to anything; ``asked`` has the addresses that somebody wanted."""

    def refuse(_socket: socket.socket, address: Any) -> None:
        asked.append(address)
        raise AssertionError(f"somebody connects to {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield


def _most(site: Site, endpoint: str, role: str | None) -> int:
    """How many of a kind: a report is computed from what was read, so of PostgreSQL's one is enough.

    So it is of the network's for each role but one: they read a selection of the same kept numbers.
    """
    if site.backend == "postgresql":
        return 1 if endpoint.startswith(REPORTS) else OF_EACH
    return 1 if endpoint.startswith(NETWORK) and role != FIRST else OF_EACH


def _kind(site: Site, address: str) -> tuple[Any, ...] | None:
    endpoint = endpoint_of(site, address)
    names = sorted(name for name, _ in parse_qsl(urlsplit(address).query))
    return (endpoint, *names) if endpoint else None


def _here(link: str, address: str) -> str:
    """A link as a path on this site; nothing for one that leads away."""
    parts = urlsplit(urljoin(f"{BASE}{address}", link))
    if parts.netloc != "localhost":
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def every_form(site: Site) -> list[Found]:
    """One form of each kind, for the first role that sees it."""
    found: dict[tuple[Any, ...], Found] = {}
    for role in ROLES:
        for address, response in pages(site, role):
            if response.mimetype == "text/html":
                for one in forms_on(site, role, address, page_of(response, address)):
                    found.setdefault(one.kind, one)
    return list(found.values())


def forms_on(site: Site, role: str | None, address: str, page: Page) -> Iterator[Found]:
    for one in page.forms:
        form = replace(one, action=_here(one.action, address))
        yield Found(role, address, form, endpoint_of(site, form.action, form.method))


def token_of(form: Form) -> str:
    return next((f.value for f in form.fields if f.name == "csrf_token"), "")
