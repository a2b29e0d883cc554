"""One network for all tests of a process: they only look, or put back what they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from questionnaires.library import Library
from tests.access.databases import Databases
from tests.access.people import SHUT_OUT, SIGNED_IN
from tests.access.things import add_things
from tests.access.world import World, build
from tests.conftest import FixedClock, Network, settings_in
from tests.made_once import hurry

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The worlds of one database are built once: their tests run in one process, one after another.

    Those of PostgreSQL are looked at by the director of one side alone, but in the long form.
    """
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if HERE not in item.path.parents or "databases" not in parameters:
            continue
        item.add_marker(pytest.mark.xdist_group(f"sides {parameters['databases']}"))
        if parameters["databases"] == "postgresql" and parameters["reader"] != "director":
            item.add_marker(pytest.mark.soak)


def network_over(folder: Path, database_url: str, library: Library) -> Network:
    settings = settings_in(folder, database_url)
    app = create_app(settings, library=library)
    clock = FixedClock(settings.timezone)
    app.extensions["tandem.clock"] = clock
    app.config["TESTING"] = True
    database = app.extensions["tandem.database"]
    hurry(database)
    return Network(app, database, library, clock)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def world(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    library: Library,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("access")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else ""
    databases = Databases(folder, sqlite_template, server)
    world = build(network_over(folder, databases.empty("access"), library))
    add_things(world)
    for actor in (*SIGNED_IN, *SHUT_OUT):
        world.browser(actor)
    yield world
    world.network.database.engine.dispose()
    databases.drop()
