"""The tables of the files say what the JSON says, no more and no less, on random networks in every scope."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pandas as pd
import pytest

from reports import network_report
from reports.network import NATION, Scope
from reports.network_report import NetworkReport, groups_of, places_in, places_of
from reports.network_tables import DTYPES, HIDDEN, NONE, SHOWN, NetworkTable, network_tables
from tests.network.exported import json_of
from tests.network.random_networks import Cycle, random_cycles, small_items

pytestmark = pytest.mark.xdist_group("tables")  # that are made once
SIZES = (3, 9, 16, 30, 45, 60)


def report_of(cycle: Cycle, scope: Scope, readable: list[Scope] | None = None) -> NetworkReport:
    places = places_of(cycle.released)
    nobody = network_report.nobody(cycle.questionnaire)
    return NetworkReport(
        cycle=cycle.code,
        questionnaire=cycle.questionnaire,
        released=None,
        scope=scope,
        places=places_in(places, scope),
        load_pairs=lambda: cycle.released,
        numbers=cycle.release.scopes.get(scope.key, nobody),
        groups=groups_of(places, scope, cycle.release.scopes, readable),
    )


Made = list[tuple[NetworkReport, list[NetworkTable]]]


@pytest.fixture(scope="module")
def reports() -> Made:
    """Each with its tables, which nobody changes."""
    return [(report, network_tables(report)) for report in every_report()]


def every_report() -> Iterator[NetworkReport]:
    rng = random.Random(20261121)
    for size in SIZES:
        for cycle in random_cycles(rng, size, 2, small_items(rng)):
            for column, kind in ((None, NATION), ("region", "region"), ("state", "state")):
                values = [""] if column is None else sorted(set(cycle.released[column].astype(str)))
                for value in values:
                    yield report_of(cycle, Scope(kind, value))


def test_the_tables_say_what_the_json_says(reports: Made) -> None:
    seen: Counter[str] = Counter()
    for report, made in reports:
        tables = {table.name: table.frame for table in made}
        wanted = report.to_json()
        for name, found in json_of(tables).items():
            assert found == wanted[name], name
        seen.update(tables["index"]["state"])
        seen["trend shown"] += tables["trend"]["state"].eq(SHOWN).any()
        seen["sides hidden, gap shown"] += bool(
            (tables["domains"]["gap_state"].eq(SHOWN) & tables["domains"]["sides_state"].eq(HIDDEN)).any()
        )
    assert min(seen[name] for name in (SHOWN, HIDDEN, NONE, "trend shown")) > 0, seen


def test_a_number_is_there_exactly_where_its_state_says_shown(reports: Made) -> None:
    for _, tables in reports:
        for table in tables:
            for column in table.columns:
                if column.state:
                    states, numbers = table.frame[column.state], table.frame[column.name]
                    assert (numbers.isna() | states.eq(SHOWN) | numbers.eq(0)).all(), (table.name, column)
                    assert (numbers.notna() | states.ne(SHOWN)).all(), (table.name, column)


def test_each_column_is_of_its_type_and_described_whatever_is_in_it(reports: Made) -> None:
    names = None
    for _, tables in reports:
        assert names in (None, [(table.name, table.columns) for table in tables])
        names = [(table.name, table.columns) for table in tables]
        for table in tables:
            assert list(table.frame) == [column.name for column in table.columns]
            types = {name: str(kind) for name, kind in table.frame.dtypes.items()}
            assert types == {column.name: DTYPES[column.kind] for column in table.columns}, table.name
            assert all(column.description.endswith(".") for column in table.columns)
            assert {column.state for column in table.columns} - {""} <= set(table.frame)


def test_the_pairs_are_those_of_the_scope_and_who_shares_stays_out() -> None:
    rng = random.Random(4)
    [cycle] = random_cycles(rng, 40, 1, small_items(rng), sharing=0.5)
    region = str(cycle.released["region"].iloc[0])
    tables = {t.name: t.frame for t in network_tables(report_of(cycle, Scope("region", region)))}
    found = tables["pairs"]
    wanted = cycle.released[cycle.released["region"].astype(str) == region]
    assert set(zip(found["fusion_center"], found["eoc"], found["status"], strict=True)) == set(
        zip(wanted["fusion_center"], wanted["eoc"], wanted["status"], strict=True)
    )
    assert "shared" not in found
    counts = found["status"].value_counts()
    row = tables["completeness"].iloc[0]
    assert {name: row[name] for name in counts.index} == counts.to_dict()


def test_of_parts_that_the_reader_may_not_read_there_is_only_who_has_answered() -> None:
    rng = random.Random(8)
    [cycle] = random_cycles(rng, 120, 1, small_items(rng))
    everything = {t.name: t.frame for t in network_tables(report_of(cycle, Scope(NATION)))}["groups"]
    nothing = {t.name: t.frame for t in network_tables(report_of(cycle, Scope(NATION), []))}["groups"]
    assert everything["mean"].notna().any()
    assert nothing["mean"].isna().all()
    assert set(nothing["state"]) == {HIDDEN}
    counts = ["expected", "complete", "one_sided", "not_started"]
    pd.testing.assert_frame_equal(everything[counts], nothing[counts])
