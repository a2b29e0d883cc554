"""The database lets nobody save for a while: the page says why, keeps what was chosen, and saves it after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import event

from assessment.failures import READ_ONLY
from questionnaires.definition import Side
from tests.browser import axe
from tests.browser.live import Site
from tests.browser.paper import Paper


def only_reading(connection: object, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]


def test_the_page_says_why_and_saves_when_it_can(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error("status of 503")  # type: ignore[attr-defined]
    site.network.open()
    page = context.new_page()
    paper = Paper(site, page, Side.EOC).open()
    engine = site.network.database.engine
    engine.dispose()
    event.listen(engine, "connect", only_reading)
    paper.choose("GOV-01", "2")
    paper.says("GOV-01", f"Not saved, we keep trying. Your answer is still here. {READ_ONLY}")
    page.locator('button[value="next"]').click()
    expect(page.get_by_role("alert").get_by_text(READ_ONLY)).to_be_visible()
    assert paper.stored() == {}
    event.remove(engine, "connect", only_reading)
    engine.dispose()
    paper.says("GOV-01", "Saved")
    paper.all_acknowledged()
    assert paper.stored()["GOV-01"][:2] == ("answered", 2.0)


def test_without_scripts_the_form_comes_back_and_is_sent_again(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager", java_script_enabled=False)
    context.expect_error("status of 503")  # type: ignore[attr-defined]
    site.network.open()
    page = context.new_page()
    paper = Paper(site, page, Side.EOC).open()
    engine = site.network.database.engine
    engine.dispose()
    event.listen(engine, "connect", only_reading)
    paper.choose("GOV-01", "2")
    paper.write("GOV-02", "typed <while> it could\nnot be saved")
    page.locator('button[value="stay"]').click()
    expect(page.get_by_role("heading", name="Not saved")).to_be_visible()
    assert page.get_by_text("typed <while> it").inner_text() == "typed <while> it could\nnot be saved"
    event.remove(engine, "connect", only_reading)
    engine.dispose()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name="Not saved")).not_to_be_attached()
    assert paper.stored() == {
        "GOV-01": ("answered", 2.0, ""),
        "GOV-02": ("unanswered", None, "typed <while> it could\nnot be saved"),
    }


TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(
    ("person", "address"), [("manager", None), (None, "/sign-in")], ids=["answers", "sign-in"]
)
def test_the_page_that_gives_a_form_back_is_usable_by_everybody(
    site: Site, open_context: Callable[..., BrowserContext], person: str | None, address: str | None
) -> None:
    """Axe, and nothing sticks out on a narrow screen, however long a word somebody typed is."""
    context = open_context(site, person)
    context.expect_error("status of 503")  # type: ignore[attr-defined]
    page = context.new_page()
    engine = site.network.database.engine
    if address is None:
        site.network.open()
        paper = Paper(site, page, Side.EOC).open()
        paper.write("GOV-02", "The annex " + "w" * 200 + " and\nanother line")
    else:
        page.goto(address)
        page.get_by_label("E-mail").fill("manager@example.gov")
        page.get_by_label("Password").fill("what somebody typed")
    engine.dispose()
    event.listen(engine, "connect", only_reading)
    page.evaluate("document.querySelector('main form[method=post]').submit()")  # as without our scripts
    expect(page.get_by_role("heading", name="Not saved")).to_be_visible()
    expect(page.get_by_text("but for the password")).to_have_count(1 if address else 0)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) <= 0, width
    assert axe.violations(page) == []
    engine.dispose()
