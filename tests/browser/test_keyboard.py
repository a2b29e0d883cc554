"""The whole checklist by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from questionnaires.definition import Side
from tests.browser.live import Site
from tests.browser.paper import Paper

FOCUSED = "(selector) => document.activeElement?.matches(selector) ?? false"
SHOWN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector(".answer-bar")?.getBoundingClientRect();
  const shown = box.bottom > 0 && box.top < innerHeight;
  return shown && (!bar || document.activeElement.closest(".answer-bar") !== null || box.top < bar.top);
}"""
RADIO = 'input[type="radio"]'
MOST_TABS = 60


def tab_to(page: Page, selector: str) -> None:
    """Tab until the element has the focus, which must be in sight all the way."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, selector):
            assert page.evaluate(SHOWN), f"the focus on {selector} is out of sight"
            return
    raise AssertionError(f"{selector} was not reached with {MOST_TABS} tabs on {page.url}")


def radio(question: str, code: str) -> str:
    return f'[data-item="{question}"] input[type="radio"][value="{code}"]'


def test_the_whole_checklist_is_completed_without_a_mouse(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager")
    page.goto("/work")
    paper = Paper(site, page, Side.EOC)
    tab_to(page, ".card a.usa-button")
    page.keyboard.press("Enter")
    expected = {}
    for number, section in enumerate(paper.pages()):
        expect(page.get_by_role("heading", level=1)).to_have_text(section.title)
        tab_to(page, RADIO)
        expected |= answer_section(paper, [question.id for question in section.questions], arrows=number == 1)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert {question: answer[:2] for question, answer in paper.stored().items()} == expected
    tab_to(page, 'input[name="title"]')
    page.keyboard.type("Deputy director")
    tab_to(page, 'input[name="participants"]')
    page.keyboard.type("3")
    tab_to(page, 'form[action$="/submit"] button')
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted")


def answer_section(paper: Paper, questions: list[str], arrows: bool) -> dict[str, tuple[str, float | None]]:
    """Answer each item in focus with a key; the focus moves on by itself, at last to the button."""
    page, given = paper.page, {}
    keys = ["2", "D", "N", "4", "0"]
    for number, question in enumerate(questions):
        assert page.evaluate(FOCUSED, f'[data-item="{question}"] {RADIO}'), f"the focus is not on {question}"
        if arrows and number == 0:
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
            assert page.evaluate(FOCUSED, radio(question, "1"))
            tab_to(page, f'[data-item="{questions[1]}"] {RADIO}')
            given[question] = ("answered", 1.0)
            continue
        key = keys[number % len(keys)]
        page.keyboard.press(key)
        if key == "N":
            assert page.evaluate(FOCUSED, f'[data-item="{question}"] textarea')
            page.keyboard.type("The state has no such post.")
            after = questions[number + 1 : number + 2]
            tab_to(page, f'[data-item="{after[0]}"] {RADIO}' if after else 'button[value="next"]')
        given[question] = {"D": ("do_not_know", None), "N": ("not_applicable", None)}.get(
            key, ("answered", float(key) if key.isdigit() else None)
        )
    assert page.evaluate(FOCUSED, 'button[value="next"]')
    return given


def test_the_keys_can_be_turned_off_and_stay_off(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager")
    paper = Paper(site, page, Side.EOC).open()
    page.get_by_role("button", name="Turn the keys off").click()
    page.reload()
    expect(page.get_by_role("button", name="Turn the keys on")).to_be_visible()
    paper.radio("GOV-01", "0").focus()
    page.keyboard.press("3")
    expect(paper.radio("GOV-01", "3")).not_to_be_checked()
    page.get_by_role("button", name="Turn the keys on").click()
    paper.radio("GOV-01", "0").focus()
    page.keyboard.press("3")
    paper.says("GOV-01", "Saved")
    assert paper.stored()["GOV-01"][:2] == ("answered", 3.0)
