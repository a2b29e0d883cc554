"""Two servers on one database, two workers for mail, and PostgreSQL where it is one: all may be killed."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from assessment.database import Database
from tests.durability.crash_people import Pace
from tests.durability.mail_process import MailWorker, busy, wait_until
from tests.durability.own_postgresql import OwnPostgresql
from tests.durability.serving_process import ALONE, Server, free_port
from tests.mail_sink import Sink

SERVERS, WORKERS = 2, 2
REST = 0.5  # seconds, of each who saves, while a server starts


@dataclass
class CrashWorld:
    """What runs, and what was killed."""

    database: Database
    servers: list[Server]
    start_worker: Callable[[], MailWorker]
    postgresql: OwnPostgresql | None
    rng: random.Random
    workers: list[MailWorker] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    pace: Pace = field(default_factory=Pace)

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        """What can be killed, and how."""
        found = {"server": self._a_server, "process": self._a_process, "worker": self._a_worker}
        return found | ({"postgresql": self._postgresql} if self.postgresql else {})

    def kill(self, kind: str) -> None:
        """Kill one of a kind, and start it again as the system's own supervisor would."""
        self.kinds[kind]()
        self.kills[kind] += 1

    def _a_server(self) -> None:
        server = self.rng.choice(self.servers)
        server.kill()
        with self.pace.slower(REST):
            server.start()

    def _a_process(self) -> None:
        """One process of a server; its own parent starts another."""
        first = psutil.Process(self.rng.choice(self.servers).process.pid)
        process = self.rng.choice(first.children())
        process.kill()
        wait_until(
            lambda: len([child for child in first.children() if child != process]) >= SERVERS,
            "the server starts no process in the place of one that was killed",
        )

    def _a_worker(self) -> None:
        """One that has a message in hand."""
        self.wait_for_a_worker()
        place = busy(self.database, self.workers) or 0
        self.workers[place].end(signal.SIGKILL)
        self.workers[place] = self.start_worker()

    def wait_for_a_worker(self) -> None:
        wait_until(lambda: busy(self.database, self.workers) is not None, "no worker sends anything")

    def _postgresql(self) -> None:
        assert self.postgresql
        self.postgresql.kill()
        self.postgresql.start()

    def end_workers(self) -> None:
        """As an operator would."""
        for worker in self.workers:
            assert worker.end(signal.SIGTERM) in (0, -signal.SIGTERM)  # the latter: it has only just begun
        self.workers.clear()


@contextmanager
def crash_world(
    instance: Path,
    database: Database,
    database_url: str,
    postgresql: OwnPostgresql | None,
    sink: Sink,
    rng: random.Random,
) -> Iterator[CrashWorld]:
    """Everything runs; at the end nothing does, whatever happened."""
    servers = [Server(instance, database_url, free_port(), ALONE) for _ in range(SERVERS)]
    world = CrashWorld(database, servers, lambda: MailWorker(instance, database_url, sink), postgresql, rng)
    with ExitStack() as ends:
        for server in servers:
            ends.callback(lambda server=server: server.end_now())
            server.start()
        ends.callback(lambda: [worker.process.kill() for worker in world.workers])
        world.workers.extend(world.start_worker() for _ in range(WORKERS))
        world.wait_for_a_worker()
        yield world
        for server in servers:
            server.stop()
