"""The letters about accounts on their way: each step is one transaction, as in the outbox of the surveys.

A letter is claimed, and the hash of its new link written, before the mail server hears of it. So a link that
was delivered always resolves; the secret itself is in the letter alone, and in no table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Role
from assessment.accounts import links
from assessment.accounts.links_letters import NOTICES, Letter
from assessment.mail import NotNow, NotSent, Unknown
from assessment.models.account_links import (
    AccountInvitation,
    AccountLetter,
    AccountLink,
    LetterKind,
    LetterState,
    Purpose,
)
from assessment.models.people import PersonRow
from assessment.settings import Mailbox

STALE_AFTER = timedelta(minutes=15)  # longer than any letter takes
MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
ASKED_TOO_LONG_AGO = timedelta(hours=1)  # whoever asked for a reset has given up
KEPT = timedelta(days=30)  # links that ended, and what became of letters
S = LetterState


@dataclass(frozen=True)
class Claimed:
    """A letter that is this worker's to send, with the secret of the link that was made for it."""

    id: int
    public_id: str
    tries: int
    claimed_at: datetime
    token: str
    letter: Letter


@dataclass(frozen=True)
class Dropped:
    """The next letter was for nobody, or no longer wanted, and is out of the way."""


Outcome = NotSent | Unknown | None  # None: the server has taken it


def tidy(session: Session, worker: str, now: datetime) -> None:
    """Letters that a worker which is gone had in hand are uncertain; what is long over is dropped."""
    stale = update(AccountLetter).where(
        AccountLetter.state == S.SENDING.value,
        AccountLetter.claimed_by != worker,
        AccountLetter.claimed_at < now - STALE_AFTER,
    )
    session.execute(stale.values(state=S.UNCERTAIN.value, claimed_by=None, reason="The worker stopped."))
    over = AccountLetter.asked_at < now - KEPT
    session.execute(delete(AccountLetter).where(over, AccountLetter.state != S.SENDING.value))
    session.execute(delete(AccountLink).where(AccountLink.expires_at < now - KEPT))


def any_due(session: Session, now: datetime) -> bool:
    """Whether there is something to do, so that nobody connects for nothing."""
    in_hand = AccountLetter.state == S.SENDING.value, AccountLetter.claimed_at < now - STALE_AFTER
    due = AccountLetter.state == S.QUEUED.value, AccountLetter.not_before <= now
    return any(
        session.scalar(select(AccountLetter.id).where(*wanted).limit(1)) is not None
        for wanted in (due, in_hand)
    )


def claim(session: Session, worker: str, now: datetime, local_passwords: bool) -> Claimed | Dropped | None:
    """Take the next letter that is due, and make its link; None where there is none."""
    row = session.scalar(
        select(AccountLetter)
        .where(AccountLetter.state == S.QUEUED.value, AccountLetter.not_before <= now)
        .order_by(AccountLetter.not_before, AccountLetter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    person = _person(session, row)
    kind = _wanted(session, row, person, now, local_passwords)
    if person is None or kind is None:
        session.delete(row)
        return Dropped()
    row.kind, row.person_id, row.address = kind.value, person.id, ""
    row.state, row.claimed_by, row.claimed_at = S.SENDING.value, worker, now
    row.attempts += 1
    token = ""
    if kind not in NOTICES and local_passwords:
        token = links.make(session, person.id, Purpose(kind.value), now)
    if kind is LetterKind.RESET:
        audit.record(session, now, None, "password reset sent", f"person {person.id}")
    return Claimed(row.id, row.public_id, row.attempts, now, token, _letter(session, row, person, kind))


def _person(session: Session, row: AccountLetter) -> PersonRow | None:
    if row.person_id is not None:
        return session.get(PersonRow, row.person_id)
    return session.scalar(select(PersonRow).where(PersonRow.email == row.address))


def _wanted(
    session: Session, row: AccountLetter, person: PersonRow | None, now: datetime, local_passwords: bool
) -> LetterKind | None:
    """What this person is sent: somebody invited who asks for a reset gets the invitation again."""
    if person is None or not person.active or person.demonstration:
        return None
    kind = LetterKind(row.kind)
    if kind in NOTICES:
        return kind
    if kind is LetterKind.RESET and (not local_passwords or now >= row.asked_at + ASKED_TOO_LONG_AGO):
        return None
    invitation = session.get(AccountInvitation, person.id)
    if invitation and invitation.accepted_at is None:
        return None if invitation.withdrawn_at else LetterKind.INVITATION
    return LetterKind.RESET if kind is LetterKind.RESET else None


def _letter(session: Session, row: AccountLetter, person: PersonRow, kind: LetterKind) -> Letter:
    to = Mailbox(person.name, person.email)
    if kind is not LetterKind.INVITATION:
        return Letter(kind, to, asked_at=row.asked_at)
    invitation = session.get_one(AccountInvitation, person.id)
    by = session.get(PersonRow, invitation.invited_by_id) if invitation.invited_by_id else None
    inviter = by.name if by and by.active else Letter.inviter
    return Letter(kind, to, person.role, scope_words(person), inviter, row.asked_at)


def scope_words(person: PersonRow) -> str:
    """For what somebody is there, by name."""
    if person.role == Role.ADMINISTRATOR:
        return "the whole of it"
    names = [center.name for center in person.centers] or [
        f"Region {scope.value}" if scope.kind == "region" else scope.value for scope in person.scopes
    ]
    return ", ".join(names) or "the nation"


def settle(session: Session, claimed: Claimed, outcome: Outcome, now: datetime) -> LetterState | None:
    """Write down what became of a claimed letter; None where it was no longer this worker's to say."""
    row = session.get(AccountLetter, claimed.id, with_for_update=True)
    if row is None or row.claimed_at != claimed.claimed_at:
        return None
    state = _state(claimed, outcome)
    if state in (S.QUEUED, S.FAILED) and claimed.token:
        links.withdraw_one(session, claimed.token, now)  # it reached nobody
    row.state, row.claimed_by, row.sent_at = state.value, None, now if state is S.SENT else None
    row.reason = _reason(claimed, outcome)
    if state is S.QUEUED:
        row.not_before = now + wait_after(claimed.tries)
    return state


def _state(claimed: Claimed, outcome: Outcome) -> LetterState:
    if outcome is None:
        return S.SENT
    if isinstance(outcome, Unknown):
        return S.UNCERTAIN
    return S.QUEUED if isinstance(outcome, NotNow) and claimed.tries < MOST_TRIES else S.FAILED


def _reason(claimed: Claimed, outcome: Outcome) -> str:
    """What the server said, less the link, which some servers quote."""
    if not isinstance(outcome, NotSent):
        return "" if outcome is None else "The connection was lost before the server said whether it took it."
    said = outcome.reason.replace(claimed.token, "(the link)") if claimed.token else outcome.reason
    return said[:500]


def wait_after(tries: int) -> timedelta:
    """Twice as long each time, to a limit."""
    return min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
