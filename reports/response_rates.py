"""Response rates with their names (AAPOR Standard Definitions; statistics.md 16), and who is partial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire
from reports import shown_questions

PARTIAL_FROM = 0.5  # of the ratings and questions shown; domain.md part iii


@dataclass(frozen=True)
class ResponseRates:
    """Shares of 1; None where there is nothing to divide by. ``eligible_share`` is e of RR3 and RR4."""

    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    eligible_share: float | None


def response_rates(
    *,
    complete: int,
    partial: int = 0,
    refused: int = 0,
    non_contact: int = 0,
    other: int = 0,
    unknown: int = 0,
    ineligible: int = 0,
    eligible_share: float | None = None,
) -> ResponseRates:
    """RR1 to RR6 from counts of cases; ValueError for a negative count.

    ``unknown``: cases not known to be eligible (UH and UO together). ``eligible_share``: the share of them
    taken to be eligible, by default that of the known cases (proportional allocation). RR1 and RR2 take all
    of them as eligible, RR5 and RR6 none; the even ones count partial answers as answers.
    """
    counts = (complete, partial, refused, non_contact, other, unknown, ineligible)
    if min(counts) < 0:
        raise ValueError("Counts of cases cannot be negative.")
    known = sum(counts[:5])
    share = _ratio(known, known + ineligible) if eligible_share is None else eligible_share
    answers = (complete, complete + partial)
    bases = (known + unknown, None if share is None else known + share * unknown, known)
    rates = [_ratio(answered, base) for base in bases for answered in answers]
    return ResponseRates(*[*rates, share])


def _ratio(top: float, base: float | None) -> float | None:
    return top / base if base else None


def answered_shares(questionnaire: Questionnaire, frame: pd.DataFrame) -> pd.Series[Any]:
    """How much of what was shown to it each response has answered, a share of 1 by respondent.

    ``frame``: respondent, question, part, status, number, option, rows in any order. A dual rating or a row
    of a grid counts as its parts, any other question as one. Every word counts as an answer, *no basis to
    judge* and *did not receive* as well; only blanks do not. Shown is what the skip rules leave, reached or
    not. A response without a row is not in the frame and has answered nothing.
    """
    respondents = pd.Index(frame["respondent"].unique())
    visible = shown_questions.shown(questionnaire, frame, respondents)
    weight = np.array([question.answer_count for question in questionnaire.questions])
    rows = frame[frame["status"].to_numpy(dtype=object) != str(AnswerStatus.UNANSWERED)]
    row = respondents.get_indexer(pd.Index(rows["respondent"]))
    column = visible.columns.get_indexer(pd.Index(rows["question"].astype(object)))
    given = np.zeros(visible.shape, dtype=int)
    np.add.at(given, (row[column >= 0], column[column >= 0]), 1)
    asked = visible.to_numpy()
    # Of several choices each has a row of its own, and together they are one answer.
    done = (np.minimum(given, weight) * asked).sum(axis=1)
    total = (asked * weight).sum(axis=1)
    share = np.divide(done, total, where=total > 0, out=np.zeros(len(total)))
    return pd.Series(share, index=respondents)


def partial_respondents(questionnaire: Questionnaire, frame: pd.DataFrame) -> pd.Index[Any]:
    """Of responses that were not finished, those that count as partial (AAPOR P); the rest are break-offs."""
    shares = answered_shares(questionnaire, frame)
    return shares.index[(shares.round(9) >= PARTIAL_FROM).to_numpy()]
