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
        members, counts = np.unique(np.array([*kinds, found.known]).T, axis=0, return_counts=True)
        rows: dict[tuple[str, ...], Ints] = {}
        for (*what, known), count in zip(members.tolist(), counts.tolist(), strict=True):
            for kind in set(what) - {-1}:
                place = tuple(names[np.array(what) == kind])
                rows.setdefault(place, np.zeros((2, found.width), np.int64))[:, kind] += (
                    count,
                    count * known,
                )
        self.places = sorted(rows)
        table = np.array([rows[place] for place in self.places]).reshape(-1, 2, found.width)
        self.truth, self.known = table[:, 0].ravel(), table[:, 1].ravel()

    def _inside(self, scope: str) -> Bools:
        return np.array([scope in place for place in self.places], dtype=bool)

    def _row(self, scope: str, kind: int | None) -> Floats:
        row = np.zeros((len(self.places), self.found.width))
        row[self._inside(scope), slice(None) if kind is None else kind] = 1
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

    def _all_the_same(self, scope: str, kind: int) -> bool:
        """It lies in a scope that shows that all in it are of this kind: so are those here."""
        inside = self._inside(scope)
        return any(
            (wider, kind) in self.shown
            and bool((inside <= self._inside(wider)).all())
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
            found = milp(row, constraints=rules, integrality=np.ones(len(row)), bounds=bounds)
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
