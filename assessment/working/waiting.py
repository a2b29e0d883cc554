"""How much waits for a worker, and whether one is at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessment.models.account_links import AccountLetter, LetterState
from assessment.models.exports import Export, ExportState
from assessment.models.surveys import Message, MessageState, Survey, SurveyMode
from assessment.working.turns import done_lately, last_heard

SILENT = timedelta(minutes=5)  # a worker that is there writes down twice a minute what it did
LONG = timedelta(minutes=15)  # what waits longer waits for a worker


@dataclass(frozen=True)
class Queue:
    """What waits now for its turn; ``since`` is when the oldest of it was due, None where nothing waits."""

    name: str
    length: int
    since: datetime | None


def queues(session: Session, now: datetime, keeps_copies: bool) -> list[Queue]:
    """Every queue, the empty ones too. ``keeps_copies``: as ``mail.Transport`` has it."""
    messages = Message.state == MessageState.QUEUED.value, Message.not_before <= now
    due = select(func.count(), func.min(Message.not_before)).where(*messages)
    if keeps_copies:  # those of anonymous surveys wait for a mail server, not for a worker
        due = due.join(Survey, Survey.id == Message.survey_id).where(Survey.mode != SurveyMode.ANONYMOUS)
    letters = AccountLetter.state == LetterState.QUEUED.value, AccountLetter.not_before <= now
    files = Export.state == ExportState.WAITING.value, Export.expires_at > now
    found: dict[str, Any] = {
        "messages": due,
        "letters": select(func.count(), func.min(AccountLetter.not_before)).where(*letters),
        "files": select(func.count(), func.min(Export.asked_at)).where(*files),
    }
    return [Queue(name, *session.execute(query).one()) for name, query in found.items()]


@dataclass(frozen=True)
class State:
    """Whether what is to be done beside the pages is done, in a sentence."""

    ok: bool
    sentence: str


def state_of_work(session: Session, now: datetime, keeps_copies: bool) -> State:
    """What waits too long with nobody at work is a fault; so is work that has not gone well for a while."""
    heard = last_heard(session)
    silent = heard is None or now - heard > SILENT
    said = (
        "No worker has run on this database yet" if heard is None else f"A worker last ran {_ago(now, heard)}"
    )
    late = [queue for queue in queues(session, now, keeps_copies) if queue.since and now - queue.since > LONG]
    if silent and late:
        words = ", ".join(f"{queue.length:,} {queue.name}" for queue in late)
        return State(False, f"{said}, and {words} wait. Start one: flask work")
    troubles = [] if silent else list(_troubles(session, now))
    if troubles:
        return State(False, f"{said}. {' '.join(troubles)}")
    return State(True, f"{said}, and nothing waits for one." if silent else f"{said}.")


def _troubles(session: Session, now: datetime) -> Iterator[str]:
    for task in done_lately(session):
        if task.trouble and (task.well_at is None or now - task.well_at > LONG):
            yield f"{task.name.capitalize()}: {task.trouble}"


def _ago(now: datetime, then: datetime) -> str:
    minutes = int((now - then).total_seconds()) // 60
    return "less than a minute ago" if minutes < 1 else f"on {then:%Y-%m-%d} at {then:%H:%M} UTC"
