"""Counts of a distribution over several scopes: which hidden ones could have one value only?

Shown counts and totals are sums of whole numbers (pairs of one place and one kind). A hidden count of 1 to 4
must be able to be something else, also where it is of pairs that some readers have by name: others, in whose
scope they do not lie, have not. The rule of groups sees to it that no sum of cells gives it away; but no
count is below zero, and a hidden one beside zeros that are shown is no zero: five pairs of a level in five
regions, each with a hidden cell, are one in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from reports.disclosure import FLOOR, Bools, Ints
from reports.scoring import Floats

Rows = Mapping[tuple[str, int], Floats]

_TRIES = 6  # in all directions at once, before each count is asked by itself


class Distribution:
    """What members are in which scope; those who are the same everywhere are taken together.

    K such members: ``what``: scope -> what each is there, -1 for nothing; ``counts`` K: how many they are;
    ``known`` K: whether somebody has them by name. ``totals``: scopes whose total is shown. ``shown``: scope
    and kind that are shown.
    """

    def __init__(
        self, masks: Mapping[str, Bools], kinds: Mapping[str, Ints], width: int, known: Bools
    ) -> None:
        """Of M members: who is in each scope, what they are there (-1 for nothing), and who is known."""
        self.width = width
        what = [np.where(mask, kinds[scope], -1) for scope, mask in masks.items()]
        table = np.ascontiguousarray(np.array([*what, known], dtype=np.int8).T)  # few kinds: a byte is enough
        numbers: dict[bytes, int] = {}
        place = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in table], dtype=np.intp)
        _, first = np.unique(place, return_index=True)
        self.counts: Ints = np.bincount(place).astype(np.int64)
        self.what = dict(zip(masks, table[first].T[:-1], strict=True))
        self.known: Bools = table[first, -1] > 0
        self.totals: list[str] = []
        self.shown: set[tuple[str, int]] = set()

    def group(self, scope: str, kind: int | None = None) -> Bools:
        """K: who is something in the scope, or is of this kind there."""
        what = self.what[scope]
        found: Bools = what >= 0 if kind is None else what == kind
        return found

    def count(self, scope: str, kind: int | None = None) -> int:
        """How many are."""
        return int(self.counts[self.group(scope, kind)].sum())


def open_cells(found: Distribution) -> set[tuple[str, int]]:
    """The shown cells without those that must be hidden too, so that no hidden count is certain.

    Where one is, its whole scope is hidden, zeros too: then a hidden cell may be empty.
    """
    shown = set(found.shown)
    while shown:
        certain = _Table(found, shown).certain()
        if not certain:
            break
        more = {cell for cell in shown if cell[0] in certain}
        shown -= more or shown
    return shown


class _Table:
    """Whole numbers of (place, kind). A place is the scopes that a member lies in.

    One who is something else in another scope (a center by the most it says there) lies in one place for each
    thing that it is.
    """

    def __init__(self, found: Distribution, shown: set[tuple[str, int]]) -> None:
        self.found, self.shown = found, shown
        what = np.stack(list(found.what.values()), axis=1)
        inside = what[:, None, :] == np.arange(found.width)[:, None]  # K x kinds x scopes
        member, kind = np.nonzero(inside.any(axis=2))
        self.places, place = np.unique(inside[member, kind], axis=0, return_inverse=True)
        table = np.zeros((2, len(self.places), found.width), dtype=np.int64)
        np.add.at(table[0], (place.ravel(), kind), found.counts[member])
        np.add.at(table[1], (place.ravel(), kind), (found.counts * found.known)[member])
        self.truth, self.known = table.reshape(2, -1)
        self.free: dict[int, Bools] = {}
        self.alike: dict[frozenset[int], Ints] = {}
        self.inside: dict[str, Bools] = dict(zip(found.what, self.places.T, strict=True))

    def _row(self, scope: str, kind: int | None) -> Floats:
        row = np.zeros((len(self.places), self.found.width))
        row[self.inside[scope], slice(None) if kind is None else kind] = 1
        return row.ravel()

    def certain(self) -> set[str]:
        """Scopes with a hidden count of 1 to 4 (known members apart) that can only be what it is."""
        hidden = {
            (scope, kind): self._row(scope, kind)
            for scope in self.found.what
            for kind in range(self.found.width)
            if (scope, kind) not in self.shown
        }
        found = self._certain(hidden, hidden, self.known, swaps=True)
        unknown = self.truth - self.known
        of_known = {cell: row for cell, row in hidden.items() if row @ self.known and not row @ unknown}
        for known in self._known_elsewhere() if unknown.any() else ():
            asked = {cell: row for cell, row in of_known.items() if row @ (self.known - known)}
            found |= self._certain(asked, hidden, known, swaps=False)
        return found

    def _known_elsewhere(self) -> Iterator[Ints]:
        """What somebody has by name who may read all known members but those of one place."""
        table = self.known.reshape(len(self.places), -1)
        for place in np.flatnonzero(table.any(axis=1)):
            others = table.copy()
            others[place] = 0
            yield others.ravel()

    def _certain(self, asked: Rows, hidden: Rows, known: Ints, swaps: bool) -> set[str]:
        """The scopes of the counts in ``asked`` that are certain to who has these members by name."""
        unknown = self.truth - known
        asked = {
            cell: row
            for cell, row in asked.items()
            if 0 < row @ unknown < FLOOR and not self._all_the_same(*cell, unknown)
        }
        if swaps:
            asked = {cell: row for cell, row in asked.items() if not self._swaps(*cell)}
        if not asked:
            return set()
        least = self._solver(hidden, known)
        rng = np.random.default_rng(0)
        for _ in range(_TRIES):
            other = least(sum(rng.choice((-1, 1)) * row for row in asked.values()))
            asked = {
                cell: row for cell, row in asked.items() if round(float(row @ other)) == row @ self.truth
            }
            if not asked:
                return set()
        return {
            scope
            for (scope, _), row in asked.items()
            if all(round(float(row @ least(sign * row))) == row @ self.truth for sign in (1, -1))
        }

    def _swaps(self, scope: str, kind: int) -> bool:
        """Whether somebody inside and somebody outside could change kinds and nothing shown would tell."""
        inside = self.inside[scope]
        return any(
            self._swap(inside, first, second)
            for other in range(self.found.width)
            if other != kind
            for first, second in ((kind, other), (other, kind))
        )

    def _swap(self, inside: Bools, first: int, second: int) -> bool:
        """One of the first kind inside with one of the second kind outside, who lie alike in all scopes that
        show one of these kinds, and alone in none that shows that it has some.
        """
        for kind in {first, second} - set(self.free):
            self.free[kind] = self._free(kind)
        giving, taking = inside & self.free[first], ~inside & self.free[second]
        if not giving.any() or not taking.any():
            return False
        both = frozenset((first, second))
        if both not in self.alike:
            self.alike[both] = self._alike(first, second)
        alike = self.alike[both]
        return bool(np.isin(alike[giving], alike[taking]).any())

    def _free(self, kind: int) -> Bools:
        """Places with somebody of this kind who is not known, and not the only one in a scope that is told to
        have one: some of its counts are shown, zeros too, and this one is not.
        """
        counts = (self.truth - self.known).reshape(len(self.places), -1)[:, kind]
        free: Bools = counts > 0
        for scope, inside in self.inside.items():
            told = (scope, kind) not in self.shown and any(
                (scope, other) in self.shown for other in range(self.found.width)
            )
            if told and self.truth.reshape(len(self.places), -1)[inside, kind].sum() <= 1:
                free = free & ~inside
        return free

    def _alike(self, first: int, second: int) -> Ints:
        """A number for each place, the same for those in the same scopes that show one of these kinds."""
        showing = [
            inside
            for scope, inside in self.inside.items()
            if (scope, first) in self.shown or (scope, second) in self.shown
        ]
        if not showing:
            return np.zeros(len(self.places), dtype=np.int64)
        _, found = np.unique(np.stack(showing, axis=1), axis=0, return_inverse=True)
        numbers: Ints = found.ravel()
        return numbers

    def _all_the_same(self, scope: str, kind: int, unknown: Ints) -> bool:
        """It lies in a scope that shows that all in it are of this kind: so are those here."""
        inside = self.inside[scope]
        return any(
            (wider, kind) in self.shown
            and bool((inside <= self.inside[wider]).all())
            and (self._row(wider, None) - self._row(wider, kind)) @ unknown == 0
            for wider in self.found.totals
        )

    def _solver(self, hidden: Rows, known: Ints) -> Callable[[Any], Floats]:
        """What makes a sum least, of all that is possible to somebody who sees what is shown."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, low, high = zip(*self._possible(hidden), strict=True)
        rules = LinearConstraint(np.array(rows), low, high)
        bounds = Bounds(known.astype(float), np.inf)

        def least(row: Any) -> Floats:
            # HiGHS's presolve finds some of these tables impossible, which they never are.
            found = milp(
                row,
                constraints=rules,
                integrality=np.ones(len(row)),
                bounds=bounds,
                options={"presolve": False},
            )
            assert found.x is not None, found.message  # the truth is a solution
            solution: Floats = found.x
            return solution

        return least

    def _possible(self, hidden: Rows) -> Iterator[tuple[Floats, float, float]]:
        """Each a sum with its least and its most."""
        for scope in self.found.totals:
            row = self._row(scope, None)
            yield row, float(row @ self.truth), float(row @ self.truth)
        for scope, kind in sorted(self.shown):
            row = self._row(scope, kind)
            yield row, float(row @ self.truth), float(row @ self.truth)
        for (scope, _), row in hidden.items():
            if any((scope, kind) in self.shown for kind in range(self.found.width)):
                yield row, 1.0, np.inf  # zeros are shown there, so it is none
        for place in range(len(self.places)):
            row = np.eye(len(self.places))[place].repeat(self.found.width)
            yield row, 0.0, float(row @ self.truth)
