"""Exports in the background: each is made once, with the rights of whoever asked, and kept for a day."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from assessment.access import Person
from assessment.errors import NotFound, Refused
from assessment.exports import jobs, worker
from assessment.exports.jobs import Claimed
from assessment.exports.making import Made, Maker, Making, Parameters
from assessment.exports.worker import ExportWorker
from assessment.models.exports import Export, ExportPiece
from assessment.models.people import PersonRow
from tests.conftest import Network, email_of
from tests.network.submitting import rows

KIND = "slow-file"
NAMES = ["reviewer", "admin", "director", "manager", "staff"]


class Office:
    """Asks for exports and makes them; what a maker does is for each test to say."""

    def __init__(self, network: Network) -> None:
        self.network, self.clock, self.database = network, network.clock, network.database
        self.make: Callable[[Making], Made] = lambda making: Made("a.txt", "text/plain", b"made")
        self.rights: Callable[[Person, Parameters], str] = lambda person, _: str(person.role)
        self.stop = Event()

    def ask(self, name: str = "reviewer", **parameters: str) -> str:
        with self.database.writing() as session:
            person = self.network.person(name)
            return jobs.ask(session, person, KIND, parameters, "A file", self.clock.now()).public_id

    def worker(self) -> ExportWorker:
        maker = Maker(lambda person, given: self.rights(person, given), lambda making: self.make(making))
        return ExportWorker(self.database, self.clock, {KIND: maker}, self.stop)

    def claim(self) -> Claimed | None:
        with self.database.writing() as session:
            return jobs.claim(session, self.clock.now())

    def row(self, public_id: str) -> Export:
        with self.database.reading() as session:
            return session.scalars(select(Export).where(Export.public_id == public_id)).one()

    def content(self, public_id: str) -> bytes:
        return b"".join(jobs.content(self.database, self.row(public_id).id))

    def pieces(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(ExportPiece)) or 0


@pytest.fixture
def office(network: Network) -> Office:
    return Office(network)


def test_what_is_asked_for_is_made_and_kept_a_day_from_then_on(office: Office) -> None:
    one = office.ask(cycle="spring")
    assert office.row(one).state == "waiting"
    office.clock.move(hours=20)
    seen: list[Any] = []
    office.make = lambda making: (
        seen.append((making.person.email, dict(making.parameters))) or Made("b.bin", "x/y", b"\0" * 3)
    )
    assert office.worker().all_waiting() == 1
    assert seen == [(email_of("reviewer"), {"cycle": "spring"})]
    row = office.row(one)
    assert (row.state, row.progress, row.size, row.file_name, row.media_type) == (
        "done",
        1.0,
        3,
        "b.bin",
        "x/y",
    )
    assert row.expires_at == office.clock.now() + timedelta(hours=24)
    assert office.content(one) == b"\0" * 3


def test_a_file_of_many_pieces_comes_back_byte_by_byte(office: Office) -> None:
    whole = bytes(range(256)) * 4096 * 2 + b"the end"
    office.make = lambda making: Made("large.bin", "x/y", whole)
    one = office.ask()
    office.worker().all_waiting()
    assert office.pieces() == 3
    assert office.content(one) == whole


def test_the_same_is_not_made_twice_and_nobody_asks_for_a_hundred(office: Office) -> None:
    assert office.ask(cycle="a") == office.ask(cycle="a")
    assert office.ask("admin", cycle="a") != office.ask(cycle="a")
    for cycle in "bcde":
        office.ask(cycle=cycle)
    with pytest.raises(Refused, match="5 files are being made"):
        office.ask(cycle="f")
    office.worker().all_waiting()
    assert office.row(office.ask(cycle="f")).state == "waiting"
    assert len({office.ask(cycle="a"), office.ask(cycle="a")}) == 1, "a finished one is no reason to wait"


def test_two_workers_share_the_work_and_make_each_file_once(office: Office) -> None:
    asked = [office.ask(name, number=str(number)) for name in NAMES for number in range(5)]
    made: list[tuple[str, str]] = []
    both = Barrier(2, timeout=20)
    late = Event()

    def make(making: Making) -> Made:
        if not late.is_set():
            both.wait()  # both workers have one in hand at the same time
            late.set()
        key = f"{making.person.email} {making.parameters['number']}"
        made.append((key, ""))
        return Made("a.txt", "text/plain", key.encode())

    office.make = make
    counts: list[int] = []
    threads = [Thread(target=lambda: counts.append(office.worker().all_waiting())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(made).most_common(1)[0][1] == 1
    assert len(made) == len(asked) == sum(counts)
    assert min(counts) > 0
    contents = {office.content(one).decode() for one in asked}
    assert contents == {f"{email_of(name)} {number}" for name in NAMES for number in range(5)}


def test_the_one_that_waits_longest_comes_first(office: Office) -> None:
    first = office.ask(cycle="b")
    office.clock.move(minutes=1)
    office.ask("admin", cycle="a")
    claimed = office.claim()
    assert claimed is not None
    assert claimed.public_id == first
    second = office.claim()
    assert second is not None
    assert office.claim() is None


def test_what_a_dead_worker_had_in_hand_is_begun_again_and_it_can_no_longer_finish_it(office: Office) -> None:
    one = office.ask()
    dead = office.claim()
    assert dead is not None
    office.clock.move(seconds=100)
    assert office.claim() is None, "it may still be at work"
    office.clock.move(seconds=30)
    assert office.worker().all_waiting() == 1
    with office.database.writing() as session:
        assert not jobs.finish(session, dead, Made("late", "x/y", b"late"), "", office.clock.now())
        assert not jobs.renew(session, dead, 0.5, office.clock.now())
        assert not jobs.fail(session, dead, "late", office.clock.now())
    assert office.content(one) == b"made"
    assert office.pieces() == 1


def test_a_worker_that_was_only_slow_does_not_finish_what_another_has_in_hand(office: Office) -> None:
    one = office.ask()
    slow = office.claim()
    office.clock.move(minutes=3)
    second = office.claim()
    assert slow is not None
    assert second is not None
    now = office.clock.now()
    with office.database.writing() as session:
        assert not jobs.finish(session, slow, Made("slow", "x/y", b"slow"), "", now)
        assert not jobs.fail(session, slow, "slow", now)
        assert not jobs.renew(session, slow, 0.5, now)
        jobs.give_back(session, slow)
    assert (office.row(one).state, office.row(one).claimed_by) == ("working", second.name)
    with office.database.writing() as session:
        assert jobs.finish(session, second, Made("second", "x/y", b"second"), "", now)
    assert office.content(one) == b"second"


def test_a_claim_that_is_renewed_stands(office: Office) -> None:
    one = office.ask()
    claimed = office.claim()
    assert claimed is not None
    for step in range(4):
        office.clock.move(seconds=90)
        assert office.claim() is None
        with office.database.writing() as session:
            assert jobs.renew(session, claimed, step / 4, office.clock.now())
    assert office.row(one).progress == 0.75
    office.clock.move(seconds=121)
    assert office.claim() is not None


def test_what_kills_its_worker_three_times_has_failed(office: Office) -> None:
    one = office.ask()
    for _ in range(jobs.MOST_TRIES):
        assert office.claim() is not None
        office.clock.move(minutes=3)
    assert office.claim() is None
    assert (office.row(one).state, office.row(one).reason) == ("failed", jobs.STOPPED)


def test_a_worker_that_stops_gives_back_what_it_has_in_hand(office: Office) -> None:
    one = office.ask()

    def make(making: Making) -> Made:
        office.stop.set()
        making.progress(0.5)
        raise AssertionError("it went on")

    office.make = make
    office.worker().one()
    assert (office.row(one).state, office.row(one).tries, office.row(one).progress) == ("waiting", 0, 0.0)


def test_progress_is_written_down_while_it_is_made(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TOLD_EVERY_SECONDS", 0.01)
    one = office.ask()
    seen = []

    def make(making: Making) -> Made:
        for share in (0.25, 0.75):
            making.progress(share)
            for _ in range(500):
                if office.row(one).progress == share:
                    seen.append(share)
                    break
                Event().wait(0.01)
        return Made("a", "x/y", b"")

    office.make = make
    office.worker().one()
    assert seen == [0.25, 0.75]


def test_what_is_deleted_while_it_is_made_is_not_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "TOLD_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "RENEWED_EVERY_SECONDS", 0.01)
    one = office.ask()
    went_on = []

    def make(making: Making) -> Made:
        with office.database.writing() as session:
            jobs.remove(session, office.network.person("reviewer"), one, office.clock.now())
        for step in range(500):
            making.progress(step / 500)
            Event().wait(0.01)
        went_on.append(True)
        return Made("a", "x/y", b"kept")

    office.make = make
    assert office.worker().one()
    assert not went_on
    assert rows(office.network, "SELECT id FROM exports") == []
    assert office.pieces() == 0


def test_a_day_later_it_is_gone_with_its_bytes(office: Office) -> None:
    office.ask()
    office.worker().all_waiting()
    reviewer = office.network.person("reviewer")
    office.clock.move(hours=23, minutes=59)
    office.worker().all_waiting()
    with office.database.reading() as session:
        assert len(jobs.of_person(session, reviewer, office.clock.now())) == 1
    office.clock.move(minutes=2)
    with office.database.reading() as session:
        assert jobs.of_person(session, reviewer, office.clock.now()) == [], "also before a worker has looked"
    assert office.pieces() == 1
    office.worker().all_waiting()
    assert office.pieces() == 0
    assert rows(office.network, "SELECT id FROM exports") == []


def test_what_nobody_could_make_for_a_day_is_not_made_any_more(office: Office) -> None:
    office.ask()
    office.clock.move(hours=25)
    assert office.claim() is None
    assert office.worker().all_waiting() == 0
    assert rows(office.network, "SELECT id FROM exports") == []


def nothing_to_read(_person: Person, _parameters: Parameters) -> str:
    raise NotFound


def change(office: Office, **values: Any) -> None:
    with office.database.writing() as session:
        session.execute(update(PersonRow).where(PersonRow.email == email_of("reviewer")).values(values))


def test_it_is_made_with_the_rights_of_the_day(office: Office) -> None:
    one = office.ask()
    office.rights = nothing_to_read
    office.worker().all_waiting()
    assert (office.row(one).state, office.row(one).reason) == ("failed", worker.NOT_YOURS)


def test_who_has_no_account_any_more_gets_nothing(office: Office) -> None:
    one = office.ask()
    change(office, active=False)
    office.worker().all_waiting()
    assert (office.row(one).state, office.row(one).reason) == ("failed", worker.NOT_YOURS)


def test_rights_that_change_while_it_is_made_spoil_it(office: Office) -> None:
    one = office.ask()

    def make(_making: Making) -> Made:
        change(office, role="administrator")
        return Made("a", "x/y", b"as a reviewer")

    office.make = make
    office.worker().all_waiting()
    assert (office.row(one).state, office.row(one).reason) == ("failed", worker.RIGHTS_CHANGED)
    assert office.pieces() == 0


def refuse(_making: Making) -> Made:
    raise Refused("It is too large.")


def break_down(_making: Making) -> Made:
    raise RuntimeError("a name from the database")


def test_why_it_failed_is_said_and_what_broke_is_only_in_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    refused, broken = office.ask(cycle="a"), office.ask(cycle="b")
    office.make = refuse
    office.worker().one()
    office.make = break_down
    with caplog.at_level(logging.ERROR):
        office.worker().one()
    assert office.row(refused).reason == "It is too large."
    assert office.row(broken).reason == worker.BROKEN
    assert "a name from the database" in caplog.text
    assert office.worker().all_waiting() == 0


def test_a_kind_that_nobody_makes_says_so(office: Office) -> None:
    one = office.ask()
    ExportWorker(office.database, office.clock, {}, office.stop).all_waiting()
    assert (office.row(one).state, office.row(one).reason) == ("failed", worker.UNKNOWN_KIND)


def test_one_finds_ones_own_only(office: Office) -> None:
    one = office.ask("director")
    now = office.clock.now()
    with office.database.reading() as session:
        assert jobs.find(session, office.network.person("director"), one, now).public_id == one
        for name in ("reviewer", "admin", "analyst"):
            with pytest.raises(NotFound):
                jobs.find(session, office.network.person(name), one, now)
            assert jobs.of_person(session, office.network.person(name), now) == []
