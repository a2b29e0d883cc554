"""How often a reset may be asked for: for one e-mail address, and from one address of the network.

Every address asked for is counted alike, known here or not. The counters stand beside those of unknown links
and are forgotten with them, after a day.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.models.surveys import LinkFailure

FOR_ONE = 5  # letters an hour to one e-mail address
FROM_ONE = 60  # an hour from one address of the network, behind which a whole EOC may sit
HOUR = 3600


def counter_of(text: str, key: str, now: datetime) -> str:
    """What is counted, as the table holds it: no list of addresses, and another one each day."""
    return hmac.new(key.encode(), f"reset {now.date()} {text}".encode(), hashlib.sha256).hexdigest()


def wait_for(session: Session, email: str, place: str, key: str, now: datetime) -> timedelta:
    """Count one more; how long to wait where that was one too many. The same statements for everybody."""
    account = count(session, counter_of(f"account {email.strip().lower()}", key, now), now)
    network = count(session, counter_of(f"place {place}", key, now), now)
    if account <= FOR_ONE and network <= FROM_ONE:
        return timedelta(0)
    return timedelta(seconds=HOUR - int(now.timestamp()) % HOUR)


def count(session: Session, source: str, now: datetime) -> int:
    """One more from this source; how many that makes in this hour."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = make(LinkFailure).values(source=source, hour=int(now.timestamp()) // HOUR, failures=1)
    counted = row.on_conflict_do_update(
        index_elements=["source", "hour"], set_={"failures": LinkFailure.failures + 1}
    ).returning(LinkFailure.failures)
    return int(session.scalars(counted).one())
