"""The partners of a fusion center, and which of them a survey asks: each use case is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Role
from assessment.directory import csv_files
from assessment.directory.csv_files import Line, Problem
from assessment.directory.services import BadFields, ImportResult
from assessment.errors import NotFound, Refused
from assessment.models.base import new_public_id
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonCenter, PersonRow
from assessment.models.surveys import Invitation, Message, MessageState, Partner, Survey, SurveyPartner
from assessment.surveys.partner_entries import OPTIONAL, REQUIRED, PartnerEntry, partner_entry

FIELDS = OPTIONAL
CHUNK = 500  # values in one statement; SQLite takes some thousands


@dataclass
class PartnerPlan:
    """What entries would do to the partners of a center, and to those that a survey asks."""

    added: list[PartnerEntry] = field(default_factory=list)
    changed: list[tuple[Partner, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # addresses that the survey asks from now on
    left_out: list[str] = field(default_factory=list)  # who asked not to be written to again
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_partners(
    session: Session,
    target: Survey | Center,
    content: bytes | str,
    now: datetime,
    by: int | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Add and change the partners of a file; with a survey, ask them too. BadLines, and nothing written."""
    file = csv_files.read(content, REQUIRED, OPTIONAL)
    if not dry_run:
        _lock(session)
    plan = _plan(session, target, file.lines)
    if file.problems or plan.problems:
        raise csv_files.bad_lines([*file.problems, *plan.problems])
    result = _result(plan)
    if not dry_run:
        _write(session, target, plan)
        audit.record(
            session, now, by, "partners imported", _subject(target), result.sentence, [_center_id(target)]
        )
    return result


def _lock(session: Session) -> None:
    """One change of the partners at a time. On SQLite there is only one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE partners, survey_partners IN SHARE ROW EXCLUSIVE MODE"))


def _center_id(target: Survey | Center) -> int:
    return target.fusion_center_id if isinstance(target, Survey) else target.id


def _subject(target: Survey | Center) -> str:
    return f"survey {target.cycle.code}" if isinstance(target, Survey) else f"center {target.code}"


def _plan(session: Session, target: Survey | Center, lines: Iterable[Line]) -> PartnerPlan:
    query = select(Partner).where(Partner.fusion_center_id == _center_id(target))
    known = {partner.email: partner for partner in session.scalars(query)}
    asked = _asked(session, target) if isinstance(target, Survey) else None
    plan = PartnerPlan()
    seen: dict[str, int] = {}
    for line in lines:
        entry = partner_entry(line.cells)
        if isinstance(entry, dict):
            plan.problems += [Problem(line.number, column, reason) for column, reason in entry.items()]
        elif entry.email in seen:
            plan.problems.append(_twice(line.number, entry.email, seen[entry.email]))
        else:
            seen[entry.email] = line.number
            _plan_entry(plan, entry, known.get(entry.email), asked)
    return plan


def _twice(line: int, email: str, first: int) -> Problem:
    return Problem(
        line, "email", f"{csv_files.quoted(email)} is already in line {first}. Keep one of the two."
    )


def _asked(session: Session, survey: Survey) -> set[int]:
    return set(session.scalars(select(SurveyPartner.partner_id).where(SurveyPartner.survey_id == survey.id)))


def _plan_entry(
    plan: PartnerPlan, entry: PartnerEntry, existing: Partner | None, asked: set[int] | None
) -> None:
    if existing is None:
        plan.added.append(entry)
        if asked is not None:
            plan.asked.append(entry.email)
        return
    fields = {
        name: value
        for name in FIELDS
        if (value := getattr(entry, name)) is not None and value != getattr(existing, name)
    }
    if fields:
        plan.changed.append((existing, fields))
    if existing.opted_out_on is not None:
        plan.left_out.append(entry.email)
    elif asked is not None and existing.id not in asked:
        plan.asked.append(entry.email)
    elif not fields:
        plan.unchanged += 1


def _result(plan: PartnerPlan) -> ImportResult:
    new = {entry.email for entry in plan.added}
    changed = [
        f"{partner.email}: " + ", ".join(f'{name} "{value}"' for name, value in fields.items())
        for partner, fields in plan.changed
    ]
    changed += [f"{email}: asked by this survey too" for email in plan.asked if email not in new]
    changed += [f"{email}: stays left out, as they asked" for email in plan.left_out]
    return ImportResult(
        added=[entry.email + (f" ({entry.name})" if entry.name else "") for entry in plan.added],
        changed=changed,
        unchanged=plan.unchanged,
    )


def _write(session: Session, target: Survey | Center, plan: PartnerPlan) -> None:
    center_id = _center_id(target)
    if plan.added:
        session.execute(insert(Partner), [_row(center_id, entry) for entry in plan.added])
    for partner, fields in plan.changed:
        for name, value in fields.items():
            setattr(partner, name, value)
    session.flush()
    if isinstance(target, Survey):
        _ask(session, target, _ids(session, center_id, plan.asked))


def _row(center_id: int, entry: PartnerEntry) -> dict[str, object]:
    said = {name: getattr(entry, name) or "" for name in FIELDS}
    return {"fusion_center_id": center_id, "public_id": new_public_id(), "email": entry.email, **said}


def _ids(session: Session, center_id: int, emails: Sequence[str]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(emails), CHUNK):
        chunk = emails[start : start + CHUNK]
        found += session.scalars(
            select(Partner.id).where(Partner.fusion_center_id == center_id, Partner.email.in_(chunk))
        )
    return found


def _ask(session: Session, survey: Survey, partner_ids: Sequence[int]) -> None:
    if partner_ids:
        rows = [{"survey_id": survey.id, "partner_id": partner_id} for partner_id in sorted(partner_ids)]
        session.execute(insert(SurveyPartner), rows)


def add_partner(
    session: Session, survey: Survey, cells: dict[str, str], now: datetime, by: int | None = None
) -> None:
    """Add one partner and ask them; BadFields where something is wrong or they are asked already."""
    _lock(session)
    plan = _plan(session, survey, [Line(1, cells)])
    faults = {problem.column: problem.reason for problem in plan.problems}
    if plan.left_out:
        faults["email"] = "this partner asked not to be written to again, so no survey asks them."
    elif plan.unchanged:
        faults["email"] = "this partner is asked already."
    if faults:
        raise BadFields(faults)
    _write(session, survey, plan)
    audit.record(session, now, by, "partner added", _subject(survey), centers=[survey.fusion_center_id])


@dataclass(frozen=True)
class Manager:
    """Somebody of an EOC who has an account here and could be asked."""

    email: str
    name: str
    eoc: str
    level: str
    state: str


def managers(session: Session, survey: Survey) -> list[Manager]:
    """EOC managers of the center's active pairs whom the survey does not ask and who did not opt out."""
    asked_or_out = (
        select(Partner.email)
        .outerjoin(
            SurveyPartner,
            (SurveyPartner.partner_id == Partner.id) & (SurveyPartner.survey_id == survey.id),
        )
        .where(
            Partner.fusion_center_id == survey.fusion_center_id,
            SurveyPartner.survey_id.is_not(None) | Partner.opted_out_on.is_not(None),
        )
    )
    rows = session.execute(
        select(PersonRow.email, PersonRow.name, Center.name, Center.level, Center.state)
        .join(PersonCenter, PersonCenter.person_id == PersonRow.id)
        .join(Center, Center.id == PersonCenter.center_id)
        .join(Pair, Pair.eoc_id == Center.id)
        .where(
            Pair.fusion_center_id == survey.fusion_center_id,
            Pair.active,
            PersonRow.active,
            PersonRow.role == Role.MANAGER.value,
            PersonRow.email.not_in(asked_or_out),
        )
        .order_by(Center.name, PersonRow.name)
    )
    found: dict[str, Manager] = {}
    for row in rows:
        found.setdefault(row[0], Manager(*row))
    return list(found.values())


def add_managers(session: Session, survey: Survey, now: datetime, by: int | None = None) -> int:
    """Ask the EOC managers of the center's pairs; how many are new to the survey."""
    _lock(session)
    lines = [
        Line(
            number,
            {
                "email": manager.email,
                "name": manager.name,
                "organization": manager.eoc,
                "sector": "eoc",
                "level": manager.level,
                "state": manager.state,
            },
        )
        for number, manager in enumerate(managers(session, survey), 1)
    ]
    plan = _plan(session, survey, lines)
    if plan.problems:
        raise Refused(" ".join(problem.reason for problem in plan.problems))
    _write(session, survey, plan)
    if plan.asked:
        detail, centers = f"{len(plan.asked)} managers", [survey.fusion_center_id]
        audit.record(session, now, by, "EOC managers asked", _subject(survey), detail, centers)
    return len(plan.asked)


def ask_everyone(session: Session, survey: Survey, now: datetime, by: int | None = None) -> int:
    """Ask all partners of the center who have not opted out; how many are new to the survey."""
    _lock(session)
    missing = session.scalars(
        select(Partner.id).where(
            Partner.fusion_center_id == survey.fusion_center_id,
            Partner.opted_out_on.is_(None),
            Partner.id.not_in(select(SurveyPartner.partner_id).where(SurveyPartner.survey_id == survey.id)),
        )
    ).all()
    _ask(session, survey, missing)
    if missing:
        detail, centers = f"{len(missing)} partners", [survey.fusion_center_id]
        audit.record(session, now, by, "partners asked", _subject(survey), detail, centers)
    return len(missing)


def set_asked(
    session: Session, survey: Survey, public_id: str, asked: bool, now: datetime, by: int | None = None
) -> Partner:
    """Ask a partner, or no longer; saying it twice does no harm. NotFound, Refused.

    Who has been written to stays in the survey: the count of those asked must not shrink to make a
    response rate grow.
    """
    partner = _find(session, survey.fusion_center_id, public_id)
    there = session.get(SurveyPartner, (survey.id, partner.id))
    if asked and partner.opted_out_on is not None:
        raise Refused(f"{partner.email} asked not to be written to again, so no survey asks them.")
    if asked and there is None:
        _ask(session, survey, [partner.id])
    if not asked and there is not None:
        _stop_asking(session, survey, partner)
    if asked != (there is not None):
        words = "partner asked" if asked else "partner not asked"
        audit.record(session, now, by, words, _subject(survey), centers=[survey.fusion_center_id])
    return partner


def _find(session: Session, center_id: int, public_id: str) -> Partner:
    partner = session.scalar(
        select(Partner).where(Partner.public_id == public_id, Partner.fusion_center_id == center_id)
    )
    if partner is None:
        raise NotFound
    return partner


def _stop_asking(session: Session, survey: Survey, partner: Partner) -> None:
    mine = (Message.survey_id == survey.id, Message.partner_id == partner.id)
    gone = select(Message.id).where(
        *mine, Message.state.not_in([MessageState.QUEUED.value, MessageState.WITHDRAWN.value])
    )
    link = select(Invitation.token_hash).where(
        Invitation.survey_id == survey.id, Invitation.partner_id == partner.id
    )
    if session.scalar(gone.limit(1)) is not None or session.scalar(link.limit(1)) is not None:
        raise Refused(f"{partner.email} has been written to already and stays among those asked.")
    _withdraw(session, *mine)
    session.execute(
        delete(SurveyPartner).where(
            SurveyPartner.survey_id == survey.id, SurveyPartner.partner_id == partner.id
        )
    )


def _withdraw(session: Session, *conditions: object) -> None:
    session.execute(
        update(Message)
        .where(*conditions, Message.state == MessageState.QUEUED.value)  # type: ignore[arg-type]
        .values(state=MessageState.WITHDRAWN.value)
    )


def leave_out(
    session: Session, survey: Survey, public_id: str, today: date, now: datetime, by: int | None = None
) -> Partner:
    """Never ask this partner of the survey's center again, as they have told the center. NotFound."""
    partner = opt_out(session, _find(session, survey.fusion_center_id, public_id).public_id, today)
    audit.record(
        session, now, by, "partner left out for good", _subject(survey), centers=[survey.fusion_center_id]
    )
    return partner


def opt_out(session: Session, public_id: str, today: date) -> Partner:
    """Never write to them again; what waits to be sent to them is withdrawn. NotFound."""
    partner = session.scalar(select(Partner).where(Partner.public_id == public_id))
    if partner is None:
        raise NotFound
    if partner.opted_out_on is None:
        partner.opted_out_on = today
    _withdraw(session, Message.partner_id == partner.id)
    session.flush()
    return partner
