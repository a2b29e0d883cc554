"""Writing down what happened, in the transaction in which it happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from assessment.models.audit import AuditEvent


def record(
    session: Session, at: datetime, person_id: int | None, action: str, subject: str, detail: str = ""
) -> None:
    """Add one event; no person means the command line. Never hand in answers, passwords or tokens."""
    session.add(AuditEvent(at=at, person_id=person_id, action=action, subject=subject, detail=detail[:500]))
