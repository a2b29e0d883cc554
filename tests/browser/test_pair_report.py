"""The pair report in a browser: each state drawn, accessible and within its policy; filters; paper."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import render_template, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app import CONTENT_SECURITY_POLICY
from assessment.assets import BUILT_ASSETS
from reports.pages import pair_page
from tests.browser.axe import violations
from tests.browser.watching import Watch
from tests.reports.page_states import CHOICES, LIBRARY, TODAY, page_app, states

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A small site with a page for each state, under the application's own policy."""
    app = page_app(BUILT_ASSETS)

    @app.get("/state/<name>")
    def state(name: str) -> str:
        found, person = states()[name]
        return render_template(
            "reports/pair.html", **pair_page(found, LIBRARY, person, today=TODAY, cycles=CHOICES)
        )

    @app.after_request
    def policy(response):  # type: ignore[no-untyped-def]
        if not request.path.startswith("/static/"):
            response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def windows(chromium: Browser) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """One page for each kind of window: it has the chart library and axe from its first state on."""
    made: dict[str, tuple[Page, Watch]] = {}

    def window(**options: object) -> tuple[Page, Watch]:
        if repr(options) not in made:
            context = chromium.new_context(**options)  # type: ignore[arg-type]
            watch = Watch(context)
            made[repr(options)] = context.new_page(), watch
        return made[repr(options)]

    yield window
    for page, _ in made.values():
        page.context.close()


@pytest.fixture
def show(windows: Callable[..., tuple[Page, Watch]], address: str) -> Iterator[Callable[..., Page]]:
    """Opens a state; the test fails where the page had an error or was refused something."""
    watched: list[Watch] = []

    def opened(name: str, query: str = "", **options: object) -> Page:
        page, watch = windows(**options)
        watch.troubles.clear()
        watched.append(watch)
        page.goto(f"{address}/state/{name}{query}")
        return page

    yield opened
    troubles = [trouble for watch in watched for trouble in watch.unexpected()]
    assert not troubles, troubles


def all_drawn(page: Page) -> None:
    targets = page.locator("[data-figure-target]").count()
    expect(page.locator(".figure--drawn")).to_have_count(targets)


ON_PHONES = ("complete", "insufficient", "own-profile", "waiting")
VIEWS = [*((name, WIDE) for name in states()), *((name, PHONE) for name in ON_PHONES)]


@pytest.mark.parametrize(("name", "viewport"), VIEWS, ids=[f"{name}-{view['width']}" for name, view in VIEWS])
def test_each_state_is_drawn_fits_and_is_accessible(
    show: Callable[..., Page], name: str, viewport: dict[str, int]
) -> None:
    page = show(name, viewport=viewport)
    all_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []


def test_filters_change_the_table_in_place(show: Callable[..., Page]) -> None:
    page = show("complete", viewport=WIDE)
    page.select_option("#filter-domain", "GOV")
    expect(page.locator("#item-results p")).to_have_text("6 of 59 items, filtered")
    assert page.evaluate("document.activeElement.id") in ("", "filter-domain")
    assert "domain=" not in page.url


def test_filters_work_without_scripts(show: Callable[..., Page]) -> None:
    page = show("complete", java_script_enabled=False)
    page.select_option("#filter-domain", "GOV")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#item-results p")).to_have_text("6 of 59 items, filtered")
    assert page.url.endswith("#items")


def test_on_paper_nothing_is_folded_or_cut(show: Callable[..., Page]) -> None:
    page = show("complete", viewport={"width": 690, "height": 900})
    all_drawn(page)
    page.emulate_media(media="print")
    folded = page.locator("details.more > *:not(summary)").evaluate_all(
        "all => all.filter((e) => !e.closest('.no-print') && e.getBoundingClientRect().height === 0).length"
    )
    assert folded == 0
    cut = page.locator("table").evaluate_all(
        "all => all.filter((t) => t.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert cut == 0
    expect(page.locator("form.filters")).to_be_hidden()
