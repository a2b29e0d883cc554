"""Personal access tokens for the API, and how much it is used."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime, new_public_id


class AccessToken(Base):
    """One token of one person. Only its hash is kept; its last four characters tell it from others."""

    __tablename__ = "access_tokens"
    __table_args__ = (CheckConstraint("made_at < expires_at", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ending: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[str] = mapped_column(String(200))  # with blanks between
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_on: Mapped[date | None]  # a day is exact enough, and reading does not write each time


class ApiRequests(Base):
    """Requests within one minute: of a token, of a person, or with wrong tokens from one address."""

    __tablename__ = "api_requests"

    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, index=True)
    requests: Mapped[int]
