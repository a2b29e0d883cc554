"""What is to be done and how often. Each may run in any number of workers at once.

What there is to do stands in the database: messages, letters and files wait in queues from which a worker
claims one after another, days come, cycles close. So a task has nothing to remember: it looks, and does what
it finds. A task returns a sentence where there was trouble that will pass, else an empty text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Event

from sqlalchemy.exc import OperationalError

from assessment.accounts import provider_journeys
from assessment.accounts.links_delivery import AccountLetters
from assessment.clock import Clock
from assessment.database import Database
from assessment.exports.making import Maker
from assessment.exports.worker import ExportWorker
from assessment.mail import NoServer, Transport, transport_of
from assessment.network.release import release_due
from assessment.privacy import retention
from assessment.settings import Settings
from assessment.surveys.closing import left_to_close, release_if_due
from assessment.surveys.copies import prepare_all_due
from assessment.surveys.delivery import Delivered, deliver
from assessment.surveys.invitations import queue_due_reminders
from assessment.surveys.throttle import forget_old
from questionnaires.library import Library

log = logging.getLogger(__name__)

HOUR = 3600.0
LETTERS, MESSAGES = "letters about accounts", "messages"
Transports = Callable[[Settings], Transport]


@dataclass(frozen=True)
class Task:
    """One kind of work. ``shared``: once in its period by whichever worker comes first, not by each."""

    name: str
    every: float  # seconds
    run: Callable[[], str]
    shared: bool = False


@dataclass(frozen=True)
class Work:
    """What the tasks need; ``keep`` computes and keeps the aggregates of a cycle before it is reduced."""

    database: Database
    settings: Settings
    clock: Clock
    library: Library
    makers: Mapping[str, Maker]
    keep: retention.Keep
    stop: Event
    transports: Transports = transport_of

    def tasks(self) -> tuple[Task, ...]:
        """Everything, in an order in which one round of it makes sense."""
        return (
            Task(LETTERS, 2.0, self._letters),
            Task("reminders", 60.0, self._reminders),
            Task("releases", 15.0, self._releases),
            Task("forgetting", HOUR, self._forget, shared=True),
            Task("surveys that recur", HOUR, self._recur, shared=True),
            Task("retention", HOUR, self._retain, shared=True),
            Task(MESSAGES, 5.0, lambda: self.messages().trouble),
            Task("files", 2.0, self._files),
        )

    def messages(self) -> Delivered:
        """Send what is due; the message in hand is finished first when the worker stops."""
        return deliver(
            self.database, self._transport, self.settings, self.clock, None, self.stop.is_set, self._sleep
        )

    @cached_property
    def _transport(self) -> Transport:
        return self.transports(self.settings)

    @cached_property
    def letters(self) -> AccountLetters:
        """With a connection of their own, so that a link to sign in never waits behind a survey."""
        transport = self.transports(self.settings)
        return AccountLetters(self.database, transport, self.settings, self.clock, self.stop)

    def _letters(self) -> str:
        try:
            self.letters.all_due()
        except NoServer as error:
            return f"No letter about an account can be sent now. {error.reason}"
        return ""

    def _files(self) -> str:
        ExportWorker(self.database, self.clock, self.makers, self.stop).all_waiting()
        return ""

    def _reminders(self) -> str:
        with self.database.writing() as session:
            queued = queue_due_reminders(session, self.clock.now(), settings=self.settings)
        if queued:
            log.info("%d reminders queued", queued)
        return ""

    def _releases(self) -> str:
        """Surveys and networks that are over; whatever is wrong with one, the others are released."""
        release_due(self.database, self.clock)
        with self.database.reading() as session:
            ended = list(left_to_close(session, self._today))
        wrong = [survey_id for survey_id in ended if not self._release(survey_id)]
        return f"{len(wrong)} surveys cannot be released; the log says why." if wrong else ""

    def _release(self, survey_id: int) -> bool:
        try:
            release_if_due(self.database, self.clock, survey_id, self.library)
        except OperationalError:
            raise
        except Exception:
            log.exception("Survey %d cannot be released", survey_id)
            return False
        return True

    def _forget(self) -> str:
        """What is kept for a short time only."""
        now = self.clock.now()
        with self.database.writing() as session:
            forget_old(session, now)
            provider_journeys.forget_old(session, now)
        return ""

    def _recur(self) -> str:
        prepare_all_due(self.database, self.library, self._today, self.clock.now())
        return ""

    def _retain(self) -> str:
        years = self.settings.retention_years
        for _reduced in retention.run(self.database, self.clock, years, self.keep, self.stop.is_set):
            continue
        return ""

    @property
    def _today(self) -> date:
        return self.clock.today()

    def _sleep(self, seconds: float) -> None:
        self.stop.wait(seconds)
