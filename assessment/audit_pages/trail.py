"""Reading events, the newest first. Pages go on from an event's key, so that page 10,000 is as quick as 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from assessment.accounts.people_list import called
from assessment.audit_pages.wanted import Wanted
from assessment.database import Database
from assessment.models.audit import AuditCenter, AuditEvent
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.models.surveys import Survey

PAGE = 50
AT_ONCE = 500  # of a file
NOBODY = "command line"


@dataclass(frozen=True)
class Found:
    """One page of events, and whether older ones follow."""

    events: Sequence[AuditEvent]
    more: bool

    @property
    def last(self) -> int:
        return self.events[-1].id


def find(session: Session, wanted: Wanted, zone: ZoneInfo, limit: int = PAGE) -> Found:
    """The events asked for."""
    query = select(AuditEvent).where(*_conditions(session, wanted, zone))
    query = query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    return _page(session.scalars(query.limit(limit + 1)).all(), limit)


def find_of_center(
    session: Session, center_id: int, before: datetime | None = None, limit: int = PAGE
) -> Found:
    """The events that concern a center, those of one moment on one page.

    Its pages go on from a moment: from the numbers of events one could count what others do meanwhile.
    """
    query: Select[AuditEvent] = (
        select(AuditEvent)
        .join(AuditCenter, AuditCenter.event_id == AuditEvent.id)
        .where(AuditCenter.center_id == center_id)
        .order_by(AuditCenter.at.desc(), AuditCenter.event_id.desc())
    )
    earlier = query if before is None else query.where(AuditCenter.at < before)
    found = _page(session.scalars(earlier.limit(limit + 1)).all(), limit)
    if not found.more:
        return found
    last = found.events[-1]
    same = query.where(AuditCenter.at == last.at, AuditCenter.event_id < last.id).limit(AT_ONCE)
    return Found([*found.events, *session.scalars(same)], more=True)


def _page(events: Sequence[AuditEvent], limit: int) -> Found:
    return Found(events[:limit], len(events) > limit)


def everything(database: Database, wanted: Wanted, zone: ZoneInfo) -> Iterator[tuple[Session, Found]]:
    """All events asked for, some at a time and each time in a transaction of its own."""
    more = True
    while more:
        with database.reading() as session:
            found = find(session, wanted, zone, AT_ONCE)
            yield session, found
        more = found.more
        wanted = wanted.older_than(found.last) if more else wanted


def _conditions(session: Session, wanted: Wanted, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    since, until = wanted.moments(zone)
    key = session.get(AuditEvent, wanted.before) if wanted.before else None
    return [
        *([AuditEvent.at >= since] if since else []),
        *([AuditEvent.at < until] if until else []),
        *([_older(AuditEvent.at, AuditEvent.id, key)] if key else []),
        *([AuditEvent.action == wanted.action] if wanted.action else []),
        *([_by(wanted.who)] if wanted.who else []),
        *([_about(session, wanted.about)] if wanted.about else []),
        *([AuditEvent.origin.startswith(wanted.origin, autoescape=True)] if wanted.origin else []),
    ]


def _older(at: Any, number: Any, key: AuditEvent) -> ColumnElement[bool]:
    return and_(at <= key.at, or_(at < key.at, number < key.id))


def _by(who: str) -> ColumnElement[bool]:
    if who.lower() == NOBODY:
        return AuditEvent.person_id.is_(None)
    return AuditEvent.person_id.in_(select(PersonRow.id).where(called(who)))


def _about(session: Session, about: str) -> ColumnElement[bool]:
    """By what the words are: a center's code, a cycle's, a person's address; else how the subject begins."""
    center = session.scalar(select(Center).where(func.lower(Center.code) == about.lower()))
    if center is not None:
        concerned = select(AuditCenter.event_id).where(AuditCenter.center_id == center.id)
        return or_(AuditEvent.subject == f"center {center.code}", AuditEvent.id.in_(concerned))
    cycle = session.scalar(select(Cycle).where(func.lower(Cycle.code) == about.lower()))
    if cycle is not None:
        return _about_cycle(session, cycle)
    person = session.scalar(select(PersonRow.id).where(PersonRow.email == about.lower()))
    if person is not None:
        return AuditEvent.subject == f"person {person}"
    return AuditEvent.subject.startswith(about, autoescape=True)


def _about_cycle(session: Session, cycle: Cycle) -> ColumnElement[bool]:
    surveys = session.scalars(select(Survey.public_id).where(Survey.cycle_id == cycle.id).limit(AT_ONCE))
    named = [f"cycle {cycle.code}", f"survey {cycle.code}", *(f"survey {survey}" for survey in surveys)]
    return or_(
        AuditEvent.subject.in_(named),
        AuditEvent.subject.startswith(f"survey {cycle.code} of ", autoescape=True),
    )
