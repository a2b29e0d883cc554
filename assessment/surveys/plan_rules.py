"""What a plan for a survey may say, and what of it is binding once the survey is open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessment.errors import Refused
from assessment.models.surveys import SMALLEST_FLOOR, Recurrence, SurveyMode
from assessment.surveys import own_questions
from assessment.surveys.paperwork import number_fault
from questionnaires.definition import AnswerType, Question, Questionnaire

USUAL_FLOOR = 10
LARGEST_FLOOR = 100
MOST_REMINDERS = 5
LARGEST_CAP = 100_000


@dataclass(frozen=True)
class SurveyPlan:
    """All that a director decides; what is left out has its usual value."""

    fusion_center: str
    title: str
    opens: date
    closes: date
    period_from: date | None = None
    period_to: date | None = None
    recurrence: Recurrence = Recurrence.NONE
    mode: SurveyMode = SurveyMode.CONFIDENTIAL
    floor: int = USUAL_FLOOR
    introduction: str = ""
    topics: tuple[str, ...] = ()  # product types asked about; none: every one
    own_questions: str = ""
    sponsor: str = ""
    federal_sponsor: bool = False
    omb_control_number: str = ""
    omb_expires: date | None = None
    burden_minutes: int | None = None
    reminders: tuple[date, ...] = ()
    open_link_cap: int | None = None


# What the people asked have been told, or have answered to, when a survey is open.
BINDING = frozenset(SurveyPlan.__dataclass_fields__) - {"closes", "recurrence", "reminders", "open_link_cap"}

WORDS = {  # where a field's name is not what a person calls it
    "fusion_center": "the fusion center",
    "opens": "the first day",
    "period_from": "the period",
    "period_to": "the period",
    "mode": "whether it is anonymous or confidential",
    "floor": "the smallest group shown",
    "topics": "the product types",
    "own_questions": "the own questions",
    "open_link_cap": "the limit of the open link",
}


def topic_questions(questionnaire: Questionnaire) -> list[Question]:
    """The product types: the rows of the grid."""
    return [question for question in questionnaire.questions if question.type is AnswerType.GRID_ROW]


def check_plan(main: Questionnaire, plan: SurveyPlan) -> None:
    """Refused with all that a plan may not say, even as a draft."""
    faults = [*_text_faults(plan), *_day_faults(plan), *_number_faults(plan)]
    known = {question.id for question in topic_questions(main)}
    faults += [
        f"{topic} is not a product type of the questionnaire." for topic in plan.topics if topic not in known
    ]
    faults += own_questions.faults(plan.own_questions, main)
    if faults:
        raise Refused(" ".join(faults))


def _text_faults(plan: SurveyPlan) -> list[str]:
    faults = [] if plan.title.strip() else ["Enter a title."]
    for name, limit in (("title", 200), ("introduction", 2000), ("sponsor", 200)):
        length = len(getattr(plan, name))
        if length > limit:
            faults.append(f"The {name} has {length:,} characters and the limit is {limit:,}.")
    fault = number_fault(plan.omb_control_number)
    return [*faults, fault] if fault else faults


def _day_faults(plan: SurveyPlan) -> list[str]:
    faults = []
    if plan.closes < plan.opens:
        faults.append(f"The survey would close on {plan.closes}, before it opens on {plan.opens}.")
    if plan.period_from and plan.period_to and plan.period_to < plan.period_from:
        faults.append(f"The period would end on {plan.period_to}, before it begins on {plan.period_from}.")
    if len(plan.reminders) > MOST_REMINDERS:
        faults.append(f"There are {len(plan.reminders)} reminders and the limit is {MOST_REMINDERS}.")
    outside = [day for day in plan.reminders if not plan.opens < day <= plan.closes]
    if outside:
        days = ", ".join(str(day) for day in outside)
        faults.append(f"Reminders go out after the first day and by the last one; this is outside: {days}.")
    return faults


def _number_faults(plan: SurveyPlan) -> list[str]:
    faults = []
    if not SMALLEST_FLOOR <= plan.floor <= LARGEST_FLOOR:
        faults.append(f"The smallest group shown is {SMALLEST_FLOOR} to {LARGEST_FLOOR} respondents.")
    if plan.burden_minutes is not None and not 1 <= plan.burden_minutes <= 999:
        faults.append("The burden is 1 to 999 minutes.")
    if plan.open_link_cap is not None and not 1 <= plan.open_link_cap <= LARGEST_CAP:
        faults.append(f"The open link takes 1 to {LARGEST_CAP:,} answers.")
    return faults
