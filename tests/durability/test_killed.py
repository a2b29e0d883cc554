"""Whatever can be killed is killed at random under load: servers, their processes, workers, PostgreSQL.

What was acknowledged is there exactly once, every message went out once or is shown as uncertain. A killed
process loses nothing that the operating system had taken over, so this does not show what a power cut would:
that rests on the full sync that the last test asks for, and on PostgreSQL's own, which is on here.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from assessment import schema
from assessment.database import Database
from assessment.mail import transport_of
from assessment.models.surveys import Invitation
from assessment.operations import doctor
from assessment.settings import Settings
from assessment.surveys.delivery import deliver
from assessment.surveys.links import invitation_hash
from assessment.working.turns import done_lately
from tests.conftest import BACKENDS, FixedClock
from tests.durability.crash_people import Persistent, Saver, Submitter, Tally, setting_out
from tests.durability.crash_world import CrashWorld, crash_world
from tests.durability.crowd import Crowd, Form
from tests.durability.mail_process import wait_until, waiting
from tests.durability.own_postgresql import OwnPostgresql, own_postgresql
from tests.durability.serving_process import PATIENCE
from tests.durability.test_mail_workers import open_survey, queue_all, with_server
from tests.mail_sink import Sink, mail_sink
from tests.survey_world import messages_of

SAVERS = 8
SHORT, LONG = 1, 25  # kills of each kind: 7 and 175 over both databases
KINDS = {"sqlite": 3, "postgresql": 4}
PAIRS_A_KILL = 3  # whose forms are submitted meanwhile
MESSAGES_A_KILL = 30
SLOW = 0.3  # seconds between taking a message and saying so, where most kills of a worker then fall
ENOUGH = 24  # acknowledged saves before the next kill
LONGEST_WAIT = 0.25  # seconds from then to the kill


@pytest.fixture
def postgresql() -> Iterator[OwnPostgresql]:
    with own_postgresql() as server:
        yield server


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own, with all the care for the disk that it has in earnest."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tandem.sqlite'}"
    server: OwnPostgresql = request.getfixturevalue("postgresql")
    return server.url


@pytest.fixture
def database(real_app: Flask) -> Database:
    found: Database = real_app.extensions["tandem.database"]
    schema.upgrade(found)
    return found


@dataclass
class Load:
    """Everybody who is at work, each in a thread of their own."""

    savers: Sequence[Saver]
    submitter: Submitter
    stop: threading.Event
    threads: list[threading.Thread]

    @property
    def tallies(self) -> list[Tally]:
        return [person.tally for person in (*self.savers, self.submitter)]

    def saved(self) -> int:
        assert [tally.trouble for tally in self.tallies if tally.trouble] == []
        return sum(saver.tally.acknowledged for saver in self.savers)

    def go_on_for(self, saves: int) -> None:
        before = self.saved()
        wait_until(lambda: self.saved() >= before + saves, "nobody can save")

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self.threads)
        assert [tally.trouble for tally in self.tallies if tally.trouble] == []


def load_on(world: CrashWorld, crowd: Crowd) -> Load:
    ports = [server.port for server in world.servers]

    def persistent(form: Form, tally: Tally) -> Persistent:
        return Persistent(crowd.visitor(world.rng.choice(ports), form), ports, world.rng, tally)

    savers = []
    for form in crowd.forms[:SAVERS]:
        tally = Tally()
        questions = crowd.questions[form.side]
        savers.append(Saver(persistent(form, tally), form, questions, tally, world.pace))
    tally = Tally()
    submitter = Submitter([(form, persistent(form, tally)) for form in crowd.forms[SAVERS:]], tally)
    stop = threading.Event()
    threads = [setting_out(person, stop) for person in (*savers, submitter)]
    return Load(savers, submitter, stop, threads)


def kinds_to_kill(world: CrashWorld, of_each: int) -> list[str]:
    """In an order of chance."""
    found = [kind for kind in world.kinds for _ in range(of_each)]
    world.rng.shuffle(found)
    return found


@pytest.mark.parametrize("of_each", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)])
def test_what_was_acknowledged_survives_every_kill(
    database: Database,
    make_crowd: Callable[[int], Crowd],
    database_url: str,
    settings: Settings,
    tmp_path: Path,
    of_each: int,
    request: pytest.FixtureRequest,
) -> None:
    rng, kills = random.Random(of_each), of_each * KINDS[database.engine.dialect.name]
    postgresql = None if database.is_sqlite else request.getfixturevalue("postgresql")
    with ExitStack() as ends:
        sink = ends.enter_context(mail_sink())
        sink.slow, mailing = SLOW, with_server(settings, sink)
        crowd = make_crowd(SAVERS // 2 + PAIRS_A_KILL * kills)
        crowd.answer_everything(crowd.forms[SAVERS:])
        survey_id = open_survey(database, MESSAGES_A_KILL * kills)
        queued = queue_all(database, survey_id, mailing)
        world = ends.enter_context(crash_world(tmp_path, database, database_url, postgresql, sink, rng))
        load = load_on(world, crowd)
        for kind in kinds_to_kill(world, of_each):
            load.go_on_for(ENOUGH)
            time.sleep(rng.uniform(0, LONGEST_WAIT))
            assert waiting(database), "no message is left to be interrupted"
            world.kill(kind)
        load.go_on_for(ENOUGH)
        load.end()
        sink.slow = 0
        wait_until_all_are_sent(database)
        world.end_workers()
        check_people(load, crowd, kills)
        check_messages(database, survey_id, mailing, sink, queued, kills)
        found = list(doctor.examine(database, crowd.app.extensions["tandem.settings"]))
        assert [finding for finding in found if not finding.ok and finding.name != "disk space"] == []


def wait_until_all_are_sent(database: Database) -> None:
    """However many they are, as long as it goes on."""
    while left := waiting(database):
        wait_until(lambda before=left: waiting(database) < before, "some messages are not sent")  # type: ignore[misc]


def troubles(database: Database) -> list[str]:
    with database.reading() as session:
        return [f"{task.name}: {task.trouble}" for task in done_lately(session) if task.trouble]


def check_people(load: Load, crowd: Crowd, kills: int) -> None:
    for saver in load.savers:
        saver.check(crowd)
    load.submitter.check(crowd)
    assert load.submitter.tally.acknowledged >= kills
    interrupted = sum(tally.without_reply for tally in load.tallies)
    assert interrupted >= kills, "the kills came between requests, not in the middle of them"


def check_messages(
    database: Database, survey_id: int, settings: Settings, sink: Sink, queued: int, kills: int
) -> None:
    later = FixedClock(settings.timezone, [datetime.now(UTC) + timedelta(minutes=16)])
    assert deliver(database, transport_of(settings), settings, later).states["sent"] == 0
    arrived = Counter(sink.recipients)
    assert max(arrived.values()) == 1, "somebody got it twice"
    rows = messages_of(database, survey_id)
    assert len(rows) == queued
    states = Counter(row.state for row in rows)
    assert set(states) <= {"sent", "uncertain"}
    assert 0 < states["uncertain"] <= 2 * kills, states
    for row in rows:
        assert row.state == "uncertain" or arrived[row.email] == 1, f"{row.email} is sent and has nothing"
    with database.reading() as session:
        good = set(session.scalars(select(Invitation.token_hash).where(Invitation.revoked.is_(False))))
    assert {invitation_hash(token) for token in sink.tokens} <= good, "a delivered link leads nowhere"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_settings_of_sqlite(database_url: str) -> None:
    """Every connection that reads or writes syncs in full, and waits instead of failing."""
    database = Database(database_url)
    wanted = {"synchronous": 2, "journal_mode": "wal", "busy_timeout": 20_000, "foreign_keys": 1}
    for open_transaction in (database.reading, database.writing):
        with open_transaction() as session:
            connection = session.connection()
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
            assert found == wanted
