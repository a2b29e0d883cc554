"""A browser that goes to the identity provider and comes back, step by step."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import text

from assessment.provider_settings import IdentityProvider
from tests.accounts.lying_provider import CLIENT, SECRET
from tests.conftest import Browser, Network

AWAY = re.compile(r'http-equiv="refresh" content="0;url=([^"]+)"')


def known(issuer: str, **more: Any) -> IdentityProvider:
    values = {"client_id": CLIENT, "name": "Example ID", "client_secret": SECRET} | more
    return IdentityProvider(issuer=issuer, **values)


def set_out(browser: Browser, next_path: str = "", **fields: str) -> Any:
    return browser.post("/sign-in/provider", {"next": next_path, **fields}, form="/sign-in")


def address_of(page: Any) -> str:
    """Where a page goes on to by itself."""
    found = AWAY.search(page.get_data(as_text=True))
    assert found, page.get_data(as_text=True)
    return html.unescape(found.group(1))


def way_back(address: str) -> str:
    """What our provider sends the browser back with: path and query."""
    answer = requests.get(address, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def there_and_back(browser: Browser, next_path: str = "", **fields: str) -> Any:
    """The whole journey; the answer of our page to which the provider sends back."""
    page = set_out(browser, next_path, **fields)
    assert page.status_code == 200, page.get_data(as_text=True)
    return browser.get(way_back(address_of(page)))


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def trail(network: Network, action: str) -> list[tuple[int | None, str, str]]:
    """Person, subject and detail of each event of this kind."""
    query = text("SELECT person_id, subject, detail FROM audit_events WHERE action = :action ORDER BY id")
    with network.database.reading() as session:
        return [tuple(row) for row in session.execute(query, {"action": action}).all()]


def words_of(page: Any) -> str:
    """The text of a page on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))).split())
