"""What the browser tests share: Chromium, a running site, signed-in people, the watch over their pages."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from questionnaires.library import Library
from tests.browser.live import Site, running_site
from tests.browser.watching import Watch
from tests.get_chromium import HOW, find_chromium

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "test-results"
WIDE = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page that is left after a second has no use of machine code that was made for it in the background:
# a sixth of the processor time of a page that axe judges. What measures speed asks for ``optimising``.
SHORT_LIVED = "--js-flags=--no-opt,--no-maglev"
LONGEST_TEST = 180  # seconds
PATIENCE = 10_000  # milliseconds for anything on a page


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests go to one worker, with the site that they share; each worker has one Chromium."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(f"browser {item.path.stem}"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        message = f"The browser tests need Chromium, and there is none.\n{HOW}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, SHORT_LIVED])
        yield browser
        browser.close()


@pytest.fixture
def optimising(chromium: Browser) -> Iterator[Browser]:
    """A browser that makes scripts as quick as a reader's does, for tests that compare times."""
    browser = chromium.browser_type.launch(executable_path=find_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """A page that never answers ends the test, not the suite (Playwright waits for scripts without limit)."""

    def give_up(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"the browser test took longer than {LONGEST_TEST} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_TEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path, library: Library) -> Iterator[Site]:
    """An application of the test's own, over SQLite."""
    file = tmp_path / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with running_site(tmp_path, f"sqlite:///{file}", library) as site:
        yield site


@pytest.fixture
def open_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts; the test fails where a page of one had an error that it did not announce."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def make(
        site: Site, person: str | None = None, browser: Browser = chromium, **options: object
    ) -> BrowserContext:
        defaults = {
            "base_url": site.url,
            "viewport": WIDE,
            "locale": "en-US",
            "timezone_id": "America/Denver",
        }
        context = browser.new_context(**(defaults | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        watch = Watch(context)
        context.expect_error = watch.expect  # type: ignore[attr-defined]
        contexts.append((context, watch))
        if person:
            context.add_cookies([site.cookie(person)])  # type: ignore[list-item]
        return context

    yield make
    troubles = [trouble for _, watch in contexts for trouble in watch.unexpected()]
    for context, _ in contexts:
        context.close()
    assert not troubles, troubles


@pytest.fixture
def open_page(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page in a browser of its own, signed in as this person."""

    def make(site: Site, person: str | None = None, **options: Any) -> Page:
        return open_context(site, person, **options).new_page()

    return make


@pytest.fixture(scope="session")
def results() -> Path:
    """Where screenshots go; git does not look there."""
    RESULTS.mkdir(exist_ok=True)
    return RESULTS
