"""A consistent copy of the whole database into a file, and back: SQLite by its own backup, PostgreSQL by its
programs, while people go on saving."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from assessment.errors import Refused

LONGEST = 6 * 3600  # seconds that a program of PostgreSQL may take
WAIT = 60  # seconds for others to let go of an SQLite file
EMPTY_FIRST = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


@dataclass(frozen=True)
class Facts:
    """What a copy holds: migrations, rows of each table, the newest link of the audit trail."""

    revision: str
    tables: dict[str, int]
    audit_link: str


def kind_of(url: str) -> str:
    return make_url(url).get_backend_name()


def copy_out(url: str, file: Path) -> Facts:
    """Write everything into ``file``, as of one moment that is not before the call."""
    return _sqlite_out(url, file) if kind_of(url) == "sqlite" else _postgresql_out(url, file)


def copy_in(url: str, file: Path) -> None:
    """Put ``file`` in the place of everything, in one transaction; what was there is gone."""
    if kind_of(url) == "sqlite":
        _sqlite_in(url, file)
    else:
        _postgresql_in(url, file)


def is_empty(url: str) -> bool:
    """Whether there are no tables yet."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def facts_of(connection: Connection) -> Facts:
    """Of what this connection sees."""
    names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    tables = {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names
    }
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    query = "SELECT id, seal FROM audit_events ORDER BY id DESC LIMIT 1"
    newest = connection.execute(text(query)).first() if "audit_events" in tables else None
    return Facts(revision, tables, f"{newest.id}:{newest.seal}" if newest and newest.seal else "")


def facts_of_file(file: Path) -> Facts:
    """Of an SQLite file that a copy was written to; Refused where it is not whole."""
    engine = create_engine(f"sqlite:///file:{quote(str(file))}?mode=ro&uri=true", poolclass=NullPool)
    with engine.connect() as connection:
        said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        if list(said) != ["ok"]:
            raise Refused(f"The database in the backup is not whole: {said[0]}.")
        return facts_of(connection)


def _sqlite_out(url: str, file: Path) -> Facts:
    """All pages in one step, under one read transaction: in WAL mode nobody waits for it."""
    address = f"file:{quote(str(file_of(url)))}?mode=ro"
    source = sqlite3.connect(address, uri=True, timeout=WAIT)
    with closing(source), closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, no second one beside it
    return facts_of_file(file)


def _sqlite_in(url: str, file: Path) -> None:
    """Into the file that is there, as one transaction: who has it open sees the one or the other."""
    target_file = file_of(url)
    target_file.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(file)) as source,
        closing(sqlite3.connect(target_file, timeout=WAIT)) as target,
    ):
        target.execute("PRAGMA journal_mode=WAL")
        source.backup(target, pages=-1)
    target_file.chmod(0o600)


def file_of(url: str) -> Path:
    """The file of an SQLite database."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise Refused("A database in memory cannot be kept; DATABASE_URL must name a file.")
    return Path(name)


def _postgresql_out(url: str, file: Path) -> Facts:
    """pg_dump with the very snapshot in which the rows are counted."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        facts = facts_of(connection)
        _run("pg_dump", url, "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")
    return facts


def _postgresql_in(url: str, file: Path) -> None:
    _run(
        "psql", url, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction",
        f"--command={EMPTY_FIRST}", f"--file={file}",
    )  # fmt: skip


def _run(program: str, url: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise Refused(
            f"{program} is not on this machine. Install PostgreSQL's client programs, of the server's version"
            " or newer (on Debian the package postgresql-client), and try again."
        )
    with _silent(program):
        done = subprocess.run(  # noqa: S603  (a program of PostgreSQL, no shell, arguments of our own)
            [path, *arguments],
            env=_environment(url),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise Refused(f"{program} failed: {lines[-1]}")


@contextmanager
def _silent(program: str) -> Iterator[None]:
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{program} took longer than {LONGEST // 3600} hours and was stopped.") from error


def _environment(url: str) -> dict[str, str]:
    """Where the server is, for its programs; a password on a command line could be read by others."""
    parts: URL = make_url(url)
    query = {name: str(value) for name, value in parts.query.items()}
    wanted = {
        "PGHOST": parts.host or query.get("host"),
        "PGPORT": str(parts.port) if parts.port else query.get("port"),
        "PGUSER": parts.username or query.get("user"),
        "PGPASSWORD": str(parts.password) if parts.password else query.get("password"),
        "PGDATABASE": parts.database or query.get("dbname"),
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
    }
    return {**os.environ, **{name: value for name, value in wanted.items() if value}}
