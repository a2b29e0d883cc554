"""What is released of a cycle's network, and which pairs their centers share by name.

A release is written once, when the cycle first closes, and never changes. The numbers beside it are a copy
of what follows from it, kept so that nobody computes them twice.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.models.base import Base, UTCDateTime
from assessment.models.cycles import Cycle
from assessment.models.people import PersonRow

STATUSES = ("complete", "one_sided", "not_started")


class PairShare(Base):
    """A center lets reviewers in whose scope the pair lies read it by name; kept when it is withdrawn."""

    __tablename__ = "pair_shares"
    __table_args__ = (
        Index(
            "uq_pair_shares_current",
            "pair_id",
            "center_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    shared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    shared_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    shared_by: Mapped[PersonRow] = relationship(foreign_keys=[shared_by_id])


class NetworkRelease(Base):
    """A checklist cycle has closed for the first time; its released pairs are what counts from then on."""

    __tablename__ = "network_releases"

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"), primary_key=True)
    released_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_on: Mapped[date]
    # unique: two changes from one cycle would give away the pairs that are in one of them only
    previous_cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"), unique=True)

    cycle: Mapped[Cycle] = relationship(foreign_keys=[cycle_id])


class ReleasedPair(Base):
    """A pair of a released cycle as it was at that moment."""

    __tablename__ = "released_pairs"
    __table_args__ = (CheckConstraint(f"status IN {STATUSES}", name="status"),)

    cycle_id: Mapped[int] = mapped_column(ForeignKey("network_releases.cycle_id"), primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), primary_key=True)
    fusion_center: Mapped[str] = mapped_column(String(40))
    eoc: Mapped[str] = mapped_column(String(40))
    fusion_center_name: Mapped[str] = mapped_column(String(200))
    eoc_name: Mapped[str] = mapped_column(String(200))
    region: Mapped[int]  # of the EOC, as are state and level
    state: Mapped[str] = mapped_column(String(2))
    eoc_level: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    shared: Mapped[bool]
    fusion_center_response_id: Mapped[int | None] = mapped_column(ForeignKey("responses.id"))
    eoc_response_id: Mapped[int | None] = mapped_column(ForeignKey("responses.id"))


class NetworkNumbers(Base):
    """What is shown of one scope of a released cycle, and what else follows from the release, as JSON."""

    __tablename__ = "network_numbers"

    cycle_id: Mapped[int] = mapped_column(ForeignKey("network_releases.cycle_id"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    calculation: Mapped[str] = mapped_column(String(20), primary_key=True)
    numbers: Mapped[str] = mapped_column(Text)
