"""PostgreSQL's side of the engine: its pool, how long it waits, and which of its failures pass.

Decision 30 says why these limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

KEPT_OPEN = 10  # connections of one process that stay between requests; more close after use
WAIT_FOR_CONNECTION = 10  # seconds for one of this process's own connections to be free
OLDEST = 1800  # seconds; firewalls on the way forget quiet connections
LOCK_TAKEN = "55P03"
TAKING_TURNS = ("40001", "40P01")  # two in each other's way, one of them undone: it can be done again
REACHING = {  # for libpq: a server that is gone is noticed within half a minute, not after hours
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "application_name": "tandem",
}


@dataclass(frozen=True)
class Limits:
    """After how many seconds PostgreSQL gives up: on a statement, on a lock, on an idle transaction."""

    statement: float
    lock: float
    idle: float


REQUEST = Limits(statement=30, lock=10, idle=60)  # somebody sits before it
PATIENT = Limits(statement=3600, lock=60, idle=3600)  # commands, worker, files

SENTENCES = {
    "57014": "This took longer than the database allows and was stopped. Nothing was changed.",
    LOCK_TAKEN: "Somebody else was changing the same and took too long. Nothing of yours was changed.",
    "25P03": "This took longer than the database allows and was stopped. Nothing was changed.",
    **dict.fromkeys(TAKING_TURNS, "Others changed the same just then. Nothing of yours was changed."),
}
CROWDED = "More people are here at once than can be served just now. Nothing was changed."


def engine(url: URL, connections: int, limits: Callable[[], Limits]) -> Engine:
    """Errors name no parameters: they are answers, and would stand in the log."""
    kept = min(KEPT_OPEN, connections)
    made = create_engine(
        url,
        pool_size=kept,
        max_overflow=connections - kept,
        pool_timeout=WAIT_FOR_CONNECTION,
        pool_recycle=OLDEST,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={name: value for name, value in REACHING.items() if name not in url.query},
    )

    def limit(connection: Any, record: Any, _proxy: object) -> None:
        wanted = limits()
        if record.info.get("limits") != wanted:
            set_limits(connection, wanted)
            record.info["limits"] = wanted

    event.listen(made, "checkout", limit)
    return made


def set_limits(connection: Any, limits: Limits) -> None:
    """For this connection, in one statement outside of any transaction."""
    connection.autocommit = True
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
        " set_config('idle_in_transaction_session_timeout', %s, false)",
        [f"{seconds * 1000:.0f}ms" for seconds in (limits.statement, limits.lock, limits.idle)],
    )
    connection.autocommit = False


def state_of(error: Exception) -> str:
    """The five characters by which PostgreSQL names what went wrong; "" where it named nothing."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def can_be_done_again(error: DBAPIError) -> bool:
    """Whether the transaction was undone only because another was in its way."""
    return state_of(error) in TAKING_TURNS


def sentence(error: Exception) -> str | None:
    """What to tell the person, where the database gave up for a reason that passes."""
    return CROWDED if isinstance(error, TimeoutError) else SENTENCES.get(state_of(error))
