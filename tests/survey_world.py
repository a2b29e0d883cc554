"""Product surveys with partners, written straight into the tables, for tests of what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessment.database import Database
from assessment.models.base import Base
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.models.surveys import Message, Partner, Survey, SurveyPartner

OPENS, CLOSES = date(2026, 6, 1), date(2026, 6, 30)  # around NOW of conftest


def partner_email(number: int) -> str:
    return f"partner{number}@agency.example"


def add_survey(session: Session, partners: int = 3, code: str = "products-co", **changes: Any) -> Survey:
    """An open, confidential survey of FC-CO with partners; ``changes``: columns of Survey or Cycle."""
    days = {name: changes.pop(name) for name in ("opens_on", "closes_on") if name in changes}
    center = session.scalars(select(Center).where(Center.code == changes.pop("center", "FC-CO"))).one()
    director = session.scalars(select(PersonRow).where(PersonRow.email == "director@example.gov")).first()
    opened = datetime.fromisoformat("2026-06-01T15:00:00+00:00")
    cycle = Cycle(
        code=code,
        title="Products and information 2026",
        questionnaire_id="product-usefulness",
        version="1.0",
        created_at=opened,
        **({"opens_on": OPENS, "closes_on": CLOSES} | days),
    )
    survey = Survey(
        cycle=cycle,
        fusion_center=center,
        created_by_id=director.id if director else None,
        **({"opened_at": opened} | changes),
    )
    session.add(survey)
    session.flush()
    add_partners(session, survey, range(partners))
    return survey


def add_partners(session: Session, survey: Survey, numbers: Sequence[int]) -> None:
    """Partners of the survey's center, all asked by the survey."""
    rows = [
        Partner(
            fusion_center_id=survey.fusion_center_id,
            email=partner_email(number),
            name=f"Partner {number}",
            organization=f"Agency {number}",
        )
        for number in numbers
    ]
    session.add_all(rows)
    session.flush()
    if rows:
        asked = [{"survey_id": survey.id, "partner_id": row.id} for row in rows]
        session.execute(insert(SurveyPartner), asked)


@dataclass(frozen=True)
class Mailed:
    """A message of the outbox as a test looks at it."""

    email: str
    round: int
    state: str
    attempts: int
    reason: str
    public_id: str


def messages_of(database: Database, survey_id: int) -> list[Mailed]:
    """The survey's messages, in the order of partners and rounds."""
    query = (
        select(
            Partner.email, Message.round, Message.state, Message.attempts, Message.reason, Message.public_id
        )
        .join(Partner, Message.partner_id == Partner.id)
        .where(Message.survey_id == survey_id)
        .order_by(Message.partner_id, Message.round)
    )
    with database.reading() as session:
        return [Mailed(*row) for row in session.execute(query)]


def states_of(database: Database, survey_id: int) -> Mapping[str, str]:
    """Of each partner the state of their latest message."""
    return {mailed.email: mailed.state for mailed in messages_of(database, survey_id)}


def everything_stored(database: Database) -> str:
    """All tables as text: what somebody finds who gets hold of the database."""
    with database.reading() as session:
        return "\n".join(
            str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))
        )
