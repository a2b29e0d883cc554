"""Readiness and metrics, as whoever watches asks for them and as strangers do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.utils import floatToGoString
from sqlalchemy import text
from werkzeug.test import Client

from assessment.database import Database
from assessment.monitoring.endpoint import Watched
from assessment.monitoring.readiness import why_not_ready
from assessment.working.turns import Ended, write_down
from tests.conftest import Network

WATCHED = 9100

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it does not matter


class Socket:
    """This machine's end of a connection."""

    def __init__(self, name: tuple[str, int] | str) -> None:
        self.name = name

    def getsockname(self) -> tuple[str, int] | str:
        return self.name


def ask(app: Flask, path: str, name: tuple[str, int] | str = ("10.0.0.1", WATCHED), **more: Any) -> Any:
    at = {"gunicorn.socket": Socket(name)}
    return Client(Watched(app, WATCHED)).open(path, base_url="http://localhost", environ_overrides=at, **more)


def set_version(database: Database, version: str) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


@pytest.fixture
def version(database: Database) -> Any:
    """The newest; put back afterwards, for other tests use the database too."""
    with database.reading() as session:
        newest = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    yield newest
    set_version(database, newest)


def test_a_server_is_ready_when_the_newest_migration_has_run(
    app: Flask, client: FlaskClient, version: str
) -> None:
    assert client.get("/readyz").json == {"status": "ready"}
    assert ask(app, "/readyz").get_data(as_text=True) == "ready\n"


def test_one_that_lacks_a_migration_is_not_and_strangers_are_not_told_why(
    app: Flask, client: FlaskClient, database: Database, version: str
) -> None:
    set_version(database, "0001")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "not ready")
    assert "0001" not in answer.text
    assert "migration" not in answer.text
    watched = ask(app, "/readyz")
    assert watched.status_code == 503
    assert f"at migration 0001, this program needs {version}. Run `flask db upgrade`." in watched.text
    assert client.get("/healthz").status_code == 200  # it runs, and need not be started again


def test_one_that_is_older_than_its_database_serves_on(
    client: FlaskClient, database: Database, version: str
) -> None:
    set_version(database, "from-the-future")
    assert client.get("/readyz").status_code == 200


def test_one_without_tables_or_database_says_so(tmp_path: Path) -> None:
    assert "no tables yet" in why_not_ready(Database(f"sqlite:///{tmp_path / 'new.sqlite'}"))
    assert (
        why_not_ready(Database(f"sqlite:///{tmp_path / 'no' / 'folder.sqlite'}"))
        == "The database does not answer."
    )


@on_sqlite
def test_without_its_database_it_still_tells_what_it_counts(app: Flask, tmp_path: Path) -> None:
    app.extensions["tandem.database"] = Database(f"sqlite:///{tmp_path / 'no' / 'folder.sqlite'}")
    answer = ask(app, "/metrics")
    assert answer.status_code == 200
    assert "tandem_ready 0.0" in answer.text
    assert "tandem_queue_length" not in answer.text
    assert ask(app, "/healthz").status_code == 503


def test_queues_and_workers_are_told(network: Network) -> None:
    network.browser("admin").post("/sign-in/forgot", {"email": "manager@example.gov"})
    ended = network.clock.now()
    with network.database.writing() as session:
        write_down(session, {"files": Ended(ended, "")})
    network.clock.move(minutes=5)
    answer = ask(network.app, "/metrics").text
    assert 'tandem_queue_length{queue="letters"} 1.0' in answer
    assert 'tandem_queue_oldest_seconds{queue="letters"} 300.0' in answer
    assert 'tandem_queue_length{queue="messages"} 0.0' in answer
    assert 'tandem_queue_uncertain{queue="letters"} 0.0' in answer
    assert (
        f'tandem_work_well_timestamp_seconds{{work="files"}} {floatToGoString(ended.timestamp())}' in answer
    )
    assert "tandem_ready 1.0" in answer


@on_sqlite
@pytest.mark.parametrize("name", [("10.0.0.1", 5000), "/run/tandem.sock"])
def test_only_the_socket_decides_where_metrics_are(app: Flask, name: Any) -> None:
    pretended = {"X-Forwarded-Port": str(WATCHED), "X-Forwarded-Host": f"localhost:{WATCHED}"}
    assert ask(app, "/metrics", name, headers=pretended).status_code == 404
    assert ask(app, "/readyz", name).json == {"status": "ready"}


@on_sqlite
def test_nothing_else_is_served_to_those_who_watch(app: Flask) -> None:
    assert ask(app, "/sign-in").status_code == 404
    assert ask(app, "/metrics", method="POST").status_code == 404
    assert ask(app, "/metrics", ("::1", WATCHED, 0, 0)).status_code == 200  # type: ignore[arg-type]
