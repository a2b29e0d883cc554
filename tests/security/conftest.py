"""One furnished site for all of these tests of one database; each leaves it as it found it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app import create_app
from assessment import schema
from assessment.database import Database
from questionnaires.library import BUILT_IN, Library
from tests.conftest import BACKENDS, DEFINITIONS, FixedClock, Network, settings_in
from tests.security.poison import hostile_definitions
from tests.security.site import Site, site_of

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file that share a site go to one worker: making it takes longer than most of them."""
    for item in items if items and items[0].config.pluginmanager.hasplugin("xdist") else []:
        if HERE in item.path.parents and "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"security {item.path.stem}"))


@pytest.fixture(scope="module", params=BACKENDS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("security")
    if request.param == "sqlite":
        file = folder / "tandem.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield from _site(folder, f"sqlite:///{file}")
        return
    url = request.getfixturevalue("postgres_server")
    start, _, query = url.partition("?")
    base = start.rsplit("/", 1)[0]
    server = create_engine(f"{base}/template1?{query}", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE hostile"))
    empty = Database(f"{base}/hostile?{query}")
    schema.upgrade(empty)
    empty.engine.dispose()
    yield from _site(folder, f"{base}/hostile?{query}")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE hostile WITH (FORCE)"))
    server.dispose()


def _site(folder: Path, url: str) -> Iterator[Site]:
    settings = settings_in(folder, url)
    library = Library([BUILT_IN, DEFINITIONS, hostile_definitions(folder / "definitions")])
    app = create_app(settings, library=library)
    app.config["TESTING"] = True
    clock = FixedClock(settings.timezone)
    app.extensions["tandem.clock"] = clock
    with site_of(Network(app, app.extensions["tandem.database"], library, clock), url) as site:
        yield site
