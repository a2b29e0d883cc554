"""Sends the letters about accounts: beside the surveys' mail, so that a link never waits behind a survey."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from sqlalchemy.exc import OperationalError

from assessment.accounts import links_outbox
from assessment.accounts.links_letters import compose
from assessment.accounts.links_outbox import Claimed, Outcome
from assessment.clock import Clock
from assessment.database import Database
from assessment.mail import NoServer, NotSent, Refusal, Transport, Unknown
from assessment.settings import Settings
from assessment.surveys.messages import deliverable

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
AFTER_TROUBLE_SECONDS = 15.0
SECONDS_TO_STOP = 10.0


def _name() -> str:
    return f"{os.getpid()}-{secrets.token_hex(8)}"


@dataclass(frozen=True)
class AccountLetters:
    """One worker; any number may run at once."""

    database: Database
    transport: Transport
    settings: Settings
    clock: Clock
    stop: Event = field(default_factory=Event)
    worker: str = field(default_factory=_name)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Watch in a thread while the block runs; whoever leaves it has set ``stop``."""
        thread = Thread(target=self.watch, name="account letters", daemon=True)
        thread.start()
        yield
        thread.join(SECONDS_TO_STOP)

    def watch(self) -> None:
        """Round after round, until ``stop`` is set; a letter in hand is finished first."""
        while not self.stop.is_set():
            pause = EVERY_SECONDS
            try:
                self.all_due()
            except NoServer as error:
                log.warning("No letter about an account can be sent now. %s", error.reason)
                pause = AFTER_TROUBLE_SECONDS
            except OperationalError as error:
                log.error("The database does not answer: %s", type(error.orig).__name__)
                pause = AFTER_TROUBLE_SECONDS
            except Exception:
                log.exception("The worker for letters about accounts has trouble")
                pause = AFTER_TROUBLE_SECONDS
            self.stop.wait(pause)

    def all_due(self) -> int:
        """Send everything that is due. How many letters there were; NoServer where none can be sent."""
        now, sent = self.clock.now(), 0
        with self.database.reading() as session:
            if not links_outbox.any_due(session, now):
                return 0
        with self.database.writing() as session:
            links_outbox.tidy(session, self.worker, now)
        with closing(self.transport):
            while not self.stop.is_set():
                if not self.transport.ready:
                    self.transport.connect()
                with self.database.writing() as session:
                    claimed = links_outbox.claim(session, self.worker, self.clock.now(), self._local)
                if claimed is None:
                    break
                if isinstance(claimed, Claimed):
                    self._send(claimed)
                    sent += 1
        return sent

    @property
    def _local(self) -> bool:
        return bool(getattr(self.settings, "local_passwords", True))

    def _send(self, claimed: Claimed) -> None:
        outcome = self._hand_over(claimed)
        if outcome is not None:
            log.warning("Letter %s: %s", claimed.public_id, type(outcome).__name__)
        with self.database.writing() as session:
            links_outbox.settle(session, claimed, outcome, self.clock.now())

    def _hand_over(self, claimed: Claimed) -> Outcome:
        try:
            to = deliverable(claimed.letter.to.address)
            mail = compose(
                claimed.letter, self.settings, claimed.token, claimed.public_id, claimed.claimed_at
            )
        except ValueError:
            return Refusal("The message could not be made: its address cannot be written to.")
        try:
            self.transport.send(mail, to)
        except (NotSent, Unknown) as outcome:
            return outcome
        return None
