"""The command that does what is to be done beside the web processes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT, SIGTERM
from threading import Event

import click
from flask import current_app
from flask.cli import with_appcontext

from assessment.monitoring.logs import write_logs
from assessment.web import clock, database, library, settings
from assessment.working.schedule import Doing, Schedule
from assessment.working.tasks import Work

log = logging.getLogger(__name__)


@click.command("work")
@click.option("--with-parent", is_flag=True, help="End when the process that started this one is gone.")
@with_appcontext
def work_command(with_parent: bool) -> None:
    """Do what is to be done beside the web processes, until it is stopped.

    Sends messages and letters, makes files that were asked for, queues reminders on their day, releases what
    has closed, prepares surveys that recur, removes what is past its period. Any number of workers may run on
    one database. Stop it with Ctrl-C or SIGTERM: what is in hand is finished, or begun again by another.

    Example: flask work
    """
    parent = os.getppid()
    run_worker(parent if with_parent else None)


def run_worker(parent: int | None = None) -> None:
    """Work until a signal says stop, or the parent is gone."""
    write_logs(current_app, settings().serving.logs)
    with stopped_by_signals() as stop:
        doing = Doing(database(), clock(), stop)
        schedule = Schedule(doing, work_of_the_application(stop).tasks(), lambda: _gone(parent))
        finished = schedule.run()
    if not finished:  # its threads would keep the process; whatever they do is a transaction, or begun again
        log.warning("The worker stops in the middle of what it does; it is begun again later")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def _gone(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent


def work_of_the_application(stop: Event) -> Work:
    """What the tasks need, as ``create_app`` put it together."""
    parts = current_app.extensions
    makers, keep = parts["tandem.makers"], parts["tandem.aggregates"]
    return Work(database(), settings(), clock(), library(), makers, keep, stop)


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """An event that SIGTERM and Ctrl-C set while the block runs."""
    stop = Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (SIGTERM, SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
