"""The draft of one answer sheet: finding it, its answers, and writing one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessment.models.surveys import SurveyDraft, SurveyDraftAnswer
from questionnaires import answers, routing
from questionnaires.answers import UNANSWERED, AnswerRow, AnswerStatus, AnswerValue
from questionnaires.definition import RESPONDENT, Question, Questionnaire

HALF = 0.5  # from this share on, answers that were not finished count as partial ones


@dataclass(frozen=True)
class DraftAnswer:
    """One answer as stored. There is no time: in an anonymous survey that would be a trace."""

    value: AnswerValue
    revision: int
    changed_on_page: str
    rows: tuple[SurveyDraftAnswer, ...] = field(repr=False, compare=False)


def stored_answers(session: Session, draft: SurveyDraft | None) -> dict[str, DraftAnswer]:
    """Question id -> its answer as stored; nothing where there is no draft yet."""
    if draft is None:
        return {}
    found: dict[str, list[SurveyDraftAnswer]] = {}
    for row in session.scalars(select(SurveyDraftAnswer).where(SurveyDraftAnswer.draft_id == draft.id)):
        found.setdefault(row.question, []).append(row)
    return {
        question: DraftAnswer(_value(rows), rows[0].revision, rows[0].changed_on_page, tuple(rows))
        for question, rows in found.items()
    }


def values_by_draft(session: Session, draft_ids: Sequence[int]) -> dict[int, dict[str, AnswerValue]]:
    """The answers of many drafts, in one statement."""
    found: dict[int, dict[str, list[SurveyDraftAnswer]]] = {draft_id: {} for draft_id in draft_ids}
    query = select(SurveyDraftAnswer).where(SurveyDraftAnswer.draft_id.in_(draft_ids))
    for row in session.scalars(query.execution_options(yield_per=1000)):
        found[row.draft_id].setdefault(row.question, []).append(row)
    return {
        draft_id: {question: _value(rows) for question, rows in answered.items()}
        for draft_id, answered in found.items()
    }


def _value(rows: list[SurveyDraftAnswer]) -> AnswerValue:
    return answers.compose(
        AnswerRow(r.part, AnswerStatus(r.status), r.number, r.option, r.text) for r in rows
    )


def values_of(stored: Mapping[str, DraftAnswer]) -> dict[str, AnswerValue]:
    return {question: answer.value for question, answer in stored.items()}


def write(
    session: Session,
    draft: SurveyDraft,
    question: str,
    value: AnswerValue,
    stored: DraftAnswer | None,
    page: str,
) -> DraftAnswer:
    """All rows of an answer, with one revision; rows of parts that it no longer has go."""
    held = {row.part: row for row in stored.rows} if stored else {}
    revision = stored.revision + 1 if stored else 1
    written = []
    for part in answers.rows(value):
        row = held.pop(part.part, None)
        if row is None:
            row = SurveyDraftAnswer(draft_id=draft.id, question=question, part=part.part)
            session.add(row)
        row.status, row.number, row.option, row.text = part.status.value, part.number, part.option, part.text
        row.revision, row.changed_on_page = revision, page
        written.append(row)
    for row in held.values():
        session.delete(row)
    return DraftAnswer(value, revision, page, tuple(written))


def asked(questionnaire: Questionnaire, values: Mapping[str, AnswerValue]) -> list[Question]:
    """The questions that are put to whoever has given these answers."""
    return routing.applicable_questions(questionnaire, RESPONDENT, values)


def given_and_asked(questionnaire: Questionnaire, values: Mapping[str, AnswerValue]) -> tuple[int, int]:
    """How many answers were given, and asked for; a dual rating or a row of a grid counts as two."""
    questions = asked(questionnaire, values)
    given = sum(answers.given(question, values.get(question.id, UNANSWERED)) for question in questions)
    return given, sum(question.answer_count for question in questions)


def counts_as_partial(questionnaire: Questionnaire, values: Mapping[str, AnswerValue]) -> bool:
    """AAPOR's partial interview: at least half of what was asked is answered. Less is a break-off."""
    given, total = given_and_asked(questionnaire, values)
    return given > 0 and given >= HALF * total


def drop_skipped(
    session: Session, draft_id: int, questionnaire: Questionnaire, values: Mapping[str, AnswerValue]
) -> None:
    """What was answered before another answer led past it is no part of the sheet."""
    dropped = set(values) - {question.id for question in asked(questionnaire, values)}
    if dropped:
        session.execute(
            delete(SurveyDraftAnswer).where(
                SurveyDraftAnswer.draft_id == draft_id, SurveyDraftAnswer.question.in_(dropped)
            )
        )
