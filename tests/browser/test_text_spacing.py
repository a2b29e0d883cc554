"""What axe does not measure: text spaced as the reader wants it, and focus that nothing covers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from questionnaires.library import Library
from tests.browser.furnished import furnish
from tests.browser.live import Site, running_site
from tests.browser.test_every_page import DRAWN

# WCAG 2.2, 1.4.12. As a style sheet of the reader's own, which the policy of the page does not touch.
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""

CUT = """() => {
  const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const hides = (overflow) => ["hidden", "clip"].includes(overflow);
  const cuts = (e) => (hides(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 2)
    || (hides(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 2);
  return [...document.querySelectorAll("body *:not(svg *)")]
    .filter((e) => shown(e) && cuts(e) && e.innerText?.trim() && !e.closest(".usa-sr-only, .js-plotly-plot"))
    .filter((e) => e.getBoundingClientRect().width > 1)
    .map((e) => `${e.tagName}.${e.className} cuts ${e.innerText.slice(0, 40)}`);
}"""

COVERED = """async () => {
  await Promise.all(document.getAnimations().map((moving) => moving.finished));
  const e = document.activeElement;
  if (!e || e === document.body) return "nothing has the focus";
  const target = (e.matches("input[type=radio], input[type=checkbox]") && e.labels[0]) || e;
  const box = target.getBoundingClientRect();
  const inside = [0.25, 0.5, 0.75].flatMap((x) => [0.25, 0.5, 0.75].map((y) =>
    document.elementFromPoint(box.left + box.width * x, box.top + box.height * y)));
  const seen = inside.some((at) => at && (target.contains(at) || at.contains(target)));
  return seen ? "" : `${e.outerHTML.slice(0, 90)} is covered`;
}"""


@pytest.fixture(scope="module")
def furnished(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("spaced")
    file = folder / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with running_site(folder, f"sqlite:///{file}", library) as site:
        furnish(site)
        yield site


def pages(site: Site) -> dict[str, list[str]]:
    form = site.network.response_id("FC-CO", "EOC-CO", "eoc", "spring")
    return {
        "manager": ["/work", f"/responses/{form}/GOV", f"/responses/{form}/review", "/account"],
        "director": ["/reports/pairs/FC-CO/EOC-CO?cycle=winter", "/reports/centers/FC-CO", "/surveys"],
        "admin": ["/reports/network?cycle=winter", "/people", "/cycles", "/centers", "/pairs", "/methods"],
    }


@pytest.mark.parametrize("person", ["manager", "director", "admin"])
def test_text_with_more_space_is_not_cut(
    furnished: Site, open_page: Callable[..., Page], person: str
) -> None:
    page = open_page(furnished, person)
    found = []
    for address in pages(furnished)[person]:
        page.goto(address)
        page.evaluate(
            "(css) => { const own = new CSSStyleSheet(); own.replaceSync(css);"
            " document.adoptedStyleSheets = [own]; }",
            SPACED,
        )
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(DRAWN)
            found += [f"{address} at {width}: {line}" for line in page.evaluate(CUT)]
    assert found == []


@pytest.mark.parametrize("height", [900, 400])
def test_what_has_the_focus_is_never_covered_by_a_bar_that_stays(
    furnished: Site, open_page: Callable[..., Page], height: int
) -> None:
    page = open_page(furnished, "manager")
    page.set_viewport_size({"width": 390, "height": height})
    found = set()
    for address in pages(furnished)["manager"]:
        page.goto(address)
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            found.add(page.evaluate(COVERED))
    assert found - {""} == set()
