"""The real application on a port of its own, over the small network of tests/conftest.py."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from ssl import SSLContext
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from assessment.settings import Settings
from questionnaires.library import Library
from tests.conftest import DEFINITIONS, FixedClock, Network, add_network
from tests.made_once import hurry

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Site:
    """A running application, its network, and where it is."""

    network: Network
    url: str

    def cookie(self, name: str) -> dict[str, str]:
        """The session cookie of a fresh sign-in, for a browser that does not need to see the sign-in page."""
        client = self.network.browser(name).client
        found = client.get_cookie("tandem", domain="localhost")
        assert found is not None, f"{name} could not sign in"
        return {"name": "tandem", "value": found.value, "url": self.url}

    def end_sign_ins(self) -> None:
        with self.network.database.writing() as session:
            session.execute(text("DELETE FROM sign_ins"))

    def answers(self, response_id: str) -> dict[str, tuple[str, float | None, str]]:
        """Question -> status, number and note, as stored."""
        query = text(
            "SELECT a.question, a.status, a.number, a.text FROM answers a"
            " JOIN responses r ON a.response_id = r.id WHERE r.public_id = :id"
        )
        with self.network.database.reading() as session:
            rows = session.execute(query, {"id": response_id}).all()
        return {question: (status, number, note) for question, status, number, note in rows}

    def text(self, query: str, **values: Any) -> str:
        """The one value that a query gives."""
        with self.network.database.reading() as session:
            return str(session.execute(text(query), values).scalar_one())


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def settings(folder: Path, database_url: str, port: int) -> Settings:
    return Settings(
        instance=folder,
        database_url=database_url,
        secret_key="a key for tests that is long enough",
        base_url=f"http://{HOST}:{port}",
        port=port,
        proxies=0,
        timezone=ZoneInfo("America/Denver"),
        definitions=DEFINITIONS,
        marking="UNCLASSIFIED",
        demo=False,
        government_banner=False,
    )


@contextmanager
def running_site(
    folder: Path, database_url: str, library: Library, tls: SSLContext | None = None, **changes: Any
) -> Iterator[Site]:
    """Serve an empty, migrated database with the small network in it; ``changes`` are of the settings."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        url = f"{'https' if tls else 'http'}://{HOST}:{port}"
        ours = replace(settings(folder, database_url, port), base_url=url)
        app = create_app(replace(ours, **changes), library=library)
        clock = FixedClock(ZoneInfo("America/Denver"))
        app.extensions["tandem.clock"] = clock
        database = app.extensions["tandem.database"]
        hurry(database)
        network = Network(app, database, library, clock)
        with network.database.writing() as session:
            add_network(session)
        server = make_server(
            HOST, port, app, threaded=True, request_handler=Quiet, ssl_context=tls, fd=listener.fileno()
        )
        server.daemon_threads = True  # type: ignore[attr-defined]
        server.block_on_close = False  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield Site(network, url)
        finally:
            server.shutdown()
            thread.join(10)
            network.database.engine.dispose()


@contextmanager
def sqlite_site(folder: Path, template: Path, library: Library) -> Iterator[Site]:
    """The same on SQLite, for all tests of a file; ``template`` is a migrated, empty file."""
    file = folder / "tandem.sqlite"
    shutil.copy(template, file)
    with running_site(folder, f"sqlite:///{file}", library) as site:
        yield site
