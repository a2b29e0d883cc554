"""All pairs of one center in a cycle: how they stand, which to talk to first, what is common to them.

Frames in, frames out; no session, no request, no clock. Only pairs of which the reader may read both sides
come with answers, so nothing here is more than their reports say one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from questionnaires.definition import Questionnaire, ScoringRules, Side
from reports.calculation import PairScores, score_pairs
from reports.maturity import PairStatus
from reports.pair import PairTrend, plain
from reports.trend import changes, same_items

FIRST = 3  # pairs to call first
SIDES = tuple(map(str, Side))
PLACES = [
    "pair",
    "partner",
    "partner_name",
    "partner_level",
    "state",
    "region",
    "answered",
    "waits_for",
    "opens",
    "joint",
]


@dataclass(frozen=True, eq=False)
class CenterReport:
    """``pairs``: PLACES, status (complete|one_sided|not_started|insufficient), index, level,
    level_name, held_back_by (ids), agreement, items, apart, change, level_change; a row a pair that the cycle
    asks, in the order given. Numbers only of pairs that the reader may read.

    ``domains``: pair, domain, fusion_center, eoc, joint, reportable, gap, perception_gap; of those pairs.
    ``means``: id, title, n, joint, fusion_center, eoc, gap, reportable, in_base, perception_gap, in file
    order; means over the pairs in which the domain is reportable.
    ``common``: item, n, mean, below (pairs under the target), apart (pairs two or more apart), action.
    ``trend``: means over the pairs that are complete in this cycle and in the one before.
    """

    questionnaire: Questionnaire
    rules: ScoringRules
    cycle: str
    center: str
    kind: Side
    pairs: pd.DataFrame
    domains: pd.DataFrame
    means: pd.DataFrame
    common: pd.DataFrame
    trend: PairTrend | None
    trend_pairs: int

    @property
    def partners(self) -> Side:
        """The kind of center at the other end."""
        return Side.EOC if self.kind is Side.FUSION_CENTER else Side.FUSION_CENTER

    @property
    def scored(self) -> pd.DataFrame:
        """The pairs with an index."""
        return self.pairs[self.pairs["index"].notna()]

    @property
    def call_first(self) -> pd.DataFrame:
        """Pairs with an index by level, then by how many items are far apart, then by index."""
        order = self.scored.assign(close=-self.scored["apart"])
        return order.sort_values(["level", "close", "index"], kind="stable").head(FIRST).drop(columns="close")

    @property
    def counts(self) -> dict[str, int]:
        """Pairs expected, complete, and waiting for a side, for one that is not named, for both."""
        answered = self.pairs["answered"]
        waits = self.pairs.loc[answered == 1, "waits_for"].value_counts()
        found = {"expected": len(answered), "complete": int((answered == 2).sum())}
        found |= {f"waits_for_{side}": int(waits.get(side, 0)) for side in SIDES}
        return found | {"waits_for_one": int(waits.get("", 0)), "not_started": int((answered == 0).sum())}

    def to_json(self) -> dict[str, Any]:
        """Plain values, numbers unrounded; of a pair that this reader may not read only its status."""
        pairs = self.pairs.drop(columns=["pair", "opens"]).to_dict("records")
        return {
            "cycle": self.cycle,
            "center": self.center,
            "pairs": [{str(key): _jsonable(value) for key, value in row.items()} for row in pairs],
            "counts": self.counts,
            "domains": _rows(self.means, ["id", "title", "n", "joint", "fusion_center", "eoc", "gap"]),
            "common_gaps": _rows(self.common, ["item", "n", "mean", "below", "apart", "action"]),
            "trend": self.trend
            and {
                "previous_cycle": self.trend.previous_cycle,
                "pairs": self.trend_pairs,
                "items": self.trend.items,
                "index_change": self.trend.index_change,
            },
        }


def _jsonable(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else plain(value)


def _rows(frame: pd.DataFrame, keys: list[str]) -> list[dict[str, Any]]:
    return [{key: plain(row[key]) for key in keys} for row in frame[keys].to_dict("records")]


def build(
    questionnaire: Questionnaire,
    places: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    cycle: str,
    center: str,
    kind: Side,
    previous: tuple[Questionnaire, str, pd.DataFrame] | None = None,
) -> CenterReport:
    """The report of a center.

    ``places``: PLACES, a row a pair; ``answered`` how many sides have submitted, ``waits_for`` the other one
    where the reader may know it, else ""; ``joint`` whether the reader may read both.
    ``answers``: pair, side, question, status, number, of pairs with ``joint`` only; ValueError for others.
    ``previous``: questionnaire, cycle code and answers of the cycle before.
    """
    readable = places.loc[places["joint"], "pair"]
    if not answers["pair"].isin(readable).all():
        raise ValueError("The answers hold a pair that this reader may not read.")
    scores = _scored(questionnaire, answers, readable)
    trend, pair_changes = _trend(scores, questionnaire, previous)
    return CenterReport(
        questionnaire=questionnaire,
        rules=scores.plan.rules,
        cycle=cycle,
        center=center,
        kind=kind,
        pairs=_pairs(places, scores, pair_changes),
        domains=_domains(scores),
        means=_means(questionnaire, scores),
        common=_common(questionnaire, scores),
        trend=trend,
        trend_pairs=len(pair_changes),
    )


def _scored(questionnaire: Questionnaire, answers: pd.DataFrame, pairs: Sequence[Any]) -> PairScores:
    """Both sides of these pairs have submitted, also where one left everything blank."""
    submitted = pd.DataFrame([(pair, side) for pair in pairs for side in SIDES], columns=["pair", "side"])
    return score_pairs(questionnaire, answers, pairs=sorted(pairs), submitted=submitted)


_NUMBERS = [
    "index",
    "level",
    "level_name",
    "held_back_by",
    "agreement",
    "items",
    "apart",
    "change",
    "level_change",
]


def _pairs(places: pd.DataFrame, scores: PairScores, pair_changes: pd.DataFrame) -> pd.DataFrame:
    found = scores.pairs[["pair", "status", "index", "level", "level_name", "agreement", "items", "apart"]]
    found = found.astype({"status": object, "level_name": object})
    found = found.assign(held_back_by=pd.Series(_held_back(scores), index=found.index)).merge(
        pair_changes, how="left", on="pair"
    )
    rows = places[PLACES].merge(found, how="left", on="pair")
    rows["status"] = rows["status"].where(rows["joint"], rows["answered"].map(_STATUS_BY_ANSWERS))
    rows["held_back_by"] = [ids if isinstance(ids, tuple) else () for ids in rows["held_back_by"]]
    return rows[[*PLACES, "status", *_NUMBERS]]


# Of a pair whose answers are not read here: how many sides have submitted, nothing else.
_STATUS_BY_ANSWERS = dict(
    enumerate(map(str, (PairStatus.NOT_STARTED, PairStatus.ONE_SIDED, PairStatus.COMPLETE)))
)


def _held_back(scores: PairScores) -> list[tuple[str, ...]]:
    """Per pair the items and domains that keep it below the level of its index."""
    names: dict[Any, list[str]] = {pair: [] for pair in scores.pairs["pair"]}
    for frame, column in ((scores.items, "question"), (scores.domains, "domain")):
        for pair, name in frame.loc[frame["fails_gate"], ["pair", column]].itertuples(index=False):
            names[pair].append(str(name))
    return [tuple(found) for found in names.values()]


def _domains(scores: PairScores) -> pd.DataFrame:
    columns = ["pair", "domain", *SIDES, "joint", "reportable", "gap", "perception_gap", "in_base"]
    return scores.domains[columns].astype({"domain": object})


def _means(questionnaire: Questionnaire, scores: PairScores) -> pd.DataFrame:
    """Means over the pairs in which a domain is reportable; the gap over those that have one."""
    rows = scores.domains[scores.domains["reportable"]]
    means = rows.groupby("domain", observed=False)[[*SIDES, "joint", "gap"]].mean()
    means = means.reindex([section.id for section in questionnaire.domains])
    count = rows["domain"].value_counts().reindex(means.index).fillna(0).astype(int)
    found = means.reset_index(names="id").astype({"id": object})
    found.insert(1, "title", [section.title for section in questionnaire.domains])
    return found.assign(
        n=count.to_numpy(),
        reportable=found["joint"].notna(),
        in_base=True,
        perception_gap=found["gap"].abs().fillna(0) >= scores.plan.rules.perception_gap,
    )


def _common(questionnaire: Questionnaire, scores: PairScores) -> pd.DataFrame:
    """Items with a joint score below the target, those that most pairs have in common first."""
    items = scores.items[scores.items["joint"].notna()]
    found = (
        items.assign(below=items["joint"].round(9) < scores.plan.rules.target)
        .groupby("question", observed=True, sort=False)
        .agg(n=("joint", "size"), mean=("joint", "mean"), below=("below", "sum"), apart=("discuss", "sum"))
        .reset_index(names="item")
        .astype({"item": object})
    )
    found = found[found["below"] > 0]
    actions = [questionnaire.by_id[item].action for item in found["item"]]
    found = found.assign(action=actions, share=found["below"] / found["n"])
    ordered = found.sort_values(["share", "mean"], ascending=[False, True], kind="stable")
    return ordered.drop(columns="share").reset_index(drop=True)


def _trend(
    scores: PairScores,
    questionnaire: Questionnaire,
    previous: tuple[Questionnaire, str, pd.DataFrame] | None,
) -> tuple[PairTrend | None, pd.DataFrame]:
    """Means of the pairs complete in both cycles; and per pair change of the index and of the level."""
    nothing = pd.DataFrame({"pair": [], "change": [], "level_change": []}).astype({"pair": "int64"})
    if previous is None:
        return None, nothing
    earlier, code, answers = previous
    before = _scored(earlier, answers, list(answers["pair"].unique()))
    found = changes(scores, before, same_items(questionnaire, earlier))
    if found.pairs.empty:
        return None, nothing
    domains = found.domains.groupby("domain", sort=False, observed=True)[["previous", "current"]].mean()
    domains = domains.assign(change=domains["current"] - domains["previous"], items=0).reset_index()
    now, then = float(found.pairs["current"].mean()), float(found.pairs["previous"].mean())
    trend = PairTrend(
        previous_cycle=code,
        items=int(found.pairs["items"].max()),
        domain_count=len(domains),
        previous=then,
        current=now,
        index_change=now - then,
        previous_level=None,
        domains=domains.astype({"domain": object}),
    )
    return trend, found.pairs[["pair", "change"]].assign(
        level_change=_level_change(found.pairs, scores, before)
    )


def _level_change(pairs: pd.DataFrame, now: PairScores, before: PairScores) -> np.ndarray[Any, Any]:
    levels = [scores.pairs.set_index("pair")["level"].reindex(pairs["pair"]) for scores in (now, before)]
    difference: np.ndarray[Any, Any] = (levels[0] - levels[1]).to_numpy(dtype=float, na_value=np.nan)
    return difference
