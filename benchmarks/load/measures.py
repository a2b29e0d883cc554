"""Saving while fifty people save, against a route that does nothing else, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.crowd import EMPTY, SAVE, SUBMIT, Crowd, Result, Run, gathered
from benchmarks.load.servers import postgresql
from benchmarks.load.world import World, served
from benchmarks.measure import Figure, Measure

FEW, MANY = 100, 100_000
VISITORS = 50
SECONDS, HURRIED_SECONDS = 3, 2
RESPONDENTS = 2_000  # more forms than are submitted in all rounds
RUNS = 5
MEDIAN_LIMIT, P95_LIMIT, FLAT_LIMIT, HURRY_LIMIT = 5, 10, 1.3, 4


@dataclass(frozen=True)
class Round:
    """Each kind of run once, one right after the other, so that a busy moment of the machine falls on all."""

    saves: Result
    empty: Result
    saves_among_few: Result
    hurried: Result
    hurried_empty: Result
    stored: int  # of the hurried saves
    submitted: Result  # while others read reports
    submissions_stored: int


@dataclass(frozen=True)
class Rounds:
    """Rounds are run when a measure asks for them; all measures read the same ones."""

    crowd: Crowd
    many: World
    few: World
    taken: list[Round] = field(default_factory=list)

    def figure(self, of: Callable[[Round], float]) -> Figure:
        """The figure of the first round, of the second, and so on."""
        numbers = itertools.count()
        return lambda: of(self._round(next(numbers)))

    def _round(self, number: int) -> Round:
        while len(self.taken) <= number:
            self.taken.append(self._take())
        return self.taken[number]

    def _take(self) -> Round:
        saves, empty = self._run(self.many, SAVE), self._run(self.many, EMPTY)
        among_few = self._run(self.few, SAVE)
        before = self.many.saves_stored()
        hurried = self._run(self.many, SAVE, hurried=True)
        stored = self.many.saves_stored() - before
        hurried_empty = self._run(self.many, EMPTY, hurried=True)
        before = self.many.submissions_stored()
        submitted = self._run(self.many, SUBMIT)
        submissions = self.many.submissions_stored() - before
        return Round(saves, empty, among_few, hurried, hurried_empty, stored, submitted, submissions)

    def _run(self, world: World, counted: str, *, hurried: bool = False) -> Result:
        seconds = HURRIED_SECONDS if hurried else SECONDS
        people = world.respondents if counted == SUBMIT else world.people
        return self.crowd.run(Run(counted, world.host, str(people), VISITORS, seconds, hurried))


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    with ExitStack() as open_things:
        crowd, made = open_things.enter_context(gathered()), open_things.enter_context(postgresql())
        found = []
        for database in ("SQLite", "PostgreSQL"):
            place = folder / database
            place.mkdir()
            urls = [made(f"of_{size}") if database == "PostgreSQL" else "" for size in (MANY, FEW)]
            many = open_things.enter_context(served(place / "many", MANY, VISITORS, RESPONDENTS, urls[0]))
            few = open_things.enter_context(served(place / "few", FEW, VISITORS, url=urls[1]))
            found += measures_of(Rounds(crowd, many, few), database)
        yield found


def measures_of(rounds: Rounds, database: str) -> list[Measure]:
    figure, thinking, hurrying = rounds.figure, "a second of thought", "without a pause"
    what = f"{VISITORS} people save, {database}"
    filling = f"{VISITORS} people open, save, submit and read reports, {database}"
    return [
        Measure(
            f"{what}, {thinking}, median against an empty route", "s",
            figure(lambda r: r.saves.median), figure(lambda r: r.empty.median), MEDIAN_LIMIT, RUNS,
        ),
        Measure(
            f"{what}, {thinking}, p95 against an empty route", "s",
            figure(lambda r: r.saves.p95), figure(lambda r: r.empty.p95), P95_LIMIT, RUNS,
        ),
        Measure(
            f"{what}, {thinking}, median, {MANY:,} responses stored against {FEW}", "s",
            figure(lambda r: r.saves.median), figure(lambda r: r.saves_among_few.median), FLAT_LIMIT, RUNS,
        ),
        Measure(
            f"{what}, {hurrying}, time of one save against an empty route", "s",
            figure(lambda r: r.hurried.seconds_each), figure(lambda r: r.hurried_empty.seconds_each),
            HURRY_LIMIT, RUNS,
        ),
        Measure(
            f"{what}, {hurrying}, sent against answered well", "saves",
            figure(lambda r: r.hurried.sent), figure(lambda r: len(r.hurried.times)), 1, RUNS,
        ),
        Measure(
            f"{what}, {hurrying}, answered well against stored", "saves",
            figure(lambda r: len(r.hurried.times)), figure(lambda r: r.stored), 1, RUNS,
        ),
        Measure(
            f"{filling}, sent against answered well", "submissions",
            figure(lambda r: r.submitted.sent), figure(lambda r: len(r.submitted.times)), 1, RUNS,
        ),
        Measure(
            f"{filling}, answered well against stored", "submissions",
            figure(lambda r: len(r.submitted.times)), figure(lambda r: r.submissions_stored), 1, RUNS,
        ),
    ]  # fmt: skip
