"""From a message of the outbox to the mail that goes out: who writes to whom, about what, with which link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.models.surveys import (
    Message,
    MessageKind,
    MessageTemplate,
    Partner,
    Survey,
    SurveyPartner,
)
from assessment.settings import Mailbox, Settings
from assessment.surveys.links import opt_out_token
from assessment.surveys.messages import DEFAULTS, Envelope, Template, mail_of, privacy_sentence, render

USUAL_MINUTES = 10
NO_NAME = "colleague"


@dataclass(frozen=True)
class Letter:
    """All that a message's text depends on but its link."""

    template: Template
    center: str
    title: str
    minutes: int
    closes: date
    mode: str
    floor: int
    reply_to: Mailbox | None
    to: Mailbox
    organization: str


def letter_query() -> Select:
    """A row a message: what ``letter_of`` needs, and what says whether the message is still wanted."""
    return (
        select(
            Message.id,
            Message.public_id,
            Message.kind,
            Message.attempts,
            Message.survey_id,
            Message.partner_id,
            Survey.mode,
            Survey.floor,
            Survey.burden_minutes,
            Survey.opened_at,
            Cycle.title,
            Cycle.opens_on,
            Cycle.closes_on,
            Cycle.closed_at,
            Center.name.label("center"),
            Partner.public_id.label("partner"),
            Partner.email,
            Partner.name,
            Partner.organization,
            Partner.opted_out_on,
            SurveyPartner.partner_id.label("asked"),
            SurveyPartner.finished_on,
            MessageTemplate.subject,
            MessageTemplate.body,
            PersonRow.name.label("writer"),
            PersonRow.email.label("writer_email"),
        )
        .join(Survey, Message.survey_id == Survey.id)
        .join(Cycle, Survey.cycle_id == Cycle.id)
        .join(Center, Survey.fusion_center_id == Center.id)
        .join(Partner, Message.partner_id == Partner.id)
        .outerjoin(
            SurveyPartner,
            and_(
                SurveyPartner.survey_id == Message.survey_id,
                SurveyPartner.partner_id == Message.partner_id,
            ),
        )
        .outerjoin(
            MessageTemplate,
            and_(MessageTemplate.survey_id == Survey.id, MessageTemplate.kind == Message.kind),
        )
        .outerjoin(PersonRow, and_(Survey.created_by_id == PersonRow.id, PersonRow.active))
    )


def letter_of(row: Row) -> Letter:
    """The letter of one row of ``letter_query``."""
    return Letter(
        template=Template(row.subject, row.body) if row.subject else DEFAULTS[MessageKind(row.kind)],
        center=row.center,
        title=row.title,
        minutes=row.burden_minutes or USUAL_MINUTES,
        closes=row.closes_on,
        mode=row.mode,
        floor=row.floor,
        reply_to=Mailbox(row.writer, row.writer_email) if row.writer_email else None,
        to=Mailbox(row.name, row.email),
        organization=row.organization,
    )


def template_of(session: Session, survey: Survey, kind: MessageKind) -> Template:
    """What the survey's messages of this kind say: the operator's text, else ours."""
    kept = session.get(MessageTemplate, (survey.id, kind.value))
    return Template(kept.subject, kept.body) if kept else DEFAULTS[kind]


def sample_letter(session: Session, survey: Survey, kind: MessageKind, to: Mailbox) -> Letter:
    """The letter that this person would get, were they a partner of the survey."""
    writer = session.get(PersonRow, survey.created_by_id) if survey.created_by_id else None
    return Letter(
        template=template_of(session, survey, kind),
        center=survey.fusion_center.name,
        title=survey.cycle.title,
        minutes=survey.burden_minutes or USUAL_MINUTES,
        closes=survey.cycle.closes_on,
        mode=survey.mode,
        floor=survey.floor,
        reply_to=Mailbox(writer.name, writer.email) if writer else None,
        to=to,
        organization=survey.fusion_center.name,
    )


def survey_link(settings: Settings, token: str) -> str:
    """The address in the message; built from the setting, never from what a request says of itself."""
    return f"{settings.base_url}/s/{token}"


def opt_out_link(settings: Settings, partner: str) -> str:
    """The address by which this partner (public id) is never asked again."""
    return f"{settings.base_url}/opt-out/{opt_out_token(partner, settings.secret_key)}"


def compose(
    letter: Letter, settings: Settings, links: tuple[str, str], message: str, now: datetime
) -> EmailMessage:
    """The mail. ``links``: to the survey and out of it; ``message``: a public id. ValueError: no address."""
    link, opt_out = links
    values = {
        "name": letter.to.name or NO_NAME,
        "organization": letter.organization,
        "center": letter.center,
        "title": letter.title,
        "minutes": str(letter.minutes),
        "closes": f"{letter.closes.day} {letter.closes:%B %Y}",
        "privacy": privacy_sentence(letter.mode, letter.floor),
        "link": link,
        "opt_out": opt_out,
    }
    envelope = Envelope(
        sender=Mailbox(letter.center, settings.mail_from.address),
        to=letter.to,
        message_id=f"{message}@{urlsplit(settings.base_url).hostname}",
        date=now.astimezone(settings.timezone),
        reply_to=letter.reply_to,
        unsubscribe="" if link == opt_out else opt_out,
    )
    return mail_of(render(letter.template, values), envelope)


def compose_sample(letter: Letter, settings: Settings, preview: str, now: datetime) -> EmailMessage:
    """A test message: both of its links lead to the preview, an address of ours."""
    return compose(letter, settings, (preview, preview), f"test-{secrets.token_hex(8)}", now)
