"""Two workers at once, killed and started again at random: no message twice, none forgotten.

Real processes of the command, a real SMTP server, both databases. The server waits between taking a message
and saying so, which is where most kills then fall: the fate of those messages nobody can know.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from assessment.database import Database
from assessment.mail import transport_of
from assessment.models.surveys import Invitation, MessageState, Survey
from assessment.settings import MailServer, Settings
from assessment.surveys import invitations
from assessment.surveys.delivery import deliver
from assessment.surveys.links import invitation_hash
from tests.conftest import FixedClock, add_network
from tests.durability.mail_process import MailWorker, busy, wait_until, waiting
from tests.durability.serving_process import PATIENCE
from tests.durability.test_at_once import at_once
from tests.mail_sink import Sink, mail_sink
from tests.survey_world import add_survey, messages_of, partner_email

WORKERS = 2
BETWEEN_KILLS = 8  # messages, about
SLOW = 0.03


@pytest.fixture
def database(real_app: Flask) -> Database:
    return real_app.extensions["tandem.database"]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as running:
        yield running


def open_survey(database: Database, partners: int) -> int:
    """A survey that runs today."""
    today = datetime.now(UTC).date()
    with database.writing() as session:
        add_network(session)
        days = {"opens_on": today - timedelta(days=2), "closes_on": today + timedelta(days=9)}
        return add_survey(session, partners, **days).id


def with_server(settings: Settings, sink: Sink) -> Settings:
    return replace(settings, mail_server=MailServer(sink.host, sink.port))


def queue_all(database: Database, survey_id: int, settings: Settings) -> int:
    with database.writing() as session:
        survey = session.get_one(Survey, survey_id)
        return invitations.queue(session, survey, datetime.now(UTC), None, settings=settings)


@contextmanager
def workers(start: Callable[[], MailWorker], number: int) -> Iterator[list[MailWorker]]:
    running = [start() for _ in range(number)]
    with ExitStack() as ends:
        ends.callback(lambda: [worker.process.kill() for worker in running])
        yield running


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.soak)])
def test_killed_workers_send_nothing_twice_and_forget_nothing(
    database: Database, database_url: str, settings: Settings, sink: Sink, tmp_path: Path, kills: int
) -> None:
    rng, settings = random.Random(kills), with_server(settings, sink)
    survey_id = open_survey(database, BETWEEN_KILLS * (kills + 2))
    queued = queue_all(database, survey_id, settings)
    sink.slow = SLOW

    def start() -> MailWorker:
        return MailWorker(tmp_path, database_url, sink)

    with workers(start, WORKERS) as running:
        for number in range(1, kills + 1):
            wait_until(lambda n=number: len(sink.mails) >= n * BETWEEN_KILLS, "the workers stand still")  # type: ignore[misc]
            time.sleep(rng.uniform(0, SLOW))
            place = busy(database, running)
            place = rng.randrange(WORKERS) if place is None else place
            running[place].end(signal.SIGKILL)
            running[place] = start()
        wait_until(lambda: waiting(database) == 0, "some messages are not sent")
        ends = {worker.end(signal.SIGTERM) for worker in running}
        assert ends <= {0, -signal.SIGTERM}  # the latter where one has only just been started
    assert "Traceback" not in (tmp_path / "worker.log").read_text()

    later = FixedClock(settings.timezone, [datetime.now(UTC) + timedelta(minutes=16)])
    assert deliver(database, transport_of(settings), settings, later).states[MessageState.SENT] == 0
    check(database, survey_id, sink, queued, kills)


def check(database: Database, survey_id: int, sink: Sink, queued: int, kills: int) -> None:
    arrived = Counter(sink.recipients)
    assert max(arrived.values()) == 1, "somebody got it twice"
    rows = messages_of(database, survey_id)
    assert len(rows) == queued
    states = Counter(row.state for row in rows)
    assert set(states) <= {"sent", "uncertain"}
    assert states["uncertain"] <= kills
    assert states["uncertain"], "no kill fell into the middle of a message; the test shows nothing"
    for row in rows:
        assert row.state == "uncertain" or arrived[row.email] == 1, f"{row.email} is sent and has nothing"
    with database.reading() as session:
        good = set(session.scalars(select(Invitation.token_hash).where(Invitation.revoked.is_(False))))
    assert {invitation_hash(token) for token in sink.tokens} <= good, "a delivered link leads nowhere"


def test_a_worker_that_is_told_to_stop_finishes_the_message_in_hand(
    database: Database, database_url: str, settings: Settings, sink: Sink, tmp_path: Path
) -> None:
    settings = with_server(settings, sink)
    survey_id = open_survey(database, 3)
    queue_all(database, survey_id, settings)
    sink.slow = 0.5
    with workers(lambda: MailWorker(tmp_path, database_url, sink), 1) as (worker,):
        assert sink.taken.wait(PATIENCE)
        assert worker.end(signal.SIGTERM) == 0
    assert [row.state for row in messages_of(database, survey_id)] == ["sent", "queued", "queued"]
    assert sink.recipients == [partner_email(0)]


def test_queueing_at_the_same_moment_writes_to_nobody_twice(
    database: Database, settings: Settings, sink: Sink
) -> None:
    survey_id = open_survey(database, 50)
    settings = with_server(settings, sink)
    counts = at_once([lambda: queue_all(database, survey_id, settings)] * 4)
    assert sorted(counts) == [0, 0, 0, 50]
    assert len(messages_of(database, survey_id)) == 50


def test_workers_at_once_share_the_work(database: Database, settings: Settings, sink: Sink) -> None:
    """In threads, which meet more often than processes do."""
    settings = with_server(settings, sink)
    survey_id = open_survey(database, 120)
    queue_all(database, survey_id, settings)
    clock = FixedClock(settings.timezone, [datetime.now(UTC)])

    def work() -> int:
        return deliver(database, transport_of(settings), settings, clock).states[MessageState.SENT]

    counts = at_once([work] * 4)
    assert sum(counts) == 120
    assert sorted(sink.recipients) == sorted(partner_email(n) for n in range(120))
    assert sink.open_most <= 4
