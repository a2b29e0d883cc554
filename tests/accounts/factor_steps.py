"""What tests of second factors do again and again."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from sqlalchemy import text

from tests.conftest import Browser, Network, email_of

KEY = re.compile(r'<code class="secret-text">([A-Z2-7 ]+)</code>')
SETUP = re.compile(r'name="setup"[^>]*value="([^"]+)"')
CODES = re.compile(r"<li><code>([a-z2-9-]+)</code></li>")


def text_of(answer: Any) -> str:
    return answer.get_data(as_text=True)


def code_of(network: Network, key: str, steps: int = 0) -> str:
    return pyotp.TOTP(key).at(network.clock.now(), counter_offset=steps)


def add_app(network: Network, browser: Browser) -> tuple[str, list[str]]:
    """The key of a new app, and the recovery codes that came with it."""
    page = text_of(browser.get("/account/factors/app"))
    key, setup = KEY.findall(page)[0].replace(" ", ""), SETUP.findall(page)[0]
    fields = {"setup": setup, "code": code_of(network, key)}
    answer = browser.post("/account/factors/app", fields)
    assert answer.status_code == 200, text_of(answer)
    network.clock.move(seconds=60)  # so that the code which proved the app is of the past
    return key, CODES.findall(text_of(answer))


def second(browser: Browser, **fields: str) -> Any:
    return browser.post("/sign-in/second-factor", fields)


def signed_in(browser: Browser) -> bool:
    return browser.get("/work").status_code == 200


def pending(network: Network) -> Browser:
    browser = network.browser()
    answer = browser.sign_in(email_of("manager"))
    assert answer.location == "/sign-in/second-factor", text_of(answer)
    return browser


def actions(network: Network) -> list[str]:
    with network.database.reading() as session:
        return list(session.execute(text("SELECT action FROM audit_events ORDER BY id")).scalars())


def public_id(network: Network, name: str) -> str:
    with network.database.reading() as session:
        query = text("SELECT public_id FROM people WHERE email = :email")
        return str(session.execute(query, {"email": email_of(name)}).scalar_one())
