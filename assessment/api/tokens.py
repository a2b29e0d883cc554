"""Personal access tokens: made by a signed-in person, shown once, found by the hash of what is sent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Person
from assessment.accounts.services import person_of
from assessment.api.scopes import Scope, scopes_for
from assessment.errors import NotFound, Refused
from assessment.models.directory import Center
from assessment.models.people import PersonCenter, PersonRow
from assessment.models.tokens import AccessToken

PREFIX = "tandem_"
RANDOM_BYTES = 24  # 192 bits
LONGEST_DAYS = 365
MOST = 20  # tokens of one person at a time
LONGEST_NAME = 100


@dataclass(frozen=True)
class Holder:
    """Who a request by token comes from, with what the person has at this moment."""

    token_id: int
    public_id: str
    person: Person
    scopes: frozenset[str]
    used_on: date | None


@dataclass(frozen=True)
class Wish:
    """What a new token shall be."""

    name: str
    scopes: Collection[Scope]
    days: int


def digest(secret: str) -> str:
    """Random enough that a plain hash keeps it: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_holder(session: Session, secret: str, now: datetime, demo: bool) -> Holder | None:
    """The token's person as they are now; None where it is unknown, expired or revoked, or they may not in.

    One statement, and for reviewers another for their scope.
    """
    rows = session.execute(
        select(AccessToken, PersonRow, Center.code)
        .join(PersonRow, PersonRow.id == AccessToken.person_id)
        .outerjoin(PersonCenter, PersonCenter.person_id == PersonRow.id)
        .outerjoin(Center, Center.id == PersonCenter.center_id)
        .where(AccessToken.secret_hash == digest(secret), AccessToken.expires_at > now, PersonRow.active)
    ).all()
    if not rows or (rows[0].PersonRow.demonstration and not demo):
        return None
    token = rows[0].AccessToken
    person = person_of(rows[0].PersonRow, frozenset(row.code for row in rows if row.code))
    return Holder(token.id, token.public_id, person, frozenset(token.scopes.split()), token.used_on)


def note_use(session: Session, holder: Holder, now: datetime) -> None:
    """Keep the day; the first use of each day is in the trail, with the address it came from."""
    today = now.date()
    session.execute(update(AccessToken).where(AccessToken.id == holder.token_id).values(used_on=today))
    person = holder.person.id
    audit.record(session, now, person, "token used", f"person {person}", f"token {holder.public_id}")


def tokens_of(session: Session, person_id: int) -> Sequence[AccessToken]:
    """The person's tokens, the newest first; expired ones too, until they are revoked or replaced."""
    return session.scalars(
        select(AccessToken)
        .where(AccessToken.person_id == person_id)
        .order_by(AccessToken.made_at.desc(), AccessToken.id.desc())
    ).all()


def make_token(session: Session, person: Person, wish: Wish, now: datetime) -> str:
    """The secret of a new token, which is told to nobody a second time; Refused with a sentence."""
    scopes = [scope for scope in scopes_for(person.role) if scope in wish.scopes]
    if not wish.name.strip():
        raise Refused("A token needs a name, so that you know later what it is for.")
    if not scopes:
        raise Refused("Choose at least one thing that the token may read.")
    if not 1 <= wish.days <= LONGEST_DAYS:
        raise Refused(f"A token lasts from 1 to {LONGEST_DAYS} days.")
    names = session.scalars(select(AccessToken.name).where(AccessToken.person_id == person.id)).all()
    if wish.name.strip() in names:  # also what a page that is sent twice comes to
        raise Refused(f"You have a token named {wish.name.strip()}; take another name, or revoke it first.")
    if len(names) >= MOST:
        raise Refused(f"You have {MOST} tokens; revoke one that is not used any more first.")
    secret = PREFIX + secrets.token_hex(RANDOM_BYTES)
    row = AccessToken(
        person_id=person.id,
        name=wish.name.strip()[:LONGEST_NAME],
        secret_hash=digest(secret),
        ending=secret[-4:],
        scopes=" ".join(scopes),
        made_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(row)
    session.flush()
    detail = f"token {row.public_id}: {row.scopes}, until {row.expires_at.date().isoformat()}"
    audit.record(session, now, person.id, "token made", f"person {person.id}", detail)
    return secret


def revoke_token(session: Session, person_id: int, public_id: str, now: datetime) -> str:
    """Remove one of the person's own tokens and give its name; NotFound for any other."""
    row = session.scalar(
        select(AccessToken).where(AccessToken.person_id == person_id, AccessToken.public_id == public_id)
    )
    if row is None:
        raise NotFound
    session.delete(row)
    audit.record(session, now, person_id, "token revoked", f"person {person_id}", f"token {public_id}")
    return row.name
