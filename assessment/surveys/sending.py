"""What the director's pages ask of the outbox: invitations, reminders, the open link, a test message."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessment.access import Person
from assessment.errors import Refused
from assessment.mail import NoServer, NotSent, Unknown, transport_of
from assessment.models.surveys import (
    Message,
    MessageKind,
    MessageState,
    MessageTemplate,
    Partner,
    Survey,
    SurveyMode,
    SurveyPartner,
)
from assessment.settings import Mailbox, Settings
from assessment.surveys import invitations, letters, outbox
from assessment.surveys.messages import DEFAULTS, Template, check_template


def by_link_only(survey: Survey, settings: Settings) -> bool:
    """Without a mail server messages stay here as readable files, which an anonymous survey cannot have."""
    return survey.mode == SurveyMode.ANONYMOUS and settings.mail_server is None


def invite(session: Session, survey: Survey, settings: Settings, now: datetime, by: int) -> int:
    """Queue an invitation to everybody asked who has none yet; how many."""
    return invitations.queue(session, survey, now, by, settings=settings)


def start(
    session: Session, survey: Survey, settings: Settings, now: datetime, by: int
) -> tuple[int, str | None]:
    """What goes out as a survey opens: how many invitations, and the open link where there is one."""
    cap = survey.open_link_cap
    link = make_open_link(session, survey, cap, settings, now, by) if cap else None
    if link and (by_link_only(survey, settings) or not to_invite(session, survey)):
        return 0, link
    return invite(session, survey, settings, now, by), link


def make_open_link(
    session: Session, survey: Survey, cap: int, settings: Settings, now: datetime, by: int
) -> str:
    """The address of a new open link, which no table keeps: show it once. An older one ends."""
    return letters.survey_link(settings, invitations.make_open_link(session, survey, cap, now, by))


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


def decide(session: Session, survey: Survey, public_id: str, again: bool, now: datetime, by: int) -> None:
    """A person says what becomes of a message in trouble: send it again, or count it as sent."""
    message = outbox.find_message(session, survey, public_id)
    (outbox.queue_again if again else outbox.mark_sent)(session, message, now, by)


def note_bounce(session: Session, survey: Survey, address: str, reason: str, now: datetime, by: int) -> None:
    """A message to this address came back to a person; Refused where none was sent there."""
    message = session.scalar(
        select(Message)
        .join(Partner, Partner.id == Message.partner_id)
        .where(
            Message.survey_id == survey.id,
            Partner.email == address.strip().lower(),
            Message.state.in_([MessageState.SENT.value, MessageState.UNCERTAIN.value]),
        )
        .order_by(Message.round.desc())
        .limit(1)
    )
    if message is None:
        raise Refused("No message of this survey was sent to that address. Look for a slip in it.")
    outbox.mark_bounced(session, message, reason, now, by)
