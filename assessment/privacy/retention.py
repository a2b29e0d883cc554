"""Cycles past their period are reduced to what was released of many together.

First the aggregates are computed and kept; then the cycle says that its answers are removed, and from that
moment no page reads them; then they go, some at a time, each time in a transaction of their own. A run that
was stopped is gone on with by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, exists, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessment import audit
from assessment.clock import Clock
from assessment.database import Database
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.delegations import Delegation
from assessment.models.responses import Answer, Contributor, Response
from assessment.models.surveys import (
    CommentReview,
    Invitation,
    Message,
    MessageTemplate,
    Partner,
    ReminderDay,
    Survey,
    SurveyAnswer,
    SurveyDraft,
    SurveyDraftAnswer,
    SurveyPartner,
    SurveyResponse,
)

AT_ONCE = 2000  # rows in one transaction
FEBRUARY_29 = (2, 29)

Keep = Callable[[str], object]  # what computes and keeps the aggregates of the cycle of this code


@dataclass(frozen=True)
class Step:
    """Rows of one table that go with a cycle."""

    model: Any
    condition: Callable[[int], ColumnElement[bool]]
    named_in: InstrumentedAttribute[Any] | None = None  # a column whose rows go with what they name

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)


@dataclass(frozen=True)
class Planned:
    """A cycle past its period, and how many rows of which table would go."""

    code: str
    closed_on: date
    begun: bool
    rows: dict[str, int]


def last_day(today: date, years: int) -> date:
    """Cycles that ended before this day are past a period of so many years."""
    day = 28 if (today.month, today.day) == FEBRUARY_29 else today.day
    return date(max(today.year - years, 1), today.month, day)


def due(session: Session, today: date, years: int) -> Sequence[Cycle]:
    """The cycles to reduce, the earliest first; those already begun too. None without a period."""
    if not years:
        return []
    query = select(Cycle).where(Cycle.closes_on < last_day(today, years), Cycle.reduced_at.is_(None))
    return session.scalars(query.order_by(Cycle.closes_on, Cycle.id)).all()


def plan(session: Session, today: date, years: int) -> list[Planned]:
    """What a run would do now; changes nothing."""
    return [
        Planned(cycle.code, cycle.closes_on, cycle.reduction_begun_at is not None, _counts(session, cycle.id))
        for cycle in due(session, today, years)
    ]


def _counts(session: Session, cycle_id: int) -> dict[str, int]:
    counts = {
        step.table: session.scalar(
            select(func.count()).select_from(step.model).where(step.condition(cycle_id))
        )
        for step in STEPS
    }
    return {table: count for table, count in counts.items() if count}


def run(
    database: Database, clock: Clock, years: int, keep: Keep, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Planned]:
    """Reduce every cycle that is due, and say of each what went."""
    with database.reading() as session:
        codes = [(cycle.id, cycle.code, cycle.closes_on) for cycle in due(session, clock.today(), years)]
    for cycle_id, code, closed_on in codes:
        if stopped():
            return
        _begin(database, cycle_id, code, keep, clock.now())
        rows = {step.table: _remove(database, step, cycle_id, stopped) for step in STEPS}
        if stopped():
            return
        _end(database, cycle_id, code, rows, clock.now())
        yield Planned(code, closed_on, True, {table: count for table, count in rows.items() if count})


def _begin(database: Database, cycle_id: int, code: str, keep: Keep, now: datetime) -> None:
    """Keep the aggregates, while all answers are there; then nobody reads the answers any more."""
    with database.reading() as session:
        if session.get_one(Cycle, cycle_id).reduction_begun_at is not None:
            return
    keep(code)
    with database.writing() as session:
        cycle = session.get_one(Cycle, cycle_id, with_for_update=True)
        if cycle.reduction_begun_at is None:
            cycle.reduction_begun_at = now
            audit.record(session, now, None, "cycle reduction begun", f"cycle {code}")


def _remove(database: Database, step: Step, cycle_id: int, stopped: Callable[[], bool]) -> int:
    """All rows of a step, some at a time; how many went."""
    removed, last = 0, AT_ONCE
    while last and not stopped():
        with database.writing() as session:
            last = _remove_some(session, step, cycle_id)
        removed += last
    return removed


def _remove_some(session: Session, step: Step, cycle_id: int) -> int:
    key = step.model.__table__.primary_key.columns
    some = select(*key).where(step.condition(cycle_id)).limit(AT_ONCE)
    condition = tuple_(*key).in_(some)
    if step.named_in is not None:
        numbers = session.scalars(some).all()
        session.execute(delete(step.named_in.class_).where(step.named_in.in_(numbers)))
        condition = step.model.id.in_(numbers)
    done = session.execute(delete(step.model.__table__).where(condition))
    return cast("CursorResult[Any]", done).rowcount


def _end(database: Database, cycle_id: int, code: str, rows: dict[str, int], now: datetime) -> None:
    """Empty what stays of names and links, and write down that it is done."""
    with database.writing() as session:
        cycle = session.get_one(Cycle, cycle_id, with_for_update=True)
        if cycle.reduced_at is not None:
            return
        emptied = {"signer_name": None, "signer_title": None, "reopen_reason": None, "last_question": None}
        session.execute(update(Response).where(Response.id.in_(_responses(cycle_id))).values(emptied))
        session.execute(update(Survey).where(Survey.cycle_id == cycle_id).values(open_link_hash=None))
        cycle.reduced_at = now
        detail = ", ".join(f"{count} {table}" for table, count in rows.items() if count)
        audit.record(session, now, None, "cycle reduced", f"cycle {code}", detail)


def _responses(cycle_id: int) -> Any:
    return select(Response.id).where(Response.cycle_pair_id.in_(_pairs(cycle_id)))


def _pairs(cycle_id: int) -> Any:
    return select(CyclePair.id).where(CyclePair.cycle_id == cycle_id)


def _surveys(cycle_id: int) -> Any:
    return select(Survey.id).where(Survey.cycle_id == cycle_id)


def _drafts(cycle_id: int) -> Any:
    return select(SurveyDraft.id).where(SurveyDraft.survey_id.in_(_surveys(cycle_id)))


def _sheets(cycle_id: int) -> Any:
    return select(SurveyResponse.id).where(SurveyResponse.survey_id.in_(_surveys(cycle_id)))


def _forgotten(cycle_id: int) -> ColumnElement[bool]:
    """Partners of this cycle's surveys whom no other survey asks; who opted out is kept, to stay unasked."""
    asked = exists().where(SurveyPartner.partner_id == Partner.id)
    here, elsewhere = (
        asked.where(SurveyPartner.survey_id.in_(_surveys(cycle_id))),
        asked.where(SurveyPartner.survey_id.not_in(_surveys(cycle_id))),
    )
    return here & ~elsewhere & Partner.opted_out_on.is_(None)


# In an order in which nothing is left that names what has gone.
STEPS: tuple[Step, ...] = (
    Step(Answer, lambda cycle: Answer.response_id.in_(_responses(cycle))),
    Step(Contributor, lambda cycle: Contributor.response_id.in_(_responses(cycle))),
    Step(Delegation, lambda cycle: Delegation.cycle_pair_id.in_(_pairs(cycle))),
    Step(CommentReview, lambda cycle: CommentReview.response_id.in_(_sheets(cycle))),
    Step(SurveyAnswer, lambda cycle: SurveyAnswer.response_id.in_(_sheets(cycle))),
    Step(SurveyResponse, lambda cycle: SurveyResponse.survey_id.in_(_surveys(cycle))),
    Step(SurveyDraftAnswer, lambda cycle: SurveyDraftAnswer.draft_id.in_(_drafts(cycle))),
    Step(SurveyDraft, lambda cycle: SurveyDraft.survey_id.in_(_surveys(cycle))),
    Step(Message, lambda cycle: Message.survey_id.in_(_surveys(cycle))),
    Step(Invitation, lambda cycle: Invitation.survey_id.in_(_surveys(cycle))),
    Step(MessageTemplate, lambda cycle: MessageTemplate.survey_id.in_(_surveys(cycle))),
    Step(ReminderDay, lambda cycle: ReminderDay.survey_id.in_(_surveys(cycle))),
    Step(Partner, _forgotten, SurveyPartner.partner_id),
    Step(SurveyPartner, lambda cycle: SurveyPartner.survey_id.in_(_surveys(cycle))),
)
