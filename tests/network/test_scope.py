"""Every number that somebody can reach comes from rows in their scope: two worlds, and one reader in both.

In the second world all answers are different that are none of the reader's: outside of their regions and
states; of pairs that are not open to them by name; of an open cycle; of a side whose other side says nothing;
and what was corrected after the release. Whatever is not by design an aggregate over these is the same.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assessment import frames
from assessment.access import Role
from assessment.network import centers, opened
from assessment.network import frames as opened_frames
from questionnaires.definition import Side
from reports import network_gathering
from tests.conftest import settings_in
from tests.network import two_worlds
from tests.network.stored_networks import Account, Stored, accounts_for
from tests.network.two_worlds import DiffersError, Eyes, Given, Twin, Views, differing, given, wide_cycles
from tests.reports.builder import EOC, FC

SEED = 0
CENTER_ROLES = ("director", "leader", "manager", "staff")
GRANTED = ("region", "state", "parts")
BY_NAME, MORE = ("reviewer", "director"), ("staff", "region", "manager", "state", "parts", "leader")
pytestmark = pytest.mark.xdist_group("two worlds")  # that are made once, and the first is looked at once
OWN, FOREIGN = 3, 2  # pairs that are looked at: the reader's, and others, of which they find nothing


@cache
def first_world() -> list[Given]:
    """Nobody changes it."""
    return given(wide_cycles(random.Random(SEED)), SEED)


Build = Callable[[str, list[Given]], Stored]


@pytest.fixture(scope="module")
def build(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    folder = tmp_path_factory.mktemp("worlds")
    made: dict[str, Stored] = {}

    def build(name: str, world: list[Given]) -> Stored:
        if name not in made:
            settings = settings_in(folder, two_worlds.world_in(folder, sqlite_template, name))
            made[name] = two_worlds.built(settings, world)
        return made[name]

    yield build
    for found in made.values():
        found.network.database.engine.dispose()


@pytest.fixture(scope="module")
def first(build: Build) -> Stored:
    return build("first", first_world())


def eyes_in(found: Stored, name: str) -> Eyes:
    account = next(account for account in found.accounts if account.name == name)
    return Eyes(found, account, [one.cycle for one in first_world()])


def account_of(name: str) -> Account:
    places = list(first_world()[0].cycle.places.values())
    return next(account for account in accounts_for(places) if account.name == name)


def second(build: Build, first: Stored, name: str, granted: bool = False) -> Stored:
    """The world in which all is different that is not this reader's by name (``granted``: by scope)."""
    eyes = eyes_in(first, name)
    inside = eyes.granted(eyes.cycles[0]) if granted else []

    def keeps(number: int, pair: int, what: str) -> bool:
        place, is_open = first.places[pair], number == len(eyes.cycles) - 1
        if what in (FC, EOC):
            code = place.fusion_center if what == FC else place.eoc
            return code in eyes.account.centers
        if what == "late" or is_open or not granted:
            return eyes.account.role is not Role.ADMINISTRATOR and eyes.opens(number, pair)
        return any(pair in eyes.cycles[number].members(key) for key in inside)

    def administrator(number: int, pair: int, what: str) -> bool:
        return what == "complete" and number < len(eyes.cycles) - 1

    rule = administrator if eyes.account.role is Role.ADMINISTRATOR else keeps
    return build(f"{name}-{granted}", two_worlds.changed(first_world(), rule))


@cache
def seen(found: Stored, name: str, view: Callable[[Eyes], Views]) -> Views:
    """What somebody sees of a world that nobody changes any more; not for tests that put in a leak."""
    return view(eyes_in(found, name))


def same(one: Views, other: Views) -> list[str]:
    """The addresses that do not give the same."""
    assert one.keys() == other.keys()
    return [address for address in one if one[address] != other[address]]


def open_cycle(eyes: Eyes) -> Views:
    """The nation and, where there is one, a part, of the cycle that is not closed."""
    cycle = eyes.cycles[-1]
    views: Views = {}
    for key in ["nation", *eyes.granted(cycle)[:1]]:
        views |= eyes.scope(cycle, key)
    return views


def by_name_at_first(eyes: Eyes) -> Views:
    return by_name(eyes, cycles=1)


def by_name(eyes: Eyes, cycles: int = 3) -> Views:
    """The graph, centers and pairs, those of others too; of each cycle."""
    views: Views = {}
    for number, cycle in enumerate(eyes.cycles[:cycles]):
        mine = [pair for pair in cycle.status if eyes.opens(number, pair)]
        others = [pair for pair in cycle.status if pair not in mine][:FOREIGN]
        places = [eyes.found.places[pair] for pair in mine[:1] + others[:1]]
        codes = {code for place in places for code in (place.fusion_center, place.eoc)}
        views |= eyes.by_name(cycle, [*mine[:OWN], *others], sorted(codes))
    return views


def parts(eyes: Eyes) -> Views:
    """What has been granted, and a part that has not been, of the cycles that are closed."""
    views: Views = {}
    for cycle in eyes.cycles[:-1]:
        granted = eyes.granted(cycle)
        foreign = [key for key in ("region:1", "region:2", "level:city") if key not in granted]
        for key in granted[:2]:
            views |= eyes.scope(cycle, key)
        address = f"{two_worlds.JSON}?cycle={cycle.code}&{foreign[0].replace(':', '=')}"
        views[address] = eyes.get(address)
    return views


def numbers(eyes: Eyes, number: int, scope: str = "") -> Any:
    return json.loads(eyes.get(f"{two_worlds.JSON}?cycle={eyes.cycles[number].code}{scope}")[1])


@pytest.mark.soak
def test_the_same_world_twice_is_the_same_to_the_letter(build: Build, first: Stored) -> None:
    """Where another test finds a difference: whether it is one between worlds at all. The same readers' same
    views are compared below in worlds that do differ, which cannot be equal unless this holds."""
    again = build("again", first_world())
    for name, view in (("region", parts), ("director", by_name), ("admin", open_cycle)):
        assert same(seen(first, name, view), view(eyes_in(again, name))) == [], name


@pytest.mark.parametrize("name", GRANTED)
def test_parts_that_are_granted_know_nothing_of_others(build: Build, first: Stored, name: str) -> None:
    other = second(build, first, name, granted=True)
    one, two = eyes_in(first, name), eyes_in(other, name)
    found = seen(first, name, parts)
    assert same(found, parts(two)) == []
    assert sum(status == 404 for status, _ in pages(found)) == 2, "the foreign part"
    assert same(seen(first, name, open_cycle), open_cycle(two)) == []
    for number in (0, 1):
        shown = numbers(one, number, "&" + one.granted(one.cycles[number])[0].replace(":", "="))
        assert any(item["mean"] is not None for item in shown["items"])
        nation_rests_on_all(one, two, number)


def pages(views: Views) -> Iterator[tuple[int, Any]]:
    return (view for view in views.values() if isinstance(view, tuple) and isinstance(view[0], int))


RESTS_ON_ALL = re.compile(
    r"index\.(mean|median|q1|q3)|domains\.\d+\.(mean|gap|fusion_center|eoc)|items\.\d+\.(mean|difference)"
    r"|trend\.(previous|current|change|low|high)|common_gaps(\..*)?"
)


def nation_rests_on_all(one: Eyes, two: Eyes, number: int) -> None:
    """Of the nation only means differ; not who has answered, and not what stands there of the reader's."""
    here, there = numbers(one, number), numbers(two, number)
    found = {".".join(map(str, path)) for path in differing(here, there)}
    assert [path for path in found if not RESTS_ON_ALL.fullmatch(path)] == []
    assert {"index.mean"} <= found or here["index"]["mean"] is None
    address = f"{two_worlds.FILES}/parquet?cycle={one.cycles[number].code}"
    files, others = one.get(address), two.get(address)
    tables = {name for name in files if files[name] != others[name]}
    assert tables <= {f"{name}.parquet" for name in ("index", "trend", "changes", "domains", "items")} | {
        "common_gaps.parquet"
    }


@pytest.mark.parametrize("name", [*BY_NAME, *(pytest.param(name, marks=pytest.mark.soak) for name in MORE)])
def test_who_reads_by_name_learns_nothing_of_other_pairs(build: Build, first: Stored, name: str) -> None:
    other = second(build, first, name)
    one, two = eyes_in(first, name), eyes_in(other, name)
    found = seen(first, name, by_name)
    assert same(found, by_name(two)) == []
    opened = [address for address, (status, _) in found.items() if "/pair/" in address and status == 200]
    assert len(opened) > 2
    assert len([address for address in found if "/pair/" in address]) > len(opened)
    assert same(seen(first, name, open_cycle), open_cycle(two)) == []
    if name in CENTER_ROLES:
        for number in (0, 1):
            nation_rests_on_all(one, two, number)


def test_an_administrator_reads_what_was_released_and_nothing_else(build: Build, first: Stored) -> None:
    """Not the open cycle, no side alone, no correction."""
    other = second(build, first, "admin")
    one, two = eyes_in(first, "admin"), eyes_in(other, "admin")
    assert same(seen(first, "admin", open_cycle), open_cycle(two)) == []
    for cycle in one.cycles[:-1]:
        for key in ("nation", "region:1", "state:AZ", "level:city"):
            assert same(one.scope(cycle, key), two.scope(cycle, key)) == [], key
    corrected = list(first_world()[0].late)
    address = "/api/v1/reports/pair/" + "/".join(first.codes(corrected[0])) + "?cycle=C0"
    assert one.get(address) != two.get(address), "the pair's own report has the correction"


@pytest.mark.parametrize("name", ["region", pytest.param("director", marks=pytest.mark.soak)])
def test_of_other_pairs_there_is_nothing_whatever_they_leave_out(
    build: Build, first: Stored, name: str
) -> None:
    """Levels, guidance and what is left blank may change which numbers are hidden, never a number (and so
    which items are the lowest of those shown)."""
    one = eyes_in(first, name)
    keys = one.granted(one.cycles[0]) if name == "region" else []

    def inside(number: int, pair: int) -> bool:
        return any(pair in one.cycles[number].members(key) for key in keys) or (
            name != "region" and one.opens(number, pair)
        )

    world = two_worlds.rearranged(first_world(), inside)
    two = eyes_in(build(f"{name}-rearranged", world), name)
    compared = 0
    for number in (0, 1) if keys else ():
        for key in keys:
            scope = "&" + key.replace(":", "=")
            here, there = (numbers(eyes, number, scope) | {"common_gaps": []} for eyes in (one, two))
            both = [pair for pair in two_worlds.leaves(here, there) if None not in pair]
            compared += len(both)
            assert [pair for pair in both if pair[0] != pair[1]] == []
    assert compared > 20 or not keys
    if not keys:
        assert same(seen(first, name, by_name), by_name(two)) == []


# A leak that is put in is found.


def everything_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviewers have all complete pairs by name."""

    def all_of(session: Any, cycle_id: int) -> frozenset[int]:
        found = released(session, cycle_id)
        return frozenset(found["pair"][found["status"] == "complete"])

    released: Callable[..., pd.DataFrame] = opened_frames.released_pairs
    monkeypatch.setattr(opened, "shared_pairs", all_of)


def all_parts_are_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_gathering, "readable_scopes", lambda *_: None)


def centers_open_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centers, "may", lambda *_: True)


def one_side_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_readable", lambda *_: frozenset(Side))


def regions_show_the_nation(monkeypatch: pytest.MonkeyPatch) -> None:
    groups_of = network_gathering.network_report.groups_of

    def nation(places: Any, scope: Any, kept: Any, readable: Any) -> Any:
        return [
            row | {"mean": kept["nation"]["index"]["mean"]}
            for row in groups_of(places, scope, kept, readable)
        ]

    monkeypatch.setattr(network_gathering.network_report, "groups_of", nation)


LEAKS: list[tuple[Any, str, bool, Callable[[Eyes], Views]]] = [
    (everything_is_shared, "reviewer", False, by_name_at_first),
    (all_parts_are_granted, "region", True, parts),
    (centers_open_all_pairs, "region", False, by_name_at_first),
    (one_side_is_enough, "director", False, by_name_at_first),
    (regions_show_the_nation, "region", True, parts),
]


@pytest.mark.parametrize(("leak", "name", "granted", "view"), LEAKS)
def test_a_leak_is_found(
    build: Build,
    first: Stored,
    monkeypatch: pytest.MonkeyPatch,
    leak: Any,
    name: str,
    granted: bool,
    view: Callable[[Eyes], Views],
) -> None:
    other = second(build, first, name, granted)
    leak(monkeypatch)
    with pytest.raises(DiffersError):
        view(Twin(first, eyes_in(first, name).account, eyes_in(first, name).cycles, eyes_in(other, name)))
