"""What the tool holds of one person, as JSON, written piece by piece.

Answers are not in it: they are a center's, and stand on the forms of which the file says that the person has
worked on them. Secrets are not in it either, nor what they were made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from assessment.database import Database
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.audit import AuditEvent
from assessment.models.base import UTCDateTime
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Pair
from assessment.models.people import PersonCenter, PersonRow, PersonScope
from assessment.models.responses import Contributor, Response
from assessment.privacy.erasure import PERSONAL, events_of

AT_ONCE = 500
# Of the tables that are about one person: days, moments, switches, and these words. No secret is called so.
SAID = {"name", "label", "kind", "title", "scopes", "file_name", "email", "issuer"}


def own_data(database: Database, person_id: int, now: datetime) -> Iterator[str]:
    """The pieces of the file; the events of the trail come last, some at a time."""
    with database.reading() as session:
        parts = {
            "made_at": _plain(now),
            "account": _account(session, person_id),
            "forms": list(_forms(session, person_id)),
            **{column.class_.__tablename__: _rows(session, column, person_id) for column in _listed()},
        }
    text = json.dumps(parts, indent=2, ensure_ascii=False)
    yield text.removesuffix("}").rstrip() + ',\n  "events": ['
    separator = "\n"
    for found in _events(database, person_id):
        yield separator + "    " + json.dumps(found, ensure_ascii=False)
        separator = ",\n"
    yield "\n  ]\n}\n"


def _account(session: Session, person_id: int) -> dict[str, Any]:
    row = session.get_one(PersonRow, person_id, options=[selectinload(PersonRow.centers)])
    return {
        "number": row.id,
        "name": row.name,
        "email": row.email,
        "role": row.role,
        "centers": [center.code for center in row.centers],
        "scopes": [f"{scope.kind} {scope.value}" for scope in row.scopes],
        "active": row.active,
        "since": _plain(row.created_at),
    }


def _listed() -> list[InstrumentedAttribute[Any]]:
    """The personal tables but those that the account says already."""
    return [column for column in PERSONAL if column.class_ not in (PersonCenter, PersonScope)]


def _rows(session: Session, column: InstrumentedAttribute[Any], person_id: int) -> list[dict[str, Any]]:
    model = column.class_
    shown = [c for c in model.__table__.columns if _may_be_shown(c)]
    if not shown:
        return []
    rows = session.execute(select(*shown).where(column == person_id)).mappings()
    return [{name: _plain(value) for name, value in _named(row).items()} for row in rows]


def _may_be_shown(column: Any) -> bool:
    return column.name in SAID or isinstance(column.type, UTCDateTime | Date | Boolean)


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _forms(session: Session, person_id: int) -> Iterator[dict[str, Any]]:
    forms = (
        select(Contributor.since, Response, FUSION_CENTER.code, EOC.code, Cycle.code)
        .join(Response, Response.id == Contributor.response_id)
        .join(CyclePair, CyclePair.id == Response.cycle_pair_id)
        .join(Cycle, Cycle.id == CyclePair.cycle_id)
        .join(Pair, Pair.id == CyclePair.pair_id)
    )
    query = (
        with_centers(forms).where(Contributor.person_id == person_id).order_by(Contributor.since, Response.id)
    )
    for since, response, first, second, cycle in session.execute(query):
        mine = response.submitted_by_id == person_id
        signed = {"name": response.signer_name, "title": response.signer_title} if mine else None
        yield {
            "fusion_center": first,
            "eoc": second,
            "side": response.side,
            "cycle": cycle,
            "worked_on_since": _plain(since),
            "signed": signed,
        }


def _events(database: Database, person_id: int) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        query = select(AuditEvent).where(events_of(person_id), AuditEvent.id > last).order_by(AuditEvent.id)
        with database.reading() as session:
            events = session.scalars(query.limit(AT_ONCE)).all()
        for found in events:
            yield {
                "at": _plain(found.at),
                "by_you": found.person_id == person_id,
                "action": found.action,
                "subject": found.subject,
                "detail": found.detail,
                "from": found.origin,
            }
        if len(events) < AT_ONCE:
            return
        last = events[-1].id
