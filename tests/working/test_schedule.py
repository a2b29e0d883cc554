"""Tasks beside one another: none holds up or ends another; what is in hand comes to its end at a stop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from assessment.database import Database
from assessment.working import schedule as module
from assessment.working.commands import work_of_the_application
from assessment.working.schedule import Doing, Schedule
from assessment.working.tasks import Task
from assessment.working.turns import done_lately
from tests.conftest import FixedClock
from tests.durability.serving_process import PATIENCE, ROOT

OFTEN = 0.01
RARELY = 3600.0


@dataclass
class Counted:
    """A task that counts, and says when it has been done so many times."""

    wanted: int = 3
    does: Callable[[], str] = str
    times: int = 0
    reached: Event = field(default_factory=Event)

    def __call__(self) -> str:
        self.times += 1
        if self.times >= self.wanted:
            self.reached.set()
        return self.does()


@pytest.fixture
def doing(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Doing:
    monkeypatch.setattr(module, "LOOK_EVERY_SECONDS", OFTEN)
    monkeypatch.setattr(module, "AFTER_TROUBLE_SECONDS", 0.0)
    return Doing(database, clock, Event())


def breaks() -> str:
    raise RuntimeError("as happens")


def database_away() -> str:
    raise OperationalError("SELECT 1", {}, ConnectionError("gone"))


def ran(doing: Doing, *tasks: Task, until: Event) -> bool:
    """Run them until something has happened; whether all came to an end."""
    finished: list[bool] = []
    running = Thread(target=lambda: finished.append(Schedule(doing, tasks).run()))
    running.start()
    happened = until.wait(PATIENCE)
    doing.stop.set()
    running.join(PATIENCE)
    assert happened, "the worker stands still"
    assert finished, "the worker does not end"
    return finished[0]


def written(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {task.name: task.trouble for task in done_lately(session)}


def test_a_task_that_breaks_or_lacks_the_database_ends_neither_itself_nor_others(
    doing: Doing, database: Database
) -> None:
    broken, away, well = Counted(does=breaks), Counted(does=database_away), Counted()
    tasks = [Task("broken", OFTEN, broken), Task("away", OFTEN, away), Task("well", OFTEN, well)]
    ends = Event()
    watcher = Thread(target=lambda: [c.reached.wait(PATIENCE) for c in (broken, away, well)] and ends.set())
    watcher.start()
    assert ran(doing, *tasks, until=ends)
    assert min(broken.times, away.times, well.times) >= 3
    assert written(database) == {
        "broken": module.BROKEN,
        "away": "The database does not answer: ConnectionError",
        "well": "",
    }


def test_a_long_task_holds_up_no_other_and_is_finished_before_the_end(doing: Doing) -> None:
    let_go, done = Event(), Event()
    other = Counted()

    def takes_long() -> str:
        let_go.wait(PATIENCE)
        done.set()
        return ""

    Thread(target=lambda: other.reached.wait(PATIENCE) and doing.stop.wait(PATIENCE) and let_go.set()).start()
    assert ran(doing, Task("long", RARELY, takes_long), Task("other", OFTEN, other), until=other.reached)
    assert done.is_set()


def test_one_that_does_not_end_is_left_behind_and_that_is_said(
    doing: Doing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_STOP", 0.01)
    begun, over = Event(), Event()

    def never_ends() -> str:
        begun.set()
        over.wait(PATIENCE)
        return ""

    assert not ran(doing, Task("endless", RARELY, never_ends), until=begun)
    over.set()


def test_jobs_that_wait_for_a_clock_that_was_set_back_are_caught_up(doing: Doing) -> None:
    counted = Counted(wanted=2)
    schedule = Schedule(doing, [Task("counted", RARELY, counted)])
    running = Thread(target=schedule.run)
    running.start()
    while counted.times < 1 and running.is_alive():
        doing.stop.wait(OFTEN)
    schedule.catch_up()
    assert counted.reached.wait(PATIENCE)
    doing.stop.set()
    running.join(PATIENCE)


def test_after_trouble_a_task_rests(doing: Doing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFTER_TROUBLE_SECONDS", RARELY)
    counted = Counted(does=lambda: "The mail server does not answer.")
    for _ in range(3):
        doing.once(Task("messages", OFTEN, counted))
    assert counted.times == 1


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_done_rarely_is_done_again_soon_where_the_database_was_away(
    doing: Doing, database: Database, shared: bool
) -> None:
    """Else a worker would show an hour of trouble for ten seconds without a database."""
    counted = Counted(wanted=2)
    counted.does = lambda: database_away() if counted.times == 1 else ""
    assert ran(doing, Task("forgetting", RARELY, counted, shared=shared), until=counted.reached)
    assert written(database) == {"forgetting": ""}


def test_what_is_broken_waits_for_its_time(doing: Doing) -> None:
    doing.once(Task("retention", RARELY, Counted(does=breaks)))
    assert doing.again() == []


def test_of_two_workers_one_does_what_is_shared_and_both_the_rest(
    doing: Doing, database: Database, clock: FixedClock
) -> None:
    house, mail = Counted(), Counted()
    tasks = [Task("retention", RARELY, house, shared=True), Task("messages", 5.0, mail)]
    two = [doing, Doing(database, clock, Event())]
    for worker in two:
        for task in tasks:
            worker.once(task)
    assert (house.times, mail.times) == (1, 2)
    clock.move(hours=1)
    for worker in two:
        worker.once(tasks[0])
    assert house.times == 2


def test_what_could_not_be_written_down_is_written_down_later(
    doing: Doing, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing.once(Task("files", OFTEN, Counted()))
    with monkeypatch.context() as away:
        away.setattr(doing, "database", Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
        doing.tell()
    assert written(database) == {}
    doing.tell()
    assert written(database) == {"files": ""}


def test_every_task_is_done_by_the_application_on_an_empty_database(app: Flask) -> None:
    with app.app_context():
        work = work_of_the_application(Event())
    tasks = work.tasks()
    assert [task.run() for task in tasks] == [""] * len(tasks)
    assert len({task.name for task in tasks}) == len(tasks)
    assert {task.name for task in tasks if task.shared} == {"forgetting", "surveys that recur", "retention"}
    assert all(timedelta(seconds=task.every) >= timedelta(hours=1) for task in tasks if task.shared)


STARTS_ONE_AND_WAITS = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-m", "flask", "work", "--with-parent"]).pid, flush=True)
time.sleep(600)
"""


def test_a_worker_that_its_server_started_ends_when_that_is_gone(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Else each server that was killed would leave a worker behind for good."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    file = shutil.copy(sqlite_template, instance / "tandem.sqlite")
    environment = {"PATH": os.environ["PATH"], "TANDEM_INSTANCE": str(instance)}
    command = [sys.executable, "-c", STARTS_ONE_AND_WAITS]
    database = Database(f"sqlite:///{file}")
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        waits(lambda: written(database) != {})
        server.kill()
        waits(lambda: not Path(f"/proc/{pid}").exists() or zombie(pid))
    database.engine.dispose()


def zombie(pid: int) -> bool:
    """It has ended, and nobody has asked how yet."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def waits(reached: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / 0.05)):
        if reached():
            return
        Event().wait(0.05)
    raise AssertionError("the worker stands still")
