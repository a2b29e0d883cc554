"""The results page of a survey with everything on it: on paper in a few full sheets, on a phone in order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from questionnaires.library import Library
from tests.browser.axe import violations
from tests.browser.live import Site, sqlite_site
from tests.product_world import released, sheet

PAGE = "/reports/products/FC-CO"
MOST_SHEETS = 7  # three with what is drawn, four of tables
SIZES = """() => [...document.querySelectorAll(".figure__chart")].map((chart) => {
  const axis = chart.layout.yaxis;
  return [chart.layout.height, chart.querySelector("svg.main-svg").clientWidth, String(axis.ticktext)];
})"""
FACTS = """() => [...document.querySelectorAll(".report-facts > div")].map((fact) => {
  const [name, words] = [...fact.children].map((part) => part.getBoundingClientRect());
  return words.top >= name.bottom;
})"""


def varied(rng: random.Random) -> dict[str, str]:
    """Somebody who received most product types and has an opinion on each."""
    found = sheet(rng.choice(["eoc", "law_enforcement"]), rng.randint(2, 5))
    for n in range(1, 10):
        found[f"T-{n:02}"] = f"usefulness={rng.randint(1, 5)};quality={rng.randint(2, 5)}"
    for n in range(1, 13):
        found[f"A-{n:02}"] = f"importance={rng.randint(2, 5)};performance={rng.randint(1, 5)}"
    found["U-02"] = ";".join(rng.sample(["planning", "training", "readiness", "briefing"], 2))
    found["N-01"] = rng.choice(["too_many", "too_late", "not_relevant"])
    return found


@pytest.fixture(scope="module")
def results_site(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library
) -> Iterator[Site]:
    """One with the results of two years, which both tests only read."""
    folder = tmp_path_factory.mktemp("results")
    with sqlite_site(folder, sqlite_template, library) as site:
        add_results(site)
        yield site


def add_results(site: Site) -> None:
    rng = random.Random(26)
    asked = site.network.library.get("product-usefulness")
    last_year = {"opens_on": date(2025, 5, 1), "closes_on": date(2025, 6, 10)}
    with site.network.database.writing() as session:
        before = [varied(rng) for _ in range(70)]
        released(session, asked, before, code="before", released_on=date(2025, 6, 10), **last_year)
        released(session, asked, [varied(rng) for _ in range(80)])


def show(page: Page) -> Page:
    """The results of the second year, with all charts drawn."""
    page.goto(PAGE)
    expect(page.locator(".figure--drawn")).to_have_count(6)
    return page


def test_the_results_are_printed_on_a_few_full_sheets(
    results_site: Site, open_page: Callable[..., Page]
) -> None:
    page = show(open_page(results_site, "director"))
    before = page.evaluate(SIZES)
    assert page.pdf(format="Letter").count(b"/Type /Page\n") <= MOST_SHEETS
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= MOST_SHEETS
    assert page.evaluate(SIZES) == before, "the charts of the screen are not as they were"


def test_on_a_phone_every_fact_stands_below_its_name(
    results_site: Site, open_page: Callable[..., Page]
) -> None:
    page = show(open_page(results_site, "director", viewport={"width": 390, "height": 844}))
    assert page.evaluate(FACTS) == [True] * 3
    page.wait_for_function(
        "document.documentElement.scrollWidth <= innerWidth"
    )  # charts follow in their time
    assert violations(page) == []
