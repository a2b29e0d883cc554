"""Migrations lead to exactly the tables of the models and back; and what tables refuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import serving
from assessment import schema
from assessment.database import Database
from assessment.errors import Refused
from assessment.models.base import Base
from tests.conftest import Network


@pytest.fixture
def migrated(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    schema.upgrade(database)
    database.engine.dispose()


def test_the_migrations_make_what_the_models_say(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert schema.is_current(migrated)


def test_every_migration_can_be_taken_back(migrated: Database) -> None:
    with migrated.writing_connection() as connection:
        command.downgrade(schema.configuration(connection), "base")
    assert set(inspect(migrated.engine).get_table_names()) <= {"alembic_version"}
    assert not schema.is_current(migrated)
    schema.upgrade(migrated)
    assert schema.is_current(migrated)


def test_a_database_of_a_newer_version_stops_the_start_with_a_sentence(migrated: Database) -> None:
    with migrated.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SystemExit, match=r"Tandem cannot start\. .* newer Tandem"):
        serving._migrate(migrated)
    with migrated.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": schema.newest()})


def test_a_server_that_is_not_there_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match=r"does not answer: .*refused") as stopped:
        serving._migrate(Database("postgresql://ann:secret@127.0.0.1:1/nothing"))
    assert "secret" not in str(stopped.value)


def test_rows_that_would_point_to_nothing_stop_a_migration(network: Network) -> None:
    if not network.database.is_sqlite:
        pytest.skip("PostgreSQL never looks away")
    network.open()
    with network.database.rebuilding() as connection:
        connection.execute(text("DELETE FROM pairs"))
    with pytest.raises(Refused, match="Rows of cycle_pairs would point to rows of pairs"):
        schema.upgrade(network.database)
    with network.database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE responses SET status = 'submitted'",
        "UPDATE responses SET status = 'reopened', submitted_at = '2026-01-01', answers_hash = 'x'",
        "UPDATE responses SET status = 'finished'",
        "UPDATE responses SET side = 'left'",
        "UPDATE responses SET participants = 0",
        "UPDATE cycles SET opens_on = '2027-01-01'",
        "UPDATE people SET role = 'root'",
        "UPDATE people SET email = 'Upper@Example.gov' WHERE id = 1",
        "UPDATE centers SET level = 'county' WHERE kind = 'fusion_center'",
        "UPDATE centers SET fema_region = 11",
        "UPDATE pairs SET eoc_id = fusion_center_id",
        "INSERT INTO cycle_pairs (cycle_id, pair_id) SELECT cycle_id, pair_id FROM cycle_pairs",
        "INSERT INTO answers"
        " (response_id, question, part, status, text, revision, changed_at, changed_on_page)"
        " SELECT id, 'GOV-01', '', 'answered', '', 1, '2026-01-01', '' FROM responses",
        "INSERT INTO answers (response_id, question, part, status, number, text, revision, changed_at,"
        " changed_on_page) SELECT id, 'GOV-01', '', 'do_not_know', 3, '', 1, '2026-01-01', '' FROM responses",
        "INSERT INTO answers"
        " (response_id, question, part, status, text, revision, changed_at, changed_on_page)"
        " VALUES (999999, 'GOV-01', '', 'do_not_know', '', 1, '2026-01-01', '')",
    ],
)
def test_the_database_itself_refuses_states_that_cannot_be(network: Network, statement: str) -> None:
    network.open()
    with pytest.raises(IntegrityError), network.database.writing() as session:
        session.execute(text(statement))


def test_one_edition_of_a_side_is_current(network: Network) -> None:
    network.open()
    copy = (
        "INSERT INTO responses (public_id, cycle_pair_id, side, edition, status)"
        " SELECT public_id || 'x', cycle_pair_id, side, 2, 'draft' FROM responses"
    )
    with pytest.raises(IntegrityError), network.database.writing() as session:
        session.execute(text(copy))


def test_of_two_cycles_that_follow_the_same_one_the_first_released_keeps_it(migrated: Database) -> None:
    with migrated.writing_connection() as connection:
        command.downgrade(schema.configuration(connection), "0015")
        for code in (1, 2, 3, 4):
            connection.execute(
                text(
                    "INSERT INTO cycles (id, code, title, questionnaire_id, version, opens_on, closes_on,"
                    " created_at, synthetic) VALUES (:id, :code, 't', 'q', '1', '2026-01-01', '2026-01-02',"
                    " '2026-01-01', FALSE)"
                ),
                {"id": code, "code": f"c{code}"},
            )
        for cycle, day, before in ((1, 1, None), (3, 2, 1), (2, 3, 1), (4, 4, 3)):
            connection.execute(
                text("INSERT INTO network_releases VALUES (:cycle, :at, '2026-02-01', :before)"),
                {"cycle": cycle, "at": f"2026-02-0{day}", "before": before},
            )
    schema.upgrade(migrated)
    with migrated.engine.connect() as connection:
        query = "SELECT cycle_id, previous_cycle_id FROM network_releases ORDER BY cycle_id"
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found == [(1, None), (2, None), (3, 1), (4, 3)]
