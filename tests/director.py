"""What tests of the director's side share: a survey plan over the small network, and looks into it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from assessment.models.surveys import Partner, Survey, SurveyPartner
from assessment.surveys import partners, plans
from tests.conftest import NOW, Network

TODAY = date(2026, 6, 15)
PLAN = plans.SurveyPlan(
    fusion_center="FC-CO",
    title="Products 2026",
    opens=TODAY,
    closes=date(2026, 7, 6),
    period_from=date(2025, 6, 15),
    period_to=TODAY,
)
HEADER = "email,name,organization,sector,level,state\n"
PARTNERS = (
    HEADER + "ann@eoc.example.gov,Ann,Larimer EOC,eoc,county,CO\nben@fire.example.gov,Ben,,fire_ems,city,CO\n"
)


def make(network: Network, content: str = PARTNERS, **changes: Any) -> str:
    """The public id of a plan with the partners of this file."""
    with network.database.writing() as session:
        by = network.person("director").id
        survey = plans.create_survey(session, network.library, replace(PLAN, **changes), NOW, by)
        if content:
            partners.import_partners(session, survey, content, NOW, by)
        return survey.public_id


def open_plan(network: Network, public_id: str) -> None:
    with network.database.writing() as session:
        survey = find(session, public_id)
        plans.open_survey(session, network.library, survey, network.clock.today(), network.clock.now())


def make_open(network: Network, content: str = PARTNERS, **changes: Any) -> str:
    public_id = make(network, content, **changes)
    open_plan(network, public_id)
    return public_id


def find(session: Any, public_id: str) -> Survey:
    survey = session.scalar(select(Survey).where(Survey.public_id == public_id))
    assert survey is not None
    return survey


def asked(network: Network, public_id: str) -> set[str]:
    """Addresses of those whom the survey asks."""
    with network.database.reading() as session:
        query = (
            select(Partner.email)
            .join(SurveyPartner, SurveyPartner.partner_id == Partner.id)
            .join(Survey, Survey.id == SurveyPartner.survey_id)
            .where(Survey.public_id == public_id)
        )
        return set(session.scalars(query))


def words(response: Any) -> str:
    """The text of a page as it is read, without tags."""
    body = response.get_data(as_text=True)
    text = re.sub(r"<[^>]+>", " ", body.split("<main", 1)[-1].split("</main>")[0])
    return re.sub(r"\s+", " ", html.unescape(text))
