"""How long PostgreSQL waits and for whom, what is done again, and what people are told where it gives up."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from assessment import postgresql, web
from assessment.database import TRIES, Database, Session
from assessment.postgresql import CROWDED, PATIENT, REQUEST, SENTENCES, Limits
from questionnaires.definition import Side
from tests.answering_client import Sheet
from tests.conftest import Network

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SHOWN = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
SHOWN += " current_setting('idle_in_transaction_session_timeout')"


@pytest.fixture
def on_postgresql(network: Network) -> Network:
    network.open()
    return network


def shown(database: Database) -> tuple[str, ...]:
    with database.reading() as session:
        return tuple(session.execute(text(SHOWN)).one())


def test_a_page_waits_shortly_and_all_else_long_whichever_had_the_connection_before(
    on_postgresql: Network,
) -> None:
    database = on_postgresql.database
    for _ in range(2):
        assert shown(database) == ("1h", "1min", "1h")
        with on_postgresql.app.test_request_context("/"):
            assert shown(database) == ("30s", "10s", "1min")
    assert (REQUEST.statement, PATIENT.statement) == (30, 3600)


def test_what_was_set_within_a_transaction_that_failed_stays_as_it_should(on_postgresql: Network) -> None:
    def hurry(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = '10ms'"))
        session.execute(text("SELECT pg_sleep(5)"))

    database = on_postgresql.database
    with pytest.raises(OperationalError):
        database.write(hurry)
    assert shown(database) == ("1h", "1min", "1h")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "REQUEST", Limits(statement=5, lock=0.05, idle=60))


@pytest.mark.usefixtures("hurried")
def test_a_save_that_waits_too_long_for_another_is_told_so_and_can_be_sent_again(
    on_postgresql: Network,
) -> None:
    sheet = Sheet(on_postgresql, "manager", Side.EOC)
    fields = sheet.open("GOV")
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    with on_postgresql.database.writing() as other:
        other.execute(text("SELECT id FROM responses FOR UPDATE"))
        refused = sheet.save(fields, "GOV-01", "2")
    assert refused.status_code == 503
    assert SENTENCES["55P03"] in refused.get_data(as_text=True)
    assert int(refused.headers["Retry-After"]) > 0
    assert sheet.save(fields, "GOV-01", "2").status_code == 200


def test_a_page_that_takes_too_long_is_told_so(
    on_postgresql: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "REQUEST", Limits(statement=0.05, lock=1, idle=60))
    slow(on_postgresql.app)
    answer = on_postgresql.browser().get("/slow")
    assert answer.status_code == 503
    assert SENTENCES["57014"] in answer.get_data(as_text=True)


def slow(app: Flask) -> None:
    @web.public
    def view() -> str:
        with web.database().reading() as session:
            session.execute(text("SELECT pg_sleep(20)"))
        return "done"

    app.add_url_rule("/slow", view_func=view)


def test_where_all_connections_are_taken_the_next_person_is_told_so(
    on_postgresql: Network, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "WAIT_FOR_CONNECTION", 0.05)
    app = make_app(database_connections=2)
    pool = app.extensions["tandem.database"].engine
    with pool.connect(), pool.connect():
        answer = app.test_client().get("/s/no-such-link", base_url="http://localhost")
    assert answer.status_code == 503
    assert CROWDED in answer.text
    assert app.test_client().get("/healthz", base_url="http://localhost").status_code == 200


def locking(first: str, second: str, meet: threading.Barrier, runs: list[str]) -> Callable[[Session], str]:
    """Take two people's rows one after the other; the first time each waits until the other has one."""

    def work(session: Session) -> str:
        session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
        query = "UPDATE people SET name = name || '+' WHERE email = :email"
        runs.append(first)
        session.execute(text(query), {"email": first})
        if runs.count(first) == 1:
            meet.wait(10)
        session.execute(text(query), {"email": second})
        return first

    return work


def test_of_two_that_wait_for_each_other_the_one_undone_is_done_again(on_postgresql: Network) -> None:
    meet, runs, done = threading.Barrier(2), [], []
    one, other = "manager@example.gov", "staff@example.gov"

    def go(first: str, second: str) -> None:
        done.append(on_postgresql.database.write(locking(first, second, meet, runs)))

    threads = [threading.Thread(target=go, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [one, other]
    assert len(runs) == 3
    with on_postgresql.database.reading() as session:
        query = text("SELECT name FROM people WHERE email IN (:one, :other)")
        names = session.execute(query, {"one": one, "other": other}).scalars().all()
    assert [name.count("+") for name in names] == [2, 2]


def test_what_always_meets_another_is_given_up_and_what_cannot_be_is_not_tried_again(
    on_postgresql: Network,
) -> None:
    runs: list[str] = []

    def failing(state: str) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            runs.append(state)
            session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))

        return work

    for state in ("40P01", "40001", "55P03"):
        with pytest.raises(OperationalError):
            on_postgresql.database.write(failing(state))
    assert [runs.count(state) for state in ("40P01", "40001", "55P03")] == [TRIES, TRIES, 1]
