"""What a measure is, and how it is taken: ours and its floor in turn, the median of several runs of each."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

RUNS = 7

Figure = Callable[[], float]


@dataclass(frozen=True)
class Measure:
    """Two figures to set against each other; each call of ``ours`` or ``floor`` takes one."""

    name: str
    unit: str  # "s", "bytes" or "statements"
    ours: Figure
    floor: Figure
    limit: float  # of ours divided by floor
    runs: int = RUNS


@dataclass(frozen=True)
class Result:
    """The medians of one measure."""

    measure: Measure
    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def ok(self) -> bool:
        return self.ratio <= self.measure.limit


def take(measure: Measure) -> Result:
    """Take a measure: once to warm up, then in turn, so that a busy moment of the machine falls on both.

    What is taken only once is not warmed up: its size is not the time's, or it takes minutes.
    """
    if measure.runs > 1:
        measure.ours(), measure.floor()
    ours, floor = [], []
    for _ in range(measure.runs):
        ours.append(measure.ours())
        floor.append(measure.floor())
    return Result(measure, statistics.median(ours), statistics.median(floor))


def seconds(work: Callable[[], Any], times: int = 1) -> float:
    """The median time of one call, of so many in a row; the collector of garbage waits."""
    taken = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return statistics.median(taken)
