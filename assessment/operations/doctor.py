"""A look at whether all is well: each finding is a sentence, and says what to do where something is not."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessment import audit, schema
from assessment.database import Database
from assessment.operations import copies
from assessment.operations.surroundings import clock_trouble, folder_trouble, writing_trouble
from assessment.settings import Settings
from assessment.working.waiting import state_of_work

LEAST_FREE = 500 * 1024 * 1024  # bytes, beside room for one copy of the database
MEGABYTE = 1024 * 1024
PRIVATE = ("secret_key", "audit_key")


@dataclass(frozen=True)
class Finding:
    name: str
    ok: bool
    sentence: str


def examine(database: Database, settings: Settings) -> Iterator[Finding]:
    """Every check in turn; the later ones need a database that answers."""
    yield from _folder(settings)
    yield _space(settings)
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Finding("database", False, f"The database does not answer: {reason}. See DATABASE_URL.")
        return
    trouble = writing_trouble(database)
    yield Finding("saving", not trouble, trouble or "The database can be written to.")
    checks: tuple[Callable[[Database, Settings], Iterator[Finding]], ...] = (
        _whole,
        _connections,
        _migrations,
        _rows,
        _trail,
        _clock,
        _work,
    )
    for check in checks:
        found = list(check(database, settings))
        yield from found
        if check is _migrations and not all(finding.ok for finding in found):
            return


def _folder(settings: Settings) -> Iterator[Finding]:
    mode = stat.S_IMODE(settings.instance.stat().st_mode)
    yield Finding(
        "instance folder",
        mode & 0o077 == 0,
        f"{settings.instance} is private."
        if mode & 0o077 == 0
        else f"{settings.instance} can be read by others (mode {mode:o}). Run: chmod 700 {settings.instance}",
    )
    trouble = folder_trouble(settings.instance)
    if trouble:
        yield Finding("instance folder", False, trouble)
    for name in PRIVATE:
        file = settings.instance / name
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding("keys", False, f"{file} can be read by others. Run: chmod 600 {file}")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.instance).free
    size = _database_bytes(settings)
    wanted = LEAST_FREE + size
    words = f"{free // MEGABYTE:,} MB free; the database has {size // MEGABYTE:,} MB."
    if free >= wanted:
        return Finding("disk space", True, words)
    return Finding("disk space", False, f"Only {words} Make room: a backup and a busy day need more.")


def _database_bytes(settings: Settings) -> int:
    if copies.kind_of(settings.database_url) != "sqlite":
        return 0  # on the server's disk, not on ours
    file = copies.file_of(settings.database_url)
    return sum(part.stat().st_size for part in (file, Path(f"{file}-wal")) if part.exists())


def _whole(database: Database, settings: Settings) -> Iterator[Finding]:
    """What the database itself says of its pages and indexes."""
    with database.reading() as session:
        faults = _faults(session, database.is_sqlite)
    advice = "Restore the newest backup that `flask restore` accepts."
    yield Finding("integrity", not faults, f"{faults[0]}. {advice}" if faults else "The database is whole.")


def _faults(session: Session, sqlite: bool) -> list[str]:
    if sqlite:
        return [line for line in session.execute(text("PRAGMA integrity_check(5)")).scalars() if line != "ok"]
    query = (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
        " UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated"
    )
    return [f"{name} is not valid" for name in session.execute(text(query)).scalars()]


def _connections(database: Database, settings: Settings) -> Iterator[Finding]:
    """PostgreSQL alone: whether there is room for another process of ours."""
    if database.is_sqlite:
        return
    query = (
        "SELECT current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int,"
        " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
    )
    with database.reading() as session:
        most, used = session.execute(text(query)).one()
    words = f"PostgreSQL takes {most:,} connections, {used:,} are open; each process opens up to"
    words = f"{words} {settings.database_connections:,}."
    if used + settings.database_connections <= most:
        yield Finding("connections", True, words)
        return
    yield Finding(
        "connections", False, f"{words} Raise max_connections there or lower TANDEM_DATABASE_CONNECTIONS."
    )


def _migrations(database: Database, settings: Settings) -> Iterator[Finding]:
    current = schema.is_current(database)
    words = "All migrations have run." if current else "Migrations are missing. Run: flask db upgrade"
    yield Finding("migrations", current, words)


# What no page could have written, each with how many rows say so.
_ODD = {
    "answers without their form": "SELECT count(*) FROM answers a LEFT JOIN responses r"
    " ON r.id = a.response_id WHERE r.id IS NULL",
    "forms without their pair": "SELECT count(*) FROM responses r LEFT JOIN cycle_pairs p"
    " ON p.id = r.cycle_pair_id WHERE p.id IS NULL",
    "pairs of a cycle without two current forms": "SELECT count(*) FROM cycle_pairs p WHERE (SELECT count(*)"
    " FROM responses r WHERE r.cycle_pair_id = p.id AND r.status <> 'reopened') <> 2",
    "released pairs that count a draft": "SELECT count(*) FROM released_pairs p JOIN responses r"
    " ON r.id IN (p.fusion_center_response_id, p.eoc_response_id) WHERE r.status = 'draft'",
}


def _rows(database: Database, settings: Settings) -> Iterator[Finding]:
    """Rows that lead nowhere or cannot be."""
    with database.reading() as session:
        found = {words: session.execute(text(query)).scalar_one() for words, query in _ODD.items()}
        if database.is_sqlite:
            found["references to nothing"] = len(session.execute(text("PRAGMA foreign_key_check")).all())
    odd = [f"{count:,} {words}" for words, count in found.items() if count]
    advice = "Restore a backup from before, or ask whoever maintains Tandem."
    yield Finding("rows", not odd, f"{'; '.join(odd)}. {advice}" if odd else "Every row leads somewhere.")


def _trail(database: Database, settings: Settings) -> Iterator[Finding]:
    with database.reading() as session:
        found = audit.verify(session, settings.audit_keys)
        missing = schema.missing_triggers(session.connection())
    yield Finding("audit trail", not found.problems, " ".join([found.sentence, *found.problems[:1]]))
    if missing:
        words = f"The trigger {missing[0]} is not at work, so that the database lets the trail be changed."
        yield Finding("audit trail", False, f"{words} Restore a backup from before, or make it anew.")


def _clock(database: Database, settings: Settings) -> Iterator[Finding]:
    with database.reading() as session:
        trouble = clock_trouble(session, datetime.now(UTC))
    yield Finding("clock", not trouble, trouble or "The clock goes forward.")


def _work(database: Database, settings: Settings) -> Iterator[Finding]:
    """Mail, files and the rest of what is done beside the pages."""
    with database.reading() as session:
        found = state_of_work(session, datetime.now(UTC), keeps_copies=settings.mail_server is None)
    yield Finding("worker", found.ok, found.sentence)
