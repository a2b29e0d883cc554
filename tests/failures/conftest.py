"""What tests of failures share: a small network whose database can be brought into trouble."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from assessment.settings import Settings
from questionnaires.library import Library
from tests.conftest import FixedClock, Network, add_network
from tests.failures.small_disk import SmallDisk, small_disk

MOVE = "ALTER TABLE answers SET TABLESPACE {}"


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as disk:
        yield disk


@pytest.fixture
def on_small_disk(
    settings: Settings,
    disk: SmallDisk,
    make_app: Callable[..., Flask],
    library: Library,
    clock: FixedClock,
    request: pytest.FixtureRequest,
) -> Iterator[Network]:
    """The whole SQLite file there, or PostgreSQL's table of answers; a cycle is open."""
    url = settings.database_url
    if not url.startswith("sqlite"):
        with _answers_on(disk, url):
            yield _network(make_app(), library, clock)
        return
    file = disk.folder / "tandem.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_template"), file)
    app = make_app(database_url=f"sqlite:///{file}", instance=disk.folder)
    yield _network(app, library, clock)
    app.extensions["tandem.database"].engine.dispose()


class _answers_on:
    """PostgreSQL's table of answers on the small disk, and back at the end."""

    def __init__(self, disk: SmallDisk, url: str) -> None:
        self._disk = disk
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def __enter__(self) -> None:
        with self._engine.connect() as connection:
            data = connection.execute(text("SHOW data_directory")).scalar_one()
            place = self._disk.folder / "answers"
            place.mkdir()
            os.chown(place, os.stat(data).st_uid, -1)
            connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{place}'")
            connection.exec_driver_sql(MOVE.format("small"))

    def __exit__(self, *_: object) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(MOVE.format("pg_default"))
            connection.exec_driver_sql("DROP TABLESPACE small")
        self._engine.dispose()


def _network(app: Flask, library: Library, clock: FixedClock) -> Network:
    network = Network(app, app.extensions["tandem.database"], library, clock)
    with network.database.writing() as session:
        add_network(session)
    network.open()
    return network


@pytest.fixture
def opened(network: Network) -> Network:
    network.open()
    return network


class ReadOnly:
    """The database lets nobody change anything, while it can be read."""

    STATEMENTS = {True: "PRAGMA query_only=ON", False: "SET default_transaction_read_only = on"}

    def __init__(self, network: Network) -> None:
        self._engine = network.database.engine
        self._statement = self.STATEMENTS[network.database.is_sqlite]

    def begin(self) -> None:
        self._engine.dispose()
        event.listen(self._engine, "connect", self._tell)

    def end(self) -> None:
        event.remove(self._engine, "connect", self._tell)
        self._engine.dispose()

    def _tell(self, connection: object, _record: object) -> None:
        connection.execute(self._statement)  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]


@pytest.fixture
def read_only(opened: Network) -> ReadOnly:
    return ReadOnly(opened)
