"""What runs beside the server: sends what is queued, queues reminders on their day, closes what has ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from sqlalchemy.exc import OperationalError

from assessment.accounts import provider_journeys
from assessment.clock import Clock
from assessment.database import Database
from assessment.mail import Transport
from assessment.network.release import release_due
from assessment.settings import Settings
from assessment.surveys.closing import left_to_close
from assessment.surveys.copies import prepare_all_due
from assessment.surveys.delivery import Delivered, deliver
from assessment.surveys.invitations import queue_due_reminders
from assessment.surveys.throttle import forget_old
from questionnaires.library import Library

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
AFTER_TROUBLE_SECONDS = 15.0  # when the mail server was not there, or the database

Release = Callable[[Database, Clock, int], object]


@dataclass(frozen=True)
class Worker:
    """One worker; any number may run at once."""

    database: Database
    transport: Transport
    settings: Settings
    clock: Clock
    release: Release
    stop: Event
    library: Library
    retain: Callable[[], object] = list  # reduces cycles past their period
    _hours: list[int] = field(default_factory=list)  # the hour in which the house was last kept

    def watch(self) -> None:
        """Round after round, until ``stop`` is set; a message in hand is finished first."""
        while not self.stop.is_set():
            try:
                trouble = self.round().trouble
            except OperationalError as error:
                trouble = f"The database does not answer: {type(error.orig).__name__}"
                log.error(trouble)
            self.stop.wait(AFTER_TROUBLE_SECONDS if trouble else EVERY_SECONDS)

    def round(self) -> Delivered:
        """Everything that is to be done now, once."""
        with self.database.writing() as session:
            queued = queue_due_reminders(session, self.clock.now(), settings=self.settings)
        if queued:
            log.info("%d reminders queued", queued)
        for survey_id in self._ended():
            self._release(survey_id)
        release_due(self.database, self.clock)
        self._keep_house()
        return deliver(
            self.database, self.transport, self.settings, self.clock, None, self.stop.is_set, self._sleep
        )

    def _release(self, survey_id: int) -> None:
        """Whatever is wrong with one survey, the mail of the others goes out."""
        try:
            self.release(self.database, self.clock, survey_id)
        except Exception:
            log.exception("Survey %d cannot be released", survey_id)

    def _sleep(self, seconds: float) -> None:
        self.stop.wait(seconds)

    def _ended(self) -> list[int]:
        """Surveys that are over and of which something is left to be done."""
        with self.database.reading() as session:
            return list(left_to_close(session, self.clock.today()))

    def _keep_house(self) -> None:
        """Once an hour: forget what is over, prepare surveys that recur, reduce cycles past their period."""
        now = self.clock.now()
        hour = int(now.timestamp()) // 3600
        if self._hours and self._hours[-1] == hour:
            return
        self._hours[:] = [hour]
        with self.database.writing() as session:
            forget_old(session, now)
            provider_journeys.forget_old(session, now)
        prepare_all_due(self.database, self.library, self.clock.today(), now)
        self._retain()

    def _retain(self) -> None:
        """Whatever is wrong with one cycle, the mail goes out."""
        try:
            self.retain()
        except OperationalError:
            raise
        except Exception:
            log.exception("Cycles past their period cannot be reduced")
