"""What the pages of the guided flow show around their forms: the steps, and the survey as it will look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from assessment.clock import Clock
from assessment.models.surveys import Survey
from assessment.surveys import copies, plans
from assessment.surveys.paperwork import statement
from assessment.surveys.promises import promise
from questionnaires.definition import Questionnaire
from questionnaires.library import Library

STEPS = (
    ("schedule", "What and when"),
    ("promise", "Promise"),
    ("questions", "Questions"),
    ("partners", "Partners"),
    ("check", "Check and open"),
)


@dataclass(frozen=True)
class Step:
    number: int
    name: str
    title: str
    current: bool
    done: bool
    href: str


def steps(current: str, hrefs: dict[str, str]) -> list[Step]:
    """The five steps; those before the current one count as done."""
    place = [name for name, _ in STEPS].index(current)
    return [
        Step(number + 1, name, title, number == place, number < place, hrefs.get(name, ""))
        for number, (name, title) in enumerate(STEPS)
    ]


@dataclass(frozen=True)
class FirstPage:
    """Page one as the respondent reads it, as far as it is decided."""

    center: str
    title: str
    introduction: str
    about: str
    promise: Any
    paperwork: list[str]
    minutes: int
    questions: int
    closes: date


def first_page(survey: Survey, questionnaire: Questionnaire) -> FirstPage:
    return FirstPage(
        center=survey.fusion_center.name,
        title=survey.cycle.title,
        introduction=survey.introduction,
        about=questionnaire.introduction,
        promise=promise(survey.mode, survey.floor),
        paperwork=statement(plans.paperwork_of(survey)),
        minutes=survey.burden_minutes or questionnaire.minutes or 10,
        questions=len(questionnaire.questions),
        closes=survey.cycle.closes_on,
    )


def context(session: Session, library: Library, survey: Survey, clock: Clock) -> dict[str, Any]:
    """What every step shows of a survey."""
    questionnaire = plans.questionnaire_of(library, survey)
    source = copies.source_of(session, survey)
    return {
        "survey": survey,
        "cycle": survey.cycle,
        "center": survey.fusion_center,
        "questionnaire": questionnaire,
        "first_page": first_page(survey, questionnaire),
        "fixed": not plans.is_draft(survey),
        "closed": plans.is_closed(survey, clock.today()),
        "source": source,
        "changes": copies.differences(session, source, survey) if source else [],
    }
