"""The list of centers in a browser: it follows the typing and says how many fit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from assessment.directory import services
from tests.browser import axe
from tests.browser.live import Site
from tests.conftest import NOW


@pytest.fixture
def full_site(site: Site) -> Site:
    with site.network.database.writing() as session:
        services.seed(session, NOW)
    return site


def test_the_list_follows_the_typing(full_site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(full_site, "staff")
    page.goto("/centers")
    expect(page.locator("#matches")).to_have_text("137 centers")
    page.evaluate("document.querySelector('#matches').dataset.same = 'yes'")
    page.get_by_label("Name, code or city").press_sequentially("colorado")
    expect(page.locator("#matches")).to_have_text("2 centers found")
    expect(page.locator("#matches[data-same]")).to_have_count(
        1
    )  # the live region itself stays, so it is read out
    expect(page.locator("#found tbody tr")).to_have_count(2)
    expect(page.get_by_label("Name, code or city")).to_be_focused()
    expect(page).to_have_url(re.compile("text=colorado"))
    page.get_by_label("Kind").select_option("eoc")
    expect(page.locator("#matches")).to_have_text("1 center found")
    page.reload()
    expect(page.locator("#matches")).to_have_text("1 center found")
    page.get_by_label("Name, code or city").fill("nothing like it")
    expect(page.locator("#found")).to_contain_text("No center fits.")
    assert axe.violations(page) == []
