"""What is kept of a survey whose answers are past their period."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime


class KeptResults(Base):
    """The released results of a survey as they were shown, written before its answers are removed."""

    __tablename__ = "kept_results"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    report: Mapped[str] = mapped_column(Text)  # JSON, as the contract says of ``products``
