"""All scores of many pairs in one go: an answer frame in, frames of items, domains and pairs out.

Pairs do not depend on one another, so a cluster may run this on parts of the frame. ``pair.build`` is its
use for one pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.definition import Questionnaire, Side
from reports.agreement import Agreement, agreement
from reports.comparison import QUADRANTS, discuss_flags, perception_gaps, priorities, quadrants
from reports.maturity import NO_BAND, PAIR_STATUSES, Maturity, maturity
from reports.scoring import (
    STATES,
    STATUSES,
    Answers,
    DomainScores,
    ItemScores,
    Plan,
    answer_arrays,
    domain_scores,
    item_scores,
    plan,
)


@dataclass(frozen=True, eq=False)
class PairScores:
    """What was computed, one row each, pairs ascending, items and domains in file order; NaN for null.

    ``items``: pair, question, domain, weight, critical, fusion_center, eoc (ratings),
    fusion_center_status, eoc_status, joint, difference, state, discuss, quadrant, priority, fails_gate,
    not_known.
    ``domains``: pair, domain, fusion_center, eoc, joint, coverage, reportable, gap, gap_items,
    perception_gap, in_base, fails_gate.
    ``pairs``: pair, status, index, level, level_name, band (level of the index's band), held_back,
    reportable_domains, domains_in_base, agreement, exact, within_one, items, same, close, apart,
    difference, weighted_kappa, icc.

    A side that has not submitted has no ratings and null statuses; a pair without both sides has no joint
    numbers, states or quadrants. ``plan`` and ``answers`` are the arrays behind (for ``trend``).
    """

    items: pd.DataFrame
    domains: pd.DataFrame
    pairs: pd.DataFrame
    plan: Plan
    answers: Answers


def score_pairs(
    questionnaire: Questionnaire,
    frame: pd.DataFrame,
    *,
    pairs: Sequence[Any] | None = None,
    submitted: pd.DataFrame | None = None,
) -> PairScores:
    """Score every pair of an answer frame (pair, side, question, status, number; rows in any order).

    ``pairs`` and ``submitted`` (pair, side) as in ``scoring.answer_arrays``: which pairs are expected and
    which sides have submitted. Rows of a side that has not submitted are dropped before anything is
    computed. Raises ValueError for a frame that is not sound.
    """
    scored = plan(questionnaire)
    answers = answer_arrays(scored, frame, pairs=pairs, submitted=submitted)
    items = item_scores(scored, answers)
    domains = domain_scores(scored, answers, items)
    result = maturity(scored, answers, items, domains)
    return PairScores(
        items=_items_frame(scored, answers, items, result),
        domains=_domains_frame(scored, answers, domains, result),
        pairs=_pairs_frame(scored, answers, result, agreement(scored, answers, items)),
        plan=scored,
        answers=answers,
    )


def _items_frame(scored: Plan, answers: Answers, items: ItemScores, result: Maturity) -> pd.DataFrame:
    count, width = len(answers.pairs), len(scored.codebook)
    statuses = [str(status) for status in STATUSES]
    columns: dict[str, Any] = {
        "pair": np.repeat(answers.pairs.to_numpy(), width),
        "question": _tiled(np.arange(width), count, scored.codebook["question"]),
        "domain": _tiled(scored.domain, count, scored.domains),
        "weight": np.tile(scored.weight, count),
        "critical": np.tile(scored.critical, count),
    }
    for row, side in enumerate(Side):
        heard = answers.submitted[row][:, None]
        columns[str(side)] = answers.rating[row].ravel()
        columns[f"{side}_status"] = _labelled(np.where(heard, answers.status[row], -1), statuses)
    columns |= {
        "joint": items.joint.ravel(),
        "difference": items.difference.ravel(),
        "state": _labelled(items.state, list(map(str, STATES))),
        "discuss": discuss_flags(scored, items).ravel(),
        "quadrant": _labelled(quadrants(scored, answers, items), list(map(str, QUADRANTS))),
        "priority": priorities(scored, items).ravel(),
        "fails_gate": result.item_fails.ravel(),
        "not_known": result.not_known.ravel(),
    }
    return pd.DataFrame(columns, copy=False)


def _domains_frame(scored: Plan, answers: Answers, domains: DomainScores, result: Maturity) -> pd.DataFrame:
    count, width = len(answers.pairs), len(scored.domains)
    columns = {
        "pair": np.repeat(answers.pairs.to_numpy(), width),
        "domain": _tiled(np.arange(width), count, scored.domains),
        **{str(side): score.ravel() for side, score in zip(Side, domains.side, strict=True)},
        "joint": domains.joint.ravel(),
        "coverage": domains.coverage.ravel(),
        "reportable": domains.reportable.ravel(),
        "gap": domains.gap.ravel(),
        "gap_items": domains.gap_items.ravel(),
        "perception_gap": perception_gaps(scored, domains).ravel(),
        "in_base": domains.in_base.ravel(),
        "fails_gate": result.domain_fails.ravel(),
    }
    return pd.DataFrame(columns, copy=False)


def _pairs_frame(scored: Plan, answers: Answers, result: Maturity, agreed: Agreement) -> pd.DataFrame:
    levels = scored.rules.levels
    numbers = np.array([level.level for level in levels])
    columns = {
        "pair": answers.pairs.to_numpy(),
        "status": _labelled(result.status, list(map(str, PAIR_STATUSES))),
        "index": result.index,
        "level": _numbered(result.level, numbers),
        "level_name": _labelled(result.level, [level.name for level in levels]),
        "band": _numbered(result.band, numbers),
        "held_back": result.level < result.band,
        "reportable_domains": result.reportable,
        "domains_in_base": result.with_base,
        "agreement": agreed.index,
        **{name: getattr(agreed, name) for name in _AGREEMENT},
    }
    return pd.DataFrame(columns, copy=False)


_AGREEMENT = (
    "exact",
    "within_one",
    "items",
    "same",
    "close",
    "apart",
    "difference",
    "weighted_kappa",
    "icc",
)


def _labelled(codes: NDArray[Any], labels: list[str]) -> pd.Categorical[Any]:
    """Codes as a categorical column; -1 is null."""
    return pd.Categorical.from_codes(codes.ravel(), dtype=pd.CategoricalDtype(labels))


def _tiled(codes: NDArray[Any], count: int, labels: pd.Series[Any] | pd.Index[Any]) -> pd.Categorical[Any]:
    return _labelled(np.tile(codes.astype(np.int16), count), list(labels))


def _numbered(positions: NDArray[np.intp], numbers: NDArray[Any]) -> pd.Series[Any]:
    """Level numbers of positions in the rules' levels; <NA> for none."""
    return pd.Series(numbers[positions], dtype="Int64").mask(positions == NO_BAND)
