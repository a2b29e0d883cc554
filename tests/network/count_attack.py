"""The attack on counts (levels, guidance): which hidden cells can have one value only, in whole numbers?

The attacker knows how many pairs of each region, state and EOC level are complete, and that counts are whole
and not negative. Which few members could be told apart by sums of cells is the linear attack's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from reports.network_values import GUIDANCE
from tests.network.attack import FEW, System
from tests.network.random_networks import Cycle

LEVELS = range(5)
NEVER_ZERO = 1  # where counts are shown, every count of 0 is; so one that is hidden is at least 1


def levels_of(cycle: Cycle) -> dict[int, int | None]:
    return {pair: cycle.found[pair]["level"] for pair in cycle.complete}


def level_sets(cycle: Cycle, scopes: Mapping[str, Any]) -> System:
    """The sets of pairs that shown level counts, and the n of the index, are of."""
    levels = levels_of(cycle)
    system = System(cycle.complete, [], [])
    one = np.ones((len(cycle.complete), 1))
    for key, numbers in scopes.items():
        group = [pair for pair in cycle.members(key) if levels[pair] is not None]
        system.add(numbers["index"]["n"], 1, one, group)
        for cell in numbers["levels"]:
            system.add(cell["count"], 1, one, [pair for pair in group if levels[pair] == cell["level"]])
    return system


def guidance_sets(cycle: Cycle, scopes: Mapping[str, Any], side: str) -> System:
    """The sets of centers that shown guidance counts are of."""
    centers = sorted({getattr(cycle.places[pair], side) for pair in cycle.complete})
    system = System(centers, [], [])
    one = np.ones((len(centers), 1))
    for key, numbers in scopes.items():
        most = most_said(cycle, key, side)
        shown = numbers["guidance"][side]
        system.add(shown["n"], 1, one, list(most))
        for code, name in enumerate(GUIDANCE):
            system.add(shown[name], 1, one, [center for center, said in most.items() if said == code])
    return system


def most_said(cycle: Cycle, key: str, side: str) -> dict[str, int]:
    most: dict[str, int] = {}
    for pair in cycle.members(key):
        said = cycle.guide[pair][side]
        if said is not None:
            center = getattr(cycle.places[pair], side)
            most[center] = max(most.get(center, 0), GUIDANCE.index(said))
    return most


@dataclass
class Counts:
    """Whole numbers of (place, kind), and what is known of their sums."""

    places: list[Any]
    kinds: int
    most: list[int]  # at each place all kinds together are at most this
    rows: list[np.ndarray[Any, Any]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    possible: list[np.ndarray[Any, Any]] = field(default_factory=list)  # that agree with all that is known

    def cell(self, inside: set[Any], kind: int | None) -> np.ndarray[Any, Any]:
        row = np.zeros((len(self.places), self.kinds))
        for number, place in enumerate(self.places):
            if place in inside:
                row[number, slice(None) if kind is None else kind] = 1
        return row.ravel()

    def know(self, row: np.ndarray[Any, Any], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    @cached_property
    def everything(self) -> LinearConstraint:
        """All that is known; from here on nothing more may be added."""
        each = [self.cell({place}, None) for place in self.places]
        return LinearConstraint(
            np.array([*self.rows, *each]), [*self.low, *[0] * len(each)], [*self.high, *self.most]
        )

    def end(self, row: np.ndarray[Any, Any], sign: int) -> int:
        """The smallest (sign 1) or the largest (-1) that this sum can be."""
        found = milp(
            sign * row,
            constraints=self.everything,
            integrality=np.ones(len(row)),
            bounds=Bounds(0, np.inf),
            options={"presolve": False},  # with it HiGHS finds some of these tables impossible
        )
        assert found.success, found.message
        self.note(np.round(found.x))
        return round(sign * found.fun)

    def note(self, counts: np.ndarray[Any, Any]) -> None:
        """These are possible, when they agree with all that is known."""
        below, above = self.everything.residual(counts)
        if min(below.min(), above.min(), counts.min()) >= 0:
            self.possible.append(counts)

    def is_pinned(self, row: np.ndarray[Any, Any]) -> bool:
        """Whether this sum is the same in all that is possible; two possible tables that differ in it will do
        to see that it is not."""
        ends = set()
        for sign in (1, -1):
            if len({float(row @ counts) for counts in self.possible}) > 1:
                return False
            ends.add(self.end(row, sign))
        return len(ends) == 1


def pinned_levels(cycle: Cycle, scopes: Mapping[str, Any], known: set[int]) -> list[tuple[str, int, int]]:
    """Hidden level counts of one to four pairs (known ones apart) that can only be what they are."""
    levels = levels_of(cycle)
    where = {pair: atom(cycle, pair) for pair in cycle.complete}
    places = sorted(set(where.values()))
    counts = Counts(places, len(LEVELS), [list(where.values()).count(place) for place in places])
    hidden = []
    for key, numbers in scopes.items():
        members = cycle.members(key)
        inside = {where[pair] for pair in members}
        if numbers["index"]["n"] is not None:
            counts.know(counts.cell(inside, None), numbers["index"]["n"], numbers["index"]["n"])
        for cell in numbers["levels"]:
            row = counts.cell(inside, cell["level"])
            if cell["count"] is not None:
                counts.know(row, cell["count"], cell["count"])
            elif not same_in_a_wider_scope(cycle, scopes, members, cell["level"], known):
                there = [pair for pair in members if levels[pair] == cell["level"]]
                hidden.append((key, cell["level"], row, len(there), len(set(there) - known)))
                if any(other["count"] is not None for other in numbers["levels"]):
                    counts.know(row, NEVER_ZERO, np.inf)
    for pair in known & set(cycle.complete):
        level = levels[pair]
        if level is not None:
            same = [p for p in known if where.get(p) == where[pair] and levels.get(p) == level]
            counts.know(counts.cell({where[pair]}, level), len(same), np.inf)
    true = [(where[pair], level) for pair, level in levels.items() if level is not None]
    return _pinned(counts, hidden, true)


def same_in_a_wider_scope(
    cycle: Cycle, scopes: Mapping[str, Any], members: list[int], level: int, known: set[int]
) -> bool:
    """A wider scope shows that all its pairs (known ones apart) are at this level."""
    levels = levels_of(cycle)
    for key, numbers in scopes.items():
        wider = cycle.members(key)
        if numbers["levels"][level]["count"] is not None and set(members) <= set(wider):
            others = {levels[pair] for pair in wider if pair not in known} - {level, None}
            if not others:
                return True
    return False


def all_said_the_same(cycle: Cycle, scopes: Mapping[str, Any], members: list[int], code: int) -> bool:
    for key, numbers in scopes.items():
        wider = set(members) <= set(cycle.members(key))
        shown = numbers["guidance"]["eoc"][GUIDANCE[code]] is not None
        if wider and shown and set(most_said(cycle, key, "eoc").values()) <= {code}:
            return True
    return False


def atom(cycle: Cycle, pair: int) -> tuple[int, str, str]:
    place = cycle.places[pair]
    return place.region, place.state, place.eoc_level


def pinned_guidance(cycle: Cycle, scopes: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """The same for what EOCs say of the guide; an EOC lies in one place, so its counts add up."""
    at: dict[str, tuple[int, str, str]] = {}
    for pair in cycle.complete:
        at[cycle.places[pair].eoc] = atom(cycle, pair)
    places = sorted(set(at.values()))
    counts = Counts(places, len(GUIDANCE), [list(at.values()).count(place) for place in places])
    hidden = []
    for key, numbers in scopes.items():
        most, shown = most_said(cycle, key, "eoc"), numbers["guidance"]["eoc"]
        inside = {at[cycle.places[pair].eoc] for pair in cycle.members(key)}
        if shown["n"] is not None:
            counts.know(counts.cell(inside, None), shown["n"], shown["n"])
        for code, name in enumerate(GUIDANCE):
            row, there = counts.cell(inside, code), list(most.values()).count(code)
            if shown[name] is not None:
                counts.know(row, shown[name], shown[name])
            elif not all_said_the_same(cycle, scopes, cycle.members(key), code):
                hidden.append((key, code, row, there, there))
                if any(shown[other] is not None for other in GUIDANCE):
                    counts.know(row, NEVER_ZERO, np.inf)
    true = [(at[eoc], code) for eoc, code in most_said(cycle, "nation", "eoc").items()]
    return _pinned(counts, hidden, true)


def _pinned(counts: Counts, hidden: list[Any], true: Iterable[tuple[Any, int]]) -> list[tuple[str, int, int]]:
    """The hidden cells that can have one value only. ``true``: place and kind of each one that counts."""
    really = counts.cell(set(), None)
    for place, kind in true:
        really += counts.cell({place}, kind)
    counts.note(really)
    found = []
    for key, kind, row, there, unknown in hidden:
        if 1 <= unknown <= FEW and counts.is_pinned(row):
            found.append((key, kind, there))
    return found
