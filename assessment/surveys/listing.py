"""The surveys that a person may see, by what is to be done with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from assessment.access import Action, Person, Role, may
from assessment.cycles.services import CycleState, state_of
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import Completion, Survey, SurveyDraft, SurveyResponse
from assessment.surveys.plans import facts_of

MOST = 200  # of each list; an administrator sees the whole nation's


@dataclass(frozen=True)
class Line:
    survey: Survey
    state: CycleState | None  # None: a plan
    finished: int


@dataclass
class Lists:
    plans: list[Line] = field(default_factory=list)
    open: list[Line] = field(default_factory=list)
    planned: list[Line] = field(default_factory=list)  # opened, and its first day is still to come
    closed: list[Line] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.plans or self.open or self.planned or self.closed)


def surveys_of(session: Session, person: Person, today: date) -> Lists:
    """Drafts, open, planned and closed ones, the latest first; plans for those only who may run them."""
    found = Lists()
    query = (
        select(Survey)
        .join(Survey.cycle)
        .join(Survey.fusion_center)
        .options(contains_eager(Survey.cycle), contains_eager(Survey.fusion_center))
        .order_by(Cycle.opens_on.desc(), Survey.id.desc())
        .limit(4 * MOST)
    )
    if not may_see_all(person):
        query = query.where(Center.code.in_(person.centers))
    surveys = [s for s in session.scalars(query) if may(person, Action.WATCH_SURVEYS, facts_of(s))]
    finished = finished_counts(session, [survey.id for survey in surveys])
    for survey in surveys:
        _put(found, person, survey, finished.get(survey.id, 0), today)
    return found


def may_see_all(person: Person) -> bool:
    """An administrator watches the surveys of every center."""
    return person.role is Role.ADMINISTRATOR


def _put(found: Lists, person: Person, survey: Survey, finished: int, today: date) -> None:
    if survey.opened_at is None:
        if may(person, Action.RUN_SURVEYS, facts_of(survey)):
            found.plans.append(Line(survey, None, 0))
        return
    state = state_of(survey.cycle, today)
    lists = {
        CycleState.OPEN: found.open,
        CycleState.PLANNED: found.planned,
        CycleState.CLOSED: found.closed,
    }
    lists[state].append(Line(survey, state, finished))


def finished_counts(session: Session, survey_ids: list[int]) -> dict[int, int]:
    """Survey id -> finished answer sheets, moved already or not."""
    counts: dict[int, int] = {}
    moved = select(SurveyResponse.survey_id, func.count()).where(
        SurveyResponse.survey_id.in_(survey_ids),
        SurveyResponse.completion == Completion.COMPLETE.value,
    )
    waiting = select(SurveyDraft.survey_id, func.count()).where(
        SurveyDraft.survey_id.in_(survey_ids), SurveyDraft.finished
    )
    for query, column in ((moved, SurveyResponse.survey_id), (waiting, SurveyDraft.survey_id)):
        for survey_id, number in session.execute(query.group_by(column)):
            counts[survey_id] = counts.get(survey_id, 0) + number
    return counts
