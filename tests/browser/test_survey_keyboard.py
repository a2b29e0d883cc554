"""A respondent with a keyboard and nothing else: from the first page of a survey to the receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from assessment.models.surveys import SurveyMode
from assessment.surveys.links import browser_mark
from tests.browser.axe import violations
from tests.browser.live import Site
from tests.browser.test_every_page import DRAWN
from tests.browser.test_keyboard import SHOWN, tab_to
from tests.surveys.world import FULL, World, make_world

ANN = "ann@example.gov"
RECEIVED = 4  # of the nine product types
CHOICES = 2  # boxes ticked of a question with several
WORDS = "More maps, and earlier."
MOST_TABS = 80  # on one page, before its button is reached
PAGES = 40
OF_THE_PAGE = re.compile(r'name="(csrf_token|page)"[^>]*>')
STORED = "SELECT question, part, number, option, text FROM survey_draft_answers WHERE status = 'answered'"
FOCUSED = """() => {
  const shown = (%s)();
  const at = document.activeElement;
  const style = getComputedStyle(at.matches("input[type=radio], input[type=checkbox]") ? at.labels[0] : at);
  const before = at.labels?.[0] ? getComputedStyle(at.labels[0], "::before") : style;
  const outlined = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0;
  const marked = outlined(style) || outlined(before);
  return { type: at.type ?? "", name: at.name ?? "", value: at.value ?? "", checked: at.checked ?? false,
    item: at.closest("[data-item]")?.dataset.item ?? "", bar: at.closest(".answer-bar") !== null,
    marked, shown,
    points: at.type === "radio" ? document.querySelectorAll(`input[name="${at.name}"]`).length : 0 };
}""".replace("%s", SHOWN)


@dataclass
class Keys:
    """Goes through a page with Tab and does with each control what a keyboard can."""

    page: Page
    given: dict[tuple[str, str], str] = field(default_factory=dict)  # question and part -> what was entered
    received: int = 0  # rows of the grid that were passed

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def answer_page(self) -> None:
        """Up to its button, which is pressed."""
        for _ in range(MOST_TABS):
            self.press("Tab")
            at = self.focused()
            if at["item"] or at["bar"]:
                assert at["shown"], f"the focus on {at['name']} is out of sight"
                assert at["marked"], f"nothing shows that the focus is on {at['name'] or 'a link'}"
            if at["bar"] and at["type"] == "submit":
                expect(self.page.locator("[data-saved]")).to_contain_text("Saved")
                with self.page.expect_navigation():
                    self.press("Enter")
                return
            self.enter(at)
        raise AssertionError(f"the button was not reached with {MOST_TABS} tabs on {self.page.url}")

    def enter(self, at: dict[str, Any]) -> None:
        if at["type"] == "radio":
            self.choose(at)
        elif at["type"] == "checkbox":
            self.tick(at)
        elif at["type"] in ("text", "textarea") and at["item"]:
            self.page.keyboard.type(WORDS)
            self.given[at["item"], ""] = WORDS

    def choose(self, at: dict[str, Any]) -> None:
        """The first point with the space bar, and from there with the arrows to one further on."""
        self.press("Space")
        self.press(
            *["ArrowDown", "ArrowRight", "ArrowDown"][: len(self.given) % 4 if at["points"] > 4 else 0]
        )
        now = self.focused()
        assert now["checked"], now
        assert now["name"] == at["name"], "an arrow left the question"
        _, _, part = at["name"].partition("__")
        self.given[at["item"], part] = now["value"]

    def tick(self, at: dict[str, Any]) -> None:
        """The first rows of the grid, which are rated on a later page; two of any other choices."""
        if at["value"] == "received":
            self.received += 1
            if self.received <= RECEIVED:
                self.press("Space")
        elif sum(question == at["item"] for question, _ in self.given) < CHOICES:
            self.press("Space")
            self.given[at["item"], at["value"]] = at["value"]


def walk(page: Page, address: str, most: int = PAGES) -> tuple[Keys, list[str]]:
    """From the first page on, at most so many pages of questions; what was given, and their titles."""
    page.goto(address)
    usable_on_a_phone(page)
    keys = Keys(page)
    tab_to(page, 'form[action$="/start"] button')
    with page.expect_navigation():
        keys.press("Enter")
    titles: list[str] = []
    while len(titles) < most and page.locator("h1").inner_text() != "Check and hand in":
        titles.append(page.locator("h1").inner_text())
        keys.answer_page()
    return keys, titles


def hand_in(world: World, keys: Keys) -> None:
    """Axe judges the pages that say what becomes of the answers; that depends on the kind of survey."""
    page = keys.page
    stored = {(question, part): said(*answer) for question, part, *answer in world.rows(STORED)}
    assert stored == keys.given
    usable_on_a_phone(page)
    tab_to(page, 'form[action$="/finish"] button')
    with page.expect_navigation():
        keys.press("Enter")
    assert page.locator("h1").inner_text() == "Thank you"
    usable_on_a_phone(page)
    assert world.rows("SELECT count(*) FROM survey_partners WHERE finished_on IS NOT NULL") == [(1,)]


def test_a_survey_is_answered_and_handed_in_without_a_mouse(
    site: Site, open_page: Callable[..., Page]
) -> None:
    world = make_world(site.network, SurveyMode.CONFIDENTIAL)
    keys, titles = walk(open_page(site), f"/s/{world.invite(ANN)}")
    assert 8 < len(titles) < PAGES, titles
    hand_in(world, keys)


def test_an_anonymous_one_has_the_same_pages_and_is_handed_in_without_a_mouse(
    site: Site, open_page: Callable[..., Page]
) -> None:
    """The pages of questions are those of the test above, word for word, so one of them is answered."""
    world = make_world(site.network, SurveyMode.ANONYMOUS)
    address = f"/s/{world.invite(ANN)}"
    keys, titles = walk(open_page(site), address, most=1)
    assert len(titles) == 1
    keys.page.goto(f"{address}/review")
    hand_in(world, keys)
    confidential = make_world(site.network, SurveyMode.CONFIDENTIAL)
    pages = pages_of_questions(world)
    assert len(pages) > 8
    assert pages == pages_of_questions(confidential)


def pages_of_questions(world: World) -> list[str]:
    """What stands below the header of each page of questions, but for what tells one link from another."""
    token = world.invite("bob@example.gov")
    phone, slug, found = world.phone(token), "P", []
    phone.start()
    while slug != "review":
        text = phone.get(slug).get_data(as_text=True).partition("<main")[2]
        found.append(OF_THE_PAGE.sub("", text.replace(token, "").replace(browser_mark(token), "")))
        slug = phone.answer_page(slug, FULL).location.rsplit("/", 1)[-1]
    return found


def usable_on_a_phone(page: Page) -> None:
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate(DRAWN)
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size(wide)


def said(number: float | None, option: str | None, text: str) -> str:
    """One stored answer as the form's control held it."""
    return text or option or f"{number:g}"
