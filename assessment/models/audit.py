"""What happened: who did what to what, when and from where. Never an answer, a password or a token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime


class AuditEvent(Base):
    """Added and never changed: triggers refuse the rest, and each row's seal covers the one before."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "at", "id"),  # newest first, also of one person, one action, one subject
        Index(None, "person_id", "at"),
        Index(None, "action", "at"),
        Index(None, "subject", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id")
    )  # empty: the command line, a worker, or somebody who is not signed in
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(String(500), default="")
    origin: Mapped[str] = mapped_column(String(45), default="", server_default="")  # an address, or a program
    centers: Mapped[str] = mapped_column(Text, default="", server_default="")  # numbers of those it concerns
    key: Mapped[str] = mapped_column(String(8), default="", server_default="")  # which key made the seal
    seal: Mapped[str] = mapped_column(
        String(64), default="", server_default=""
    )  # empty: before there were seals


class AuditCenter(Base):
    """Which events concern a center: an index of ``AuditEvent.centers``, which the seal covers.

    The other side of a pair is no center that an event concerns before both sides have submitted.
    """

    __tablename__ = "audit_centers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    event_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, index=True
    )  # no foreign key: TRUNCATE shall meet the trigger; verifying finds what does not fit
