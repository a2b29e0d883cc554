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
    def _codes(self) -> tuple[Ints, Ints]:
        """A number for each cell and kind that occur together, by cell; and the cell of each number."""
        width = int(self.kind.max(initial=0)) + 1
        found, codes = np.unique(self.cell * width + self.kind, return_inverse=True)
        return codes.ravel(), found // width

    def most(self, members: Ints, labels: Ints, pieces: int) -> Ints:
        """Of these members (positions, with the piece of each), at most how many of each piece cancel."""
        codes, cells = self._codes
        able = self.able[members]
        keys, counts = np.unique(labels[able] * len(cells) + codes[members[able]], return_counts=True)
        if not len(keys):
            return np.zeros(pieces, dtype=np.int64)
        piece, code = np.divmod(keys, len(cells))
        first = np.flatnonzero(np.diff(piece * (int(cells.max()) + 1) + cells[code], prepend=-1))
        largest = np.maximum.reduceat(counts, first)
        return np.bincount(piece[first], weights=largest, minlength=pieces).astype(np.int64)


@dataclass(eq=False)
class Pieces:
    """The pieces of M members as groups are admitted, one after the other.

    ``known`` M: members that a reader has by name. ``counts`` M: how many each stands for, where members that
    no group divides are taken together; one where there is nothing. ``labels`` M: which piece a member is in,
    0 for none. ``groups``: those shown, each M booleans.
    """

    known: Bools
    counts: Ints | None = None
    labels: Ints = field(init=False)
    groups: list[Bools] = field(init=False, default_factory=list)
    _sizes: Ints = field(init=False)  # members of each piece
    _bits: list[int] = field(init=False, default_factory=list)  # the groups as ``bits`` has them
    _all_known: bool = field(init=False)

    def __post_init__(self) -> None:
        self.labels = np.zeros(len(self.known), dtype=np.int64)
        self._sizes = np.array([len(self.known)])
        self._all_known = bool(self.known.all())

    def allows(self, group: Bools, telling: Bools | Ints | None = None, alike: Alike | None = None) -> bool:
        """Whether the group may be shown beside those that are.

        ``telling`` M: the members that count as left (or how many each stands for): those whose number no
        number of another kind takes away, but for what ``alike`` says.
        """
        if not group.any():
            return True
        counts = np.ones(len(self.known), dtype=np.int64) if self.counts is None else self.counts
        if counts[group].sum() < FLOOR:
            return False
        weights = counts if telling is None else counts * telling
        return (
            self._left(group, weights * ~self.known, alike) >= FLOOR
            or self._follows(group)
            or (self._all_known and self._left(group, weights, alike) >= FLOOR)
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
        members = np.flatnonzero(group)
        labels = self.labels[members]
        inside = np.bincount(labels, minlength=len(self._sizes))
        cut = (inside > 0) & (inside < self._sizes)
        cut[_OUTSIDE] = inside[_OUTSIDE] > 0  # 0 stays with those outside every group, also where nobody is
        # What is inside of a piece that is cut becomes a piece of its own, numbered after the others.
        numbers = np.where(cut, len(self._sizes) + np.cumsum(cut) - 1, np.arange(len(cut)))
        self.labels[members] = numbers[labels]
        self._sizes = np.concatenate([np.where(cut, self._sizes - inside, self._sizes), inside[cut]])
        self.groups.append(group)
        self._bits.append(bits(group))

    def _left(self, group: Bools, weights: Ints, alike: Alike | None) -> int:
        """At least how many are left of the group, whatever is taken from it or added."""
        # Only pieces that the group meets matter; who is outside every group can be taken by nobody.
        met = np.zeros(len(self._sizes), dtype=bool)
        met[self.labels[group]] = True
        members = np.flatnonzero(group | met[self.labels] & (self.labels != _OUTSIDE))
        numbers = np.cumsum(met) - 1
        labels, pieces = numbers[self.labels[members]], int(met.sum())
        sides = []
        for part in (group[members], ~group[members]):
            count = np.bincount(labels, weights=weights[members] * part, minlength=pieces)
            if alike is not None:
                here = part & (weights[members] > 0)
                count -= alike.most(members[here], labels[here], pieces)
            sides.append(count)
        inside, besides = sides
        if met[_OUTSIDE]:
            besides[0] = inside[0]
        return round(float(np.minimum(inside, besides).sum()))

    def _follows(self, group: Bools) -> bool:
        """Whether the group is a sum of shown ones, or a shown one less a sum of shown ones."""
        if not self.groups or (group & (self.labels == _OUTSIDE)).any():
            return False
        wanted = bits(group)
        if wanted in self._bits:
            return True
        first = np.zeros(len(self._sizes), dtype=np.intp)  # a member of each piece
        first[self.labels] = np.arange(len(self.labels))
        if not np.array_equal(group[first][self.labels], group):
            return False  # it cuts a piece
        one_of_each = np.zeros(len(group), dtype=bool)
        one_of_each[first[np.unique(self.labels)]] = True
        return formed(wanted, self._bits, bits(one_of_each))

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


def bits(members: Bools) -> int:
    """One whole number for a group: groups are compared and taken apart in one step."""
    return int.from_bytes(np.packbits(members).tobytes(), "big")


def formed(group: int, shown: Iterable[int], one_of_each: int) -> bool:
    """Whether a group is a sum of shown ones, or a shown one less a sum of shown ones.

    All as ``bits``; ``one_of_each`` has a member of each piece, and none of these groups cuts a piece.
    """
    wanted = group & one_of_each
    parts = sorted((part & one_of_each for part in shown), key=int.bit_count, reverse=True)
    wholes = [part for part in parts if not wanted & ~part]
    return any(_adds_up(rest, parts) for rest in (wanted, *(whole & ~wanted for whole in wholes)))


def _adds_up(whole: int, parts: Iterable[int]) -> bool:
    """Whether parts that do not overlap make up the whole; of those in the list the first goes first."""
    for part in parts:
        if not part & ~whole:
            whole &= ~part
    return not whole


def enough_for_quantiles(group: Bools, known: Bools) -> bool:
    """Median and quartiles rest on at least ten members that nobody has by name."""
    return int((group & ~known).sum()) >= QUANTILE_FLOOR or bool(
        group.sum() >= QUANTILE_FLOOR and known[group].all()
    )
