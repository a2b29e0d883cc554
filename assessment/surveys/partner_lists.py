"""The partners of a fusion center as a page shows them, with whether a survey asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from assessment.models.surveys import Partner, Survey, SurveyPartner

PAGE = 25
SHOWN = ("", "asked", "not_asked", "left_out")


@dataclass(frozen=True)
class Wanted:
    """Which partners to show: text in an address, name or organization, a group, and a page."""

    text: str = ""
    only: str = ""
    page: int = 1


@dataclass(frozen=True)
class PartnerLine:
    partner: Partner
    asked: bool


@dataclass(frozen=True)
class Found:
    rows: Sequence[PartnerLine]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Totals:
    """All partners of the center, those whom the survey asks, and those who are never asked again."""

    known: int
    asked: int
    left_out: int


def _joined(query: Any, survey: Survey) -> Any:
    mine = and_(SurveyPartner.partner_id == Partner.id, SurveyPartner.survey_id == survey.id)
    return (
        query.select_from(Partner)
        .outerjoin(SurveyPartner, mine)
        .where(Partner.fusion_center_id == survey.fusion_center_id)
    )


def find_partners(session: Session, survey: Survey, wanted: Wanted) -> Found:
    """One page of the partners by address, and how many there are."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        columns = (Partner.email, Partner.name, Partner.organization)
        conditions.append(or_(*[column.icontains(wanted.text, autoescape=True) for column in columns]))
    if wanted.only == "asked":
        conditions += [SurveyPartner.survey_id.is_not(None), Partner.opted_out_on.is_(None)]
    if wanted.only == "not_asked":
        conditions += [SurveyPartner.survey_id.is_(None), Partner.opted_out_on.is_(None)]
    if wanted.only == "left_out":
        conditions.append(Partner.opted_out_on.is_not(None))
    total = session.scalar(_joined(select(func.count()), survey).where(*conditions)) or 0
    rows = session.execute(
        _joined(select(Partner, SurveyPartner.survey_id), survey)
        .where(*conditions)
        .order_by(Partner.email)
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    )
    return Found([PartnerLine(partner, asked is not None) for partner, asked in rows], total)


def totals(session: Session, survey: Survey) -> Totals:
    asked = func.count(SurveyPartner.survey_id).filter(Partner.opted_out_on.is_(None))
    row = session.execute(
        _joined(select(func.count(), asked, func.count(Partner.opted_out_on)), survey)
    ).one()
    return Totals(*row)
