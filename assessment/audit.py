"""Writing down what happened, in the transaction in which it happened; finding what was tampered with.

Events are written when their transaction commits, one transaction after the other, so that each seal can
cover the one before: HMAC-SHA-256 over the event and the seal of the event before it, with a key that is not
in the database. Whoever changes, removes or reorders rows cannot make the seals fit. Only the newest rows can
be cut off unseen; so the newest link goes into the log and into each backup's manifest.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, cast

from sqlalchemy import Table, event, insert, select, text
from sqlalchemy.orm import Session

from assessment.database import AUDIT_KEYS
from assessment.models.audit import AuditCenter, AuditEvent

log = logging.getLogger(__name__)
_PENDING = "tandem_audit_pending"
_LOCK = 5022011  # PostgreSQL: one transaction at a time adds to the chain
_TAKE_TURN = text(f"SELECT pg_advisory_xact_lock({_LOCK})")
_NEWEST = select(AuditEvent.id, AuditEvent.seal).order_by(AuditEvent.id.desc()).limit(1)
_ADD_EVENTS = insert(cast(Table, AuditEvent.__table__))
_ADD_CENTERS = insert(cast(Table, AuditCenter.__table__))
_LONGEST = 500
_ROWS_AT_ONCE = 1000
MOST_PROBLEMS = 20
VIEWED_ONCE = timedelta(hours=1)  # a view by the same person of the same object is written down once in it
NO_REQUEST = "command line"
_origin: ContextVar[str] = ContextVar("origin", default=NO_REQUEST)


@contextmanager
def coming_from(origin: str) -> Iterator[None]:
    """Where what is recorded meanwhile comes from: an address, or a program of ours."""
    token = _origin.set(origin[:45])
    try:
        yield
    finally:
        _origin.reset(token)


def set_origin(origin: str = NO_REQUEST) -> None:
    """The same from here on; without a word as at the start."""
    _origin.set(origin[:45])


def record(
    session: Session,
    at: datetime,
    person_id: int | None,
    action: str,
    subject: str,
    detail: str = "",
    centers: Iterable[int] = (),
) -> None:
    """Add one event; no person means the command line. Never hand in answers, passwords or tokens.

    ``centers`` are the numbers of those whose leaders may read of it: of a form before the reveal its own
    center alone. It is written when the transaction commits, and not at all where it does not.
    """
    found = AuditEvent(
        at=at,
        person_id=person_id,
        action=action,
        subject=subject,
        detail=detail[:_LONGEST],
        origin=_origin.get(),
        centers=" ".join(str(center) for center in sorted(set(centers))),
    )
    session.info.setdefault(_PENDING, []).append(found)


def seen_lately(session: Session, at: datetime, person_id: int, action: str, subject: str) -> bool:
    """Whether this person's view of this object has been written down within the last hour."""
    query = select(AuditEvent.id).where(
        AuditEvent.subject == subject,
        AuditEvent.at > at - VIEWED_ONCE,
        AuditEvent.person_id == person_id,
        AuditEvent.action == action,
    )
    return session.scalar(query.limit(1)) is not None


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    """The last thing of a transaction, so that nobody waits for the chain longer than a commit takes."""
    pending: list[AuditEvent] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURN)
    newest = connection.execute(_NEWEST).first()
    number, seal = (newest.id, newest.seal) if newest else (0, "")
    keys: Sequence[str] = session.info.get(AUDIT_KEYS, ())
    if keys and not seal:
        seal = _start(keys[-1], _events(session))
    for found in pending:
        number += 1
        found.id = number
        if keys:
            found.key = key_name(keys[-1])
            seal = found.seal = _seal(keys[-1], found, seal)
    connection.execute(_ADD_EVENTS, [_columns(found) for found in pending])
    concerned = [row for found in pending for row in _concerned(found)]
    if concerned:
        connection.execute(_ADD_CENTERS, concerned)
    if keys:
        log.info("audit link %s:%s", number, seal)


def _columns(found: AuditEvent) -> dict[str, Any]:
    """The row as one statement of the driver writes it: nothing of a save waits for more than it must."""
    return {
        "id": found.id,
        "at": found.at,
        "person_id": found.person_id,
        "action": found.action,
        "subject": found.subject,
        "detail": found.detail,
        "origin": found.origin,
        "centers": found.centers,
        "key": found.key or "",
        "seal": found.seal or "",
    }


def _concerned(found: AuditEvent) -> list[dict[str, Any]]:
    return [{"center_id": int(n), "at": found.at, "event_id": found.id} for n in found.centers.split()]


@event.listens_for(Session, "after_rollback")
def _forget_pending(session: Session) -> None:
    session.info.pop(_PENDING, None)


def keyed(session: Session, text: str) -> str:
    """A fingerprint of ``text`` that nobody without the newest key can make; "" where there is none.

    A plain hash of a short form's answers could be found by trying answers, before they are revealed.
    """
    keys: Sequence[str] = session.info.get(AUDIT_KEYS, ())
    if not keys:
        return ""
    return hmac.new(keys[-1].encode(), b"tandem fingerprint\0" + text.encode(), hashlib.sha256).hexdigest()


def key_name(key: str) -> str:
    """By which a row says which key sealed it; it tells nothing of the key."""
    return hashlib.sha256(b"tandem audit key\0" + key.encode()).hexdigest()[:8]


def _seal(key: str, found: AuditEvent, before: str) -> str:
    content = [
        found.id,
        _moment(found),
        found.person_id,
        found.action,
        found.subject,
        found.detail,
        found.origin,
        found.key,
        *([found.centers] if found.centers else []),  # events from before there were centers seal as they did
        before,
    ]
    message = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _start(key: str, earlier: Iterable[AuditEvent]) -> str:
    """What the first sealed event stands on: all events of the time before there were seals."""
    digest = hmac.new(key.encode(), b"tandem audit chain", hashlib.sha256)
    for found in earlier:
        content = [found.id, _moment(found), found.person_id, found.action, found.subject, found.detail]
        digest.update(json.dumps(content, ensure_ascii=False).encode())
    return digest.hexdigest()


def _moment(found: AuditEvent) -> str:
    return found.at.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Verified:
    """How many events there are, what is wrong with them, and the newest link of the chain."""

    events: int
    unsealed: int  # from the time before there were seals; the first seal covers them
    problems: list[str]
    link: str

    @property
    def words(self) -> str:
        if self.problems:
            return f"The audit trail is not whole: {len(self.problems)} problems in {self.events:,} events."
        if not self.events:
            return "The audit trail is empty."
        return f"{self.events:,} events, none changed, removed or reordered."

    @property
    def sentence(self) -> str:
        newest = self.events and not self.problems
        return f"{self.words} Newest link {self.link}" if newest else self.words


def verify(session: Session, keys: Sequence[str], link: str = "") -> Verified:
    """Check every seal; ``link`` NUMBER:SEAL is one that was kept elsewhere and must still be there."""
    by_name = {key_name(key): key for key in keys}
    earlier: list[AuditEvent] = []
    problems: list[str] = []
    before, last, events, kept = "", 0, 0, not link
    for found in _events(session):
        events += 1
        if not found.seal and not before:
            earlier.append(found)
            last = found.id
            continue
        if found.id != last + 1 and before:
            problems.append(f"Before event {found.id} events are missing: the one before it is {last}.")
        key = by_name.get(found.key)
        if not found.seal:
            problems.append(f"Event {found.id} has no seal: it was not written by this tool.")
        elif key is None:
            problems.append(f"Event {found.id} is sealed with the key {found.key}, which is not here.")
        elif not hmac.compare_digest(found.seal, _seal(key, found, before or _start(key, earlier))):
            problems.append(f"Event {found.id} was changed, or one before it was changed, removed or moved.")
        before, last = found.seal or before, found.id
        kept = kept or link == f"{found.id}:{found.seal}"
    problems += _wrong_index(session)
    if not kept:
        problems.append(f"The link {link} is not there: the newest events were cut off, or it is not ours.")
    return Verified(events, len(earlier), problems[:MOST_PROBLEMS], f"{last}:{before}" if before else "")


def _wrong_index(session: Session) -> list[str]:
    """Events of which a center's own part of the trail shows too much or too little."""
    rows = session.execute(
        select(AuditCenter.event_id, AuditCenter.center_id, AuditCenter.at)
        .order_by(AuditCenter.event_id, AuditCenter.center_id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    indexed = ((event_id, center_id, at.astimezone(UTC)) for event_id, center_id, at in rows)
    query = select(AuditEvent.id, AuditEvent.centers, AuditEvent.at).where(AuditEvent.centers != "")
    events = session.execute(query.order_by(AuditEvent.id).execution_options(yield_per=_ROWS_AT_ONCE))
    wanted = (
        (number, center, at.astimezone(UTC))
        for number, centers, at in events
        for center in sorted(map(int, centers.split()))
    )
    for one, other in zip_longest(indexed, wanted):
        if one != other:
            number = min(row[0] for row in (one, other) if row)
            return [
                f"From event {number} on, what is listed for the centers it concerns does not fit the trail."
            ]
    return []


def _events(session: Session) -> Iterator[AuditEvent]:
    query = select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=_ROWS_AT_ONCE)
    yield from session.scalars(query)


def newest_link(session: Session) -> str:
    """NUMBER:SEAL of the newest sealed event, to be kept outside of the database; "" where there is none."""
    row = session.execute(_NEWEST).first()
    return f"{row.id}:{row.seal}" if row and row.seal else ""
