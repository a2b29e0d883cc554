"""Reading a response: the form with its facts, and its stored answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from assessment.access import PairFacts, Person
from assessment.cycles.services import CycleState, state_of
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import NotFound
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.models.responses import Answer, Contributor, Response, ResponseStatus
from questionnaires.answers import AnswerRow, AnswerStatus, AnswerValue, compose
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library


@dataclass(frozen=True)
class StoredAnswer:
    value: AnswerValue
    revision: int
    changed_at: datetime
    changed_by: str  # the person's name; empty where it came from a file
    changed_on_page: str
    parts: tuple[str, ...] = field(repr=False, compare=False)  # of its rows


@dataclass(frozen=True)
class Sheet:
    """One side's response and what it answers: what is signed."""

    response: Response
    cycle: Cycle
    questionnaire: Questionnaire
    side: Side
    fusion_center: Center
    eoc: Center


@dataclass(frozen=True)
class FormFacts(Sheet):
    """A sheet with all that a page about it must know."""

    cycle_state: CycleState
    other_status: ResponseStatus
    other_submitted_by: int | None
    pair: PairFacts

    @property
    def own_center(self) -> Center:
        return self.fusion_center if self.side is Side.FUSION_CENTER else self.eoc

    @property
    def other_center(self) -> Center:
        return self.eoc if self.side is Side.FUSION_CENTER else self.fusion_center

    @property
    def status(self) -> ResponseStatus:
        return ResponseStatus(self.response.status)

    @property
    def answerable(self) -> bool:
        return self.status is ResponseStatus.DRAFT and self.cycle_state is CycleState.OPEN


# Statements of every page and every save are put together once: that takes longer than running them.
_OTHER = aliased(Response)
_FORM = (
    with_centers(
        select(Response, Cycle, FUSION_CENTER, EOC, _OTHER.status, _OTHER.submitted_by_id)
        .join(CyclePair, Response.cycle_pair_id == CyclePair.id)
        .join(Cycle, CyclePair.cycle_id == Cycle.id)
        .join(Pair, CyclePair.pair_id == Pair.id)
    )
    .join(
        _OTHER,
        and_(
            _OTHER.cycle_pair_id == Response.cycle_pair_id,
            _OTHER.side != Response.side,
            _OTHER.status != ResponseStatus.REOPENED,
        ),
    )
    .where(Response.public_id == bindparam("public_id"))
)
_FORM_LOCKED = _FORM.with_for_update(of=Response)
_ACTED_FOR = (
    select(Response.side)
    .join(Contributor, Contributor.response_id == Response.id)
    .where(Response.cycle_pair_id == bindparam("cycle_pair"), Contributor.person_id == bindparam("person"))
)
# One look-up an answer, whatever the planner thinks of their number: PostgreSQL made a hash of all people for
# the fifty answers of a form where it was free to.
_CHANGED_BY = select(PersonRow.name).where(PersonRow.id == Answer.changed_by_id).scalar_subquery()
_ANSWERS = select(
    Answer.question,
    Answer.part,
    Answer.status,
    Answer.number,
    Answer.option,
    Answer.text,
    Answer.revision,
    Answer.changed_at,
    Answer.changed_on_page,
    _CHANGED_BY.label("name"),
).where(Answer.response_id == bindparam("response"))


def load_form(
    session: Session, library: Library, person: Person, public_id: str, today: date, lock: bool = False
) -> FormFacts:
    """The response of this id with its facts; NotFound where there is none. Access is asked by the caller.

    ``lock`` holds the row until the transaction ends, so that saves and submitting take turns.
    """
    row = session.execute(_FORM_LOCKED if lock else _FORM, {"public_id": public_id}).first()
    if row is None:
        raise NotFound
    return _facts(row, library, _acted_for(session, person, row[0].cycle_pair_id), today)


def _acted_for(session: Session, person: Person, cycle_pair_id: int) -> frozenset[Side]:
    sides = session.scalars(_ACTED_FOR, {"cycle_pair": cycle_pair_id, "person": person.id})
    return frozenset(Side(side) for side in sides)


def _facts(
    row: Row[Response, Cycle, Center, Center, str, int | None],
    library: Library,
    acted_for: frozenset[Side],
    today: date,
) -> FormFacts:
    response, cycle, fusion_center, eoc, other_status, other_submitted_by = row
    side = Side(response.side)
    statuses = {side: response.status, side.other: other_status}
    return FormFacts(
        response=response,
        cycle=cycle,
        cycle_state=state_of(cycle, today),
        questionnaire=library.get(cycle.questionnaire_id, cycle.version),
        side=side,
        fusion_center=fusion_center,
        eoc=eoc,
        other_status=ResponseStatus(other_status),
        other_submitted_by=other_submitted_by,
        pair=PairFacts(
            fusion_center=fusion_center.code,
            eoc=eoc.code,
            region=eoc.fema_region,
            state=eoc.state,
            submitted=frozenset(s for s, status in statuses.items() if status == ResponseStatus.SUBMITTED),
            acted_for=acted_for,
        ),
    )


Rows = Mapping[str, list[Any]]  # question id -> all rows of its answer, not yet put together


def stored_rows(session: Session, response_id: int) -> Rows:
    """What is stored, for a save: it needs few of the answers before its transaction ends."""
    found: dict[str, list[Any]] = {}
    for row in session.execute(_ANSWERS, {"response": response_id}):
        found.setdefault(row.question, []).append(row)
    return found


def stored_answers(session: Session, response_id: int) -> dict[str, StoredAnswer]:
    """Question id -> its answer as stored."""
    return {question: stored_answer(rows) for question, rows in stored_rows(session, response_id).items()}


def stored_answer(rows: list[Any]) -> StoredAnswer:
    """All rows of a question as one answer; any of them says when and by whom."""
    first = rows[0]
    return StoredAnswer(
        value=value_of(rows),
        revision=first.revision,
        changed_at=first.changed_at,
        changed_by=first.name or "",
        changed_on_page=first.changed_on_page,
        parts=tuple(row.part for row in rows),
    )


def value_of(rows: Iterable[Any]) -> AnswerValue:
    """The answer that all rows of one question hold."""
    return compose(AnswerRow(r.part, AnswerStatus(r.status), r.number, r.option, r.text) for r in rows)


def answered_counts(
    session: Session, response_ids: Collection[int], questions: Collection[str]
) -> dict[int, int]:
    """Response id -> how many of these questions have an answer of any kind."""
    rows = session.execute(
        select(Answer.response_id, func.count(Answer.question.distinct()))
        .where(
            Answer.response_id.in_(list(response_ids)),
            Answer.question.in_(list(questions)),
            Answer.status != AnswerStatus.UNANSWERED,
        )
        .group_by(Answer.response_id)
    )
    return {row[0]: row[1] for row in rows}


def required_ids(questionnaire: Questionnaire, side: Side) -> list[str]:
    """The questions whose answers count as progress, before conditions."""
    return [q.id for q in questionnaire.questions if q.required and q.asked_of(side)]
