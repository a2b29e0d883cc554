"""States of a page that no address leads to, errors and what was kept; each as good as the page itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from assessment.cycles.services import close_cycle
from questionnaires.definition import Side
from tests.browser.furnished import load, side_lines
from tests.browser.live import Site
from tests.browser.paper import FORM, Paper
from tests.browser.test_every_page import look
from tests.conftest import PASSWORD, email_of


def fine(page: Page) -> None:
    problems = look(page, page.url)
    assert not problems, "\n".join(problems)


def summary(page: Page) -> None:
    """The list of errors has the focus, so that a screen reader begins there."""
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.title().startswith("Error: ")


def test_a_wrong_password(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site)
    page.context.expect_error("status of 422")  # type: ignore[attr-defined]
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email_of("manager"))
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    summary(page)
    fine(page)


def test_a_signature_without_a_name(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    load(site, "spring", side_lines(site, FORM, Side.EOC, 2))
    page = open_page(site, "manager")
    page.context.expect_error("status of 422")  # type: ignore[attr-defined]
    page.goto(f"/responses/{Paper(site, page, Side.EOC).id}/review")
    page.get_by_label("Your name").fill("")
    page.get_by_role("button", name="Submit the answers").click()
    summary(page)
    page.get_by_role("link", name="Enter your name.").click()
    expect(page.get_by_label("Your name")).to_be_focused()
    fine(page)


def test_a_note_that_is_too_long(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager")
    page.context.expect_error("status of 422")  # type: ignore[attr-defined]
    paper = Paper(site, page, Side.EOC).open()
    paper.write("GOV-01", "evidence " * 11_112)
    expect(paper.item("GOV-01").get_by_role("alert")).to_contain_text("the limit is 2,000")
    paper.says("GOV-01", "Not saved")
    fine(page)
    paper.write("GOV-01", "evidence")
    paper.says("GOV-01", "Saved")
    expect(paper.item("GOV-01").get_by_role("alert")).not_to_be_attached()


def test_a_note_that_is_too_long_without_scripts(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager", java_script_enabled=False)
    page.context.expect_error("status of 422")  # type: ignore[attr-defined]
    paper = Paper(site, page, Side.EOC).open()
    paper.write("GOV-01", "evidence " * 300)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(paper.item("GOV-01").locator("textarea")).to_have_value("evidence " * 300)


def test_a_form_that_closes_while_it_is_open(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager")
    page.context.expect_error("status of 409")  # type: ignore[attr-defined]
    paper = Paper(site, page, Side.EOC).open()
    with site.network.database.writing() as session:
        close_cycle(session, "spring", site.network.clock.now(), site.network.clock.today())
    paper.choose("GOV-01", "2")
    paper.says("GOV-01", "is closed; it takes no more answers")
    fine(page)


def test_what_is_kept_over_a_new_sign_in(site: Site, open_page: Callable[..., Page]) -> None:
    site.network.open()
    page = open_page(site, "manager")
    page.context.expect_error("status of 401")  # type: ignore[attr-defined]
    paper = Paper(site, page, Side.EOC).open()
    site.end_sign_ins()
    page.locator('button[value="next"]').click()
    expect(page.get_by_text("You were signed out before this was saved")).to_be_visible()
    fine(page)
    page.get_by_label("E-mail").fill(email_of("manager"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Save what you typed")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dissemination")
    assert paper.stored() == {}
