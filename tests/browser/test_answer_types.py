"""The answer types in a browser: saved as they are chosen, named for all, good on a narrow screen."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import text

from questionnaires import answers
from questionnaires.definition import Side
from tests.browser.axe import violations
from tests.browser.live import Site
from tests.browser.paper import Paper
from tests.browser.test_every_page import DRAWN, SMALL_TARGETS, TOO_WIDE

OpenPage = Callable[..., Page]


@pytest.fixture
def typed(site: Site) -> Site:
    site.network.open(questionnaire="every-answer-type")
    return site


def parts(site: Site, question: str) -> dict[str, str]:
    """Part -> code, as stored."""
    query = text(
        "SELECT part, status, number, option, text FROM answers WHERE question = :question ORDER BY part"
    )
    with site.network.database.reading() as session:
        rows = session.execute(query, {"question": question}).all()
    found = answers.compose(
        answers.AnswerRow(part, answers.AnswerStatus(status), *rest) for part, status, *rest in rows
    )
    asked = site.network.library.get("every-answer-type").by_id[question]
    return dict(answers.file_values(asked, found))


def tick(paper: Paper, question: str, place: int = 0) -> None:
    paper.item(question).locator(".usa-checkbox label").nth(place).click()


def point(paper: Paper, question: str, part: str, place: int) -> None:
    paper.page.locator(f"label[for='q_{question}__{part}-{place}']").click()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_type_is_saved_as_it_is_chosen(typed: Site, open_page: OpenPage, width: int) -> None:
    page = open_page(typed, "manager", viewport={"width": width, "height": 844})
    paper = Paper(typed, page, Side.EOC).open("MANY")
    tick(paper, "MULTI", 2)
    tick(paper, "MULTI", 0)
    point(paper, "DUAL-1", "performance", 3)
    point(paper, "DUAL-1", "importance", 1)
    paper.says("MULTI", "Saved")
    paper.says("DUAL-1", "Saved")
    paper.all_acknowledged()
    assert parts(typed, "MULTI") == {"": "phone;radio"}
    assert parts(typed, "DUAL-1") == {"importance": "2", "performance": "DK"}
    tick(paper, "MULTI", 0)
    tick(paper, "MULTI", 2)
    paper.says("MULTI", "Saved")
    paper.all_acknowledged()
    assert parts(typed, "MULTI") == {"": ""}
    paper.open("WORDS")
    page.get_by_label("What do you call the link?").fill("the hot line")
    page.get_by_label("What should change?").fill("one; two\nthree=4")
    paper.says("SHORT", "Saved")
    paper.says("LONG", "Saved")
    paper.all_acknowledged()
    assert parts(typed, "LONG") == {"": "one; two\nthree=4"}
    paper.open("WORDS")
    expect(page.get_by_label("What should change?")).to_have_value("one; two\nthree=4")


def test_the_rows_that_were_picked_are_rated(typed: Site, open_page: OpenPage) -> None:
    page = open_page(typed, "manager", viewport={"width": 390, "height": 844})
    paper = Paper(typed, page, Side.EOC).open("GRID")
    tick(paper, "ROW-2")
    paper.all_acknowledged()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Products (2 of 2)")
    expect(page.locator("[data-item]")).to_have_count(1)
    assert parts(typed, "ROW-1") == {"usefulness": "NA", "quality": "NA"}
    point(paper, "ROW-2", "usefulness", 0)
    paper.says("ROW-2", "Saved")
    point(paper, "ROW-2", "quality", 2)
    paper.all_acknowledged()
    assert parts(typed, "ROW-2") == {"usefulness": "1", "quality": "good"}
    paper.open("GRID")
    tick(paper, "ROW-2")
    tick(paper, "ROW-2")
    paper.all_acknowledged()
    assert parts(typed, "ROW-2") == {"usefulness": "1", "quality": "good"}


def test_what_stands_alone_is_said_at_once_and_can_be_mended(
    typed: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(typed, "manager")
    context.expect_error("422")  # type: ignore[attr-defined]
    paper = Paper(typed, context.new_page(), Side.EOC).open("MANY")
    tick(paper, "MULTI", 0)
    paper.says("MULTI", "Saved")
    tick(paper, "MULTI", 3)
    expect(paper.item("MULTI").get_by_role("alert")).to_contain_text("goes with no other answer")
    tick(paper, "MULTI", 0)
    paper.says("MULTI", "Saved")
    expect(paper.item("MULTI").get_by_role("alert")).to_have_count(0)
    paper.all_acknowledged()
    assert parts(typed, "MULTI") == {"": "none"}


def test_each_group_of_points_is_named_by_its_item_and_what_is_asked(
    typed: Site, open_page: OpenPage
) -> None:
    page = open_page(typed, "manager")
    Paper(typed, page, Side.EOC).open("MANY")
    for name in ("Arrives in time How important is this to you?", "Arrives in time How well is this done?"):
        group = page.get_by_role("radiogroup", name=name)
        expect(group.get_by_role("radio")).to_have_count(4)
    first, second = (page.locator(f"#q_DUAL-1__{part}-0") for part in ("importance", "performance"))
    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q_DUAL-1__importance-1")).to_be_checked()
    page.keyboard.press("Tab")
    expect(second).to_be_focused()


def test_no_fault_at_any_width(typed: Site, open_page: OpenPage) -> None:
    """Axe on the narrowest screen and on a wide one; what is too small or too wide in between as well."""
    page = open_page(typed, "manager", viewport={"width": 1280, "height": 844})
    paper = Paper(typed, page, Side.EOC)
    for slug in ("ONE", "MANY", "GRID", "GRID-2", "WORDS"):
        paper.open(slug)
        if slug == "GRID":
            tick(paper, "ROW-1")
            paper.all_acknowledged()
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate(DRAWN)
            assert width == 390 or violations(page) == [], (slug, width)
            assert page.evaluate(SMALL_TARGETS) == [], (slug, width)
            assert page.evaluate(TOO_WIDE) == [], (slug, width)


def test_an_answer_in_parts_survives_a_lost_connection(
    typed: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(typed, "manager")
    context.expect_error("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]
    page = context.new_page()
    paper = Paper(typed, page, Side.EOC).open("MANY")
    context.set_offline(True)
    point(paper, "DUAL-1", "importance", 2)
    tick(paper, "MULTI", 1)
    paper.says("DUAL-1", "Not saved")
    context.set_offline(False)
    paper.open("MANY")
    expect(page.locator("#q_DUAL-1__importance-2")).to_be_checked()
    expect(page.locator("#q_MULTI-1")).to_be_checked()
    paper.all_acknowledged()  # by the page that was left or by this one, whichever was first
    assert parts(typed, "DUAL-1") == {"importance": "3", "performance": ""}
    assert parts(typed, "MULTI") == {"": "portal"}


def test_a_page_made_before_a_save_and_shown_after_it_has_the_answer(
    typed: Site, open_page: OpenPage
) -> None:
    page = open_page(typed, "manager")
    paper = Paper(typed, page, Side.EOC).open("MANY")

    def hold(route: Route) -> None:
        made = route.fetch()
        time.sleep(1.5)  # meanwhile the answer below is saved and acknowledged
        route.fulfill(response=made)

    page.route("**/MANY?again", hold)
    page.evaluate("setTimeout(() => document.querySelector('#q_MULTI-2').click(), 500)")
    page.goto(page.url + "?again")
    expect(page.locator("#q_MULTI-2")).to_be_checked()
    tick(paper, "MULTI", 0)
    paper.says("MULTI", "Saved")
    paper.all_acknowledged()
    assert parts(typed, "MULTI") == {"": "phone;radio"}
