"""Processes that write to one SQLite file take turns; whoever waits too long is told so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from assessment import database
from assessment.database import Database

ADD = text("INSERT INTO notes (words) VALUES (:words)")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """One file as two processes have it: threads of one queue before SQLite is asked, these do not."""
    made = Database(f"sqlite:///{tmp_path}/a.sqlite"), Database(f"sqlite:///{tmp_path}/a.sqlite")
    with made[0].writing() as session:
        session.execute(text("CREATE TABLE notes (words TEXT)"))
    yield made
    for each in made:
        each.engine.dispose()


def words(of: Database) -> list[str]:
    with of.reading() as session:
        return [row.words for row in session.execute(text("SELECT words FROM notes"))]


def add(to: Database, what: str) -> None:
    with to.writing() as session:
        session.execute(ADD, {"words": what})


def test_the_second_writes_when_the_first_has_ended(two: tuple[Database, Database]) -> None:
    first, second = two
    waiting = threading.Thread(target=add, args=(second, "second"))
    with first.writing() as session:
        session.execute(ADD, {"words": "first"})
        waiting.start()
    waiting.join()
    assert words(first) == ["first", "second"]


def test_who_waits_too_long_gets_an_error_of_the_database_and_can_write_after(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    with first.writing() as session:
        session.execute(ADD, {"words": "first"})
        with pytest.raises(OperationalError, match="database is locked"):
            add(second, "in vain")
    add(second, "second")
    assert words(first) == ["first", "second"]


def test_other_waiting_is_as_it_was(two: tuple[Database, Database]) -> None:
    with two[0].writing() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == 1000 * database.BUSY_TIMEOUT_SECONDS
