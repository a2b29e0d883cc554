"""The states of exports, and the steps between them: each is one UPDATE that says from which state it goes.

    waiting -> working -> done, failed
    working -> waiting                            its worker was told to stop, or has not been heard of
            -> failed                             that has happened too often

A worker says every few seconds that it still works on what it has claimed. Each claim has a name of its own,
so a worker that was thought gone cannot finish what another has begun again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Person
from assessment.database import Database
from assessment.errors import NotFound, Refused
from assessment.exports.making import Made, Parameters
from assessment.models.exports import Export, ExportPiece, ExportState

KEPT = timedelta(hours=24)  # from when it was asked for; from the end on once it is done
GONE_AFTER = timedelta(minutes=2)  # without a word from its worker
MOST_TRIES = 3
MOST_AT_ONCE = 5  # of one person, waiting or being made
PIECE = 1024 * 1024  # bytes
STOPPED = "The worker that was making it stopped, several times. Ask for it again, or for less."
UNDER_WAY = (ExportState.WAITING.value, ExportState.WORKING.value)
S = ExportState


@dataclass(frozen=True)
class Claimed:
    """An export that is this worker's to make, under the name of this claim."""

    id: int
    public_id: str
    person_id: int
    kind: str
    parameters: dict[str, str]
    name: str


def ask(
    session: Session, person: Person, kind: str, parameters: Parameters, title: str, now: datetime
) -> Export:
    """Have it made. What this person is waiting for already is not made twice; Refused where it is a lot."""
    text = json.dumps(dict(parameters), sort_keys=True)
    under_way = select(Export).where(Export.person_id == person.id, Export.state.in_(UNDER_WAY))
    same = session.scalar(under_way.where(Export.kind == kind, Export.parameters == text).limit(1))
    if same is not None:
        return same
    if len(session.scalars(under_way.limit(MOST_AT_ONCE)).all()) == MOST_AT_ONCE:
        raise Refused(
            f"{MOST_AT_ONCE} files are being made for you already. Wait until one is ready, or delete one."
        )
    row = Export(
        person_id=person.id,
        kind=kind,
        parameters=text,
        title=title[:300],
        asked_at=now,
        expires_at=now + KEPT,
    )
    session.add(row)
    session.flush()
    audit.record(session, now, person.id, "export asked for", f"export {row.public_id}", title)
    return row


def claim(session: Session, now: datetime) -> Claimed | None:
    """Take the one that waits longest; None where none does."""
    _recover(session, now)
    waiting = select(Export).where(Export.state == S.WAITING, Export.expires_at > now)
    oldest = waiting.order_by(Export.asked_at, Export.id).limit(1)
    row = session.scalar(oldest.with_for_update(skip_locked=True))
    if row is None:
        return None
    name = f"{os.getpid()}-{secrets.token_hex(8)}"
    values = {
        "state": S.WORKING.value,
        "claimed_by": name,
        "seen_at": now,
        "tries": row.tries + 1,
        "progress": 0.0,
        "expires_at": now + KEPT,
    }
    step = update(Export).where(Export.id == row.id, Export.state == S.WAITING).values(values)
    if not _changed(session, step):
        return None
    return Claimed(row.id, row.public_id, row.person_id, row.kind, json.loads(row.parameters), name)


def _recover(session: Session, now: datetime) -> None:
    """What a worker that is gone had in hand waits for another, or has failed."""
    gone = update(Export).where(Export.state == S.WORKING, Export.seen_at < now - GONE_AFTER)
    failed = {"state": S.FAILED.value, "claimed_by": None, "reason": STOPPED, "finished_at": now}
    _changed(session, gone.where(Export.tries >= MOST_TRIES).values(failed))
    _changed(session, gone.values(state=S.WAITING.value, claimed_by=None, progress=0.0))


def _mine(claimed: Claimed) -> Update:
    return update(Export).where(
        Export.id == claimed.id, Export.state == S.WORKING, Export.claimed_by == claimed.name
    )


def renew(session: Session, claimed: Claimed, progress: float, now: datetime) -> bool:
    """Say that it is still being made, and how far it is; False where it is no longer this worker's."""
    values = {"seen_at": now, "progress": min(max(progress, 0.0), 1.0)}
    return bool(_changed(session, _mine(claimed).values(values)))


def finish(session: Session, claimed: Claimed, made: Made, rights: str, now: datetime) -> bool:
    """Keep what was made, where it is still this worker's to say."""
    values = {
        "state": S.DONE.value,
        "claimed_by": None,
        "progress": 1.0,
        "finished_at": now,
        "expires_at": now + KEPT,
        "rights": rights,
        "file_name": made.name[:200],
        "media_type": made.media_type,
        "size": len(made.content),
    }
    if not _changed(session, _mine(claimed).values(values)):
        return False
    for number, start in enumerate(range(0, len(made.content), PIECE)):
        piece = {"export_id": claimed.id, "number": number, "content": made.content[start : start + PIECE]}
        session.execute(insert(ExportPiece), [piece])
    return True


def fail(session: Session, claimed: Claimed, reason: str, now: datetime) -> bool:
    """It cannot be made; ``reason`` is a sentence for whoever asked."""
    values = {"state": S.FAILED.value, "claimed_by": None, "reason": reason[:500], "finished_at": now}
    return bool(_changed(session, _mine(claimed).values(values)))


def give_back(session: Session, claimed: Claimed) -> None:
    """The worker stops; another begins again, and this try does not count."""
    values: Mapping[str, Any] = {"state": S.WAITING.value, "claimed_by": None, "progress": 0.0}
    _changed(session, _mine(claimed).values(values).values(tries=Export.tries - 1))


def expire(session: Session, now: datetime) -> int:
    """Delete what has expired. How many."""
    over = delete(Export).where(Export.expires_at <= now, Export.state != S.WORKING)
    return _changed(session, over)


def any_to_do(session: Session, now: datetime) -> bool:
    """Whether something waits, was left behind or has expired, so that nobody writes for nothing."""
    waiting = Export.state == S.WAITING
    left = (Export.state == S.WORKING) & (Export.seen_at < now - GONE_AFTER)
    return (
        session.scalar(select(Export.id).where(waiting | left | (Export.expires_at <= now)).limit(1))
        is not None
    )


def of_person(session: Session, person: Person, now: datetime) -> Sequence[Export]:
    """Whatever they asked for and has not expired, the latest first."""
    query = select(Export).where(Export.person_id == person.id, Export.expires_at > now)
    return session.scalars(query.order_by(Export.asked_at.desc(), Export.id.desc())).all()


def find(session: Session, person: Person, public_id: str, now: datetime) -> Export:
    """This person's own; NotFound for anybody else's and for what has expired."""
    query = select(Export).where(Export.person_id == person.id, Export.public_id == public_id)
    row = session.scalar(query.where(Export.expires_at > now))
    if row is None:
        raise NotFound
    return row


def remove(session: Session, person: Person, public_id: str, now: datetime) -> None:
    """Delete one's own, also while it is being made: its worker notices."""
    session.delete(find(session, person, public_id, now))


def content(database: Database, export_id: int) -> Iterator[bytes]:
    """The bytes, a piece at a time; whoever fetches slowly holds no transaction open."""
    with database.reading() as session:
        count = session.scalar(select(func.count()).where(ExportPiece.export_id == export_id)) or 0
    for number in range(count):
        with database.reading() as session:
            piece = session.get(ExportPiece, (export_id, number))
        if piece is None:
            return  # deleted meanwhile; the length that was promised says so
        yield piece.content


def _changed(session: Session, step: Update | Delete) -> int:
    """How many rows it changed."""
    result = session.execute(step.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
