"""Links by mail that set a password: what they are, what has become of one, and using it, once.

A link is 192 random bits; only a hash of them is kept, and a hash for another purpose is another one. Looking
at a link uses nothing up (mail scanners open links); a new password does, and kills every other link too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.errors import Refused
from assessment.models.account_links import AccountInvitation, AccountLetter, AccountLink, LetterKind, Purpose
from assessment.models.factors import PendingSignIn
from assessment.models.people import PersonRow, SignIn
from assessment.models.tokens import AccessToken
from assessment.surveys.links import TOKEN, new_token

LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(hours=1)}


class Fate(StrEnum):
    """What has become of a link; the sentences are for whoever holds it."""

    USABLE = ""
    UNKNOWN = "This is not a link of ours, or not any more."
    USED = "This link was used already. Each link sets one password, once."
    EXPIRED = "This link is too old."
    WITHDRAWN = "This link is not good any more: there is a newer one, or it was withdrawn."


@dataclass(frozen=True)
class Found:
    """A link and whom it is for; of one that cannot be used nothing but its fate."""

    fate: Fate
    person: PersonRow | None = None

    @property
    def the_person(self) -> PersonRow:
        assert self.person is not None
        return self.person


def token_hash(token: str, purpose: Purpose) -> str:
    """Under which a link of this purpose is found."""
    return hashlib.sha256(f"tandem account {purpose.value} {token}".encode()).hexdigest()


def make(session: Session, person_id: int, purpose: Purpose, now: datetime) -> str:
    """The secret of a new link; an older one of this person dies."""
    withdraw(session, person_id, now)
    token = new_token()
    values = {"person_id": person_id, "purpose": purpose.value, "made_at": now}
    session.execute(
        insert(AccountLink).values(
            token_hash=token_hash(token, purpose), expires_at=now + LASTS[purpose], **values
        )
    )
    return token


def withdraw(session: Session, person_id: int, now: datetime) -> None:
    """No link that this person holds is good any more."""
    open_ones = update(AccountLink).where(
        AccountLink.person_id == person_id,
        AccountLink.used_at.is_(None),
        AccountLink.withdrawn_at.is_(None),
    )
    session.execute(open_ones.values(withdrawn_at=now).execution_options(synchronize_session=False))


def withdraw_one(session: Session, token: str, now: datetime) -> None:
    """This link alone is not good any more."""
    hashes = [token_hash(token, purpose) for purpose in Purpose]
    this = update(AccountLink).where(AccountLink.token_hash.in_(hashes), AccountLink.used_at.is_(None))
    session.execute(this.values(withdrawn_at=now).execution_options(synchronize_session=False))


def find(session: Session, token: str, purpose: Purpose, now: datetime, lock: bool = False) -> Found:
    """What this link is; ``lock``: and nobody else uses it until the transaction ends."""
    if not TOKEN.fullmatch(token):
        return Found(Fate.UNKNOWN)
    link = session.get(AccountLink, token_hash(token, purpose), with_for_update=lock or None)
    if link is None:
        return Found(Fate.UNKNOWN)
    person = session.get_one(PersonRow, link.person_id)
    fate = _fate(link, person, now)
    return Found(fate, person if fate is Fate.USABLE else None)


def _fate(link: AccountLink, person: PersonRow, now: datetime) -> Fate:
    if link.used_at is not None:
        return Fate.USED
    if link.withdrawn_at is not None or not person.active or person.demonstration:
        return Fate.WITHDRAWN
    return Fate.EXPIRED if now >= link.expires_at else Fate.USABLE


class LinkEnded(Refused):
    """It was used, or is too old, or there was none."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate.value)
        self.fate = fate


def use(session: Session, token: str, purpose: Purpose, password_hash: str, now: datetime) -> int:
    """Keep the new password's hash; whoever was signed in as this person is not any more. Whose it was.

    LinkEnded where the link is not good: of two uses at once the second.
    """
    found = find(session, token, purpose, now, lock=True)
    if found.fate is not Fate.USABLE:
        raise LinkEnded(found.fate)
    person = found.the_person
    link = session.get_one(AccountLink, token_hash(token, purpose))
    link.used_at = now
    person.password_hash = password_hash
    session.flush()
    end_sign_ins(session, person.id)
    if purpose is Purpose.INVITATION:
        withdraw(session, person.id, now)
        audit.record(session, now, person.id, "invitation accepted", f"person {person.id}")
    else:
        password_changed(session, person.id, now)
        audit.record(session, now, person.id, "password reset", f"person {person.id}")
    note_accepted(session, person.id, now)
    return person.id


def end_sign_ins(session: Session, person_id: int) -> None:
    """Everywhere, and those that wait for a second factor too."""
    for table in (SignIn, PendingSignIn):
        session.execute(delete(table).where(table.person_id == person_id))


def end_tokens(session: Session, person_id: int) -> None:
    """Whoever knew the old password may have made one, and one lasts up to a year."""
    session.execute(delete(AccessToken).where(AccessToken.person_id == person_id))


def password_changed(session: Session, person_id: int, now: datetime) -> None:
    """However it was changed: earlier links and access tokens are dead, and the person is told by mail."""
    withdraw(session, person_id, now)
    end_tokens(session, person_id)
    queue(session, LetterKind.CHANGED, now, person_id=person_id)


def note_accepted(session: Session, person_id: int, now: datetime) -> None:
    """Whoever has signed in, by whatever means, or set a password has taken their place."""
    waiting = update(AccountInvitation).where(
        AccountInvitation.person_id == person_id,
        AccountInvitation.accepted_at.is_(None),
        AccountInvitation.withdrawn_at.is_(None),
    )
    taken = session.execute(waiting.values(accepted_at=now).execution_options(synchronize_session=False))
    if cast("CursorResult[Any]", taken).rowcount:
        withdraw(session, person_id, now)  # the link in the letter is needed no more


def queue(
    session: Session, kind: LetterKind, now: datetime, person_id: int | None = None, address: str = ""
) -> None:
    """One letter more for the worker that sends them: to a person, or to whoever has this address."""
    session.execute(
        insert(AccountLetter).values(
            kind=kind.value, person_id=person_id, address=address, asked_at=now, not_before=now
        )
    )
