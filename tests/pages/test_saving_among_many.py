"""Opening and saving look up the few people who answered; they do not read everyone the database knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from assessment.database import Database
from tests.answering_client import Sheet
from tests.conftest import Network

PEOPLE = """
INSERT INTO people (email, name, role, password_hash, active, demonstration, created_at, public_id)
SELECT 'someone' || n || '@example.gov', 'Someone ' || n, 'staff', '', true, false, now(), 'someone-' || n
FROM generate_series(1, 5000) AS n
"""
Statement = tuple[str, Any]


@pytest.fixture
def sheet(network: Network, database: Database) -> Sheet:
    network.open()
    with database.writing() as session:
        session.execute(text(PEOPLE))
        session.execute(text("ANALYZE people"))
    return Sheet(network, "manager", "eoc")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_changed_an_answer_is_looked_up_by_answer(sheet: Sheet, database: Database) -> None:
    given: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        given.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    assert sheet.save(sheet.open("GOV"), "GOV-01", "2").status_code == 200
    event.remove(database.engine, "before_cursor_execute", note)
    ways = [way for asked in given if "FROM answers" in asked[0] for way in _ways_to_people(database, asked)]
    assert ways
    assert "Seq Scan" not in ways


def _ways_to_people(database: Database, asked: Statement) -> Iterator[str]:
    """How PostgreSQL would find the people of this statement where it takes the answers of a form for many.

    Then it made one hash of all people, at every save. With so few answers as here it has to be told.
    """
    statement, parameters = asked
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_nestloop = off")
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        connection.exec_driver_sql("RESET enable_nestloop")
    nodes = [plan[0]["Plan"]]
    for node in nodes:
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "people":
            yield node["Node Type"]
