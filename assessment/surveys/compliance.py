"""The six points of what the Inspector General asked for, and which of them a plan meets."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessment.models.surveys import Partner, Recurrence, Survey, SurveyPartner
from assessment.surveys import plans
from questionnaires.definition import Questionnaire
from questionnaires.library import Library

SOURCE = "OIG-12-15, Relationships Between Fusion Centers and Emergency Operations Centers (2011)"
INFORMATION = "T-07"  # case or incident support, a briefing or an answer to a request
EOC = "eoc"


@dataclass(frozen=True)
class Point:
    title: str
    met: bool
    why: str  # what meets it, or what is to be done


def compliance(session: Session, library: Library, survey: Survey) -> list[Point]:
    """The six points in the report's order."""
    asked = plans.questionnaire_of(library, survey)
    sectors = _sectors(session, survey)
    return [
        Point("Stand-alone", True, "A survey with a link of its own, not a form at the end of a product."),
        _periodic(session, survey),
        _asks("Usefulness", asked, "O-01", "how useful products and information are"),
        _asks("Quality", asked, "O-02", "how good products and information are"),
        _covers(asked),
        _partners(sectors, survey),
    ]


def _sectors(session: Session, survey: Survey) -> dict[str, int]:
    rows = session.execute(
        select(Partner.sector, func.count())
        .join(SurveyPartner, SurveyPartner.partner_id == Partner.id)
        .where(SurveyPartner.survey_id == survey.id, Partner.opted_out_on.is_(None))
        .group_by(Partner.sector)
    )
    return dict(rows.all())


def _periodic(session: Session, survey: Survey) -> Point:
    if survey.recurrence != Recurrence.NONE.value:
        how = "every year" if survey.recurrence == Recurrence.YEARLY.value else "every six months"
        return Point("Periodic", True, f"The next one is prepared {how}; you confirm it.")
    return Point("Periodic", False, "Let it recur every year or every six months, in step 1.")


def _asks(title: str, asked: Questionnaire, question: str, what: str) -> Point:
    if question in asked.by_id:
        return Point(title, True, f"Asks {what}, overall and for each product type.")
    return Point(title, False, f"Does not ask {what}.")


def _covers(asked: Questionnaire) -> Point:
    title = "Products and information"
    topics = {question.id for question in plans.topic_questions(asked)}
    if INFORMATION not in topics:
        return Point(
            title,
            False,
            "Ask about briefings and answers to requests too (T-07), in step 3: that is information.",
        )
    if len(topics) == 1:
        return Point(title, False, "Ask about written products too, in step 3.")
    count = f"{len(topics)} product types"
    return Point(title, True, f"Asks about {count}, briefings and answers to requests among them.")


def _partners(sectors: dict[str, int], survey: Survey) -> Point:
    title = "Partners, EOC officials included"
    officials, others = sectors.get(EOC, 0), sum(sectors.values()) - sectors.get(EOC, 0)
    if officials and others:
        return Point(
            title, True, f"Asks {officials:,} of EOCs or emergency management and {others:,} others."
        )
    if officials:
        return Point(title, False, "Ask other partners too, not only EOC officials, in step 4.")
    if survey.open_link_cap is not None and not others:
        return Point(
            title, False, "An open link asks whoever has it. Add EOC officials in step 4, or give it to them."
        )
    return Point(title, False, "Nobody of an EOC is asked yet. Add EOC officials in step 4.")
