"""The database is away for ten seconds under two servers: people who go on trying lose nothing."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from assessment import schema
from tests.durability.crash_people import Persistent, Saver, Tally, setting_out
from tests.durability.crowd import Crowd
from tests.durability.mail_process import wait_until
from tests.durability.own_postgresql import OwnPostgresql, own_postgresql
from tests.durability.serving_process import PATIENCE, Server, free_port

AWAY = 10  # seconds
SAVES = 20  # before and after
PEOPLE = 4


@pytest.fixture
def server() -> Iterator[OwnPostgresql]:
    with own_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tandem.sqlite'}"
    return str(request.getfixturevalue("server").url)


@contextmanager
def away(tmp_path: Path, database_url: str, server: OwnPostgresql | None) -> Iterator[None]:
    """SQLite's file held by somebody else, or PostgreSQL stopped."""
    if server is None:
        with closing(sqlite3.connect(tmp_path / "tandem.sqlite", timeout=PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    server.stop()
    yield
    server.start()


@pytest.mark.soak
def test_whoever_goes_on_trying_loses_nothing(
    real_app: Flask,
    make_crowd: Callable[[int], Crowd],
    database_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    schema.upgrade(real_app.extensions["tandem.database"])
    postgresql = None if database_url.startswith("sqlite") else request.getfixturevalue("server")
    crowd = make_crowd(PEOPLE // 2)
    with ExitStack() as ends:
        servers = [Server(tmp_path, database_url, free_port(), "--without-worker") for _ in range(2)]
        for one in servers:
            ends.callback(one.end_now)
            one.start()
        ports, rng, savers = [one.port for one in servers], random.Random(6), []
        for form in crowd.forms:
            tally = Tally()
            visitor = crowd.visitor(rng.choice(ports), form)
            persistent = Persistent(visitor, ports, rng, tally)
            savers.append(Saver(persistent, form, crowd.questions[form.side], tally))
        stop = threading.Event()
        threads = [setting_out(saver, stop) for saver in savers]

        def all_have_saved(saves: int) -> None:
            least = {id(saver): saver.tally.acknowledged + saves for saver in savers}
            wait_until(
                lambda: all(saver.tally.acknowledged >= least[id(saver)] for saver in savers),
                f"somebody cannot save: {[saver.tally for saver in savers]}",
            )

        all_have_saved(SAVES)
        with away(tmp_path, database_url, postgresql):
            time.sleep(AWAY)
        all_have_saved(SAVES)
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert [saver.tally.trouble for saver in savers if saver.tally.trouble] == []
    for saver in savers:
        saver.check(crowd)
