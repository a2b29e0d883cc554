"""Where these tests send their mail, the office that sends it, and databases to load demonstrations into."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assessment.database import Database
from assessment.settings import Settings
from tests.conftest import Network
from tests.made_once import hurry
from tests.mail_office import MakeOffice, Office
from tests.mail_sink import Sink, mail_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as running:
        yield running


@pytest.fixture
def office(network: Network, settings: Settings, sink: Sink) -> MakeOffice:
    def make(partners: int = 3, **survey: Any) -> Office:
        return Office(network, settings, sink, partners, **survey)

    return make


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Makes empty SQLite databases."""
    made: list[Database] = []

    def make() -> Database:
        file = tmp_path / f"demonstration-{len(made)}.sqlite"
        shutil.copy(sqlite_template, file)
        made.append(Database(f"sqlite:///{file}"))
        hurry(made[-1])
        return made[-1]

    yield make
    for database in made:
        database.engine.dispose()
