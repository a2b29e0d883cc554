"""What is released of a cycle's network: all scopes' numbers, so that no small group can be formed of them.

Frames and arrays in, plain numbers out; no session, no request, no clock. ``None`` stands for a number that
may not be shown, and its object then carries ``suppressed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.definition import ScoringRules, Side
from reports.disclosure import Bools, Pieces, enough_for_quantiles
from reports.intervals import mean_t
from reports.network_values import BLANK, GUIDANCE, PairValues
from reports.scoring import Floats

Numbers = dict[str, Any]
NATION = "nation"


@dataclass(frozen=True)
class Scope:
    """The nation, one FEMA region, one state, or the EOCs of one level."""

    kind: str  # nation | region | state | level
    value: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind

    @classmethod
    def of_key(cls, key: str) -> Scope:
        kind, _, value = key.partition(":")
        return cls(kind, value)


@dataclass(frozen=True, eq=False)
class Change:
    """What became of the pairs that are complete in two cycles: index on the items that both ask."""

    previous_cycle: str
    pairs: NDArray[Any]
    previous: Floats
    current: Floats
    earlier_pairs: NDArray[Any]  # the complete pairs of the earlier cycle
    earlier_shared: Bools
    earlier_groups: Mapping[str, Any]  # what was shown of it, as ``Pieces.kept`` has it


@dataclass(frozen=True, eq=False)
class Release:
    """Scope key -> its numbers, for every scope that has a complete pair; and the groups that are shown."""

    scopes: dict[str, Numbers]
    groups: Numbers


def release(rules: ScoringRules, values: PairValues, change: Change | None = None) -> Release:
    """Everything that may be shown of a cycle."""
    masks = dict(_candidates(values))
    built = _Builder(rules, values, masks, change)
    numbers = {scope.key: built.numbers(scope) for scope in masks}
    return Release(numbers, built.family.kept(list(values.pairs)))


def benchmark(rules: ScoringRules, values: PairValues, own: set[int], released: Numbers) -> Numbers:
    """The nation for somebody who has these pairs by name: no more than was released, and no small rest.

    Of ``values`` only counts which pair has which number.
    """
    seen = values.with_shared(own)
    nation = Scope(NATION)
    built = _Builder(rules, seen, {nation: np.ones(len(values.pairs), dtype=bool)}, None)
    narrowed: Numbers = _narrowed(released, {**built.numbers(nation), "trend": released.get("trend")})
    trend = narrowed.get("trend")
    if trend and trend["change"] is not None and not _enough_besides(trend["n"], own, values):
        narrowed["trend"] = _nothing({**trend}, keep=("previous_cycle",))
    return narrowed


def _enough_besides(n: int, own: set[int], values: PairValues) -> bool:
    """Whether at least five of n pairs are others than one's own, however many of one's own are in it."""
    mine = int(np.isin(values.pairs, list(own)).sum())
    return mine == 0 or n - mine >= 5


def _narrowed(first: Any, second: Any) -> Any:
    """Shown only where both show it."""
    if isinstance(first, dict) and isinstance(second, dict):
        both = {name: _narrowed(value, second.get(name)) for name, value in first.items()}
        return both | ({"suppressed": True} if second.get("suppressed") else {})
    if isinstance(first, list) and isinstance(second, list):
        return [_narrowed(one, other) for one, other in zip(first, second, strict=True)]
    return first if second is not None else None


def _candidates(values: PairValues) -> Iterator[tuple[Scope, Bools]]:
    """Scopes with their pairs, in the order they are taken in: wide before narrow, large before small."""
    yield Scope(NATION), np.ones(len(values.pairs), dtype=bool)
    for kind, column in (("region", "region"), ("state", "state"), ("level", "eoc_level")):
        found = values.facts[column].astype(str).to_numpy()
        names, counts = np.unique(found, return_counts=True)
        for place in np.lexsort((names, -counts)):
            yield Scope(kind, str(names[place])), found == names[place]


class _Builder:
    """Decides once, for all scopes, which groups are shown, and then says their numbers."""

    def __init__(
        self, rules: ScoringRules, values: PairValues, masks: dict[Scope, Bools], change: Change | None
    ) -> None:
        self.rules, self.values, self.masks, self.change = rules, values, masks, change
        known = values.shared
        self.family = Pieces(known)
        has_index = ~np.isnan(values.index)
        self.index_groups = {scope: mask & has_index for scope, mask in masks.items()}
        self.shown = [
            scope for scope, group in self.index_groups.items() if group.any() and self.family.admit(group)
        ]
        self.domains = self._domains()
        self.sides = self._sides()
        self.trends = self._trends()
        self.levels = self._levels()
        self.items = self._items()
        self.guidance = {str(side): guidance(values, self.masks, self.shown, side) for side in Side}

    def _domains(self) -> set[tuple[Scope, int]]:
        values = self.values
        there = ~np.isnan(values.joint)
        # The index is the mean of the domains; what is left of it are pairs that lack one, or the index.
        lacking = (~there).any(axis=1) | np.isnan(values.index)
        families = [Pieces(values.shared) for _ in values.domains]
        rest = Pieces(values.shared)
        shown: set[tuple[Scope, int]] = set()
        for scope in self.shown:
            groups = {domain: self.masks[scope] & there[:, domain] for domain in range(len(families))}
            found = self._parts(groups, families, rest, [self.masks[scope] & lacking])
            shown |= {(scope, domain) for domain in found}
        return shown

    def _parts(
        self, groups: Mapping[int, Bools], families: Sequence[Pieces], rest: Pieces, left: Sequence[Bools]
    ) -> set[int]:
        """Which parts of a whole may be shown beside it.

        The whole is the (weighted) mean of its parts for who has them all. So the sums of all parts taken
        from the sum of the whole leave only those who lack one, ``left``; where these could be few, the
        smallest part stays out.
        """
        found = {part for part, group in groups.items() if self._fits(families[part], group)}
        asked = {part for part, group in groups.items() if group.any()}
        if found and found == asked and not rest.admit(*left):
            found.remove(min(found, key=lambda part: (int(groups[part].sum()), part)))
        return found

    @staticmethod
    def _fits(family: Pieces, group: Bools) -> bool:
        return bool(group.any()) and family.admit(group)

    def _sides(self) -> set[tuple[Scope, int]]:
        """Both sides' means and the gap show where they rest on all pairs of the domain's mean."""
        values = self.values
        lacking = np.isnan(values.gap) | np.isnan(values.sides).any(axis=0)
        rests = [Pieces(values.shared) for _ in values.domains]
        shown = set()
        for scope in self.shown:
            for domain in (domain for domain in range(len(rests)) if (scope, domain) in self.domains):
                group = np.logical_and(self.masks[scope], ~np.isnan(values.joint[:, domain]))
                # Where every item was compared, the sides' means differ by the gap; what is left is the rest.
                left = np.logical_and(group, self._not_compared(domain))
                if not (group & lacking[:, domain]).any() and rests[domain].admit(left):
                    shown.add((scope, domain))
        return shown

    def _not_compared(self, domain: int) -> Bools:
        """Pairs that lack an item, of those that both sides are asked, on one side or both."""
        differences = self.values.difference[:, self.values.domain_of == domain]
        asked_of_both = ~np.isnan(differences).all(axis=0)
        found: Bools = np.any(np.isnan(differences[:, asked_of_both]), axis=1)
        return found

    def _trends(self) -> dict[Scope, Bools]:
        """Scopes whose change may be shown beside both cycles' numbers."""
        if self.change is None:
            return {}
        before = Pieces(self.change.earlier_shared)
        before.take_over(self.change.earlier_pairs, self.change.earlier_groups)
        common = np.isin(self.values.pairs, self.change.pairs)
        shown = {}
        for scope in self.shown:
            group = self.masks[scope] & common
            earlier = np.isin(self.change.earlier_pairs, self.values.pairs[group])
            if group.any() and self.family.allows(group) and before.allows(earlier):
                self.family.admit(group)
                before.admit(earlier)
                shown[scope] = group
        return shown

    def _levels(self) -> set[tuple[Scope, int]]:
        family = Pieces(self.values.shared)
        family.admit(*(self.index_groups[scope] for scope in self.shown))
        numbers = [level.level for level in self.rules.levels]
        return {
            (scope, level)
            for scope in self.shown
            for level in _large_first({n: self._level_group(scope, n) for n in numbers})
            if family.admit(self._level_group(scope, level))
        }

    def _level_group(self, scope: Scope, level: int) -> Bools:
        group: Bools = self.index_groups[scope] & (self.values.level == level)
        return group

    def _items(self) -> set[tuple[Scope, int]]:
        families = [Pieces(self.values.shared) for _ in self.values.questions]
        rests = [Pieces(self.values.shared) for _ in self.values.domains]
        shown: set[tuple[Scope, int]] = set()
        for scope in self.shown:
            for domain, rest in enumerate(rests):
                shown |= {(scope, item) for item in self._items_of(scope, domain, families, rest)}
        return shown

    def _items_of(self, scope: Scope, domain: int, families: list[Pieces], rest: Pieces) -> set[int]:
        there = ~np.isnan(self.values.items)
        mask = self.masks[scope]
        places = np.flatnonzero(self.values.domain_of == domain)
        groups: dict[int, Bools] = {int(item): mask & there[:, item] for item in places}
        scored = mask & ~np.isnan(self.values.joint[:, domain])
        lacking = (~there[:, places]).any(axis=1)
        left = [mask & lacking, scored & lacking, scored & self._not_compared(domain)]
        return self._parts(groups, families, rest, left)

    def numbers(self, scope: Scope) -> Numbers:
        return {
            "index": self._index(scope),
            "levels": [self._level(scope, level.level, level.name) for level in self.rules.levels],
            "domains": [self._domain(scope, place) for place in range(len(self.values.domains))],
            "items": [self._item(scope, place) for place in range(len(self.values.questions))],
            "guidance": {side: found[scope] for side, found in self.guidance.items()},
            "trend": self._trend(scope),
        }

    def _index(self, scope: Scope) -> Numbers:
        found: Numbers = dict.fromkeys(("n", "mean", "median", "q1", "q3"))
        if scope not in self.shown:
            return found | {"suppressed": True}
        group = self.index_groups[scope]
        index = self.values.index[group]
        found |= {"n": len(index), "mean": float(index.mean())}
        if not enough_for_quantiles(group, self.values.shared):
            return found | {"suppressed": True}
        q1, median, q3 = (float(value) for value in np.quantile(index, (0.25, 0.5, 0.75)))
        return found | {"median": median, "q1": q1, "q3": q3}

    def _level(self, scope: Scope, level: int, name: str) -> Numbers:
        found: Numbers = {"level": level, "name": name, "count": None}
        if (scope, level) not in self.levels:
            return found | {"suppressed": True}
        return found | {"count": int(self._level_group(scope, level).sum())}

    def _domain(self, scope: Scope, place: int) -> Numbers:
        names = ("mean", "gap", *map(str, Side), "n")
        found: Numbers = {"id": self.values.domains[place], **dict.fromkeys(names)}
        if (scope, place) not in self.domains:
            return found | {"suppressed": True}
        group = self.masks[scope] & ~np.isnan(self.values.joint[:, place])
        found |= {"mean": float(self.values.joint[group, place].mean()), "n": int(group.sum())}
        if (scope, place) not in self.sides:
            return found | {"suppressed": True}
        sides = self.values.sides[:, group, place].mean(axis=1)
        found |= {str(side): float(mean) for side, mean in zip(Side, sides, strict=True)}
        return found | {"gap": float(self.values.gap[group, place].mean())}

    def _item(self, scope: Scope, place: int) -> Numbers:
        found: Numbers = {"id": self.values.questions[place], **dict.fromkeys(("n", "mean", "difference"))}
        if (scope, place) not in self.items:
            return found | {"suppressed": True}
        group = self.masks[scope] & ~np.isnan(self.values.items[:, place])
        apart = self.values.difference[group, place]
        return found | {
            "n": int(group.sum()),
            "mean": float(self.values.items[group, place].mean()),
            # An item that is asked of one side only has no difference; nothing is hidden then.
            "difference": None if np.isnan(apart).any() else float(apart.mean()),
        }

    def _trend(self, scope: Scope) -> Numbers | None:
        if self.change is None:
            return None
        found: Numbers = {
            "previous_cycle": self.change.previous_cycle,
            **dict.fromkeys(("n", "previous", "current", "change", "low", "high")),
        }
        if scope not in self.trends:
            return found | {"suppressed": True}
        rows = np.isin(self.change.pairs, self.values.pairs[self.trends[scope]])
        previous, current = self.change.previous[rows], self.change.current[rows]
        interval = mean_t(current - previous)
        change, low, high = interval or (float((current - previous).mean()), None, None)
        return found | {
            "n": int(rows.sum()),
            "previous": float(previous.mean()),
            "current": float(current.mean()),
            "change": change,
            "low": low,
            "high": high,
        }


def guidance(
    values: PairValues, masks: Mapping[Scope, Bools], shown: Sequence[Scope], side: Side
) -> dict[Scope, Numbers]:
    """How many centers of one side say what of the guide; each center once, by the most that it says.

    Scopes that are not shown for pairs are not shown here. The members are centers now, and the floor is
    that of pairs.
    """
    row = list(Side).index(side)
    facts = values.facts[[str(side), "shared"]].assign(code=values.guidance[row])
    centers = pd.Index(facts[str(side)].unique())
    known = centers.isin(facts.loc[facts["shared"], str(side)])
    family = Pieces(np.asarray(known, dtype=bool))
    found = {}
    for scope, mask in masks.items():
        most = facts[mask].groupby(str(side))["code"].max().reindex(centers, fill_value=BLANK).to_numpy()
        found[scope] = _awareness(family, most, scope in shown)
    return found


def _awareness(family: Pieces, most: NDArray[Any], shown: bool) -> Numbers:
    found: Numbers = dict.fromkeys((*GUIDANCE, "n"))
    everyone = most != BLANK
    if not shown or not family.admit(everyone):
        return found | {"suppressed": True}
    cells = {code: most == code for code in range(len(GUIDANCE))}
    for code in _large_first(cells):
        if family.admit(cells[code]):
            found[GUIDANCE[code]] = int(cells[code].sum())
    hidden = {"suppressed": True} if None in (found[name] for name in GUIDANCE) else {}
    return found | {"n": int(everyone.sum())} | hidden


def _large_first(groups: Mapping[int, Bools]) -> list[int]:
    return sorted(groups, key=lambda key: (-int(groups[key].sum()), key))


def _nothing(found: Numbers, keep: tuple[str, ...]) -> Numbers:
    return {name: value if name in keep else None for name, value in found.items()} | {"suppressed": True}
