"""Which questions the skip rules leave for each respondent, many respondents at once.

The same rules as ``questionnaires.routing``: an answer to a question that was skipped counts as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import DO_NOT_KNOW_CODE, NOT_APPLICABLE_CODE, AnswerStatus
from questionnaires.definition import Condition, Questionnaire

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Given:
    """The rows that answer one question: whose (a position), the code as files hold it, the number."""

    people: int
    person: NDArray[np.intp]
    code: NDArray[Any]
    number: NDArray[np.float64]

    def anyone(self, rows: Bools) -> Bools:
        """Which people have such a row."""
        found = np.zeros(self.people, dtype=bool)
        found[self.person[rows]] = True
        return found


def shown(questionnaire: Questionnaire, frame: pd.DataFrame, respondents: pd.Index[Any]) -> pd.DataFrame:
    """Respondents (rows) x questions in file order (columns), True where the question applies.

    ``frame``: respondent, question, part, status, number, option. Only the rows of questions that a condition
    looks at are read.
    """
    decisive = _decisive(questionnaire)
    given: dict[str, _Given] = {}
    applies: dict[str, Bools] = {}
    for question in questionnaire.questions:
        mask = np.ones(len(respondents), dtype=bool)
        if question.applies_when is not None:
            mask = _holds(question.applies_when, given)
        applies[question.id] = mask
        if question.id in decisive:
            given[question.id] = _given(frame, question.id, respondents, mask)
    return pd.DataFrame(applies, index=respondents)


def _decisive(questionnaire: Questionnaire) -> frozenset[str]:
    """Ids of the questions whose answers decide what else is asked."""
    conditions = [q.applies_when for q in questionnaire.questions if q.applies_when is not None]
    return frozenset[str]().union(*(condition.questions() for condition in conditions))


def _given(frame: pd.DataFrame, question: str, respondents: pd.Index[Any], asked: Bools) -> _Given:
    rows = frame[(frame["question"] == question).to_numpy()]
    person = respondents.get_indexer(pd.Index(rows["respondent"]))
    status = rows["status"].to_numpy(dtype=object)
    number = rows["number"].to_numpy(dtype=float, na_value=np.nan)
    option = rows["option"].astype(object).where(rows["option"].notna(), "").to_numpy()
    marks = {
        str(AnswerStatus.NOT_APPLICABLE): NOT_APPLICABLE_CODE,
        str(AnswerStatus.DO_NOT_KNOW): DO_NOT_KNOW_CODE,
    }
    code = np.array(
        [marks.get(s) or o or f"{n:g}" for s, o, n in zip(status, option, number, strict=True)], dtype=object
    )
    keep = (person >= 0) & (status != str(AnswerStatus.UNANSWERED))
    keep[keep] = asked[person[keep]]
    return _Given(len(respondents), person[keep], code[keep], number[keep])


def _holds(condition: Condition, given: dict[str, _Given]) -> Bools:
    if condition.operands:
        combine = and_ if condition.operator == "all" else or_
        return reduce(combine, (_holds(operand, given) for operand in condition.operands))
    rows = given[condition.question]
    match condition.operator:
        case "is" | "one_of":
            return rows.anyone(np.isin(rows.code, condition.values))
        case "is_not":
            return ~rows.anyone(np.isin(rows.code, condition.values))
        case "at_least":
            return rows.anyone(rows.number >= float(condition.values[0]))
        case "at_most":
            return rows.anyone(rows.number <= float(condition.values[0]))
        case "answered":
            return rows.anyone(~np.isin(rows.code, (NOT_APPLICABLE_CODE, DO_NOT_KNOW_CODE)))
    raise ValueError(f"There is no condition {condition.operator!r}.")
