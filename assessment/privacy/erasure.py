"""Erasing a person: what stands behind their number goes, the number and what centers answered stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessment import audit
from assessment.accounts import passwords, people, services, tries
from assessment.errors import Refused
from assessment.models.account_links import AccountInvitation, AccountLetter, AccountLink
from assessment.models.audit import AuditEvent
from assessment.models.delegations import Delegation
from assessment.models.exports import Export
from assessment.models.factors import AuthenticatorApp, Passkey, PendingSignIn, RecoveryCode
from assessment.models.identities import ProviderIdentity, ProviderJourney
from assessment.models.people import PersonCenter, PersonRow, PersonScope, SignIn, SignInTries
from assessment.models.responses import Contributor, Response
from assessment.models.tokens import AccessToken

# The column that names the person, of each table whose rows are about that one person and nobody else.
# An erased person's row stays, so ON DELETE CASCADE does not reach them: erasing deletes them by this list.
# A test compares it with every foreign key to people that cascades.
PERSONAL: tuple[InstrumentedAttribute[Any], ...] = (
    SignIn.person_id,
    PersonCenter.person_id,
    PersonScope.person_id,
    Export.person_id,
    AccountInvitation.person_id,
    AccountLink.person_id,
    AccountLetter.person_id,
    AccessToken.person_id,
    ProviderIdentity.person_id,
    ProviderJourney.person_id,
    AuthenticatorApp.person_id,
    Passkey.person_id,
    RecoveryCode.person_id,
    PendingSignIn.person_id,
    Delegation.person_id,
)

ERASED_NAME = "Erased person"
ERASED_ADDRESS = "@erased.invalid"


@dataclass(frozen=True)
class Footprint:
    """What there is of a person, by how much."""

    row: PersonRow
    sign_ins: int
    forms: int  # on which they have worked
    signed: int  # forms that bear their name
    events: int  # of the trail, by them or about them


def footprint(session: Session, public_id: str) -> Footprint:
    """What erasing would touch; NotFound."""
    row = people.find(session, public_id)
    counted = {
        SignIn: SignIn.person_id == row.id,
        Contributor: Contributor.person_id == row.id,
        Response: Response.submitted_by_id == row.id,
        AuditEvent: events_of(row.id),
    }
    counts = [
        session.scalar(select(func.count()).select_from(model).where(condition)) or 0
        for model, condition in counted.items()
    ]
    return Footprint(row, *counts)


def events_of(person_id: int) -> ColumnElement[bool]:
    """The events of the trail that this person caused, or that are about them."""
    return or_(AuditEvent.person_id == person_id, AuditEvent.subject == f"person {person_id}")


def is_erased(row: PersonRow) -> bool:
    return row.email.endswith(ERASED_ADDRESS)


def obstacle(session: Session, row: PersonRow, by: int) -> str:
    """Why this person cannot be erased by that one; "" where they can."""
    if is_erased(row):
        return "This person is erased already."
    if row.id == by:
        return "You cannot erase yourself. Ask another administrator."
    if services.administrators_locked(session) == {row.id}:
        return f"{row.name} {services.NEVER_THE_LAST}"
    if row.demonstration:
        return "The demonstration's accounts stay: others sign in with them too."
    return ""


def erase(session: Session, public_id: str, key: str, now: datetime, by: int) -> None:
    """Empty what stands behind the person's number; Refused. ``key`` is that of the tries to sign in."""
    services.administrators_locked(session)  # first, as whoever takes rights away does it
    row = people.find(session, public_id, lock=True)
    fault = obstacle(session, row, by)
    if fault:
        raise Refused(fault)
    centers = [center.id for center in row.centers]
    accounts = tries.accounts_of(row.email, key)
    session.execute(delete(SignInTries).where(SignInTries.account.in_(accounts)))
    row.centers, row.scopes = [], []
    session.flush()
    for column in PERSONAL:
        session.execute(delete(column.class_).where(column == row.id))
    session.execute(
        update(Response).where(Response.submitted_by_id == row.id).values(signer_name=ERASED_NAME)
    )
    row.name, row.email = ERASED_NAME, f"erased-{row.public_id.lower()}{ERASED_ADDRESS}"
    row.password_hash, row.active = passwords.NONE, False
    audit.record(session, now, by, "person erased", f"person {row.id}", centers=centers)
