"""What the tests of durability share; they all run in one process of the test run, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from assessment.settings import Settings
from questionnaires.library import Library
from tests.durability.crowd import Crowd, gather_crowd
from tests.durability.serving_process import ALONE, AUDIT_KEY, Server, serving

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has them all: they start servers and want what processors there are."""
    for item in items if items and items[0].config.pluginmanager.hasplugin("xdist") else []:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("durability"))


@pytest.fixture
def real_app(settings: Settings, library: Library) -> Iterator[Flask]:
    """An application by the real clock, as the server processes have it."""
    as_served = replace(settings, base_url="http://127.0.0.1", audit_keys=(AUDIT_KEY,))
    app = create_app(as_served, library=library)
    yield app
    app.extensions["tandem.database"].engine.dispose()


@pytest.fixture
def make_crowd(real_app: Flask, library: Library) -> Callable[[int], Crowd]:
    return lambda pairs: gather_crowd(real_app, library, pairs)


@pytest.fixture(scope="module")
def two_servers(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """On one PostgreSQL, each with an instance folder of its own; they keep nothing between two tests."""
    with ExitStack() as ends:
        folders = [tmp_path_factory.mktemp("instance") for _ in range(2)]
        yield [ends.enter_context(serving(folder, postgres_server, ALONE)) for folder in folders]


@pytest.fixture
def servers(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """What serves the test's database: one server where that is a file, else two."""
    if database_url.startswith("sqlite"):
        with serving(tmp_path, database_url, ALONE) as server:
            yield [server]
        return
    yield request.getfixturevalue("two_servers")
