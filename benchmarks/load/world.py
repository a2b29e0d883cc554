"""A filled database that is served, with people who are signed in and have a form each."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from assessment.accounts.services import start_sign_in
from assessment.models.cycles import CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.responses import Answer, Response, ResponseStatus
from assessment.web import SESSION_KEY
from benchmarks.load.crowd import ROOT
from benchmarks.stored import Filled, filled
from questionnaires.definition import Side

HOST = "127.0.0.1"
PATIENCE = 60  # seconds for a start


@dataclass(frozen=True)
class World:
    """A server that answers, and the file of people whom it knows."""

    app: Flask  # over the same database, to look at what is stored
    host: str
    people: Path
    respondents: Path  # others, each of whom submits once

    def saves_stored(self) -> int:
        """How many saves the people's forms have had: each that changes an answer makes a revision of it."""
        forms = [json.loads(line)["form"] for line in self.people.read_text(encoding="utf-8").splitlines()]
        query = select(func.sum(Answer.revision)).join(Response).where(Response.public_id.in_(forms))
        with self.app.extensions["tandem.database"].reading() as session:
            return session.scalar(query) or 0

    def submissions_stored(self) -> int:
        """How many forms of the cycle under way have been submitted."""
        with self.app.extensions["tandem.database"].reading() as session:
            newest = select(func.max(CyclePair.cycle_id)).scalar_subquery()
            query = select(func.count()).select_from(Response).join(CyclePair)
            query = query.where(CyclePair.cycle_id == newest, Response.status == ResponseStatus.SUBMITTED)
            return session.scalar(query) or 0


@contextmanager
def served(
    folder: Path, responses: int, visitors: int, respondents: int = 0, url: str = ""
) -> Iterator[World]:
    """This many stored responses behind the real server with its processes."""
    folder.mkdir(parents=True)
    place = filled(folder, responses, url)
    lines = [json.dumps(person) for person in _people(place.app, visitors + respondents)]
    files = folder / "people.jsonl", folder / "respondents.jsonl"
    for file, some in zip(files, (lines[:visitors], lines[visitors:]), strict=True):
        file.write_text("\n".join(some), encoding="utf-8")
    database = place.app.extensions["tandem.database"]
    database.engine.dispose()
    port = _free_port()
    with _server(place, folder, port):
        yield World(place.app, f"http://{HOST}:{port}", *files)
    database.engine.dispose()


def _people(app: Flask, most: int) -> Iterator[dict[str, str]]:
    """Managers of an EOC, each with the form that is open; a manager's number is that of the pair."""
    fusion_center, eoc = aliased(Center), aliased(Center)
    forms = (
        select(Pair.id, Response.public_id, fusion_center.code, eoc.code)
        .join(CyclePair, Response.cycle_pair_id == CyclePair.id)
        .join(Pair, CyclePair.pair_id == Pair.id)
        .join(fusion_center, Pair.fusion_center_id == fusion_center.id)
        .join(eoc, Pair.eoc_id == eoc.id)
        .where(Response.status == ResponseStatus.DRAFT, Response.side == Side.EOC)
        .order_by(Pair.id)
        .limit(most)
    )
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with app.extensions["tandem.database"].writing() as session:
        for person, form, fc, other in session.execute(forms).all():
            secret = start_sign_in(session, person, datetime.now(UTC))
            cookie = f"tandem={serializer.dumps({SESSION_KEY: secret})}"
            yield {"cookie": cookie, "form": form, "report": f"/reports/pairs/{fc}/{other}"}


@contextmanager
def _server(place: Filled, folder: Path, port: int) -> Iterator[None]:
    """`benchmarks.load.served` over this place, in a process of its own; stopped where the block ends."""
    settings = place.app.extensions["tandem.settings"]
    environment = {
        "PATH": os.environ["PATH"],
        "TANDEM_INSTANCE": str(folder),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PORT": str(port),
    }
    log = folder / f"server-{port}.log"
    with log.open("wb") as told:
        command = [sys.executable, "-m", "benchmarks.load.served"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told)
    try:
        _wait_for(process, port, log)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])
