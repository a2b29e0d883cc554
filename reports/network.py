"""What is released of a cycle's network: all scopes' numbers, so that no small group can be formed of them.

Frames and arrays in, plain numbers out; no session, no request, no clock. ``None`` stands for a number that
may not be shown, and its object then carries ``suppressed``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from questionnaires.definition import ScoringRules, Side
from reports.disclosure import FLOOR, Bools, Ints, enough_for_quantiles
from reports.intervals import mean_t
from reports.network_counts import Counts, guidance_counts, level_counts
from reports.network_shown import ShownScores
from reports.network_trend import Change, ShownTrends, shown_trends
from reports.network_values import GUIDANCE, PairValues
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
class Release:
    """Scope key -> its numbers, for every scope that has a complete pair.

    To be kept beside them: ``groups``, the pairs of indexes and trend that are shown, for the trend of the
    next cycle; ``trend_left``, for ``benchmark``.
    """

    scopes: dict[str, Numbers]
    groups: Numbers
    trend_left: int


def release(rules: ScoringRules, values: PairValues, change: Change | None = None) -> Release:
    """Everything that may be shown of a cycle."""
    masks = dict(_candidates(values))
    built = _Builder(rules, values, masks, change)
    numbers = {scope.key: built.numbers(scope) for scope, mask in masks.items() if mask.any()}
    groups = built.scores.index.kept(list(values.pairs)) | {"trend": built.trends.kept}
    return Release(numbers, groups, built.trends.left)


def benchmark(
    rules: ScoringRules, values: PairValues, own: set[int], released: Numbers, trend_left: int
) -> Numbers:
    """The nation for somebody who has these pairs by name: no more than was released, and no small rest.

    Of ``values`` only counts which pair has which number. ``trend_left`` as released.
    """
    seen = values.with_shared(own)
    nation = Scope(NATION)
    built = _Builder(rules, seen, {nation: np.ones(len(values.pairs), dtype=bool)}, None)
    narrowed: Numbers = _narrowed(released, {**built.numbers(nation), "trend": released.get("trend")})
    trend = narrowed.get("trend")
    # Own pairs that are in the earlier cycle only would be left by the trend as well: all of them count.
    if trend and trend_left - len(own) < FLOOR:
        narrowed["trend"] = _nothing(trend, keep=("previous_cycle",))
    return narrowed


def _narrowed(first: Any, second: Any) -> Any:
    """Shown only where both show it."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = (name for name in first if name != "suppressed")
        both = {name: _narrowed(first[name], second.get(name)) for name in names}
        hidden = first.get("suppressed") or second.get("suppressed")
        return both | ({"suppressed": True} if hidden else {})
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
        self.rows = {scope: np.flatnonzero(mask) for scope, mask in masks.items()}
        by_key = {scope.key: mask for scope, mask in masks.items()}
        self.scores = ShownScores(values, by_key)
        self.trends = shown_trends(self.scores, change) if change else ShownTrends({}, 0)
        self.shown = [scope for scope in masks if scope.key in self.scores.scopes]
        levels = [level.level for level in rules.levels]
        self.levels = level_counts(values, by_key, self.scores.scopes, levels)
        self.guidance = {
            str(side): guidance_counts(values, by_key, self.scores.scopes, side) for side in Side
        }

    def _index_group(self, scope: Scope) -> Bools:
        group: Bools = self.masks[scope] & ~np.isnan(self.values.index)
        return group

    def numbers(self, scope: Scope) -> Numbers:
        return {
            "index": self._index(scope),
            "levels": [self._level(scope, place) for place in range(len(self.rules.levels))],
            "domains": [self._domain(scope, place) for place in range(len(self.values.domains))],
            "items": self._items(scope),
            "guidance": {side: _said(counts, scope) for side, counts in self.guidance.items()},
            "trend": self._trend(scope),
        }

    def _index(self, scope: Scope) -> Numbers:
        found: Numbers = dict.fromkeys(("n", "mean", "median", "q1", "q3"))
        if scope not in self.shown:
            return found | {"suppressed": True}
        group = self._index_group(scope)
        index = self.values.index[group]
        found |= {"n": len(index), "mean": float(index.mean())}
        if not enough_for_quantiles(group, self.values.shared):
            return found | {"suppressed": True}
        q1, median, q3 = (float(value) for value in np.quantile(index, (0.25, 0.5, 0.75)))
        return found | {"median": median, "q1": q1, "q3": q3}

    def _level(self, scope: Scope, place: int) -> Numbers:
        level = self.rules.levels[place]
        count = self.levels.cells.get((scope.key, place))
        found: Numbers = {"level": level.level, "name": level.name, "count": count}
        return found if count is not None else found | {"suppressed": True}

    def _domain(self, scope: Scope, place: int) -> Numbers:
        names = ("mean", "gap", *map(str, Side), "n")
        found: Numbers = {"id": self.values.domains[place], **dict.fromkeys(names)}
        if (scope.key, place) not in self.scores.domains:
            return found | {"suppressed": True}
        rows = self.rows[scope]
        group = rows[self.scores.has_domain[rows, place]]
        found |= {"mean": float(self.values.joint[group, place].mean()), "n": len(group)}
        gaps = self.values.gap[group, place]
        if (scope.key, place) in self.scores.gaps:
            found |= {"gap": float(gaps.mean())}
        if (scope.key, place) in self.scores.sides:
            sides = self.values.sides[:, group, place].mean(axis=1)
            return found | {str(side): float(mean) for side, mean in zip(Side, sides, strict=True)}
        # A domain that no item asks of both sides has no gap; nothing is hidden then.
        return found if np.isnan(gaps).all() else found | {"suppressed": True}

    def _items(self, scope: Scope) -> list[Numbers]:
        group = self.rows[scope]
        counts, means = _means(self.values.items[group])
        compared, apart = _means(self.values.difference[group])
        return [
            self._item(
                scope, place, int(counts[place]), means[place], apart[place] if compared[place] else None
            )
            for place in range(len(self.values.questions))
        ]

    def _item(self, scope: Scope, place: int, n: int, mean: float, apart: float | None) -> Numbers:
        found: Numbers = {"id": self.values.questions[place], **dict.fromkeys(("n", "mean", "difference"))}
        if (scope.key, place) not in self.scores.items:
            return found | {"suppressed": True}
        found |= {"n": n, "mean": float(mean)}
        if apart is None:
            return found  # an item that is asked of one side only has no difference; nothing is hidden
        if (scope.key, place) not in self.scores.differences:
            return found | {"suppressed": True}
        return found | {"difference": float(apart)}

    def _trend(self, scope: Scope) -> Numbers | None:
        if self.change is None:
            return None
        found: Numbers = {
            "previous_cycle": self.change.previous_cycle,
            **dict.fromkeys(("n", "previous", "current", "change", "low", "high")),
        }
        if scope.key not in self.trends.groups:
            return found | {"suppressed": True}
        rows = np.isin(self.change.pairs, self.values.pairs[self.trends.groups[scope.key]])
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


def _means(values: Floats) -> tuple[Ints, Floats]:
    """Of each column how many numbers there are, and their mean (0 where there is none)."""
    counts = np.sum(~np.isnan(values), axis=0)
    return counts, np.nansum(values, axis=0) / np.maximum(counts, 1)


def _said(counts: Counts, scope: Scope) -> Numbers:
    found: Numbers = {name: counts.cells.get((scope.key, place)) for place, name in enumerate(GUIDANCE)}
    found |= {"n": counts.totals.get(scope.key)}
    return found | ({"suppressed": True} if None in found.values() else {})


def _nothing(found: Numbers, keep: tuple[str, ...]) -> Numbers:
    return {name: value if name in keep else None for name, value in found.items()} | {"suppressed": True}
