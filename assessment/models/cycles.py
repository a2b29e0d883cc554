"""Cycles: one questionnaire asked of some pairs within some days."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.models.base import Base, UTCDateTime
from assessment.models.directory import Pair


class Cycle(Base):
    __tablename__ = "cycles"
    __table_args__ = (CheckConstraint("opens_on <= closes_on", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    questionnaire_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    opens_on: Mapped[date]
    closes_on: Mapped[date]  # the last day, included
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # set where somebody closed it by hand
    synthetic: Mapped[bool] = mapped_column(default=False)
    reduction_begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # past its period
    reduced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # its single answers are gone
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CyclePair(Base):
    """A pair that a cycle asks; fixed when the cycle opens."""

    __tablename__ = "cycle_pairs"
    __table_args__ = (UniqueConstraint("cycle_id", "pair_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), index=True)
    fusion_center_read_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime
    )  # first read of the joint report
    eoc_read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    cycle: Mapped[Cycle] = relationship()
    pair: Mapped[Pair] = relationship()
