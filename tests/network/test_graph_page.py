"""The page of the network graph: what each reader finds in it, and how large it is with many pairs."""

from __future__ import annotations

import gzip
import html
import json
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from assessment.cycles.services import close_cycle
from assessment.models.directory import Center, Pair
from assessment.network.sharing import set_shared
from questionnaires.definition import Side
from tests.conftest import Network
from tests.network.submitting import COLORADO, DENVER, WYOMING, submit
from tests.signed_in import signed_in

PAGE = "/reports/network/graph"
FIGURE = re.compile(r'data-figure="network-graph">(.*?)</script>', re.DOTALL)
ONLY_ANSWERED = {
    "Waits for one side",
    "Both sides have answered",
    "No side has submitted",
}


@pytest.fixture
def spring(network: Network) -> Network:
    """Colorado's state EOC and Denver are complete, Colorado is shared, Wyoming waits for its EOC."""
    network.open()
    submit(network, COLORADO, Side.FUSION_CENTER, value=4)
    submit(network, COLORADO, Side.EOC, value=1)
    submit(network, DENVER, value=3)
    submit(network, WYOMING, Side.FUSION_CENTER)
    with network.database.writing() as session:
        for name in ("director", "manager"):
            set_shared(session, network.person(name), *COLORADO, True, network.clock.now())
    return network


def close(network: Network) -> None:
    with network.database.writing() as session:
        close_cycle(session, "spring", network.clock.now(), network.clock.today())


def page(network: Network, name: str, **asked: object) -> str:
    answer = signed_in(network, name).get(PAGE, query_string={"cycle": "spring", **asked})
    assert answer.status_code == 200, name
    return str(answer.get_data(as_text=True))


def stands(words: str) -> dict[str, str]:
    """EOC -> what the table of links says of it."""
    body = words[words.index('id="links"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)[1:]
    cells = [
        [
            re.sub("<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in rows
    ]
    return {html.unescape(row[1]): html.unescape(row[3]) for row in cells}


def figure(words: str) -> dict[str, Any]:
    found = FIGURE.search(words)
    assert found
    drawn: dict[str, Any] = json.loads(found[1])
    return drawn


SHARED = "Colorado State EOC"


def test_each_reader_finds_numbers_of_the_pairs_that_they_may_open(spring: Network) -> None:
    close(spring)
    numbers = {}
    for name in ("director", "manager", "denver", "wyoming", "reviewer", "admin"):
        found = stands(page(spring, name))
        assert len(found) == 3
        numbers[name] = {eoc for eoc, words in found.items() if "of 100" in words}
        assert {words for eoc, words in found.items() if eoc not in numbers[name]} <= ONLY_ANSWERED
    assert numbers == {
        "director": {SHARED, "Denver City EOC"},
        "manager": {SHARED},
        "denver": {"Denver City EOC"},
        "wyoming": set(),
        "reviewer": {SHARED},
        "admin": set(),
    }


def test_the_page_holds_no_number_of_a_pair_that_is_not_open(spring: Network) -> None:
    """Nor its figure: the colours of its lines are those of the links that are said to be open."""
    close(spring)
    words = page(spring, "admin")
    assert "of 100" not in words
    lines = [shape for shape in figure(words)["layout"]["shapes"] if not shape["path"].endswith("Z")]
    assert {shape["line"]["width"] for shape in lines} == {1.25}
    assert sum(shape["path"].count("M") for shape in lines) == 3
    assert "sides far apart" in page(spring, "reviewer")


def test_before_the_release_a_line_says_who_has_answered(spring: Network) -> None:
    for name in ("director", "reviewer"):
        words = page(spring, name)
        assert set(stands(words).values()) == {"Both sides have answered", "Waits for one side"}
        assert "not released yet" in words


def test_a_link_leads_to_the_report_where_it_is_open(spring: Network) -> None:
    close(spring)
    links = re.findall(r'href="(/reports/pairs/[^"]+)"', page(spring, "reviewer"))
    assert links == ["/reports/pairs/FC-CO/EOC-CO?cycle=spring"]
    assert signed_in(spring, "reviewer").get(links[0]).status_code == 200
    assert re.findall(r'href="(/reports/pairs/[^"]+)"', page(spring, "admin")) == []


def test_a_center_reads_the_nation_only(spring: Network) -> None:
    close(spring)
    for name in ("director", "manager", "analyst"):
        for scope in ({"region": "8"}, {"state": "CO"}, {"level": "state"}):
            answer = signed_in(spring, name).get(PAGE, query_string={"cycle": "spring", **scope})
            assert answer.status_code == 404, (name, scope)


def test_a_scope_holds_its_own_links_only(spring: Network) -> None:
    close(spring)
    assert set(stands(page(spring, "reviewer", state="WY"))) == {"Wyoming State EOC"}
    assert set(stands(page(spring, "reviewer", state="CO"))) == {SHARED, "Denver City EOC"}
    assert len(figure(page(spring, "reviewer", state="WY"))["data"][-1]["hovertext"]) == 2


def test_the_search_looks_in_names_codes_and_states(spring: Network) -> None:
    for words, eocs in {
        "denver": {"Denver City EOC"},
        "fc-wy": {"Wyoming State EOC"},
        "colorado info": {SHARED, "Denver City EOC"},
        "%": set(),
        "(": set(),
    }.items():
        found = page(spring, "reviewer", q=words)
        if eocs:
            assert set(stands(found)) == eocs, words
        else:
            assert "No link fits" in found
        assert len(figure(found)["data"][-1]["hovertext"]) == 5, "the graph stays whole"


def test_strange_words_stay_words(spring: Network) -> None:
    assert "<script>alert" not in page(spring, "reviewer", q="<script>alert(1)</script>", layout="<b>")


MANY, CENTERS = 3000, 80
LIMIT = 75 * 1024  # of this page; beside it styles, scripts and the chart library are 635 KB of 700
NAMES = ("Emergency", "Coordination", "Operations", "Preparedness", "Response")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_three_thousand_pairs_fit_a_page(network: Network) -> None:
    states = ["CO", "WY", "CA", "TX", "NY", "FL", "OH", "WA", "GA", "IL"]
    with network.database.writing() as session:
        centers = [
            Center(code=f"FC-{n}", name=f"Fusion Center No. {n}", kind="fusion_center", level="primary")
            for n in range(CENTERS)
        ]
        eocs = [
            Center(
                code=f"EOC-{n}",
                name=f"{NAMES[n % 5]} center of county {n * 7919 % 9973}",
                kind="eoc",
                level="county",
            )
            for n in range(MANY)
        ]
        for number, center in enumerate([*centers, *eocs]):
            place = number % len(states)
            center.state, center.fema_region = states[place], place + 1
        session.add_all([*centers, *eocs])
        session.add_all(Pair(fusion_center=centers[n % CENTERS], eoc=eoc) for n, eoc in enumerate(eocs))
    network.open(opens=date(2026, 5, 1))
    with network.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM cycle_pairs")).scalar_one() == MANY + 3
    for layout in ("geography", "region"):
        words = page(network, "reviewer", layout=layout)
        assert len(figure(words)["data"][-1]["hovertext"]) == MANY + CENTERS + 5
        assert len(gzip.compress(words.encode())) < LIMIT
        assert len(stands(words)) <= 50
        last = page(network, "reviewer", layout=layout, page=10**6 - 1)
        assert len(stands(last)) == (MANY + 3) % 50
