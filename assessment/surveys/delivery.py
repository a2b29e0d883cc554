"""The worker's part: one message after another, each claimed, handed over and settled."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from assessment.clock import Clock
from assessment.database import Database, Session
from assessment.mail import NoServer, NotSent, Refusal, SenderRefused, Transport, Unknown
from assessment.models.surveys import MessageState
from assessment.settings import Settings
from assessment.surveys import outbox
from assessment.surveys.letters import compose, opt_out_link, survey_link
from assessment.surveys.messages import deliverable
from assessment.surveys.outbox import Claimed, Outcome, Withdrawn

log = logging.getLogger(__name__)

PATIENCE = (1.0, 2.0, 5.0, 10.0)  # seconds between tries to write down what became of a message
LONGEST_PAUSE = 0.5  # seconds that pass before a stop is noticed

Step = TypeVar("Step")


@dataclass
class Delivered:
    """What one run did."""

    states: Counter[MessageState] = field(default_factory=Counter)
    trouble: str = ""  # why it ended early; the rest waits

    @property
    def sentence(self) -> str:
        """The counts in words."""
        s, of = MessageState, self.states
        words = f"{of[s.SENT]} sent, {of[s.QUEUED]} to be tried again, {of[s.FAILED]} failed"
        return f"{words}, {of[s.WITHDRAWN]} withdrawn, {of[s.UNCERTAIN]} uncertain."


def deliver(
    database: Database,
    transport: Transport,
    settings: Settings,
    clock: Clock,
    limit: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> Delivered:
    """Send what is due, at most ``limit`` messages, or until ``stopped``; the one in hand is finished."""
    with closing(transport):
        return _Run(database, transport, settings, clock, stopped, sleep).go(limit)


class _Run:
    def __init__(
        self,
        database: Database,
        transport: Transport,
        settings: Settings,
        clock: Clock,
        stopped: Callable[[], bool],
        sleep: Callable[[float], None],
    ) -> None:
        self._database, self._transport, self._settings = database, transport, settings
        self._clock, self._stopped, self._sleep = clock, stopped, sleep
        self._worker = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._unsettled: tuple[Claimed, Outcome] | None = None
        self._done = Delivered()

    def go(self, limit: int | None) -> Delivered:
        self._tidy()
        if self._anything_due():
            try:
                self._send_all(limit)
            except NoServer as error:
                self._end_early(error.reason)
            finally:
                self._settle()
        return self._done

    def _tidy(self) -> None:
        """Messages that a dead worker left behind, and those of closed surveys."""
        with self._database.writing() as session:
            states = self._done.states
            states[MessageState.UNCERTAIN] += outbox.recover(session, self._worker, self._clock.now())
            states[MessageState.WITHDRAWN] += outbox.withdraw_closed(session, self._clock.today())

    def _anything_due(self) -> bool:
        with self._database.reading() as session:
            return outbox.any_due(session, self._clock.now(), self._transport.keeps_copies)

    def _send_all(self, limit: int | None) -> None:
        handed_over = 0
        while handed_over != limit and not self._stopped() and not self._done.trouble:
            if not self._transport.ready:
                self._settle()  # connecting may take long, or fail
                self._transport.connect()
            match self._settle_and_claim():
                case None:
                    return
                case Claimed() as claimed:
                    self._unsettled = claimed, self._hand_over(claimed)
                    handed_over += 1
                case float(seconds):
                    self._wait(seconds)
                case Withdrawn():
                    self._done.states[MessageState.WITHDRAWN] += 1

    def _hand_over(self, claimed: Claimed) -> Outcome:
        settings = self._settings
        links = survey_link(settings, claimed.token), opt_out_link(settings, claimed.partner)
        try:
            to = deliverable(claimed.letter.to.address)
            mail = compose(claimed.letter, settings, links, claimed.public_id, claimed.claimed_at)
        except Exception as error:  # nothing has gone out: whatever it is, this message cannot be sent
            log.error("Message %s cannot be made: %s", claimed.public_id, type(error).__name__)
            return Refusal("The message could not be made: its address cannot be written to.")
        try:
            self._transport.send(mail, to)
        except (NotSent, Unknown) as outcome:
            log.warning("Message %s: %s", claimed.public_id, type(outcome).__name__)
            if isinstance(outcome, SenderRefused):
                self._end_early(outcome.reason)
            return outcome
        return None

    def _end_early(self, reason: str) -> None:
        self._done.trouble = reason
        log.warning("No message can be sent now. %s", reason)

    def _settle(self) -> None:
        self._in_a_transaction(lambda _session: None)

    def _settle_and_claim(self) -> Claimed | Withdrawn | float | None:
        """One transaction for the end of a message and the start of the next; a float: wait so long."""
        return self._in_a_transaction(self._claim)

    def _claim(self, session: Session) -> Claimed | Withdrawn | float | None:
        now, copies = self._clock.now(), self._transport.keeps_copies
        pause = outbox.pause_needed(session, self._settings.mail_per_minute, now)
        return pause or outbox.claim(session, self._worker, now, self._clock.today(), copies)

    def _in_a_transaction(self, work: Callable[[Session], Step]) -> Step:
        """Settle what is unsettled, then ``work``; again where the database is busy or away for a moment."""
        for pause in (*PATIENCE, None):
            try:
                with self._database.writing() as session:
                    state = self._settled(session)
                    done = work(session)
            except OperationalError:
                if pause is None:
                    raise
                self._sleep(pause)
            else:
                break
        if state is not None:
            self._done.states[state] += 1
        self._unsettled = None
        return done

    def _settled(self, session: Session) -> MessageState | None:
        if self._unsettled is None:
            return None
        claimed, outcome = self._unsettled
        return outbox.settle(session, claimed, outcome, self._clock.now())

    def _wait(self, seconds: float) -> None:
        """For the pace; a stop is noticed in between."""
        self._settle()
        while seconds > 0 and not self._stopped():
            self._sleep(min(seconds, LONGEST_PAUSE))
            seconds -= LONGEST_PAUSE
