"""The states of messages, and the steps between them: each is one UPDATE that says from which state it goes.

    queued -> sending -> sent                     the server has taken it
                      -> queued, later            it could not just then
                      -> failed                   it refuses it for good, or too many tries
                      -> uncertain                nobody heard whether it was taken
    queued -> withdrawn                           no longer wanted when its turn came

A message is claimed, and the hash of its new link written, in one transaction before the server hears of it.
So a link that was delivered always resolves, and a worker that dies leaves its message in ``sending``; once
stale it is uncertain, and only a person sends it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Row, Select, Update, func, insert, or_, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.errors import NotFound, Refused
from assessment.mail import NotNow, NotSent, Unknown
from assessment.models.cycles import Cycle
from assessment.models.surveys import Invitation, Message, MessageState, Survey, SurveyMode
from assessment.surveys.letters import Letter, letter_of, letter_query
from assessment.surveys.links import invitation_hash, new_token
from assessment.surveys.messages import one_line

STALE_AFTER = timedelta(minutes=15)  # longer than any message takes; see the timeouts of the transport
MOST_TRIES = 12
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
PACE_LOCK = 7_461_001  # of PostgreSQL's advisory locks: workers keep one pace together
CLOSED = "The survey is closed."
S = MessageState


@dataclass(frozen=True)
class Claimed:
    """A message that is this worker's to send, with the link that was made for it."""

    id: int
    public_id: str
    partner: str  # the public id
    tries: int
    claimed_at: datetime
    token: str
    letter: Letter


@dataclass(frozen=True)
class Withdrawn:
    """The next message was no longer wanted and is out of the way."""


Outcome = NotSent | Unknown | None  # None: the server has taken it


def recover(session: Session, worker: str, now: datetime) -> int:
    """Messages that a worker which is gone had in hand: uncertain from now on. How many."""
    stale = (
        update(Message)
        .where(Message.state == S.SENDING, Message.claimed_by != worker)
        .where(Message.claimed_at < now - STALE_AFTER)
    )
    reason = "The worker that was sending it stopped; it may or may not have gone out."
    return _changed(session, stale.values(state=S.UNCERTAIN.value, claimed_by=None, reason=reason))


def withdraw_closed(session: Session, today: date) -> int:
    """Messages that still wait although their survey is closed."""
    closed = (
        select(Survey.id).join(Cycle).where(or_(Cycle.closed_at.is_not(None), Cycle.closes_on < today))
    ).scalar_subquery()
    waiting = update(Message).where(Message.state == S.QUEUED, Message.survey_id.in_(closed))
    return _changed(session, waiting.values(state=S.WITHDRAWN.value, reason=CLOSED))


def any_due(session: Session, now: datetime, keeps_copies: bool) -> bool:
    """Whether there is something to send, so that nobody connects for nothing."""
    return session.scalar(_due(now, keeps_copies)) is not None


def claim(
    session: Session, worker: str, now: datetime, today: date, keeps_copies: bool = False
) -> Claimed | Withdrawn | None:
    """Take the next message that is due, and make its link; None where there is none.

    ``keeps_copies``: the transport keeps what it sends; those of anonymous surveys then wait.
    """
    found = session.scalar(_due(now, keeps_copies).with_for_update(skip_locked=True))
    if found is None:
        return None
    row = session.execute(letter_query().where(Message.id == found)).one()
    unwanted = _unwanted(row, today)
    if unwanted:
        _changed(session, _queued(row.id).values(state=S.WITHDRAWN.value, reason=unwanted))
        return Withdrawn()
    taken = {"state": S.SENDING.value, "claimed_by": worker, "claimed_at": now, "attempts": row.attempts + 1}
    if not _changed(session, _queued(row.id).values(taken)):
        return None
    return _claimed(session, row, now, today)


def _due(now: datetime, keeps_copies: bool) -> Select:
    due = select(Message.id).where(Message.state == S.QUEUED, Message.not_before <= now)
    if keeps_copies:
        anonymous = select(Survey.id).where(Survey.mode == SurveyMode.ANONYMOUS)
        due = due.where(Message.survey_id.not_in(anonymous))
    return due.order_by(Message.not_before, Message.id).limit(1)


def _queued(message: int) -> Update:
    return update(Message).where(Message.id == message, Message.state == S.QUEUED)


def _unwanted(row: Row, today: date) -> str:
    """Why it is not sent after all. Who has answered an anonymous survey stands in no message."""
    if row.closed_at is not None or today > row.closes_on:
        return CLOSED
    if row.asked is None or row.finished_on or row.opted_out_on:
        return "No longer wanted: they have answered, opted out, or are not asked any more."
    return ""


def _claimed(session: Session, row: Row, now: datetime, today: date) -> Claimed:
    token = new_token()
    link = {"token_hash": invitation_hash(token), "survey_id": row.survey_id, "partner_id": row.partner_id}
    session.execute(insert(Invitation).values(**link, made_on=today, revoked=False))
    return Claimed(row.id, row.public_id, row.partner, row.attempts + 1, now, token, letter_of(row))


def settle(session: Session, claimed: Claimed, outcome: Outcome, now: datetime) -> MessageState | None:
    """Write down what became of a claimed message; None where it was no longer this worker's to say.

    A worker that was slow, not gone, finds its message uncertain and may still say what it knows.
    """
    state, more = _settled(claimed, outcome, now)
    mine = update(Message).where(
        Message.id == claimed.id,
        Message.state.in_([S.SENDING.value, S.UNCERTAIN.value]),
        Message.claimed_at == claimed.claimed_at,
    )
    if state not in (S.SENT, S.UNCERTAIN):
        link = Invitation.token_hash == invitation_hash(claimed.token)
        session.execute(update(Invitation).where(link).values(revoked=True))  # it reached nobody
    changed = _changed(session, mine.values(state=state.value, claimed_by=None, **more))
    return state if changed else None


def _settled(claimed: Claimed, outcome: Outcome, now: datetime) -> tuple[MessageState, dict[str, Any]]:
    if outcome is None:
        return S.SENT, {"sent_at": now, "reason": ""}
    if isinstance(outcome, Unknown):
        return S.UNCERTAIN, {"reason": "The connection was lost before the server said whether it took it."}
    reason = _without_link(outcome.reason, claimed)
    if isinstance(outcome, NotNow) and claimed.tries < MOST_TRIES:
        return S.QUEUED, {"reason": reason, "not_before": now + wait_after(claimed.tries)}
    if isinstance(outcome, NotNow):
        reason = f"Given up after {claimed.tries} tries: {reason}"
    return S.FAILED, {"reason": reason[:500]}


def wait_after(tries: int) -> timedelta:
    """Twice as long each time, to a limit."""
    return min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)


def _without_link(reason: str, claimed: Claimed) -> str:
    """What the server said, less the link, which some servers quote."""
    reason = reason.replace(claimed.token, "(the link)")
    return re.sub(rf"{re.escape(claimed.partner)}\.[0-9a-f]+", "(the opt-out link)", reason)


def pause_needed(session: Session, per_minute: int, now: datetime) -> float:
    """Seconds until the pace allows the next claim, counted over all workers; 0.0: now.

    Holds the other workers off until this transaction ends, so that they do not all go at once.
    """
    if not per_minute:
        return 0.0
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(PACE_LOCK)))
    latest = session.scalar(select(func.max(Message.claimed_at)))
    if latest is None:
        return 0.0
    return max(0.0, (latest + timedelta(minutes=1) / per_minute - now).total_seconds())


def find_message(session: Session, survey: Survey, public_id: str) -> Message:
    """A message of this survey; NotFound where there is none."""
    message = session.scalar(
        select(Message).where(Message.survey_id == survey.id, Message.public_id == public_id)
    )
    if message is None:
        raise NotFound("There is no such message.")
    return message


def mark_sent(session: Session, message: Message, now: datetime, by: int | None) -> None:
    """A person has found out that an uncertain message did go out."""
    _decide(session, message, [S.UNCERTAIN], {"state": S.SENT, "sent_at": message.claimed_at, "reason": ""})
    _note(session, message, now, by, "message marked sent")


def queue_again(session: Session, message: Message, now: datetime, by: int | None) -> None:
    """A person wants it sent once more, with a new link; where it had gone out, that one stays good."""
    again = {"state": S.QUEUED, "not_before": now, "attempts": 0, "reason": ""}
    _decide(session, message, [S.UNCERTAIN, S.FAILED, S.BOUNCED], again)
    _note(session, message, now, by, "message queued again")


def mark_bounced(session: Session, message: Message, reason: str, now: datetime, by: int | None) -> None:
    """It came back. Nobody else holds the partner's links then, unless another message reached them."""
    reason = one_line(reason)[:500] or "It came back."
    _decide(session, message, [S.SENT, S.UNCERTAIN], {"state": S.BOUNCED, "reason": reason})
    reached = select(Message.id).where(
        Message.survey_id == message.survey_id,
        Message.partner_id == message.partner_id,
        Message.state.in_([S.SENT.value, S.UNCERTAIN.value]),
    )
    if session.scalar(reached.limit(1)) is None:
        revoke_links(session, message.survey_id, message.partner_id)
    _note(session, message, now, by, "message bounced")


def revoke_links(session: Session, survey: int, partner: int) -> int:
    """Every personal link of this partner into this survey stops working. How many did."""
    links = update(Invitation).where(
        Invitation.survey_id == survey, Invitation.partner_id == partner, Invitation.revoked.is_(False)
    )
    return _changed(session, links.values(revoked=True))


def _decide(session: Session, message: Message, allowed: list[MessageState], values: dict[str, Any]) -> None:
    """From one of these states only, whatever somebody else has just decided."""
    states = [state.value for state in allowed]
    values = values | {"state": values["state"].value}
    step = update(Message).where(Message.id == message.id, Message.state.in_(states)).values(values)
    if not _changed(session, step.execution_options(synchronize_session=False)):
        raise Refused(f"This message is {message.state}; that can be done where it is {' or '.join(states)}.")
    session.refresh(message)


def _note(session: Session, message: Message, now: datetime, by: int | None, what: str) -> None:
    center = select(Survey.fusion_center_id).where(Survey.id == message.survey_id)
    subject = f"message {message.public_id}"
    audit.record(session, now, by, what, subject, centers=session.scalars(center).all())


def _changed(session: Session, step: Update) -> int:
    """How many rows an UPDATE changed."""
    result = session.execute(step.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
