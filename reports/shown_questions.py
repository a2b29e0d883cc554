"""Which questions the skip rules leave for each respondent, many respondents at once.

The same rules as ``questionnaires.routing``: an answer to a question that was skipped counts as none.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import DO_NOT_KNOW_CODE, NOT_APPLICABLE_CODE, AnswerStatus
from questionnaires.definition import Condition, Questionnaire

Bools = NDArray[np.bool_]


def shown(questionnaire: Questionnaire, frame: pd.DataFrame, respondents: pd.Index[Any]) -> pd.DataFrame:
    """Respondents (rows) x questions in file order (columns), True where the question applies.

    ``frame``: respondent, question, part, status, number, option. Only the questions that a condition looks
    at are read from it.
    """
    decisive = _decisive(questionnaire)
    codes: dict[str, NDArray[Any]] = {}
    applies: dict[str, Bools] = {}
    for question in questionnaire.questions:
        mask = np.ones(len(respondents), dtype=bool)
        if question.applies_when is not None:
            mask = _holds(question.applies_when, codes)
        applies[question.id] = mask
        if question.id in decisive:
            codes[question.id] = np.where(mask, _codes(frame, question.id, respondents), "")
    return pd.DataFrame(applies, index=respondents)


def _decisive(questionnaire: Questionnaire) -> frozenset[str]:
    """Ids of the questions whose answers decide what else is asked."""
    conditions = [q.applies_when for q in questionnaire.questions if q.applies_when is not None]
    return frozenset().union(*(condition.questions() for condition in conditions))


def _codes(frame: pd.DataFrame, question: str, respondents: pd.Index[Any]) -> NDArray[Any]:
    """What each respondent answered, as files hold it; "" for nothing."""
    rows = frame[(frame["question"] == question).to_numpy()]
    status = rows["status"].to_numpy(dtype=object)
    option = rows["option"].to_numpy(dtype=object)
    number = rows["number"].to_numpy(dtype=float, na_value=np.nan)
    chosen = [
        str(o) if isinstance(o, str) and o else ("" if np.isnan(n) else f"{n:g}")
        for o, n in zip(option, number, strict=True)
    ]
    code = np.select(
        [
            status == str(AnswerStatus.ANSWERED),
            status == str(AnswerStatus.NOT_APPLICABLE),
            status == str(AnswerStatus.DO_NOT_KNOW),
        ],
        [np.array(chosen, dtype=object), NOT_APPLICABLE_CODE, DO_NOT_KNOW_CODE],
        default="",
    )
    found = np.full(len(respondents), "", dtype=object)
    place = respondents.get_indexer(pd.Index(rows["respondent"]))
    found[place[place >= 0]] = code[place >= 0]
    return found


def _holds(condition: Condition, codes: dict[str, NDArray[Any]]) -> Bools:
    if condition.operands:
        combine = and_ if condition.operator == "all" else or_
        return reduce(combine, (_holds(operand, codes) for operand in condition.operands))
    code = codes[condition.question]
    match condition.operator:
        case "is" | "one_of":
            return np.isin(code, condition.values)
        case "is_not":
            return ~np.isin(code, condition.values)
        case "at_least":
            return _numbers(code) >= float(condition.values[0])
        case "at_most":
            return _numbers(code) <= float(condition.values[0])
        case "answered":
            return ~np.isin(code, ("", NOT_APPLICABLE_CODE, DO_NOT_KNOW_CODE))
    raise ValueError(f"There is no condition {condition.operator!r}.")


def _numbers(code: NDArray[Any]) -> NDArray[np.float64]:
    return pd.to_numeric(pd.Series(code), errors="coerce").to_numpy(dtype=float)
