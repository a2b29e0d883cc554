"""Many people at the same moment, on both databases; on PostgreSQL by two servers that share nothing else."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import create_engine

from app import create_app
from questionnaires.library import Library
from tests.conftest import BACKENDS, clear_tables, settings_in
from tests.durability.crowd import Crowd, Form, StoredRow, gather_crowd
from tests.durability.serving_process import ALONE, AUDIT_KEY, PATIENCE, Reply, Server, serving

SERVERS = {"sqlite": 1, "postgresql": 2}  # each with an instance folder of its own
EVERYBODY = 50
PAIRS = EVERYBODY // 2 + 14  # of all tests together; each has its own
SAVES = 3  # of each person, without pause
REPETITIONS = 22  # of a collision: first on answers that are not there yet, then on stored ones
BAD_WORDS = ("Traceback", "locked", "deadlock", "ERROR", "CRITICAL")
PEACEFUL = 8  # repetitions of two saves that do not collide


@dataclass
class World:
    """Servers of one database, and the pairs in it that no test has taken yet."""

    servers: list[Server]
    left: Crowd

    def take(self, pairs: int) -> Crowd:
        """Those of one test, who have seen nothing of the others'."""
        assert 2 * pairs <= len(self.left.forms), "PAIRS is too small"
        taken = replace(self.left, forms=self.left.forms[: 2 * pairs])
        self.left = replace(self.left, forms=self.left.forms[2 * pairs :])
        return taken


@pytest.fixture(scope="module", params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for all tests of this file."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("at-once") / "tandem.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    yield request.getfixturevalue("postgres_server")
    engine = create_engine(request.getfixturevalue("postgres_server"))
    with engine.begin() as connection:
        clear_tables(connection)
    engine.dispose()


@pytest.fixture(scope="module")
def world(database_url: str, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("instance"), database_url)
    app = create_app(replace(settings, base_url="http://127.0.0.1", audit_keys=(AUDIT_KEY,)), library=library)
    crowd = gather_crowd(app, library, PAIRS)
    with ExitStack() as ends:
        folders = [
            tmp_path_factory.mktemp("instance") for _ in range(SERVERS[crowd.database.engine.dialect.name])
        ]
        yield World([ends.enter_context(serving(folder, database_url, ALONE)) for folder in folders], crowd)
    crowd.database.engine.dispose()


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls return, all begun at the same moment."""
    barrier = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        barrier.wait(PATIENCE)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def check_logs(servers: Sequence[Server]) -> None:
    """Nothing went wrong behind replies that look well."""
    for server in servers:
        for word in BAD_WORDS:
            assert word not in server.logged(), server.logged()


def port_of(servers: Sequence[Server], number: int) -> int:
    """Where a balancer would send this one."""
    return servers[number % len(servers)].port


def test_fifty_people_save_at_once(world: World) -> None:
    crowd, servers = world.take(EVERYBODY // 2), world.servers
    visitors = [(form, crowd.visitor(port_of(servers, n), form)) for n, form in enumerate(crowd.forms)]
    assert len(visitors) == EVERYBODY

    def saves_of(form: Form, visitor: Any) -> Callable[[], dict[str, StoredRow]]:
        def save() -> dict[str, StoredRow]:
            acknowledged: dict[str, StoredRow] = {}
            fields = visitor.open("GOV")
            for number in range(SAVES):
                question, note = f"GOV-0{number % 2 + 1}", f"{form.response_id} {number}"
                reply = visitor.save("GOV", fields, question, str(number % 5), note)
                assert reply.status == 200, (reply.status, reply.text[:300])
                revision = reply.json["items"][question]["revision"]
                acknowledged[question] = StoredRow(number % 5, note, revision)
            return acknowledged

        return save

    acknowledged = at_once([saves_of(form, visitor) for form, visitor in visitors])
    for (form, _), expected in zip(visitors, acknowledged, strict=True):
        assert crowd.stored(form) == expected
        assert expected["GOV-01"].revision == 2
    check_logs(servers)


def test_two_saves_of_one_item_at_once_are_one_saved_and_one_told(world: World) -> None:
    crowd, servers = world.take(1), world.servers
    form = crowd.forms[1]
    colleagues = [crowd.visitor(port_of(servers, number), form, number) for number in (0, 1)]
    questions = crowd.questions[form.side]
    for repetition in range(REPETITIONS):
        slug, question = questions[repetition % len(questions)]
        before = crowd.stored(form).get(question)
        pages = [colleague.open(slug) for colleague in colleagues]
        replies = at_once(
            [
                lambda n=n: colleagues[n].save(slug, pages[n], question, str(n + 3), f"{n} {repetition}")
                for n in (0, 1)
            ]
        )
        revision = (before.revision if before else 0) + 1
        check_collision(replies, question, repetition, crowd.stored(form)[question], revision)
    check_logs(servers)


def check_collision(
    replies: list[Reply], question: str, repetition: int, stored: StoredRow, revision: int
) -> None:
    assert sorted(reply.status for reply in replies) == [200, 409]
    winner = 0 if replies[0].status == 200 else 1
    won, lost = (replies[n].json["items"][question] for n in (winner, 1 - winner))
    assert stored == StoredRow(winner + 3, f"{winner} {repetition}", revision)
    assert (won["state"], won["revision"]) == ("saved", revision)
    assert (lost["state"], lost["revision"]) == ("conflict", revision)
    assert lost["theirs"] == {"raw": str(winner + 3), "text": f"{winner} {repetition}"}


def test_two_saves_of_different_items_at_once_are_both_saved(world: World) -> None:
    crowd, servers = world.take(1), world.servers
    form = crowd.forms[0]
    colleagues = [crowd.visitor(port_of(servers, number), form, number) for number in (0, 1)]
    pages = [colleague.open("GOV") for colleague in colleagues]
    for repetition in range(PEACEFUL):
        replies = at_once(
            [
                lambda n=n: colleagues[n].save(
                    "GOV", pages[n], f"GOV-0{n + 1}", str(n + 3), f"{n} {repetition}"
                )
                for n in (0, 1)
            ]
        )
        assert [reply.status for reply in replies] == [200, 200]
        assert crowd.stored(form) == {
            f"GOV-0{n + 1}": StoredRow(n + 3, f"{n} {repetition}", repetition + 1) for n in (0, 1)
        }
    check_logs(servers)


SUBMISSION = "SELECT status, signer_name, answers_hash FROM responses WHERE public_id = :id"
SUBMITTED = "SELECT count(*) FROM audit_events WHERE action = 'submitted' AND subject = :subject"


def test_two_submits_at_once_are_one_submission_and_both_find_the_receipt(world: World) -> None:
    crowd, servers = world.take(6), world.servers
    crowd.answer_everything()
    for form in crowd.forms:
        colleagues = [crowd.visitor(port_of(servers, number), form, number) for number in (0, 1)]
        pages = [colleague.open("review") for colleague in colleagues]
        replies = at_once([lambda n=n: colleagues[n].submit(pages[n], f"Signer {n}") for n in (0, 1)])
        receipt = f"/responses/{form.response_id}/receipt"
        assert [(reply.status, reply.location) for reply in replies] == [(302, receipt)] * 2
        ((status, signer, digest),) = crowd.rows(SUBMISSION, id=form.response_id)
        assert status == "submitted"
        assert signer in ("Signer 0", "Signer 1")
        assert digest == crowd.hash_of_stored(form)
        assert crowd.rows(SUBMITTED, subject=f"response {form.response_id}") == [(1,)]
        for colleague in colleagues:
            assert digest in colleague.send(receipt).text
            assert signer in colleague.send(receipt).text
    check_logs(servers)


def test_a_save_at_the_moment_of_submitting_is_signed_or_refused(world: World) -> None:
    crowd, servers = world.take(6), world.servers
    crowd.answer_everything()
    for form in crowd.forms:
        saver, submitter = (crowd.visitor(port_of(servers, number), form, number) for number in (0, 1))
        fields, review = saver.open("GOV"), submitter.open("review")
        save, submit = at_once(
            [
                lambda: saver.save("GOV", fields, "GOV-01", "4", "at the last moment"),
                lambda: submitter.submit(review, "Signer"),
            ]
        )
        assert submit.status == 302
        assert save.status in (200, 409), save.text[:300]
        stored = crowd.stored(form)["GOV-01"]
        assert stored == (
            StoredRow(4, "at the last moment", 2) if save.status == 200 else StoredRow(2, "", 1)
        )
        ((_, _, digest),) = crowd.rows(SUBMISSION, id=form.response_id)
        assert digest == crowd.hash_of_stored(form)
    check_logs(servers)
