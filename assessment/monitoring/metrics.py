"""What is counted: requests and their times by route, saves, submissions.

Labels hold what the program says of itself, never what somebody sent, so that there are few of them and no
secret is among them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import prometheus_client.values
from flask import current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the processes of one server keep what they have counted
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Those of one application."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self.requests = Counter(
            "tandem_requests", "Requests answered.", ["route", "method", "status"], registry=self._own
        )
        self.seconds = Histogram(
            "tandem_request_seconds",
            "Time until a request was answered, without sending the answer.",
            ["route", "method"],
            buckets=SECONDS,
            registry=self._own,
        )
        self.under_way = Gauge(
            "tandem_requests_under_way",
            "Requests that are being answered; at most as many as there are threads.",
            multiprocess_mode="livesum",
            registry=self._own,
        )
        self.saves = Counter(
            "tandem_saves",
            "Answers that somebody meant to save: saved, conflict (somebody else had changed it), refused.",
            ["questionnaire", "outcome"],
            registry=self._own,
        )
        self.submissions = Counter(
            "tandem_submissions", "Responses handed in.", ["questionnaire"], registry=self._own
        )

    def registry(self) -> CollectorRegistry:
        """Everything counted, by all processes of this server where there are several."""
        if FOLDER not in os.environ:
            return self._own
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together


def count_together(folder: str, place: Callable[[], int]) -> None:
    """From now on metrics are kept in this folder, a set of files for each ``place`` of a process.

    A process that takes another's place counts on in its files, so that there are never more of them than
    processes; by their process ids they would become more each day.
    """
    os.environ[FOLDER] = folder
    prometheus_client.values.ValueClass = prometheus_client.values.MultiProcessValue(place)  # type: ignore


def forget_place(place: int) -> None:
    """A process has ended: what it was in the middle of is no longer under way."""
    if FOLDER in os.environ:
        mark_process_dead(place)  # type: ignore[no-untyped-call]


def metrics() -> Metrics:
    return current_app.extensions["tandem.metrics"]


def count_saves(questionnaire: str, results: Iterable[Any]) -> None:
    """``questionnaire`` is its kind; a result has an ``outcome``."""
    for result in results:
        metrics().saves.labels(questionnaire, result.outcome.value).inc()


def count_submission(questionnaire: str) -> None:
    metrics().submissions.labels(questionnaire).inc()
