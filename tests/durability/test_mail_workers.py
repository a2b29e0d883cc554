"""Workers at once, and one that is told to stop: no message twice, none forgotten. Killed: test_killed.py."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from assessment.database import Database
from assessment.mail import transport_of
from assessment.models.surveys import MessageState, Survey
from assessment.settings import MailServer, Settings
from assessment.surveys import invitations
from assessment.surveys.delivery import deliver
from tests.conftest import FixedClock, add_network
from tests.durability.mail_process import MailWorker
from tests.durability.serving_process import PATIENCE
from tests.durability.test_at_once import at_once
from tests.mail_sink import Sink, mail_sink
from tests.survey_world import add_survey, messages_of, partner_email


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
    survey_id = open_survey(database, 60)
    queue_all(database, survey_id, settings)
    clock = FixedClock(settings.timezone, [datetime.now(UTC)])

    def work() -> int:
        return deliver(database, transport_of(settings), settings, clock).states[MessageState.SENT]

    counts = at_once([work] * 4)
    assert sum(counts) == 60
    assert sorted(sink.recipients) == sorted(partner_email(n) for n in range(60))
    assert sink.open_most <= 4
