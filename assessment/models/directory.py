"""Centers (fusion centers and EOCs) and the pairs between them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.models.base import Base, one_of
from questionnaires.definition import Side


class FusionCenterLevel(StrEnum):
    PRIMARY = "primary"
    RECOGNIZED = "recognized"


class EocLevel(StrEnum):
    STATE = "state"
    TERRITORY = "territory"
    TRIBAL = "tribal"
    COUNTY = "county"
    CITY = "city"
    REGIONAL = "regional"


class Center(Base):
    __tablename__ = "centers"
    __table_args__ = (
        CheckConstraint(one_of("kind", Side), name="kind"),
        CheckConstraint(
            f"(kind = 'fusion_center' AND {one_of('level', FusionCenterLevel)})"
            f" OR (kind = 'eoc' AND {one_of('level', EocLevel)})",
            name="level_of_kind",
        ),
        CheckConstraint("fema_region BETWEEN 1 AND 10", name="fema_region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(2), index=True)
    fema_region: Mapped[int]
    city: Mapped[str] = mapped_column(String(100), default="")
    confidence: Mapped[str] = mapped_column(
        String(2), default=""
    )  # how sure the seed row is; empty: entered here
    active: Mapped[bool] = mapped_column(default=True)


class Pair(Base):
    __tablename__ = "pairs"
    __table_args__ = (
        UniqueConstraint("fusion_center_id", "eoc_id"),
        CheckConstraint("fusion_center_id <> eoc_id", name="two_centers"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fusion_center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    eoc_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    fusion_center: Mapped[Center] = relationship(foreign_keys=[fusion_center_id])
    eoc: Mapped[Center] = relationship(foreign_keys=[eoc_id])
