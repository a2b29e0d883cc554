"""The list of centers in a browser: it follows the typing, says how many fit, and is short on a phone."""

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
    page.goto("/centers")
    page.set_viewport_size({"width": 390, "height": 844})
    rows = page.locator("#found tbody tr")
    assert rows.count() == 50
    highest = rows.evaluate_all("rows => Math.max(...rows.map((row) => row.offsetHeight))")
    assert highest < 844 / 3, "a name in two lines above five cells, each in a line with its label"
