"""How much waits and for how long, and when the workers last did what: looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessment.clock import Clock
from assessment.database import Database
from assessment.models.account_links import AccountLetter, LetterState
from assessment.models.surveys import Message, MessageState
from assessment.monitoring.readiness import why_not_ready
from assessment.settings import Settings
from assessment.working.turns import done_lately
from assessment.working.waiting import queues

# Of these nobody knows whether they went out; a person decides (decision 14).
UNCERTAIN = {
    "messages": Message.state == MessageState.UNCERTAIN.value,
    "letters": AccountLetter.state == LetterState.UNCERTAIN.value,
}


class Queues(Collector):
    """What stands in the database. One that is away is said, and never an error."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self.database, self.clock = database, clock
        self.keeps_copies = settings.mail_server is None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ready = not why_not_ready(self.database)
        try:
            with self.database.reading() as session:
                found = [*self._waiting(session), _uncertain(session), *_work(session)] if ready else []
        except SQLAlchemyError:
            ready, found = False, []
        yield GaugeMetricFamily("tandem_ready", "1 where requests can be answered, else 0.", float(ready))
        yield from found

    def _waiting(self, session: Session) -> Iterator[GaugeMetricFamily]:
        now = self.clock.now()
        length = GaugeMetricFamily("tandem_queue_length", "What waits for a worker now.", labels=["queue"])
        oldest = GaugeMetricFamily(
            "tandem_queue_oldest_seconds", "For how long the oldest of it has been due.", labels=["queue"]
        )
        for queue in queues(session, now, self.keeps_copies):
            length.add_metric([queue.name], queue.length)
            oldest.add_metric([queue.name], (now - queue.since).total_seconds() if queue.since else 0.0)
        yield from (length, oldest)


def _uncertain(session: Session) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(
        "tandem_queue_uncertain", "Of which nobody knows whether it went out.", labels=["queue"]
    )
    for queue, is_uncertain in UNCERTAIN.items():
        gauge.add_metric([queue], session.scalar(select(func.count()).where(is_uncertain)) or 0)
    return gauge


def _work(session: Session) -> Iterator[GaugeMetricFamily]:
    ended = GaugeMetricFamily(
        "tandem_work_ended_timestamp_seconds", "When a worker last came to the end of it.", labels=["work"]
    )
    well = GaugeMetricFamily(
        "tandem_work_well_timestamp_seconds", "When it last ended without trouble.", labels=["work"]
    )
    for task in done_lately(session):
        ended.add_metric([task.name], _seconds(task.ended_at))
        well.add_metric([task.name], _seconds(task.well_at))
    yield from (ended, well)


def _seconds(moment: datetime | None) -> float:
    """0 for what has never been."""
    return moment.timestamp() if moment else 0.0
