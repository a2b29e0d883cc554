"""Every number that is shown agrees with a calculation of its own from the raw answers, in every scope."""

import random
from collections import Counter

import pytest

from reports.network import Scope
from reports.network_report import groups_of, places_of
from tests.network import reference
from tests.network.random_networks import Cycle, random_cycles, random_places, small_items
from tests.reports.builder import EOC, FC
from tests.reports.random_answers import random_items

SMALL = (1, 2, 4, 5, 9, 10, 11)
LARGE = (12, 25, 60, 120)


def networks(count):
    """The small ones, then as many of each of the large ones."""
    rng = random.Random(2)  # in which trends are shown too
    for number, size in enumerate((*SMALL, *(count * LARGE))):
        items = small_items(rng) if number % 2 else random_items(rng)
        yield random_cycles(rng, size, 2, items)


def same(found, expected, where):
    """A number that is shown is the right one; says whether it is shown."""
    if found is None:
        return False
    assert expected is not None, where
    assert found == pytest.approx(float(expected), abs=1e-9), where
    return True


def compare_scope(cycle, key, reports, seen):
    pairs, numbers = cycle.members(key), cycle.release.scopes[key]
    found = {pair: reports[pair] for pair in pairs}
    where = (cycle.code, key)
    expected = reference.index(found, pairs)
    for name, value in expected.items():
        seen[name] += same(numbers["index"][name], value, (*where, name))
    counts = reference.level_counts(found, pairs)
    for level in numbers["levels"]:
        seen["levels"] += same(level["count"], counts[level["level"]], (*where, level))
    for part, wanted in (
        ("domains", reference.domains(found, pairs, cycle.items)),
        ("items", reference.item_means(found, pairs, cycle.items)),
    ):
        assert [row["id"] for row in numbers[part]] == list(wanted)
        for row in numbers[part]:
            for name, value in wanted[row["id"]].items():
                seen[f"{part} {name}"] += same(row[name], value, (*where, row["id"], name))
    compare_guidance(cycle, key, pairs, seen)
    compare_trend(cycle, key, pairs, seen)


def compare_guidance(cycle, key, pairs, seen):
    for side in (FC, EOC):
        centers = {pair: getattr(cycle.places[pair], side) for pair in pairs}
        wanted = reference.guidance(cycle.guide, centers, pairs, side)
        for name, value in cycle.release.scopes[key]["guidance"][side].items():
            if name != "suppressed":
                seen["guidance"] += same(value, wanted[name], (key, side, name))


def compare_trend(cycle, key, pairs, seen):
    numbers = cycle.release.scopes[key]["trend"]
    if cycle.before is None:
        assert numbers is None
        return
    wanted = reference.trend(cycle.items, cycle.answers, cycle.before.answers, pairs)
    assert numbers["previous_cycle"] == cycle.before.code
    for name in ("n", "previous", "current", "change"):
        seen["trend"] += same(numbers[name], wanted.get(name), (key, name))
    if numbers["n"]:
        for name, sign in (("low", -1), ("high", 1)):
            end = float(wanted["change"]) + sign * wanted["half"]
            seen["interval"] += same(numbers[name], end, (key, name))


def compare_groups(cycle, reports, seen):
    """The table of the nation's parts repeats the scopes' own index."""
    table = groups_of(places_of(cycle.released), Scope("nation"), cycle.release.scopes, None)
    kinds = {"fema_region": "region", "state": "state", "eoc_level": "level"}
    for row in table:
        pairs = cycle.members(f"{kinds[row['by']]}:{row['value']}")
        found = {pair: reports[pair] for pair in pairs}
        wanted = reference.index(found, pairs)
        assert row["complete"] == len(pairs)
        assert row["expected"] == row["complete"] + row["one_sided"] + row["not_started"]
        for name in ("n", "mean"):
            if not (name == "n" and row["n"] == 0):
                seen["groups"] += same(row[name], wanted[name], (row["by"], row["value"]))


@pytest.mark.parametrize(("before", "now"), [(0, 12), (12, 0), (0, 0), (12, 1), (1, 12)])
def test_a_cycle_without_complete_pairs_on_either_side_of_another(before, now):
    """Nothing is compared, and what one cycle shows does not depend on there being the other."""
    rng = random.Random(7)
    items = small_items(rng)
    places = random_places(rng, 12)
    cycles: list[Cycle] = []
    for count in (before, now):
        status = {pair: "complete" if pair <= count else "not_started" for pair in places}
        answers = {
            pair: {side: dict.fromkeys(ids(items, side), "3") for side in (FC, EOC)} for pair in status
        }
        told = {pair: {FC: "used", EOC: None} for pair in status}
        some = {pair: answers[pair] for pair in range(1, count + 1)}
        cycles.append(Cycle("C", items, places, status, set(), some, told, cycles[-1] if cycles else None))
    for cycle, count in zip(cycles, (before, now), strict=True):
        scopes = cycle.release.scopes
        assert bool(scopes) == bool(count)
        if count == 12:
            assert scopes["nation"]["index"]["n"] == 12
            assert scopes["nation"]["index"]["mean"] == pytest.approx(75)
        if cycle.before and scopes:
            assert scopes["nation"]["trend"]["n"] is None


def ids(items, side):
    return [item for item, _, asked, _ in items if asked in ("both", side)]


@pytest.mark.parametrize("count", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_every_shown_number_is_right(count):
    """In the long form ten networks of each large size."""
    seen = Counter()
    for cycles in networks(count):
        for cycle in cycles:
            reports = reference.reports(cycle.items, cycle.answers)
            for key in cycle.release.scopes:
                compare_scope(cycle, key, reports, seen)
            compare_groups(cycle, reports, seen)
    # The comparison has compared something of each kind.
    kinds = ("mean", "median", "levels", "domains mean", "domains gap", "items mean", "items difference")
    for kind in (*kinds, "domains eoc", "guidance", "trend", "interval", "groups"):
        assert seen[kind] > 10, (kind, seen)
