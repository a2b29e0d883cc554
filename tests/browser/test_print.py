"""On paper: the marking at the top and the bottom, nothing to click, all of the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from questionnaires.definition import Side
from tests.browser.furnished import NOTE, load, side_lines
from tests.browser.live import Site
from tests.browser.paper import FORM, Paper

PLACES = """() => [...document.querySelectorAll(".marking")].map((e) => {
  const box = e.getBoundingClientRect();
  return [getComputedStyle(e).position, Math.round(box.top), Math.round(innerHeight - box.bottom)];
})"""


@pytest.fixture
def receipt(site: Site, open_page: Callable[..., Page]) -> Page:
    site.network.open()
    load(site, "spring", side_lines(site, FORM, Side.EOC, 3), submit=True)
    page = open_page(site, "manager")
    page.goto(f"/responses/{Paper(site, page, Side.EOC).id}/receipt")
    page.emulate_media(media="print")
    return page


def test_the_marking_stands_at_the_top_and_the_bottom_of_every_sheet(receipt: Page) -> None:
    """Fixed boxes are repeated on each sheet of paper."""
    top, bottom = receipt.evaluate(PLACES)
    assert top[:2] == ["fixed", 0]
    assert [bottom[0], bottom[2]] == ["fixed", 0]
    for marking in receipt.locator(".marking").all():
        expect(marking).to_be_visible()
        expect(marking).to_have_text("UNCLASSIFIED")


def test_a_receipt_prints_all_of_it_and_nothing_to_click(receipt: Page) -> None:
    for control in receipt.locator("button, .usa-button, nav, .back-link").all():
        expect(control).not_to_be_visible()
    expect(receipt.locator(".hash")).to_be_visible()
    expect(receipt.get_by_text(NOTE)).to_have_count(13)
    assert receipt.pdf(format="Letter").count(b"/Type /Page\n") >= 2


def test_the_button_opens_the_print_dialogue(receipt: Page) -> None:
    receipt.emulate_media(media="screen")
    receipt.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    receipt.get_by_role("button", name="Print this receipt").click()
    expect(receipt.locator("body[data-printed]")).to_be_attached()
