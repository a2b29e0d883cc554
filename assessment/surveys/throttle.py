"""Slowing down whoever tries links: unknown ones are counted, and a good one always passes.

The counters are in the database, so that all server processes agree. An address is kept as a keyed hash that
changes each day, and for a day at most.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.models.surveys import LinkFailure

EVERYBODY = "all"
LIMIT = 30  # unknown links an hour from one address, before the answer is "too many"
LIMIT_OF_ALL = 1000  # and from all addresses together
HOURS_KEPT = 24
HOUR = 3600


def source_of(address: str, key: str, now: datetime) -> str:
    """An address as the counters hold it: no list of addresses, and none that lasts beyond a day."""
    return hmac.new(key.encode(), f"address {now.date()} {address}".encode(), hashlib.sha256).hexdigest()


def too_many(session: Session, source: str, now: datetime) -> bool:
    """Whether unknown links from there, or from everywhere, have reached the limit of this hour."""
    rows = session.scalars(
        select(LinkFailure).where(LinkFailure.source.in_([source, EVERYBODY]), LinkFailure.hour == _hour(now))
    )
    counted = {row.source: row.failures for row in rows}
    return counted.get(source, 0) >= LIMIT or counted.get(EVERYBODY, 0) >= LIMIT_OF_ALL


def count_failure(session: Session, source: str, now: datetime) -> None:
    """One more unknown link; what is older than a day is dropped on the way."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for name in sorted((source, EVERYBODY)):  # always in one order, so that no two wait for each other
        row = make(LinkFailure).values(source=name, hour=_hour(now), failures=1)
        session.execute(
            row.on_conflict_do_update(
                index_elements=["source", "hour"], set_={"failures": LinkFailure.failures + 1}
            )
        )
    forget_old(session, now)


def forget_old(session: Session, now: datetime) -> None:
    """Drop every counter that is older than a day."""
    session.execute(delete(LinkFailure).where(LinkFailure.hour < _hour(now) - HOURS_KEPT))


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // HOUR
