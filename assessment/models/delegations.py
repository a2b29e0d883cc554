"""Which section of a side's form was given to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime, one_of
from questionnaires.definition import Side


class Delegation(Base):
    """A section that one person of the center is asked to fill in; it outlives a reopening of the form."""

    __tablename__ = "delegations"
    __table_args__ = (CheckConstraint(one_of("side", Side), name="side"),)

    cycle_pair_id: Mapped[int] = mapped_column(ForeignKey("cycle_pairs.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(20), primary_key=True)
    section: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
