"""The network as one reader sees it: how many have answered, and what is released (contract, *network*)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from questionnaires.definition import Questionnaire, ScoringRules, Side
from reports.network import Numbers, Scope
from reports.network_values import GUIDANCE
from reports.scoring import plan

COMMON_GAPS = 10
STATUSES = ("complete", "one_sided", "not_started")
# OIG-12-15 of 6 December 2011, counts as the press gave them (domain.md, part i, section 2). The sites were
# chosen for a visit, not sampled, and the counts do not add up to the headline: both stand as they are.
BASELINE_2011: dict[str, Any] = {
    "fusion_center": {"not_seen": 1, "seen_not_used": 11, "left": 5, "n": 17},
    "eoc": {"not_seen": 12, "seen_not_used": 15, "left": 4, "n": 31},
    "headline": "more than 83 %",
}
_GROUP_COLUMNS = {"fema_region": "region", "state": "state", "eoc_level": "eoc_level"}
_GROUP_SCOPES = {"fema_region": "region", "state": "state", "eoc_level": "level"}


class Place(NamedTuple):
    """How many pairs of a region, state and EOC level have come how far; a pair lies where its EOC is."""

    region: int
    state: str
    eoc_level: str
    complete: int
    one_sided: int
    not_started: int


@dataclass(frozen=True, eq=False)
class NetworkReport:
    """One scope of a cycle. ``numbers`` as ``network.release`` makes them, all null before the release.

    ``places``: the scope's pairs as ``places_of`` counts them. ``groups``: by, value, expected,
    complete, one_sided, not_started, n, mean, suppressed; n and mean of scopes that the reader may read.
    """

    cycle: str
    questionnaire: Questionnaire
    released: date | None
    scope: Scope
    places: list[Place]
    load_pairs: Callable[[], pd.DataFrame]
    numbers: Numbers
    groups: list[Numbers]

    @property
    def counts(self) -> dict[str, int]:
        return completeness(self.places)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The scope's pairs, of which anybody may know whether they have answered; read when asked for:
        pair, fusion_center, eoc, fusion_center_name, eoc_name, region, state, eoc_level, status, shared."""
        return in_scope(self.load_pairs(), self.scope)

    @property
    def common_gaps(self) -> list[Numbers]:
        """The ten items with the lowest mean joint score, of those that are shown."""
        shown = [item for item in self.numbers["items"] if item["mean"] is not None]
        return sorted(shown, key=lambda item: item["mean"])[:COMMON_GAPS]

    def to_json(self) -> dict[str, Any]:
        numbers = self.numbers
        return {
            "cycle": self.cycle,
            "released": self.released.isoformat() if self.released else None,
            "scope": _scope_json(self.scope),
            "pairs": self.counts,
            "index": numbers["index"],
            "levels": numbers["levels"],
            "domains": numbers["domains"],
            "groups": [_group_json(row) for row in self.groups],
            "guidance": {**numbers["guidance"], "baseline_2011": BASELINE_2011},
            "common_gaps": [
                {"item": item["id"], "n": item["n"], "mean": item["mean"]} for item in self.common_gaps
            ],
            "items": numbers["items"],
            "trend": numbers["trend"],
        }


def _scope_json(scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {"region": None, "state": None}
    if scope.kind == "region":
        found["region"] = int(scope.value)
    elif scope.kind != "nation":
        found["state" if scope.kind == "state" else "eoc_level"] = scope.value
    return found


def _group_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {"by": row["by"], "value": row["value"], "n": row["n"], "mean": row["mean"]}
    return found | ({"suppressed": True} if row["suppressed"] else {})


def places_of(pairs: pd.DataFrame) -> list[Place]:
    """The places of these pairs (region, state, eoc_level, status)."""
    columns = [pairs[name].tolist() for name in (*Place._fields[:3], "status")]
    counts = Counter(zip(*columns, strict=True))
    return places_counted((*at, count) for at, count in counts.items())


def places_counted(rows: Iterable[Sequence[Any]]) -> list[Place]:
    """The places of pairs of which it is known how many there are of each region, state, EOC level and
    status."""
    found: dict[tuple[int, str, str], dict[str, int]] = {}
    for region, state, eoc_level, status, count in rows:
        found.setdefault((region, state, eoc_level), dict.fromkeys(STATUSES, 0))[status] = count
    return [Place(*at, *(counts[status] for status in STATUSES)) for at, counts in sorted(found.items())]


def completeness(places: Iterable[Place]) -> dict[str, int]:
    """expected = complete + one_sided + not_started; never hidden."""
    complete = one_sided = not_started = 0
    for place in places:
        complete += place.complete
        one_sided += place.one_sided
        not_started += place.not_started
    return {
        "expected": complete + one_sided + not_started,
        "complete": complete,
        "one_sided": one_sided,
        "not_started": not_started,
    }


_SCOPE_COLUMNS = {"region": "region", "state": "state", "level": "eoc_level"}


def in_scope(pairs: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The pairs of a scope."""
    if scope.kind == "nation":
        return pairs
    return pairs[pairs[_SCOPE_COLUMNS[scope.kind]].astype(str) == scope.value]


def places_in(places: Iterable[Place], scope: Scope) -> list[Place]:
    """The places of a scope."""
    if scope.kind == "nation":
        return list(places)
    return [place for place in places if str(getattr(place, _SCOPE_COLUMNS[scope.kind])) == scope.value]


def every_scope(places: Collection[Place]) -> list[Scope]:
    """The nation, and each region, state and EOC level that has a pair."""
    found = [Scope("nation")]
    for kind, name in _SCOPE_COLUMNS.items():
        found += [Scope(kind, str(value)) for value in sorted({getattr(place, name) for place in places})]
    return found


def groups_of(
    places: Iterable[Place],
    scope: Scope,
    numbers: Mapping[str, Numbers],
    readable: Collection[Scope] | None,
) -> list[Numbers]:
    """How the scope divides: regions, states and EOC levels of the nation, states of a region.

    ``readable`` are the scopes whose numbers this reader may read, None for all. Of the others there is
    only how many have answered.
    """
    kinds = {"nation": list(_GROUP_COLUMNS), "region": ["state"]}.get(scope.kind, [])
    inside = places_in(places, scope)
    rows = []
    for by in kinds:
        parts: dict[Any, list[Place]] = {}
        for place in inside:
            parts.setdefault(getattr(place, _GROUP_COLUMNS[by]), []).append(place)
        rows += [_group(by, value, completeness(parts[value]), numbers, readable) for value in sorted(parts)]
    return rows


def _group(
    by: str,
    value: Any,
    counts: Mapping[str, int],
    numbers: Mapping[str, Numbers],
    readable: Collection[Scope] | None,
) -> dict[str, Any]:
    scope = Scope(_GROUP_SCOPES[by], str(value))
    index: Numbers = {"n": None, "mean": None}
    if readable is None or scope in readable:
        index = numbers.get(scope.key, {}).get("index", index)
        if not counts["complete"]:
            index = {"n": 0, "mean": None}
    return {
        "by": by,
        "value": int(value) if by == "fema_region" else str(value),
        **counts,
        "n": index["n"],
        "mean": index["mean"],
        "suppressed": index["mean"] is None and index["n"] is None,
    }


def not_released(questionnaire: Questionnaire) -> Numbers:
    """The numbers of a scope before its cycle closes: none, and each says so."""
    scored = plan(questionnaire)
    return _empty(scored.rules, tuple(scored.domains), tuple(scored.codebook["question"]), None)


def nobody(questionnaire: Questionnaire) -> Numbers:
    """The numbers of a scope of which no pair is complete: there is nothing to hide."""
    scored = plan(questionnaire)
    return _empty(scored.rules, tuple(scored.domains), tuple(scored.codebook["question"]), 0)


def _empty(
    rules: ScoringRules, domains: tuple[str, ...], questions: tuple[str, ...], n: int | None
) -> Numbers:
    hidden: Numbers = {"suppressed": True} if n is None else {}

    def blank(*names: str) -> Numbers:
        return dict.fromkeys(names)

    guidance = dict.fromkeys((*GUIDANCE, "n"), n) | hidden
    return {
        "index": {"n": n} | blank("mean", "median", "q1", "q3") | hidden,
        "levels": [{"level": x.level, "name": x.name, "count": n} | hidden for x in rules.levels],
        "domains": [{"id": d} | blank("mean", "gap", *map(str, Side)) | {"n": n} | hidden for d in domains],
        "items": [{"id": q, "n": n} | blank("mean", "difference") | hidden for q in questions],
        "guidance": {str(side): dict(guidance) for side in Side},
        "trend": None,
    }
