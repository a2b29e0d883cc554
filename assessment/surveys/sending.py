"""What the director's pages ask of the outbox: invitations, reminders, the open link, a test message."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessment.access import Person
from assessment.clock import Clock
from assessment.database import Database
from assessment.errors import Refused
from assessment.mail import NoServer, NotSent, Unknown, transport_of
from assessment.models.surveys import (
    Message,
    MessageKind,
    MessageTemplate,
    Partner,
    Survey,
    SurveyMode,
    SurveyPartner,
)
from assessment.settings import Mailbox, Settings
from assessment.surveys import letters
from assessment.surveys.messages import DEFAULTS, Template, check_template

NO_MAIL_SERVER = (
    "No mail server is set up, and messages kept here as files would hold the links of an anonymous"
    " survey. Use one open link, or have TANDEM_MAIL_URL set."
)


def _invitations() -> Any:
    if find_spec("assessment.surveys.invitations") is None:
        raise Refused("Messages cannot be sent from here yet.")
    return import_module("assessment.surveys.invitations")


def by_link_only(survey: Survey, settings: Settings) -> bool:
    """Without a mail server messages stay here as readable files, which an anonymous survey cannot have."""
    return survey.mode == SurveyMode.ANONYMOUS and settings.mail_server is None


def invite(session: Session, survey: Survey, settings: Settings, now: datetime, by: int) -> int:
    """Queue an invitation to everybody asked who has none yet; how many."""
    if by_link_only(survey, settings):
        raise Refused(NO_MAIL_SERVER)
    before = _messages(session, survey)
    _invitations().queue(session, survey, now, by)
    session.flush()
    return _messages(session, survey) - before


def start(
    session: Session, survey: Survey, settings: Settings, now: datetime, by: int
) -> tuple[int, str | None]:
    """What goes out as a survey opens: how many invitations, and the open link where there is one."""
    link = make_open_link(session, survey, survey.open_link_cap, settings) if survey.open_link_cap else None
    if link and (by_link_only(survey, settings) or not to_invite(session, survey)):
        return 0, link
    return invite(session, survey, settings, now, by), link


def remind(session: Session, survey: Survey, settings: Settings, now: datetime) -> int:
    """Queue a reminder to everybody who has not finished; how many."""
    if by_link_only(survey, settings):
        raise Refused("No mail server is set up, so no reminder of an anonymous survey can be sent.")
    before = _messages(session, survey)
    _invitations().queue_reminders(session, survey, now)
    session.flush()
    return _messages(session, survey) - before


def make_open_link(session: Session, survey: Survey, cap: int, settings: Settings) -> str:
    """The address of a new open link, which no table keeps: show it once. An older one ends."""
    return letters.survey_link(settings, _invitations().make_open_link(session, survey, cap))


def _messages(session: Session, survey: Survey) -> int:
    query = select(func.count()).select_from(Message).where(Message.survey_id == survey.id)
    return session.scalar(query) or 0


def to_invite(session: Session, survey: Survey) -> int:
    """Partners asked, not left out, to whom no invitation is in the outbox."""
    invited = select(Message.partner_id).where(
        Message.survey_id == survey.id, Message.kind == MessageKind.INVITATION.value
    )
    query = (
        select(func.count())
        .select_from(SurveyPartner)
        .join(Partner, Partner.id == SurveyPartner.partner_id)
        .where(
            SurveyPartner.survey_id == survey.id,
            Partner.opted_out_on.is_(None),
            Partner.id.not_in(invited),
        )
    )
    return session.scalar(query) or 0


def keep_words(session: Session, survey: Survey, kind: MessageKind, template: Template) -> None:
    """What messages of this kind say from now on; ours need no row of their own. Refused for bad ones."""
    template = Template(template.subject.strip(), template.body.replace("\r\n", "\n").strip() + "\n")
    check_template(template)
    kept = session.get(MessageTemplate, (survey.id, kind.value))
    if kept is not None:
        session.delete(kept)
        session.flush()
    if template != DEFAULTS[kind]:
        session.add(
            MessageTemplate(
                survey_id=survey.id, kind=kind.value, subject=template.subject, body=template.body
            )
        )


def sample(
    session: Session, survey: Survey, person: Person, settings: Settings, preview: str, now: datetime
) -> EmailMessage:
    """The invitation as this person would get it, with links to the preview."""
    to = Mailbox(person.name, person.email)
    letter = letters.sample_letter(session, survey, MessageKind.INVITATION, to)
    return letters.compose_sample(letter, settings, preview, now)


def send_test(
    session: Session, survey: Survey, person: Person, settings: Settings, preview: str, now: datetime
) -> str:
    """One invitation to oneself, with links to the preview; a sentence. Refused where it failed."""
    mail = sample(session, survey, person, settings, preview, now)
    transport = transport_of(settings)
    try:
        transport.connect()
        transport.send(mail, person.email)
    except (NoServer, NotSent) as error:
        raise Refused(f"The test message was not sent: {error.reason}") from error
    except Unknown as error:
        raise Refused(
            "The mail server went away in the middle. Look into your mailbox, or try again."
        ) from error
    finally:
        transport.close()
    if settings.mail_server is None:
        return "No mail server is set up, so the test message is a file in the outbox folder."
    return f"The test message to {person.email} is on its way."


def decide(session: Session, survey: Survey, message: str, again: bool, now: datetime) -> None:
    """A person says what became of an uncertain message: send it again, or count it as sent."""
    _invitations().decide(session, survey, message, again, now)


def release(database: Database, clock: Clock, survey_id: int) -> None:
    """Release the results of a survey that has closed."""
    if find_spec("assessment.surveys.closing") is not None:
        import_module("assessment.surveys.closing").release_if_due(database, clock, survey_id)
