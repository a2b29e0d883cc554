"""Fifty people at once, in a process of their own.

    python -m benchmarks.load.crowd        reads a run a line from standard input, writes its result as a line

locust replaces the sockets of its process by those of gevent, which nothing else of a benchmark should meet;
and one process for all runs spares the seconds that locust takes to start.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import IO

SAVE, EMPTY, SUBMIT = "save an answer", "empty route", "submit"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """What is to be done: so many visitors of one kind, for so many seconds."""

    counted: str  # the requests that are timed, by which visitors.KINDS names who sends them
    host: str
    people: str  # a file: a person a line
    visitors: int
    seconds: float
    hurried: bool = False  # no thought between two requests


@dataclass(frozen=True)
class Result:
    """Times of the counted requests in seconds, all of them, and what went wrong with any request."""

    times: list[float]
    elapsed: float
    failed: int
    failures: list[str]  # of some of them, what it was

    @property
    def sent(self) -> int:
        return len(self.times) + self.failed

    @property
    def median(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[-1]

    @property
    def seconds_each(self) -> float:
        """What one request takes of the time of all."""
        return self.elapsed / len(self.times)


@dataclass(frozen=True)
class Crowd:
    """The process, to be asked for one run after another."""

    to: IO[str]
    back: IO[str]

    def run(self, run: Run) -> Result:
        self.to.write(json.dumps(asdict(run)) + "\n")
        self.to.flush()
        line = self.back.readline()
        if not line:
            raise RuntimeError("The process of the crowd has ended; what it said stands above.")
        return Result(**json.loads(line))


@contextmanager
def gathered() -> Iterator[Crowd]:
    """A crowd that waits for its first run; it goes home where the block ends."""
    command = [sys.executable, "-m", "benchmarks.load.crowd"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Crowd(process.stdin, process.stdout)


def main() -> None:
    from benchmarks.load.running import take  # not above: locust belongs into this process alone

    for line in sys.stdin:
        result = take(Run(**json.loads(line)))
        print(json.dumps(asdict(result)), flush=True)


if __name__ == "__main__":
    main()
