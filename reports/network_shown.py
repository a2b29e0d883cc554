"""Which numbers of which scopes may be shown: index, domains, items, gaps and sides, judged together.

The index is a mean of domains, a domain of its items, a gap the difference of two sides. So it is not enough
that each of these leaves no small group by itself: a whole less its parts leaves those who lack a part. Here
each number is admitted only if at least five pairs are left whatever is added to it or taken from it, of its
own kind and of all others. What is left is counted at one *part* of each whole that is admitted last: as long
as nobody can say that part, pairs that have it cannot be cancelled. Each part comes with a proof in its
comment; numbers that follow from others that are shown are shown too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reports.cell_families import CellFamilies, by_cell
from reports.disclosure import Alike, Bools, Ints, Pieces
from reports.network_values import PairValues
from reports.scoring import Floats

Places = NDArray[np.intp]


@dataclass(eq=False)
class ShownScores:
    """Decided when made. ``masks``: scope -> its pairs, wide before narrow, large before small.

    ``scopes``: those whose index is shown. ``domains``, ``gaps``, ``sides`` (scope, domain) and ``items``,
    ``differences`` (scope, item) that are shown; positions as in the values.
    """

    values: PairValues
    masks: Mapping[str, Bools]
    index: Pieces = field(init=False)
    scopes: list[str] = field(init=False)
    cells: Ints = field(init=False)
    domains: set[tuple[str, int]] = field(init=False, default_factory=set)
    gaps: set[tuple[str, int]] = field(init=False, default_factory=set)
    sides: set[tuple[str, int]] = field(init=False, default_factory=set)
    items: set[tuple[str, int]] = field(init=False, default_factory=set)
    differences: set[tuple[str, int]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        values = self.values
        self.has_index = there(values.index)
        self.has_domain = there(values.joint)
        self.has_item = there(values.items)
        self.compared = there(values.difference)
        self.of_both: Bools = np.any(self.compared, axis=0)
        self.index = Pieces(values.shared)
        self.scopes = [
            scope
            for scope, mask in self.masks.items()
            if (mask & self.has_index).any() and self.index.admit(mask & self.has_index)
        ]
        self.cells = cells_of([self.masks[scope] for scope in self.scopes], len(values.pairs))
        self.width = int(self.cells.max(initial=0)) + 1
        self._domains()
        parts = [_Domain(self, domain) for domain in range(len(values.domains))]
        parts = [part for part in parts if len(part.places) and self.has_item[:, part.places].any()]
        self._other_items(parts)
        both = [part for part in parts if self.of_both[part.last]]
        self._gaps_and_sides(both)
        self._last_items(parts)
        self._last_differences(both)

    def _scopes_by_cell(self) -> Iterator[tuple[str, Bools]]:
        """The shown scopes, each with its cells."""
        for scope in self.scopes:
            cells = np.zeros(self.width, dtype=bool)
            cells[self.cells[self.masks[scope]]] = True
            yield scope, cells

    def _families(
        self, members: Sequence[Bools], telling: Sequence[Bools], alike: Sequence[Alike] | None = None
    ) -> CellFamilies:
        """A family for each list of members. Of these those count as left that are ``telling`` and whom no
        reader has by name, but for those who cancel by ``alike``.
        """
        shared = self.values.shared
        unknown = np.ones_like(shared) if shared.all() else ~shared
        counted = [has & tells & unknown for has, tells in zip(members, telling, strict=True)]
        left = by_cell(self.cells, self.width, counted)
        for row, (found, who) in enumerate(zip(alike or (), counted, strict=bool(alike))):
            place = np.flatnonzero(who)
            left[row] -= found.most(place, self.cells[place], self.width)
        return CellFamilies(by_cell(self.cells, self.width, members), left)

    def _lacking(self, members: Sequence[Bools]) -> Bools:
        """F x C: cells with one of these members, who keep a number from following from others."""
        return by_cell(self.cells, self.width, members) > 0

    def _domains(self) -> None:
        """Beside the index. A pair with index weight a and domain weights b cancels where a/k + b = 0 in each
        of its k domains. While the last domain is not shown, pairs that have it cancel only with a = 0, and
        then b = 0 everywhere. Of the last domain itself, pairs of one cell cancel only if they have equally
        many domains; pairs without index never do. Where every pair of a scope has the index and all domains,
        the index less the others is the last.
        """
        has = self.has_domain
        last = int((has & self.has_index[:, None]).sum(axis=0).argmax())
        others = [domain for domain in range(has.shape[1]) if domain != last]
        telling = ~self.has_index | has[:, last]
        families = self._families([has[:, d] for d in others], [telling] * len(others))
        alone = self._families(
            [has[:, last]],
            [np.ones_like(telling)],
            [Alike(self.cells, np.sum(has, axis=1), self.has_index)],
        )
        asked: Bools = self.has_index | np.any(has, axis=1)
        lacking = self._lacking([asked & ~(np.all(has, axis=1) & self.has_index)])[0]
        for scope, cells in self._scopes_by_cell():
            shown = families.admit(cells) & families.some(cells)
            self.domains |= {(scope, others[place]) for place in np.flatnonzero(shown).tolist()}
            follows = all((scope, domain) in self.domains for domain in others) and not lacking[cells].any()
            shown = (alone.allowed(cells) | follows) & alone.some(cells)
            alone.show(cells, shown)
            self.domains |= {(scope, last) for _ in np.flatnonzero(shown)}

    def _other_items(self, parts: Sequence[_Domain]) -> None:
        """A pair with both items cancels only where their weights c stand as the items' own, whatever is
        shown of the domain: c/w is the same for both. The last item is not shown yet, so c = 0.
        """
        items = [(item, part.last) for part in parts for item in part.others]
        families = self._families(
            [self.has_item[:, item] for item, _ in items], [self.has_item[:, last] for _, last in items]
        )
        for scope, cells in self._scopes_by_cell():
            for place in np.flatnonzero(families.admit(cells) & families.some(cells)).tolist():
                item = items[place][0]
                self.items.add((scope, item))
                if self.of_both[item]:
                    self.differences.add((scope, item))

    def _gaps_and_sides(self, parts: Sequence[_Domain]) -> None:
        """Gap and sides rest on all pairs of the domain's mean, or are not shown.

        They meet in each item that both rated: f/Wf + g/Wb + c/w = 0 and e/We - g/Wb - c/w = 0 for the
        weights of the sides f and e, of the gap g and of the item's difference c. While the last item's is
        not shown, c = 0, and with no e yet g = 0 and f = 0. The second side comes last: where some item was
        rated by one side only, f = e = 0; all others may cancel together.
        """
        values = self.values
        has = [self.has_domain[:, part.domain] for part in parts]
        telling = [self.compared[:, part.last] for part in parts]
        even = [
            Alike(self.cells, np.zeros_like(self.cells), ~values.lopsided[:, part.domain]) for part in parts
        ]
        no_gap = self._lacking(
            [h & np.isnan(values.gap[:, p.domain]) for h, p in zip(has, parts, strict=True)]
        )
        no_side = self._lacking(
            [h & np.isnan(values.sides[:, :, p.domain]).any(axis=0) for h, p in zip(has, parts, strict=True)]
        )
        gaps, first = self._families(has, telling), self._families(has, telling)
        second = self._families(has, telling, even)
        for scope, cells in self._scopes_by_cell():
            of_domain = np.array([(scope, part.domain) in self.domains for part in parts], dtype=bool)
            with_gap = gaps.admit(cells, of_domain & ~no_gap[:, cells].any(axis=1))
            with_first = first.admit(cells, with_gap & ~no_side[:, cells].any(axis=1))
            follows = [
                yes and self._sides_follow(scope, part) for yes, part in zip(with_first, parts, strict=True)
            ]
            shown = with_first & (second.allowed(cells) | np.array(follows, dtype=bool))
            second.show(cells, shown)
            self.gaps |= {(scope, parts[place].domain) for place in np.flatnonzero(with_gap).tolist()}
            self.sides |= {(scope, parts[place].domain) for place in np.flatnonzero(shown).tolist()}

    def _sides_follow(self, scope: str, part: _Domain) -> bool:
        """What both rated is the gap, what one side alone is asked is shown: the sides differ by these."""
        mask, has_domain = self.masks[scope], self.has_domain[:, part.domain]
        if self.values.lopsided[mask & has_domain, part.domain].any():
            return False
        shown = all((scope, item) in self.items for item in part.of_one)
        return not part.of_one or (shown and bool((part.full & has_domain)[mask & part.asked].all()))

    def _last_items(self, parts: Sequence[_Domain]) -> None:
        """Beside the domain and its other items, and the index. A pair with index weight a and domain weight
        b cancels where (a/k + b)/W + c/w = 0, W the weight of its scored items: of those with equally many
        domains only one W, so all with every item, or some of the others; never who lacks the domain.
        """
        count: Ints = np.where(self.has_index, np.sum(self.has_domain, axis=1) + 1, 0)
        cell = same_numbers(self.cells, count)
        has = [self.has_domain[:, part.domain] for part in parts]
        families = self._families(
            [self.has_item[:, part.last] for part in parts],
            [np.ones_like(self.has_index)] * len(parts),
            [Alike(cell, part.full.astype(np.int64), h) for part, h in zip(parts, has, strict=True)],
        )
        lacking = self._lacking([(h | p.asked) & ~(p.full & h) for p, h in zip(parts, has, strict=True)])
        for scope, cells in self._scopes_by_cell():
            whole: Bools = np.logical_not(np.any(lacking[:, cells], axis=1))
            follows = [
                bool(whole[place])
                and (scope, part.domain) in self.domains
                and all((scope, item) in self.items for item in part.others)
                for place, part in enumerate(parts)
            ]
            shown = families.some(cells) & (families.allowed(cells) | np.array(follows, dtype=bool))
            families.show(cells, shown)
            self.items |= {(scope, parts[place].last) for place in np.flatnonzero(shown).tolist()}

    def _last_differences(self, parts: Sequence[_Domain]) -> None:
        """Beside gap, sides and the other differences, by the equations of ``_gaps_and_sides``. Without sides
        pairs of one Wb cancel, so all with every item or some of the others; with sides, no lopsided pair.
        """
        lopsided = [self.values.lopsided[:, part.domain] for part in parts]
        has = [self.has_domain[:, part.domain] for part in parts]
        full: list[Bools] = [np.all(self.compared[:, part.both], axis=1) for part in parts]
        asked: list[Bools] = [np.any(self.compared[:, part.both], axis=1) for part in parts]
        families = self._families(
            [self.compared[:, part.last] for part in parts],
            [f | one for f, one in zip(full, lopsided, strict=True)],
            [Alike(self.cells, f.astype(np.int64), h) for f, h in zip(full, has, strict=True)],
        )
        lacking = self._lacking([(h | a) & ~(f & h) for h, a, f in zip(has, asked, full, strict=True)])
        for scope, cells in self._scopes_by_cell():
            whole: Bools = np.logical_not(np.any(lacking[:, cells], axis=1))
            follows = [
                bool(whole[place])
                and (scope, part.domain) in self.gaps
                and all((scope, item) in self.differences for item in part.both if item != part.last)
                for place, part in enumerate(parts)
            ]
            beside = np.array([(scope, part.last) in self.items for part in parts], dtype=bool)
            shown = beside & (families.allowed(cells) | np.array(follows, dtype=bool))
            families.show(cells, shown)
            self.differences |= {(scope, parts[place].last) for place in np.flatnonzero(shown).tolist()}


class _Domain:
    """A domain's items: the last one, judged after the others, is asked of both sides where one is."""

    def __init__(self, shown: ShownScores, domain: int) -> None:
        self.domain = domain
        self.places = np.flatnonzero(shown.values.domain_of == domain)
        if not len(self.places):
            return
        has_item = shown.has_item
        count = has_item.sum(axis=0)
        self.last = int(max(self.places, key=lambda i: (shown.of_both[i], count[i], -i)))
        self.others = [int(item) for item in self.places if item != self.last]
        self.both = [int(item) for item in self.places if shown.of_both[item]]
        self.of_one = [int(item) for item in self.places if (has_item & ~shown.compared)[:, item].any()]
        self.asked: Bools = np.any(has_item[:, self.places], axis=1)
        self.full: Bools = np.all(has_item[:, self.places], axis=1)


def there(numbers: Floats) -> Bools:
    """Where there is a number."""
    found: Bools = np.logical_not(np.isnan(numbers))
    return found


def same_numbers(*labels: Ints) -> Ints:
    """A number for each pair that is the same for those who have the same labels; 0 where all are 0."""
    stacked = np.stack(labels, axis=1)
    _, found = np.unique(np.vstack([np.zeros_like(stacked[:1]), stacked]), axis=0, return_inverse=True)
    numbers: Ints = found.ravel().astype(np.int64)[1:]
    return numbers


def cells_of(masks: list[Bools], count: int) -> Ints:
    """A number for each pair that is the same for those who lie in the same scopes; 0 for those in none."""
    if not masks:
        return np.zeros(count, dtype=np.int64)
    return same_numbers(*np.packbits(np.stack(masks, axis=1), axis=1).T.astype(np.int64))
