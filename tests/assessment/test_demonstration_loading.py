"""Loading the demonstration: refused beside real answers, whole or plainly not, once at the start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from assessment.access import Role
from assessment.accounts import services as accounts
from assessment.cycles.services import NewCycle, open_cycle
from assessment.database import Database
from assessment.demonstration import loading
from assessment.demonstration.commands import demo_group
from assessment.demonstration.loading import Wanted
from assessment.demonstration.writing import PARTS
from assessment.directory import services as directory
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from tests.demonstration_forms import CLOCK, LIBRARY, NOW, load, snapshot


def open_real_cycle(database: Database) -> None:
    with database.writing() as session:
        directory.seed(session, NOW)
        days = {"opens": date(2026, 11, 1), "closes": date(2026, 12, 1)}
        open_cycle(session, LIBRARY, NewCycle("winter", "Winter", "cpg502-checklist", **days), NOW)


def test_refused_where_a_cycle_is_real(database: Database) -> None:
    open_real_cycle(database)
    with pytest.raises(Refused, match=r"real cycles here \(winter\)"):
        load(database)
    with database.reading() as session:
        assert session.scalars(select(Cycle.code)).all() == ["winter"]
        assert session.scalar(select(PersonRow.id)) is None


def test_refused_a_second_time_with_how_to_start_afresh(database: Database) -> None:
    load(database, pairs=2, respondents=0)
    before = snapshot(database)
    with pytest.raises(Refused, match=r"already.*start afresh"):
        load(database, pairs=2, respondents=0)
    assert snapshot(database) == before


def test_refused_where_an_address_is_taken(empty: Callable[[], Database]) -> None:
    database = empty()
    with database.writing() as session:
        new = accounts.NewPerson("staff@demo.example", "Real Person", Role.ADMINISTRATOR)
        accounts.add_person(session, new, "a password of somebody", NOW)
    with pytest.raises(Refused, match=r"staff@demo\.example already has an account"):
        load(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Center)) == 0


def test_refused_without_tables(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bare.sqlite'}")
    with pytest.raises(Refused, match="flask db upgrade"):
        load(database)
    database.engine.dispose()


class Interrupt:
    """Ctrl-C in the second cycle."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, parts: int) -> None:
        self.told += parts
        if self.told > PARTS:
            raise KeyboardInterrupt


def test_an_interrupted_small_load_leaves_nothing(empty: Callable[[], Database]) -> None:
    database = empty()
    with pytest.raises(KeyboardInterrupt):
        loading.load(database, LIBRARY, CLOCK, Wanted(pairs=4), Interrupt())
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Center)) == 0
        assert loading.left_behind(session) == "Nothing was written."


def test_an_interrupted_large_load_does_not_look_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "AT_ONCE", 0)
    with pytest.raises(KeyboardInterrupt):
        loading.load(database, LIBRARY, CLOCK, Wanted(pairs=4, cycles=3), Interrupt())
    with database.reading() as session:
        titles = session.scalars(select(Cycle.title)).all()
        assert titles == ["Coordination checklist 2025 (demonstration not fully loaded)"]
        assert "was interrupted, and it is not whole" in loading.left_behind(session)
    with pytest.raises(Refused, match="interrupted"):
        load(database)


def test_a_large_load_is_the_same_in_the_end(
    empty: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, many = empty(), empty()
    told: list[int] = []
    load(one, pairs=10)
    monkeypatch.setattr(loading, "AT_ONCE", 0)
    loading.load(many, LIBRARY, CLOCK, Wanted(pairs=10), told.append)
    assert snapshot(one) == snapshot(many)
    assert sum(told) == 2 * PARTS
    with many.reading() as session:
        assert not any("not fully" in title for title in session.scalars(select(Cycle.title)))


def test_the_command_loads_and_then_refuses(app: Flask, database: Database) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(demo_group, ["load", "--pairs", "3", "--cycles", "1", "--respondents", "5"])
    assert first.exit_code == 0, first.output
    assert "3 pairs, the cycles checklist-2026," in first.output
    second = runner.invoke(demo_group, ["load"])
    assert second.exit_code == 1
    assert "start afresh" in second.output
    assert "Traceback" not in second.output


def test_the_command_says_what_an_interruption_left(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "load", interrupt)
    result = app.test_cli_runner().invoke(demo_group, ["load"])
    assert result.exit_code == 1
    assert "Interrupted. Nothing was written." in result.output


def test_the_start_loads_an_empty_database_once(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As large as `make run` has it on SQLite, which it uses."""
    if not database.is_sqlite:
        monkeypatch.setattr(loading, "DEMONSTRATION", Wanted(pairs=4, cycles=4, respondents=20))
    with app.app_context():
        assert loading.load_where_empty() is True
        before = snapshot(database)
        assert loading.load_where_empty() is False
    assert snapshot(database) == before


def test_the_start_leaves_a_database_with_people_alone(app: Flask, database: Database) -> None:
    with database.writing() as session:
        new = accounts.NewPerson("pat@example.gov", "Pat Lee", Role.ADMINISTRATOR)
        accounts.add_person(session, new, "a password of somebody", NOW)
    with app.app_context():
        assert loading.load_where_empty() is False
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM cycles")).scalar() == 0
