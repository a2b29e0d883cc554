"""The rule of pieces: which groups of pairs a number may be shown for, all views taken together.

Every number is shown for a group: a set of members (pairs, or centers). The groups that are shown cut the
members into pieces: two members are in one piece when they lie in exactly the same shown groups. Whatever
somebody forms by adding, subtracting or intersecting shown groups is a union of pieces, so no small set can
be formed as long as no piece is small. A group is admitted only if that stays so:

    every piece within a shown group has no member, or at least ``floor`` members that no reader has by name
    (or at least ``floor`` members all of whom are had by name: there is nothing left to find out).

This is stricter than what linear algebra alone would find, and can be checked by hand.
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
    """

    known: Bools
    labels: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.labels = np.zeros(len(self.known), dtype=np.int64)

    def copy(self) -> Pieces:
        other = Pieces(self.known)
        other.labels = self.labels
        return other

    def allows(self, *groups: Bools) -> bool:
        """Whether no piece would be small if these groups were shown too."""
        return self._sound(self._cut(groups))

    def admit(self, *groups: Bools) -> bool:
        """Show these groups, all or none; whether they are."""
        labels = self._cut(groups)
        if not self._sound(labels):
            return False
        self.labels = labels
        return True

    def _cut(self, groups: Iterable[Bools]) -> NDArray[np.int64]:
        labels = self.labels
        for group in groups:
            cut = labels * 2 + group
            there = np.bincount(cut) > 0
            # Pieces are numbered anew; 0 stays with those outside every group, also where nobody is.
            there[_OUTSIDE] = False
            labels = np.cumsum(there)[cut] * (cut != _OUTSIDE)
        return labels

    def _sound(self, labels: NDArray[np.int64]) -> bool:
        count = np.bincount(labels)[1:]
        unknown = np.bincount(labels, weights=~self.known)[1:]
        sound = (count == 0) | (unknown >= FLOOR) | ((unknown == 0) & (count >= FLOOR))
        return bool(sound.all())

    def by_member(self, members: Iterable[Any]) -> dict[str, int]:
        """Member -> piece, to be kept; those outside every shown group are left out."""
        return {str(member): int(label) for member, label in zip(members, self.labels, strict=True) if label}

    def take_over(self, members: Iterable[Any], pieces: Mapping[str, int]) -> None:
        """Start from the pieces that were kept; members that are not in them are outside."""
        self.labels = np.array([pieces.get(str(member), _OUTSIDE) for member in members], dtype=np.int64)


def enough_for_quantiles(group: Bools, known: Bools) -> bool:
    """Median and quartiles rest on at least ten members that nobody has by name."""
    return int((group & ~known).sum()) >= QUANTILE_FLOOR or bool(
        group.sum() >= QUANTILE_FLOOR and known[group].all()
    )
