"""Item, side and domain scores of many pairs at once (domain.md part iv, steps 1 to 3 and 5, missing data).

Everything here works on dense arrays: sides x pairs x items, items in file order. One row of an answer
frame fills one cell. ``calculation`` turns the arrays back into frames.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire, ScoringRules, Side

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]

STATUSES = tuple(AnswerStatus)
_ANSWERED = STATUSES.index(AnswerStatus.ANSWERED)
_NOT_APPLICABLE = STATUSES.index(AnswerStatus.NOT_APPLICABLE)
_UNANSWERED = STATUSES.index(AnswerStatus.UNANSWERED)
_COLUMNS = ("side", "question", "status", "number")
# Text in frames is Python's own: ours are small, or categories, and Arrow's take a sixth of every report.
pd.set_option("mode.string_storage", "python")


class ItemState(StrEnum):
    """What may be said of an item of a pair; the first that fits (domain.md, *Missing data*)."""

    NOT_APPLICABLE = "not_applicable"
    SCOPE_CONFLICT = "scope_conflict"
    UNKNOWN = "unknown"
    SCORED = "scored"


STATES = tuple(ItemState)
NO_STATE = -1  # of an item of a pair that has not heard both sides


@dataclass(frozen=True, eq=False)
class Plan:
    """What a questionnaire asks to be scored, as arrays; N items in file order, D domains.

    ``asked`` sides x N, ``weight`` ``critical`` ``shared`` N, ``domain`` N (index of the domain),
    ``first`` D (index of the domain's first item), ``points`` the numbers of the answer scale, ascending.
    """

    codebook: pd.DataFrame
    rules: ScoringRules
    points: Floats
    asked: Bools
    weight: Floats
    critical: Bools
    shared: Bools
    domain: NDArray[np.intp]
    first: NDArray[np.intp]
    domains: pd.Index[Any]

    @property
    def highest(self) -> float:
        return float(self.points[-1])


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of P pairs, only of sides that have submitted.

    ``submitted`` sides x P. ``rating`` and ``status`` sides x P x N; rating is NaN where there is none,
    status is a position in ``STATUSES``.
    """

    pairs: pd.Index[Any]
    submitted: Bools
    rating: Floats
    status: Codes

    @property
    def both(self) -> Bools:
        """P: both sides have submitted."""
        heard: Bools = np.all(self.submitted, axis=0)
        return heard


@dataclass(frozen=True, eq=False)
class ItemScores:
    """P x N. ``joint`` c and ``difference`` f - e, NaN for none; ``state`` a position in STATES or -1."""

    joint: Floats
    difference: Floats
    state: Codes

    @property
    def base(self) -> Bools:
        """The item applies to the pair."""
        applies: Bools = (self.state != NO_STATE) & (self.state != STATES.index(ItemState.NOT_APPLICABLE))
        return applies


@dataclass(frozen=True, eq=False)
class DomainScores:
    """``side`` sides x P x D, the others P x D. Scores and gap in points of 100, coverage a share of 1.

    ``gap_items`` is the number of shared items that the gap rests on, ``in_base`` whether any item of
    the domain applies.
    """

    side: Floats
    joint: Floats
    coverage: Floats
    reportable: Bools
    gap: Floats
    gap_items: NDArray[np.intp]
    in_base: Bools


def codebook(questionnaire: Questionnaire) -> pd.DataFrame:
    """One row a scored question, in file order.

    Columns: question, domain, weight, critical, fusion_center, eoc (asked of it), shared, mirror.
    """
    rules = scoring_rules(questionnaire)
    rows = [
        (
            q.id,
            section.id,
            float(q.weight),
            q.critical(rules),
            *(q.asked_of(s) for s in Side),
            q.shared,
            q.mirror,
        )
        for section in questionnaire.domains
        for q in section.scored_questions
    ]
    names = ["question", "domain", "weight", "critical", *map(str, Side), "shared", "mirror"]
    return pd.DataFrame(rows, columns=names)


def scoring_rules(questionnaire: Questionnaire) -> ScoringRules:
    """The rules of a scored questionnaire; ValueError where it has none."""
    if questionnaire.scoring is None or questionnaire.scale is None:
        raise ValueError(f"Questionnaire {questionnaire.id} {questionnaire.version} has no scoring rules.")
    return questionnaire.scoring


def plan(questionnaire: Questionnaire) -> Plan:
    """The arrays by which a questionnaire is scored; ValueError where it has no scoring rules."""
    rules = scoring_rules(questionnaire)
    book = codebook(questionnaire)
    domains = pd.Index([section.id for section in questionnaire.domains], dtype=object)
    domain = domains.get_indexer(pd.Index(book["domain"]))
    assert questionnaire.scale is not None
    return Plan(
        codebook=book,
        rules=rules,
        points=np.sort(np.array(questionnaire.scale.numbers, dtype=float)),
        asked=book[list(map(str, Side))].to_numpy(dtype=bool).T,
        weight=book["weight"].to_numpy(dtype=float),
        critical=book["critical"].to_numpy(dtype=bool),
        shared=book["shared"].to_numpy(dtype=bool),
        domain=domain,
        first=np.searchsorted(domain, np.arange(len(domains))),
        domains=domains,
    )


def answer_arrays(
    scored: Plan,
    frame: pd.DataFrame,
    *,
    pairs: Sequence[Any] | None = None,
    submitted: pd.DataFrame | None = None,
) -> Answers:
    """Spread an answer frame (pair, side, question, status, number; rows in any order) over dense arrays.

    ``pairs`` are the pairs expected; without it, those of the frame and of ``submitted``. ``submitted``
    (pair, side) says which sides have; without it, those with a row. Rows of other pairs, of sides that
    have not submitted, of unscored questions and of items not asked of that side are left out. Fastest
    where side, question and status are categories. ValueError: an unknown side, status or rating, or two
    rows for one cell.
    """
    _check_columns(frame, ("pair", *_COLUMNS))
    index = _pair_index(frame, pairs, submitted)
    side = _positions(frame["side"], pd.Index(list(map(str, Side)), dtype=object))
    _refuse(side < 0, frame["side"], "is not a side; use fusion_center or eoc")
    pair = _positions(frame["pair"], index)
    has_submitted = _submitted_sides(index, pair, side, submitted)
    question = _positions(frame["question"], pd.Index(scored.codebook["question"], dtype=object))
    keep = (pair >= 0) & (question >= 0)
    keep &= has_submitted[side, pair] & scored.asked[side, question]
    shape = (len(Side), len(index), len(scored.codebook))
    cell = np.ravel_multi_index((side[keep], pair[keep], question[keep]), shape)
    status, rating = _cells(scored, frame, keep, cell, int(np.prod(shape)))
    return Answers(index, has_submitted, rating.reshape(shape), status.reshape(shape))


def _cells(
    scored: Plan, frame: pd.DataFrame, keep: Bools, cell: NDArray[np.intp], size: int
) -> tuple[Codes, Floats]:
    """Status and rating of each cell; a cell without a row is unanswered."""
    if len(cell) and np.bincount(cell).max() > 1:
        raise ValueError("Two rows answer one question for one side of a pair; the frame must hold one.")
    given = _positions(frame["status"], pd.Index(list(map(str, STATUSES)), dtype=object))
    _refuse(given < 0, frame["status"], "is not an answer status")
    number = frame["number"].to_numpy(dtype=float, na_value=np.nan)[keep]
    given = given[keep]
    rated = (given == _ANSWERED) & ~np.isnan(number)
    strange = rated & ~np.isin(number, scored.points)
    if strange.any():
        raise ValueError(f"{number[strange][0]:g} is not a rating of this questionnaire's scale.")
    status = np.full(size, _UNANSWERED, dtype=np.int8)
    status[cell] = np.where((given == _ANSWERED) & ~rated, _UNANSWERED, given)
    rating = np.full(size, np.nan)
    rating[cell] = np.where(rated, number, np.nan)
    return status, rating


def _check_columns(frame: pd.DataFrame, names: Collection[str]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ValueError(f"The answer frame has no column {', '.join(missing)}.")


def _refuse(wrong: Bools, values: pd.Series[Any], what: str) -> None:
    if wrong.any():
        raise ValueError(f"{values.to_numpy(dtype=object)[wrong][0]!r} {what}.")


def _positions(values: pd.Series[Any], index: pd.Index[Any]) -> NDArray[np.intp]:
    """Position of each value in ``index``, -1 where it is not there; each distinct value is sought once."""
    distinct = values.array if isinstance(values.dtype, pd.CategoricalDtype) else pd.Categorical(values)
    assert isinstance(distinct, pd.Categorical)
    found = index.get_indexer(pd.Index(distinct.categories, dtype=index.dtype))
    positions: NDArray[np.intp] = np.append(found, -1)[distinct.codes]
    return positions


def _pair_index(
    frame: pd.DataFrame, pairs: Sequence[Any] | None, submitted: pd.DataFrame | None
) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(frame["pair"].unique() if pairs is None else pairs)
    if pairs is not None:
        return index
    if submitted is not None:
        index = index.union(pd.Index(submitted["pair"].unique()))
    ascending: pd.Index[Any] = index.sort_values()
    return ascending


def _submitted_sides(
    index: pd.Index[Any],
    pair: NDArray[np.intp],
    side: NDArray[np.intp],
    submitted: pd.DataFrame | None,
) -> Bools:
    if submitted is not None:
        pair = _positions(submitted["pair"], index)
        side = _positions(submitted["side"], pd.Index(list(map(str, Side)), dtype=object))
        _refuse(side < 0, submitted["side"], "is not a side; use fusion_center or eoc")
    found = np.zeros((len(Side), len(index)), dtype=bool)
    known = pair >= 0
    found[side[known], pair[known]] = True
    return found


def item_scores(scored: Plan, answers: Answers) -> ItemScores:
    """Step 1 and *Missing data*: joint score, difference and state of each item of each pair.

    c = k*min + (1-k)*max of the two ratings with k the weaker-side factor; a one-side item's c is its
    rating. Difference is fusion center minus EOC on items rated by both. Only where both submitted.
    """
    both = answers.both[:, None]
    rating = np.where(both, answers.rating, np.nan)
    return ItemScores(
        joint=joint_scores(scored, rating), difference=rating[0] - rating[1], state=_states(scored, answers)
    )


def joint_scores(scored: Plan, rating: Floats) -> Floats:
    """Step 1: c of each item (P x N) from the ratings (sides x P x N); NaN where a side asked gave none."""
    factor = scored.rules.weaker_side_factor
    low, high = np.minimum(rating[0], rating[1]), np.maximum(rating[0], rating[1])
    only = np.where(scored.asked[0], rating[0], rating[1])
    joint: Floats = np.where(scored.shared, factor * low + (1 - factor) * high, only)
    return joint


def _states(scored: Plan, answers: Answers) -> Codes:
    asked = scored.asked[:, None, :]
    not_applicable = asked & (answers.status == _NOT_APPLICABLE)
    unrated = asked & (answers.status != _ANSWERED)
    state = np.full(unrated.shape[1:], STATES.index(ItemState.SCORED), dtype=np.int8)
    state[unrated.any(axis=0)] = STATES.index(ItemState.UNKNOWN)
    state[not_applicable.any(axis=0)] = STATES.index(ItemState.SCOPE_CONFLICT)
    state[(not_applicable | ~asked).all(axis=0)] = STATES.index(ItemState.NOT_APPLICABLE)
    state[~answers.both] = NO_STATE
    return state


def domain_sums(scored: Plan, values: NDArray[Any]) -> NDArray[Any]:
    """Sums over the items of each domain: (..., N) -> (..., D)."""
    sums: NDArray[Any] = np.add.reduceat(values, scored.first, axis=-1)
    return sums


def domain_means(scored: Plan, values: Floats) -> Floats:
    """Steps 2 and 3: 100*sum(w*x)/(highest*sum(w)) over the items with a value; NaN where none has one."""
    present = ~np.isnan(values)
    top = domain_sums(scored, np.where(present, values, 0.0) * scored.weight)
    return ratio(100 * top, scored.highest * domain_sums(scored, present * scored.weight))


def ratio(top: NDArray[Any], bottom: NDArray[Any]) -> Floats:
    """top/bottom, NaN where there is nothing to divide by."""
    found: Floats = np.full(np.shape(bottom), np.nan)
    np.divide(top, bottom, out=found, where=bottom != 0)
    return found


def domain_scores(scored: Plan, answers: Answers, items: ItemScores) -> DomainScores:
    """Steps 2, 3 and 5 and coverage: side scores, joint score M, gap on the items that both rated.

    Coverage is the weight with c over the weight that applies; reportable from ``domain_coverage`` on.
    """
    base = domain_sums(scored, items.base * scored.weight)
    with_score = domain_sums(scored, ~np.isnan(items.joint) * scored.weight)
    coverage = ratio(with_score, base)
    compared = ~np.isnan(items.difference)
    side = domain_means(scored, answers.rating)
    weight = domain_sums(scored, compared * scored.weight)
    gap = domain_sums(scored, np.where(compared, items.difference, 0.0) * scored.weight)
    return DomainScores(
        side=side,
        joint=domain_means(scored, items.joint),
        coverage=coverage,
        reportable=bounded(coverage) >= scored.rules.domain_coverage,
        gap=ratio(100 * gap, scored.highest * weight),
        gap_items=domain_sums(scored, compared.astype(np.intp)),
        in_base=base > 0,
    )


def bounded(values: Floats) -> Floats:
    """Values as bounds compare them: rounded to 9 decimals, so that 59.9999999999 is 60."""
    rounded: Floats = np.round(values, 9)
    return rounded
