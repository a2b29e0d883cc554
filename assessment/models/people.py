"""People, what they may act for, and their sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.access import Role
from assessment.models.base import Base, UTCDateTime, new_public_id, one_of
from assessment.models.directory import Center


class PersonRow(Base):
    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    demonstration: Mapped[bool] = mapped_column(default=False)  # may sign in only where TANDEM_DEMO is set
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    centers: Mapped[list[Center]] = relationship(secondary="person_centers", order_by=Center.code)
    scopes: Mapped[list[PersonScope]] = relationship(cascade="all, delete-orphan")


class PersonCenter(Base):
    """A center that a person acts for."""

    __tablename__ = "person_centers"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), primary_key=True, index=True)


class PersonScope(Base):
    """A FEMA region or a state that a reviewer may read; none at all means the nation."""

    __tablename__ = "person_scopes"
    __table_args__ = (CheckConstraint("kind IN ('region', 'state')", name="kind"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(10), primary_key=True)


class SignIn(Base):
    """One sign-in of one browser. Only the hash of its secret is kept."""

    __tablename__ = "sign_ins"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    method: Mapped[str] = mapped_column(String(20), default="password", server_default="password")
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # who it is was asked once more


class SignInTries(Base):
    """How often somebody has tried to sign in to one account from one place since they last could.

    Account and place are kept as keyed hashes: no list of addresses, and none of e-mail addresses that nobody
    here has.
    """

    __tablename__ = "sign_in_tries"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
