"""Comments are read by their center before they show: each is shown, or kept back, by somebody's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.models.surveys import CommentReview, Survey, SurveyAnswer, SurveyResponse
from questionnaires.definition import AnswerType, Questionnaire

AT_ONCE = 50  # comments a page


@dataclass(frozen=True)
class Comment:
    """What somebody wrote. ``id`` names it in a form; its place in the list says nothing of who wrote it."""

    id: str
    question: str
    text: str
    shown: bool | None  # None until somebody has decided


@dataclass(frozen=True)
class CommentCounts:
    total: int
    shown: int
    reviewed: int

    @property
    def waiting(self) -> int:
        return self.total - self.reviewed


def text_questions(questionnaire: Questionnaire) -> list[str]:
    """The questions that ask for words."""
    texts = (AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT)
    return [question.id for question in questionnaire.questions if question.type in texts]


def _comments(survey: Survey, questions: Sequence[str], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Released comments with their review, where there is one."""
    query: Select[*tuple[Any, ...]] = select(*columns)
    return (
        query.select_from(SurveyAnswer)
        .join(SurveyResponse, SurveyResponse.id == SurveyAnswer.response_id)
        .outerjoin(
            CommentReview,
            and_(
                CommentReview.response_id == SurveyAnswer.response_id,
                CommentReview.question == SurveyAnswer.question,
            ),
        )
        .where(
            SurveyResponse.survey_id == survey.id,
            SurveyResponse.released,
            SurveyAnswer.question.in_(questions),
            SurveyAnswer.text != "",
        )
    )


def counts(session: Session, survey: Survey, questions: Sequence[str]) -> CommentCounts:
    shown = func.count().filter(CommentReview.shown)
    row = session.execute(
        _comments(survey, questions, func.count(), shown, func.count(CommentReview.response_id))
    ).one()
    return CommentCounts(row[0], row[1], row[2])


def page_of(session: Session, survey: Survey, questions: Sequence[str], number: int) -> list[Comment]:
    """One page of comments for who reviews them, those that wait first."""
    found = _all(session, _comments(survey, questions, *_WHOLE))
    found.sort(key=lambda comment: (comment.shown is not None, comment.id))
    return found[AT_ONCE * (number - 1) : AT_ONCE * number]


def shown(session: Session, survey: Survey, questions: Sequence[str]) -> list[Comment]:
    """The comments that somebody has released, by question and in no other order."""
    found = _all(session, _comments(survey, questions, *_WHOLE).where(CommentReview.shown))
    return sorted(found, key=lambda comment: (comment.question, comment.id))


_WHOLE = (SurveyAnswer.response_id, SurveyAnswer.question, SurveyAnswer.text, CommentReview.shown)


def _all(session: Session, query: Select[*tuple[Any, ...]]) -> list[Comment]:
    return [
        Comment(_name(response_id, question), question, text, shown)
        for response_id, question, text, shown in session.execute(query)
    ]


def _name(response_id: str, question: str) -> str:
    """A name from which nobody learns that two comments are from one sheet."""
    return sha256(f"{response_id} {question}".encode()).hexdigest()[:24]


def decide(
    session: Session,
    survey: Survey,
    questions: Sequence[str],
    decisions: Mapping[str, bool],
    now: datetime,
    by: int,
) -> int:
    """Keep which comments are shown, by their ids; what is no comment of this survey is passed over."""
    query = _comments(survey, questions, SurveyAnswer.response_id, SurveyAnswer.question, CommentReview.shown)
    changed = 0
    for response_id, question, before in session.execute(query).all():
        after = decisions.get(_name(response_id, question))
        if after is not None and after != before:
            _write(session, response_id, question, after, by, new=before is None)
            changed += 1
    if changed:
        subject = f"survey {survey.cycle.code} of {survey.fusion_center.code}"
        detail, centers = f"{changed} decided", [survey.fusion_center_id]
        audit.record(session, now, by, "comments reviewed", subject, detail, centers)
    return changed


def _write(session: Session, response_id: str, question: str, shown: bool, by: int, new: bool) -> None:
    values = {"shown": shown, "reviewed_by_id": by}
    if new:
        row = {"response_id": response_id, "question": question, **values}
        session.execute(insert(CommentReview).values(row))
        return
    own = (CommentReview.response_id == response_id, CommentReview.question == question)
    session.execute(update(CommentReview).where(*own).values(values))
