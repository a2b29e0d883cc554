"""``make run`` and ``make serve``: the database brought up to date, then gunicorn in this process.

Beside it runs a worker for mail, reminders and the close of surveys, unless ``--without-worker`` says that
workers run elsewhere; any number of them is safe. Why gunicorn is set as it is: decision 28.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.systemd import SD_LISTEN_FDS_START
from sqlalchemy.exc import OperationalError

from app import create_app
from assessment import schema
from assessment.database import Database
from assessment.errors import Refused
from assessment.monitoring.endpoint import Watched
from assessment.monitoring.logs import write_logs
from assessment.monitoring.metrics import count_together, forget_place
from assessment.serving_settings import ServingSettings
from assessment.settings import Settings

WORKER = [sys.executable, "-m", "flask", "--app", "app", "work", "--with-parent"]
SECONDS_TO_STOP = 35  # a worker finishes the message in hand
SECONDS_TO_FINISH = 30  # requests in hand; a save waits less than that for any database
SECONDS_STUCK = 60  # after which a process that gives no sign of life is replaced
# counts are kept where no disk can be full, in a folder that mkdtemp makes
MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108


class OneLog(Logger):
    """Gunicorn's own words go where all others go; requests are told by us, without their addresses."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):
    """Gunicorn with the application made once, before the processes are forked."""

    def __init__(self, application: Flask, settings: Settings) -> None:
        self.application = application
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        metrics = self.settings.serving.metrics
        return Watched(self.application, metrics.port) if metrics else self.application


def options(settings: Settings) -> dict[str, Any]:
    """Gunicorn's, all of them: it reads no file and no environment of its own."""
    serving = settings.serving
    return {
        "bind": serving.bind(settings.port),
        "workers": serving.processes,
        "threads": serving.threads,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": SECONDS_STUCK,
        "graceful_timeout": SECONDS_TO_FINISH,
        "max_requests": serving.requests_per_process,
        "max_requests_jitter": serving.requests_per_process // 10,  # not all at once
        "keepalive": 5,
        "logger_class": OneLog,
        "pre_fork": take_place,
        "child_exit": leave_place,
        "control_socket_disable": True,  # it would lie in the home folder, one for all
    }


class Place:
    """Which of the server's processes this is: 0 is the first, from which the others are forked."""

    number = 0


def take_place(server: Any, process: Any) -> None:
    """The lowest number that no living process has; called before each fork."""
    taken = {other.place for other in server.WORKERS.values()}
    process.place = Place.number = min(set(range(1, len(taken) + 2)) - taken)


def leave_place(_server: Any, process: Any) -> None:
    """What the process was doing just now is over, however it ended."""
    forget_place(process.place)


@contextmanager
def counting() -> Iterator[None]:
    """All processes of this server count together, in a folder that goes with it."""
    owner = os.getpid()
    folder = tempfile.mkdtemp(prefix="tandem-metrics-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
    count_together(folder, lambda: Place.number)
    try:
        yield
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def worker() -> Iterator[None]:
    """A worker beside the server: started now, asked to stop at the end."""
    owner = os.getpid()
    process = subprocess.Popen(WORKER)  # noqa: S603  (our own program)
    try:
        yield
    finally:
        if os.getpid() == owner:  # a server process that gunicorn forked ends here too
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_STOP)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve Tandem.")
    parser.add_argument("--without-worker", action="store_true", help="workers run elsewhere")
    alone = parser.parse_args().without_worker
    with counting() if os.environ.get("TANDEM_METRICS") else nullcontext():
        application = create_app()
        settings: Settings = application.extensions["tandem.settings"]
        write_logs(application, settings.serving.logs)
        refuse_deaf(settings.serving, handed_over())
        prepare(application)
        sys.stderr.write(f"Tandem: {settings.base_url}\n")
        with nullcontext() if alone else worker():
            Server(application, settings).run()


def handed_over() -> list[Any]:
    """The addresses at which systemd listens for this process; gunicorn then listens at no other."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    found = []
    for number in range(SD_LISTEN_FDS_START, SD_LISTEN_FDS_START + int(os.environ.get("LISTEN_FDS", 0))):
        with socket.socket(fileno=os.dup(number)) as one:
            found.append(one.getsockname())
    return found


def refuse_deaf(serving: ServingSettings, addresses: list[Any]) -> None:
    """Those who watch would ask where nobody listens."""
    ports = {address[1] for address in addresses if isinstance(address, tuple)}
    if addresses and serving.metrics and serving.metrics.port not in ports:
        raise SystemExit(
            f"Tandem cannot start. systemd listens for it, but not at TANDEM_METRICS: put"
            f" ListenStream={serving.metrics} into tandem-web.socket as well."
        )


def prepare(application: Flask) -> None:
    """The newest migrations, the demonstration where wanted, and nothing open that a fork would share.

    What lives by then is left alone by the collector: the processes go on sharing it, and end at once.
    """
    database = application.extensions["tandem.database"]
    _migrate(database)
    if application.extensions["tandem.settings"].demo:
        with application.app_context():
            from assessment.demonstration.loading import load_where_empty

            load_where_empty()
    database.engine.dispose()
    gc.collect()
    gc.freeze()


def _migrate(database: Database) -> None:
    try:
        schema.upgrade(database)
    except Refused as refused:
        raise SystemExit(f"Tandem cannot start. {refused.message}") from None
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise SystemExit(f"Tandem cannot start. The database does not answer: {reason}.") from None


if __name__ == "__main__":
    main()
