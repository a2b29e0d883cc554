"""Stored answers as lines of a file, one line an answer in the columns of ``answers import``, as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
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
    codes = _Codes()
    for fusion_center, eoc, side, question, _part, status, number, option, text in rows:
        yield fusion_center, eoc, side, question, codes[status, number, option], text


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
    apart = several | words
    center, number_of, last, chosen = survey.fusion_center.code, 0, None, ""
    codes = _Codes()
    waiting: list[str] = []  # the options of the multiple choice at hand
    for batch in answer_rows.stream(session, answer_rows.survey_query(survey)):
        for sheet, question, part, status, number, option, text in batch:
            if waiting and (question != chosen or sheet != last):
                yield center, number_of, chosen, "", ";".join(waiting)
                waiting = []
            if sheet != last:
                last, number_of = sheet, number_of + 1
            if question not in apart:
                yield center, number_of, question, part, codes[status, number, option]
            elif question in words:
                if (sheet, question) in comments:
                    yield center, number_of, question, part, text
            elif code := codes[status, number, option]:
                chosen = question
                waiting.append(code)
    if waiting:
        yield center, number_of, chosen, "", ";".join(waiting)


class _Codes(dict[tuple[Any, ...], str]):
    """A stored value (status, number, option) as files hold it; the few that there are, are made once."""

    def __missing__(self, value: tuple[Any, ...]) -> str:
        status, number, option = value
        found = _STATUS_CODES.get(status, option if number is None else f"{number:g}") or ""
        self[value] = found
        return found
