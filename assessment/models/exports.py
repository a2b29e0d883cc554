"""Files that take long to make: asked for by a person, made by a worker, kept for a while, fetched by them.

The bytes stand in the database, in pieces, so that any web process can serve what any worker has made.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime, new_public_id, one_of


class ExportState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Export(Base):
    """One file that somebody asked for; it is nobody else's."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(one_of("state", ExportState), name="state"),
        CheckConstraint("(state = 'working') = (claimed_by IS NOT NULL)", name="claimed_while_working"),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
        Index(None, "state", "asked_at", "id"),  # the next to make
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # which maker
    parameters: Mapped[str] = mapped_column(Text)  # JSON, sorted: what the maker is told
    title: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    state: Mapped[str] = mapped_column(String(10), default=ExportState.WAITING.value)
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the worker last said it is there
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it failed
    rights: Mapped[str] = mapped_column(String(64), default="")  # what it was made with; see making.Maker
    file_name: Mapped[str] = mapped_column(String(200), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[int] = mapped_column(default=0)


class ExportPiece(Base):
    """Some of the bytes of a file."""

    __tablename__ = "export_pieces"

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
