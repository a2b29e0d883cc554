"""Browsers on their way to the identity provider and back: one use each, within an hour.

The browser's cookie names its journeys; what must fit when it comes back, and what it wanted to do, stays
here. So the secret of PKCE never leaves us, a form of any size survives, and what comes back twice finds
nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session as cookie
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessment.accounts.provider import Proof
from assessment.models.identities import ProviderJourney

LASTS = timedelta(hours=1)  # somebody may have to make an account at the provider first
MOST_IN_BROWSER = 3  # tabs; what is older than the last three is forgotten
MOST_OF_PLACE = 200  # an EOC behind one address; the oldest go first
COOKIE_KEY = "provider_journeys"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to do once they are signed in."""

    next_path: str = ""
    kept: str = ""
    kept_path: str = ""
    link_to: int | None = None  # a person who is signed in and adds the provider to their account


@dataclass(frozen=True)
class Journey:
    """What must fit, and what to do then."""

    proof: Proof
    wanted: Wanted


def set_out(db: Session, wanted: Wanted, place: str, now: datetime) -> Proof:
    """Write down a new journey and remember it in the browser's cookie."""
    _tidy(db, place, now)
    proof = Proof(*(secrets.token_urlsafe(32) for _ in range(3)))
    db.add(
        ProviderJourney(
            state_hash=_digest(proof.state),
            nonce=proof.nonce,
            verifier=proof.verifier,
            place=place,
            next_path=wanted.next_path,
            kept=wanted.kept,
            kept_path=wanted.kept_path,
            started_at=now,
            person_id=wanted.link_to,
        )
    )
    cookie[COOKIE_KEY] = [*_of_this_browser(), proof.state][-MOST_IN_BROWSER:]
    return proof


def forget_old(db: Session, now: datetime) -> None:
    """Drop what nobody came back for in time, and the forms that waited in it."""
    db.execute(delete(ProviderJourney).where(ProviderJourney.started_at < now - LASTS))


def of_this_browser(state: str) -> bool:
    """Whether this browser has set out with this state; without a look at the database."""
    return any(secrets.compare_digest(state.encode(), known.encode()) for known in _of_this_browser())


def came_back(db: Session, state: str, now: datetime) -> Journey | None:
    """The journey with this state, if it was not used and is not too old; it cannot be used again."""
    cookie[COOKIE_KEY] = [known for known in _of_this_browser() if known != state]
    row = db.scalar(
        select(ProviderJourney).where(ProviderJourney.state_hash == _digest(state)).with_for_update()
    )
    if row is None:
        return None
    journey = Journey(
        Proof(state, row.nonce, row.verifier),
        Wanted(row.next_path, row.kept, row.kept_path, row.person_id),
    )
    late = row.started_at < now - LASTS
    db.delete(row)
    return None if late else journey


def _of_this_browser() -> list[str]:
    found = cookie.get(COOKIE_KEY)
    return [state for state in found if isinstance(state, str)] if isinstance(found, list) else []


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _tidy(db: Session, place: str, now: datetime) -> None:
    """What nobody comes back for goes, and of one place what is more than many people could need."""
    forget_old(db, now)
    newest = (
        select(ProviderJourney.state_hash)
        .where(ProviderJourney.place == place)
        .order_by(ProviderJourney.started_at.desc(), ProviderJourney.state_hash)
        .offset(MOST_OF_PLACE - 1)
    )
    too_many = db.scalars(newest.limit(MOST_OF_PLACE)).all()
    if too_many:
        db.execute(delete(ProviderJourney).where(ProviderJourney.state_hash.in_(too_many)))
