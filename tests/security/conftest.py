"""One furnished site for all of these tests of one database; each leaves it as it found it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import create_app
from questionnaires.library import BUILT_IN, Library
from tests.access.databases import Databases
from tests.conftest import (
    BACKENDS,
    DEFINITIONS,
    FixedClock,
    Network,
    settings_in,
)
from tests.made_once import hurry
from tests.security.poison import hostile_definitions
from tests.security.site import Site, site_of

HERE = Path(__file__).parent
OF_THE_SOURCE = {"calls", "callers", "importers", "modules"}  # of sources.py


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a site go to one worker: making it and walking through it takes longer than most of them.

    Those of the product's own source join one of them, for it is read once by each worker that needs it.
    """
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if HERE in item.path.parents and isinstance(item, pytest.Function):
            if "site" in parameters:
                item.add_marker(pytest.mark.xdist_group(f"security {parameters['site']}"))
            elif OF_THE_SOURCE.intersection(item.function.__code__.co_names):
                item.add_marker(pytest.mark.xdist_group("security sqlite"))


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    databases = Databases(tmp_path_factory.mktemp("security"), sqlite_template)
    with _site(databases.folder, databases.empty("hostile.sqlite")) as site:
        yield site


@pytest.fixture(scope="session")
def postgresql_site(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, postgres_server: str
) -> Iterator[Site]:
    databases = Databases(tmp_path_factory.mktemp("security"), sqlite_template, postgres_server)
    with _site(databases.folder, databases.empty("hostile")) as site:
        yield site
    databases.drop()


@pytest.fixture(params=BACKENDS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The furnished site, made once; what a test changes is put back after it."""
    found = request.getfixturevalue(f"{request.param}_site")
    yield found
    if found.writes.since_restored:
        found.restore()


@contextmanager
def _site(folder: Path, url: str) -> Iterator[Site]:
    settings = settings_in(folder, url)
    library = Library([BUILT_IN, DEFINITIONS, hostile_definitions(folder / "definitions")])
    app = create_app(settings, library=library)
    app.config["TESTING"] = True
    hurry(app.extensions["tandem.database"])
    clock = FixedClock(settings.timezone)
    app.extensions["tandem.clock"] = clock
    with site_of(Network(app, app.extensions["tandem.database"], library, clock), url) as site:
        yield site
