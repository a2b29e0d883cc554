"""Finished sheets leave their drafts, and at the close the results are released.

Whatever a database tells by itself (the order of rows, transaction numbers) must not join a person to an
answer sheet. So in an anonymous survey finished drafts wait until ten of them can move in one transaction, in
random order and under random ids; and at the close all sheets are dealt once more, together, so that no
smaller group than all of them can be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
    values,
)
from sqlalchemy.orm import Session, joinedload

from assessment import audit
from assessment.clock import Clock
from assessment.database import Database
from assessment.models.cycles import Cycle
from assessment.models.surveys import (
    Completion,
    Survey,
    SurveyAnswer,
    SurveyDraft,
    SurveyDraftAnswer,
    SurveyMode,
    SurveyResponse,
    new_response_id,
)
from assessment.surveys import drafts, plans
from assessment.surveys.bulk import batched
from questionnaires.definition import Questionnaire
from questionnaires.library import Library

BATCH = 10  # the fewest sheets that an anonymous survey moves at once while it runs
CHUNK = 2000  # sheets a statement
ANSWER_COLUMNS = ("question", "part", "status", "number", "option", "text")


@dataclass(frozen=True)
class Sheet:
    """One answer sheet on its way to ``survey_responses``: out of a draft, or dealt once more."""

    source: int | str  # the draft's id, or the id under which it was kept
    completion: str
    partner_id: int | None = None  # a confidential survey's only, as is the name that a file gave
    respondent: str | None = None
    id: str = field(default_factory=new_response_id)

    @property
    def from_draft(self) -> bool:
        return isinstance(self.source, int)


def move_finished(database: Database, survey_id: int) -> int:
    """Move the finished drafts out; of an anonymous survey none before ten wait. How many were moved."""
    with database.reading() as session:
        if not _may_move(session, survey_id):
            return 0
    with database.writing() as session:
        survey = _locked(session, survey_id)
        if not _may_move(session, survey_id):
            return 0
        finished = _locked_drafts(session, survey, SurveyDraft.finished.is_(True))
        _keep(session, survey, [_sheet(survey, draft, Completion.COMPLETE) for draft in finished], False)
        _delete_drafts(session, [draft.id for draft in finished])
        return len(finished)


def _may_move(session: Session, survey_id: int) -> bool:
    waiting = select(func.count(SurveyDraft.id)).where(
        SurveyDraft.survey_id == survey_id, SurveyDraft.finished
    )
    count = session.scalar(waiting) or 0
    mode = session.scalar(select(Survey.mode).where(Survey.id == survey_id))
    return count >= (1 if mode == SurveyMode.CONFIDENTIAL else BATCH)


def release_if_due(database: Database, clock: Clock, survey_id: int, library: Library | None = None) -> None:
    """Release the results of a survey whose cycle is closed; a second call, or another process, does nothing.

    Finished drafts and partial ones become answer sheets, break-offs go, no draft stays. What comes after
    the release, because a cycle was reopened, is kept and never released.
    """
    with database.reading() as session:
        if not _is_due(session, survey_id, clock.today()):
            return
    with database.writing() as session:
        survey = _locked(session, survey_id)
        if _is_due(session, survey_id, clock.today()):
            _close(session, library or _library_of_the_application(), survey, clock)


def release_cycle(database: Database, clock: Clock, code: str, library: Library | None = None) -> None:
    """The same for every survey of a cycle; nothing where it is not closed, or a checklist's."""
    for survey_id in _surveys_of(database, code):
        release_if_due(database, clock, survey_id, library)


def move_finished_of(database: Database, code: str) -> None:
    """Move the finished drafts of every survey of a cycle, as far as they may move."""
    for survey_id in _surveys_of(database, code):
        move_finished(database, survey_id)


def _surveys_of(database: Database, code: str) -> Sequence[int]:
    with database.reading() as session:
        query = select(Survey.id).join(Cycle).where(Cycle.code == code).order_by(Survey.id)
        return session.scalars(query).all()


def left_to_close(session: Session, today: date) -> Sequence[int]:
    """The surveys of which ``release_if_due`` has something to do; also again, after a cycle was reopened."""
    drafted = select(SurveyDraft.id).where(SurveyDraft.survey_id == Survey.id).exists()
    query = (
        select(Survey.id)
        .join(Cycle)
        .where(Survey.opened_at.is_not(None), or_(Survey.released_on.is_(None), drafted))
        .where(or_(Cycle.closed_at.is_not(None), Cycle.closes_on < today))
        .order_by(Survey.id)
    )
    return session.scalars(query).all()


def _library_of_the_application() -> Library:
    from assessment.web import library  # only for callers that have none at hand

    return library()


def _locked(session: Session, survey_id: int) -> Survey:
    """The survey, held until the transaction ends, so that moving and closing take turns."""
    query = (
        select(Survey)
        .options(joinedload(Survey.cycle), joinedload(Survey.fusion_center))
        .where(Survey.id == survey_id)
        .with_for_update(of=Survey, key_share=True)
    )
    return session.scalars(query).one()


def _is_due(session: Session, survey_id: int, today: date) -> bool:
    """Whether it was open, its cycle is closed, and something is left to be done about that."""
    survey = session.get(Survey, survey_id, options=[joinedload(Survey.cycle)])
    if survey is None or not plans.is_closed(survey, today):
        return False
    left = select(SurveyDraft.id).where(SurveyDraft.survey_id == survey_id).limit(1)
    return survey.released_on is None or session.scalar(left) is not None


def _close(session: Session, library: Library, survey: Survey, clock: Clock) -> None:
    first = survey.released_on is None
    found = _locked_drafts(session, survey)
    sheets = [_sheet(survey, draft, Completion.COMPLETE) for draft in found if draft.finished]
    sheets += _partial(session, survey, plans.questionnaire_of(library, survey), found)
    if survey.mode == SurveyMode.ANONYMOUS:
        sheets += _kept_before(session, survey)
        if not first and len(sheets) < BATCH:
            sheets = _forget(session, sheets)
    _keep(session, survey, sheets, released=first)
    _delete_drafts(session, [draft.id for draft in found])
    partial = sum(sheet.completion == Completion.PARTIAL for sheet in sheets)
    if first:
        session.execute(
            update(SurveyResponse).where(SurveyResponse.survey_id == survey.id).values(released=True)
        )
        survey.released_on = _day_of_close(survey, clock)
    audit.record(
        session,
        clock.now(),
        None,
        "results released" if first else "late answers kept",
        f"survey {survey.cycle.code} of {survey.fusion_center.code}",
        f"{len(sheets)} answer sheets, {partial} of them partial",
        [survey.fusion_center_id],
    )


def _day_of_close(survey: Survey, clock: Clock) -> date:
    """By hand, or by its last day, however much later somebody comes to look."""
    closed_at = survey.cycle.closed_at
    return closed_at.astimezone(clock.zone).date() if closed_at else survey.cycle.closes_on


def _locked_drafts(
    session: Session, survey: Survey, *conditions: ColumnElement[bool]
) -> Sequence[SurveyDraft]:
    """The drafts of the survey; a save that is under way is waited for, and the next one finds none."""
    query = select(SurveyDraft).where(SurveyDraft.survey_id == survey.id, *conditions)
    return session.scalars(query.with_for_update()).all()


def _sheet(survey: Survey, draft: SurveyDraft, completion: Completion) -> Sheet:
    if survey.mode == SurveyMode.ANONYMOUS:
        return Sheet(draft.id, completion.value)
    return Sheet(draft.id, completion.value, draft.partner_id, draft.respondent)


def _partial(
    session: Session, survey: Survey, questionnaire: Questionnaire, drafted: Sequence[SurveyDraft]
) -> list[Sheet]:
    """The drafts that nobody finished and that are at least half answered."""
    found = []
    for some in batched([draft for draft in drafted if not draft.finished], CHUNK):
        values = drafts.values_by_draft(session, [draft.id for draft in some])
        for draft in some:
            if drafts.counts_as_partial(questionnaire, values[draft.id]):
                drafts.drop_skipped(session, draft.id, questionnaire, values[draft.id])
                found.append(_sheet(survey, draft, Completion.PARTIAL))
    return found


def _kept_before(session: Session, survey: Survey) -> list[Sheet]:
    """The sheets moved while the survey ran, to be dealt again with the last ones."""
    rows = session.execute(
        select(SurveyResponse.id, SurveyResponse.completion).where(
            SurveyResponse.survey_id == survey.id, SurveyResponse.released.is_(False)
        )
    )
    return [Sheet(old_id, completion) for old_id, completion in rows]


def _forget(session: Session, sheets: Sequence[Sheet]) -> list[Sheet]:
    """So few late answers point to those who have just finished, and nothing would ever be shown of them."""
    _delete_sheets(session, sheets)
    return []


def _keep(session: Session, survey: Survey, sheets: Sequence[Sheet], released: bool) -> None:
    """Write the sheets in the order of their random ids, which is no order at all."""
    dealt = sorted(sheets, key=lambda sheet: sheet.id)
    for some in batched(dealt, CHUNK):
        session.execute(
            insert(SurveyResponse),
            [
                {
                    "id": sheet.id,
                    "survey_id": survey.id,
                    "partner_id": sheet.partner_id,
                    "respondent": sheet.respondent,
                    "completion": sheet.completion,
                    "released": released,
                }
                for sheet in some
            ],
        )
        _copy_answers(session, some)
    _delete_sheets(session, sheets)


def _copy_answers(session: Session, sheets: Sequence[Sheet]) -> None:
    """From drafts and from earlier sheets in one statement, so that the rows lie in no other order either."""
    parts = []
    for source, key, kind in (
        (SurveyDraftAnswer, SurveyDraftAnswer.draft_id, Integer),
        (SurveyAnswer, SurveyAnswer.response_id, String),
    ):
        pairs = [(s.source, s.id) for s in sheets if s.from_draft == (source is SurveyDraftAnswer)]
        if pairs:
            name = f"dealt_{source.__tablename__}"
            dealt = values(column("old", kind), column("new", String), name=name).data(pairs).cte(name)
            copied = [getattr(source, column_name) for column_name in ANSWER_COLUMNS]
            parts.append(select(dealt.c.new.label("new"), *copied).join(dealt, dealt.c.old == key))
    together = union_all(*parts).subquery()
    query = select(together).order_by(together.c.new, together.c.question, together.c.part)
    session.execute(insert(SurveyAnswer).from_select(["response_id", *ANSWER_COLUMNS], query))


def _delete_sheets(session: Session, sheets: Sequence[Sheet]) -> None:
    """What was kept under earlier ids."""
    old_ids = [sheet.source for sheet in sheets if not sheet.from_draft]
    for some in batched(old_ids, CHUNK):
        session.execute(delete(SurveyAnswer).where(SurveyAnswer.response_id.in_(some)))
        session.execute(delete(SurveyResponse).where(SurveyResponse.id.in_(some)))


def _delete_drafts(session: Session, draft_ids: Sequence[int]) -> None:
    """Only those that were looked at: one that came in meanwhile waits for the next time."""
    for some in batched(draft_ids, CHUNK):
        session.execute(delete(SurveyDraftAnswer).where(SurveyDraftAnswer.draft_id.in_(some)))
        session.execute(delete(SurveyDraft).where(SurveyDraft.id.in_(some)))
