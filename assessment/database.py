"""The engine and its two kinds of transaction: one that reads, one that writes.

On SQLite a transaction that reads first and writes later fails at once when somebody else has written in
between, whatever the busy timeout; so one that will write says so at its start (BEGIN IMMEDIATE).
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session

from assessment import postgresql
from assessment.postgresql import PATIENT, Limits

__all__ = ["Database", "Session"]

BUSY_TIMEOUT_SECONDS = 20
ASK_AGAIN = 0.0005  # seconds
WRITING = "tandem_writing"
AUDIT_KEYS = "tandem_audit_keys"
CONNECTIONS = 20  # of one process to PostgreSQL, at most
TRIES = 3
PAUSE = 0.1  # seconds at most between them, by chance, so that two do not meet again

Result = TypeVar("Result")


class Database:
    """One engine, handed to whoever needs transactions."""

    def __init__(
        self,
        url: str,
        audit_keys: Sequence[str] = (),
        connections: int = CONNECTIONS,
        limits: Callable[[], Limits] = lambda: PATIENT,
    ) -> None:
        """``limits`` says, each time a connection is taken, how patient PostgreSQL is to be with its user."""
        self.engine = _engine(url, connections, limits)
        self._about = {AUDIT_KEYS: tuple(audit_keys)}  # for what is recorded in a transaction
        self._writing_engine = self.engine.execution_options(**{WRITING: True})
        # SQLite's own waiting is not first come, first served: threads of one process queue here instead
        self._turn = _Turns() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; it is rolled back at the end."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed where the block ends, rolled back where it raises."""
        with self._turn, Session(self._writing_engine, info=self._about) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], Result]) -> Result:
        """What ``work`` returns, done in one transaction: again where another was in its way.

        PostgreSQL undoes one of two transactions that wait for each other. ``work`` may run several times,
        so it does nothing outside of its session.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self.writing() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == TRIES or not postgresql.can_be_done_again(error):
                    raise
                time.sleep(random.random() * PAUSE)  # noqa: S311  (no secret)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def writing_connection(self) -> Iterator[Connection]:
        """The same without the ORM, for migrations and bulk loading."""
        with self._turn, self._writing_engine.begin() as connection:
            yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """SQLite alone: a transaction for migrations, in which foreign keys are off.

        A table is changed there by making another and dropping the first; with foreign keys on that removes
        what points to its rows, or fails. Off and on again is only possible outside of a transaction.
        """
        with self._turn, self._writing_engine.connect() as connection:
            bare: Any = connection.connection.driver_connection
            bare.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                bare.execute("PRAGMA foreign_keys=ON")


class _Turns:
    """Writers of one process, one after another. Whoever has waited as long as SQLite would wait gives up."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise TimeoutError("those who write in this process wait too long for each other")

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


def _engine(url: str, connections: int, limits: Callable[[], Limits]) -> Engine:
    """Errors name no parameters: they are answers, and would stand in the log."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return postgresql.engine(address, connections, limits)
    engine = create_engine(url, pool_size=20, max_overflow=40, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged save survives a power cut
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else INSERT OR REPLACE walks past a delete trigger
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own knows A to Z only; whoever looks for "élan" is to find "Élan", as on PostgreSQL
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING):
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """BEGIN IMMEDIATE, asked for again every half millisecond while another process writes.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, however soon the other is done.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    ends = time.monotonic() + BUSY_TIMEOUT_SECONDS
    try:
        while _is_taken(driver) and time.monotonic() < ends:
            time.sleep(ASK_AGAIN)
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails as SQLAlchemy's errors do
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")


def _is_taken(driver: sqlite3.Connection) -> bool:
    """Begins to write; true where another process is writing."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False
