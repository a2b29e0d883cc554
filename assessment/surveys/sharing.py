"""Whether reviewers may read a survey's results: its director says so, with name and date."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.cycles.services import CycleState, state_of
from assessment.errors import Refused
from assessment.models.directory import Center
from assessment.models.surveys import Survey


def set_shared(session: Session, survey: Survey, shared: bool, today: date, now: datetime, by: int) -> None:
    """Let reviewers in whose scope it lies read the results, or no longer; Refused after the close."""
    if shared and (survey.released_on is not None or _is_closed(survey, today)):
        raise Refused(
            "Sharing holds for surveys that close after it is turned on, and this one has closed."
            " Turn it on in the next one."
        )
    if shared == (survey.shared_on is not None):
        return
    survey.shared_on = today if shared else None
    survey.shared_by_id = by if shared else None
    action = "survey results shared" if shared else "survey results no longer shared"
    audit.record(session, now, by, action, f"survey {survey.cycle.code}", centers=[survey.fusion_center_id])


def _is_closed(survey: Survey, today: date) -> bool:
    return survey.opened_at is not None and state_of(survey.cycle, today) is CycleState.CLOSED


def carried_over(session: Session, center: Center) -> tuple[date | None, int | None]:
    """Sharing goes on with the next survey until somebody turns it off."""
    latest = session.scalar(
        select(Survey).where(Survey.fusion_center_id == center.id).order_by(Survey.id.desc()).limit(1)
    )
    return (latest.shared_on, latest.shared_by_id) if latest else (None, None)
