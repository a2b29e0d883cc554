"""Every page, in every role: axe, touch targets, and no sideways scrolling on the narrowest screen."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import url_for
from playwright.sync_api import Page

from questionnaires.library import Library
from tests.browser.axe import violations
from tests.browser.furnished import furnish, public_ids
from tests.browser.live import Site, running_site

PEOPLE = [None, "admin", "director", "manager", "staff", "reviewer"]
WIDE, PHONE, NARROWEST = 1280, 390, 320  # 320 is also what 1280 at 400 % zoom leaves
NOT_PAGES = ("/api/", "/healthz", "/static/")

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


def _responses(site: Site) -> list[dict[str, str]]:
    """Half done, complete, waiting, revealed, reopened and untouched forms."""
    kinds = [
        ("FC-CO", "EOC-CO", "eoc", "spring"),
        ("FC-CO", "EOC-CO", "fusion_center", "spring"),
        ("FC-CO", "EOC-DEN", "fusion_center", "spring"),
        ("FC-CO", "EOC-CO", "eoc", "winter"),
        ("FC-CO", "EOC-CO", "eoc", "correction"),
        ("FC-WY", "EOC-WY", "fusion_center", "spring"),
    ]
    return [{"public_id": site.network.response_id(*kind)} for kind in kinds]


def _pairs() -> list[dict[str, str]]:
    pairs = [("FC-CO", "EOC-CO"), ("FC-CO", "EOC-DEN"), ("FC-WY", "EOC-WY")]
    return [
        {"fusion_center": fc, "eoc": eoc, "cycle": cycle}
        for fc, eoc in pairs
        for cycle in ("winter", "spring")
    ]


def _values(site: Site, endpoint: str, arguments: frozenset[str]) -> list[dict[str, Any]]:
    """What stands in for the variable parts of an address."""
    if endpoint.startswith("accounts."):
        samples = {frozenset({"public_id"}): [{"public_id": public_ids(site)["director"]}]}
    else:
        checklist = site.network.response_id("FC-CO", "EOC-CO", "eoc", "checklist")
        sections = [{**response, "slug": "GOV"} for response in _responses(site)]
        codes = ["spring", "winter", "autumn"] if endpoint.startswith("cycles.") else ["FC-CO", "EOC-CO"]
        samples = {
            frozenset({"public_id"}): _responses(site),
            frozenset({"public_id", "slug"}): [*sections, {"public_id": checklist, "slug": "REL"}],
            frozenset({"code"}): [{"code": code} for code in codes],
            frozenset({"fusion_center", "eoc"}): _pairs(),
        }
    assert arguments in samples, f"{endpoint} takes {set(arguments)}: say in this test what to put there"
    return samples[arguments]


def addresses(site: Site) -> list[str]:
    """Every page of the application, whichever blueprint it belongs to."""
    found = []
    with site.network.app.test_request_context():
        for rule in site.network.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.startswith(NOT_PAGES) or "." in rule.rule:
                continue
            arguments = frozenset(rule.arguments)
            values = _values(site, rule.endpoint, arguments) if arguments else [{}]
            found += [url_for(rule.endpoint, **value) for value in values]
    return sorted(set(found))


def look_at(page: Page, address: str, seen: set[str]) -> list[str]:
    """What is wrong with the page at this address; nothing where it leads to one looked at already."""
    answer = page.request.get(address)  # quicker than drawing what turns out to be a page already seen
    if answer.status not in (200, 404):
        return [f"{address} answers {answer.status}"]
    here = answer.url if answer.ok else "not found"
    if here in seen:
        return []
    seen.add(here)
    page.goto(address)
    return look(page, address)


def look(page: Page, address: str) -> list[str]:
    """What is wrong with a page that is open, a line each."""
    found = []
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{address} at {width}: {line}" for line in violations(page)]
    found += [f"{address} at {PHONE}: {line}" for line in page.evaluate(SMALL_TARGETS)]
    return found + [f"{address} at {NARROWEST}: {line}" for line in too_wide(page)]


def too_wide(page: Page) -> list[str]:
    """What still sticks out on the narrowest screen once the charts have followed its width."""
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    for _ in range(20):
        found: list[str] = page.evaluate(TOO_WIDE)
        if not found:
            break
        page.wait_for_timeout(100)
    return found


@pytest.mark.parametrize("person", PEOPLE, ids=[name or "nobody" for name in PEOPLE])
def test_every_page_of_a_role_is_usable_by_everybody(
    furnished: Site, open_page: Callable[..., Page], person: str | None
) -> None:
    page = open_page(furnished, person)
    page.context.expect_error("status of 404")  # type: ignore[attr-defined]
    seen: set[str] = set()
    problems: list[str] = []
    for address in addresses(furnished):
        problems += look_at(page, address, seen)
    assert seen - {"not found"}, "no page was looked at"
    assert not problems, "\n".join(problems)
