"""Writing down who has read a revealed pair's report."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.models.cycles import CyclePair
from questionnaires.definition import Side


def note_first_read(session: Session, cycle_pair_id: int, side: Side, now: datetime) -> None:
    """Keep when a side first read the joint report, so that a later change can say so."""
    column = CyclePair.fusion_center_read_at if side is Side.FUSION_CENTER else CyclePair.eoc_read_at
    session.execute(
        update(CyclePair).where(CyclePair.id == cycle_pair_id, column.is_(None)).values({column: now})
    )


def note_administrator_view(session: Session, cycle_pair_id: int, person_id: int, now: datetime) -> None:
    """An administrator reads other people's answers: each time is in the trail."""
    audit.record(session, now, person_id, "pair report viewed", f"cycle pair {cycle_pair_id}")


def note_center_view(session: Session, center: str, cycle: str, person_id: int, now: datetime) -> None:
    """The same for all pairs of a center at once."""
    audit.record(session, now, person_id, "center report viewed", f"center {center}", f"cycle {cycle}")
