"""A slow connection: somebody answers while the page is there and its script is still on its way."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route, expect

from questionnaires.definition import Side
from tests.browser.furnished import load, side_lines
from tests.browser.live import Site
from tests.browser.paper import FORM, Paper

SCRIPT = "**/answering-*.js"


class HeldBack:
    """The page is open; its script comes when it is let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: list[Route] = []
        page.route(SCRIPT, lambda route: self.waiting.append(route))

    def open(self, paper: Paper, slug: str = "GOV") -> Paper:
        self.page.goto(f"/responses/{paper.id}/{slug}", wait_until="commit")
        expect(self.page.locator(".answer-bar")).to_be_visible()
        return paper

    def let_go(self) -> None:
        assert self.waiting, "the script was not held back"
        for route in self.waiting:
            route.continue_()


def test_what_was_answered_before_the_script_came_is_saved(
    site: Site, open_page: Callable[..., Page]
) -> None:
    site.network.open()
    page = open_page(site, "manager")
    held = HeldBack(page)
    paper = held.open(Paper(site, page, Side.EOC))
    paper.choose("GOV-01", "3")
    paper.write("GOV-02", "typed before the script was there")
    expect(paper.item("GOV-01").locator("[data-status]")).to_be_empty()
    assert paper.stored() == {}
    held.let_go()
    paper.says("GOV-01", "Saved")
    paper.says("GOV-02", "Saved")
    assert paper.stored() == {
        "GOV-01": ("answered", 3.0, ""),
        "GOV-02": ("unanswered", None, "typed before the script was there"),
    }


def test_what_was_chosen_before_the_script_came_is_newer_than_what_an_earlier_visit_kept(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]
    site.network.open()
    paper = Paper(site, context.new_page(), Side.EOC).open()
    context.set_offline(True)
    paper.choose("GOV-03", "1")
    paper.write("GOV-03", "written in the basement")
    paper.says("GOV-03", "Not saved")
    paper.page.close()
    context.set_offline(False)
    page = context.new_page()
    held = HeldBack(page)
    again = held.open(Paper(site, page, Side.EOC))
    again.choose("GOV-03", "4")
    held.let_go()
    again.says("GOV-03", "Saved")
    again.all_acknowledged()
    assert again.stored()["GOV-03"] == ("answered", 4.0, "written in the basement")


def test_what_arrived_while_its_reply_was_lost_is_no_answer_of_somebody_else(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    """Else who goes on with such an answer is asked to choose between two answers of their own."""
    context = open_context(site, "manager")
    context.expect_error("ERR_FAILED")  # type: ignore[attr-defined]
    site.network.open()
    paper = Paper(site, context.new_page(), Side.EOC).open()

    def lose_the_reply(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    paper.page.route("**/responses/**", lose_the_reply)
    paper.choose("GOV-03", "1")
    paper.says("GOV-03", "Not saved")
    assert paper.stored()["GOV-03"] == ("answered", 1.0, "")
    paper.page.close()
    page = context.new_page()
    held = HeldBack(page)
    again = held.open(Paper(site, page, Side.EOC))
    again.choose("GOV-03", "4")
    held.let_go()
    again.all_acknowledged()
    assert again.stored()["GOV-03"] == ("answered", 4.0, "")


def test_what_was_changed_back_is_saved_although_an_older_page_shows_the_same(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error("ERR_FAILED")  # type: ignore[attr-defined]
    site.network.open()
    paper = Paper(site, context.new_page(), Side.EOC).open()
    form = f"**/responses/{paper.id}/GOV"
    paper.choose("GOV-03", "1")
    paper.says("GOV-03", "Saved")
    older = context.request.get(paper.page.url).text()
    paper.choose("GOV-03", "3")
    paper.all_acknowledged()
    paper.page.route(form, lambda route: route.abort())
    paper.choose("GOV-03", "1")
    paper.says("GOV-03", "Not saved")
    assert paper.stored()["GOV-03"] == ("answered", 3.0, "")
    page = context.new_page()  # beside the first, which would get through while it closes
    page.route(form, lambda route: route.fulfill(response=route.fetch(), body=older), times=1)
    again = Paper(site, page, Side.EOC).open()
    again.all_acknowledged()
    assert again.stored()["GOV-03"] == ("answered", 1.0, "")


def test_a_page_that_nobody_touched_sends_nothing(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    load(site, "spring", side_lines(site, FORM, Side.EOC, 3))
    page = open_page(site, "manager")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    Paper(site, page, Side.EOC).open()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-keys-hint]")).to_be_visible()
    assert sent == []
