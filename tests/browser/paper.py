"""One side's form in a browser, as a person with a mouse fills it in."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from questionnaires import routing
from questionnaires.definition import Side
from tests.browser.live import Site

FORM = ("FC-CO", "EOC-CO")
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('tandem.unsaved')).length"
RADIO = 'input[type="radio"][value="{}"]'
SIGNATURE = {"Your title": "Deputy director", "How many people took part": "4"}


class Paper:
    """A response, open in a page."""

    def __init__(self, site: Site, page: Page, side: Side, cycle: str = "spring") -> None:
        self.site, self.page, self.side = site, page, side
        self.id = site.network.response_id(*FORM, side.value, cycle)

    def open(self, slug: str = "GOV") -> Paper:
        self.page.goto(f"/responses/{self.id}/{slug}")
        return self

    def item(self, question: str) -> Locator:
        return self.page.locator(f'[data-item="{question}"]')

    def radio(self, question: str, code: str) -> Locator:
        return self.item(question).locator(RADIO.format(code))

    def choose(self, question: str, code: str) -> None:
        """The label is what a person clicks; the round button is drawn by it."""
        point = self.item(question).locator(".usa-radio", has=self.page.locator(RADIO.format(code)))
        point.locator("label").click()

    def write(self, question: str, text: str) -> None:
        note = self.item(question).locator("textarea")
        if not note.is_visible():
            self.item(question).locator("[data-note] summary").click()
        note.fill(text)

    def says(self, question: str, words: str) -> None:
        expect(self.item(question).locator("[data-status]")).to_contain_text(words)

    def kept(self) -> int:
        """How many answers this browser keeps because the server has not acknowledged them."""
        return int(self.page.evaluate(KEPT))

    def all_acknowledged(self) -> None:
        """Waits until nothing is kept here any more (the page's policy forbids wait_for_function)."""
        for _ in range(100):
            if self.kept() == 0:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("an answer is still waiting to be saved")

    def stored(self) -> dict[str, tuple[str, float | None, str]]:
        return self.site.answers(self.id)

    def go_on(self) -> None:
        """The one primary button at the end of a section."""
        with self.page.expect_navigation():
            self.page.locator('button[value="next"]').click()

    def pages(self) -> list[routing.Page]:
        questionnaire = self.site.network.library.get(self._questionnaire())
        return routing.pages(questionnaire, self.side, {})

    def _questionnaire(self) -> str:
        query = (
            "SELECT c.questionnaire_id FROM cycles c JOIN cycle_pairs cp ON cp.cycle_id = c.id"
            " JOIN responses r ON r.cycle_pair_id = cp.id WHERE r.public_id = :id"
        )
        return self.site.text(query, id=self.id)

    def sign(self) -> None:
        for label, value in SIGNATURE.items():
            self.page.get_by_label(re.compile(label)).fill(value)
