"""The list of one's files in a browser: each state, how it renews itself, and what does without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from assessment.exports import jobs
from assessment.exports.making import Made
from reports.export_routes import REFRESHED_EVERY_SECONDS
from tests.browser.live import Site
from tests.browser.test_every_page import look

LIST = "/reports/exports"
PDF = Made("a.pdf", "application/pdf", b"x" * 3_000_000)
REFRESH = REFRESHED_EVERY_SECONDS * 1000  # milliseconds; the tests move the page's timers
FAILED = "Chromium could not print the page."


@pytest.fixture
def states(site: Site) -> Site:
    """One that is ready, one that failed, one half way, one that waits."""
    clock, person = site.network.clock, site.network.person("reviewer")
    for number, what in enumerate(("done", "failed", "working", "waiting")):
        with site.network.database.writing() as session:
            title = f"Coordination checklist 2026, FEMA Region {number}: the page as PDF"
            jobs.ask(session, person, "network-pdf", {"number": what}, title, clock.now())
            if what == "waiting":
                break
            claimed = jobs.claim(session, clock.now())
            assert claimed is not None
            if what == "done":
                jobs.finish(
                    session, claimed, Made("a.pdf", "application/pdf", b"x" * 3_000_000), "", clock.now()
                )
            elif what == "failed":
                jobs.fail(session, claimed, FAILED, clock.now())
            else:
                jobs.renew(session, claimed, 0.4, clock.now())
        clock.move(seconds=1)
    return site


def test_every_state_can_be_read_by_everybody(states: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(states, "reviewer")
    page.goto(LIST)
    for words in (
        "Ready",
        "Not made",
        "Being made",
        "Waiting",
        "2.9 MB",
        "Chromium could not print the page.",
    ):
        expect(page.get_by_text(words, exact=words[0].isupper())).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "40")
    assert look(page, LIST) == []


def finish_all(site: Site) -> None:
    with site.network.database.writing() as session:
        while claimed := jobs.claim(session, site.network.clock.now()):
            jobs.finish(
                session, claimed, Made("b.pdf", "application/pdf", b"b"), "", site.network.clock.now()
            )


def test_the_list_renews_itself_until_all_is_done(states: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(states, "reviewer")
    page.clock.install()
    page.goto(LIST)
    expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    page.evaluate("document.body.dataset.same = 'yes'")
    finish_all(states)
    page.clock.run_for(REFRESH)
    expect(page.get_by_text("Waiting", exact=True)).to_have_count(0)
    expect(page.get_by_text("Ready", exact=True)).to_have_count(2)
    states.network.clock.move(minutes=3)  # the one half way counts as left behind
    finish_all(states)
    page.clock.run_for(REFRESH)
    expect(page.get_by_text("Ready", exact=True)).to_have_count(3)
    assert page.locator("body").get_attribute("data-same") == "yes", "the page was loaded anew"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(10 * REFRESH)
    page.wait_for_timeout(300)
    asked = [url for url in asked if not url.endswith("/account/time-left")]  # every page asks this
    assert not asked, "nothing is under way any more"


def test_without_scripts_a_reload_shows_how_far_it_is(states: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(states, "reviewer", java_script_enabled=False)
    page.goto(LIST)
    expect(page.get_by_text("without scripts, reload the page")).to_be_visible()
    finish_all(states)
    page.reload()
    expect(page.get_by_text("Ready", exact=True)).to_have_count(2)
    page.get_by_role("button", name=re.compile("Stop.*FEMA Region 2")).click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    expect(page.get_by_text("Being made", exact=True)).to_have_count(0)
