"""Responses of one side, their answers, and who has worked on them.

A submitted response never changes: reopening it keeps it as it is and makes the next edition from a copy.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.models.base import Base, UTCDateTime, new_public_id, one_of
from assessment.models.cycles import CyclePair
from questionnaires.answers import AnswerStatus
from questionnaires.definition import Side


class ResponseStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REOPENED = "reopened"  # was submitted; its signature is void and a later edition took its place


class Response(Base):
    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("cycle_pair_id", "side", "edition"),
        CheckConstraint(one_of("side", Side), name="side"),
        CheckConstraint(one_of("status", ResponseStatus), name="status"),
        CheckConstraint("edition >= 1", name="edition"),
        CheckConstraint(
            "(status = 'draft' AND submitted_at IS NULL AND answers_hash IS NULL)"
            " OR (status <> 'draft' AND submitted_at IS NOT NULL AND answers_hash IS NOT NULL)",
            name="submitted_state",
        ),
        CheckConstraint("(status = 'reopened') = (reopened_at IS NOT NULL)", name="reopened_state"),
        CheckConstraint("participants IS NULL OR participants BETWEEN 1 AND 999", name="participants"),
        Index(
            "uq_responses_current",
            "cycle_pair_id",
            "side",
            unique=True,
            sqlite_where=text("status <> 'reopened'"),
            postgresql_where=text("status <> 'reopened'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    cycle_pair_id: Mapped[int] = mapped_column(ForeignKey("cycle_pairs.id"))
    side: Mapped[str] = mapped_column(String(20))
    edition: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(12), default=ResponseStatus.DRAFT.value)
    last_question: Mapped[str | None] = mapped_column(String(40))  # where to go on: an id, never an ordinal

    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id")
    )  # empty: imported from a file
    signer_name: Mapped[str | None] = mapped_column(String(200))
    signer_title: Mapped[str | None] = mapped_column(String(200))
    participants: Mapped[int | None]
    answers_hash: Mapped[str | None] = mapped_column(String(64))
    reopened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reopen_reason: Mapped[str | None] = mapped_column(String(500))

    cycle_pair: Mapped[CyclePair] = relationship()


class Answer(Base):
    """One answer; ``text`` holds the words that go with it (evidence, reason)."""

    __tablename__ = "answers"
    __table_args__ = (
        CheckConstraint(one_of("status", AnswerStatus), name="status"),
        CheckConstraint(
            "(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> ''))"
            " OR (status <> 'answered' AND number IS NULL AND option IS NULL)",
            name="value_exactly_when_answered",
        ),
        {"sqlite_with_rowid": False},
    )

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    status: Mapped[str] = mapped_column(String(16))
    number: Mapped[float | None] = mapped_column(Float)
    option: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changed_on_page: Mapped[str] = mapped_column(String(32), default="")  # which opened page wrote it


class Contributor(Base):
    """Who has opened a side's form: that person may not act for, or read as, the other side."""

    __tablename__ = "contributors"

    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
