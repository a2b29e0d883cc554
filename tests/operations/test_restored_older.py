"""A backup of an older version is brought up to date; where that fails it is said, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assessment import schema
from assessment.operations import backups
from tests.conftest import PEOPLE, Network
from tests.operations.test_backups import made, postgresql_programs, settings_of

AddNext = Callable[[str], None]
__all__ = ["postgresql_programs"]  # a fixture that every test here uses

NEXT = """
from alembic import op

revision = "9000"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {step}
"""
FAILING = [  # and what is said of it
    ('op.execute("UPDATE centres SET name = name")', "Error: "),
    ('raise KeyError("a place that nobody wrote down")', "KeyError: 'a place that nobody wrote down'."),
    (
        'from assessment.errors import Refused; raise Refused("Two have one address.")',
        " Two have one address. ",
    ),
]


@pytest.fixture
def add_next(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AddNext]:
    """Adds one migration to those that there were when the backup was made; it does this step."""
    newest = schema.newest()

    def add(step: str) -> None:
        scripts = Path(shutil.copytree(schema.SCRIPTS, tmp_path / "migrations"))
        (scripts / "versions" / "9000_next.py").write_text(NEXT.format(newest=newest, step=step))
        monkeypatch.setattr(schema, "SCRIPTS", scripts)

    yield add
    with network.database.writing() as session:  # on PostgreSQL other tests use the same database
        session.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


def names_of(network: Network) -> set[str]:
    with network.database.reading() as session:
        return set(session.scalars(text("SELECT name FROM people")))


@pytest.mark.parametrize(("step", "reason"), FAILING, ids=["a statement", "its own code", "what it finds"])
def test_a_migration_that_fails_is_said_and_what_was_there_is_named(
    network: Network, add_next: AddNext, step: str, reason: str
) -> None:
    file = made(network)
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET name = 'Came after the backup'"))
    add_next(step)
    said = network.app.test_cli_runner().invoke(args=["restore", str(file), "--yes"])
    network.database.engine.dispose()
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit), "an error that nobody put into words"
    assert "could not be brought up to date" in said.output
    assert "flask db upgrade" in said.output
    assert reason in said.output
    assert "Came after the backup" not in names_of(network), "the backup itself is in its place"
    (kept,) = settings_of(network).instance.glob("before-restore-*")
    assert f"What was there before is kept in {kept}." in said.output
    with backups.opened(kept) as (manifest, _):
        assert manifest.tables["people"] == len(PEOPLE)


def test_a_migration_that_is_new_is_run(network: Network, add_next: AddNext) -> None:
    file = made(network)
    add_next("op.execute(\"UPDATE people SET name = 'Migrated'\")")
    said = network.app.test_cli_runner().invoke(args=["restore", str(file), "--yes"])
    assert said.exit_code == 0, said.output
    assert names_of(network) == {"Migrated"}
