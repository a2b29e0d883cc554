"""Nothing is ever lost, and one can see it: lost connections, closed pages, ended sign-ins, double clicks."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from questionnaires.definition import Side
from tests.browser.furnished import load, side_lines
from tests.browser.live import Site
from tests.browser.paper import FORM, Paper
from tests.conftest import PASSWORD, email_of

OFFLINE = "ERR_INTERNET_DISCONNECTED"


def sign_in_again(page: Page, name: str) -> None:
    page.get_by_label("E-mail").fill(email_of(name))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def paper_of(site: Site, page: Page) -> Paper:
    site.network.open()
    return Paper(site, page, Side.EOC).open()


def test_every_change_says_that_it_is_saved(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "manager")
    paper = paper_of(site, page)
    paper.choose("GOV-01", "3")
    paper.says("GOV-01", "Saved")
    paper.write("GOV-01", "MOU of 2025")
    expect(paper.item("GOV-01").get_by_text("What shows this?")).to_be_visible()
    paper.all_acknowledged()
    assert paper.stored()["GOV-01"] == ("answered", 3.0, "MOU of 2025")
    expect(page.get_by_text("1 of 13 answered")).to_be_visible()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def test_a_note_typed_just_before_going_on_is_saved(site: Site, open_page: Callable[..., Page]) -> None:
    paper = paper_of(site, open_page(site, "manager"))
    paper.choose("GOV-02", "1")
    paper.write("GOV-02", "typed at the last moment")
    paper.go_on()
    assert paper.stored()["GOV-02"] == ("answered", 1.0, "typed at the last moment")
    assert paper.kept() == 0


def test_leaving_the_page_at_once_costs_nothing(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "manager")
    paper = paper_of(site, page)
    paper.write("GOV-02", "typed and away")
    page.get_by_role("link", name="Your work").first.click()
    expect(page.get_by_role("heading", name="Your work")).to_be_visible()
    paper.open()
    expect(paper.item("GOV-02").locator("textarea")).to_have_value("typed and away")
    paper.all_acknowledged()
    assert paper.stored()["GOV-02"] == ("unanswered", None, "typed and away")


def test_without_a_connection_it_keeps_trying_and_saves_when_it_is_back(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error(OFFLINE)  # type: ignore[attr-defined]
    paper = paper_of(site, context.new_page())
    context.set_offline(True)
    paper.choose("GOV-01", "2")
    paper.says("GOV-01", "Not saved, we keep trying. Your answer is still here.")
    paper.page.locator('button[value="next"]').click()
    expect(paper.page.get_by_role("alert").get_by_text("There is no connection")).to_be_visible()
    expect(paper.radio("GOV-01", "2")).to_be_checked()
    assert paper.stored() == {}
    context.set_offline(False)
    paper.says("GOV-01", "Saved")
    assert paper.stored()["GOV-01"][:2] == ("answered", 2.0)
    expect(paper.page.get_by_text("There is no connection")).not_to_be_attached()


def test_a_page_closed_while_offline_gives_the_answer_back(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error(OFFLINE)  # type: ignore[attr-defined]
    paper = paper_of(site, context.new_page())
    context.set_offline(True)
    paper.choose("GOV-03", "1")
    paper.write("GOV-03", "written in the basement")
    paper.says("GOV-03", "Not saved")
    paper.page.close()
    context.set_offline(False)
    again = Paper(site, context.new_page(), Side.EOC).open()
    expect(again.radio("GOV-03", "1")).to_be_checked()
    again.says("GOV-03", "Saved")
    assert again.stored()["GOV-03"] == ("answered", 1.0, "written in the basement")


def test_an_answer_of_another_section_is_saved_from_wherever_one_comes_back(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error(OFFLINE)  # type: ignore[attr-defined]
    paper = paper_of(site, context.new_page())
    context.set_offline(True)
    paper.choose("GOV-03", "1")
    paper.says("GOV-03", "Not saved")
    paper.page.close()
    context.set_offline(False)
    again = Paper(site, context.new_page(), Side.EOC).open("DIS")
    again.all_acknowledged()
    assert again.stored()["GOV-03"][:2] == ("answered", 1.0)


def test_an_ended_sign_in_costs_no_answer(site: Site, open_context: Callable[..., BrowserContext]) -> None:
    context = open_context(site, "manager")
    context.expect_error("status of 401")  # type: ignore[attr-defined]
    page = context.new_page()
    paper = paper_of(site, page)
    site.end_sign_ins()
    paper.choose("GOV-01", "4")
    paper.says("GOV-01", "Your answer is still here")
    page.get_by_role("alert").get_by_role("link", name="sign in again").click()
    sign_in_again(page, "manager")
    expect(page.get_by_role("heading", level=1)).to_have_text("Governance and agreements")
    expect(paper.radio("GOV-01", "4")).to_be_checked()
    paper.says("GOV-01", "Saved")
    assert paper.stored()["GOV-01"][:2] == ("answered", 4.0)


def test_on_a_shared_computer_the_next_person_sees_nothing_of_it(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error("status of 401")  # type: ignore[attr-defined]
    page = context.new_page()
    paper = paper_of(site, page)
    site.end_sign_ins()
    paper.choose("GOV-01", "4")
    paper.says("GOV-01", "signed out")
    page.get_by_role("alert").get_by_role("link", name="sign in again").click()
    sign_in_again(page, "staff")
    expect(page.get_by_role("heading", level=1)).to_have_text("Governance and agreements")
    expect(paper.radio("GOV-01", "4")).not_to_be_checked()
    assert paper.stored() == {}


def test_a_double_click_submits_once(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    load(site, "spring", side_lines(site, FORM, Side.EOC, 2))
    page = open_page(site, "manager")
    paper = Paper(site, page, Side.EOC)
    page.goto(f"/responses/{paper.id}/review")
    paper.sign()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Submit the answers").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted")
    assert len(posts) == 1
    assert site.text("SELECT count(*) FROM audit_events WHERE action = 'submitted'") == "1"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted")
