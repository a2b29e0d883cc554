"""From the database to the results of a survey: which one, what this reader may see of it, its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from assessment import frames
from assessment.access import Person
from assessment.cycles.removed import require_sheets
from assessment.database import Session
from assessment.models.surveys import Survey
from assessment.surveys import comment_review, plans, results
from assessment.surveys.comment_review import Comment, CommentCounts
from assessment.surveys.results import Base, SurveyInCycle
from questionnaires.definition import Questionnaire
from questionnaires.library import Library
from reports import products
from reports.product_summaries import Hiding
from reports.product_trend import ProductsTrend, products_trend
from reports.products import ProductsReport
from reports.survey_tally import Tally, joined, tally

SHEETS_AT_ONCE = 10_000  # half a million answers: what is counted at once decides how much memory it takes


@dataclass(frozen=True)
class GatheredProducts:
    """A survey as one reader may see it, and the report made of just that.

    ``trend`` and ``comments``: only where they were asked for.
    """

    place: SurveyInCycle
    places: Sequence[SurveyInCycle]  # those of the same center that the reader may open
    questionnaire: Questionnaire
    base: Base
    report: ProductsReport
    trend: ProductsTrend | None
    comment_counts: CommentCounts
    comments: Sequence[Comment]  # those that somebody has released


def gather_products(
    session: Session,
    library: Library,
    person: Person,
    fusion_center: str,
    cycle_code: str | None,
    today: date,
    *,
    whole: bool = False,
    count: Callable[[Survey, Questionnaire], Tally] | None = None,
) -> GatheredProducts:
    """The results for this reader; NotFound where the survey is not theirs or not there.

    ``whole`` brings the change since the survey before and the comments too. ``count`` counts the released
    answers elsewhere than in the database.
    """
    places = results.surveys_of(session, person, fusion_center, today)
    place = results.choose(places, cycle_code)
    require_sheets(session, place.survey, with_results=place.readable)
    questionnaire = plans.questionnaire_of(library, place.survey)
    base = results.base_of(session, place.survey)
    if count is None or place.survey.released_on is None:
        count = partial(counted, session)
    report = _report(questionnaire, place.survey, base, count(place.survey, questionnaire))
    trend = None
    if whole and place.readable:
        trend = _trend(session, library, places, place, questionnaire, report)
    texts = comment_review.text_questions(questionnaire)
    return GatheredProducts(
        place=place,
        places=places,
        questionnaire=questionnaire,
        base=base,
        report=report,
        trend=trend,
        comment_counts=comment_review.counts(session, place.survey, texts),
        comments=comment_review.shown(session, place.survey, texts) if whole and place.readable else [],
    )


def counted(session: Session, survey: Survey, questionnaire: Questionnaire) -> Tally:
    """The released answers, counted a part of the sheets at a time; no memory holds them all."""
    parts = [
        tally(questionnaire, frames.survey_frame(session, survey, among))
        for among, _ in frames.sheets_in_parts(session, survey, SHEETS_AT_ONCE)
        if survey.released_on is not None
    ]
    return joined(parts) if parts else tally(questionnaire, frames.survey_frame(session, survey))


def _report(questionnaire: Questionnaire, survey: Survey, base: Base, tallied: Tally) -> ProductsReport:
    """Before the release nothing is counted, and all but who has answered is hidden."""
    return products.summarise(
        questionnaire,
        tallied,
        hiding=Hiding(survey.floor, survey.released_on is not None),
        invited=None if survey.open_link_cap is not None else base.invited,
        responded=base.responded,
        partials=base.partial,
        released=survey.released_on,
        cycle=survey.cycle.code,
        fusion_center=survey.fusion_center.code,
        synthetic=survey.cycle.synthetic,
    )


def _trend(
    session: Session,
    library: Library,
    places: Sequence[SurveyInCycle],
    place: SurveyInCycle,
    questionnaire: Questionnaire,
    report: ProductsReport,
) -> ProductsTrend | None:
    """The change since the survey before, where this reader may read both."""
    before = results.earlier(places, place)
    if before is None:
        return None
    asked_before = plans.questionnaire_of(library, before.survey)
    frame = frames.survey_frame(session, before.survey)
    base = results.base_of(session, before.survey)
    earlier = _report(asked_before, before.survey, base, tally(asked_before, frame))
    if not results.may_be_matched(place.survey, before.survey):
        return products_trend(questionnaire, report, asked_before, earlier)
    matches = frames.matched_sheets(session, place.survey, before.survey)
    both = (frames.survey_frame(session, place.survey), frame)
    return products_trend(questionnaire, report, asked_before, earlier, both, matches)
