"""Sends the letters about accounts: beside the surveys' mail, so that a link never waits behind a survey."""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event

from assessment.accounts import links_outbox
from assessment.accounts.links_letters import compose
from assessment.accounts.links_outbox import Claimed, Outcome
from assessment.clock import Clock
from assessment.database import Database
from assessment.mail import NotSent, Refusal, Transport, Unknown
from assessment.settings import Settings
from assessment.surveys.messages import deliverable

log = logging.getLogger(__name__)


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
