"""The network's pages in a browser: pictures with numbers, every mark by keyboard, many links at once."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessment.assets import BUILT_ASSETS
from assessment.models.directory import Center, Pair
from questionnaires.library import Library
from tests.browser.live import Site, sqlite_site
from tests.browser.test_every_page import ask, look
from tests.browser.test_keyboard import tab_to
from tests.network.wide import add_wide_network, answered_cycle

NETWORK, GRAPH = "/reports/network?cycle=summer", "/reports/network/graph?cycle=summer"
PICTURES = ["state-map", "index-spread", "network-history", "domain-means", "guidance-bars"]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Iterator[Site]:
    """Two closed cycles with numbers for the nation and a region; these tests only look."""
    folder = tmp_path_factory.mktemp("wide")
    with sqlite_site(folder, sqlite_template, library) as site:
        furnish(site)
        yield site


def furnish(site: Site) -> None:
    add_wide_network(site.network)
    answered_cycle(site.network, "spring", date(2026, 5, 1), seed=1)
    answered_cycle(site.network, "summer", date(2026, 6, 1), seed=2)


def show(page: Page, address: str, pictures: int) -> None:
    page.goto(address)
    expect(page.locator(".figure--drawn")).to_have_count(pictures)


READERS = {"reviewer": True, "admin": True, "analyst": False}  # whether the whole nation


def is_news(site: Site, person: str, address: str) -> bool:
    """Whether an earlier reader has something else below the header there."""
    earlier = list(READERS)[: list(READERS).index(person)]
    seen = {ask(site.network.browser(reader), address).content for reader in earlier}
    return ask(site.network.browser(person), address).content not in seen


@pytest.mark.parametrize(("person", "whole"), READERS.items())
def test_a_page_full_of_numbers_is_usable_by_everybody(
    wide: Site, open_page: Callable[..., Page], person: str, whole: bool
) -> None:
    """What an earlier reader has word for word below the header axe does not judge again."""
    page = open_page(wide, person)
    page.goto(NETWORK)
    page.wait_for_load_state("networkidle")
    if whole:
        found = page.locator(".figure--drawn").evaluate_all("all => all.map((figure) => figure.id)")
        assert found == PICTURES
    assert look(page, NETWORK) == []
    for layout in ("geography", "region"):
        address = f"{GRAPH}&layout={layout}"
        show(page, address, 1)
        assert look(page, layout, main_too=is_news(wide, person, address)) == []


def marks_of(page: Page, name: str) -> list[str]:
    """What each mark of a chart says, as it is sent to the page; a heat map's cells are not among them."""
    text = page.locator(f'script[data-figure="{name}"]').text_content()
    assert text
    traces: list[dict[str, Any]] = json.loads(text)["data"]
    words = [w for t in traces if t.get("hoverinfo") != "skip" for w in t.get("hovertext") or [] if w]
    return [html.unescape(word.replace("<br>", ", ")) for word in words]


SAID = "(name) => document.querySelector(`[id='${name}-keys'] + [aria-live]`).textContent"
LABEL = """() => [...document.querySelectorAll(".hoverlayer .hovertext")].map((label) => {
  const box = label.getBoundingClientRect();
  const lines = [...label.querySelectorAll(".nums tspan.line")];
  const words = lines.length ? lines : [label.querySelector(".nums")];
  const shown = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [words.map((line) => line.textContent).join(", "), shown];
})"""


def walk(page: Page, name: str) -> list[str]:
    """Go through a chart's marks from the first with the arrow key; what is said at each."""
    chart = page.locator(f'[data-figure-target="{name}"]')
    chart.focus()
    page.keyboard.press("Home")
    expect(page.locator(".hoverlayer .hovertext")).to_have_count(1)
    found = [page.evaluate(SAID, name)]
    for _ in marks_of(page, name)[1:]:
        page.keyboard.press("ArrowRight")
        found.append(page.evaluate(SAID, name))
    page.wait_for_timeout(300)
    [(words, shown)] = page.evaluate(LABEL)
    assert words == found[-1]
    assert shown, f"the label of {name} is out of sight"
    page.keyboard.press("Escape")
    expect(page.locator(".hoverlayer .hovertext")).to_have_count(0)
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_the_keyboard_reaches_every_mark_that_says_something(
    wide: Site, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(wide, "reviewer", viewport={"width": width, "height": 800})
    show(page, NETWORK, len(PICTURES))
    for name in PICTURES:
        marks = marks_of(page, name)
        assert marks
        assert walk(page, name) == marks, name
    show(page, GRAPH, 1)
    assert len(marks_of(page, "network-graph")) == 3 + 22, "three fusion centers and their EOCs"
    assert walk(page, "network-graph") == marks_of(page, "network-graph")


def test_a_chart_is_reached_by_tab_and_says_how_to_go_on(wide: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(wide, "reviewer")
    show(page, GRAPH, 1)
    keys = page.locator("#network-graph-keys")
    expect(keys).to_be_hidden()
    tab_to(page, '[data-figure-target="network-graph"]')
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Page Up and Page Down from fusion center to fusion center")
    said = []
    for _ in range(4):
        page.keyboard.press("PageDown")
        said.append(page.evaluate(SAID, "network-graph"))
    assert len(set(said)) == 3
    assert said[2] == said[3], "after the last nothing follows"
    assert all("link" in words for words in said)
    page.keyboard.press("PageUp")
    assert page.evaluate(SAID, "network-graph") == said[1]
    page.keyboard.press("Tab")
    expect(page.locator(".hoverlayer .hovertext")).to_have_count(0)


def test_a_tile_opens_its_state_by_keyboard_and_by_click(wide: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(wide, "reviewer")
    show(page, NETWORK, len(PICTURES))
    page.locator('[data-figure-target="state-map"]').focus()
    page.keyboard.press("Home")
    assert page.evaluate(SAID, "state-map").startswith("CA")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("cycle=summer&state=CA")
    show(page, NETWORK, len(PICTURES))
    words = page.locator('[data-figure-target="state-map"] .textpoint').filter(has_text="UT")
    words.scroll_into_view_if_needed()
    tile = words.bounding_box()
    assert tile
    middle = (tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2)
    page.mouse.move(middle[0], middle[1] - 3)
    page.mouse.move(*middle)
    expect(page.locator(".figure__chart--leads")).to_have_count(1)
    with page.expect_navigation():
        page.mouse.click(*middle)
    assert page.url.endswith("cycle=summer&state=UT")


def test_who_may_not_read_a_state_is_led_nowhere(wide: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(wide, "analyst")
    page.goto(NETWORK)
    expect(page.locator("#state-map.figure--drawn")).to_have_count(1)
    page.locator('[data-figure-target="state-map"]').focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#state-map-keys")).not_to_contain_text("Enter")
    assert page.url.endswith(NETWORK)


MANY, CENTERS = 3000, 80
STATES = ["CO", "WY", "CA", "TX", "NY", "FL", "OH", "WA", "GA", "IL", "ME", "AZ", "MO", "VA", "LA"]
MOST_ELEMENTS = 600  # of the whole chart
MOST_BYTES = 700 * 1024
TIMES = 5


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Iterator[Site]:
    """A cycle with 3,000 links between 80 fusion centers and as many EOCs; these tests only look."""
    folder = tmp_path_factory.mktemp("many")
    with sqlite_site(folder, sqlite_template, library) as site:
        add_many(site)
        yield site


def add_many(site: Site) -> None:
    with site.network.database.writing() as session:
        centers = [
            Center(code=f"FC-{n}", name=f"Fusion Center No. {n}", kind="fusion_center", level="primary")
            for n in range(CENTERS)
        ]
        eocs = [
            Center(code=f"EOC-{n}", name=f"County {n * 7919 % 9973} EOC", kind="eoc", level="county")
            for n in range(MANY)
        ]
        for number, center in enumerate([*centers, *eocs]):
            place = number % CENTERS % len(STATES)
            center.state, center.fema_region = STATES[place], place % 10 + 1
        session.add_all([*centers, *eocs])
        session.add_all(Pair(fusion_center=centers[n % CENTERS], eoc=eoc) for n, eoc in enumerate(eocs))
    site.network.open("summer", opens=date(2026, 5, 1))


# Draws each figure several times in turn into a box of its own; the shortest time of each.
DRAW = """async ([address, figures, times]) => {
  const plotly = (await import(address)).default;
  const box = document.body.appendChild(document.createElement("div"));
  const best = figures.map(() => Infinity);
  for (let turn = 0; turn < times; turn += 1) {
    for (const [place, { data, layout }] of figures.entries()) {
      const start = performance.now();
      await plotly.newPlot(box, structuredClone(data), { ...structuredClone(layout), width: 1040 }, {});
      best[place] = Math.min(best[place], performance.now() - start);
      plotly.purge(box);
      await new Promise((done) => setTimeout(done, 30));
    }
  }
  box.remove();
  return best;
}"""
OURS = """() => {
  const { data, layout } = document.querySelector('[data-figure-target="network-graph"]');
  return { data: JSON.parse(JSON.stringify(data)), layout: { ...JSON.parse(JSON.stringify(layout)) } };
}"""


def test_three_thousand_links_do_not_stop_the_page(
    many: Site, optimising: Browser, open_page: Callable[..., Page]
) -> None:
    """Against the same graph with an element for each link and mark, and against an empty chart."""
    page = open_page(many, "reviewer", browser=optimising)
    show(page, GRAPH, 1)
    chart = page.locator('[data-figure-target="network-graph"]')
    assert chart.evaluate("chart => chart.querySelectorAll('*').length") < MOST_ELEMENTS
    assert drawn_marks(chart.evaluate("chart => chart.layout.shapes")) == {
        "links": MANY + 3,
        "diamonds": MANY + 3,
        "circles": CENTERS + 2,
    }
    ours = page.evaluate(OURS)
    empty = {"data": [], "layout": {name: ours["layout"][name] for name in ("xaxis", "yaxis", "height")}}
    ours_takes, plain_takes, empty_takes = page.evaluate(DRAW, [library(), [ours, plain(ours), empty], TIMES])
    assert ours_takes * 2 < plain_takes, (ours_takes, plain_takes, empty_takes)
    assert ours_takes < 40 * empty_takes, (ours_takes, plain_takes, empty_takes)


def library() -> str:
    manifest = json.loads((BUILT_ASSETS / "manifest.json").read_text())
    return f"/static/{manifest['plotly.js']}"


def drawn_marks(shapes: list[dict[str, Any]]) -> dict[str, int]:
    paths = [shape["path"] for shape in shapes[1:]]
    return {
        "links": sum(path.count("M") for path in paths if not path.endswith("Z")),
        "diamonds": sum(path.count("M") for path in paths if path.endswith("Z") and "C" not in path),
        "circles": sum(path.count("M") for path in paths if "C" in path),
    }


def plain(ours: dict[str, Any]) -> dict[str, Any]:
    """The same links and marks as Plotly's own lines and markers."""
    centers = ours["data"][-1]
    x: list[float | None] = []
    y: list[float | None] = []
    for shape in ours["layout"]["shapes"][1:]:
        for line in shape["path"].split("M")[1:] if not shape["path"].endswith("Z") else []:
            for end in (*line.split("L"), None):
                x.append(float(end.split(",")[0]) if end else None)
                y.append(float(end.split(",")[1]) if end else None)
    lines = {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": 1}, "hoverinfo": "skip"}
    marks = {**centers, "mode": "markers", "marker": {"size": 6, "symbol": "diamond-open"}}
    return {"data": [lines, marks], "layout": {**ours["layout"], "shapes": []}}


@pytest.mark.parametrize("address", [GRAPH, NETWORK])
def test_a_first_visit_fetches_less_than_700_kb(
    many: Site, open_context: Callable[..., BrowserContext], address: str
) -> None:
    """With brotli, as a browser asks for it; with gzip alone the numbers are those of make bench."""
    page = open_context(many, "reviewer").new_page()
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    sizes: dict[str, int] = {}
    client.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(address)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".figure--drawn").first).to_be_visible()
    assert sum(sizes.values()) > 300 * 1024, "the chart library is among them"
    assert sum(sizes.values()) < MOST_BYTES
