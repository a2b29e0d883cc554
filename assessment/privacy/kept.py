"""What has to be kept of a cycle before its answers go, and where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.network import NetworkRelease
from assessment.models.retention import KeptResults
from assessment.models.surveys import Survey


def released_from(session: Session, cycle: Cycle) -> Sequence[int]:
    """This cycle and later ones of its questionnaire, where released: their numbers tell of changes since."""
    query = (
        select(Cycle.id)
        .join(NetworkRelease, NetworkRelease.cycle_id == Cycle.id)
        .where(Cycle.questionnaire_id == cycle.questionnaire_id, Cycle.opens_on >= cycle.opens_on)
    )
    return session.scalars(query.order_by(Cycle.opens_on, Cycle.id)).all()


def surveys_to_keep(session: Session, cycle: Cycle) -> list[tuple[int, str]]:
    """Its surveys whose results are released and not kept yet, with the codes of their centers."""
    query = (
        select(Survey.id, Center.code)
        .join(Center, Center.id == Survey.fusion_center_id)
        .where(
            Survey.cycle_id == cycle.id,
            Survey.released_on.is_not(None),
            ~exists().where(KeptResults.survey_id == Survey.id),
        )
    )
    return [(survey_id, code) for survey_id, code in session.execute(query)]


def keep_results(session: Session, survey_id: int, report: str, now: datetime) -> None:
    """Write them once; where another worker was first, its words stand (they are the same)."""
    if session.get(KeptResults, survey_id) is None:
        session.add(KeptResults(survey_id=survey_id, kept_at=now, report=report))
