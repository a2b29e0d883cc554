"""Cycles whose single answers are past their period: whoever would read them is told so."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from assessment.errors import AnswersRemoved
from assessment.models.cycles import Cycle
from assessment.models.retention import KeptResults
from assessment.models.surveys import Survey


def require_answers(cycle: Cycle) -> None:
    """AnswersRemoved where they are removed, or are just being removed."""
    if cycle.reduction_begun_at is not None:
        raise AnswersRemoved(cycle.code, cycle.title, cycle.reduction_begun_at.date())


def require_sheets(session: Session, survey: Survey, with_results: bool) -> None:
    """The same for the answers of a survey; for who may read them its released results come with it."""
    cycle = survey.cycle
    if cycle.reduction_begun_at is not None:
        kept = session.get(KeptResults, survey.id) if with_results else None
        report = json.loads(kept.report) if kept else None
        raise AnswersRemoved(cycle.code, cycle.title, cycle.reduction_begun_at.date(), report)
