"""Index, level, gates, what held a level back (domain.md part iv: step 4, *Status*, *Bounds*, *Levels*)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from questionnaires.definition import ScoringRules
from reports.scoring import Answers, Bools, Codes, DomainScores, Floats, ItemScores, Plan, bounded, ratio


class PairStatus(StrEnum):
    """How far a pair's report has come; every expected pair has one of the four."""

    NOT_STARTED = "not_started"
    ONE_SIDED = "one_sided"
    COMPLETE = "complete"
    INSUFFICIENT = "insufficient"


PAIR_STATUSES = tuple(PairStatus)
NO_BAND = -1  # of a pair without an index


@dataclass(frozen=True, eq=False)
class Maturity:
    """P pairs, N items, D domains.

    ``status`` P, position in PAIR_STATUSES. ``index`` P, 0-100, NaN unless complete. ``band`` and
    ``level`` P, positions in the rules' levels, -1 unless complete. ``item_fails`` P x N and
    ``domain_fails`` P x D: what fails the gate of the pair's band. ``not_known`` P x N: critical items
    that apply, have no joint score and fail no gate. ``reportable`` and ``with_base`` P: domains counted.
    """

    status: Codes
    index: Floats
    band: NDArray[np.intp]
    level: NDArray[np.intp]
    item_fails: Bools
    domain_fails: Bools
    not_known: Bools
    reportable: NDArray[np.intp]
    with_base: NDArray[np.intp]


def maturity(scored: Plan, answers: Answers, items: ItemScores, domains: DomainScores) -> Maturity:
    """Status, index, level of each pair and what held the level back."""
    reportable = domains.reportable.sum(axis=1)
    with_base = (domains.in_base & answers.both[:, None]).sum(axis=1)
    complete = bounded(ratio(reportable, with_base)) >= scored.rules.index_coverage
    total = np.where(domains.reportable, domains.joint, 0.0).sum(axis=1)
    index = np.where(complete, ratio(total, reportable), np.nan)
    band = _bands(scored.rules, index)
    item_fails, domain_fails, not_known = _gates(scored, items, domains, band)
    held_back = item_fails.any(axis=1) | domain_fails.any(axis=1)
    return Maturity(
        status=_statuses(answers, complete),
        index=index,
        band=band,
        level=np.where(held_back, np.maximum(band - 1, 0), band),
        item_fails=item_fails,
        domain_fails=domain_fails,
        not_known=not_known,
        reportable=reportable,
        with_base=with_base,
    )


def _statuses(answers: Answers, complete: Bools) -> Codes:
    status = np.full(len(answers.pairs), PAIR_STATUSES.index(PairStatus.NOT_STARTED), dtype=np.int8)
    status[answers.submitted.any(axis=0)] = PAIR_STATUSES.index(PairStatus.ONE_SIDED)
    status[answers.both] = PAIR_STATUSES.index(PairStatus.INSUFFICIENT)
    status[complete] = PAIR_STATUSES.index(PairStatus.COMPLETE)
    return status


def _bands(rules: ScoringRules, index: Floats) -> NDArray[np.intp]:
    """Position of the level whose band holds the index, lower bound included; -1 without an index."""
    lower = [level.from_index for level in rules.levels]
    band = np.searchsorted(lower, bounded(index), side="right") - 1
    return np.where(np.isnan(index), NO_BAND, np.maximum(band, 0))


def _gates(
    scored: Plan, items: ItemScores, domains: DomainScores, band: NDArray[np.intp]
) -> tuple[Bools, Bools, Bools]:
    """What fails the gate of each pair's band, and the critical items that only are not known."""
    # The last entry is that of NO_BAND: nothing is asked there.
    gates = [level.gate for level in scored.rules.levels]
    lowest_item = np.array([_or_nothing(gate.critical_at_least) for gate in gates] + [-np.inf])[band]
    lowest_domain = np.array([_or_nothing(gate.domain_at_least) for gate in gates] + [-np.inf])[band]
    must_know = np.array([gate.critical_known for gate in gates] + [False])[band]
    critical = items.base & scored.critical & (band != NO_BAND)[:, None]
    unknown = critical & np.isnan(items.joint)
    item_fails = critical & (bounded(items.joint) < lowest_item[:, None]) | unknown & must_know[:, None]
    domain_fails = domains.reportable & (bounded(domains.joint) < lowest_domain[:, None])
    return item_fails, domain_fails, unknown & ~item_fails


def _or_nothing(bound: float | None) -> float:
    return -np.inf if bound is None else bound


def score_bounds(rules: ScoringRules) -> frozenset[float]:
    """Where an index or a domain score (0-100) changes its meaning: bands and gates."""
    gates = {level.gate.domain_at_least for level in rules.levels} - {None}
    return frozenset({level.from_index for level in rules.levels} | {g for g in gates if g is not None})


def item_bounds(rules: ScoringRules) -> frozenset[float]:
    """Where an item's joint score changes its meaning: the target and the gates of critical items."""
    gates = {level.gate.critical_at_least for level in rules.levels}
    return frozenset({rules.target} | {g for g in gates if g is not None})


def gap_bounds(rules: ScoringRules) -> frozenset[float]:
    """From which gap (points of 100, either way) the two sides see a domain differently."""
    return frozenset({rules.perception_gap})


def shown(value: float, bounds: Collection[float] = (), decimals: int = 0) -> str:
    """The number as a page prints it: half away from zero, but never across a bound.

    Bounds are lower bounds, compared with the size of the number: with a bound of 60, 59.97 gives "59"
    (or "59.9") and 60 gives "60"; with a bound of 20, -19.97 gives "-19". Where both neighbours are
    across a bound, more decimals are printed.
    """
    size = Decimal(str(round(abs(value), 9)))
    step = Decimal(1).scaleb(-decimals)
    for rounding in (ROUND_HALF_UP, ROUND_FLOOR, ROUND_CEILING):
        number = size.quantize(step, rounding)
        if not any(_crosses(size, number, Decimal(str(round(bound, 9)))) for bound in bounds):
            return f"{'-' if value < 0 and number else ''}{number}"
    return shown(value, bounds, decimals + 1)


def _crosses(value: Decimal, number: Decimal, bound: Decimal) -> bool:
    return (value < bound) != (number < bound)
