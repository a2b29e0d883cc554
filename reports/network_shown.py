"""Which numbers of which scopes may be shown: index, domains, items, gaps and sides, judged together.

The index is a mean of domains, a domain of its items, a gap the difference of two sides. So it is not enough
that each of these leaves no small group by itself: a whole less its parts leaves those who lack a part. Here
each number is admitted only if at least five pairs are left whatever is added to it or taken from it, of its
own kind and of all others. What is left is counted at one *part* of each whole that is admitted last: as long
as nobody can say that part, pairs that have it cannot be cancelled. Each part comes with a proof in its
comment; numbers that follow from others that are shown are shown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reports.disclosure import Alike, Bools, Ints, Pieces
from reports.network_values import PairValues
from reports.scoring import Floats


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
        self._domains()
        for domain in range(len(values.domains)):
            self._inside(domain)

    def _domains(self) -> None:
        """Beside the index. A pair with index weight a and domain weights b cancels where a/k + b = 0 in each
        of its k domains. While the last domain is not shown, pairs that have it cancel only with a = 0, and
        then b = 0 everywhere. Of the last domain itself, pairs of one cell cancel only if they have equally
        many domains; pairs without index never do.
        """
        last = int((self.has_domain & self.has_index[:, None]).sum(axis=0).argmax())
        telling = ~self.has_index | self.has_domain[:, last]
        count: Ints = np.sum(self.has_domain, axis=1)
        by_count = Alike(self.cells, count, self.has_index)
        order = [d for d in range(self.has_domain.shape[1]) if d != last]
        for domain in [*order, last]:
            family = self._family()
            for scope in self.scopes:
                group = self.masks[scope] & self.has_domain[:, domain]
                if domain != last:
                    shown = family.admit(group, telling)
                else:
                    shown = family.admit(group, None, by_count) or self._last_domain_follows(scope, last)
                if shown and group.any():
                    family.show(group)
                    self.domains.add((scope, domain))

    def _last_domain_follows(self, scope: str, last: int) -> bool:
        """Every pair of the scope has the index and all domains, so the index less the others is the last."""
        mask = self.masks[scope]
        asked: Bools = self.has_index | np.any(self.has_domain, axis=1)
        others = all((scope, d) in self.domains for d in range(self.has_domain.shape[1]) if d != last)
        whole: Bools = np.all(self.has_domain, axis=1) & self.has_index
        return others and bool(whole[mask & asked].all())

    def _family(self) -> Pieces:
        return Pieces(self.values.shared)

    def _inside(self, domain: int) -> None:
        """A domain's items, gap and sides. The last item is asked of both where one is."""
        places = np.flatnonzero(self.values.domain_of == domain)
        if not self.has_item[:, places].any():
            return
        last = int(max(places, key=lambda i: (self.of_both[i], self.has_item[:, i].sum(), -i)))
        for item in places:
            if item != last:
                self._other_item(int(item), last)
        if self.of_both[last]:
            self._gap_and_sides(domain, last)
        self._last_item(domain, last, places)
        if self.of_both[last]:
            self._last_difference(domain, last, places)

    def _other_item(self, item: int, last: int) -> None:
        """A pair with both items cancels only where their weights c stand as the items' own, whatever is
        shown of the domain: c/w is the same for both. The last item is not shown yet, so c = 0.
        """
        family = self._family()
        for scope in self.scopes:
            group = self.masks[scope] & self.has_item[:, item]
            if group.any() and family.admit(group, self.has_item[:, last]):
                self.items.add((scope, item))
                if self.of_both[item]:
                    self.differences.add((scope, item))

    def _gap_and_sides(self, domain: int, last: int) -> None:
        """Gap and sides rest on all pairs of the domain's mean, or are not shown.

        They meet in each item that both rated: f/Wf + g/Wb + c/w = 0 and e/We - g/Wb - c/w = 0 for the
        weights of the sides f and e, of the gap g and of the item's difference c. While the last item's is
        not shown, c = 0, and with no e yet g = 0 and f = 0. The second side comes last: where some item was
        rated by one side only, f = e = 0; all others may cancel together.
        """
        telling = self.compared[:, last]
        even = Alike(self.cells, np.zeros_like(self.cells), ~self.values.lopsided[:, domain])
        has_gap = there(self.values.gap[:, domain])
        has_sides: Bools = np.all(there(self.values.sides[:, :, domain]), axis=0)
        groups = {
            scope: self.masks[scope] & self.has_domain[:, domain]
            for scope in self.scopes
            if (scope, domain) in self.domains
        }
        gaps, first, second = self._family(), self._family(), self._family()
        with_gap = [s for s, group in groups.items() if has_gap[group].all() and gaps.admit(group, telling)]
        with_first = [s for s in with_gap if has_sides[groups[s]].all() and first.admit(groups[s], telling)]
        self.gaps |= {(scope, domain) for scope in with_gap}
        for scope in with_first:
            if second.admit(groups[scope], telling, even) or self._sides_follow(scope, domain):
                second.show(groups[scope])
                self.sides.add((scope, domain))

    def _sides_follow(self, scope: str, domain: int) -> bool:
        """What both rated is the gap, what one side alone is asked is shown: the sides differ by these."""
        places = np.flatnonzero(self.values.domain_of == domain)
        mask, has_domain = self.masks[scope], self.has_domain[:, domain]
        if self.values.lopsided[mask & has_domain, domain].any():
            return False
        of_one = [int(item) for item in places if (self.has_item & ~self.compared)[:, item].any()]
        asked: Bools = np.any(self.has_item[:, places], axis=1)
        full: Bools = np.all(self.has_item[:, places], axis=1) & has_domain
        shown = all((scope, item) in self.items for item in of_one)
        return not of_one or (shown and bool(full[mask & asked].all()))

    def _last_item(self, domain: int, last: int, places: NDArray[np.intp]) -> None:
        """Beside the domain and its other items, and the index. A pair with index weight a and domain weight
        b cancels where (a/k + b)/W + c/w = 0, W the weight of its scored items: of those with equally many
        domains only one W, so all with every item, or some of the others; never who lacks the domain.
        """
        has_domain = self.has_domain[:, domain]
        count: Ints = np.where(self.has_index, np.sum(self.has_domain, axis=1) + 1, 0)
        cell = same_numbers(self.cells, count)
        full: Bools = np.all(self.has_item[:, places], axis=1)
        alike = Alike(cell, full.astype(np.int64), has_domain)
        others = [int(item) for item in places if item != last]
        family = self._family()
        for scope in self.scopes:
            mask = self.masks[scope]
            group = mask & self.has_item[:, last]
            asked = mask & (has_domain | self.has_item[:, places].any(axis=1))
            follows = (
                (scope, domain) in self.domains
                and all((scope, item) in self.items for item in others)
                and bool((full & has_domain)[asked].all())
            )
            if group.any() and (family.admit(group, None, alike) or follows):
                family.show(group)
                self.items.add((scope, last))

    def _last_difference(self, domain: int, last: int, places: NDArray[np.intp]) -> None:
        """Beside gap, sides and the other differences, by the equations of ``_gap_and_sides``. Without sides
        pairs of one Wb cancel, so all with every item or some of the others; with sides, no lopsided pair.
        """
        both = [int(item) for item in places if self.of_both[item]]
        full: Bools = np.all(self.compared[:, both], axis=1)
        lopsided = self.values.lopsided[:, domain]
        alike = Alike(self.cells, full.astype(np.int64), self.has_domain[:, domain])
        family = self._family()
        for scope in (scope for scope in self.scopes if (scope, last) in self.items):
            group = self.masks[scope] & self.compared[:, last]
            asked = self.masks[scope] & (self.has_domain[:, domain] | self.compared[:, both].any(axis=1))
            follows = (
                (scope, domain) in self.gaps
                and all((scope, item) in self.differences for item in both if item != last)
                and bool((full & self.has_domain[:, domain])[asked].all())
            )
            if family.admit(group, full | lopsided, alike) or follows:
                family.show(group)
                self.differences.add((scope, last))


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
    cells: Ints = np.zeros(count, dtype=np.int64)
    for mask in masks:
        cells = same_numbers(cells, mask.astype(np.int64))
    return cells
