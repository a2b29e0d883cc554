"""A whole SQLite database into an empty PostgreSQL one: in one transaction, counted and compared row for row.

Nobody can save into the source meanwhile. A table's fingerprint is the sum of the SHA-256 of its rows, so
that it does not depend on the order in which a database hands them out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Row, Table, create_engine, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from assessment import schema
from assessment.database import Database
from assessment.errors import Refused
from assessment.models.base import Base

ROWS_AT_ONCE = 2000
SUMS = 2**256
Watch = Callable[[int], None]  # told how many rows more are done


def nobody_watches(_rows: int) -> None:
    """For who does not want to know how far it is."""


@dataclass(frozen=True)
class Fingerprint:
    """Of a table's rows."""

    rows: int
    sha256: str


def copy_database(source: Database, address: str, watch: Watch = nobody_watches) -> dict[str, Fingerprint]:
    """Everything that is in ``source``, into the database at ``address``; what each table holds there now.

    Refused, and nothing changed but that an empty target has its tables, where anything does not fit.
    """
    _refuse_other_source(source)
    target = _address(address)
    with _plain_failures():
        _prepare(target)
        engine = create_engine(target, poolclass=NullPool, hide_parameters=True)
        with source.writing_connection() as here, engine.begin() as there:
            _lock_and_refuse_rows(there)
            copied = {table.name: _copy(here, there, table, watch) for table in _tables()}
            for table in _tables():
                _compare(there, table, copied[table.name], watch)
                _go_on_counting(there, table)
            _look_for_triggers(there)
        _gather_statistics(target)
    return copied


def rows_of(database: Database) -> int:
    """How many rows there are to copy; Refused where they cannot be copied."""
    _refuse_other_source(database)
    with database.engine.connect() as connection:
        return sum(connection.execute(_count(table)).scalar_one() for table in _tables())


def _refuse_other_source(source: Database) -> None:
    if not source.is_sqlite:
        raise Refused("This copies from SQLite, and DATABASE_URL is PostgreSQL. Use backup and restore.")
    if not schema.is_current(source):
        raise Refused("Migrations are missing here. Run: flask db upgrade")


def _tables() -> Sequence[Table]:
    """Each after those that its rows point to."""
    return Base.metadata.sorted_tables


def _count(table: Table) -> Any:
    return select(func.count()).select_from(table)


def _address(text_of_it: str) -> URL:
    try:
        url = make_url(text_of_it)
        kind = url.get_backend_name()
    except ArgumentError:
        kind = ""
    if kind != "postgresql":
        raise Refused("The target is not a PostgreSQL address; write postgresql://user@host/name.")
    return url


@contextmanager
def _plain_failures() -> Iterator[None]:
    """What a database says, as a sentence without rows and passwords."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines() or ["it gave no reason"]
        raise Refused(f"A database refused: {reason[0]}.") from None


def _prepare(target: URL) -> None:
    """Bring an empty target to our newest migration; Refused where it is not empty or has others."""
    database = Database(target.render_as_string(hide_password=False))
    try:
        with database.engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
        if not names:
            schema.upgrade(database)
        elif "alembic_version" not in names:
            raise Refused("The target holds tables of something else. Make an empty database for Tandem.")
        elif not schema.is_current(database):
            raise Refused("The target is at another migration than this Tandem. Make an empty database.")
    finally:
        database.engine.dispose()


def _lock_and_refuse_rows(there: Connection) -> None:
    """Nobody else writes into the target until this transaction ends."""
    names = ", ".join(_quoted(there, table) for table in _tables())
    there.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table in _tables():
        if there.execute(select(1).select_from(table).limit(1)).first():
            raise Refused(f"The target is not empty: {table.name} has rows. Make an empty database.")


def _copy(here: Connection, there: Connection, table: Table, watch: Watch) -> Fingerprint:
    columns = ", ".join(there.dialect.identifier_preparer.quote(column.name) for column in table.columns)
    cursor = there.connection.cursor()

    def written(rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
        for row in rows:
            lines.write_row(row)
            yield row

    try:
        with cursor.copy(f"COPY {_quoted(there, table)} ({columns}) FROM STDIN") as lines:
            return fingerprint(written(_rows(here, table)), watch)
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).splitlines()[0]
        raise Refused(
            f"PostgreSQL does not take a row of {table.name}: {reason}. Nothing was copied."
        ) from None


def _quoted(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _rows(connection: Connection, table: Table) -> Iterable[Row[Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    return connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})


def fingerprint(rows: Iterable[Row[Any]], watch: Watch = nobody_watches) -> Fingerprint:
    """The number of rows, and the sum of their SHA-256 as 64 hexadecimal digits."""
    count = total = 0
    for row in rows:
        total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest())
        count += 1
        if count % ROWS_AT_ONCE == 0:
            watch(ROWS_AT_ONCE)
    watch(count % ROWS_AT_ONCE)
    return Fingerprint(count, f"{total % SUMS:064x}")


def _compare(there: Connection, table: Table, copied: Fingerprint, watch: Watch) -> None:
    found = fingerprint(_rows(there, table), watch)
    if found != copied:
        raise Refused(
            f"{table.name} did not arrive as it was: {copied.rows:,} rows were read, {found.rows:,} are"
            f" there, fingerprints {copied.sha256[:12]} and {found.sha256[:12]}. Nothing was copied."
        )


def _go_on_counting(there: Connection, table: Table) -> None:
    """The next row gets a number that none has."""
    column = table.autoincrement_column
    if column is None:
        return
    query = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
    last = there.execute(select(func.max(column))).scalar_one()
    if last is not None:
        there.execute(query, {"table": _quoted(there, table), "column": column.name, "last": last})


def _look_for_triggers(there: Connection) -> None:
    missing = schema.missing_triggers(there)
    if missing:
        raise Refused(f"The target lacks the trigger {missing[0]}. Make an empty database for Tandem.")


def _gather_statistics(target: URL) -> None:
    """Else the first hours go by with plans made for empty tables."""
    engine = create_engine(target, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
