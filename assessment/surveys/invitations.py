"""Who is invited and reminded, and the links that lead into a survey.

Queueing makes no link: a personal one is made when its message is sent (see ``outbox``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import Select, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.cycles.services import CycleState, state_of
from assessment.errors import Refused
from assessment.models.base import new_public_id
from assessment.models.surveys import (
    Message,
    MessageKind,
    MessageState,
    Partner,
    ReminderDay,
    Survey,
    SurveyMode,
    SurveyPartner,
)
from assessment.settings import Settings
from assessment.surveys import outbox
from assessment.surveys.links import invitation_hash, new_token

OPENING_HOUR = time(8)  # of the first day, for what is queued before it
NO_MAIL_FROM_ANONYMOUS = (
    "This survey is anonymous and there is no mail server: the links would stay in files here, each beside a"
    " name. Set TANDEM_MAIL_URL, or give out the open link."
)
ARRIVED = [MessageState.SENT.value, MessageState.UNCERTAIN.value]
NOT_NOW = [  # one is on its way, or their address does not work
    MessageState.QUEUED.value,
    MessageState.SENDING.value,
    MessageState.FAILED.value,
    MessageState.BOUNCED.value,
]


def queue(session: Session, survey: Survey, now: datetime, by: int | None, *, settings: Settings) -> int:
    """An invitation for each partner of the survey who has none yet; how many. Doing it again adds none."""
    _lock(session, survey)
    state = _check_open(survey, now, settings)
    first = datetime.combine(survey.cycle.opens_on, OPENING_HOUR, settings.timezone)
    invited = exists().where(Message.survey_id == survey.id, Message.partner_id == SurveyPartner.partner_id)
    partners = session.scalars(_reachable(survey).where(~invited)).all()
    not_before = max(now, first) if state is CycleState.PLANNED else now
    _add(session, survey, partners, MessageKind.INVITATION, 0, not_before)
    if partners:
        detail = f"{len(partners)} invitations"
        audit.record(session, now, by, "invitations queued", _subject(survey), detail, _concerned(survey))
    return len(partners)


def queue_reminders(
    session: Session, survey: Survey, now: datetime, by: int | None = None, *, settings: Settings
) -> int:
    """A reminder for each who was invited, has not finished, and has had no message today; how many."""
    _lock(session, survey)
    if _check_open(survey, now, settings) is CycleState.PLANNED:
        raise Refused("The survey has not begun; nobody can be reminded yet.")
    partners = session.scalars(_to_remind(survey, now, settings)).all()
    latest = select(func.max(Message.round)).where(Message.survey_id == survey.id)
    _add(session, survey, partners, MessageKind.REMINDER, (session.scalar(latest) or 0) + 1, now)
    if partners:
        detail = f"{len(partners)} reminders"
        audit.record(session, now, by, "reminders queued", _subject(survey), detail, _concerned(survey))
    return len(partners)


def queue_due_reminders(session: Session, now: datetime, *, settings: Settings) -> int:
    """The reminders of every survey whose day has come; of several missed days one is made up."""
    today = now.astimezone(settings.timezone).date()
    waiting = (ReminderDay.day <= today, ReminderDay.queued_at.is_(None))
    due = select(Survey).where(
        Survey.opened_at.is_not(None), exists().where(ReminderDay.survey_id == Survey.id, *waiting)
    )
    queued = 0
    for survey in session.scalars(due.order_by(Survey.id)).all():
        _lock(session, survey)  # another worker may just have done it
        days = session.scalars(select(ReminderDay).where(ReminderDay.survey_id == survey.id, *waiting)).all()
        for day in days:
            day.queued_at = now
        running = state_of(survey.cycle, today) is CycleState.OPEN
        if days and running and not _would_keep_links(survey, settings):
            queued += queue_reminders(session, survey, now, settings=settings)
    return queued


def make_open_link(session: Session, survey: Survey, cap: int, now: datetime, by: int | None) -> str:
    """A new open link for at most ``cap`` respondents; its token, which is shown once and kept nowhere.

    One that was there stops working.
    """
    if cap < 1:
        raise Refused("An open link needs a limit of at least one respondent.")
    _lock(session, survey)
    token = new_token()
    survey.open_link_hash, survey.open_link_cap = invitation_hash(token), cap
    survey.open_link_started = 0
    detail = f"for at most {cap}"
    audit.record(session, now, by, "open link made", _subject(survey), detail, _concerned(survey))
    return token


def revoke_open_link(session: Session, survey: Survey, now: datetime, by: int | None) -> None:
    """The open link stops working; what was begun with it is kept until the close."""
    if survey.open_link_hash is None:
        raise Refused("This survey has no open link.")
    survey.open_link_hash = survey.open_link_cap = None
    audit.record(session, now, by, "open link revoked", _subject(survey), centers=_concerned(survey))


def revoke(session: Session, survey: Survey, partner: Partner, now: datetime, by: int | None) -> int:
    """Every personal link of this partner into the survey stops working; how many did."""
    count = outbox.revoke_links(session, survey.id, partner.id)
    detail = f"{count} links of partner {partner.public_id}"
    audit.record(session, now, by, "personal links revoked", _subject(survey), detail, _concerned(survey))
    return count


def _subject(survey: Survey) -> str:
    return f"survey {survey.public_id}"


def _concerned(survey: Survey) -> list[int]:
    """Of what happens to a survey its own center may read."""
    return [survey.fusion_center_id]


def _lock(session: Session, survey: Survey) -> None:
    """One at a time per survey; SQLite has one writer anyway."""
    session.execute(select(Survey.id).where(Survey.id == survey.id).with_for_update())


def _check_open(survey: Survey, now: datetime, settings: Settings) -> CycleState:
    state = state_of(survey.cycle, now.astimezone(settings.timezone).date())
    if survey.opened_at is None:
        raise Refused("The survey is still a plan. Open it, then send.")
    if state is CycleState.CLOSED:
        raise Refused("The survey is closed; nobody can be asked any more.")
    if _would_keep_links(survey, settings):
        raise Refused(NO_MAIL_FROM_ANONYMOUS)
    return state


def _would_keep_links(survey: Survey, settings: Settings) -> bool:
    return survey.mode == SurveyMode.ANONYMOUS.value and settings.mail_server is None


def _reachable(survey: Survey) -> Select:
    """Partners of the survey who have neither finished nor opted out."""
    return (
        select(SurveyPartner.partner_id)
        .join(Partner)
        .where(SurveyPartner.survey_id == survey.id, SurveyPartner.finished_on.is_(None))
        .where(Partner.opted_out_on.is_(None))
        .order_by(SurveyPartner.partner_id)
    )


def _to_remind(survey: Survey, now: datetime, settings: Settings) -> Select:
    """Of those whom a message has reached: nobody twice a day, and nobody whose address does not work."""
    today = now.astimezone(settings.timezone).date()
    midnight = datetime.combine(today, time(), settings.timezone)
    theirs = (Message.survey_id == survey.id, Message.partner_id == SurveyPartner.partner_id)
    arrived = exists().where(*theirs, Message.state.in_(ARRIVED))
    kept_out = exists().where(
        *theirs,
        or_(Message.state.in_(NOT_NOW), func.coalesce(Message.sent_at, Message.claimed_at) >= midnight),
    )
    return _reachable(survey).where(arrived, ~kept_out)


def _add(
    session: Session, survey: Survey, partners: Sequence[int], kind: MessageKind, number: int, at: datetime
) -> None:
    rows = [
        {
            "public_id": new_public_id(),
            "survey_id": survey.id,
            "partner_id": partner,
            "kind": kind.value,
            "round": number,
            "not_before": at,
        }
        for partner in partners
    ]
    if rows:
        session.execute(insert(Message), rows)
