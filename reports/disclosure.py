"""Which groups of pairs a number may be shown for, all views taken together.

Every number is shown for a group: a set of members (pairs, or centers). From groups that are shown others can
be formed by adding and subtracting, so whether one more may be shown depends on all the others. The rule:

    a group is shown only if, whatever of the groups already shown is added to it or taken from it, nobody
    is left or at least ``floor`` members whom no reader has by name.

The groups shown so far cut the members into pieces: two members are in one piece when they lie in exactly
the same groups. Whatever is formed of these groups takes a piece whole or leaves it whole. So of a further
group at least the smaller part of each piece remains (those inside it, or those outside), and the sum of
these smaller parts is a lower bound of what can be left. A group that follows from those shown says nothing
new and is shown too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR = 5
QUANTILE_FLOOR = 10

Bools = NDArray[np.bool_]
_OUTSIDE = 0  # the piece of those who are in no shown group: nothing is said of them


@dataclass(eq=False)
class Pieces:
    """The pieces of M members as groups are admitted, one after the other.

    ``known`` M: members that a reader has by name. ``labels`` M: which piece a member is in, 0 for none.
    ``groups``: those shown, each M booleans.
    """

    known: Bools
    labels: NDArray[np.int64] = field(init=False)
    groups: list[Bools] = field(init=False, default_factory=list)
    _bytes: set[bytes] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.labels = np.zeros(len(self.known), dtype=np.int64)

    def allows(self, group: Bools) -> bool:
        """Whether the group may be shown beside those that are."""
        if not group.any():
            return True
        if group.sum() < FLOOR:
            return False
        return self._left(group, ~self.known) >= FLOOR or self._follows(group) or self._all_known(group)

    def admit(self, *groups: Bools) -> bool:
        """Show these groups, all or none; whether they are."""
        before = self.labels, len(self.groups)
        for group in groups:
            if not self.allows(group):
                self._take_back(*before)
                return False
            if group.any():
                self._show(group)
        return True

    def _take_back(self, labels: NDArray[np.int64], groups: int) -> None:
        self.labels = labels
        del self.groups[groups:]
        self._bytes = {group.tobytes() for group in self.groups}

    def _show(self, group: Bools) -> None:
        cut = self.labels * 2 + group
        there = np.bincount(cut) > 0
        # Pieces are numbered anew; 0 stays with those outside every group, also where nobody is.
        there[_OUTSIDE] = False
        self.labels = np.cumsum(there)[cut] * (cut != _OUTSIDE)
        self.groups.append(group)
        self._bytes.add(group.tobytes())

    def _left(self, group: Bools, counted: Bools) -> int:
        """At least how many are left of the group, whatever is taken from it or added."""
        pieces = int(self.labels.max(initial=0)) + 1
        inside = np.bincount(self.labels[group & counted], minlength=pieces)
        besides = np.bincount(self.labels[~group & counted], minlength=pieces)
        besides[_OUTSIDE] = inside[_OUTSIDE]  # nothing shown reaches them, so they cannot be taken away
        return int(np.minimum(inside, besides).sum())

    def _follows(self, group: Bools) -> bool:
        """Whether the group is a sum of those shown, each taken some number of times."""
        if not self.groups or (group & (self.labels == _OUTSIDE)).any():
            return False
        _, first = np.unique(self.labels, return_index=True)
        if not np.array_equal(group[first][np.searchsorted(self.labels[first], self.labels)], group):
            return False  # it cuts a piece
        if group.tobytes() in self._bytes:
            return True
        shown = np.array([other[first] for other in self.groups], dtype=float).T
        wanted = group[first].astype(float)
        found = np.linalg.lstsq(shown, wanted, rcond=None)[0]
        return bool(np.abs(shown @ found - wanted).max() < 1e-6)

    def _all_known(self, group: Bools) -> bool:
        """Where every member is had by name there is nothing to find out; the floor holds all the same."""
        everyone = np.ones(len(self.known), dtype=bool)
        return bool(self.known.all()) and self._left(group, everyone) >= FLOOR

    def kept(self, members: Iterable[Any]) -> dict[str, Any]:
        """The shown groups as JSON can hold them, by member."""
        names = np.array([str(member) for member in members])
        return {"groups": [names[group].tolist() for group in self.groups]}

    def take_over(self, members: Iterable[Any], kept: Mapping[str, Any]) -> None:
        """Start from groups that were kept; they were admitted before and are not asked again."""
        place = {str(member): row for row, member in enumerate(members)}
        for group in kept["groups"]:
            there = np.zeros(len(self.known), dtype=bool)
            there[[place[member] for member in group]] = True
            self._show(there)


def enough_for_quantiles(group: Bools, known: Bools) -> bool:
    """Median and quartiles rest on at least ten members that nobody has by name."""
    return int((group & ~known).sum()) >= QUANTILE_FLOOR or bool(
        group.sum() >= QUANTILE_FLOOR and known[group].all()
    )
