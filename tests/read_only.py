"""A network on SQLite that the tests of one file read and none of them changes: made once for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from questionnaires.library import Library
from tests.conftest import FixedClock, Network, add_network, settings_in
from tests.made_once import hurry


@contextmanager
def read_only(
    folder: Path, template: Path, library: Library, furnish: Callable[[Network], object]
) -> Iterator[Network]:
    """The small network, furnished; ``folder`` is empty, ``template`` a migrated, empty file."""
    file = folder / "tandem.sqlite"
    shutil.copy(template, file)
    settings = settings_in(folder, f"sqlite:///{file}")
    app = create_app(settings, library=library)
    app.extensions["tandem.clock"] = clock = FixedClock(settings.timezone)
    app.config["TESTING"] = True
    database = app.extensions["tandem.database"]
    hurry(database)
    with database.writing() as session:
        add_network(session)
    network = Network(app, database, library, clock)
    furnish(network)
    yield network
    database.engine.dispose()


def made_once_for_a_file(furnish: Callable[[Network], object]) -> Any:
    """A fixture: that network, for the tests of the file in which it is named."""

    @pytest.fixture(scope="module")
    def read(
        sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, library: Library
    ) -> Iterator[Network]:
        with read_only(tmp_path_factory.mktemp("read"), sqlite_template, library, furnish) as network:
            yield network

    return read
