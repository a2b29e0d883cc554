"""A database that people have filled goes up and down the migrations and loses nothing that fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from assessment import audit, schema
from assessment.database import Database
from assessment.models.base import Base
from tests.conftest import BACKENDS
from tests.migrations.walking import Walk, kept, revisions, rows_of, walk

Make = Callable[[str], Database]


@pytest.fixture(scope="module", params=BACKENDS)
def walked(request: pytest.FixtureRequest, make_filled: Make) -> tuple[Database, Walk]:
    database = make_filled(request.param)
    assert all(table.rows for table in rows_of(database).values()), "each table has a row"
    return database, walk(database)


def test_every_step_keeps_every_row_on_the_way_up_and_back(walked: tuple[Database, Walk]) -> None:
    assert walked[1].not_kept == []
    assert len(walked[1].statements) == len(revisions()) - 1


def test_at_the_end_the_tables_are_those_of_the_models_and_the_trail_stands(
    walked: tuple[Database, Walk],
) -> None:
    database = walked[0]
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert schema.missing_triggers(connection) == []
    with database.reading() as session:
        assert audit.verify(session, ()).problems == []
    for statement in ("DELETE FROM audit_events", "UPDATE audit_events SET action = 'x'"):
        with pytest.raises(Exception, match="never changed or removed"), database.writing() as session:
            session.execute(text(statement))


def test_no_step_writes_a_table_anew(walked: tuple[Database, Walk]) -> None:
    """What PostgreSQL has to write anew nobody can read meanwhile."""
    assert walked[1].rewritten == []


@pytest.mark.soak
@pytest.mark.parametrize("revision", revisions()[:-1])
@pytest.mark.parametrize("kind", BACKENDS)
def test_from_each_revision_to_the_newest_and_back(make_filled: Make, kind: str, revision: str) -> None:
    database = make_filled(kind)
    schema.downgrade(database, revision)
    before = rows_of(database)
    schema.upgrade(database)
    assert schema.is_current(database)
    assert kept(before, rows_of(database)) == []
    schema.downgrade(database, revision)
    assert rows_of(database) == before
