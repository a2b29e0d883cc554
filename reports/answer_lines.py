"""Stored answers as lines of a file, one line an answer in the columns of ``answers import``, as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, groupby
from typing import Any

from assessment import answer_rows
from assessment.database import Session
from assessment.models.cycles import Cycle
from assessment.models.surveys import Survey
from questionnaires.answers import DO_NOT_KNOW_CODE, NOT_APPLICABLE_CODE, AnswerStatus
from questionnaires.definition import AnswerType, Questionnaire

CHECKLIST = ("fusion_center", "eoc", "side", "question", "value", "note")
SURVEY = ("fusion_center", "respondent", "question", "part", "value")
Line = tuple[Any, ...]
_STATUS_CODES = {
    str(AnswerStatus.DO_NOT_KNOW): DO_NOT_KNOW_CODE,
    str(AnswerStatus.NOT_APPLICABLE): NOT_APPLICABLE_CODE,
    str(AnswerStatus.UNANSWERED): "",
}


def checklist_lines(session: Session, cycle: Cycle) -> Iterator[Line]:
    """Both sides of every revealed pair: the columns of CHECKLIST."""
    rows = chain.from_iterable(answer_rows.stream(session, answer_rows.checklist_query(cycle)))
    code = _Codes()
    for fusion_center, eoc, side, question, _part, status, number, option, text in rows:
        yield fusion_center, eoc, side, question, code(status, number, option), text


def survey_lines(
    session: Session,
    survey: Survey,
    questionnaire: Questionnaire,
    comments: Collection[tuple[str, str]],
) -> Iterator[Line]:
    """The released sheets of one survey, numbered in their random order: the columns of SURVEY.

    Words are only in it where they are among ``comments`` (sheet, question).
    """
    several = {q.id for q in questionnaire.questions if q.type is AnswerType.MULTIPLE_CHOICE}
    texts = (AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT)
    words = {q.id for q in questionnaire.questions if q.type in texts}
    center, number_of = survey.fusion_center.code, 0
    code = _Codes()
    last = None
    rows = chain.from_iterable(answer_rows.stream(session, answer_rows.survey_query(survey)))
    for sheet, question, part, status, number, option, text in _gathered(rows, several):
        if sheet != last:
            last, number_of = sheet, number_of + 1
        if question in words:
            if (sheet, question) in comments:
                yield center, number_of, question, part, text
        else:
            yield center, number_of, question, part, code(status, number, option)


class _Codes:
    """A stored value as files hold it; the few that there are, are made once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], str] = {}

    def __call__(self, status: str, number: float | None, option: str | None) -> str:
        key = (status, number, option)
        found = self._known.get(key)
        if found is None:
            found = _STATUS_CODES.get(status, option if number is None else f"{number:g}") or ""
            self._known[key] = found
        return found


def _gathered(rows: Iterator[Any], several: Collection[str]) -> Iterator[Any]:
    """The rows, those of one multiple choice as one: "planning;training"."""
    for multiple, own in groupby(rows, key=lambda row: row[1] in several):
        if not multiple:
            yield from own
            continue
        for (sheet, question), chosen in groupby(own, key=lambda row: (row[0], row[1])):
            picked = list(chosen)
            codes = ";".join(row[5] for row in picked if row[5])
            yield sheet, question, "", picked[0][3], None, codes or None, ""
