"""Saving, submitting and reopening: one transaction each, access asked inside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Action, Person, may
from assessment.cycles.removed import require_answers
from assessment.cycles.services import CycleState
from assessment.errors import NotFound, Refused
from assessment.models.directory import Center
from assessment.models.responses import Answer, Contributor, Response, ResponseStatus
from assessment.responding.answer_changes import RowChanges
from assessment.responding.forms import Touched
from assessment.responding.stored import (
    FormFacts,
    Rows,
    Sheet,
    StoredAnswer,
    load_form,
    stored_answer,
    stored_answers,
    stored_rows,
    value_of,
)
from questionnaires import answers, routing
from questionnaires.answers import AnswerError, AnswerStatus, AnswerValue
from questionnaires.definition import Question, Questionnaire, Side
from questionnaires.library import Library


@dataclass(frozen=True)
class Moment:
    """The time of a request: the instant, and the day in the zone of the cycles."""

    now: datetime
    today: date


def open_form(
    session: Session, library: Library, person: Person, public_id: str, moment: Moment
) -> FormFacts:
    """The form for whoever may fill it in; NotFound for everybody else."""
    form = load_form(session, library, person, public_id, moment.today)
    if not may(person, Action.ANSWER, form.pair, form.side):
        raise NotFound
    require_answers(form.cycle)
    return form


def current_edition(session: Session, form: FormFacts) -> str | None:
    """The id of the edition that took the place of a reopened one."""
    if form.status is not ResponseStatus.REOPENED:
        return None
    return session.scalar(
        select(Response.public_id).where(
            Response.cycle_pair_id == form.response.cycle_pair_id,
            Response.side == form.side.value,
            Response.status != ResponseStatus.REOPENED,
        )
    )


def is_contributor(session: Session, form: FormFacts, person: Person) -> bool:
    return session.get(Contributor, (form.response.id, person.id)) is not None


def note_contributor(
    session: Session, library: Library, person: Person, public_id: str, moment: Moment
) -> None:
    """Remember who has opened a side's form; from then on they cannot act for the other side."""
    form = load_form(session, library, person, public_id, moment.today, lock=True)
    if may(person, Action.ANSWER, form.pair, form.side) and not is_contributor(session, form, person):
        session.add(Contributor(response_id=form.response.id, person_id=person.id, since=moment.now))


class Outcome(StrEnum):
    SAVED = "saved"
    CONFLICT = "conflict"  # somebody else wrote this answer meanwhile; nothing was overwritten
    REFUSED = "refused"


@dataclass(frozen=True)
class SaveResult:
    question: Question | None
    outcome: Outcome
    touched: Touched
    revision: int = 0
    message: str = ""
    theirs: StoredAnswer | None = None


@dataclass(frozen=True)
class Saved:
    """What became of each touched answer, and what the form held before and has been given."""

    results: list[SaveResult]
    questionnaire: Questionnaire
    side: Side
    before: Rows
    written: Mapping[str, AnswerValue]

    @cached_property
    def progress(self) -> routing.Progress:
        """Asked for after the transaction, whose end others may wait for."""
        values = {question: value_of(rows) for question, rows in self.before.items()}
        return routing.progress(self.questionnaire, self.side, values | dict(self.written))


def save_answers(
    session: Session,
    library: Library,
    person: Person,
    public_id: str,
    touched: Sequence[Touched],
    page: str,
    moment: Moment,
) -> Saved:
    """Write the touched answers, each for itself; Refused where the form takes no answers any more.

    ``page`` marks the opened page that writes: a second save from it follows its own first one, even
    where the first one's reply was lost on the way.
    """
    form = load_form(session, library, person, public_id, moment.today, lock=True)
    if not may(person, Action.ANSWER, form.pair, form.side):
        raise NotFound
    _require_open(session, form)
    held = stored_rows(session, form.response.id)
    asked = {answer.question for answer in touched} & held.keys()
    stored = {question: stored_answer(held[question]) for question in asked}
    writer = _Writer(form, person, page[:32], moment.now)
    results = [_save(writer, answer, stored.get(answer.question)) for answer in touched]
    writer.rows.write(session, form.response.id)
    saved = [result.touched.question for result in results if result.outcome is Outcome.SAVED]
    if saved:
        form.response.last_question = saved[-1]
    _note_changes(session, writer, results, stored)
    return Saved(results, form.questionnaire, form.side, held, writer.values)


def _note_changes(
    session: Session, writer: _Writer, results: Sequence[SaveResult], stored: Mapping[str, StoredAnswer]
) -> None:
    """One event for each save that changes something: of which questions, never what was answered."""
    before = {question: answer.revision for question, answer in stored.items()}
    saved = [result for result in results if result.outcome is Outcome.SAVED]
    questions = [result.touched.question for result in saved]
    changed = [q for q, result in zip(questions, saved, strict=True) if before.get(q) != result.revision]
    if changed:
        subject, detail = f"response {writer.form.response.public_id}", ", ".join(changed)
        centers = [own_center(writer.form).id]
        audit.record(session, writer.now, writer.person.id, "answers changed", subject, detail, centers)


def own_center(sheet: Sheet) -> Center:
    """Whose form it is. The other side reads nothing in the trail of what happens to it."""
    return sheet.fusion_center if sheet.side is Side.FUSION_CENTER else sheet.eoc


def _require_open(session: Session, form: FormFacts) -> None:
    if form.status is ResponseStatus.REOPENED:
        raise Refused("This submission was reopened. Go to Your work and open the form again.")
    if form.status is ResponseStatus.SUBMITTED:
        raise Refused(
            f"{form.response.signer_name} has submitted this form; it takes no more changes. "
            "An administrator can reopen it."
        )
    if form.cycle_state is CycleState.CLOSED:
        raise Refused(f"The cycle {form.cycle.title} is closed; it takes no more answers.")
    if form.cycle_state is CycleState.PLANNED:
        raise Refused(f"The cycle {form.cycle.title} opens on {form.cycle.opens_on}.")


@dataclass(frozen=True)
class _Writer:
    form: FormFacts
    person: Person
    page: str
    now: datetime
    rows: RowChanges = field(default_factory=RowChanges)
    values: dict[str, AnswerValue] = field(default_factory=dict)


def _save(writer: _Writer, touched: Touched, stored: StoredAnswer | None) -> SaveResult:
    question = writer.form.questionnaire.by_id.get(touched.question)
    if question is None:
        return SaveResult(
            None, Outcome.REFUSED, touched, message="This question is not in the questionnaire."
        )
    try:
        answers.require_asked(question, writer.form.side)
        value = answers.parse(question, touched.raw, touched.text)
    except AnswerError as error:
        return SaveResult(question, Outcome.REFUSED, touched, message=error.message)
    if stored is not None and stored.value == value:
        return SaveResult(question, Outcome.SAVED, touched, stored.revision)
    if (
        stored is not None
        and stored.revision != touched.base_revision
        and stored.changed_on_page != writer.page
    ):
        return SaveResult(question, Outcome.CONFLICT, touched, stored.revision, theirs=stored)
    revision = _write(writer, question.id, value, stored)
    return SaveResult(question, Outcome.SAVED, touched, revision)


def _write(writer: _Writer, question: str, value: AnswerValue, stored: StoredAnswer | None) -> int:
    """All rows of an answer, with one revision; rows of parts that it no longer has go."""
    gone = set(stored.parts) if stored else set()
    revision = stored.revision + 1 if stored else 1
    for part in answers.rows(value):
        row = {
            "question": question,
            "part": part.part,
            "status": part.status.value,
            "number": part.number,
            "option": part.option,
            "text": part.text,
            "revision": revision,
            "changed_at": writer.now,
            "changed_by_id": writer.person.id,
            "changed_on_page": writer.page,
        }
        (writer.rows.changed if part.part in gone else writer.rows.added).append(row)
        gone.discard(part.part)
    writer.rows.gone += [{"question": question, "part": part} for part in gone]
    writer.values[question] = value
    return revision


@dataclass(frozen=True)
class Signature:
    name: str
    title: str
    participants: int | None  # unknown for a paper form


class StillMissing(Refused):
    """The form cannot be submitted yet; the review page lists why."""


def submit_response(
    session: Session, library: Library, person: Person, public_id: str, signature: Signature, moment: Moment
) -> bool:
    """Sign and freeze the answers. False where it was submitted already, by a second click or a colleague."""
    form = load_form(session, library, person, public_id, moment.today, lock=True)
    if not may(person, Action.SUBMIT, form.pair, form.side):
        raise NotFound
    if form.status is ResponseStatus.SUBMITTED:
        return False
    _require_open(session, form)
    if form.other_submitted_by == person.id:
        raise Refused("You have submitted the other side of this pair; somebody else must submit this one.")
    stored = {q: answer.value for q, answer in stored_answers(session, form.response.id).items()}
    missing = routing.missing_answers(form.questionnaire, form.side, stored)
    if missing:
        raise StillMissing(f"{len(missing)} answers are still needed before you can submit.")
    freeze(session, form, stored, signature, moment.now, person.id)
    return True


def freeze(
    session: Session,
    sheet: Sheet,
    stored: Mapping[str, AnswerValue],
    signature: Signature,
    now: datetime,
    person_id: int | None,
) -> None:
    """Drop what stopped applying, hash what stays, sign. Shared with the import of paper forms."""
    kept = {q.id for q in routing.applicable_questions(sheet.questionnaire, sheet.side, stored)}
    dropped = set(stored) - kept
    if dropped:
        session.execute(
            delete(Answer).where(Answer.response_id == sheet.response.id, Answer.question.in_(dropped))
        )
    response = sheet.response
    response.status = ResponseStatus.SUBMITTED.value
    response.submitted_at, response.submitted_by_id = now, person_id
    response.signer_name, response.signer_title = signature.name.strip(), signature.title.strip()
    response.participants = signature.participants
    response.answers_hash = answers_hash(sheet, {q: value for q, value in stored.items() if q in kept})
    subject, centers = f"response {response.public_id}", [own_center(sheet).id]
    fingerprint = audit.keyed(session, response.answers_hash)  # not the hash: administrators read the trail
    audit.record(session, now, person_id, "submitted", subject, fingerprint, centers)


def answers_hash(sheet: Sheet, values: Mapping[str, AnswerValue]) -> str:
    """SHA-256 over the answers and what they answer, as JSON with sorted keys; any change shows."""
    content = {
        "cycle": sheet.cycle.code,
        "pair": [sheet.fusion_center.code, sheet.eoc.code],
        "side": sheet.side.value,
        "questionnaire": [sheet.questionnaire.id, sheet.questionnaire.version],
        "answers": [
            [
                f"{question}.{row.part}" if row.part else question,
                row.status.value,
                row.number,
                row.option,
                row.text,
            ]
            for question, value in sorted(values.items())
            for row in answers.rows(value)
            if row.status is not AnswerStatus.UNANSWERED or row.text
        ],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def reopen_response(
    session: Session, library: Library, person: Person, public_id: str, reason: str, moment: Moment
) -> str:
    """Void a signature and make the next edition from a copy; returns its id."""
    form = load_form(session, library, person, public_id, moment.today, lock=True)
    if not may(person, Action.REOPEN, form.pair, form.side):
        raise NotFound
    if form.status is not ResponseStatus.SUBMITTED:
        raise Refused("Only a submitted form can be reopened.")
    if form.cycle_state is not CycleState.OPEN:
        raise Refused("The cycle is closed. Reopen the cycle first, so that the side can submit again.")
    old = form.response
    old.status, old.reopened_at = ResponseStatus.REOPENED.value, moment.now
    old.reopened_by_id, old.reopen_reason = person.id, reason.strip()
    session.flush()  # the old edition must give way before the next one can stand
    new = Response(cycle_pair_id=old.cycle_pair_id, side=old.side, edition=old.edition + 1)
    session.add(new)
    session.flush()
    _copy_answers(session, old.id, new.id)
    subject, centers = f"response {old.public_id}", [own_center(form).id]  # why stands with the edition
    audit.record(session, moment.now, person.id, "reopened", subject, centers=centers)
    return new.public_id


def _copy_answers(session: Session, old_id: int, new_id: int) -> None:
    columns = [c for c in Answer.__table__.columns if c.name != "response_id"]
    session.execute(
        insert(Answer).from_select(
            ["response_id", *[c.name for c in columns]],
            select(literal(new_id), *columns).where(Answer.response_id == old_id),
        )
    )
    contributors = select(literal(new_id), Contributor.person_id, Contributor.since)
    session.execute(
        insert(Contributor).from_select(
            ["response_id", "person_id", "since"], contributors.where(Contributor.response_id == old_id)
        )
    )
