"""The results of product surveys: which ones a reader may open, what they rest on, and who has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from assessment import audit
from assessment.access import Action, Person, may
from assessment.clock import Clock
from assessment.cycles.reading import is_due
from assessment.cycles.services import CycleState, state_of
from assessment.database import Database
from assessment.errors import NotFound
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import Completion, Survey, SurveyMode, SurveyResponse
from assessment.surveys import closing, plans, watching
from questionnaires.library import Library


@dataclass(frozen=True)
class SurveyInCycle:
    """A survey that has opened, as one reader may see it."""

    survey: Survey
    state: CycleState
    readable: bool  # its results are released, and this reader may read them
    watchable: bool  # how far it is may be seen

    @property
    def cycle(self) -> Cycle:
        return self.survey.cycle

    @property
    def center(self) -> Center:
        return self.survey.fusion_center


@dataclass(frozen=True)
class Base:
    """What the results of a survey rest on."""

    invited: int | None  # None where nobody was
    responded: int  # answer sheets; before the release those that are finished
    partial: int
    funnel: watching.Counts


def release_due(database: Database, clock: Clock, library: Library, fusion_center: str) -> None:
    """Release what has closed by its last day, with nobody there to close it, before anybody reads."""
    with database.reading() as session:
        query = (
            select(Survey.id)
            .join(Survey.fusion_center)
            .where(Center.code == fusion_center, Survey.opened_at.is_not(None), Survey.released_on.is_(None))
        )
        waiting = session.scalars(query).all()
    for survey_id in waiting:
        closing.release_if_due(database, clock, survey_id, library)


def surveys_of(session: Session, person: Person, fusion_center: str, today: date) -> list[SurveyInCycle]:
    """The surveys of this center that this person may open, the latest first; none tells nothing."""
    query = (
        select(Survey)
        .join(Survey.cycle)
        .join(Survey.fusion_center)
        .options(contains_eager(Survey.cycle), contains_eager(Survey.fusion_center))
        .where(Center.code == fusion_center, Survey.opened_at.is_not(None))
        .order_by(Cycle.opens_on.desc(), Cycle.id.desc())
    )
    places = [_place(person, survey, today) for survey in session.scalars(query)]
    return [place for place in places if place.readable or place.watchable]


def _place(person: Person, survey: Survey, today: date) -> SurveyInCycle:
    facts = plans.facts_of(survey)
    return SurveyInCycle(
        survey=survey,
        state=state_of(survey.cycle, today),
        readable=facts.released and may(person, Action.READ_SURVEYS, facts),
        watchable=may(person, Action.WATCH_SURVEYS, facts),
    )


def choose(places: Sequence[SurveyInCycle], cycle_code: str | None) -> SurveyInCycle:
    """The survey of that cycle, else the latest one with results, else the latest; NotFound for none."""
    if cycle_code:
        places = [place for place in places if place.cycle.code == cycle_code]
    if not places:
        raise NotFound
    return next((place for place in places if place.readable), places[0])


def earlier(places: Sequence[SurveyInCycle], place: SurveyInCycle) -> SurveyInCycle | None:
    """The latest survey with results before this one, of the same questionnaire."""
    return next(
        (
            other
            for other in places
            if other.readable
            and other.cycle.questionnaire_id == place.cycle.questionnaire_id
            and other.cycle.opens_on < place.cycle.opens_on
            and other.cycle.reduction_begun_at is None
        ),
        None,
    )


def base_of(session: Session, survey: Survey) -> Base:
    """Who was invited and has answered; from the release on, what was released."""
    funnel = watching.counts(session, survey)
    open_link = survey.open_link_cap is not None
    invited = None if open_link else funnel.invited or None
    if survey.released_on is None:
        return Base(invited, funnel.sheets, 0, funnel)
    rows = session.execute(
        select(SurveyResponse.completion, func.count())
        .where(SurveyResponse.survey_id == survey.id, SurveyResponse.released)
        .group_by(SurveyResponse.completion)
    )
    found: dict[str, int] = dict((completion, count) for completion, count in rows)  # noqa: C402
    return Base(invited, sum(found.values()), found.get(Completion.PARTIAL, 0), funnel)


def may_be_matched(survey: Survey, before: Survey) -> bool:
    """Whether the same people can be told in both: never in an anonymous survey."""
    return survey.mode == before.mode == SurveyMode.CONFIDENTIAL


def note_view(database: Database, survey: Survey, person: Person, now: datetime, how: str) -> None:
    """Somebody reads the results of a center that is not theirs."""
    subject = f"survey {survey.cycle.code} of {survey.fusion_center.code}"
    if not is_due(database, person, "survey results viewed", subject, now):
        return
    with database.writing() as session:
        centers = [survey.fusion_center_id]
        audit.record(session, now, person.id or None, "survey results viewed", subject, how, centers)
