"""The network as one reader sees it: how many have answered, and what is released (contract, *network*)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True, eq=False)
class NetworkReport:
    """One scope of a cycle. ``numbers`` as ``network.release`` makes them, all null before the release.

    ``pairs``: pair, fusion_center, eoc, fusion_center_name, eoc_name, region, state, eoc_level, status: the
    pairs of the scope, of which anybody may know whether they have answered. ``groups``: by, value, expected,
    complete, one_sided, not_started, n, mean, suppressed; n and mean of scopes that the reader may read.
    """

    cycle: str
    questionnaire: Questionnaire
    released: date | None
    scope: Scope
    pairs: pd.DataFrame
    numbers: Numbers
    groups: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        return completeness(self.pairs)

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
            "groups": [_group_json(row) for row in self.groups.to_dict("records")],
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


def completeness(pairs: pd.DataFrame) -> dict[str, int]:
    """expected = complete + one_sided + not_started; never hidden."""
    found = pairs["status"].value_counts()
    return {"expected": len(pairs)} | {name: int(found.get(name, 0)) for name in STATUSES}


def in_scope(pairs: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The pairs of a scope; a pair lies where its EOC stands."""
    if scope.kind == "nation":
        return pairs
    column = {"region": "region", "state": "state", "level": "eoc_level"}[scope.kind]
    return pairs[pairs[column].astype(str) == scope.value]


def groups_of(
    pairs: pd.DataFrame, scope: Scope, numbers: Mapping[str, Numbers], readable: Collection[Scope] | None
) -> pd.DataFrame:
    """How the scope divides: regions, states and EOC levels of the nation, states of a region.

    ``readable`` are the scopes whose numbers this reader may read, None for all. Of the others there is
    only how many have answered.
    """
    kinds = {"nation": list(_GROUP_COLUMNS), "region": ["state"]}.get(scope.kind, [])
    inside = in_scope(pairs, scope)
    rows = []
    for by in kinds:
        counts = pd.crosstab(inside[_GROUP_COLUMNS[by]], inside["status"])
        counts = counts.reindex(columns=list(STATUSES), fill_value=0)
        for value, complete, one_sided, not_started in counts.itertuples():
            part = dict(zip(STATUSES, (int(complete), int(one_sided), int(not_started)), strict=True))
            rows.append(_group(by, value, part, numbers, readable))
    names = ["by", "value", "expected", *STATUSES, "n", "mean", "suppressed"]
    return pd.DataFrame(rows, columns=names, dtype=object)  # None stays None


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
        "expected": sum(counts.values()),
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
