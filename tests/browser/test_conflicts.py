"""Two colleagues of one side at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from questionnaires.definition import Side
from tests.browser.axe import violations
from tests.browser.live import Site
from tests.browser.paper import Paper


@pytest.fixture
def two(site: Site, open_context: Callable[..., BrowserContext]) -> tuple[Paper, Paper]:
    """The manager and a colleague with the same section open."""
    site.network.open()
    papers = []
    for name in ("manager", "staff"):
        context = open_context(site, name)
        context.expect_error("status of 409")  # type: ignore[attr-defined]
        papers.append(Paper(site, context.new_page(), Side.EOC).open())
    return papers[0], papers[1]


@pytest.mark.parametrize(
    ("button", "stored", "status"),
    [("Use mine", 4.0, "Saved"), ("Keep the answer of", 1.0, "other answer stands")],
)
def test_on_the_same_item_the_second_chooses(
    two: tuple[Paper, Paper], button: str, stored: float, status: str
) -> None:
    first, second = two
    first.choose("GOV-01", "1")
    first.write("GOV-01", "by the first")
    first.all_acknowledged()
    second.choose("GOV-01", "4")
    box = second.item("GOV-01").locator("[data-conflict-box]")
    expect(box).to_be_focused()
    expect(box).to_contain_text("Manager Example")
    expect(box).to_contain_text("1 Informal")
    expect(box).to_contain_text("by the first")
    expect(box).to_contain_text("4 Sustained")
    assert violations(second.page) == []
    assert first.stored()["GOV-01"][1] == 1.0
    box.get_by_role("button", name=button).click()
    second.says("GOV-01", status)
    expect(box).not_to_be_attached()
    expect(second.radio("GOV-01", str(int(stored)))).to_be_checked()
    assert second.stored()["GOV-01"][1] == stored
    second.choose("GOV-01", "2")
    second.all_acknowledged()
    assert second.stored()["GOV-01"][1] == 2.0


def test_on_different_items_nobody_notices(two: tuple[Paper, Paper]) -> None:
    first, second = two
    first.choose("GOV-01", "1")
    second.choose("GOV-02", "4")
    first.says("GOV-01", "Saved")
    second.says("GOV-02", "Saved")
    first.choose("GOV-01", "3")
    first.all_acknowledged()
    for paper in two:
        expect(paper.page.locator("[data-conflict-box]")).to_have_count(0)
    first.go_on()
    second.go_on()
    assert {q: a[1] for q, a in first.stored().items()} == {"GOV-01": 3.0, "GOV-02": 4.0}


def test_going_on_with_an_open_conflict_stays_on_the_page(two: tuple[Paper, Paper]) -> None:
    first, second = two
    first.choose("GOV-01", "1")
    first.says("GOV-01", "Saved")
    second.choose("GOV-01", "4")
    expect(second.item("GOV-01").locator("[data-conflict-box]")).to_be_visible()
    second.page.locator('button[value="next"]').click()
    expect(second.item("GOV-01").locator("[data-conflict-box]")).to_be_focused()
    assert second.page.url.endswith("/GOV")
    assert second.stored()["GOV-01"][1] == 1.0


def test_without_scripts_the_choice_is_a_page(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    first = Paper(site, open_page(site, "manager"), Side.EOC).open()
    context_page = open_page(site, "staff", java_script_enabled=False)
    second = Paper(site, context_page, Side.EOC).open()
    first.choose("GOV-01", "1")
    first.says("GOV-01", "Saved")
    second.choose("GOV-01", "4")
    context_page.context.expect_error("status of 409")  # type: ignore[attr-defined]
    second.page.get_by_role("button", name="Save", exact=True).click()
    expect(second.page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(second.page.get_by_role("heading", name="Two answers to GOV-01")).to_be_visible()
    second.page.get_by_role("button", name="Use mine").click()
    expect(second.page.get_by_role("heading", name="Two answers to GOV-01")).not_to_be_attached()
    assert second.stored()["GOV-01"][1] == 4.0
