"""The attack: from everything that is shown of a cycle, which few pairs can be isolated by linear algebra?

The attacker is given more than any reader has: which pair left which item unanswered. What is not known are
the ratings of each pair that is not had by name. Every number that is shown is a weighted sum of these; the
attack looks for a combination of shown numbers in which one to four pairs are left and all others cancel.

Written from the text of the method; of the product it uses nothing but the released numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.network.random_networks import Cycle
from tests.reports import reference
from tests.reports.builder import EOC, FC

Floats = NDArray[np.float64]
FEW = 4
_ZERO = 1e-8
_POINTS = 25  # of a mean of 0 to 100, for each point of a rating
_MANY = 40  # kinds, from which on they are parted
_SLOTS = 3  # an item's rating by the fusion center, by the EOC, and its joint score


class Coefficients:
    """How each number of a pair is made of its ratings: members x (items x slots), zero where it has none."""

    def __init__(self, cycle: Cycle) -> None:
        self.items, self.pairs = cycle.items, cycle.complete
        self.found = [cycle.found[pair] for pair in self.pairs]
        self.names = reference.domains_of(cycle.items)

    def ratings(self) -> Floats:
        """What the numbers are made of: members x (items x slots); the attacker does not have it."""

        def fill(row: Floats, found: dict[str, Any]) -> None:
            for place, item in enumerate(found["items"]):
                for slot, name in enumerate((FC, EOC, "joint")):
                    row[place, slot] = 0 if item[name] is None else item[name]

        return self._vectors(fill)

    def _vectors(self, fill: Callable[[Floats, dict[str, Any]], None]) -> Floats:
        table = np.zeros((len(self.pairs), len(self.items), _SLOTS))
        for row, found in zip(table, self.found, strict=True):
            fill(row, found)
        return table.reshape(len(self.pairs), -1)

    def _slot(self, place: int) -> int:
        """What is asked of one side has no joint score beside its rating."""
        return {FC: 0, EOC: 1}.get(self.items[place][2], 2)

    def item(self, place: int) -> Floats:
        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["items"][place]["joint"] is not None:
                row[place, self._slot(place)] = 1

        return self._vectors(fill)

    def difference(self, place: int) -> Floats:
        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["items"][place]["difference"] is not None:
                row[place, 0], row[place, 1] = 1, -1

        return self._vectors(fill)

    def _mean_of(self, row: Floats, places: list[int], slot: Callable[[int], int], by: float) -> None:
        total = sum(self.items[place][3] for place in places)
        for place in places:
            row[place, slot(place)] += _POINTS * by * self.items[place][3] / total

    def _of_domain(self, number: int) -> list[int]:
        return [place for place, item in enumerate(self.items) if item[1] == self.names[number]]

    def joint(self, number: int) -> Floats:
        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["domains"][number]["reportable"]:
                self._joint(row, found, number, 1)

        return self._vectors(fill)

    def _joint(self, row: Floats, found: dict[str, Any], number: int, by: float) -> None:
        places = [p for p in self._of_domain(number) if found["items"][p]["joint"] is not None]
        self._mean_of(row, places, self._slot, by)

    def side(self, number: int, side: str) -> Floats:
        slot = (FC, EOC).index(side)

        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["domains"][number]["reportable"]:
                places = [p for p in self._of_domain(number) if found["items"][p][side] is not None]
                self._mean_of(row, places, lambda _: slot, 1)

        return self._vectors(fill)

    def gap(self, number: int) -> Floats:
        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["domains"][number]["reportable"]:
                places = [p for p in self._of_domain(number) if found["items"][p]["difference"] is not None]
                self._mean_of(row, places, lambda _: 0, 1)
                self._mean_of(row, places, lambda _: 1, -1)

        return self._vectors(fill)

    def index(self) -> Floats:
        def fill(row: Floats, found: dict[str, Any]) -> None:
            if found["index"] is None:
                return
            there = [n for n in range(len(self.names)) if found["domains"][n]["reportable"]]
            for number in there:
                self._joint(row, found, number, 1 / len(there))

        return self._vectors(fill)

    def common_index(self, other: Coefficients) -> Floats:
        """The index on the items that the pair has in this and in the other cycle."""
        theirs = dict(zip(other.pairs, other.found, strict=True))
        table = np.zeros((len(self.pairs), len(self.items), _SLOTS))
        for row, pair, found in zip(table, self.pairs, self.found, strict=True):
            before = theirs.get(pair)
            if before is None or found["index"] is None or before["index"] is None:
                continue
            common = {
                place
                for place in range(len(self.items))
                if found["items"][place]["joint"] is not None and before["items"][place]["joint"] is not None
            }
            parts = [sorted(common & set(self._of_domain(n))) for n in range(len(self.names))]
            parts = [places for places in parts if places]
            for places in parts:
                self._mean_of(row, places, self._slot, 1 / len(parts))
        return table.reshape(len(self.pairs), -1)


@dataclass
class System:
    """Rows of what is shown: each a number times its n, as members x ratings."""

    members: list[Any]
    rows: list[Floats]
    sums: list[float]

    def add(self, shown: Any, n: Any, coefficients: Floats, group: Iterable[Any]) -> None:
        if shown is not None:
            inside = np.isin(self.members, list(group))
            self.rows.append(coefficients * inside[:, None])
            self.sums.append(float(shown) * n)


def scores_shown(
    cycle: Cycle, scopes: Mapping[str, Any], later: tuple[Cycle, Mapping[str, Any]] | None
) -> System:
    """All means of a cycle, its own trend, and what the trend of the cycle after it says of it."""
    made = Coefficients(cycle)
    system = System(cycle.complete, [], [])
    index, joint = made.index(), [made.joint(n) for n in range(len(made.names))]
    gaps = [made.gap(n) for n in range(len(made.names))]
    sides = {side: [made.side(n, side) for n in range(len(made.names))] for side in (FC, EOC)}
    items = [made.item(place) for place in range(len(cycle.items))]
    apart = [made.difference(place) for place in range(len(cycle.items))]
    for key, numbers in scopes.items():
        group = cycle.members(key)
        system.add(numbers["index"]["mean"], numbers["index"]["n"], index, group)
        for place, row in enumerate(numbers["domains"]):
            system.add(row["mean"], row["n"], joint[place], group)
            system.add(row["gap"], row["n"], gaps[place], group)
            for side in (FC, EOC):
                system.add(row[side], row["n"], sides[side][place], group)
        for place, row in enumerate(numbers["items"]):
            system.add(row["mean"], row["n"], items[place], group)
            system.add(row["difference"], row["n"], apart[place], group)
    if cycle.before is not None:
        add_trend(system, made.common_index(Coefficients(cycle.before)), scopes, "current", cycle)
    if later is not None:
        # A trend's scope is that of the later cycle of the two.
        add_trend(system, made.common_index(Coefficients(later[0])), later[1], "previous", later[0])
    return system


def add_trend(system: System, common: Floats, shown: Mapping[str, Any], name: str, facts: Cycle) -> None:
    for key, numbers in shown.items():
        trend = numbers["trend"]
        if trend is not None:
            system.add(trend[name], trend["n"], common, facts.members(key))


def isolated(system: System, known: Collection[Any]) -> tuple[Any, ...] | None:
    """One to four unknown members that some combination leaves while it cancels all others."""
    unknown = [place for place, member in enumerate(system.members) if member not in known]
    if not system.rows or not unknown:
        return None
    table = np.stack(system.rows)[:, unknown]
    kinds, first, counts = _kinds(table)
    blocks = table[:, first]  # rows x kinds x ratings
    found = _search(_orthonormal(blocks), counts)
    if found is None:
        return None
    few = np.isin(kinds, found)
    return tuple(system.members[unknown[place]] for place in np.flatnonzero(few))


def _kinds(table: Floats) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Members whose ratings go into every number alike cannot be told apart.

    Gives the kind of each, one member of each kind, and how many there are of it.
    """
    flat = np.round(np.moveaxis(table, 1, 0).reshape(table.shape[1], -1), 9) + 0.0
    _, first, kinds, counts = np.unique(
        flat, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return kinds.ravel(), first, counts


def _orthonormal(blocks: Floats) -> Floats:
    flat = blocks.reshape(len(blocks), -1)
    used = flat.any(axis=0)
    _, size, right = np.linalg.svd(flat[:, used], full_matrices=False)
    rank = int((size > _ZERO * max(1.0, size.max(initial=0))).sum())
    basis = np.zeros((rank, flat.shape[1]))
    basis[:, used] = right[:rank]
    return basis.reshape(rank, *blocks.shape[1:])


def _without(basis: Floats, kinds: Iterable[int]) -> Floats:
    """The combinations that leave nothing of these kinds."""
    part = basis[:, list(kinds)].reshape(len(basis), -1)
    # All of the left side is wanted; of the right side of a wide table that would be a very large one.
    left, size, _ = np.linalg.svd(part, full_matrices=part.shape[1] < len(part))
    rank = int((size > _ZERO).sum())
    return np.tensordot(left[:, rank:].T, basis, axes=1)


def _search(basis: Floats, counts: NDArray[Any]) -> list[int] | None:
    """The same as ``_smallest``, for many kinds too.

    Of five parts of the kinds, four members leave out at least one; so it is enough to cancel each part in
    turn and to look at what little is left of the combinations.
    """
    if len(counts) < _MANY:
        return _smallest(basis, counts, [])
    order = np.argsort(-(basis**2).sum(axis=(0, 2)), kind="stable")
    for part in range(FEW + 1):
        rest = _without(basis, [int(kind) for kind in order[part :: FEW + 1]])
        found = _smallest(rest, counts, [])
        if found is not None:
            return found
    return None


def _smallest(basis: Floats, counts: NDArray[Any], taken: list[int]) -> list[int] | None:
    """Kinds of together at most FEW members outside of which some combination of the basis is zero."""
    room = FEW - int(counts[taken].sum())
    strength = np.abs(basis).max(axis=(0, 2), initial=0)
    free = [k for k in np.flatnonzero(strength > _ZERO) if k not in taken]
    large = [k for k in free if counts[k] > room]
    if large:
        return _smallest(_without(basis, large), counts, taken) if len(basis) else None
    if not len(basis):
        return None
    if not free:
        return [k for k in taken if strength[k] > _ZERO]
    hopeless = _hopeless(basis, counts, taken, free, room)
    if hopeless:
        return _smallest(_without(basis, hopeless), counts, taken)
    # Each kind is either cancelled or one of the few: first without the one that is in most.
    most = max(free, key=lambda kind: float((basis[:, kind] ** 2).sum()))
    return _smallest(_without(basis, [most]), counts, taken) or _smallest(basis, counts, [*taken, most])


def _hopeless(basis: Floats, counts: NDArray[Any], taken: list[int], free: list[int], room: int) -> list[int]:
    """Kinds that can be none of the few, so that they must be cancelled.

    The rows are orthonormal: a combination of length 1 has no more in a kind than the square of its largest
    singular value, and what lies in the few together must be all of it.
    """
    most = {kind: _strength(basis[:, kind]) for kind in (*taken, *free)}
    had = sum(most[kind] for kind in taken)
    order = sorted(free, key=lambda kind: most[kind], reverse=True)
    hopeless = []
    for kind in free:
        others = [most[other] for other in order if other != kind][: max(room - int(counts[kind]), 0)]
        if had + most[kind] + sum(others) <= 1 - 1e-6:
            hopeless.append(kind)
    return hopeless


def _strength(block: Floats) -> float:
    """The square of the largest singular value of rows x ratings; only of those that there are."""
    used = block[:, block.any(axis=0)]
    return float(np.linalg.norm(used, 2) ** 2) if used.size else 0.0
