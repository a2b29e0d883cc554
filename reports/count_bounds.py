"""Counts of a distribution over several scopes: which hidden ones could have one value only?

Shown counts and totals are sums of whole numbers (pairs of one place and one kind). A hidden count of 1 to 4
must be able to be something else. The rule of groups sees to it that no sum of cells gives it away; but no
count is below zero, and a hidden one beside zeros that are shown is no zero: five pairs of a level in five
regions, each with a hidden cell, are one in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reports.disclosure import FLOOR, Bools, Ints
from reports.scoring import Floats

_TRIES = 6  # in all directions at once, before each count is asked by itself


@dataclass(eq=False)
class Distribution:
    """M members. ``masks``: scope -> who is in it. ``kinds``: scope -> what each is there, -1 for nothing.

    ``known`` M: members that somebody has by name. ``totals``: scopes whose total is shown. ``shown``: scope
    and kind that are shown.
    """

    masks: Mapping[str, Bools]
    kinds: Mapping[str, Ints]
    width: int
    known: Bools
    totals: list[str] = field(default_factory=list)
    shown: set[tuple[str, int]] = field(default_factory=set)

    def group(self, scope: str, kind: int | None = None) -> Bools:
        """Who is something in the scope, or is of this kind there."""
        kinds = self.kinds[scope]
        found: Bools = self.masks[scope] & (kinds >= 0 if kind is None else kinds == kind)
        return found


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
        names = np.array(list(found.masks))
        # Column by column what each member is in a scope, -1 where it is not in it; then whether it is known.
        kinds = [np.where(found.group(scope), found.kinds[scope], -1) for scope in found.masks]
        what = np.array([*kinds, found.known], dtype=np.int8)  # few kinds, and sorted faster when short
        members, counts = np.unique(np.ascontiguousarray(what.T), axis=0, return_counts=True)
        rows: dict[tuple[str, ...], Ints] = {}
        for (*here, known), count in zip(members.tolist(), counts.tolist(), strict=True):
            for kind in set(here) - {-1}:
                place = tuple(names[np.array(here) == kind])
                rows.setdefault(place, np.zeros((2, found.width), np.int64))[:, kind] += (
                    count,
                    count * known,
                )
        self.places = sorted(rows)
        table = np.array([rows[place] for place in self.places]).reshape(-1, 2, found.width)
        self.truth, self.known = table[:, 0].ravel(), table[:, 1].ravel()
        self.free: dict[int, Bools] = {}
        self.alike: dict[frozenset[int], Ints] = {}
        self.inside: dict[str, Bools] = {
            scope: np.array([scope in place for place in self.places], dtype=bool) for scope in found.masks
        }

    def _row(self, scope: str, kind: int | None) -> Floats:
        row = np.zeros((len(self.places), self.found.width))
        row[self.inside[scope], slice(None) if kind is None else kind] = 1
        return row.ravel()

    def certain(self) -> set[str]:
        """Scopes with a hidden count of 1 to 4 (known members apart) that can only be what it is."""
        hidden = {
            (scope, kind): self._row(scope, kind)
            for scope in self.found.masks
            for kind in range(self.found.width)
            if (scope, kind) not in self.shown
        }
        unknown = self.truth - self.known
        asked = {
            cell: row
            for cell, row in hidden.items()
            if 0 < row @ unknown < FLOOR and not self._all_the_same(*cell)
        }
        asked = {cell: row for cell, row in asked.items() if not self._swaps(*cell)}
        if not asked:
            return set()
        least = self._solver(hidden)
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

    def _all_the_same(self, scope: str, kind: int) -> bool:
        """It lies in a scope that shows that all in it are of this kind: so are those here."""
        inside = self.inside[scope]
        return any(
            (wider, kind) in self.shown
            and bool((inside <= self.inside[wider]).all())
            and (self._row(wider, None) - self._row(wider, kind)) @ (self.truth - self.known) == 0
            for wider in self.found.totals
        )

    def _solver(self, hidden: Mapping[tuple[str, int], Floats]) -> Callable[[Any], Floats]:
        """What makes a sum least, of all that is possible to somebody who sees what is shown."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, low, high = zip(*self._possible(hidden), strict=True)
        rules = LinearConstraint(np.array(rows), low, high)
        bounds = Bounds(self.known.astype(float), np.inf)

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

    def _possible(self, hidden: Mapping[tuple[str, int], Floats]) -> Iterator[tuple[Floats, float, float]]:
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
