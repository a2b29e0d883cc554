"""The audit trail: what the database refuses, and that what gets past it is found."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from assessment import audit, schema
from assessment.database import Database
from questionnaires.definition import Side
from tests.answering_client import Sheet
from tests.conftest import NOW, Network

KEY = "a key that is not in the database!"
OTHER = "another key that came after the first"


@pytest.fixture
def sealed(database_url: str) -> Database:
    return Database(database_url, (KEY,))


def add(database: Database, *words: str) -> None:
    """One transaction with an event for each word."""
    with database.writing() as session:
        for word in words:
            audit.record(session, NOW, None, word, "something")


def check(database: Database, *keys: str, link: str = "") -> audit.Verified:
    with database.reading() as session:
        return audit.verify(session, keys or (KEY,), link)


def behind(database: Database, *statements: str) -> None:
    """Somebody who owns the database switches its triggers off, changes rows, and switches them on."""
    with database.writing_connection() as connection:
        if database.is_sqlite:
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
            ).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.exec_driver_sql(statement)
            for _, made in triggers:
                connection.exec_driver_sql(made)
            return
        connection.exec_driver_sql("ALTER TABLE audit_events DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("ALTER TABLE audit_events ENABLE TRIGGER USER")


COLUMNS = "id, at, person_id, action, subject, detail, origin, centers, key, seal"
REFUSED = [
    "UPDATE audit_events SET action = 'nothing'",
    "UPDATE audit_events SET detail = detail",
    "DELETE FROM audit_events",
    "DELETE FROM audit_events WHERE id = 2",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_change_or_remove_events(sealed: Database, statement: str) -> None:
    add(sealed, "one", "two", "three")
    with pytest.raises(DBAPIError, match="never changed or removed"), sealed.writing() as session:
        session.execute(text(statement))
    assert check(sealed).problems == []


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_events(sealed: Database, recursive: str) -> None:
    add(sealed, "one", "two")
    replacing = f"INSERT OR REPLACE INTO audit_events SELECT {COLUMNS} FROM audit_events WHERE id = 1"
    with sealed.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
        connection.exec_driver_sql("BEGIN")
        with pytest.raises(DBAPIError, match="never changed or removed"):
            connection.exec_driver_sql(replacing)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_truncate_events(sealed: Database) -> None:
    add(sealed, "one")
    with pytest.raises(DBAPIError, match="never changed or removed"), sealed.writing() as session:
        session.execute(text("TRUNCATE audit_events"))


def test_the_triggers_are_still_there_after_all_migrations_down_and_up(sealed: Database) -> None:
    from alembic import command

    with sealed.writing_connection() as connection:
        command.downgrade(schema.configuration(connection), "base")
    schema.upgrade(sealed)
    add(sealed, "one")
    with pytest.raises(DBAPIError, match="never changed or removed"), sealed.writing() as session:
        session.execute(text("DELETE FROM audit_events"))


def test_an_untouched_trail_is_whole(sealed: Database) -> None:
    assert check(sealed).sentence == "The audit trail is empty."
    add(sealed, "one", "two")
    add(sealed, "three")
    found = check(sealed)
    assert found.problems == []
    assert re.fullmatch(r"3 events, none changed, .*\. Newest link 3:[0-9a-f]{64}", found.sentence)
    assert check(sealed, link=found.link).problems == []


TAMPERED = {
    "an action": "UPDATE audit_events SET action = 'x' WHERE id = 3",
    "a time": "UPDATE audit_events SET at = (SELECT at FROM audit_events WHERE id = 4) WHERE id = 3",
    "a person": "UPDATE audit_events SET person_id = 1 WHERE id = 3",
    "an origin": "UPDATE audit_events SET origin = '10.0.0.1' WHERE id = 3",
    "a detail": "UPDATE audit_events SET detail = 'x' WHERE id = 3",
    "a seal": "UPDATE audit_events SET seal = (SELECT seal FROM audit_events WHERE id = 4) WHERE id = 3",
    "no seal": "UPDATE audit_events SET seal = '', key = '' WHERE id = 3",
    "a removed row": "DELETE FROM audit_events WHERE id = 3",
    "a removed head": "DELETE FROM audit_events WHERE id < 3",
    "another key's name": "UPDATE audit_events SET key = '00000000' WHERE id = 3",
    "a row of one's own": f"INSERT INTO audit_events ({COLUMNS})"
    " SELECT 6, at, NULL, 'x', 'x', '', '', '', '', '' FROM audit_events WHERE id = 3",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_is_found(network: Network, statement: str) -> None:
    database = network.database
    key = network.app.extensions["tandem.settings"].audit_keys
    for word in ("one", "two", "three", "four", "five"):
        with database.writing() as session:
            moment = network.clock.now()
            audit.record(session, moment, None, word, "something")
        network.clock.move(minutes=1)
    with database.reading() as session:
        assert audit.verify(session, key).problems == []
    behind(database, statement)
    with database.reading() as session:
        assert audit.verify(session, key).problems


def test_reordered_rows_are_found(sealed: Database) -> None:
    add(sealed, "one", "two", "three")
    behind(
        sealed,
        "UPDATE audit_events SET id = 99 WHERE id = 1",
        "UPDATE audit_events SET id = 1 WHERE id = 2",
        "UPDATE audit_events SET id = 2 WHERE id = 99",
    )
    assert check(sealed).problems


def test_a_cut_tail_is_found_with_a_link_that_was_kept(sealed: Database) -> None:
    add(sealed, "one", "two", "three")
    link = check(sealed).link
    behind(sealed, "DELETE FROM audit_events WHERE id = 3")
    assert check(sealed).problems == []  # nothing in the database can show it
    assert "were cut off" in check(sealed, link=link).problems[0]


def test_the_newest_link_goes_into_the_log(sealed: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "assessment.audit"):
        add(sealed, "one")
    assert f"audit link {check(sealed).link}" in caplog.text


def test_a_wrong_key_fits_nothing_and_an_old_one_still_verifies(sealed: Database, database_url: str) -> None:
    add(sealed, "one")
    add(Database(database_url, (KEY, OTHER)), "two")
    assert check(sealed, KEY, OTHER).problems == []
    assert check(sealed, KEY).problems == [
        f"Event 2 is sealed with the key {audit.key_name(OTHER)}, which is not here."
    ]
    assert len(check(sealed, "quite another key that was made up").problems) == 2


def test_events_from_before_the_seals_are_covered_by_the_first(sealed: Database, database_url: str) -> None:
    add(Database(database_url), "old", "older")
    add(sealed, "new")
    found = check(sealed)
    assert (found.events, found.unsealed, found.problems) == (3, 2, [])
    behind(sealed, "UPDATE audit_events SET action = 'other' WHERE id = 1")
    assert check(sealed).problems


def test_events_of_a_transaction_that_fails_are_not_written(sealed: Database) -> None:
    def fail() -> None:
        with sealed.writing() as session:
            audit.record(session, NOW, None, "one", "something")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    add(sealed, "two")
    assert check(sealed).events == 1
    assert check(sealed).problems == []


def test_many_at_once_make_one_chain(sealed: Database, database_url: str) -> None:
    databases = [Database(database_url, (KEY,)) for _ in range(4)]
    threads = [threading.Thread(target=lambda d=d: [add(d, "a", "b") for _ in range(10)]) for d in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = check(sealed)
    assert (found.events, found.problems) == (80, [])
    for database in databases:
        database.engine.dispose()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30)
    )
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_words_come_back_as_they_were_sealed(sealed: Database, words: list[str]) -> None:
    with sealed.writing() as session:
        for word in words:
            audit.record(session, NOW, None, "noted", word[:200], word)
    assert check(sealed).problems == []


def test_an_event_says_where_it_came_from(network: Network) -> None:
    network.open()
    network.browser("director").get("/work")
    query = text("SELECT action, origin FROM audit_events ORDER BY id")
    with network.database.reading() as session:
        found = [tuple(row) for row in session.execute(query)]
    assert found == [("cycle opened", "command line"), ("signed in", "127.0.0.1")]


def test_the_command_says_what_it_found(network: Network, make_app: Callable[..., Flask]) -> None:
    network.open()
    runner: Any = network.app.test_cli_runner()
    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 0
    assert result.output.startswith("1 events, none changed")
    behind(network.database, "UPDATE audit_events SET detail = 'nobody'")
    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert "Event 1 was changed" in result.output


def test_a_submission_is_named_by_a_fingerprint_that_nobody_without_the_key_can_make(
    network: Network,
) -> None:
    """The hash of a short form's answers could be found by trying answers, before they are revealed."""
    network.open()
    sheet = Sheet(network, "manager", Side.EOC)
    sheet.fill()
    assert sheet.submit().status_code == 302
    with network.database.reading() as session:
        query = "SELECT detail FROM audit_events WHERE action = 'submitted'"
        detail = session.execute(text(query)).scalar_one()
        query = "SELECT answers_hash FROM responses WHERE status = 'submitted'"
        hashed = session.execute(text(query)).scalar_one()
    with network.database.writing() as session:
        assert detail == audit.keyed(session, hashed)
    assert detail != hashed
    with network.database.reading() as session:  # a session without keys
        assert audit.keyed(session, hashed) == ""
