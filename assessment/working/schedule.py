"""Does each task again and again, beside the others, until it is told to stop.

APScheduler says when a task's time has come and gives it a thread; whether there is anything to do, and for
which worker, says the database (decision 29).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Lock, Thread

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from sqlalchemy.exc import OperationalError

from assessment.clock import Clock
from assessment.database import Database
from assessment.working.tasks import Task
from assessment.working.turns import Ended, take_turn, write_down

log = logging.getLogger(__name__)

TELL_EVERY_SECONDS = 30.0  # how often it is written down what was done
AFTER_TROUBLE_SECONDS = 15.0
LOOK_EVERY_SECONDS = 1.0
SET_BACK_SECONDS = 5.0  # a clock that lost as much was set back
SECONDS_TO_STOP = 30.0
NO_DATABASE = "The database does not answer: {}"
BROKEN = "It cannot be done, and the reason is in the worker's log."


@dataclass
class Doing:
    """Does tasks once each time it is asked, and keeps what became of them until it is written down."""

    database: Database
    clock: Clock
    stop: Event
    ended: dict[str, Ended] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _not_before: dict[str, float] = field(default_factory=dict)  # by the clock that is never set
    _owed: set[str] = field(default_factory=set)  # whose turn was taken, before the database was away
    _again: set[str] = field(default_factory=set)  # what the database was away for

    def once(self, task: Task) -> None:
        """Nothing that goes wrong with a task ends the worker, or holds up another task."""
        if self.stop.is_set() or time.monotonic() < self._not_before.get(task.name, 0.0):
            return
        away = False
        try:
            if task.shared and not self._my_turn(task):
                return
            trouble = task.run()
        except OperationalError as error:
            away = True
            trouble = NO_DATABASE.format(type(error.orig).__name__)
            log.error("%s: %s", task.name, trouble)
        except Exception:
            trouble = BROKEN
            log.exception("%s: trouble", task.name)
        if trouble:
            self._not_before[task.name] = time.monotonic() + AFTER_TROUBLE_SECONDS
        (self._again.add if away else self._owed.discard)(task.name)
        with self._lock:
            self.ended[task.name] = Ended(self.clock.now(), trouble)

    def again(self) -> list[str]:
        """What the database was away for, once it has rested: to be done now, however rarely it is done."""
        now = time.monotonic()
        rested = [name for name in list(self._again) if now >= self._not_before.get(name, 0.0)]
        self._again.difference_update(rested)
        return rested

    def tell(self) -> None:
        """Write down what was done since the last time; tried again where the database is away."""
        with self._lock:
            done, self.ended = self.ended, {}
        if not done:
            return
        try:
            with self.database.writing() as session:
                write_down(session, done)
        except OperationalError as error:
            log.error(NO_DATABASE.format(type(error.orig).__name__))
            with self._lock:
                self.ended = done | self.ended

    def _my_turn(self, task: Task) -> bool:
        if task.name in self._owed:
            return True
        with self.database.writing() as session:
            mine = take_turn(session, task.name, timedelta(seconds=task.every), self.clock.now())
        if mine:
            self._owed.add(task.name)
        return mine


class Schedule:
    """One worker process."""

    def __init__(self, doing: Doing, tasks: Sequence[Task], alone: Callable[[], bool] = bool) -> None:
        """``alone`` says that the process for which this one works is gone."""
        self.doing, self.tasks, self._alone = doing, tasks, alone
        self.scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(tasks) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def run(self) -> bool:
        """Work until ``stop`` is set; whether everything in hand was finished by then."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # else it tells of every job, each time
        for task in self.tasks:
            self._add(task.name, task.every, partial(self.doing.once, task))
        self._add("telling", TELL_EVERY_SECONDS, self.doing.tell, 1.0)
        self.scheduler.start()
        try:
            self._keep_watch()
        finally:
            self.doing.stop.set()
            finished = self._end()
        self.doing.tell()
        return finished

    def _add(self, name: str, every: float, work: Callable[[], None], first: float = 0.0) -> None:
        begins = datetime.now(UTC) + timedelta(seconds=first)
        self.scheduler.add_job(work, "interval", seconds=every, id=name, next_run_time=begins)

    def _keep_watch(self) -> None:
        """Until it is told to stop; notices a clock that was set back, for which jobs would wait.

        Jobs are moved from here and never by a job: a scheduler that ends waits for jobs, and they for it.
        """
        ahead = time.time() - time.monotonic()
        while not self.doing.stop.wait(LOOK_EVERY_SECONDS) and not self._alone():
            before, ahead = ahead, time.time() - time.monotonic()
            if ahead < before - SET_BACK_SECONDS:
                self.catch_up()
            for name in self.doing.again():
                self.scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def catch_up(self) -> None:
        """Every task is done now, and in its turn from here on."""
        for job in self.scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _end(self) -> bool:
        """Let the tasks in hand come to an end, for a while."""
        ending = Thread(target=self.scheduler.shutdown, name="ending", daemon=True)
        ending.start()
        ending.join(SECONDS_TO_STOP)
        return not ending.is_alive()
