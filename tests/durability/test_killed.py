"""Every save that was acknowledged is there, whole, after the server was killed in the middle of saves.

A killed process loses nothing that the operating system had taken over, so this does not show what a power
cut would: that rests on the full sync that test_settings_of_sqlite asks for.
"""

from __future__ import annotations

import http.client
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assessment.database import Database
from tests.durability.crowd import Crowd, Form
from tests.durability.serving_process import PATIENCE, Server, Visitor, serving

PAIRS = 4  # eight forms, a person each who saves without pause
ENOUGH = 24  # acknowledged saves of a round before the kill
LONGEST_WAIT = 0.25  # seconds from then to the kill
PADDING = "written down and exercised " * 10


def note(number: int) -> str:
    return f"{number} {PADDING}".strip()


@dataclass
class Writer:
    """One person who saves and remembers what was acknowledged, over all lives of the server."""

    visitor: Visitor
    form: Form
    questions: list[tuple[str, str]]
    number: int = 0  # of the last save that was sent
    sent: dict[str, int] = field(default_factory=dict)  # question -> number of its last save
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)  # question -> number, revision
    count: int = 0  # acknowledged in this round
    troubles: list[str] = field(default_factory=list)

    def write(self, killed: threading.Event) -> None:
        """Save until the server is gone."""
        self.count = 0
        try:
            pages = {slug: self.visitor.open(slug) for slug, _ in self.questions}
            while True:
                self._save(pages)
        except (OSError, http.client.HTTPException) as error:
            if not killed.wait(1):
                self.troubles.append(f"no reply from a living server: {error!r}")
        except Exception as error:
            self.troubles.append(repr(error))

    def _save(self, pages: dict[str, dict[str, str]]) -> None:
        self.number += 1
        slug, question = self.questions[self.number % len(self.questions)]
        self.sent[question] = self.number
        answer = str(self.number % 5)
        reply = self.visitor.save(slug, pages[slug], question, answer, note(self.number))
        assert reply.status == 200, (reply.status, reply.text[:300])
        item = reply.json["items"][question]
        assert item["state"] == "saved"
        self.acknowledged[question] = (self.number, item["revision"])
        self.count += 1

    def unanswered(self) -> list[str]:
        """Questions whose last save was under way when the server died."""
        return [q for q, number in self.sent.items() if self.acknowledged.get(q, (0, 0))[0] != number]

    def check(self, crowd: Crowd) -> None:
        """What is stored is the last acknowledged save, or the one that was under way, and all of it."""
        stored = crowd.stored(self.form)
        for question, number in self.sent.items():
            known, revision = self.acknowledged.get(question, (0, 0))
            found = stored.get(question)
            if found is None:
                assert revision == 0, f"{question}: acknowledged save {known} is gone"
                continue
            allowed = {known: revision, number: revision + (number != known)}
            kept = int(found.text.split()[0])
            assert kept in allowed, (
                f"{question}: {kept} is stored, {known} was acknowledged, {number} was sent"
            )
            assert (found.number, found.text, found.revision) == (kept % 5, note(kept), allowed[kept])
            self.acknowledged[question], self.sent[question] = (kept, found.revision), kept
        self._check_where_to_go_on(crowd, stored)

    def _check_where_to_go_on(self, crowd: Crowd, stored: dict) -> None:
        """An answer and the mark of the last question are one transaction."""
        query = "SELECT last_question FROM responses WHERE public_id = :id"
        last = max(stored, key=lambda question: int(stored[question].text.split()[0]), default=None)
        assert crowd.rows(query, id=self.form.response_id) == [(last,)]


def live_and_die(server: Server, writers: list[Writer], rng: random.Random) -> None:
    """Let everybody save for a while, then kill the server in the middle of it."""
    killed = threading.Event()
    threads = [threading.Thread(target=writer.write, args=(killed,), daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + PATIENCE
    while sum(w.count for w in writers) < ENOUGH and time.monotonic() < ends:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, LONGEST_WAIT))
    killed.set()
    server.kill()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert [trouble for writer in writers for trouble in writer.troubles] == []
    assert sum(writer.count for writer in writers) >= ENOUGH


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_an_acknowledged_save_survives_the_kill(
    make_crowd: Callable[[int], Crowd], database_url: str, tmp_path: Path, kills: int
) -> None:
    crowd, rng = make_crowd(PAIRS), random.Random(kills)
    interrupted = 0
    with serving(tmp_path, database_url) as server:
        writers = [
            Writer(crowd.visitor(server.port, form), form, crowd.questions[form.side]) for form in crowd.forms
        ]
        for _ in range(kills):
            live_and_die(server, writers, rng)
            interrupted += sum(len(writer.unanswered()) for writer in writers)
            server.start()
            for writer in writers:
                writer.check(crowd)
        whole = sqlite3.connect(tmp_path / "tandem.sqlite")
        assert whole.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert whole.execute("PRAGMA foreign_key_check").fetchall() == []
        whole.close()
        server.kill()
    assert interrupted >= kills, "the kills came between saves, not in the middle of them"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_settings_of_sqlite(database_url: str) -> None:
    """Every connection that reads or writes syncs in full, and waits instead of failing."""
    database = Database(database_url)
    wanted = {"synchronous": 2, "journal_mode": "wal", "busy_timeout": 20_000, "foreign_keys": 1}
    for open_transaction in (database.reading, database.writing):
        with open_transaction() as session:
            connection = session.connection()
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
            assert found == wanted
