"""Up and down the migrations of a filled database, and what was seen on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text

from assessment import schema
from assessment.database import Database

Rows = dict[str, "Table"]
Files = dict[str, int]


def revisions() -> list[str]:
    """The oldest first."""
    return [script.revision for script in ScriptDirectory(str(schema.SCRIPTS)).walk_revisions()][::-1]


@dataclass(frozen=True)
class Table:
    """The names of its columns in the order of the alphabet, and how often each row is there."""

    columns: tuple[str, ...]
    rows: Counter[tuple[Any, ...]]

    def only(self, columns: Sequence[str]) -> Counter[tuple[Any, ...]]:
        """Its rows as they are in these columns."""
        places = [self.columns.index(name) for name in columns]
        found: Counter[tuple[Any, ...]] = Counter()
        for row, times in self.rows.items():
            found[tuple(row[place] for place in places)] += times
        return found


def rows_of(database: Database) -> Rows:
    """Every row of every table as the database hands it out, whatever the models say today."""
    with database.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return {name: _read(connection, name) for name in names}


def _read(connection: Connection, name: str) -> Table:
    columns = tuple(sorted(column["name"] for column in inspect(connection).get_columns(name)))
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = connection.exec_driver_sql(f'SELECT {listed} FROM "{name}"')
    return Table(columns, Counter(map(tuple, rows)))


def kept(before: Rows, after: Rows) -> list[str]:
    """Tables of ``before`` that do not hold the same in ``after``, whose tables may have more columns."""
    return [name for name, table in before.items() if not _holds(after.get(name), table)]


def _holds(now: Table | None, before: Table) -> bool:
    if now is None or not set(before.columns) <= set(now.columns):
        return not before.rows
    return (now.rows if now.columns == before.columns else now.only(before.columns)) == before.rows


@dataclass
class Walk:
    """What a walk has seen."""

    not_kept: list[tuple[str, str]] = field(default_factory=list)  # revision, table
    rewritten: list[tuple[str, str]] = field(default_factory=list)
    statements: dict[str, list[str]] = field(default_factory=dict)


def walk(database: Database, down_to: str = "") -> Walk:
    """Down to the oldest or another, each step tried there and back on full tables; then up to the newest."""
    seen, steps = Walk(), [revision for revision in revisions() if revision >= down_to]
    for lower, upper in zip(steps[-2::-1], steps[:0:-1], strict=True):
        schema.downgrade(database, lower)
        before = rows_of(database)
        schema.upgrade(database, upper)
        schema.downgrade(database, lower)
        seen.not_kept += [(upper, name) for name in kept(before, rows_of(database))]
    oldest = rows_of(database)
    for upper in steps[1:]:
        files = _files(database)
        with _listening(database) as statements:
            schema.upgrade(database, upper)
        seen.statements[upper] = statements
        now = _files(database)
        seen.rewritten += [(upper, name) for name in files if name in now and now[name] != files[name]]
    seen.not_kept += [("all", name) for name in kept(oldest, rows_of(database))]
    return seen


def _files(database: Database) -> Files:
    """On PostgreSQL the file of each table: another one means that the table was written anew."""
    if database.is_sqlite:
        return {}
    query = (
        "SELECT relname, relfilenode FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    with database.engine.connect() as connection:
        return dict(iter(connection.execute(text(query))))  # type: ignore[arg-type]


@contextmanager
def _listening(database: Database) -> Iterator[list[str]]:
    """Statements that change something, but for the note which migration has run."""
    statements: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        first = statement.split(maxsplit=1)[0].upper()
        if (
            first in ("CREATE", "ALTER", "DROP", "UPDATE", "DELETE", "INSERT")
            and "alembic_version" not in statement
        ):
            statements.append(statement.strip())

    event.listen(database.engine, "before_cursor_execute", listen)
    yield statements
    event.remove(database.engine, "before_cursor_execute", listen)
