"""``make run`` and ``make serve``: the database brought up to date, then gunicorn in this process."""

from __future__ import annotations

import sys

from gunicorn.app.base import BaseApplication

from app import create_app
from assessment import schema
from assessment.settings import Settings

WORKERS = 2
THREADS = 8


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


def main() -> None:
    application = create_app()
    database, settings = application.extensions["tandem.database"], application.extensions["tandem.settings"]
    schema.upgrade(database)
    if settings.demo:
        with application.app_context():
            from assessment.demonstration.loading import load_where_empty

            load_where_empty()
    database.engine.dispose()  # no connection crosses the fork
    sys.stderr.write(f"Tandem: {settings.base_url}\n")
    Server(application, settings).run()


if __name__ == "__main__":
    main()
