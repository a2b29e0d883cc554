"""Many families of groups at once, over cells: which groups may be shown beside those that are.

A cell is the members who lie in exactly the same scopes. The groups of a family are the scopes' members who
have one certain number; so a cell's members with the number are always in one piece, and all that ``Pieces``
asks can be asked of whole cells, for all families in one step. The rule and its reasons stand in
``disclosure``; this is its form for the dozens of families that one cycle has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from reports import disclosure
from reports.disclosure import Bools, Ints, bits, formed

_OUTSIDE = 0  # the piece of the cells that are in no shown group
_NOBODY = -1


@dataclass(eq=False)
class CellFamilies:
    """F families over C cells.

    ``sizes`` F x C: members with the number. ``left`` F x C: of these, how many count as left: those whom no
    reader has by name, less those whom numbers of other kinds may take away. ``labels`` F x C: which piece a
    cell's members are in, 0 for none.
    """

    sizes: Ints
    left: Ints
    labels: Ints = field(init=False)
    _next: Ints = field(init=False)  # the number of each family's next piece
    _shown: list[list[int]] = field(init=False)  # of each family its groups of cells, as ``bits`` has them

    def __post_init__(self) -> None:
        families, _ = self.sizes.shape
        self.labels = np.zeros(self.sizes.shape, dtype=np.int64)
        self._next = np.ones(families, dtype=np.int64)
        self._shown = [[] for _ in range(families)]

    def some(self, cells: Bools) -> Bools:
        """F: whether anybody in these cells has the number."""
        found: Bools = np.any(self.sizes[:, cells] > 0, axis=1)
        return found

    def allowed(self, cells: Bools) -> Bools:
        """F: whether the group of these cells may be shown; a group of nobody may."""
        size = self.sizes[:, cells].sum(axis=1)
        inside, besides, outside = self._pieces_met(cells)
        enough = np.minimum(inside, besides).sum(axis=1) >= disclosure.FLOOR
        for family in np.flatnonzero((size >= disclosure.FLOOR) & ~enough & ~outside):
            enough[family] = self._follows(int(family), cells)
        found: Bools = (size == 0) | ((size >= disclosure.FLOOR) & enough)
        return found

    def show(self, cells: Bools, which: Bools) -> None:
        """Take the group of these cells in, in the families of ``which``."""
        members = (self.sizes > 0) & cells & which[:, None]
        inside = self._by_piece(members.astype(np.int64))
        whole = self._by_piece((self.sizes > 0).astype(np.int64))
        cut = (inside > 0) & (inside < whole)
        cut[:, _OUTSIDE] = (
            inside[:, _OUTSIDE] > 0
        )  # 0 stays with those who are in no group, also where nobody is
        numbers = np.where(cut, self._next[:, None] + np.cumsum(cut, axis=1) - 1, np.arange(cut.shape[1]))
        moved = np.take_along_axis(numbers, self.labels, axis=1)
        self.labels = np.where(members, moved, self.labels)
        self._next += cut.sum(axis=1)
        for family in np.flatnonzero(members.any(axis=1)):
            self._shown[family].append(bits(members[family]))

    def admit(self, cells: Bools, where: Bools | None = None) -> Bools:
        """F: show the group of these cells where it may be (of the families of ``where``); where it is."""
        found = self.allowed(cells)
        found = found if where is None else found & where
        self.show(cells, found)
        return found

    def _by_piece(self, values: Ints) -> Ints:
        """F x pieces: sums of F x C values."""
        families, width = self.sizes.shape[0], int(self._next.max(initial=1))
        place = self.labels + np.arange(families)[:, None] * width
        sums = np.bincount(place.ravel(), weights=values.ravel(), minlength=families * width)
        return sums.reshape(families, width).astype(np.int64)

    def _pieces_met(self, cells: Bools) -> tuple[Ints, Ints, Bools]:
        """F x pieces: what is left inside the group and besides it; F: whether it meets piece 0."""
        inside = self._by_piece(self.left * cells)
        besides = self._by_piece(self.left) - inside
        besides[:, _OUTSIDE] = inside[:, _OUTSIDE]  # nothing shown reaches them
        outside: Bools = np.any((self.labels == _OUTSIDE) & (self.sizes > 0) & cells, axis=1)
        return inside, besides, outside

    def _follows(self, family: int, cells: Bools) -> bool:
        """Whether the group is a sum of shown ones, or a shown one less a sum of shown ones."""
        if not self._shown[family]:
            return False
        there, labels = self.sizes[family] > 0, self.labels[family]
        group = cells & there
        first = np.full(self._next[family], _NOBODY)  # a cell of each piece
        first[labels[there]] = np.flatnonzero(there)
        if not np.array_equal(group[first[labels]] & there, group):
            return False  # it cuts a piece
        one_of_each = np.zeros(len(cells), dtype=bool)
        one_of_each[first[first != _NOBODY]] = True
        return formed(bits(group), self._shown[family], bits(one_of_each))


def by_cell(cells: Ints, width: int, members: Sequence[Bools]) -> Ints:
    """F x C: how many of each cell are among the members (F lists of M booleans or weights)."""
    counts = [np.bincount(cells, weights=given, minlength=width) for given in members]
    return np.array(counts, dtype=np.int64).reshape(-1, width)
