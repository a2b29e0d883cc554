"""A backup: one file with a copy of the database and a manifest that says what it must hold.

It holds all answers, so it is as much worth protecting as the database. It does not hold the keys (the secret
key and those of the audit trail): whoever finds a backup cannot forge a trail with it. Keep them apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from assessment import audit, schema
from assessment.errors import Refused
from assessment.operations import copies
from assessment.operations.copies import Facts
from assessment.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
PIECE = 1024 * 1024
SEAL = 64  # the last bytes, as the comment of the archive: SHA-256 of all before them
MOST_MANIFEST = 1024 * 1024  # bytes


@dataclass(frozen=True)
class Manifest:
    """What stands beside the copy."""

    format: int
    made_at: str
    database: str  # sqlite or postgresql
    member: str
    bytes: int
    sha256: str
    revision: str
    tables: dict[str, int]
    audit_link: str
    secret_key: str  # of the keys only a name, by which one can tell whether they are the right ones
    audit_keys: list[str]

    @property
    def facts(self) -> Facts:
        return Facts(self.revision, self.tables, self.audit_link)


def make(settings: Settings, file: Path, now: datetime) -> Manifest:
    """Write a backup to ``file``, which appears when it is complete and never replaces another."""
    if file.exists():
        raise Refused(f"{file} is there already. Choose another name, so that no backup is lost.")
    with _beside(file, "copy") as copy, _beside(file, "part") as part:
        kind = copies.kind_of(settings.database_url)
        facts = copies.copy_out(settings.database_url, copy)
        manifest = Manifest(
            format=FORMAT,
            made_at=now.isoformat(timespec="seconds"),
            database=kind,
            member="tandem.sqlite" if kind == "sqlite" else "tandem.sql",
            bytes=copy.stat().st_size,
            sha256=_sha256(copy),
            **asdict(facts),
            **_key_names(settings),
        )
        _pack(part, manifest, copy)
        part.rename(file)
    return manifest


def _key_names(settings: Settings) -> dict[str, Any]:
    return {
        "secret_key": audit.key_name(settings.secret_key),
        "audit_keys": [audit.key_name(key) for key in settings.audit_keys],
    }


@contextmanager
def _beside(file: Path, what: str) -> Iterator[Path]:
    """A file of its own in the same folder, that nobody else reads, gone at the end."""
    found = file.with_name(f".{file.name}.{what}-{secrets.token_hex(6)}")
    try:
        os.close(os.open(found, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield found
    except OSError as error:
        raise Refused(f"{file.parent} cannot be written to ({error.strerror}).") from error
    finally:
        for leftover in (found, Path(f"{found}-journal"), Path(f"{found}-wal"), Path(f"{found}-shm")):
            with suppress(FileNotFoundError):
                leftover.unlink()


def _pack(part: Path, manifest: Manifest, copy: Path) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True))
        archive.write(copy, manifest.member)
        archive.comment = b"0" * SEAL
    seal = _sha256(part, part.stat().st_size - SEAL)
    with part.open("r+b") as handle:
        handle.seek(-SEAL, os.SEEK_END)
        handle.write(seal.encode())
        handle.flush()
        os.fsync(handle.fileno())


def _sha256(file: Path, length: int | None = None) -> str:
    """Of a file, or of its first bytes."""
    digest, left = hashlib.sha256(), file.stat().st_size if length is None else length
    with file.open("rb") as handle:
        while left > 0 and (piece := handle.read(min(PIECE, left))):
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()


def _check_seal(file: Path) -> None:
    """Every byte counts, those too that an archive does without (times, names of its parts)."""
    try:
        size = file.stat().st_size
        with file.open("rb") as handle:
            handle.seek(max(0, size - SEAL))
            said = handle.read()
    except FileNotFoundError:
        raise Refused(f"There is no file {file}.") from None
    if said != _sha256(file, size - SEAL).encode():
        raise Refused(f"{file} is damaged, or no backup of Tandem.")


@contextmanager
def opened(file: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and the copy of a backup, unpacked and checked; Refused where it is not whole."""
    _check_seal(file)
    with _beside(file, "open") as copy:
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = _manifest(archive)
                with archive.open(manifest.member) as source, copy.open("wb") as target:
                    _copy_at_most(source, target, manifest.bytes)
        except (
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            KeyError,
            ValueError,
            EOFError,
            NotImplementedError,
        ) as error:
            raise Refused(f"{file} is damaged, or no backup of Tandem: {error}.") from error
        if _sha256(copy) != manifest.sha256:
            raise Refused(f"{file} is damaged: the copy in it is not the one that was written.")
        yield manifest, copy


def _copy_at_most(source: Any, target: Any, expected: int) -> None:
    """A file that says it is small and is not is never unpacked."""
    left = expected
    while piece := source.read(min(PIECE, left + 1)):
        left -= len(piece)
        if left < 0:
            raise ValueError("the copy is larger than the manifest says")
        target.write(piece)
    if left:
        raise ValueError("the copy is smaller than the manifest says")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise ValueError("its manifest is too large")
    said = json.loads(archive.read(MANIFEST))
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        raise ValueError("its manifest says no format")
    if said["format"] > FORMAT:
        raise Refused("This backup was made by a newer Tandem. Restore it with that one.")
    try:
        manifest = Manifest(**said)
    except TypeError as error:
        raise ValueError("its manifest is not complete") from error
    if manifest.member not in ("tandem.sqlite", "tandem.sql") or not isinstance(manifest.bytes, int):
        raise ValueError("its manifest names a file that no backup has")
    return manifest


def restore(settings: Settings, file: Path, now: datetime) -> tuple[Manifest, Path | None]:
    """Put a backup in the place of the database; what is there is backed up first, to the file returned.

    Refused, and nothing changed, where the backup is damaged, of another kind of database, or newer.
    """
    with opened(file) as (manifest, copy):
        _refuse_unfitting(manifest, settings.database_url)
        if manifest.database == "sqlite" and copies.facts_of_file(copy) != manifest.facts:
            raise Refused(f"{file} is damaged: it does not hold the rows that its manifest says.")
        before = _keep_what_is_there(settings, now)
        copies.copy_in(settings.database_url, copy)
    return manifest, before


def _refuse_unfitting(manifest: Manifest, url: str) -> None:
    if manifest.database != copies.kind_of(url):
        here = _name(copies.kind_of(url))
        raise Refused(
            f"This is a backup of {_name(manifest.database)}, and DATABASE_URL is {here}."
            " Restore it where it came from."
        )
    known = {script.revision for script in ScriptDirectory(str(schema.SCRIPTS)).walk_revisions()}
    if manifest.revision not in known:
        raise Refused("This backup was made by a newer Tandem. Restore it with that one.")


def _name(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(kind, "another database")


def _keep_what_is_there(settings: Settings, now: datetime) -> Path | None:
    url = settings.database_url
    kept = settings.instance / f"before-restore-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.zip"
    if copies.kind_of(url) == "postgresql":
        return None if copies.is_empty(url) else _made(settings, kept, now)
    there = copies.file_of(url)
    if not there.exists() or not there.stat().st_size:
        return None
    try:
        return None if copies.is_empty(url) else _made(settings, kept, now)
    except (Refused, sqlite3.DatabaseError, SQLAlchemyError):  # it is damaged: this is why somebody restores
        return _set_aside(there, kept.with_suffix(""))


def _made(settings: Settings, file: Path, now: datetime) -> Path:
    make(settings, file, now)
    return file


def _set_aside(there: Path, folder: Path) -> Path:
    """Move a database that cannot be read out of the way, with what SQLite keeps beside it."""
    folder.mkdir(mode=0o700)
    for name in (there.name, f"{there.name}-wal", f"{there.name}-shm"):
        with suppress(FileNotFoundError):
            shutil.move(there.with_name(name), folder / name)
    return folder
