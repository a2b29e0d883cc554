"""A database with rows in every table, on SQLite and copied to PostgreSQL."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app import create_app
from assessment.database import Database
from assessment.operations import moving
from questionnaires.library import Library
from tests.conftest import settings_in
from tests.made_once import hurry
from tests.migrations.filling import fill_empty_tables

HERE = Path(__file__).parent
DEMONSTRATION = ["demo", "load", "--pairs", "4", "--cycles", "2", "--respondents", "10", "--seed", "1"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process of the test run has them all: they share what takes long to fill."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("migrations"))


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Path:
    """An SQLite file at the newest migration."""
    folder = tmp_path_factory.mktemp("filled")
    file = Path(shutil.copy(sqlite_template, folder / "filled.sqlite"))
    app = create_app(settings_in(folder, f"sqlite:///{file}"), library=library)
    database: Database = app.extensions["tandem.database"]
    hurry(database)
    said = app.test_cli_runner().invoke(args=DEMONSTRATION)
    assert said.exit_code == 0, said.output
    with database.writing_connection() as connection:
        fill_empty_tables(connection)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return file


@pytest.fixture(scope="session")
def make_filled(
    filled_file: Path, tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[Callable[[str], Database]]:
    """Makes a filled database of the kind asked for; on PostgreSQL they go with the server."""
    made: list[Database] = []
    names: list[str] = []

    def make(kind: str) -> Database:
        copied = shutil.copy(filled_file, tmp_path_factory.mktemp("copy") / "copy.sqlite")
        made.append(Database(f"sqlite:///{copied}"))
        hurry(made[-1])
        if kind == "postgresql":
            if not names:  # the first stays as it is; the others are copies of it
                moving.copy_database(made[-1], create("template0"))
            made.append(Database(create(names[0])))
        return made[-1]

    def create(template: str) -> str:
        names.append(f"filled_{secrets.token_hex(4)}")
        run(f"CREATE DATABASE {names[-1]} TEMPLATE {template}")
        return make_url(postgres_server).set(database=names[-1]).render_as_string(hide_password=False)

    def run(statement: str) -> None:
        engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    yield make
    for database in made:
        database.engine.dispose()
