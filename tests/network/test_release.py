"""What a network shows: every number agrees with the pairs' own reports, stands for good, stays in scope."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, text, update

from assessment.access import Person, Role
from assessment.accounts.services import find_person
from assessment.cycles import services as cycles
from assessment.database import Database
from assessment.errors import NotFound
from assessment.models.directory import Center
from assessment.models.responses import Response
from assessment.network import sharing
from questionnaires.definition import Side
from reports.cli import ADMINISTRATOR, NATION_REVIEWER
from reports.gathering import gather_pair
from reports.network import NATION, Scope
from reports.network_gathering import gather_network
from tests.conftest import Network
from tests.demonstration_forms import CLOCK, LIBRARY, NOW, load
from tests.made_once import hurry

pytestmark = pytest.mark.xdist_group("released demonstration")  # it is loaded and its pairs read once
CLOSED, OPEN = "checklist-2026-1", "checklist-2026-2"


@dataclass(frozen=True)
class World:
    database: Database

    def network(
        self, cycle: str | None = CLOSED, scope: Scope | None = None, person: Person = NATION_REVIEWER
    ) -> dict[str, Any]:
        where = scope or Scope(NATION)
        return gather_network(self.database, CLOCK, LIBRARY, person, cycle, where).report.to_json()

    def person(self, email: str) -> Person:
        with self.database.reading() as session:
            found = find_person(session, email)
        assert found is not None
        return found

    def pairs(self, cycle: str = CLOSED) -> list[tuple[str, str, int, str, str]]:
        """fusion center, EOC, region, state, level of every pair of the cycle."""
        query = text(
            "SELECT f.code, e.code, e.fema_region, e.state, e.level FROM cycle_pairs cp"
            " JOIN cycles c ON cp.cycle_id = c.id JOIN pairs p ON cp.pair_id = p.id"
            " JOIN centers f ON p.fusion_center_id = f.id JOIN centers e ON p.eoc_id = e.id"
            " WHERE c.code = :cycle ORDER BY f.code, e.code"
        )
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(query, {"cycle": cycle})]  # type: ignore[misc]

    def reports(self, pairs: list[tuple[str, str]] | None = None) -> dict[tuple[str, str], dict[str, Any]]:
        """Of these pairs, or of all, in the closed cycle."""
        wanted = [place[:2] for place in self.pairs()] if pairs is None else pairs
        with self.database.reading() as session:
            return {
                (fc, eoc): gather_pair(session, LIBRARY, ADMINISTRATOR, fc, eoc, CLOSED).report.to_json()
                for fc, eoc in wanted
            }


def opened(url: str) -> World:
    """It finds the statements that the tests before it have compiled."""
    world = World(Database(url))
    hurry(world.database)
    return world


def loaded(url: str) -> World:
    world = opened(url)
    load(world.database, pairs=125, cycles=3, respondents=0)
    return world


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration in a file, its network read; copying it is quicker than loading it for each test."""
    file = tmp_path_factory.mktemp("network") / "template.sqlite"
    shutil.copy(sqlite_template, file)
    world = loaded(f"sqlite:///{file}")
    world.network()  # released, and its numbers kept
    with world.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    world.database.engine.dispose()
    return file


@pytest.fixture
def world(template: Path, tmp_path: Path) -> Iterator[World]:
    file = tmp_path / "network.sqlite"
    shutil.copy(template, file)
    world = opened(f"sqlite:///{file}")
    yield world
    world.database.engine.dispose()


Reports = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def reports(template: Path) -> Iterator[Reports]:
    """Of every pair in the closed cycle; nobody writes there."""
    world = opened(f"sqlite:///{template}")
    yield world.reports()
    world.database.engine.dispose()


@pytest.fixture
def either(database_url: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """The same on SQLite and on PostgreSQL, for what the databases may do differently."""
    if database_url.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("template"), database_url.removeprefix("sqlite:///"))
        world = opened(database_url)
    else:
        world = loaded(database_url)
    yield world
    world.database.engine.dispose()


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_every_number_that_is_shown_agrees_with_the_reports_of_the_pairs(
    either: World, reports: Reports
) -> None:
    world = either
    shown: Counter[str] = Counter()
    facts = world.pairs()
    scopes = [Scope(NATION)]
    scopes += [Scope("region", str(region)) for region in sorted({place[2] for place in facts})]
    scopes += [Scope("state", state) for state in sorted({place[3] for place in facts})]
    scopes += [Scope("level", level) for level in sorted({place[4] for place in facts})]
    for scope in scopes:
        column = {NATION: None, "region": 2, "state": 3, "level": 4}[scope.kind]
        inside = [place for place in facts if column is None or str(place[column]) == scope.value]
        mine = [reports[place[:2]] for place in inside]
        compare(world.network(scope=scope), mine, shown)
    assert shown["index"] >= 8, shown
    assert shown["domain"] >= 80, shown
    assert shown["item"] >= 300, shown
    assert shown["level"] >= 10, shown
    assert shown["hidden"], "nothing was hidden, so nothing is known of hiding"
    some = [place[:2] for place in facts[::10]]
    assert world.reports(pairs=some) == {pair: reports[pair] for pair in some}, "on each database"
    guidance_counts_each_center_once(world)


def compare(found: dict[str, Any], reports: list[dict[str, Any]], shown: Counter[str]) -> None:
    both = [r for r in reports if r["status"] in ("complete", "insufficient")]
    one = [r for r in reports if r["status"] == "one_sided"]
    assert found["pairs"]["expected"] == len(reports)
    assert (found["pairs"]["complete"], found["pairs"]["one_sided"]) == (len(both), len(one))
    index = [r["index"] for r in both if r["index"] is not None]
    if found["index"]["mean"] is None:
        assert found["index"].get("suppressed") or not both
        shown["hidden"] += 1
        return
    shown["index"] += 1
    assert len(index) >= 5
    assert (found["index"]["n"], found["index"]["mean"]) == (len(index), pytest.approx(mean(index)))
    if found["index"]["median"] is not None:
        assert len(index) >= 10
        quartiles = np.quantile(index, [0.25, 0.5, 0.75])
        assert [found["index"][q] for q in ("q1", "median", "q3")] == pytest.approx(list(quartiles))
    for level in found["levels"]:
        if level["count"] is not None:
            shown["level"] += 1
            count = sum(r["level"] == level["level"] for r in both)
            assert level["count"] == count
            assert count == 0 or count >= 5
    for place, domain in enumerate(found["domains"]):
        there = [r["domains"][place] for r in both if r["domains"][place]["reportable"]]
        assert domain["n"] in (None, len(there))
        if domain["mean"] is not None:
            shown["domain"] += 1
            assert domain["mean"] == pytest.approx(mean([d["joint"] for d in there]))
        for name in ("gap", "fusion_center", "eoc"):
            if domain[name] is not None:
                assert domain[name] == pytest.approx(mean([d[name] for d in there]))
    for place, item in enumerate(found["items"]):
        there = [r["items"][place] for r in both if r["items"][place]["joint"] is not None]
        if item["mean"] is not None:
            shown["item"] += 1
            assert (item["n"], item["mean"]) == (len(there), pytest.approx(mean([i["joint"] for i in there])))
    lowest = sorted(item["mean"] for item in found["items"] if item["mean"] is not None)[:10]
    assert [gap["mean"] for gap in found["common_gaps"]] == lowest


def test_the_groups_are_the_scopes_own_numbers(world: World) -> None:
    nation = world.network()
    for group in nation["groups"]:
        kind = {"fema_region": "region", "state": "state", "eoc_level": "level"}[group["by"]]
        own = world.network(scope=Scope(kind, str(group["value"])))["index"]
        assert (group["n"], group["mean"]) == (own["n"], own["mean"])


def guidance_counts_each_center_once(world: World) -> None:
    query = (
        "SELECT {center}, MAX(CASE a.option WHEN 'used' THEN 2 WHEN 'seen_not_used' THEN 1 ELSE 0 END)"
        " FROM released_pairs rp JOIN cycles c ON rp.cycle_id = c.id"
        " JOIN answers a ON a.response_id = rp.{side}_response_id"
        " WHERE c.code = :cycle AND rp.status = 'complete' AND a.question = 'GUIDE' AND a.option IS NOT NULL"
        " GROUP BY {center}"
    )
    found = world.network()["guidance"]
    for side in Side:
        with world.database.reading() as session:
            rows = session.execute(
                text(query.format(center=f"rp.{side}", side=side)), {"cycle": CLOSED}
            ).all()
        counts = Counter(code for _, code in rows)
        assert found[str(side)]["n"] == len(rows)
        for code, name in enumerate(("not_seen", "seen_not_used", "used")):
            assert found[str(side)][name] in (None, counts[code])


def test_the_trend_is_the_mean_change_of_the_pairs_in_both_cycles(world: World, reports: Reports) -> None:
    changes = [r["trend"]["index_change"] for r in reports.values() if r["trend"]]
    trend = world.network()["trend"]
    assert trend["previous_cycle"] == "checklist-2025"
    assert (trend["n"], trend["change"]) == (len(changes), pytest.approx(mean(changes)))
    assert trend["low"] < trend["change"] < trend["high"]


def test_an_open_cycle_shows_who_has_answered_and_nothing_else(world: World) -> None:
    found = world.network(OPEN)
    assert found["released"] is None
    assert found["pairs"]["expected"] == 125
    assert found["pairs"]["complete"] > 0
    assert found["index"] == dict.fromkeys(("n", "mean", "median", "q1", "q3")) | {"suppressed": True}
    assert all(level["count"] is None and level["suppressed"] for level in found["levels"])
    assert all(group["mean"] is None and group["suppressed"] for group in found["groups"])
    assert found["common_gaps"] == []
    assert found["guidance"]["eoc"]["n"] is None


def test_without_a_cycle_the_latest_released_one_is_read(world: World) -> None:
    assert world.network(None)["cycle"] == CLOSED


def test_what_was_released_stands_whatever_comes_later(either: World) -> None:
    world = either
    before = world.network()
    with world.database.writing() as session:
        cycles.reopen_cycle(session, CLOSED, date(2026, 12, 31), NOW, CLOCK.today())
        late = select(Response.id).where(Response.status == "draft").limit(1)
        first = session.scalar(late)
        changed = {"status": "submitted", "submitted_at": NOW, "answers_hash": "x"}
        session.execute(update(Response).where(Response.id == first).values(**changed))
        session.execute(
            update(Center).where(Center.code == "EOC-CO").values(fema_region=3, name="Another name")
        )
    assert world.network() == before
    with world.database.writing() as session:
        cycles.close_cycle(session, CLOSED, NOW, CLOCK.today())
    assert world.network() == before


@pytest.mark.parametrize(
    ("email", "scope", "may"),
    [
        ("reviewer@demo.example", Scope("region", "4"), True),
        ("reviewer8@demo.example", Scope(NATION), True),
        ("reviewer8@demo.example", Scope("region", "8"), True),
        ("reviewer8@demo.example", Scope("state", "CO"), True),
        ("reviewer8@demo.example", Scope("region", "4"), False),
        ("reviewer8@demo.example", Scope("state", "TX"), False),
        ("reviewer8@demo.example", Scope("level", "county"), False),
        ("director@demo.example", Scope(NATION), True),
        ("director@demo.example", Scope("region", "8"), False),
        ("manager@demo.example", Scope("state", "CO"), False),
        ("staff@demo.example", Scope("level", "state"), False),
        ("admin@demo.example", Scope("region", "4"), True),
        ("admin@demo.example", Scope("state", "XX"), False),
    ],
)
def test_a_scope_is_read_by_whom_it_was_granted(world: World, email: str, scope: Scope, may: bool) -> None:
    person = world.person(email)
    if may:
        assert world.network(scope=scope, person=person)["pairs"]["expected"] > 0
    else:
        with pytest.raises(NotFound):
            world.network(scope=scope, person=person)


def test_groups_of_other_scopes_have_no_numbers(world: World) -> None:
    found = world.network(person=world.person("reviewer8@demo.example"))
    with_numbers = {(group["by"], group["value"]) for group in found["groups"] if group["mean"] is not None}
    assert with_numbers <= {("fema_region", 8), ("state", "CO"), ("state", "UT"), ("state", "MT")}
    assert ("fema_region", 8) in with_numbers
    director = world.network(person=world.person("director@demo.example"))
    assert not any(group["mean"] for group in director["groups"])


def test_a_director_with_most_of_the_pairs_does_not_see_the_few_others(
    world: World, reports: Reports
) -> None:
    complete = [place for place, report in reports.items() if report["status"] == "complete"]
    others = set(complete[:3])
    own = {fc for fc, eoc in complete if (fc, eoc) not in others} | {
        eoc for fc, eoc in complete if (fc, eoc) not in others
    }
    outside = {code for place in others for code in place}
    person = Person(0, "", "", Role.DIRECTOR, centers=frozenset(own - outside))
    mine = [place for place in complete if set(place) & person.centers]
    assert 0 < len(complete) - len(mine) < 5
    found = world.network(person=person)
    assert found["index"]["mean"] is None
    assert all(domain["mean"] is None for domain in found["domains"])
    assert found["trend"]["change"] is None
    assert world.network()["index"]["mean"] is not None


def share(world: World, *sides: str, shared: bool = True) -> None:
    people = {"fusion_center": "director@demo.example", "eoc": "manager@demo.example"}
    for side in sides:
        person = world.person(people[side])
        with world.database.writing() as session:
            sharing.set_shared(session, person, "FC-CO", "EOC-CO", shared, CLOCK.now())


def may_read(world: World, cycle: str, email: str = "reviewer@demo.example") -> bool:
    person = world.person(email)
    try:
        with world.database.reading() as session:
            gather_pair(session, LIBRARY, person, "FC-CO", "EOC-CO", cycle)
    except NotFound:
        return False
    return True


def close(world: World, code: str) -> None:
    with world.database.writing() as session:
        cycles.close_cycle(session, code, CLOCK.now(), CLOCK.today())


def test_a_shared_pair_is_read_by_name_in_cycles_that_close_after_it(either: World) -> None:
    world = either
    world.network()  # the closed cycle is released
    share(world, "fusion_center")
    assert not may_read(world, OPEN)
    share(world, "eoc")
    assert not may_read(world, CLOSED), "sharing holds for cycles that close after it"
    assert not may_read(world, OPEN), "the cycle has not closed"
    close(world, OPEN)
    assert may_read(world, OPEN)
    assert may_read(world, OPEN, "reviewer8@demo.example")
    assert not may_read(world, CLOSED)
    share(world, "eoc", shared=False)
    assert not may_read(world, OPEN)
    share(world, "eoc")
    assert may_read(world, OPEN), "it was shared when the cycle closed, and is again"


def test_sharing_turned_on_by_one_side_shares_nothing(world: World) -> None:
    share(world, "fusion_center")
    close(world, OPEN)
    share(world, "eoc")
    assert not may_read(world, OPEN)


def test_staff_and_strangers_cannot_share_a_pair(world: World) -> None:
    for email in ("staff@demo.example", "reviewer@demo.example", "admin@demo.example"):
        person = world.person(email)
        with pytest.raises(NotFound), world.database.writing() as session:
            sharing.set_shared(session, person, "FC-CO", "EOC-CO", True, CLOCK.now())
    with world.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM pair_shares")) == 0


def test_a_cycle_that_closes_before_a_pair_is_complete_has_no_numbers_and_hides_nothing(
    network: Network,
) -> None:
    network.open(questionnaire="cpg502-checklist")
    with network.database.writing() as session:
        cycles.close_cycle(session, "spring", network.clock.now(), network.clock.today())
    browser = network.browser("reviewer")
    found = browser.get("/api/v1/reports/network").get_json()
    assert found["pairs"] == {"expected": 3, "complete": 0, "one_sided": 0, "not_started": 3}
    assert found["index"] == {"n": 0, "mean": None, "median": None, "q1": None, "q3": None}
    assert all(group["n"] == 0 for group in found["groups"])
    page = browser.get("/reports/network").get_data(as_text=True)
    assert "The cycle closed before a pair had answered on both sides" in page
    assert network.browser("director").get("/reports/network").status_code == 200
