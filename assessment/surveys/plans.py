"""What a survey is going to ask, of whom and how: a plan until it opens, binding from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, contains_eager

from assessment import audit
from assessment.access import Action, Person, SurveyFacts, may
from assessment.cycles.removed import require_answers
from assessment.cycles.services import CODE, CycleState, state_of
from assessment.errors import NotFound, Refused
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import (
    Partner,
    Recurrence,
    ReminderDay,
    Survey,
    SurveyMode,
    SurveyPartner,
    SurveyTopic,
)
from assessment.surveys import own_questions
from assessment.surveys.network_surveys import create_for_cycle
from assessment.surveys.paperwork import Paperwork, opening_faults
from assessment.surveys.plan_rules import BINDING, WORDS, SurveyPlan, check_plan, topic_questions
from assessment.surveys.sharing import carried_over
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library

__all__ = ["BINDING", "SurveyPlan", "check_plan", "create_for_cycle", "topic_questions"]

QUESTIONNAIRE = "product-usefulness"
_ON_THE_CYCLE = {"title": "title", "opens": "opens_on", "closes": "closes_on"}
_IN_ROWS = {"topics", "reminders"}


def find_survey(session: Session, person: Person, action: Action, public_id: str) -> Survey:
    """The survey of this id; NotFound where there is none, or the person may not do this with it."""
    survey = session.scalar(
        select(Survey)
        .join(Survey.cycle)
        .join(Survey.fusion_center)
        .options(contains_eager(Survey.cycle), contains_eager(Survey.fusion_center))
        .where(Survey.public_id == public_id)
    )
    if survey is None or not may(person, action, facts_of(survey)):
        raise NotFound
    require_answers(survey.cycle)
    return survey


def facts_of(survey: Survey) -> SurveyFacts:
    """What access asks of a survey. Sharing that was turned on after the release does not hold for it."""
    released, shared = survey.released_on, survey.shared_on
    return SurveyFacts(
        fusion_center=survey.fusion_center.code,
        region=survey.fusion_center.fema_region,
        state=survey.fusion_center.state,
        shared=shared is not None and (released is None or shared <= released),
        released=released is not None,
    )


def is_draft(survey: Survey) -> bool:
    return survey.opened_at is None


def is_closed(survey: Survey, today: date) -> bool:
    """Whether it was open and its days are over; a plan is never closed."""
    return not is_draft(survey) and state_of(survey.cycle, today) is CycleState.CLOSED


def shares_cycle(session: Session, survey: Survey) -> bool:
    """Whether other centers' surveys stand in the same cycle, so that its days are not one director's."""
    others = select(Survey.id).where(Survey.cycle_id == survey.cycle_id, Survey.id != survey.id)
    return session.scalar(others.limit(1)) is not None


def questionnaire_of(library: Library, survey: Survey, topics: frozenset[str] | None = None) -> Questionnaire:
    """What this survey asks: its version less the product types left out, and the own questions last.

    ``topics`` saves the look into the database where the caller has them.
    """
    main = library.get(survey.cycle.questionnaire_id, survey.cycle.version)
    wanted = topics_of(survey) if topics is None else topics
    return own_questions.with_own(_less(main, wanted), survey.own_questions)


def topics_of(survey: Survey) -> frozenset[str]:
    """The product types that it asks about; empty where it asks about all."""
    session = Session.object_session(survey)
    if session is None:
        raise ValueError("a survey outside a session has no topics")
    return frozenset(session.scalars(select(SurveyTopic.question).where(SurveyTopic.survey_id == survey.id)))


def _less(main: Questionnaire, topics: frozenset[str]) -> Questionnaire:
    if not topics:
        return main
    dropped = {question.id for question in topic_questions(main)} - topics
    sections = [
        replace(section, questions=tuple(q for q in section.questions if q.id not in dropped))
        for section in main.sections
    ]
    return replace(main, sections=tuple(section for section in sections if section.questions))


def paperwork_of(survey: Survey) -> Paperwork:
    return Paperwork(
        survey.sponsor,
        survey.federal_sponsor,
        survey.omb_control_number,
        survey.omb_expires,
        survey.burden_minutes,
    )


def reminder_days(session: Session, survey: Survey) -> list[date]:
    """The days on which those who have not finished are reminded, the first one first."""
    query = select(ReminderDay.day).where(ReminderDay.survey_id == survey.id).order_by(ReminderDay.day)
    return list(session.scalars(query))


def plan_of(session: Session, survey: Survey) -> SurveyPlan:
    """What is decided so far."""
    cycle = survey.cycle
    plain = set(SurveyPlan.__dataclass_fields__) - {"fusion_center", *_ON_THE_CYCLE, *_IN_ROWS}
    values: dict[str, Any] = {name: getattr(survey, name) for name in plain}
    return SurveyPlan(
        **values
        | {"recurrence": Recurrence(survey.recurrence), "mode": SurveyMode(survey.mode)}
        | {name: getattr(cycle, column) for name, column in _ON_THE_CYCLE.items()},
        fusion_center=survey.fusion_center.code,
        topics=tuple(sorted(topics_of(survey))),
        reminders=tuple(reminder_days(session, survey)),
    )


def create_survey(
    session: Session, library: Library, plan: SurveyPlan, now: datetime, by: int | None = None
) -> Survey:
    """A plan with a cycle of its own; Refused with a sentence where something does not fit."""
    main = library.get(QUESTIONNAIRE)
    check_plan(main, plan)
    center = _fusion_center(session, plan.fusion_center)
    cycle = Cycle(
        code=free_code(session, center, plan.opens.year),
        title=plan.title.strip(),
        questionnaire_id=main.id,
        version=main.version,
        opens_on=plan.opens,
        closes_on=plan.closes,
        created_at=now,
    )
    shared_on, shared_by_id = carried_over(session, center)
    survey = Survey(
        cycle=cycle,
        fusion_center=center,
        created_by_id=by,
        shared_on=shared_on,
        shared_by_id=shared_by_id,
    )
    session.add(survey)
    session.flush()
    _write(session, survey, vars(plan))
    audit.record(session, now, by, "survey planned", f"survey {cycle.code}", centers=[center.id])
    return survey


def _fusion_center(session: Session, code: str) -> Center:
    center = session.scalar(
        select(Center).where(Center.code == code, Center.kind == Side.FUSION_CENTER.value)
    )
    if center is None:
        raise Refused(f"There is no fusion center {code} in the directory.")
    return center


def free_code(session: Session, center: Center, year: int) -> str:
    """A code for the cycle that none has: products-co-2026, then products-co-2026-2."""
    name = center.code.lower().removeprefix("fc-")[:20]
    first = f"products-{name}-{year}"
    taken = set(session.scalars(select(Cycle.code).where(Cycle.code.startswith(first, autoescape=True))))
    candidates = (first if number == 1 else f"{first}-{number}" for number in range(1, 1000))
    return next(code for code in candidates if code not in taken and CODE.fullmatch(code))


def change_survey(
    session: Session,
    library: Library,
    survey: Survey,
    changes: Mapping[str, Any],
    now: datetime,
    by: int | None = None,
) -> None:
    """Change what was decided; Refused for what does not fit, or is binding since the survey opened."""
    before = plan_of(session, survey)
    changed = {name: value for name, value in changes.items() if getattr(before, name) != value}
    bound = sorted(BINDING & set(changed)) if not is_draft(survey) else []
    if bound or "fusion_center" in changed:
        words = ", ".join(dict.fromkeys(WORDS.get(name, name.replace("_", " ")) for name in bound))
        raise Refused(
            f"The survey has opened, so this stays as it is: {words or 'the fusion center'}."
            " Copy the survey to ask differently next time."
        )
    if not changed:
        return
    after = replace(before, **changed)
    if "closes" in changed and shares_cycle(session, survey):
        raise Refused("This survey is one of many in its cycle, whose days an administrator sets.")
    check_plan(library.get(survey.cycle.questionnaire_id, survey.cycle.version), after)
    if not is_draft(survey) and "closes" in changed:
        _check_new_close(survey, after)
    _write(session, survey, changed)
    subject, detail = f"survey {survey.cycle.code}", ", ".join(sorted(changed))
    audit.record(session, now, by, "survey changed", subject, detail, [survey.fusion_center_id])


def _check_new_close(survey: Survey, after: SurveyPlan) -> None:
    faults = opening_faults(paperwork_of(survey), after.opens, after.closes)
    if faults:
        raise Refused(" ".join(faults))


def _write(session: Session, survey: Survey, values: Mapping[str, Any]) -> None:
    """Column by column from the names of a plan; nothing else of a survey can be reached from here."""
    for name, value in values.items():
        if name == "fusion_center":
            continue
        if name in _ON_THE_CYCLE:
            setattr(survey.cycle, _ON_THE_CYCLE[name], value.strip() if name == "title" else value)
        elif name == "topics":
            _write_topics(session, survey, value)
        elif name == "reminders":
            _write_reminders(session, survey, value)
        elif name in SurveyPlan.__dataclass_fields__:
            setattr(survey, name, value.value if name in ("mode", "recurrence") else value)
    session.flush()


def _write_topics(session: Session, survey: Survey, topics: tuple[str, ...]) -> None:
    session.execute(delete(SurveyTopic).where(SurveyTopic.survey_id == survey.id))
    if topics:
        session.execute(
            insert(SurveyTopic), [{"survey_id": survey.id, "question": topic} for topic in set(topics)]
        )


def _write_reminders(session: Session, survey: Survey, days: tuple[date, ...]) -> None:
    """Days that are queued already stay as a record of what was sent."""
    kept = set(
        session.scalars(
            select(ReminderDay.day).where(
                ReminderDay.survey_id == survey.id, ReminderDay.queued_at.is_not(None)
            )
        )
    )
    session.execute(
        delete(ReminderDay).where(ReminderDay.survey_id == survey.id, ReminderDay.queued_at.is_(None))
    )
    rows = [{"survey_id": survey.id, "day": day} for day in set(days) - kept]
    if rows:
        session.execute(insert(ReminderDay), rows)


def asked_count(session: Session, survey: Survey) -> int:
    """How many partners it asks and may write to."""
    query = (
        select(func.count())
        .select_from(SurveyPartner)
        .join(Partner, SurveyPartner.partner_id == Partner.id)
        .where(SurveyPartner.survey_id == survey.id, Partner.opted_out_on.is_(None))
    )
    return session.scalar(query) or 0


def opening_problems(session: Session, library: Library, survey: Survey, today: date) -> list[str]:
    """Why the survey may not open yet, a sentence each; empty where it may."""
    cycle = survey.cycle
    problems = []
    if survey.period_from is None or survey.period_to is None:
        problems.append("Say which period the answers are about.")
    if cycle.closes_on < today:
        problems.append(f"Its last day, {cycle.closes_on}, is over. Choose a later one.")
    if not asked_count(session, survey) and survey.open_link_cap is None:
        problems.append("Nobody is asked yet. Add partners, or choose one open link.")
    problems += opening_faults(paperwork_of(survey), today, cycle.closes_on)
    problems += own_questions.faults(survey.own_questions, library.get(cycle.questionnaire_id, cycle.version))
    return problems


def open_survey(
    session: Session, library: Library, survey: Survey, today: date, now: datetime, by: int | None = None
) -> None:
    """Open it on its first day, or today where that is over; Refused with all that stands in the way."""
    if not is_draft(survey):
        raise Refused("The survey has been opened already.")
    problems = opening_problems(session, library, survey, today)
    if problems:
        raise Refused(" ".join(problems))
    survey.cycle.opens_on = max(survey.cycle.opens_on, today)
    survey.opened_at = now
    session.flush()
    detail = f"{survey.mode}, floor {survey.floor}, {asked_count(session, survey)} partners"
    subject, centers = f"survey {survey.cycle.code}", [survey.fusion_center_id]
    audit.record(session, now, by, "survey opened", subject, detail, centers)
