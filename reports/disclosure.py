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
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR = 5
QUANTILE_FLOOR = 10

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_OUTSIDE = 0  # the piece of those who are in no shown group: nothing is said of them


@dataclass(frozen=True, eq=False)
class Alike:
    """Which members' numbers could be taken away by numbers of other kinds that are shown beside them.

    All arrays M. Of the members of one ``cell`` those of one ``kind`` cancel together, of two kinds never
    both; who is not ``able`` never cancels.
    """

    cell: Ints
    kind: Ints
    able: Bools

    @cached_property
    def _widths(self) -> tuple[int, int]:
        return int(self.cell.max(initial=0)) + 1, int(self.kind.max(initial=0)) + 1

    def most(self, members: Bools, labels: Ints, pieces: int) -> Ints:
        """Of these members, at most how many of each piece cancel."""
        cells, kinds = self._widths
        place = (labels * cells + self.cell) * kinds + self.kind
        counts = np.bincount(place[members & self.able], minlength=pieces * cells * kinds)
        found: Ints = counts.reshape(pieces, cells, kinds).max(axis=2).sum(axis=1)
        return found


@dataclass(eq=False)
class Pieces:
    """The pieces of M members as groups are admitted, one after the other.

    ``known`` M: members that a reader has by name. ``labels`` M: which piece a member is in, 0 for none.
    ``groups``: those shown, each M booleans.
    """

    known: Bools
    labels: Ints = field(init=False)
    groups: list[Bools] = field(init=False, default_factory=list)
    _bytes: set[bytes] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.labels = np.zeros(len(self.known), dtype=np.int64)

    def allows(self, group: Bools, telling: Bools | Ints | None = None, alike: Alike | None = None) -> bool:
        """Whether the group may be shown beside those that are.

        ``telling`` M: the members that count as left (or how many each stands for): those whose number no
        number of another kind takes away, but for what ``alike`` says.
        """
        if not group.any():
            return True
        if group.sum() < FLOOR:
            return False
        telling = np.ones(len(self.known), dtype=bool) if telling is None else telling
        return (
            self._left(group, telling * ~self.known, alike) >= FLOOR
            or self._follows(group)
            or (bool(self.known.all()) and self._left(group, telling, alike) >= FLOOR)
        )

    def admit(self, group: Bools, telling: Bools | Ints | None = None, alike: Alike | None = None) -> bool:
        """Show the group if it may be; whether it is."""
        allowed = self.allows(group, telling, alike)
        if allowed:
            self.show(group)
        return allowed

    def show(self, group: Bools) -> None:
        """Take the group in without asking: it is shown, or follows from what is."""
        if group.any():
            self._show(group)

    def follows(self, group: Bools) -> bool:
        """Whether the group can be formed of those shown."""
        return not group.any() or self._follows(group)

    def _show(self, group: Bools) -> None:
        cut = self.labels * 2 + group
        there = np.bincount(cut) > 0
        # Pieces are numbered anew; 0 stays with those outside every group, also where nobody is.
        there[_OUTSIDE] = False
        self.labels = np.cumsum(there)[cut] * (cut != _OUTSIDE)
        self.groups.append(group)
        self._bytes.add(group.tobytes())

    def _left(self, group: Bools, telling: NDArray[Any], alike: Alike | None) -> int:
        """At least how many are left of the group, whatever is taken from it or added."""
        pieces = int(self.labels.max(initial=0)) + 1
        sides = []
        for part in (group, ~group):
            count = np.bincount(self.labels, weights=telling * part, minlength=pieces)
            if alike is not None:
                count -= alike.most(part & (telling > 0), self.labels, pieces)
            sides.append(count)
        inside, besides = sides
        besides[_OUTSIDE] = inside[_OUTSIDE]  # nothing shown reaches them, so they cannot be taken away
        return round(float(np.minimum(inside, besides).sum()))

    def _follows(self, group: Bools) -> bool:
        """Whether the group is a sum of shown ones, or a shown one less a sum of shown ones."""
        if not self.groups or (group & (self.labels == _OUTSIDE)).any():
            return False
        if group.tobytes() in self._bytes:
            return True
        first = np.zeros(int(self.labels.max()) + 1, dtype=np.intp)  # a member of each piece
        first[self.labels] = np.arange(len(self.labels))
        wanted = group[first]
        if not np.array_equal(wanted[self.labels], group):
            return False  # it cuts a piece
        shown = np.array([other[first] for other in self.groups])
        wholes = shown[(shown >= wanted).all(axis=1)]
        return any(_adds_up(rest, shown) for rest in (wanted, *(wholes & ~wanted)))

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


def _adds_up(whole: Bools, parts: Bools) -> bool:
    """Whether parts that do not overlap make up the whole, the largest taken first."""
    inside = parts[(parts <= whole).all(axis=1)]
    for part in inside[np.argsort(-inside.sum(axis=1), kind="stable")]:
        if (part <= whole).all():
            whole = whole & ~part
    return not whole.any()


def enough_for_quantiles(group: Bools, known: Bools) -> bool:
    """Median and quartiles rest on at least ten members that nobody has by name."""
    return int((group & ~known).sum()) >= QUANTILE_FLOOR or bool(
        group.sum() >= QUANTILE_FLOOR and known[group].all()
    )
