"""How much waits and for how long, and when the workers last did what: looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assessment.clock import Clock
from assessment.database import Database
from assessment.models.account_links import AccountLetter
from assessment.models.exports import Export
from assessment.models.surveys import Message
from assessment.monitoring.readiness import why_not_ready
from assessment.working.turns import done_lately

# Each has an index that begins with the state; what is over is not counted, for it only grows.
OPEN_STATES = ("queued", "waiting", "sending", "working", "uncertain")
WAITING = ("queued", "waiting")
QUEUES: dict[str, tuple[Any, Any]] = {
    "messages": (Message.state, Message.not_before),
    "letters": (AccountLetter.state, AccountLetter.not_before),
    "files": (Export.state, Export.asked_at),
}


class Queues(Collector):
    """What stands in the database. One that is away is said, and never an error."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ready = not why_not_ready(self.database)
        yield GaugeMetricFamily("tandem_ready", "1 where requests can be answered, else 0.", float(ready))
        if not ready:
            return
        try:
            with self.database.reading() as session:
                found = [*self._lengths(session), *_workers(session)]
        except SQLAlchemyError:
            return
        yield from found

    def _lengths(self, session: Session) -> Iterator[GaugeMetricFamily]:
        lengths = GaugeMetricFamily("tandem_queue_length", "What is not over yet.", labels=["queue", "state"])
        oldest = GaugeMetricFamily(
            "tandem_queue_oldest_seconds", "For how long the first in the queue is due.", labels=["queue"]
        )
        for queue, (state, since) in QUEUES.items():
            query = select(state, func.count(), func.min(since)).where(state.in_(OPEN_STATES)).group_by(state)
            due = 0.0
            for name, count, first in session.execute(query):
                lengths.add_metric([queue, name], count)
                due = self._seconds_since(first) if name in WAITING else due
            oldest.add_metric([queue], due)
        yield from (lengths, oldest)

    def _seconds_since(self, moment: datetime) -> float:
        return max((self.clock.now() - moment).total_seconds(), 0.0)


def _workers(session: Session) -> Iterator[GaugeMetricFamily]:
    """By kind of work, over all workers; a kind that was never done is left out."""
    ended = GaugeMetricFamily(
        "tandem_worker_last_end_timestamp_seconds", "When a worker last did it.", labels=["task"]
    )
    well = GaugeMetricFamily(
        "tandem_worker_last_success_timestamp_seconds", "When that last went well.", labels=["task"]
    )
    for task in done_lately(session):
        for family, moment in ((ended, task.ended_at), (well, task.well_at)):
            if moment is not None:
                family.add_metric([task.name], moment.timestamp())
    yield from (ended, well)
