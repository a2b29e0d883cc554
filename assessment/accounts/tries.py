"""Slowing down whoever guesses passwords, without locking anybody out of their own account.

Failures are counted for an account *and* a place (an address of the network): whoever guesses at mine from
elsewhere makes nobody wait but themselves, and a whole EOC behind one address is not shut out by one of its
people. Two wider counts meet those who spread their guesses: all places for one account, all accounts from
one place. They are asked only where this account has never been signed in to from this place.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.models.people import SignInTries

FREE = 5  # wrong passwords before one has to wait
FIRST_WAIT = timedelta(seconds=30)  # doubled with each further one
LONGEST_WAIT = timedelta(minutes=15)
WIDE = 100  # failures of an account from everywhere, or from a place for every account, within WIDE_TIME
WIDE_TIME = timedelta(hours=1)
KEPT = timedelta(days=1)  # of places from which nobody could sign in
KNOWN_PLACE = timedelta(days=90)


@dataclass(frozen=True)
class Try:
    """An account and a place as the counters hold them."""

    account: str
    place: str


def try_of(email: str, address: str, key: str) -> Try:
    return Try(_hashed(f"account {email.strip().lower()}", key), _hashed(f"place {address}", key))


def code_try_of(email: str, address: str, key: str) -> Try:
    """For second factors, which have a count of their own: a right password shall take nothing off it, and
    whoever gets the password wrong shall make nobody wait here.
    """
    return try_of(f"second factor of {email.strip()}", address, key)


def accounts_of(email: str, key: str) -> tuple[str, ...]:
    """Everything under which tries at this account are counted."""
    return try_of(email, "", key).account, code_try_of(email, "", key).account


def _hashed(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def begin(session: Session, one: Try, now: datetime) -> timedelta:
    """How long to wait before password or code is looked at; nothing: it counts as wrong until ``succeeded``.

    Counted first, so that many tries at once are as many tries.
    """
    row = _row(session, one, now)
    wait = _own_wait(row, now)
    if not wait and row.succeeded_at is None:
        wait = _wide_wait(session, one, now)
    if not wait:
        row.failures, row.last_at = row.failures + 1, now
        session.flush()
        _forget_old(session, now)
    return wait


def _row(session: Session, one: Try, now: datetime) -> SignInTries:
    """Made where there is none, and held to the end: of tries at once each sees the one before."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = make(SignInTries).values(account=one.account, place=one.place, failures=0, last_at=now)
    session.execute(new.on_conflict_do_nothing())
    return session.get_one(SignInTries, (one.account, one.place), with_for_update=True)


def _own_wait(row: SignInTries, now: datetime) -> timedelta:
    if row.failures < FREE:
        return timedelta(0)
    wait = min(FIRST_WAIT * 2 ** min(row.failures - FREE, 10), LONGEST_WAIT)
    return max(row.last_at + wait - now, timedelta(0))


def _wide_wait(session: Session, one: Try, now: datetime) -> timedelta:
    for column, value in ((SignInTries.account, one.account), (SignInTries.place, one.place)):
        failures, last = session.execute(
            select(func.sum(SignInTries.failures), func.max(SignInTries.last_at)).where(
                column == value, SignInTries.failures > 0, SignInTries.last_at > now - WIDE_TIME
            )
        ).one()
        if (failures or 0) >= WIDE:
            return max(last + LONGEST_WAIT - now, timedelta(0))
    return timedelta(0)


def succeeded(session: Session, one: Try, now: datetime) -> None:
    """The password was right: the count begins anew, and the place is known."""
    session.execute(
        update(SignInTries)
        .where(SignInTries.account == one.account, SignInTries.place == one.place)
        .values(failures=0, succeeded_at=now)
    )


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(
        delete(SignInTries).where(SignInTries.last_at < now - KEPT, SignInTries.succeeded_at.is_(None))
    )
    session.execute(delete(SignInTries).where(SignInTries.last_at < now - KNOWN_PLACE))
