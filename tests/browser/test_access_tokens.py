"""Making a token: shown once, usable by everybody, gone when it is revoked; by keyboard, without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live import Site
from tests.browser.test_every_page import look

pytestmark = pytest.mark.browser


def test_a_token_is_made_and_revoked_by_keyboard(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "manager")
    page.goto("/account/tokens")
    page.get_by_label("Name").focus()
    page.keyboard.type("Nightly copy")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Make the token").press("Enter")
    shown = page.get_by_role("heading", name="Here is your new token. Copy it now")
    expect(shown).to_be_visible()
    assert re.search(r"tandem_[0-9a-f]{48}", page.inner_text("main"))
    assert look(page, "/account/tokens with a new token") == []
    page.goto("/account/tokens")
    assert not re.search(r"tandem_[0-9a-f]{48}", page.inner_text("main"))
    page.get_by_role("button", name=re.compile(r"Revoke.*Nightly copy")).press("Enter")
    expect(page.get_by_text("Nightly copy: revoked.")).to_be_visible()
    expect(page.get_by_role("heading", name="Tokens you have")).to_have_count(0)
