"""What happened: who did what to what, when and from where. Never an answer, a password or a token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime


class AuditEvent(Base):
    """Added and never changed: triggers refuse the rest, and each row's seal covers the one before."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True
    )  # empty: the command line, a worker, or somebody who is not signed in
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(String(500), default="")
    origin: Mapped[str] = mapped_column(String(45), default="", server_default="")  # an address, or a program
    key: Mapped[str] = mapped_column(String(8), default="", server_default="")  # which key made the seal
    seal: Mapped[str] = mapped_column(
        String(64), default="", server_default=""
    )  # empty: before there were seals
