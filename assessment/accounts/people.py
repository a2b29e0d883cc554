"""Inviting people, and what an administrator sees and changes of an account: one transaction each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.accounts import links, services
from assessment.accounts.services import NEVER_THE_LAST as NEVER_THE_LAST
from assessment.accounts.services import NewPerson
from assessment.accounts.services import administrators_locked as administrators_locked
from assessment.errors import NotFound, Refused
from assessment.models.account_links import (
    AccountInvitation,
    AccountLetter,
    AccountLink,
    LetterKind,
    LetterState,
)
from assessment.models.people import PersonRow


def invite_person(session: Session, new: NewPerson, now: datetime, by: int | None) -> PersonRow:
    """Add somebody without a password and queue the letter with which they set one; Refused as for a form."""
    row = services.add_person(session, new, None, now, by)
    session.add(AccountInvitation(person_id=row.id, invited_at=now, invited_by_id=by))
    session.flush()
    links.queue(session, LetterKind.INVITATION, now, person_id=row.id)
    audit.record(session, now, by, "person invited", f"person {row.id}")
    return row


def invite_again(session: Session, public_id: str, now: datetime, by: int) -> PersonRow:
    """Another letter; the older link is dead at once. What was withdrawn or inactive holds again."""
    row, invitation = _invited(session, public_id)
    links.withdraw(session, row.id, now)
    _drop_letters(session, row.id)
    row.active = True
    invitation.withdrawn_at, invitation.invited_at, invitation.invited_by_id = None, now, by
    session.flush()
    links.queue(session, LetterKind.INVITATION, now, person_id=row.id)
    audit.record(session, now, by, "invitation sent again", f"person {row.id}")
    return row


def withdraw_invitation(session: Session, public_id: str, now: datetime, by: int) -> PersonRow:
    """The link is dead, and the account cannot be used until somebody is invited again."""
    row, invitation = _invited(session, public_id)
    if invitation.withdrawn_at is not None:
        raise Refused(f"The invitation of {row.name} is withdrawn already.")
    invitation.withdrawn_at, row.active = now, False
    session.flush()
    _shut(session, row.id, now)
    audit.record(session, now, by, "invitation withdrawn", f"person {row.id}")
    return row


def _invited(session: Session, public_id: str) -> tuple[PersonRow, AccountInvitation]:
    row = find(session, public_id, lock=True)
    invitation = session.get(AccountInvitation, row.id, with_for_update=True)
    if invitation is None:
        raise Refused(f"{row.name} was not invited by mail.")
    if invitation.accepted_at is not None:
        raise Refused(f"{row.name} has accepted the invitation.")
    return row, invitation


def set_active(session: Session, public_id: str, active: bool, now: datetime, by: int) -> PersonRow:
    """Somebody can sign in, or not any more; what they were signed in with ends at once.

    The last administrator who can sign in stays one, and nobody locks themselves out by a slip.
    """
    administrators = administrators_locked(session)
    row = find(session, public_id, lock=True)
    if row.active == active:
        return row
    if not active and row.id == by:
        raise Refused("You cannot make your own account inactive. Ask another administrator.")
    if not active and administrators == {row.id}:
        raise Refused(f"{row.name} {NEVER_THE_LAST}")
    invitation = session.get(AccountInvitation, row.id)
    if active and invitation and invitation.withdrawn_at and not invitation.accepted_at:
        raise Refused(f"The invitation of {row.name} is withdrawn. Send it again instead.")
    row.active = active
    session.flush()
    if not active:
        _shut(session, row.id, now)
    audit.record(session, now, by, f"person made {'active' if active else 'inactive'}", f"person {row.id}")
    return row


def _shut(session: Session, person_id: int, now: datetime) -> None:
    links.withdraw(session, person_id, now)
    _drop_letters(session, person_id)
    links.end_sign_ins(session, person_id)
    links.end_tokens(session, person_id)


def _drop_letters(session: Session, person_id: int) -> None:
    """Letters that have not gone out yet."""
    session.execute(
        delete(AccountLetter).where(
            AccountLetter.person_id == person_id, AccountLetter.state == LetterState.QUEUED.value
        )
    )


def find(session: Session, public_id: str, lock: bool = False) -> PersonRow:
    """The person of this address; NotFound where there is none."""
    query = select(PersonRow).where(PersonRow.public_id == public_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such person.")
    return row


@dataclass(frozen=True)
class Standing:
    """How far an account is, for administrators."""

    invited: bool = False  # and has not accepted yet
    withdrawn: bool = False
    good_until: datetime | None = None  # the link that is on its way or there
    sent_at: datetime | None = None
    trouble: str = ""  # why the letter did not go out


def standings(session: Session, people: Collection[int]) -> dict[int, Standing]:
    """Those of these people whose invitation is not accepted yet."""
    waiting = select(AccountInvitation).where(
        AccountInvitation.accepted_at.is_(None), AccountInvitation.person_id.in_(people)
    )
    invitations = {invitation.person_id: invitation for invitation in session.scalars(waiting)}
    until = dict(
        session.execute(
            select(AccountLink.person_id, AccountLink.expires_at).where(
                AccountLink.person_id.in_(invitations),
                AccountLink.used_at.is_(None),
                AccountLink.withdrawn_at.is_(None),
            )
        ).all()
    )
    newest: dict[int, AccountLetter] = {}
    letters = select(AccountLetter).where(AccountLetter.person_id.in_(invitations))
    for letter in session.scalars(letters.order_by(AccountLetter.id)):
        newest[letter.person_id or 0] = letter
    return {
        person_id: _standing(invitation, until.get(person_id), newest.get(person_id))
        for person_id, invitation in invitations.items()
    }


def _standing(
    invitation: AccountInvitation, until: datetime | None, letter: AccountLetter | None
) -> Standing:
    if invitation.withdrawn_at is not None:
        return Standing(invited=True, withdrawn=True)
    trouble = ""
    if letter and letter.state in (LetterState.FAILED.value, LetterState.UNCERTAIN.value):
        trouble = letter.reason or "It could not be sent."
    return Standing(True, False, until, letter.sent_at if letter else None, trouble)
