"""Who somebody at the provider is here: found by issuer and subject, claimed once by a verified address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.accounts import links, services
from assessment.errors import NotFound, Refused
from assessment.models.account_links import LetterKind
from assessment.models.identities import ProviderIdentity
from assessment.models.people import PersonRow, SignIn


class NobodyListed(Exception):
    """Nobody who may sign in has this address or identity: not there, inactive or of the demonstration."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PlaceTaken(Exception):
    """Somebody has this address, and another identity has claimed it."""


@dataclass(frozen=True)
class Linked:
    """That a person signs in by the provider, for their own page and the administrator's."""

    linked_at: datetime


def known_person(db: Session, issuer: str, subject: str) -> int | None:
    """Whose identity this is; None where it is nobody's yet, NobodyListed where they may not sign in."""
    row = db.scalar(
        select(PersonRow)
        .join(ProviderIdentity, ProviderIdentity.person_id == PersonRow.id)
        .where(ProviderIdentity.issuer == issuer, ProviderIdentity.subject == subject)
    )
    if row is None:
        return None
    if not _may_sign_in(row):
        raise NobodyListed(f"person {row.id} may not sign in")
    return row.id


def claim_place(db: Session, issuer: str, subject: str, email: str, now: datetime) -> int:
    """The listed person with this verified address; from now on this identity is theirs.

    The person's row is held to the end, so that of two identities at once the second finds it taken.
    """
    row = db.scalar(select(PersonRow).where(PersonRow.email == email).with_for_update())
    if row is None:
        raise NobodyListed("an address that nobody has")
    if not _may_sign_in(row):
        raise NobodyListed(f"person {row.id} may not sign in")
    link(db, issuer, subject, row.id, now)
    return row.id


def link(db: Session, issuer: str, subject: str, person_id: int, now: datetime) -> None:
    """Write down whose identity this is; PlaceTaken where person or identity have another already.

    Refused for the demonstration's people, whom everybody may be.
    """
    person = db.get_one(PersonRow, person_id, with_for_update=True)
    if person.demonstration:
        raise Refused("The demonstration's accounts are linked to nothing: others sign in with them too.")
    mine = ProviderIdentity.issuer == issuer
    held = db.execute(
        select(ProviderIdentity.subject, ProviderIdentity.person_id).where(
            mine, (ProviderIdentity.person_id == person_id) | (ProviderIdentity.subject == subject)
        )
    ).all()
    if [tuple(row) for row in held] == [(subject, person_id)]:
        return  # by the same browser a moment ago
    if held:
        raise PlaceTaken
    db.add(ProviderIdentity(issuer=issuer, subject=subject, person_id=person_id, linked_at=now))
    audit.record(db, now, person_id, "identity provider linked", f"person {person_id}", issuer)
    links.queue(db, LetterKind.LINKED, now, person_id=person_id)


def linked(db: Session, issuer: str, person: int | str) -> Linked | None:
    """Whether this person, by number or public id, signs in by this provider, and since when."""
    theirs = PersonRow.id == person if isinstance(person, int) else PersonRow.public_id == person
    since = db.scalar(
        select(ProviderIdentity.linked_at)
        .join(PersonRow, PersonRow.id == ProviderIdentity.person_id)
        .where(ProviderIdentity.issuer == issuer, theirs)
    )
    return Linked(since) if since else None


def unlink(db: Session, issuer: str, public_id: str, now: datetime, by: int) -> str:
    """The identity is nobody's again, and whoever is signed in by it is not any more. The person's name."""
    row = db.scalar(select(PersonRow).where(PersonRow.public_id == public_id))
    if row is None:
        raise NotFound
    found = db.get(ProviderIdentity, (issuer, _subject_of(db, issuer, row.id)))
    if found is None:
        raise Refused(f"{row.name} does not sign in by the identity provider.")
    db.delete(found)
    theirs = SignIn.person_id == row.id, SignIn.method == services.SignedInBy.PROVIDER.value
    db.execute(delete(SignIn).where(*theirs))
    audit.record(db, now, by, "identity provider unlinked", f"person {row.id}", issuer)
    return row.name


def _subject_of(db: Session, issuer: str, person_id: int) -> str:
    query = select(ProviderIdentity.subject).where(
        ProviderIdentity.issuer == issuer, ProviderIdentity.person_id == person_id
    )
    return db.scalar(query) or ""


def _may_sign_in(row: PersonRow) -> bool:
    """The demonstration's people never do: a provider knows real ones."""
    return row.active and not row.demonstration
