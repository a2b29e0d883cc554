"""The real server in processes of its own, that a test may stop or kill, and people who visit it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

from tests.answering_client import fields_of
from tests.conftest import DEFINITIONS
from tests.durability.nursery import ROOT, Forked, nursery

HOST = "127.0.0.1"
ALONE = "--without-worker"
AUDIT_KEY = "a-key-for-the-trail-of-these-tests"
SECRET_KEY = "a key for tests that is long enough"
PATIENCE = 90.0  # seconds for a start or a reply, on a machine that is busy with other things
STOPPING = 45.0  # for a stop: gunicorn gives its workers thirty, and one that was just being born needs them


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


# As systemd hands over sockets: from number 3 on, with their count and the process they are meant for.
HAND_OVER = """
import fcntl, os, sys
sockets = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 100) for number in sys.argv[1].split(",")]
for place, number in enumerate(sockets, 3):
    os.dup2(number, place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Server:
    """`python -m serving` in a process group of its own; ``sockets`` are those that are handed over to it."""

    process: Forked | subprocess.Popen[bytes]

    def __init__(
        self, instance: Path, database_url: str, port: int, *arguments: str, **settings: str
    ) -> None:
        self.port, self.arguments = port, arguments
        self.sockets: list[socket.socket] = []
        self.log = instance / f"server-{port}.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "TANDEM_INSTANCE": str(instance),
            "TANDEM_DEFINITIONS": str(DEFINITIONS),
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "TANDEM_AUDIT_KEYS": AUDIT_KEY,
            "PORT": str(port),
            **settings,
        }

    def start(self) -> None:
        """Returns once the server answers."""
        with self.log.open("ab") as log:
            self.process = self._with_sockets(log) if self.sockets else self._forked(log)
        ends = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(f"the server did not start:\n{self.logged()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """All its processes at once, without a word of warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def end_now(self) -> None:
        """Killed where it still runs."""
        if hasattr(self, "process") and self.process.poll() is None:
            self.kill()

    def stop(self) -> None:
        """As an operator would; killed where it does not end."""
        self.process.terminate()
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _forked(self, log: IO[bytes]) -> Forked:
        return nursery().start(["serving", *self.arguments], self.environment, log)

    def _with_sockets(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        numbers = [one.fileno() for one in self.sockets]
        handing_over = ["-c", HAND_OVER, ",".join(map(str, numbers))]
        return subprocess.Popen(
            [sys.executable, *handing_over, "-m", "serving", *self.arguments],
            pass_fds=numbers,
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def serving(instance: Path, database_url: str, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server that answers; it is stopped where the block ends, whatever happened in it."""
    server = Server(instance, database_url, free_port(), *arguments, **settings)
    try:
        server.start()
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@dataclass(frozen=True)
class Reply:
    status: int
    location: str
    text: str

    @property
    def json(self) -> dict:
        return json.loads(self.text)


class Visitor:
    """One person's browser over HTTP; every request is a connection of its own."""

    def __init__(self, port: int, cookie: str, response_id: str) -> None:
        self.port, self.cookie, self.response_id = port, cookie, response_id

    def path(self, slug: str) -> str:
        return f"/responses/{self.response_id}/{slug}"

    def send(self, path: str, data: dict[str, str] | None = None, background: bool = False) -> Reply:
        """A GET, or a POST where there is data; OSError or HTTPException where no whole reply came back."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        headers = {"Cookie": self.cookie}
        if background:
            headers["X-Background-Save"] = "1"
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if data is None else urlencode(data)
        try:
            connection.request("GET" if data is None else "POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                self.cookie = value.partition(";")[0]
        return Reply(answer.status, urlsplit(answer.headers.get("Location", "")).path, text)

    def open(self, slug: str) -> dict[str, str]:
        """The fields of a page's form."""
        return self.read(self.send(self.path(slug)))

    def read(self, reply: Reply) -> dict[str, str]:
        assert reply.status == 200, (reply.status, reply.text[:300])
        return fields_of(reply.text)

    def save(self, slug: str, fields: dict[str, str], question: str, answer: str, note: str) -> Reply:
        """What our script posts when one item changes."""
        names = ("csrf_token", "page", f"rev_{question}", f"was_{question}")
        one = {name: fields[name] for name in names} | {f"q_{question}": answer, f"note_{question}": note}
        return self.send(self.path(slug), one, background=True)

    def submit(self, fields: dict[str, str], name: str) -> Reply:
        signature = {"name": name, "title": "Manager", "participants": "2"}
        return self.send(self.path("submit"), signature | {"csrf_token": fields["csrf_token"]})
