"""Bringing a database to the newest migration."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from assessment import postgresql
from assessment.database import Database
from assessment.errors import Refused

log = logging.getLogger(__name__)

SCRIPTS = Path(__file__).parent / "migrations"
LOCK_SECONDS = 3  # that a migration waits for a table; whoever comes after it waits behind it
PAUSE = 2.0  # seconds in which they get their turn
TRIES = 20
IN_USE = (
    "Others do not let go of a table that a migration changes. What was done is whole, the rest is as before;"
    " run flask db upgrade again, at a quieter hour or with the server stopped."
)
NEWER = (
    "The database was last used by a newer Tandem, whose migrations are not known here. Start that one again,"
    " or restore a backup from before."
)
_LOCK = 5022010
Change = Callable[[Config], None]
TRIGGERS = {  # migration 7
    "sqlite": {f"audit_events_no_{what}" for what in ("update", "delete", "replace")},
    "postgresql": {f"audit_events_no_{what}" for what in ("change", "truncate")},
}


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run what is missing; Refused, each migration done wholly or not at all, where others are in the way.

    On SQLite all in one transaction. On PostgreSQL people may go on working meanwhile: each migration is a
    transaction of its own, so that it holds its locks shortly, and gives up its place in the queue for a
    lock before others wait long behind it.
    """
    _run(database, partial(command.upgrade, revision=revision))


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back to ``revision``, and with them what only later ones can hold."""
    _run(database, partial(command.downgrade, revision=revision))


def _run(database: Database, change: Change) -> None:
    try:
        _run_known(database, change)
    except CommandError:  # a revision that is none of ours
        raise Refused(NEWER) from None


def _run_known(database: Database, change: Change) -> None:
    if database.is_sqlite:
        with database.rebuilding() as connection:
            change(configuration(connection))
            _refuse_loose_rows(connection)
        return
    with _turn(database):
        for attempt in range(1, TRIES + 1):
            if _done(database, change):
                return
            log.warning("A migration waits for others to let go of a table (attempt %s).", attempt)
            time.sleep(PAUSE)
        raise Refused(IN_USE)


def _refuse_loose_rows(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found:
        raise Refused(
            f"Rows of {found[0]} would point to rows of {found[2]} that are not there. Nothing was changed;"
            " run flask doctor."
        )


def _done(database: Database, change: Change) -> bool:
    """Whether all is done; where not, somebody held a table for longer than a migration waits."""
    try:
        with _own_connection(database, LOCK_SECONDS) as connection:
            change(configuration(connection))
    except OperationalError as error:
        if postgresql.state_of(error) != postgresql.LOCK_TAKEN:
            raise
        return False
    return True


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """One process at a time; the others wait, and find nothing to do."""
    with _own_connection(database, 0) as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        connection.commit()  # the lock stays until the connection closes
        yield


@contextmanager
def _own_connection(database: Database, lock_seconds: int) -> Iterator[Connection]:
    """One that is closed afterwards, which may take as long as it needs but for locks."""
    with database.engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql(
                "SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', %s, false),"
                " set_config('idle_in_transaction_session_timeout', '0', false)",
                (f"{lock_seconds}s",),
            )
        try:
            yield connection
        finally:
            connection.invalidate()  # nobody else gets it, with these limits and its locks


def is_current(database: Database) -> bool:
    """Whether the newest migration has run."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def newest() -> str:
    """The migration that all others lead to."""
    return str(ScriptDirectory(str(SCRIPTS)).get_current_head())


def missing_triggers(connection: Connection) -> list[str]:
    """Names of triggers that keep the audit trail as it is and are not there, or are switched off."""
    dialect = connection.dialect.name
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE pg_table_is_visible(c.oid) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    )
    found = set(connection.exec_driver_sql(query).scalars())
    return sorted(TRIGGERS[dialect] - found)
