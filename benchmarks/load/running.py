"""One run by locust, in the process of the crowd."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gevent
from locust import User
from locust.env import Environment

from benchmarks.load.crowd import Result, Run
from benchmarks.load.visitors import KINDS, Gate, Person, Visitor

STARTING = 60  # seconds for the first reply
STOPPING = 30  # seconds that a visitor has to hear the last reply
MOST_FAILURES = 10  # of which more than the number is told


@cache
def people_of(file: str) -> Iterator[Person]:
    """The people of this file over and over; a later run goes on where the one before ended."""
    return itertools.cycle([json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()])


def take(run: Run) -> Result:
    """So many visitors, all at once, until the time is over and the last of them has had a reply."""
    Visitor.people, Visitor.hurried, Visitor.gate = people_of(run.people), run.hurried, Gate(run.visitors)
    kinds: list[type[User]] = list(KINDS[run.counted])
    environment = Environment(user_classes=kinds, host=run.host, stop_timeout=STOPPING)
    runner = environment.create_local_runner()
    times: list[float] = []
    failures: list[str] = []
    begun: list[float] = []

    def note(name: str, response_time: float, exception: Any, **_: Any) -> None:
        if exception is not None:
            failures.append(str(exception))
        elif name == run.counted:
            begun.append(time.perf_counter() - response_time / 1000)
            times.append(response_time / 1000)

    environment.events.request.add_listener(note)
    runner.start(run.visitors, spawn_rate=run.visitors)
    with gevent.Timeout(STARTING, exception=False):  # the seconds count from the first that is timed
        while not (times or failures):
            gevent.sleep(0.05)
    gevent.sleep(run.seconds)
    runner.stop()
    ended = time.perf_counter()
    runner.quit()
    elapsed = ended - min(begun, default=ended)
    return Result(times, elapsed, len(failures), failures[:MOST_FAILURES])
