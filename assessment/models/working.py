"""What the workers have done lately, and whose turn it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime


class WorkerTask(Base):
    """One kind of work, over all workers. What is to be done stands in the queues, not here."""

    __tablename__ = "worker_tasks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of those that take turns: the last turn
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    well_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when it last ended without trouble
    trouble: Mapped[str] = mapped_column(String(400), default="")  # of the last time; empty: none
