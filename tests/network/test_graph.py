"""The graph of the network: where centers stand, what is said of each link, and how both are drawn."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from questionnaires.library import BUILT_IN, Library
from reports import figures
from reports.figure_style import LEVELS, LINE, MUTED, SOFT
from reports.network_figures import TILES
from reports.network_graph import ACROSS, Graph, Layout, Said, graph, links_of
from reports.network_graph_figure import WAITING_DASH, WIDE_DASH, network_graph
from reports.network_graph_pages import Wanted
from reports.network_graph_words import link_words, sentence
from reports.scoring import scoring_rules

RULES = scoring_rules(Library([BUILT_IN]).get("cpg502-checklist"))
STATES = [*TILES, "QQ"]  # and one that no map knows
NOTHING_OPEN = pd.DataFrame({"pair": [], "index": [], "level": [], "gap": [], "wide": []})


def pairs_of(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """From fusion center, EOC, state of the EOC and status."""
    return pd.DataFrame(
        [
            {
                "pair": number,
                "fusion_center": center,
                "eoc": eoc,
                "fusion_center_name": f"Center {center}",
                "eoc_name": f"Name of {eoc}",
                "region": STATES.index(state) % 10 + 1,
                "state": state,
                "eoc_level": "county",
                "status": status,
            }
            for number, (center, eoc, state, status) in enumerate(rows, 1)
        ]
    )


def opened_of(rows: list[tuple[int, float, int | None, float, bool]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["pair", "index", "level", "gap", "wide"])
    return found.astype({"level": "Int64", "index": float})


def random_network(rng: random.Random, centers: int, size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fusion centers of very different size; here and there an EOC that several share."""
    weights = [rng.paretovariate(1.2) for _ in range(centers)]
    rows = set()
    while len(rows) < size:
        number = rng.choices(range(centers), weights)[0]
        eoc = f"EOC-S{number % 9}" if rng.random() < 0.05 else f"EOC-{len(rows)}"
        rows.add((f"FC-{number:02}", eoc, STATES[number * 7 % len(STATES)]))
    statuses = ("complete", "complete", "one_sided", "not_started")
    pairs = pairs_of([(*row, rng.choice(statuses)) for row in sorted(rows)])
    complete = pairs.loc[pairs["status"] == "complete", "pair"]
    some = [pair for pair in complete if rng.random() < 0.4]
    opened = opened_of(
        [
            (pair, rng.uniform(0, 100), rng.randint(0, 4), rng.uniform(0, 40), rng.random() < 0.3)
            for pair in some
        ]
    )
    return pairs, opened


THREE = pairs_of(
    [
        ("FC-A", "EOC-1", "CO", "complete"),
        ("FC-A", "EOC-2", "CO", "complete"),
        ("FC-B", "EOC-2", "CO", "one_sided"),
    ]
)


def test_of_a_pair_that_is_not_open_only_how_far_it_is_gets_out() -> None:
    links = links_of(THREE, opened_of([(2, 55.0, 2, 12.0, False)]))
    assert links["said"].tolist() == [Said.COMPLETE, Said.SCORED, Said.ONE_SIDED]
    assert links[["index", "level", "gap"]].isna().all(axis=1).tolist() == [True, False, True]
    assert link_words(links, RULES) == [
        "both sides have answered",
        "55 of 100, level 2 Partly in place, sides not far apart",
        "waits for one side",
    ]


def test_numbers_of_a_pair_that_is_not_complete_are_not_taken() -> None:
    """Whoever makes the frame of opened pairs may err; a link that waits for a side has no number."""
    links = links_of(THREE, opened_of([(3, 55.0, 2, 12.0, True)]))
    assert links["said"].tolist()[2] == Said.ONE_SIDED
    assert links["index"].isna().all()
    assert not links["wide"].any()


def test_a_pair_without_enough_answers_has_no_number() -> None:
    links = links_of(THREE, opened_of([(1, float("nan"), None, 30.0, True)]))
    assert links["said"].tolist()[0] == Said.INSUFFICIENT
    assert pd.isna(links["gap"][0])
    assert not links["wide"][0]


SIZES = [(1, 1), (3, 10), (9, 40), (80, 81), (80, 800), (80, 3000)]


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("centers", "size"), SIZES)
def test_each_center_has_a_place_of_its_own_inside_its_box(centers: int, size: int, layout: Layout) -> None:
    for seed in range(1 if size > 1000 else 3):
        pairs, opened = random_network(random.Random(seed), centers, size)
        found = graph(pairs, opened, layout)
        nodes = found.nodes
        assert set(nodes["code"]) == set(pairs["fusion_center"]) | set(pairs["eoc"])
        assert not nodes["code"].duplicated().any()
        reach = pdist(nodes[["x", "y"]].to_numpy())
        sizes = nodes["size"].to_numpy()
        first, second = np.triu_indices(len(nodes), 1)
        touching = reach < (sizes[first] + sizes[second]) / 2
        assert not touching.any(), f"{touching.sum()} marks touch with {size} pairs, seed {seed}"
        boxes = nodes["box"].map({box.name: box for box in found.boxes})
        half = nodes["size"] / 2
        assert (nodes["x"] - half >= [box.left for box in boxes]).all()
        assert (nodes["x"] + half <= [box.left + box.width for box in boxes]).all()
        assert (nodes["y"] - half >= [box.top for box in boxes]).all()
        assert (nodes["y"] + half <= [box.top + box.height for box in boxes]).all()
        assert nodes["x"].max() <= ACROSS
        areas = [(b.left, b.top, b.left + b.width, b.top + b.height) for b in found.boxes]
        assert not any(_cover(one, other) for one in areas for other in areas if one != other)


def _cover(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    within = 1e-9
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > within and min(one[3], other[3]) - max(one[1], other[1]) > within


def test_neighbours_stay_neighbours() -> None:
    """West of Wyoming is nothing that lies east of it, and Alaska's row is above all others."""
    rows = [
        (f"FC-{state}", f"EOC-{state}", state, "complete") for state in ("CO", "WY", "CA", "TX", "NY", "ME")
    ]
    found = graph(pairs_of(rows), NOTHING_OPEN)
    boxes = {box.name: box for box in found.boxes}
    assert boxes["CA"].left < boxes["CO"].left < boxes["NY"].left < boxes["ME"].left
    assert boxes["ME"].top < boxes["NY"].top < boxes["WY"].top < boxes["CO"].top < boxes["TX"].top


def test_a_fusion_center_stands_in_its_own_state_and_its_eocs_around_it() -> None:
    rows = [("FC-A", "EOC-1", "CO", "complete"), ("FC-A", "EOC-2", "WY", "complete")]
    found = graph(pairs_of(rows), NOTHING_OPEN, homes={"FC-A": "CA"})
    assert set(found.nodes["box"]) == {"CA"}
    without = graph(pairs_of([*rows, ("FC-A", "EOC-3", "WY", "complete")]), NOTHING_OPEN)
    assert set(without.nodes["box"]) == {"WY"}


def test_an_eoc_of_several_centers_stands_once_where_it_is() -> None:
    rows = [("FC-A", "EOC-1", "TX", "complete"), ("FC-B", "EOC-1", "TX", "complete")]
    found = graph(pairs_of(rows), NOTHING_OPEN, homes={"FC-A": "CA", "FC-B": "NY"})
    assert dict(zip(found.nodes["code"], found.nodes["box"], strict=True)) == {
        "FC-A": "CA",
        "FC-B": "NY",
        "EOC-1": "TX",
    }


def test_no_pairs_draw_nothing() -> None:
    found = graph(THREE.iloc[:0], NOTHING_OPEN)
    assert found.nodes.empty
    assert drawn(found)["layout"].get("shapes", []) == []


def drawn(found: Graph) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(figures.as_json(network_graph(found, RULES)))
    return figure


def lines_of(figure: dict[str, Any]) -> list[tuple[str, float, str, int]]:
    """Colour, width, dash and number of links of each path that draws links."""
    return [
        (s["line"]["color"], s["line"]["width"], s["line"].get("dash", "solid"), s["path"].count("M"))
        for s in figure["layout"]["shapes"]
        if re.fullmatch(r"(M[\d.,]+L[\d.,]+)+", s["path"])
    ]


@pytest.mark.parametrize("layout", list(Layout))
def test_every_link_is_drawn_in_the_look_of_what_is_said_of_it(layout: Layout) -> None:
    pairs, opened = random_network(random.Random(4), 20, 300)
    found = graph(pairs, opened, layout)
    links, lines = found.links, lines_of(drawn(found))
    assert len(lines) <= 24, "an element for each look, not for each link"
    for level, colour in enumerate(LEVELS):
        for wide, dash in ((False, "solid"), (True, WIDE_DASH)):
            wanted = int(((links["level"] == level) & (links["wide"] == wide)).sum())
            assert [n for c, _, d, n in lines if (c, d) == (colour, dash)] == ([wanted] if wanted else [])
    plain = {d: n for c, _, d, n in lines if c == MUTED}
    assert plain["solid"] == (links["said"] == Said.COMPLETE).sum()
    assert plain[WAITING_DASH] == links["said"].isin([Said.ONE_SIDED, Said.NOT_STARTED]).sum()


def test_the_higher_the_level_the_wider_and_darker_the_line() -> None:
    rows = [("FC-A", f"EOC-{n}", "CO", "complete") for n in range(5)]
    opened = opened_of([(n + 1, 20.0 * n, n, 0.0, False) for n in range(5)])
    lines = lines_of(drawn(graph(pairs_of(rows), opened)))
    widths = {colour: width for colour, width, _, _ in lines}
    assert [widths[colour] for colour in LEVELS] == sorted({widths[colour] for colour in LEVELS})
    grey = [int(c[1:3], 16) * 0.3 + int(c[3:5], 16) * 0.59 + int(c[5:], 16) * 0.11 for c in LEVELS]
    assert all(first - second > 20 for first, second in pairwise(grey)), grey


def test_a_link_leads_from_mark_to_mark() -> None:
    pairs, opened = random_network(random.Random(5), 6, 30)
    found = graph(pairs, opened)
    places = {
        c: (round(x, 3), round(y, 3)) for c, x, y in found.nodes[["code", "x", "y"]].itertuples(index=False)
    }
    wanted = {(places[r.fusion_center], places[r.eoc]) for r in found.links.itertuples()}
    ends = set()
    for shape in drawn(found)["layout"]["shapes"]:
        for x1, y1, x2, y2 in re.findall(r"M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)(?=M|$)", shape["path"]):
            ends.add(((float(x1), float(y1)), (float(x2), float(y2))))
    assert ends == wanted


def test_what_the_pointer_finds_says_what_the_table_says_and_no_more() -> None:
    found = graph(THREE, opened_of([(1, 42.0, 2, 25.0, True)]))
    trace = drawn(found)["data"][-1]
    said = dict(zip(found.nodes["code"], trace["hovertext"], strict=True))
    assert said == {
        "FC-A": "Center FC-A<br>2 links, both sides have answered in 2",
        "FC-B": "Center FC-B<br>1 link, both sides have answered in 0",
        "EOC-1": "Name of EOC-1<br>with Center FC-A: 42 of 100, level 2 Partly in place, sides far apart",
        "EOC-2": "Name of EOC-2<br>with Center FC-A: both sides have answered"
        "<br>with Center FC-B: waits for one side",
    }
    marks = {"eoc": "d", "fusion_center": "c"}
    assert trace["meta"]["symbols"] == "".join(marks[kind] for kind in found.nodes["kind"])
    assert trace["meta"]["sizes"] == pytest.approx(found.nodes["size"].tolist(), abs=0.0006)
    kinds = dict(enumerate(found.nodes["kind"]))
    assert [kinds[stop] for stop in trace["meta"]["stops"]] == ["fusion_center"] * 2


def test_names_become_no_markup() -> None:
    pairs = THREE.assign(eoc_name="<b>x</b> & <img src=x>", fusion_center_name="</script><i>")
    text = json.dumps(drawn(graph(pairs, NOTHING_OPEN)))
    assert not re.findall(r"<(?!br>)[a-z/!]", text)


def test_only_colours_of_the_palette() -> None:
    pairs, opened = random_network(random.Random(6), 8, 60)
    text = json.dumps(drawn(graph(pairs, opened)))
    known = {*LEVELS, MUTED, LINE, SOFT, "#1b1b1b", "#ffffff", "#0b5394", "#aa4600"}
    assert set(re.findall(r"#[0-9a-f]{6}", text)) <= known


@pytest.mark.parametrize(
    ("statuses", "opened", "words"),
    [
        ([], [], None),
        (["complete"], [], "1 link between 1 fusion center and 1 EOC; both sides of it have answered. None"),
        (
            ["one_sided"],
            [],
            "1 link between 1 fusion center and 1 EOC; both sides of it have not yet answered.",
        ),
        (["complete"] * 3, [], "3 links between 1 fusion center and 3 EOCs; both sides of all of them have"),
        (
            ["one_sided"] * 2,
            [],
            "2 links between 1 fusion center and 2 EOCs; both sides of none of them have",
        ),
        (["complete", "one_sided"], [], "both sides of 1 of them have answered. None of them is open to you"),
        (
            ["complete"] * 2,
            [(1, 50.0, 2, 3.0, False)],
            "1 of them is open to you; its sides stand far apart in no",
        ),
        (
            ["complete"] * 2,
            [(1, 50.0, 2, 30.0, True)],
            "1 of them is open to you; its sides stand far apart in so",
        ),
        (
            ["complete"] * 3,
            [(1, 50.0, 2, 30.0, True), (2, 50.0, 2, 3.0, False)],
            "2 of them are open to you; in 1 of these the sides stand far apart in some domain.",
        ),
        (
            ["complete"] * 3,
            [(1, 50.0, 2, 3.0, False), (2, 50.0, 2, 3.0, False)],
            "2 of them are open to you; in none of these do the sides stand far apart in a domain.",
        ),
        (
            ["complete"] * 2,
            [(1, float("nan"), None, 3.0, False)],
            "1 of them is open to you, without enough answers for an index.",
        ),
    ],
)
def test_the_sentence_is_true(statuses: list[str], opened: list[Any], words: str | None) -> None:
    pairs = pairs_of([("FC-A", f"EOC-{n}", "CO", status) for n, status in enumerate(statuses)])
    if words is None:
        assert graph(THREE.iloc[:0], NOTHING_OPEN).links.empty
        return
    found = sentence(links_of(pairs, opened_of(opened)))
    assert words in found, found


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, Wanted()),
        ({"layout": "region", "q": " aurora ", "page": "3"}, Wanted(Layout.REGION, "aurora", 3)),
        ({"layout": "upside-down", "page": "-2"}, Wanted()),
        ({"page": "0"}, Wanted()),
        ({"page": "99999999999"}, Wanted()),
    ],
)
def test_what_an_address_says_strangely_is_as_at_first(asked: dict[str, str], wanted: Wanted) -> None:
    assert Wanted.of(asked) == wanted
