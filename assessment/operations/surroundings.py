"""What a database and a folder need around them: that they can be written to, a clock that goes forward."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from assessment import failures
from assessment.database import Database
from assessment.models.audit import AuditEvent

SLACK = timedelta(minutes=2)  # by which the clocks of several machines may differ
LATEST = select(func.max(AuditEvent.at))
TOUCH = text(
    "UPDATE people SET name = name WHERE id < 0"
)  # of nobody; a database that is read only refuses it


def folder_trouble(folder: Path) -> str:
    """Why nothing can be written there; "" where it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
            file.flush()
    except OSError as error:
        return f"{folder} cannot be written to: {error.strerror}. Mount it writable, or make room."
    return ""


def writing_trouble(database: Database) -> str:
    """Why nothing can be saved; "" where it can."""
    try:
        with database.writing() as session:
            session.execute(TOUCH)
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        words = failures.sentence(error) or "Nothing can be saved."
        return f"{words} It says: {reason}."
    return ""


def clock_trouble(session: Session, now: datetime) -> str:
    """Whether the newest event is later than this machine's clock: it was set back, or had been ahead."""
    newest = session.scalar(LATEST)
    if newest is None or newest <= now + SLACK:
        return ""
    return (
        f"The newest event is of {newest:%Y-%m-%d %H:%M} UTC, and the clock says {now:%Y-%m-%d %H:%M}. It was"
        " set back, or had been ahead. Let the machine's time be set by a time service; until the clock has"
        " come to that moment again, messages queued then wait, and a cycle that had closed may be open."
    )
