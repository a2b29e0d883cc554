"""A survey like the last one: what is taken along, what moves on, and what starts afresh.

Every column of a survey is in exactly one of the three sets below; a test reads them off the tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from assessment import audit
from assessment.database import Database
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.surveys import (
    MessageTemplate,
    Partner,
    Recurrence,
    Survey,
    SurveyPartner,
)
from assessment.surveys import plans
from assessment.surveys.days import months_later
from questionnaires.library import Library

TAKEN_ALONG = frozenset(
    {
        "fusion_center_id", "mode", "floor", "introduction", "own_questions", "sponsor", "federal_sponsor",
        "omb_control_number", "omb_expires", "burden_minutes", "recurrence", "open_link_cap",
    }
)  # fmt: skip
MOVED_ON = frozenset({"period_from", "period_to"})
AFRESH = frozenset(
    {
        "id",
        "public_id",
        "cycle_id",
        "copied_from_id",
        "created_by_id",
        "opened_at",
        "released_on",
        "open_link_hash",
        "open_link_started",
        "shared_on",
        "shared_by_id",
    }
)  # fmt: skip  (sharing holds for later surveys until it is turned off: see sharing.py)

MONTHS = {Recurrence.NONE: 12, Recurrence.YEARLY: 12, Recurrence.HALF_YEARLY: 6}


@dataclass(frozen=True)
class Change:
    """What differs from the survey that this one was copied from."""

    what: str
    before: str
    after: str


def copy_survey(
    session: Session,
    library: Library,
    source: Survey,
    today: date,
    now: datetime,
    by: int | None = None,
) -> Survey:
    """A new plan like ``source``: its days moved on, nobody's answers, no link, and nothing sent."""
    plan = plans.plan_of(session, source)
    months = _months(plan, today)
    opens = max(months_later(plan.opens, months), today)
    closes = max(months_later(plan.closes, months), opens)
    main = library.get(plans.QUESTIONNAIRE)
    topics = {question.id for question in plans.topic_questions(main)}
    moved = {
        "title": _title(plan.title, plan.opens.year, opens.year),
        "opens": opens,
        "closes": closes,
        "period_from": months_later(plan.period_from, months) if plan.period_from else None,
        "period_to": months_later(plan.period_to, months) if plan.period_to else None,
        "reminders": _reminders(plan, months, opens, closes),
        "topics": tuple(topic for topic in plan.topics if topic in topics),
    }
    copy = plans.create_survey(session, library, plans.SurveyPlan(**vars(plan) | moved), now, by)
    copy.copied_from_id = source.id
    _copy_rows(session, source, copy)
    session.flush()
    subject, detail = f"survey {copy.cycle.code}", f"from {source.cycle.code}"
    audit.record(session, now, by, "survey copied", subject, detail, [copy.fusion_center_id])
    return copy


def _months(plan: plans.SurveyPlan, today: date) -> int:
    """As many whole turns as bring its last day into the future."""
    turn = MONTHS[plan.recurrence]
    months = turn
    while months_later(plan.closes, months) < today:
        months += turn
    return months


def _title(title: str, before: int, after: int) -> str:
    return re.sub(rf"\b{before}\b", str(after), title)


def _reminders(plan: plans.SurveyPlan, months: int, opens: date, closes: date) -> tuple[date, ...]:
    moved = {months_later(day, months) for day in plan.reminders}
    return tuple(sorted(day for day in moved if opens < day <= closes))


def _copy_rows(session: Session, source: Survey, copy: Survey) -> None:
    """Whom it asks, but for those who asked to be left out, and what its messages say."""
    asked = session.scalars(
        select(SurveyPartner.partner_id)
        .join(Partner, Partner.id == SurveyPartner.partner_id)
        .where(SurveyPartner.survey_id == source.id, Partner.opted_out_on.is_(None))
    ).all()
    if asked:
        session.execute(
            insert(SurveyPartner),
            [{"survey_id": copy.id, "partner_id": partner_id} for partner_id in sorted(asked)],
        )
    for template in session.scalars(select(MessageTemplate).where(MessageTemplate.survey_id == source.id)):
        session.add(
            MessageTemplate(
                survey_id=copy.id, kind=template.kind, subject=template.subject, body=template.body
            )
        )


def source_of(session: Session, survey: Survey) -> Survey | None:
    """The survey that this one was copied from."""
    return session.get(Survey, survey.copied_from_id) if survey.copied_from_id else None


def differences(session: Session, source: Survey, survey: Survey) -> list[Change]:
    """What the copy says otherwise than its source, in the words of the pages."""
    before, after = plans.plan_of(session, source), plans.plan_of(session, survey)
    rows = [
        ("Title", before.title, after.title),
        ("Code", source.cycle.code, survey.cycle.code),
        ("Days", _days(before.opens, before.closes), _days(after.opens, after.closes)),
        ("Period", _days(before.period_from, before.period_to), _days(after.period_from, after.period_to)),
        ("Reminders", _list(before.reminders), _list(after.reminders)),
        ("Partners asked", _number(session, source), _number(session, survey)),
        ("Questionnaire", f"version {source.cycle.version}", f"version {survey.cycle.version}"),
        ("Promise", before.mode.value, after.mode.value),
        ("Smallest group shown", str(before.floor), str(after.floor)),
        ("Product types", _topics(before.topics), _topics(after.topics)),
        ("Sponsor", before.sponsor or "none", after.sponsor or "none"),
        ("OMB control number", before.omb_control_number or "none", after.omb_control_number or "none"),
    ]
    if before.own_questions != after.own_questions:
        rows.append(("Own questions", "as they were", "changed"))
    return [Change(what, old, new) for what, old, new in rows if old != new]


def _days(first: date | None, last: date | None) -> str:
    return f"{_day(first)} to {_day(last)}" if first and last else "not said"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _list(days: tuple[date, ...]) -> str:
    return ", ".join(_day(day) for day in days) or "none"


def _topics(topics: tuple[str, ...]) -> str:
    return ", ".join(topics) or "all"


def _number(session: Session, survey: Survey) -> str:
    return f"{plans.asked_count(session, survey):,}"


def due(session: Session, today: date) -> list[int]:
    """Ids of closed surveys that recur and are their center's last: the next one is not prepared yet."""
    following = aliased(Survey)
    rows = session.scalars(
        select(Survey.id)
        .join(Survey.cycle)
        .outerjoin(
            following,
            (following.fusion_center_id == Survey.fusion_center_id) & (following.id > Survey.id),
        )
        .where(
            Survey.recurrence != Recurrence.NONE.value,
            Survey.opened_at.is_not(None),
            following.id.is_(None),
            (Cycle.closes_on < today) | Cycle.closed_at.is_not(None),
        )
    )
    return list(rows)


def prepare_next(
    session: Session, library: Library, survey_id: int, today: date, now: datetime
) -> Survey | None:
    """The next survey as a plan, which its director confirms; None where it is there already."""
    survey = session.scalar(select(Survey).where(Survey.id == survey_id).with_for_update())
    if survey is None or survey_id not in due(session, today):
        return None
    return copy_survey(session, library, survey, today, now)


def prepare_all_due(database: Database, library: Library, today: date, now: datetime) -> int:
    """Prepare what is due, each in a transaction of its own; how many. Safe to call at any time."""
    with database.reading() as session:
        waiting = due(session, today)
    made = 0
    for survey_id in waiting:
        try:
            with database.writing() as session:
                made += prepare_next(session, library, survey_id, today, now) is not None
        except Refused:
            continue  # what its plan says no longer fits the questionnaire; its director copies it by hand
    return made
