"""Without JavaScript the Save buttons do all of it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from questionnaires.definition import Side
from tests.browser.live import Site
from tests.browser.paper import Paper


def test_the_checklist_can_be_completed_without_scripts(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager", java_script_enabled=False)
    page.goto("/work")
    page.get_by_role("link", name="Start").click()
    paper = Paper(site, page, Side.EOC)
    for number, section in enumerate(paper.pages()):
        expect(page.get_by_role("heading", level=1)).to_have_text(section.title)
        for question in section.questions:
            paper.choose(question.id, "NA" if question.id == "DIS-02" else "2")
        if number == 0:
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
            assert len(paper.stored()) == len(section.questions)
        page.locator('button[value="next"]').click()
    expect(page.get_by_text("Reason needed")).to_be_visible()
    page.get_by_role("link", name="Go to the first one").click()
    paper.write("DIS-02", "There is one channel for the whole state.")
    paper.go_on()
    page.goto(f"/responses/{paper.id}/review")
    paper.sign()
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted")
    expect(page.get_by_text("There is one channel for the whole state.")).to_be_visible()
