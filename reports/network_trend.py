"""In which scopes the change since the cycle before may be shown, beside both cycles' numbers.

A trend is an index once more, on the pairs of two cycles and the items that each has in both. Less the index
it leaves the pairs of one cycle only and those that have an item in one cycle only. So in both cycles, in
every cell (pairs in the same scopes), it is counted how many are left whatever else is shown of them. The
earlier cycle may have a trend of its own, from the cycle before it: that is something else shown of it too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.disclosure import Bools, Ints, Pieces
from reports.network_shown import ShownScores, there
from reports.network_values import PairValues
from reports.scoring import Floats

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Change:
    """What became of the pairs that are complete in two cycles: index on the items that both ask."""

    previous_cycle: str
    pairs: NDArray[Any]
    previous: Floats
    current: Floats
    earlier: PairValues  # of the complete pairs of the earlier cycle
    earlier_groups: Mapping[str, Any]  # what was shown of its index and trend, as ``Release.groups`` has it
    items: Sequence[str]  # the questions that ask the same in both


@dataclass(frozen=True, eq=False)
class ShownTrends:
    """Scope -> the pairs of its trend; and at least how many of the nation's are left by all else.

    ``kept``: whose which items are in a trend that is shown, P x N, as text.
    """

    groups: dict[str, Bools]
    left: int
    kept: str = ""


def shown_trends(shown: ShownScores, change: Change) -> ShownTrends:
    """The scopes whose trend may be shown, taken in the same order as for the index."""
    values = shown.values
    now = _Cycle(values, shown.index, shown.cells, change, change.earlier, _own_trend(values, ""))
    before = _earlier(shown, change)
    found: dict[str, Bools] = {}
    left = 0
    place = pd.Index(change.earlier.pairs).get_indexer(pd.Index(values.pairs))
    for scope in shown.scopes:
        group = shown.masks[scope] & now.common
        earlier = np.zeros(len(change.earlier.pairs), dtype=bool)
        earlier[place[group]] = True
        if group.any() and now.allows(group) and before.allows(earlier):
            now.family.show(group)
            before.family.show(earlier)
            left = left if found else min(now.left(group), before.left(earlier))
            found[scope] = group
    shown_of: Bools = np.any([*found.values(), np.zeros(len(values.pairs), dtype=bool)], axis=0)
    return ShownTrends(found, left, _text(now.kept & shown_of[:, None]))


def _text(kept: Bools) -> str:
    return base64.b64encode(np.packbits(kept, axis=1).tobytes()).decode() if kept.any() else ""


def _own_trend(values: PairValues, text: str) -> Bools:
    """P x N, as ``_text`` was given it; nothing where no trend was shown."""
    shape = (len(values.pairs), len(values.questions))
    if not text:
        return np.zeros(shape, dtype=bool)
    packed = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(shape[0], -1)
    kept: Bools = np.unpackbits(packed, axis=1, count=shape[1]).astype(bool)
    return kept


def _earlier(shown: ShownScores, change: Change) -> _Cycle:
    """The earlier cycle, its cells cut by the later one's too; who left goes with the most who stayed."""
    values = change.earlier
    index = Pieces(values.shared)
    index.take_over(values.pairs, change.earlier_groups)
    place = pd.Index(shown.values.pairs).get_indexer(pd.Index(values.pairs))
    later = np.append(shown.cells, -1)[place]  # -1 for who left
    width = int(later.max(initial=0)) + 1
    stayed, left = later >= 0, later < 0
    keys, counts = np.unique(index.labels[stayed] * width + later[stayed], return_counts=True)
    commonest, _ = _two_commonest(keys, counts, width, int(index.labels.max(initial=0)) + 1)
    later[left] = commonest[index.labels[left]]
    _, cells = np.unique(index.labels * (width + 1) + later + 1, return_inverse=True)
    own = _own_trend(values, change.earlier_groups.get("trend", ""))
    return _Cycle(values, index, cells.astype(np.int64), change, shown.values, own)


class _Cycle:
    """One of the two cycles. Arrays of its pairs x its items: ``present``, ``kept`` in the trend, and
    ``also`` in a trend that is shown already."""

    def __init__(
        self,
        values: PairValues,
        index: Pieces,
        cells: Ints,
        change: Change,
        other: PairValues,
        also: Bools,
    ) -> None:
        self.index = index
        self.has_index = there(values.index)
        self.count: Ints = np.sum(there(values.joint), axis=1)
        self.common = np.isin(values.pairs, change.pairs)
        self.present = there(values.items)
        self.kept = self.present & _there_too(values, other, change.items) & self.common[:, None]
        self.domains = [np.flatnonzero(values.domain_of == d) for d in range(len(values.domains))]
        self.also = also
        self.also_count: Ints = np.sum([also[:, places].any(axis=1) for places in self.domains], axis=0)
        self.of_both: Bools = np.any(there(values.difference), axis=0)
        self.counted = ~values.shared if not values.shared.all() else np.ones(len(values.pairs), dtype=bool)
        self.family = Pieces(np.zeros(len(values.pairs), dtype=bool))
        self.telling = self._telling(cells)

    def allows(self, group: Bools) -> bool:
        return self.family.allows(group, self.telling) or self._same_as_index(group)

    def left(self, group: Bools) -> int:
        return int(group.sum()) if self._same_as_index(group) else int(self.telling[group].sum())

    def _same_as_index(self, group: Bools) -> bool:
        """The index of the same pairs on the same items is shown, so the trend says nothing new of them."""
        return self.index.follows(group) and bool((self.kept == self.present)[group].all())

    def _telling(self, cells: Ints) -> Ints:
        """How many a cell leaves, written at one of its pairs that are in the trend."""
        found: Ints = np.zeros(len(cells), dtype=np.int64)
        members = np.flatnonzero(self.has_index & self.counted)
        left = self._left(members, cells[members], int(cells.max(initial=0)) + 1)
        in_trend = np.flatnonzero(self.common)
        of_cell, first = np.unique(cells[in_trend], return_index=True)
        found[in_trend[first]] = left[of_cell]
        return found

    def _left(self, rows: Places, cells: Ints, width: int) -> Ints:
        """At least how many pairs of each cell no combination with its trend cancels.

        Two items of a domain with weights c that are shown differ, for a pair that has both, by what the
        trend counts of them: where it counts both or none, c/w is the same; where it counts one, it is not.
        So of pairs that have all items of a domain only those cancel together of which the trend drops the
        same; and of those of which it drops nothing, not together with pairs that are not in the trend at
        all and have equally many domains. Another trend changes neither where it counts all or none of a
        domain's items; newcomers are asked for among those of whom it counts the same. Which kind of pairs
        cancels in a domain may be the commonest in all domains, or in some domain another; the smaller number
        counts.
        """
        common = self.common[rows]
        newcomers = list(self._newcomers(rows, cells, width))
        left = _most(newcomers, common, width)
        kinds = [self._kinds(places, rows, cells, width) for places in self.domains]
        bounds = np.array([bound for bound, _ in kinds])
        for at in _three_of_each(bounds):
            open_ = bounds >= at
            dropped: Bools = np.any(
                [many & open_[domain, cells] for domain, (_, many) in enumerate(kinds)], axis=0
            )
            others = _most(newcomers, common & ~dropped, width)
            here = np.bincount(cells[dropped], minlength=width)
            left = np.maximum(left, np.minimum(at, here + others))
        return left

    def _kinds(self, places: Places, rows: Places, cells: Ints, width: int) -> tuple[Ints, Bools]:
        """Of one domain: how many of each cell are left if not its commonest kind cancels; and who is of
        another kind."""
        both = places[self.of_both[places]]
        here = np.ix_(rows, both)
        asked: Bools = self.common[rows] & np.all(self.present[here], axis=1) & _all_or_none(self.also[here])
        bound: Ints = np.zeros(width, dtype=np.int64)
        if len(both) < 2 or not asked.any():
            return bound, np.zeros_like(asked)
        kept = self.kept[here]
        # All or none is the same: nothing tells items apart.
        kind = np.where(np.all(kept, axis=1), 0, kept @ (1 << np.arange(len(both))))
        keys, counts = np.unique(cells[asked] << len(both) | kind[asked], return_counts=True)
        commonest, second = _two_commonest(keys, counts, 1 << len(both), width)
        bound = np.bincount(cells[asked], minlength=width) - second
        return bound, asked & (kind != commonest[cells])

    def _newcomers(self, rows: Places, cells: Ints, width: int) -> Iterator[_Newcomers]:
        """Of each domain that both sides rate, where there are any."""
        common, count, also = self.common[rows], self.count[rows], self.also_count[rows]
        for places in (places for places in self.domains if self.of_both[places].any()):
            here = np.ix_(rows, places)
            alike = _all_or_none(self.also[here])
            joined = ~common & np.all(self.present[here], axis=1) & alike
            if joined.any():
                other = np.where(self.also[here].any(axis=1), also, 0)
                kind = count + (int(count.max(initial=0)) + 1) * other
                numbers = kind * width + cells
                stayed = np.flatnonzero(np.all(self.kept[here], axis=1) & alike)
                yield _Newcomers(numbers[joined], stayed, numbers[stayed], width)


class _Newcomers:
    """Pairs outside the trend that have all of a domain, beside those in it: only the ones or the others
    cancel, of each number (cell and kind)."""

    def __init__(self, joined: Ints, stayed: Places, numbers: Ints, width: int) -> None:
        keys, self.joined = np.unique(joined, return_counts=True)
        place = np.searchsorted(keys, numbers)
        met = np.append(keys, -1)[place] == numbers
        self.cell, self.stayed, self.place, self.width = keys % width, stayed[met], place[met], width

    def left(self, steady: Bools) -> Ints:
        """How many of each cell are left, of those in the trend only the steady ones counted."""
        stayed = np.bincount(self.place[steady[self.stayed]], minlength=len(self.joined))
        fewer = np.bincount(self.cell, weights=np.minimum(stayed, self.joined), minlength=self.width)
        return fewer.astype(np.int64)


def _most(newcomers: Sequence[_Newcomers], steady: Bools, width: int) -> Ints:
    left = [beside.left(steady) for beside in newcomers]
    found: Ints = np.max([np.zeros(width, dtype=np.int64), *left], axis=0)
    return found


def _two_commonest(keys: Ints, counts: Ints, kinds: int, width: int) -> tuple[Ints, Ints]:
    """Of each cell its commonest kind, the lowest of ties, -1 where nobody is of any; and how many are of the
    next one. ``keys``, ascending: cell * kinds + kind."""
    order = np.lexsort((-counts, keys // kinds))
    cell, kind, counts = (keys // kinds)[order], (keys % kinds)[order], counts[order]
    starts = np.diff(cell, prepend=-1) != 0
    commonest: Ints = np.full(width, -1, dtype=np.int64)
    commonest[cell[starts]] = kind[starts]
    second: Ints = np.zeros(width, dtype=np.int64)
    after = np.flatnonzero(starts[:-1] & ~starts[1:]) + 1
    second[cell[after]] = counts[after]
    return commonest, second


def _all_or_none(table: Bools) -> Bools:
    """Rows in which everything is true, or nothing."""
    found: Bools = np.all(table, axis=1) | ~np.any(table, axis=1)
    return found


def _three_of_each(bounds: Ints) -> list[Ints]:
    """Of each column the least, a middle and the greatest of its numbers above 0; 0 where there is none."""
    chosen: Ints = np.zeros((3, bounds.shape[1]), dtype=np.int64)
    for column in np.flatnonzero((bounds > 0).any(axis=0)):
        found = np.unique(bounds[bounds[:, column] > 0, column])
        chosen[:, column] = found[0], found[len(found) // 2], found[-1]
    return list(chosen)


def _there_too(values: PairValues, other: PairValues, items: Iterable[str]) -> Bools:
    """Pairs x items of ``values``: whether the other cycle has the same item of the same pair."""
    rows = pd.Index(other.pairs).get_indexer(pd.Index(values.pairs))
    columns = pd.Index(other.questions).get_indexer(pd.Index(values.questions))
    columns = np.where(np.isin(values.questions, list(items)), columns, -1)
    known = np.pad(there(other.items), ((0, 1), (0, 1)))  # -1 finds nothing
    found: Bools = known[np.ix_(rows, columns)]
    return found
