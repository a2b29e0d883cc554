"""What the network page has beside one scope's numbers: for each role no more than it finds elsewhere."""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from assessment.models.people import PersonRow
from assessment.network.sharing import set_shared
from tests.conftest import Network, email_of
from tests.furnished_once import furnished_once
from tests.network.wide import add_wide_network, answered_cycle
from tests.read_only import made_once_for_a_file
from tests.signed_in import signed_in

CYCLES = [("winter", date(2026, 4, 1), 1), ("spring", date(2026, 5, 1), 2), ("summer", date(2026, 6, 1), 3)]
ON_SQLITE = pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # where databases do not differ
pytestmark = pytest.mark.xdist_group("network page")  # one network to read
ROLES = ["reviewer", "region8", "california", "admin", "director", "manager", "analyst"]


def three_cycles(network: Network) -> None:
    """They are closed; the pair of FC-CO with EOC-3 is shared by name in the last."""
    add_wide_network(network)
    with network.database.writing() as session:
        third = session.query(PersonRow).filter_by(email=email_of("denver")).one()
        codes = {c.code: c for c in session.query(type(third.centers[0])).all()}
        third.centers = [codes["EOC-3"]]
    for code, opens, seed in CYCLES[:2]:
        answered_cycle(network, code, opens, seed)
    with network.database.writing() as session:
        for name in ("director", "denver"):
            set_shared(session, network.person(name), "FC-CO", "EOC-3", True, network.clock.now())
    answered_cycle(network, *CYCLES[2][:2], seed=3)


@pytest.fixture
def wide(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of the test's own."""
    return furnished_once(network, tmp_path_factory, three_cycles)


read = made_once_for_a_file(three_cycles)

Page = Callable[..., str]


@pytest.fixture(scope="module")
def page_of(read: Network) -> Page:
    """Pages of that network, each fetched once."""
    return functools.cache(functools.partial(page, read))


def page(network: Network, name: str, **asked: str) -> str:
    answer = signed_in(network, name).get("/reports/network", query_string={"cycle": "summer", **asked})
    assert answer.status_code == 200, (name, asked)
    return str(answer.get_data(as_text=True))


def numbers(network: Network, name: str, **asked: str) -> Any:
    return signed_in(network, name).get("/api/v1/reports/network", query_string=asked).get_json()


def section(words: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', words, re.DOTALL)
    return found[0] if found else ""


def table(words: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", words, re.DOTALL)[1:]
    return [
        [
            html.unescape(re.sub("<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def figure(words: str, name: str) -> dict[str, Any]:
    found = re.search(rf'data-figure="{name}">(.*?)</script>', words, re.DOTALL)
    assert found, name
    drawn: dict[str, Any] = json.loads(found[1])
    return drawn


def test_each_change_is_the_one_that_its_own_cycle_shows_to_this_reader(read: Network, page_of: Page) -> None:
    for name in ROLES:
        changes_are_those_of_their_cycles(read, page_of, name)


def changes_are_those_of_their_cycles(read: Network, page_of: Page, name: str) -> None:
    history = section(page_of(name), "history")
    rows = table(history)
    assert "hange since Cycle spring" in history, "by its title"
    assert [row[:2] for row in rows] == [["Cycle winter", "Cycle spring"], ["Cycle spring", "Cycle summer"]]
    for row, cycle in zip(rows, ("spring", "summer"), strict=True):
        trend = numbers(read, name, cycle=cycle)["trend"]
        if trend["change"] is None:
            assert set(row[3:]) == {"Hidden, fewer than 5 pairs"}
        else:
            assert row[3:7] == [
                str(trend["n"]),
                f"{trend['previous']:.1f}",
                f"{trend['current']:.1f}",
                f"{trend['change']:+.1f}".replace("-", "\u2212"),
            ]


def test_a_center_that_opens_the_last_cycle_first_finds_the_same_changes(wide: Network) -> None:
    """The numbers of an earlier cycle as this center may see them are made when they are first asked for."""
    first = table(section(page(wide, "manager"), "history"))
    for cycle in ("winter", "spring", "summer"):
        signed_in(wide, "manager").get("/reports/network", query_string={"cycle": cycle})
    assert table(section(page(wide, "manager"), "history")) == first


def test_the_history_ends_with_the_cycle_that_is_shown(page_of: Page) -> None:
    assert len(table(section(page_of("reviewer", cycle="spring"), "history"))) == 1
    assert section(page_of("reviewer", cycle="winter"), "history") == ""


READS = {
    "reviewer": ["Region 8", "Region 9"],
    "admin": ["Region 8", "Region 9"],
    "region8": ["Region 8"],
    "california": [],
    "director": [],
    "analyst": [],
}


def test_domains_by_region_are_those_of_the_regions_own_pages(read: Network, page_of: Page) -> None:
    for name, regions in READS.items():
        rows = table(section(page_of(name), "regions"))
        assert [row[0] for row in rows] == regions, name
        for row in rows:
            domains = numbers(read, name, cycle="summer", region=row[0].split()[1])["domains"]
            for cell, domain in zip(row[2:], domains, strict=True):
                if domain["mean"] is None:
                    assert cell == "hidden"
                else:
                    assert abs(float(cell.split()[0]) - domain["mean"]) <= 1


def test_a_part_has_no_map_of_regions(page_of: Page) -> None:
    assert section(page_of("reviewer", region="8"), "regions") == ""


LINK = re.compile(r'href="(/reports/network\?[^"]+)"')


def test_every_way_on_the_page_leads_somewhere_for_each_reader(read: Network, page_of: Page) -> None:
    """Links in tables and tiles alike; who reads the nation only gets none."""
    for name in ROLES:
        ways_lead_somewhere(read, page_of, name)


def ways_lead_somewhere(read: Network, page_of: Page, name: str) -> None:
    words = page_of(name)
    browser = signed_in(read, name)
    tiles = figure(words, "state-map")["data"][-1]["customdata"]
    found = {html.unescape(link) for link in LINK.findall(words)} | {tile for tile in tiles if tile}
    for address in found:
        assert browser.get(address).status_code == 200, address
    named = {address.split("&")[-1] for address in found}
    scopes = {part for part in named if part.startswith(("region=", "state=", "level="))}
    wanted = {"region8": {"region=8", "state=CO", "state=UT", "state=WY"}, "california": {"state=CA"}}
    if name in ("reviewer", "admin"):
        assert {"region=8", "region=9", "state=CO", "state=CA", "level=county"} <= scopes
    else:
        assert scopes == wanted.get(name, set()), name


def test_a_centers_own_quarter_is_told_to_the_center_alone(read: Network, page_of: Page) -> None:
    index = numbers(read, "denver", cycle="summer")["index"]
    own = signed_in(read, "denver").get("/api/v1/reports/pair/FC-CO/EOC-3?cycle=summer").get_json()["index"]
    edges = [index["q1"], index["median"], index["q3"]]
    assert None not in edges
    quarter = ("lowest", "second", "third", "highest")[sum(own > edge for edge in edges)]
    assert f"Your pair stands in the {quarter} quarter of the nation." in page_of("denver")
    for name in ("reviewer", "admin", "region8"):
        assert "quarter of the nation" not in page_of(name)


def test_where_the_quartiles_are_hidden_no_quarter_is_told(read: Network, page_of: Page) -> None:
    """All pairs but five are the director's: of the rest no quartile is shown."""
    assert numbers(read, "director", cycle="summer")["index"]["median"] is None
    assert "quarter of the nation" not in page_of("director")


def test_a_reviewer_finds_the_way_to_what_is_shared(read: Network, page_of: Page) -> None:
    asked: list[tuple[str, dict[str, str]]] = [
        ("reviewer", {}),
        ("region8", {"region": "8"}),
        ("region8", {}),
    ]
    for name, scope in asked:
        shared = section(page_of(name, **scope), "shared")
        links = re.findall(r'href="(/reports/pairs/[^"]+)"', shared)
        assert links == ["/reports/pairs/FC-CO/EOC-3?cycle=summer"]
        assert signed_in(read, name).get(links[0]).status_code == 200
        assert "1 pair of this scope is shared" in shared


def test_nothing_is_listed_where_nothing_is_shared(page_of: Page) -> None:
    for name, asked in (
        ("reviewer", {"cycle": "spring"}),
        ("reviewer", {"region": "9"}),
        ("california", {}),
        ("california", {"state": "CA"}),
    ):
        shared = section(page_of(name, **asked), "shared")
        assert "No pair of this scope is open to you by name" in shared
        assert "/reports/pairs/" not in shared
    for name in ("admin", "director", "manager"):
        assert section(page_of(name), "shared") == ""


def test_a_share_that_is_taken_back_is_off_the_page(wide: Network) -> None:
    with wide.database.writing() as session:
        set_shared(session, wide.person("denver"), "FC-CO", "EOC-3", False, wide.clock.now())
    assert "/reports/pairs/" not in page(wide, "reviewer")


@ON_SQLITE
def test_before_the_release_the_page_has_none_of_it(wide: Network) -> None:
    answered_cycle(wide, "autumn", date(2026, 6, 2), seed=4, close=False)
    for name in ROLES:
        words = page(wide, name, cycle="autumn")
        for part in ("index", "history", "regions", "guidance", "shared"):
            assert section(words, part) == "", (name, part)
        assert "quarter of the nation" not in words
