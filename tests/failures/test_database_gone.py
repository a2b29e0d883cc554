"""The database is away for a while: people are told so, and it needs nobody to make it well again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from sqlite3 import connect

import pytest
from sqlalchemy.engine import make_url

from assessment import database, schema
from assessment.database import Database
from assessment.failures import BUSY
from assessment.postgresql import CROWDED
from questionnaires.definition import Side
from questionnaires.library import Library
from tests.answering_client import Sheet, fields_of, stored
from tests.conftest import PASSWORD, FixedClock, Network, add_network, email_of, settings_in
from tests.durability.own_postgresql import OwnPostgresql, own_postgresql
from tests.failures.doctors_word import of_doctor

NOTE = "written while the database was away"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.05)


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
@pytest.mark.usefixtures("hurried")
def test_a_file_that_another_program_holds(opened: Network) -> None:
    sheet = Sheet(opened, "manager", Side.EOC)
    fields = sheet.open("GOV")
    with closing(connect(str(make_url(str(opened.database.engine.url)).database))) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = sheet.save(fields, "GOV-01", "3")
        assert (reply.status_code, reply.json["message"]) == (503, BUSY)
        page = sheet.post("GOV", fields | {"q_GOV-02": "1", "note_GOV-02": NOTE, "then": "next"})
        assert (page.status_code, NOTE in page.text) == (503, True)
        assert sheet.open("GOV")["note_GOV-02"] == ""
        assert of_doctor(opened)["saving"].startswith(BUSY)
    assert sheet.post("GOV", fields_of(page.text)).status_code == 302
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    assert stored(opened, sheet.id) == {"GOV-01": ("answered", 3.0, ""), "GOV-02": ("answered", 1.0, NOTE)}


@ON_SQLITE
@pytest.mark.usefixtures("hurried")
def test_who_waits_too_long_for_others_of_the_same_process_is_told_so(opened: Network) -> None:
    """A thread of the server that waits for ever would be missing to everybody."""
    sheet = Sheet(opened, "manager", Side.EOC)
    fields = sheet.open("GOV")
    has_it, let_go = threading.Event(), threading.Event()

    def write_long() -> None:
        with opened.database.writing():
            has_it.set()
            let_go.wait()

    other = threading.Thread(target=write_long, daemon=True)
    other.start()
    has_it.wait()
    reply = sheet.save(fields, "GOV-01", "3")
    let_go.set()
    other.join()
    assert (reply.status_code, reply.json["message"]) == (503, CROWDED)
    assert sheet.save(fields, "GOV-01", "3").status_code == 200


@ON_SQLITE
def test_who_saves_while_it_is_held_for_a_moment_only_waits(opened: Network) -> None:
    sheet = Sheet(opened, "manager", Side.EOC)
    fields = sheet.open("GOV")
    path = str(make_url(str(opened.database.engine.url)).database)
    with closing(connect(path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.rollback).start()
        assert sheet.save(fields, "GOV-01", "3").status_code == 200


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgresql]:
    with own_postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def served(
    server: OwnPostgresql, tmp_path_factory: pytest.TempPathFactory, library: Library
) -> Iterator[Network]:
    from app import create_app

    settings = replace(settings_in(tmp_path_factory.mktemp("instance"), server.url))
    app = create_app(settings, library=library)
    clock = FixedClock(settings.timezone)
    app.extensions["tandem.clock"] = clock
    there: Database = app.extensions["tandem.database"]
    schema.upgrade(there)
    with there.writing() as session:
        add_network(session)
    network = Network(app, there, library, clock)
    network.open()
    yield network
    there.engine.dispose()


def test_a_form_that_waits_in_the_sign_in_page_waits_on(server: OwnPostgresql, served: Network) -> None:
    """Somebody was signed out over their answers, and signs in while the database is away."""
    somebody = served.browser()
    form = fields_of(somebody.get("/sign-in").text)
    kept = {"kept": json.dumps([["note_GOV-02", NOTE]]), "kept_path": "/responses/x/GOV"}
    words = {"email": email_of("manager"), "password": PASSWORD}
    server.stop()
    page = somebody.client.post("/sign-in", data=form | kept | words, base_url="http://localhost")
    assert page.status_code == 503
    again = fields_of(page.text)
    assert PASSWORD not in page.text
    assert (again["kept"], again["email"]) == (kept["kept"], words["email"])
    server.start()
    page = somebody.client.post("/sign-in", data=again | {"password": PASSWORD}, base_url="http://localhost")
    assert NOTE in page.text


def test_postgresql_is_stopped_and_started(server: OwnPostgresql, served: Network) -> None:
    sheet = Sheet(served, "manager", Side.EOC)
    fields = sheet.open("GOV")
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    server.stop()
    reply = sheet.save(fields, "GOV-01", "1")
    assert (reply.status_code, reply.json["state"]) == (503, "unavailable")
    page = sheet.post("GOV", fields | {"q_GOV-02": "1", "note_GOV-02": NOTE, "then": "next"})
    assert (page.status_code, NOTE in page.text) == (503, True)
    assert "is not available just now" in sheet.browser.get("/work").text
    for sent, headers in (
        (fields, {"Sec-Fetch-Site": "cross-site"}),
        (fields | {"csrf_token": "guessed"}, {}),
    ):
        from_elsewhere = sheet.post("GOV", sent | {"note_GOV-02": "put here by a stranger"}, headers=headers)
        assert from_elsewhere.status_code == 503
        assert "by a stranger" not in from_elsewhere.text
    assert "does not answer" in of_doctor(served)["database"]
    server.start()
    assert sheet.post("GOV", fields_of(page.text)).status_code == 302
    assert sheet.save(fields, "GOV-01", "1").status_code == 200
    assert stored(served, sheet.id) == {"GOV-01": ("answered", 1.0, ""), "GOV-02": ("answered", 1.0, NOTE)}
    sheet.fill()
    assert sheet.submit().status_code == 302
    assert "database" not in of_doctor(served)
