"""Migrations while people work: none that stops them, none that waits for long before them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from assessment import schema
from assessment.database import Database
from assessment.errors import Refused
from tests.migrations.walking import revisions, walk

Make = Callable[[str], Database]
BEFORE_THE_RULE = "0017"  # no server ran on PostgreSQL for many people before that
# About style, or about what schema.py sees to: each migration is a transaction, with a time limit for locks.
NOT_ASKED = (
    *("prefer-text-field", "prefer-bigint-over-int", "prefer-identity", "prefer-robust-stmts"),
    *("require-lock-timeout", "require-statement-timeout"),
)
# What a migration may do all the same, and why: "revision: rule" -> the reason.
ALLOWED: dict[str, str] = {}


def faults(statements: list[str], folder: Path) -> list[str]:
    """Rules of squawk that these statements of one migration break."""
    file = folder / "migration.sql"
    file.write_text(";\n".join(statements) + ";\n")
    squawk = Path(sys.executable).with_name("squawk")
    said = subprocess.run(
        [
            squawk,
            "--reporter=gcc",
            "--assume-in-transaction",
            "--pg-version=14",
            f"--exclude={','.join(NOT_ASKED)}",
            file,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in said.stdout.splitlines() if ": warning: " in line or ": error: " in line]
    assert said.returncode == 0 or lines, said.stderr
    return [line.split(": ", 2)[2].split()[0] for line in lines]


def test_newer_migrations_neither_stop_nor_break_what_runs(make_filled: Make, tmp_path: Path) -> None:
    """The servers that still run the version before go on; contracting comes with a later version."""
    newer = [revision for revision in revisions() if revision > BEFORE_THE_RULE]
    assert newer
    statements = walk_up(make_filled("postgresql"), newer)
    broken = {f"{revision}: {rule}" for revision in newer for rule in faults(statements[revision], tmp_path)}
    assert broken - set(ALLOWED) == set()


def walk_up(database: Database, newer: list[str]) -> dict[str, list[str]]:
    return walk(database, down_to=revisions()[-len(newer) - 1]).statements


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE people ADD COLUMN x VARCHAR(20) NOT NULL", "adding-required-field"),
        ("ALTER TABLE people ADD COLUMN x FLOAT DEFAULT random() NOT NULL", "adding-field-with-default"),
        ("ALTER TABLE people ALTER COLUMN name TYPE TEXT", "changing-column-type"),
        ("ALTER TABLE people ALTER COLUMN name SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE people RENAME COLUMN name TO called", "renaming-column"),
        ("ALTER TABLE people DROP COLUMN name", "ban-drop-column"),
        ("DROP TABLE centers", "ban-drop-table"),
        ("CREATE INDEX ix_people_name ON people (name)", "require-concurrent-index-creation"),
        ("ALTER TABLE people ADD CONSTRAINT uq UNIQUE (name)", "disallowed-unique-constraint"),
        ("ALTER TABLE people ADD CONSTRAINT ck CHECK (name <> '')", "constraint-missing-not-valid"),
    ],
)
def test_what_would_stop_people_is_found(tmp_path: Path, statement: str, rule: str) -> None:
    assert rule in faults([statement], tmp_path)


def test_what_stops_nobody_is_let_through(tmp_path: Path) -> None:
    assert faults(
        [
            "CREATE TABLE newer (id INTEGER NOT NULL, PRIMARY KEY (id))",
            "CREATE INDEX ix_newer_id ON newer (id)",
            "ALTER TABLE people ADD COLUMN x VARCHAR(20) DEFAULT '' NOT NULL",
            "ALTER TABLE people ADD CONSTRAINT ck CHECK (x <> 'y') NOT VALID",
        ],
        tmp_path,
    ) == []  # fmt: skip


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(schema, "PAUSE", 0.05)


@pytest.mark.usefixtures("hurried")
def test_a_migration_lets_others_pass_until_the_table_is_free(make_filled: Make) -> None:
    """Somebody reads cycles for long. Whoever comes after the migration waits no longer than it does."""
    database = make_filled("postgresql")
    schema.downgrade(database, "0013")
    changing = threading.Thread(target=schema.upgrade, args=[database])
    with database.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM cycles"))
        changing.start()
        for _ in range(20):
            with database.engine.connect() as other:
                other.execute(text("SET LOCAL lock_timeout = '5s'"))
                other.execute(text("SELECT count(*) FROM cycles"))
        assert changing.is_alive()
    changing.join(60)
    assert schema.is_current(database)


@pytest.mark.usefixtures("hurried")
def test_where_the_table_is_never_free_it_is_said_and_all_is_whole(
    make_filled: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "TRIES", 2)
    database = make_filled("postgresql")
    schema.downgrade(database, "0012")
    with database.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM cycles"))
        with pytest.raises(Refused, match="do not let go of a table"):
            schema.upgrade(database)
        assert reader.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0013"
    schema.upgrade(database)
    assert schema.is_current(database)


def test_two_that_start_at_once_take_turns(make_filled: Make) -> None:
    database = make_filled("postgresql")
    schema.downgrade(database, "0005")
    others = [threading.Thread(target=schema.upgrade, args=[database]) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(120)
    assert schema.is_current(database)
