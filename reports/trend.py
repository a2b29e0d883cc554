"""Change since an earlier cycle on the items that both cycles scored (domain.md part iv, *Trend*)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from questionnaires.definition import Question, Questionnaire
from reports.calculation import PairScores
from reports.maturity import PairStatus
from reports.scoring import Answers, Floats, Plan, domain_means, joint_scores, ratio


@dataclass(frozen=True, eq=False)
class Changes:
    """Change of the pairs that are complete in both cycles and have a common item.

    ``pairs``: pair, items, domains (how many are common), previous, current (index on the common items),
    change. ``domains``: pair, domain, items, previous, current, change; only domains with a common item.
    """

    pairs: pd.DataFrame
    domains: pd.DataFrame


def same_items(current: Questionnaire, previous: Questionnaire) -> list[str]:
    """Ids of the scored questions that ask the same in both, in the later file order.

    An item has no version of its own: it is the same while its wording for each side and the points of its
    scale are the same. Weights, helps and actions may change.
    """
    if current.id != previous.id:
        return []
    return [
        question.id
        for question in current.questions
        if question.scored
        and (before := previous.by_id.get(question.id)) is not None
        and before.scored
        and _asks(before) == _asks(question)
    ]


def _asks(question: Question) -> tuple[Any, ...]:
    return question.type, dict(question.wording), question.choices


def changes(current: PairScores, previous: PairScores, common: list[str]) -> Changes:
    """Steps 3 and 4 on the items in ``common`` that have a joint score in both cycles, by the later rules.

    Ratings of the earlier cycle are scored with the later weights and weaker-side factor, so that only
    answers can move the number. On the common set every domain with an item has full coverage; one without
    an item drops out of both.
    """
    pairs = _complete(current).intersection(_complete(previous), sort=False)
    now = _common_scores(current.plan, current.plan, current.answers, pairs, common)
    before = _common_scores(current.plan, previous.plan, previous.answers, pairs, common)
    either = np.isnan(now) | np.isnan(before)
    now, before = np.where(either, np.nan, now), np.where(either, np.nan, before)
    domains = _domains_frame(current.plan, pairs, now, before)
    return Changes(_pairs_frame(domains), domains)


def _complete(scores: PairScores) -> pd.Index[Any]:
    complete = scores.pairs["status"] == str(PairStatus.COMPLETE)
    found: pd.Index[Any] = pd.Index(scores.pairs.loc[complete, "pair"])
    return found


def _common_scores(
    scored: Plan, own: Plan, answers: Answers, pairs: pd.Index[Any], common: list[str]
) -> Floats:
    """P x N of ``scored``: joint scores of the common items, from answers that are laid out as ``own``."""
    rows = answers.pairs.get_indexer(pairs)
    target = pd.Index(scored.codebook["question"]).get_indexer(pd.Index(common))
    source = pd.Index(own.codebook["question"]).get_indexer(pd.Index(common))
    rating = np.full((2, len(pairs), len(scored.codebook)), np.nan)
    rating[:, :, target] = answers.rating[:, rows][:, :, source]
    return joint_scores(scored, rating)


def _domains_frame(scored: Plan, pairs: pd.Index[Any], now: Floats, before: Floats) -> pd.DataFrame:
    count = np.add.reduceat(~np.isnan(now), scored.first, axis=-1, dtype=np.intp)
    previous, current = domain_means(scored, before), domain_means(scored, now)
    frame = pd.DataFrame(
        {
            "pair": np.repeat(pairs.to_numpy(), len(scored.domains)),
            "domain": np.tile(scored.domains.to_numpy(), len(pairs)),
            "items": count.ravel(),
            "previous": previous.ravel(),
            "current": current.ravel(),
            "change": (current - previous).ravel(),
        }
    )
    return frame[frame["items"] > 0].reset_index(drop=True)


def _pairs_frame(domains: pd.DataFrame) -> pd.DataFrame:
    groups = domains.groupby("pair", sort=False)
    sums = groups[["items", "previous", "current"]].sum()
    count = groups.size()
    previous, current = (ratio(sums[name].to_numpy(), count.to_numpy()) for name in ("previous", "current"))
    return pd.DataFrame(
        {
            "pair": sums.index,
            "items": sums["items"].to_numpy(),
            "domains": count.to_numpy(),
            "previous": previous,
            "current": current,
            "change": current - previous,
        }
    )
