"""Every page, in every role: axe, touch targets, and no sideways scrolling on the narrowest screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import url_for
from playwright.sync_api import Page, expect

from questionnaires.library import Library
from tests.browser.axe import violations
from tests.browser.furnished import furnish
from tests.browser.live import Site, running_site
from tests.browser.samples import samples_of
from tests.conftest import Browser

PEOPLE = [None, "admin", "director", "manager", "staff", "reviewer"]
WIDE, PHONE, NARROWEST = 1280, 390, 320  # 320 is also what 1280 at 400 % zoom leaves
HEIGHTS = {WIDE: 900, PHONE: 900, NARROWEST: 640}
# The way back from an identity provider: test_identity_provider.py looks at what it shows.
NOT_PAGES = ("/api/", "/healthz", "/readyz", "/static/", "/account/time-left", "/sign-in/provider/")
FILES = (".", "/files/")  # in an address that gives a file to keep
WALKED_ELSEWHERE = {
    "survey",
    "surveys",
    "survey_setup",
    "survey_partners",
    "account_links",
    "factors",
}  # they need a survey that is set up, a letter with a link, or a passkey

DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"

SMALL_TARGETS = """() => {
  const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const inText = (e) => e.matches("a") && getComputedStyle(e).display === "inline";
  const target = (e) => (e.matches("input[type=radio], input[type=checkbox]") && e.labels[0]) || e;
  return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
    .filter((e) => shown(e) && !inText(e) && !e.closest("[aria-hidden=true]") && e.tabIndex >= 0)
    .map((e) => [target(e).getBoundingClientRect(), e])
    .filter(([box]) => box.width > 1 && (box.width < 24 || box.height < 24))
    .map(([box, e]) => `${e.outerHTML.slice(0, 80)} is ${Math.round(box.width)} x ${Math.round(box.height)}`);
}"""

TOO_WIDE = """() => {
  const limit = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= limit) return [];
  const inScroller = (e) => e.parentElement?.closest("[data-scroll-region], .usa-sr-only") !== null;
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > limit + 1 && !inScroller(e))
    .slice(0, 5).map((e) => `${e.tagName}.${e.className} is too wide`)
    .concat(`the page is ${document.documentElement.scrollWidth} wide`);
}"""


@pytest.fixture(scope="module")
def furnished(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library
) -> Iterator[Site]:
    """One site for all of these tests, which only look."""
    folder = tmp_path_factory.mktemp("furnished")
    file = folder / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with running_site(folder, f"sqlite:///{file}", library) as site:
        furnish(site)
        yield site


def addresses(site: Site) -> dict[str, list[str]]:
    """Endpoint -> the addresses to look at, for every page of the application, whoever has written it."""
    samples = samples_of(site)
    found: dict[str, list[str]] = {}
    with site.network.app.test_request_context():
        for rule in site.network.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.startswith(NOT_PAGES):
                continue
            if any(mark in rule.rule for mark in FILES):
                continue
            blueprint, arguments = rule.endpoint.partition(".")[0], frozenset(rule.arguments)
            if arguments and blueprint in WALKED_ELSEWHERE:
                continue
            key = (blueprint, arguments)
            assert not arguments or key in samples, f"{rule.rule}: say in samples.py what to put there"
            values = samples[key] if arguments else [{}]
            found[rule.endpoint] = sorted({url_for(rule.endpoint, **value) for value in values})
    return found


TOKEN = re.compile(r'name="csrf_token"[^>]*>')
NEXT = re.compile(r"next=[^&]*")


@dataclass(frozen=True)
class Answer:
    """What a person gets at an address, found out without drawing it."""

    statuses: tuple[int, ...]  # of the redirects on the way, and of the page
    page: str  # which page it is in the end; what a sign-in leads back to makes no other page of it
    content: str  # what stands below the header, as sent

    @property
    def status(self) -> int:
        return self.statuses[-1]


def ask(browser: Browser, address: str) -> Answer:
    answer = browser.get(address, follow_redirects=True)
    statuses = (*(step.status_code for step in answer.history), answer.status_code)
    page = NEXT.sub("next", f"{answer.request.path}?{answer.request.query_string.decode()}")
    text = TOKEN.sub("", answer.get_data(as_text=True))
    return Answer(statuses, page if answer.status_code != 404 else "not found", text.partition("<main")[2])


@pytest.fixture(scope="module")
def answers(furnished: Site) -> dict[str | None, dict[str, Answer]]:
    """Person -> address -> what they get there."""
    everything = [address for found in addresses(furnished).values() for address in found]
    browsers = {person: furnished.network.browser(person) for person in PEOPLE}
    return {
        person: {address: ask(browser, address) for address in everything}
        for person, browser in browsers.items()
    }


def pages_of(answers: dict[str, Answer]) -> dict[str, Answer]:
    """The first address of each page, and what is there."""
    first = {answer.page: address for address, answer in reversed(answers.items())}
    return {address: answers[address] for address in first.values()}


def look(page: Page, address: str, main_too: bool = True) -> list[str]:
    """What is wrong with a page that is open, a line each.

    From the width that the window has to the others: the next page is opened where this one was left,
    so some are opened wide and some narrow. What axe has judged below the header is not judged again.
    """
    judge = {WIDE: wide, PHONE: on_a_phone, NARROWEST: lambda page, _: too_wide(page)}
    narrow = page.viewport_size == {"width": NARROWEST, "height": HEIGHTS[NARROWEST]}
    found = []
    for width in reversed(HEIGHTS) if narrow else HEIGHTS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        found += [f"{address} at {width}: {line}" for line in judge[width](page, main_too)]
    return found


def wide(page: Page, main_too: bool) -> list[str]:
    page.evaluate(DRAWN)  # what follows the width of the window does so before the next picture
    return violations(page, main_too)


def on_a_phone(page: Page, main_too: bool) -> list[str]:
    small: list[str] = page.evaluate(f"{DRAWN}.then({SMALL_TARGETS})")
    return small + (violations(page) if main_too else [])


def too_wide(page: Page) -> list[str]:
    """What still sticks out on the narrowest screen once the charts have followed its width."""
    for _ in range(20):
        found: list[str] = page.evaluate(TOO_WIDE)
        if not found:
            break
        page.wait_for_timeout(100)
    return found


@pytest.mark.parametrize("person", PEOPLE, ids=[name or "nobody" for name in PEOPLE])
def test_every_page_of_a_role_is_usable_by_everybody(
    furnished: Site,
    answers: dict[str | None, dict[str, Answer]],
    open_page: Callable[..., Page],
    person: str | None,
) -> None:
    """Axe judges every page, wide and narrow. What stands below the header word for word as in an earlier
    role it does not judge again, but the rest of that page and the page as a whole."""
    page = open_page(furnished, person)
    page.context.expect_error("status of 404")  # type: ignore[attr-defined]
    earlier = PEOPLE[: PEOPLE.index(person)]
    judged = {answer.content for other in earlier for answer in answers[other].values()}
    problems: list[str] = []
    for address, expected in pages_of(answers[person]).items():
        answer = page.goto(address)
        assert answer is not None
        if answer.status != expected.status or answer.status not in (200, 404):
            problems.append(f"{address} answers {answer.status}")
        problems += look(page, address, main_too=expected.content not in judged)
    assert {answer.status for answer in answers[person].values()} >= {200}, "no page was looked at"
    assert not problems, "\n".join(problems)


def test_every_address_is_a_page_for_somebody(
    furnished: Site, answers: dict[str | None, dict[str, Answer]]
) -> None:
    """Else the test above would look at nothing but *page not found*."""
    for endpoint, found in addresses(furnished).items():
        statuses = [answers[person][address].statuses[0] for person in PEOPLE if person for address in found]
        assert {200, 302} & set(statuses), f"{endpoint} is for nobody: {statuses}"


def test_a_table_that_widens_after_the_page_was_drawn_can_be_scrolled_by_keyboard(
    furnished: Site, open_page: Callable[..., Page]
) -> None:
    """A font that comes late widens a table and leaves the region around it as wide as it was."""
    page = open_page(furnished, "admin")
    page.goto("/centers")
    region = page.locator("[data-scroll-region]").first
    region.evaluate("(box) => { box.style.blockSize = `${box.offsetHeight}px`; }")
    page.evaluate(DRAWN)
    expect(region).not_to_have_attribute("tabindex", "0")
    region.locator("td").first.evaluate("(cell) => { cell.textContent = 'W'.repeat(400); }")
    expect(region).to_have_attribute("tabindex", "0")
