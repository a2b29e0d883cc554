"""How often one token, and one person, may ask within a minute; and how often one address may try tokens.

Counted in the database, so that all server processes agree. Minutes begin where the clock's do: plain to say,
plain to check, and at worst twice the limit passes around the turn of one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.models.tokens import ApiRequests

TIMES_A_PERSON = 2  # all tokens and browsers of one person together, of what one token has
WRONG_TOKENS = 60  # a minute from one address
MINUTE = 60


def token_source(token_id: int) -> str:
    return f"token {token_id}"


def person_source(person_id: int) -> str:
    return f"person {person_id}"


def address_source(address: str, key: str, now: datetime) -> str:
    """An address as the counters hold it: a keyed hash that changes each day."""
    text = f"api address {now.date()} {address}".encode()
    return f"wrong {hmac.new(key.encode(), text, hashlib.sha256).hexdigest()}"


def count(session: Session, sources: Sequence[str], now: datetime) -> dict[str, int]:
    """One more request of each; how many each has in this minute. One statement, two once a minute."""
    minute = _minute(now)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"source": source, "minute": minute, "requests": 1} for source in sorted(sources)]
    new = make(ApiRequests).values(rows)
    counted = session.execute(
        new.on_conflict_do_update(
            index_elements=["source", "minute"], set_={"requests": ApiRequests.requests + 1}
        ).returning(ApiRequests.source, ApiRequests.requests)
    ).all()
    found = {row.source: row.requests for row in counted}
    if min(found.values()) == 1:
        session.execute(delete(ApiRequests).where(ApiRequests.minute < minute - 1))
    return found


def counted(session: Session, source: str, now: datetime) -> int:
    """How many there were in this minute."""
    query = select(ApiRequests.requests).where(
        ApiRequests.source == source, ApiRequests.minute == _minute(now)
    )
    return session.scalar(query) or 0


def seconds_left(now: datetime) -> int:
    """Until the next minute begins: what Retry-After says."""
    return MINUTE - int(now.timestamp()) % MINUTE


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // MINUTE
