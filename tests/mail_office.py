"""A survey whose invitations are queued, and a worker that a test starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from assessment.mail import SmtpTransport, Transport
from assessment.models.surveys import Invitation, Survey
from assessment.settings import MailServer, Settings
from assessment.surveys import delivery, invitations, outbox
from tests.conftest import Network
from tests.mail_sink import Sink
from tests.survey_world import add_survey, messages_of, states_of


class Office:
    """A survey whose invitations are queued, and a worker that a test starts."""

    def __init__(
        self, network: Network, settings: Settings, sink: Sink, partners: int, **survey: Any
    ) -> None:
        self.database, self.clock, self.sink = network.database, network.clock, sink
        self.settings = replace(settings, mail_server=MailServer(sink.host, sink.port))
        with self.database.writing() as session:
            self.survey_id = add_survey(session, partners, **survey).id
            row = session.get_one(Survey, self.survey_id)
            invitations.queue(session, row, self.clock.now(), None, settings=self.settings)

    def deliver(self, transport: Transport | None = None, **more: Any) -> delivery.Delivered:
        out = transport or self.transport()
        return delivery.deliver(self.database, out, self.settings, self.clock, **more)

    def transport(self) -> SmtpTransport:
        assert self.settings.mail_server
        return SmtpTransport(self.settings.mail_server, self.settings.mail_from.address, "localhost")

    @property
    def states(self) -> list[str]:
        return list(states_of(self.database, self.survey_id).values())

    def links(self) -> dict[str, bool]:
        """Of each hash in the table whether it is revoked."""
        with self.database.reading() as session:
            return dict(session.execute(select(Invitation.token_hash, Invitation.revoked)).all())  # type: ignore[arg-type]

    def message(self, number: int = 0) -> Any:
        return messages_of(self.database, self.survey_id)[number]

    def decide(self, step: Callable[..., None], number: int = 0, **more: Any) -> None:
        with self.database.writing() as session:
            survey = session.get_one(Survey, self.survey_id)
            found = outbox.find_message(session, survey, self.message(number).public_id)
            step(session, found, **more, now=self.clock.now(), by=None)


MakeOffice = Callable[..., Office]
