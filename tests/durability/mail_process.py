"""The worker for mail in a process of its own, that a test may stop or kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from assessment.database import Database
from assessment.models.surveys import Message
from tests.durability.nursery import nursery
from tests.durability.serving_process import AUDIT_KEY, PATIENCE, SECRET_KEY
from tests.mail_sink import Sink


class MailWorker:
    """`flask work` in a process of its own."""

    def __init__(self, instance: Path, database_url: str, sink: Sink) -> None:
        self.log = (instance / "worker.log").open("ab")
        environment = {
            "PATH": os.environ["PATH"],
            "TANDEM_INSTANCE": str(instance),
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "TANDEM_AUDIT_KEYS": AUDIT_KEY,
            "TANDEM_MAIL_URL": f"smtp://{sink.host}:{sink.port}",
        }
        self.process = nursery().start(["flask", "work"], environment, self.log)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.log.close()


def wait_until(reached: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def waiting(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Message.state == "queued")) or 0


def busy(database: Database, running: list[MailWorker]) -> int | None:
    """The place of a worker that has a message in hand, where one has."""
    with database.reading() as session:
        names = session.scalars(select(Message.claimed_by).where(Message.state == "sending")).all()
    at_work = {int(str(name).partition("-")[0]) for name in names}
    return next((n for n, worker in enumerate(running) if worker.process.pid in at_work), None)
