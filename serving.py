"""``make run`` and ``make serve``: the database brought up to date, then gunicorn in this process.

Beside it runs a worker for mail, reminders and the close of surveys, unless ``--without-worker`` says that
workers run elsewhere; any number of them is safe.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gunicorn.app.base import BaseApplication

from app import create_app
from assessment import schema
from assessment.settings import Settings

WORKERS = 2
THREADS = 8
WORKER = [sys.executable, "-m", "flask", "--app", "app", "work", "--with-parent"]
SECONDS_TO_STOP = 35  # a worker finishes the message in hand


class Server(BaseApplication):
    """Gunicorn with the application made once, before the workers are forked."""

    def __init__(self, application, settings: Settings) -> None:  # type: ignore[no-untyped-def]
        self.application = application
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"127.0.0.1:{self.settings.port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "preload_app": True,
            "graceful_timeout": 30,
            "keepalive": 5,
            "control_socket_disable": True,  # it would lie in the home folder, one for all
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self):  # type: ignore[no-untyped-def]
        return self.application


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
    application = create_app()
    database, settings = application.extensions["tandem.database"], application.extensions["tandem.settings"]
    schema.upgrade(database)
    if settings.demo:
        with application.app_context():
            from assessment.demonstration.loading import load_where_empty

            load_where_empty()
    database.engine.dispose()  # no connection crosses the fork
    sys.stderr.write(f"Tandem: {settings.base_url}\n")
    if alone:
        Server(application, settings).run()
        return
    with worker():
        Server(application, settings).run()


if __name__ == "__main__":
    main()
