"""A center's page: who may open it, what it shows of each pair, at what cost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event, select, text

from assessment.cycles.services import close_cycle
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow, PersonScope
from assessment.network.sharing import set_shared
from questionnaires.definition import Side
from tests.conftest import Network
from tests.network.submitting import COLORADO, DENVER, WYOMING, submit
from tests.signed_in import signed_in

PAGE = "/reports/centers/FC-CO?cycle=spring"
JSON = "/api/v1/reports/centers/FC-CO?cycle=spring"


@pytest.fixture
def spring(network: Network) -> Network:
    """FC-CO with the state's EOC is complete, with Denver it waits for the EOC."""
    network.open()
    submit(network, COLORADO)
    submit(network, DENVER, Side.FUSION_CENTER)
    return network


def narrow(network: Network, region: int) -> None:
    """The reviewer, who may read the nation, may read this region only."""
    with network.database.writing() as session:
        person = session.scalars(select(PersonRow).where(PersonRow.role == "reviewer")).one()
        person.scopes = [PersonScope(kind="region", value=str(region))]


def test_its_people_and_administrators_read_every_pair(spring: Network) -> None:
    for name in ("director", "analyst", "admin"):
        found = signed_in(spring, name).get(JSON).get_json()
        assert [(row["partner"], row["status"]) for row in found["pairs"]] == [
            ("EOC-CO", "complete"),
            ("EOC-DEN", "one_sided"),
        ], name
        own = signed_in(spring, name).get("/api/v1/reports/pair/FC-CO/EOC-CO?cycle=spring").get_json()
        assert found["pairs"][0]["index"] == pytest.approx(own["index"]), name
        assert found["pairs"][1]["index"] is None, name
        assert found["counts"]["waits_for_eoc"] == 1, name


def test_other_centers_find_nothing(spring: Network) -> None:
    for name in ("manager", "denver", "staff", "wyoming"):
        for address in (PAGE, JSON, "/reports/centers/FC-CO/pairs.csv"):
            assert signed_in(spring, name).get(address).status_code == 404, (name, address)
        assert signed_in(spring, name).get("/reports/centers/NOWHERE").status_code == 404, name


def test_an_eoc_reads_its_own_side_of_the_network(spring: Network) -> None:
    found = spring.browser("denver").get("/api/v1/reports/centers/EOC-DEN").get_json()
    assert [(row["partner"], row["waits_for"]) for row in found["pairs"]] == [("FC-CO", "eoc")]


def test_a_cycle_that_did_not_ask_the_center_is_not_there(spring: Network) -> None:
    spring.open("autumn", pairs=[WYOMING])
    assert spring.browser("director").get("/reports/centers/FC-CO?cycle=autumn").status_code == 404
    assert spring.browser("director").get("/reports/centers/FC-CO?cycle=nothing").status_code == 404


def test_without_a_cycle_the_latest_with_a_report_is_shown(spring: Network) -> None:
    spring.open("summer", opens=date(2026, 6, 1))
    assert spring.browser("director").get("/api/v1/reports/centers/FC-CO").get_json()["cycle"] == "spring"
    submit(spring, DENVER, cycle="summer")
    assert spring.browser("director").get("/api/v1/reports/centers/FC-CO").get_json()["cycle"] == "summer"


def test_a_reviewer_reads_numbers_of_shared_pairs_only(spring: Network) -> None:
    submit(spring, DENVER, Side.EOC)
    with spring.database.writing() as session:
        for name in ("director", "manager"):
            set_shared(session, spring.person(name), *COLORADO, True, spring.clock.now())
    narrow(spring, 8)
    before = spring.browser("reviewer").get(JSON).get_json()
    assert [row["index"] for row in before["pairs"]] == [None, None]  # shared for cycles that close after
    with spring.database.writing() as session:
        close_cycle(session, "spring", spring.clock.now(), spring.clock.today())
    after = spring.browser("reviewer").get(JSON).get_json()
    assert [row["index"] is None for row in after["pairs"]] == [False, True]
    assert [row["status"] for row in after["pairs"]] == ["complete", "complete"]
    page = spring.browser("reviewer").get(PAGE).get_data(as_text=True)
    assert "/reports/pairs/FC-CO/EOC-CO" in page
    assert "/reports/pairs/FC-CO/EOC-DEN" not in page


def test_a_reviewer_is_not_told_which_side_is_missing(spring: Network) -> None:
    found = spring.browser("reviewer").get(JSON).get_json()
    assert {row["waits_for"] for row in found["pairs"]} == {""}
    assert found["counts"]["waits_for_one"] == 1
    assert "Waiting for one side" in spring.browser("reviewer").get(PAGE).get_data(as_text=True)


def test_a_reviewer_of_another_region_finds_nothing(spring: Network) -> None:
    narrow(spring, 5)
    for address in (PAGE, JSON, "/reports/centers/FC-CO/pairs.csv"):
        assert spring.browser("reviewer").get(address).status_code == 404


def test_views_are_in_the_trail_an_administrator_s_each_time(spring: Network) -> None:
    query = text("SELECT count(*) FROM audit_events WHERE action = 'center report viewed'")
    for name, expected in (("director", 1), ("director", 1), ("admin", 2), ("admin", 3)):
        spring.browser(name).get(PAGE)
        with spring.database.reading() as session:
            assert session.scalar(query) == expected


def test_the_file_has_the_numbers_of_the_json(spring: Network) -> None:
    browser = spring.browser("director")
    answer = browser.get("/reports/centers/FC-CO/pairs.csv?cycle=spring")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    found = browser.get(JSON).get_json()["pairs"]
    assert [row["partner"] for row in rows] == [row["partner"] for row in found]
    assert float(rows[0]["index"]) == found[0]["index"]
    assert rows[1]["index"] == ""
    assert {row["marking"] for row in rows} == {"UNCLASSIFIED"}


@contextmanager
def statements(network: Network) -> Iterator[list[str]]:
    """What the database is given meanwhile."""
    given: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        given.append(statement)

    event.listen(network.database.engine, "before_cursor_execute", note)
    yield given
    event.remove(network.database.engine, "before_cursor_execute", note)


def test_the_page_costs_the_same_at_two_pairs_and_at_forty(spring: Network) -> None:
    browser = spring.browser("director")
    browser.get(PAGE)
    with statements(spring) as few:
        browser.get(PAGE)
    with spring.database.writing() as session:
        own = session.scalars(select(Center).where(Center.code == "FC-CO")).one()
        for number in range(40):
            code, name = f"EOC-{number}", f"County {number} EOC"
            other = Center(code=code, name=name, kind="eoc", level="county", state="CO", fema_region=8)
            session.add(Pair(fusion_center=own, eoc=other))
    spring.open("summer", opens=date(2026, 6, 1))
    for number in range(0, 40, 2):
        submit(spring, ("FC-CO", f"EOC-{number}"), cycle="summer")
    address = "/reports/centers/FC-CO?cycle=summer"
    browser.get(address)
    with statements(spring) as many:
        browser.get(address)
    # Two more: the pairs and answers of the cycle before are read for the change.
    assert len(many) <= len(few) + 2
