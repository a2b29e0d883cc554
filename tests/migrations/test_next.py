"""The way that docs/postgresql.md gives for an index on a table that people use."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from assessment import schema
from assessment.database import Database
from tests.conftest import BACKENDS

NEXT = """
from alembic import op

revision = "9000"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_people_name", "people", ["name"])
        return
    with op.get_context().autocommit_block():
        op.drop_index("ix_people_name", "people", postgresql_concurrently=True, if_exists=True)
        op.create_index("ix_people_name", "people", ["name"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index("ix_people_name", "people")
"""


def add_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One migration more than there is."""
    scripts = Path(shutil.copytree(schema.SCRIPTS, tmp_path / "migrations"))
    (scripts / "versions" / "9000_next.py").write_text(NEXT.format(newest=schema.newest()))
    monkeypatch.setattr(schema, "SCRIPTS", scripts)
    monkeypatch.setattr(schema, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(schema, "PAUSE", 0.05)


def indexes(database: Database) -> set[str | None]:
    return {index["name"] for index in inspect(database.engine).get_indexes("people")}


@pytest.mark.parametrize("kind", BACKENDS)
def test_an_index_comes_while_others_read_and_a_try_cut_short_is_made_good(
    make_filled: Callable[[str], Database], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make_filled(kind)
    add_next(tmp_path, monkeypatch)
    assert not schema.is_current(database)
    changing = threading.Thread(target=schema.upgrade, args=[database])
    with database.engine.connect() as other:
        if kind == "postgresql":
            other.execute(text("LOCK TABLE people IN ROW EXCLUSIVE MODE"))  # as somebody does who saves
        changing.start()
        changing.join(0.5 if kind == "postgresql" else 60)
        assert changing.is_alive() == (kind == "postgresql")
    changing.join(60)
    assert schema.is_current(database)
    assert "ix_people_name" in indexes(database)
    with database.reading() as session:
        if kind == "postgresql":
            query = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
            assert session.execute(text(query)).scalar_one() == 0
    schema.downgrade(database, "-1")
    assert "ix_people_name" not in indexes(database)
