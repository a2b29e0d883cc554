"""Up and down the migrations of a filled database, and what was seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from assessment import schema
from assessment.database import Database

Rows = dict[str, list[tuple[tuple[str, Any], ...]]]
Files = dict[str, int]


def revisions() -> list[str]:
    """The oldest first."""
    return [script.revision for script in ScriptDirectory(str(schema.SCRIPTS)).walk_revisions()][::-1]


def rows_of(database: Database) -> Rows:
    """Every row of every table as the database hands it out, whatever the models say today."""
    found: Rows = {}
    with database.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            if name != "alembic_version":
                rows = connection.execute(text(f'SELECT * FROM "{name}"')).mappings()
                found[name] = sorted((tuple(sorted(row.items())) for row in rows), key=repr)
    return found


def kept(before: Rows, after: Rows) -> list[str]:
    """Tables of ``before`` that do not hold the same in ``after``, whose tables may have more columns."""
    wrong = []
    for name, rows in before.items():
        columns = {column for row in rows[:1] for column, _ in row}
        now = [tuple(pair for pair in row if pair[0] in columns) for row in after.get(name, [])]
        if sorted(now, key=repr) != rows:
            wrong.append(name)
    return wrong


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
