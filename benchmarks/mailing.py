"""Sending invitations to a mail server: no dearer per message as the outbox grows, over one connection."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import insert

from assessment import schema
from assessment.clock import Clock
from assessment.database import Database
from assessment.mail import MESSAGES_A_CONNECTION, transport_of
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import MessageState, Partner, Survey, SurveyPartner
from assessment.settings import MailServer
from assessment.surveys import invitations
from assessment.surveys.delivery import deliver
from benchmarks.measure import RUNS, Measure
from benchmarks.stored import plain_settings

FEW, MANY = 1_000, 10_000
TAKES = RUNS + 1  # one of them to warm up; together they send the whole outbox
GROWTH_LIMIT = 1.3


@dataclass(frozen=True)
class Sink:
    """A mail server in a process of its own, which counts its connections."""

    port: int
    made: Synchronized[int]
    most: Synchronized[int]


class _Handler:
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return "250 OK"


def _serve(port: int, ready: Any, made: Synchronized[int], most: Synchronized[int]) -> None:
    class Server(SMTP):
        open_now = 0

        def connection_made(self, transport: Any) -> None:
            made.value += 1
            Server.open_now += 1
            most.value = max(most.value, Server.open_now)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            Server.open_now -= 1
            super().connection_lost(error)

    class Running(Controller):
        def factory(self) -> SMTP:
            return Server(self.handler, **self.SMTP_kwargs)

    Running(_Handler(), "127.0.0.1", port).start()
    made.value = most.value = 0
    ready.set()
    while True:
        time.sleep(60)


@contextmanager
def sink() -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    ready, made, most = multiprocessing.Event(), multiprocessing.Value("i"), multiprocessing.Value("i")
    server = multiprocessing.Process(target=_serve, args=(port, ready, made, most), daemon=True)
    server.start()
    if not ready.wait(30):
        raise RuntimeError("the mail server did not start")
    try:
        yield Sink(port, made, most)  # type: ignore[arg-type]
    finally:
        server.terminate()
        server.join()


class Outbox:
    """A survey with so many invitations queued; each take sends an equal part of them."""

    def __init__(self, folder: Path, server: Sink, messages: int) -> None:
        self.database = Database(f"sqlite:///{folder / f'outbox-{messages}.sqlite'}")
        address = MailServer("127.0.0.1", server.port)
        self.settings = replace(plain_settings(folder, str(self.database.engine.url)), mail_server=address)
        self.clock = Clock(self.settings.timezone)
        self.part = messages // TAKES
        self.connections = self.open_most = 0
        self._server = server
        schema.upgrade(self.database)
        with self.database.writing() as session:
            survey = _survey(session, messages)
            invitations.queue(session, survey, datetime.now(UTC), None, settings=self.settings)

    def time_a_message(self) -> float:
        """Seconds, over one part of the outbox."""
        before = self._server.made.value
        start = time.perf_counter()
        done = deliver(self.database, transport_of(self.settings), self.settings, self.clock, self.part)
        taken = time.perf_counter() - start
        if done.states[MessageState.SENT] != self.part:
            raise RuntimeError(f"{done.sentence} {done.trouble}")
        self.connections += self._server.made.value - before
        self.open_most = max(self.open_most, self._server.most.value)
        return taken / self.part


def _survey(session: Any, partners: int) -> Survey:
    today = date.today()
    center = Center(
        code="FC-1", name="Center 1", kind="fusion_center", level="primary", state="CO", fema_region=8
    )
    cycle = Cycle(
        code="products",
        title="Products and information",
        questionnaire_id="product-usefulness",
        version="1.0",
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=30),
        created_at=datetime.now(UTC),
    )
    survey = Survey(cycle=cycle, fusion_center=center, opened_at=datetime.now(UTC))
    session.add(survey)
    session.flush()
    rows = [
        {"id": n, "public_id": f"p{n}", "fusion_center_id": center.id, "email": f"partner{n}@agency.example"}
        for n in range(1, partners + 1)
    ]
    session.execute(insert(Partner), rows)
    session.execute(
        insert(SurveyPartner), [{"survey_id": survey.id, "partner_id": row["id"]} for row in rows]
    )
    return survey


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    with sink() as server:
        many, few = Outbox(folder, server, MANY), Outbox(folder, server, FEW)
        yield [
            Measure(
                f"send an invitation, {MANY:,} in the outbox against {FEW:,}",
                "s", many.time_a_message, few.time_a_message, GROWTH_LIMIT,
            ),
            Measure(
                f"send {MANY:,} invitations, against one connection for {MESSAGES_A_CONNECTION}",
                "connections", lambda: float(many.connections), lambda: MANY / MESSAGES_A_CONNECTION, 1.2,
            ),
            Measure(
                f"send {MANY:,} invitations, open at once", "connections",
                lambda: float(many.open_most), lambda: 1.0, 1,
            ),
        ]  # fmt: skip
        for outbox in (many, few):
            outbox.database.engine.dispose()
