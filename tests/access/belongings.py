"""What belongs to single people in the world of these tests: tokens, passkeys, links to set a password."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment.accounts import links
from assessment.models.account_links import AccountLink, Purpose
from assessment.models.factors import Passkey
from assessment.models.people import PersonRow
from assessment.models.tokens import AccessToken
from tests.conftest import NOW, email_of

if TYPE_CHECKING:
    from tests.access.world import World


def add_belongings(world: World, session: Session) -> None:
    for name in ("director", "nevada"):
        person = _person(session, name)
        token = AccessToken(
            person_id=person.id,
            name="Statistics",
            secret_hash=f"hash of {name}",
            ending="abcd",
            scopes="reports",
            made_at=NOW,
            expires_at=NOW + timedelta(days=30),
        )
        passkey = Passkey(
            person_id=person.id,
            credential_id=f"credential of {name}",
            public_key=b"key",
            sign_count=0,
            transports="",
            name="Key",
            added_at=NOW,
        )
        session.add_all([token, passkey])
        session.flush()
        world.ids |= {f"token {name}": token.public_id, f"passkey {name}": passkey.public_id}
    _add_links(world, session)


def _add_links(world: World, session: Session) -> None:
    """The newest link of a purpose is the one that is good."""
    for label, name, purpose, used in (
        ("invitation usable", "staff", Purpose.INVITATION, False),
        ("invitation used", "analyst", Purpose.INVITATION, True),
        ("reset usable", "manager", Purpose.RESET, False),
    ):
        token = links.make(session, _person(session, name).id, purpose, NOW)
        world.ids[label] = token
        if used:
            session.flush()
            row = session.get_one(AccountLink, links.token_hash(token, purpose))
            row.used_at = NOW


def _person(session: Session, name: str) -> PersonRow:
    return session.scalars(select(PersonRow).where(PersonRow.email == email_of(name))).one()
