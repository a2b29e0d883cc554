"""Invitations of people, links by mail that set a password once, and the letters that carry them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime, new_public_id, one_of


class Purpose(StrEnum):
    """What a link is good for; one of another purpose is no link at all."""

    INVITATION = "invitation"
    RESET = "reset"


class LetterKind(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    CHANGED = "changed"  # says that the password was changed, and holds no link that does anything
    FACTORS = "factors"  # says the same of a second factor
    LINKED = "linked"  # says that an account at the identity provider is theirs from now on
    SECTIONS = "sections"  # says that they are asked to fill in sections of a checklist


class LetterState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class AccountInvitation(Base):
    """That somebody was asked to use an account. What the account may do stands with the person."""

    __tablename__ = "account_invitations"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # none: the command line
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AccountLink(Base):
    """One link. Only the hash of its secret is kept, and the hash is another for another purpose."""

    __tablename__ = "account_links"
    __table_args__ = (CheckConstraint(one_of("purpose", Purpose), name="purpose"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AccountLetter(Base):
    """A letter to one person. Whoever asks for a reset names an address; whose it is, is looked up when the
    letter's turn comes, so that asking does the same for every address."""

    __tablename__ = "account_letters"
    __table_args__ = (
        CheckConstraint(one_of("kind", LetterKind), name="kind"),
        CheckConstraint(one_of("state", LetterState), name="state"),
        CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", name="claimed_while_sending"),
        CheckConstraint("(person_id IS NULL) = (address <> '')", name="person_or_address"),
        Index(None, "state", "not_before", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(10), default=LetterState.QUEUED.value)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")  # what the mail server said
