"""Whose turn it is, and what was done when: one row for each kind of work, over all workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.models.working import WorkerTask

LONGEST_TROUBLE = 400  # characters


@dataclass(frozen=True)
class Ended:
    """How a piece of work ended; ``trouble`` is a sentence, empty where there was none."""

    at: datetime
    trouble: str = ""


def take_turn(session: Session, name: str, every: timedelta, now: datetime) -> bool:
    """Whether this worker does it now: whoever asks first, once in the period, also after a restart.

    A turn that lies in the future was taken before the clock was set back, and counts for nothing.
    """
    _have_rows(session, [name])
    over = or_(WorkerTask.begun_at.is_(None), WorkerTask.begun_at <= now - every, WorkerTask.begun_at > now)
    step = update(WorkerTask).where(WorkerTask.name == name, over).values(begun_at=now)
    result = session.execute(step.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


def write_down(session: Session, done: Mapping[str, Ended]) -> None:
    """What became of each kind of work, by its name."""
    _have_rows(session, sorted(done))
    for name in sorted(done):
        ended = done[name]
        values: dict[str, Any] = {"ended_at": ended.at, "trouble": ended.trouble[:LONGEST_TROUBLE]}
        if not ended.trouble:
            values["well_at"] = ended.at
        session.execute(update(WorkerTask).where(WorkerTask.name == name).values(values))


def done_lately(session: Session) -> Sequence[WorkerTask]:
    """Every kind of work that a worker has ever done here, by name."""
    return session.scalars(select(WorkerTask).order_by(WorkerTask.name)).all()


def last_heard(session: Session) -> datetime | None:
    """When a worker last wrote down what it did; None where none ever has."""
    return session.scalar(select(func.max(WorkerTask.ended_at)))


def _have_rows(session: Session, names: Sequence[str]) -> None:
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for name in names:
        row = {"name": name, "trouble": ""}
        session.execute(dialect.insert(WorkerTask).values(row).on_conflict_do_nothing())
