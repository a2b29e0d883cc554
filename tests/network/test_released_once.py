"""A release is written once, from what was there when the cycle first closed, and by whoever comes first."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError

from assessment.cycles import services as cycles
from assessment.database import Database
from assessment.models.cycles import CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import NetworkRelease
from assessment.models.responses import Answer, Response
from assessment.network import frames, release, stored
from assessment.responding.services import Moment, reopen_response
from assessment.working.commands import work_of_the_application
from questionnaires.definition import Side
from tests.conftest import NOW, PAIRS, Network
from tests.durability.test_at_once import at_once
from tests.durability.test_statements import counted
from tests.network.submitting import COLORADO, DENVER, WYOMING, released, rows, submit

FC, EOC = Side.FUSION_CENTER, Side.EOC
ANSWERED = {COLORADO: "complete", DENVER: "one_sided", WYOMING: "not_started"}
AFTER_THE_LAST_DAY = 20  # the cycle of these tests has 15 days to go


@pytest.fixture
def spring(network: Network) -> Network:
    """An open cycle in which one pair has answered, one of one side."""
    network.open()
    submit(network, COLORADO)
    submit(network, DENVER, FC)
    return network


def close(network: Network) -> None:
    with network.database.writing() as session:
        cycles.close_cycle(session, "spring", network.clock.now(), network.clock.today())


def reopen(network: Network) -> None:
    with network.database.writing() as session:
        last = date(2026, 12, 31)
        cycles.reopen_cycle(session, "spring", last, network.clock.now(), network.clock.today())


def release_due(network: Network) -> None:
    release.release_due(network.database, network.clock)


def releases(network: Network) -> list[tuple[object, ...]]:
    return rows(network, "SELECT action, subject FROM audit_events WHERE action = 'cycle released'")


def everything_released(network: Network) -> list[tuple[object, ...]]:
    return rows(network, "SELECT * FROM released_pairs ORDER BY pair_id")


def test_an_open_cycle_is_not_released(spring: Network) -> None:
    release_due(spring)
    assert released(spring) == {}


def by_page(network: Network) -> None:
    network.browser("admin").post("/cycles/spring/close", {}, form="/cycles/spring")


def by_command(network: Network) -> None:
    result = network.app.test_cli_runner().invoke(args=["cycles", "close", "spring"])
    assert result.exit_code == 0, result.output


def by_worker(network: Network) -> None:
    network.clock.move(days=AFTER_THE_LAST_DAY)
    with network.app.app_context():
        [task] = [task for task in work_of_the_application(Event()).tasks() if task.name == "releases"]
    task.run()


def by_a_reader(network: Network) -> None:
    network.clock.move(days=AFTER_THE_LAST_DAY)
    assert network.browser("reviewer").get("/reports/pairs/FC-CO/EOC-CO").status_code == 404


def by_reopening_after_its_last_day(network: Network) -> None:
    network.clock.move(days=AFTER_THE_LAST_DAY)
    admin = network.browser("admin")
    admin.post("/cycles/spring/reopen", {"closes": "2026-12-31"}, form="/cycles/spring")


def test_who_is_about_to_close_is_told_that_it_is_for_good(spring: Network) -> None:
    said = "the network's numbers are made from what is submitted by then, for good"
    page = spring.browser("admin").get("/cycles/spring").get_data(as_text=True)
    assert said in page
    assert "for good" not in spring.browser("director").get("/cycles/spring").get_data(as_text=True)


@pytest.mark.parametrize(
    "closing", [close, by_page, by_command, by_worker, by_a_reader, by_reopening_after_its_last_day]
)
def test_whoever_comes_first_after_the_close_releases_what_was_there(
    spring: Network, closing: Callable[[Network], None]
) -> None:
    closing(spring)
    assert released(spring) == ANSWERED
    assert releases(spring) == [("cycle released", "cycle spring")]


def test_a_release_says_its_day(spring: Network) -> None:
    spring.clock.move(days=AFTER_THE_LAST_DAY)
    release_due(spring)
    [(day,)] = rows(spring, "SELECT released_on FROM network_releases")
    assert str(day) == "2026-06-30", "the last day, though nobody looked until later"


def test_closed_by_hand_the_day_is_that_of_the_close(spring: Network) -> None:
    close(spring)
    [(day,)] = rows(spring, "SELECT released_on FROM network_releases")
    assert str(day) == "2026-06-15"


def test_submissions_and_corrections_after_a_reopening_change_nothing(spring: Network) -> None:
    close(spring)
    before = everything_released(spring)
    reopen(spring)
    submit(spring, DENVER, EOC)
    submit(spring, WYOMING)
    moment = Moment(spring.clock.now(), spring.clock.today())
    corrected = spring.response_id(*COLORADO, "eoc")
    with spring.database.writing() as session:
        reopen_response(session, spring.library, spring.person("admin"), corrected, "A slip", moment)
    close(spring)
    release_due(spring)
    assert everything_released(spring) == before
    assert len(releases(spring)) == 1


def test_reopened_after_its_last_day_it_was_released_from_what_was_there_at_the_close(
    spring: Network,
) -> None:
    spring.clock.move(days=AFTER_THE_LAST_DAY)  # and nobody has looked since
    reopen(spring)
    submit(spring, DENVER, EOC)
    submit(spring, WYOMING)
    release_due(spring)
    assert released(spring) == ANSWERED


def test_the_corrected_edition_counts_where_the_correction_came_before_the_close(spring: Network) -> None:
    moment = Moment(spring.clock.now(), spring.clock.today())
    first = spring.response_id(*COLORADO, "eoc")
    with spring.database.writing() as session:
        reopen_response(session, spring.library, spring.person("admin"), first, "A slip", moment)
    assert spring.response_id(*COLORADO, "eoc") != first
    close(spring)
    assert released(spring)[COLORADO] == "one_sided", "the second edition is a draft yet"


@pytest.fixture
def processes(spring: Network) -> Iterator[list[Database]]:
    """What two processes have: an engine each."""
    url = spring.database.engine.url.render_as_string(hide_password=False)
    databases = [Database(url), Database(url)]
    yield databases
    for database in databases:
        database.engine.dispose()


def test_two_processes_release_a_cycle_once(spring: Network, processes: list[Database]) -> None:
    spring.clock.move(days=AFTER_THE_LAST_DAY)
    at_once([lambda one=one: release.release_due(one, spring.clock) for one in processes * 3])
    assert released(spring) == ANSWERED
    assert len(releases(spring)) == 1


def test_who_comes_while_another_process_releases_waits_and_writes_nothing(
    spring: Network, processes: list[Database]
) -> None:
    """The second has found the cycle due before the first has committed."""
    spring.clock.move(days=AFTER_THE_LAST_DAY)
    first, second = processes
    tried = threading.Event()
    event.listen(second.engine, "begin", lambda _connection: tried.set())
    with ExitStack() as stack:
        session = stack.enter_context(first.writing())
        cycle = cycles.find_cycle(session, "spring")
        release.release(session, cycle, spring.clock.now(), spring.clock.today())
        late = Thread(target=release.release_due, args=(second, spring.clock))
        late.start()
        assert tried.wait(20)
        late.join(0.5)
        assert late.is_alive(), "nothing to wait for: the two did not meet"
    late.join(30)
    assert not late.is_alive()
    assert released(spring) == ANSWERED
    assert len(releases(spring)) == 1


def test_the_cycle_before_is_the_latest_released_one_of_the_questionnaire(spring: Network) -> None:
    """A cycle that opened earlier and is still open is nobody's cycle before."""
    days = {"opens": date(2026, 5, 20), "closes": date(2026, 6, 1)}
    spring.open("other", "cpg502-checklist", **days)
    release_due(spring)
    spring.open("summer", opens=date(2026, 6, 1), closes=date(2026, 6, 10))
    release_due(spring)
    close(spring)
    spring.open("autumn", opens=date(2026, 6, 12), closes=date(2026, 6, 14))
    release_due(spring)
    query = (
        "SELECT c.code, b.code FROM network_releases n JOIN cycles c ON c.id = n.cycle_id"
        " LEFT JOIN cycles b ON b.id = n.previous_cycle_id"
    )
    assert dict(rows(spring, query)) == {"other": None, "summer": None, "spring": None, "autumn": "summer"}


def test_what_is_released_keeps_the_facts_of_the_moment(spring: Network) -> None:
    close(spring)
    with spring.database.writing() as session:
        session.execute(text("UPDATE centers SET name = 'Renamed', fema_region = 3 WHERE code = 'EOC-CO'"))
    with spring.database.reading() as session:
        cycle = cycles.find_cycle(session, "spring")
        then = frames.released_pairs(session, cycle.id).set_index(["fusion_center", "eoc"])
        now = frames.pairs_in_cycle(session, cycle.id).set_index(["fusion_center", "eoc"])
    facts = ["eoc_name", "region", "state", "eoc_level", "status"]
    assert then.loc[COLORADO, facts].tolist() == ["Colorado State EOC", 8, "CO", "state", "complete"]
    assert now.loc[COLORADO, facts].tolist() == ["Renamed", 3, "CO", "state", "complete"]
    assert list(then.columns) == list(now.columns)
    assert not then["shared"].any()


def add_pairs(network: Network, count: int) -> None:
    with network.database.writing() as session:
        fusion_center = session.scalar(select(Center).where(Center.code == "FC-WY"))
        for number in range(count):
            code = f"EOC-{number}"
            eoc = Center(code=code, name=code, kind="eoc", level="county", state="WY", fema_region=8)
            session.add(Pair(fusion_center=fusion_center, eoc=eoc))


def test_sixty_pairs_take_as_many_statements_as_three(network: Network) -> None:
    counts = []
    for number, pairs in enumerate((len(PAIRS), 60)):
        add_pairs(network, pairs - len(PAIRS) if number else 0)
        network.open(f"cycle-{number}", closes=date(2026, 6, 14))
        with counted(network.database.engine) as statements:
            release_due(network)
        assert len(released(network, f"cycle-{number}")) == pairs
        with counted(network.database.engine) as reading, network.database.reading() as session:
            cycle = cycles.find_cycle(session, f"cycle-{number}")
            assert len(frames.released_pairs(session, cycle.id)) == pairs
            assert len(frames.pairs_in_cycle(session, cycle.id)) == pairs
            frames.network_frame(session, cycle.id)
            frames.own_pairs(session, network.person("director"))
            frames.shared_pairs(session, cycle.id)
        counts.append((len(statements), len(reading)))
    assert counts[0] == counts[1], (statements, reading)


def test_where_nothing_is_due_a_round_asks_once(spring: Network) -> None:
    with counted(spring.database.engine) as statements:
        release_due(spring)
    assert len([one for one in statements if one.startswith("SELECT")]) == 1
    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE"))]


def scatter(network: Network, seed: int) -> None:
    """Answers of every kind for every response, drafts and reopened editions too."""
    rng = random.Random(seed)
    kinds: list[dict[str, Any]] = [
        {"status": "answered", "number": 1.0, "option": None},
        {"status": "answered", "number": 3.5, "option": None},
        {"status": "answered", "number": None, "option": "used"},
        {"status": "do_not_know", "number": None, "option": None},
        {"status": "not_applicable", "number": None, "option": None},
    ]
    with network.database.writing() as session:
        session.execute(text("DELETE FROM answers"))
        written = [
            {"response_id": response_id, "question": f"Q-{question}", "part": part, "text": "words"}
            | {"revision": 1, "changed_at": NOW, "changed_on_page": ""}
            | rng.choice(kinds)
            for response_id in session.scalars(select(Response.id))
            for question in range(12)
            for part in ("", "usefulness")
            if rng.random() < 0.8
        ]
        session.execute(insert(Answer).execution_options(render_nulls=True), written)


def test_the_frame_of_a_network_holds_the_raw_rows_of_its_complete_pairs(spring: Network) -> None:
    submit(spring, WYOMING)
    moment = Moment(spring.clock.now(), spring.clock.today())
    with spring.database.writing() as session:
        again = spring.response_id(*COLORADO, "eoc")
        reopen_response(session, spring.library, spring.person("admin"), again, "A slip", moment)
        session.execute(
            text(
                "UPDATE responses SET status = 'submitted', submitted_at = :now, answers_hash = 'x'"
                " WHERE edition = 2"
            ),
            {"now": "2026-06-15 16:00:00"},
        )
    scatter(spring, 36)
    close(spring)
    query = (
        "SELECT p.id, r.side, a.question, a.status, a.number, a.option FROM answers a"
        " JOIN responses r ON r.id = a.response_id JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id"
        " JOIN pairs p ON p.id = cp.pair_id JOIN centers e ON e.id = p.eoc_id"
        " WHERE r.status = 'submitted' AND a.part = '' AND e.code <> 'EOC-DEN'"
    )
    with spring.database.reading() as session:
        frame = frames.network_frame(session, cycles.find_cycle(session, "spring").id)
    assert list(frame.columns) == ["pair", "side", "question", "status", "number", "option"]
    plain = frame.astype(object).where(frame.notna(), None)
    found = sorted(map(repr, plain.itertuples(index=False, name=None)))
    wanted = sorted(map(repr, rows(spring, query)))
    assert len(wanted) > 20
    assert found == wanted


def test_the_frame_of_a_cycle_without_a_complete_pair_is_empty(network: Network) -> None:
    network.open()
    submit(network, DENVER, FC)
    close(network)
    with network.database.reading() as session:
        frame = frames.network_frame(session, cycles.find_cycle(session, "spring").id)
    assert frame.empty
    assert list(frame.columns) == ["pair", "side", "question", "status", "number", "option"]


def test_of_numbers_that_are_kept_twice_the_first_stand(spring: Network) -> None:
    close(spring)
    with spring.database.reading() as session:
        cycle_id = cycles.find_cycle(session, "spring").id
    stored.keep_numbers(spring.database, cycle_id, "1", {"nation": "first", "region:8": "first"})
    stored.keep_numbers(spring.database, cycle_id, "1", {"nation": "second", "state:CO": "second"})
    stored.keep_numbers(spring.database, cycle_id, "2", {"nation": "of another calculation"})
    with spring.database.reading() as session:
        kept = stored.kept_numbers(session, cycle_id, "1")
        assert kept == {"nation": "first", "region:8": "first", "state:CO": "second"}
        assert stored.kept_numbers(session, cycle_id, "1", ["region:8"]) == {"region:8": "first"}
        assert stored.kept_numbers(session, cycle_id, "3") == {}


def test_numbers_of_a_cycle_that_is_not_released_cannot_be_kept(spring: Network) -> None:
    with spring.database.reading() as session:
        cycle_id = cycles.find_cycle(session, "spring").id
        assert session.get(NetworkRelease, cycle_id) is None
        assert session.scalar(select(CyclePair.id).where(CyclePair.cycle_id == cycle_id).limit(1))
    with pytest.raises(IntegrityError):
        stored.keep_numbers(spring.database, cycle_id, "1", {"nation": "early"})
