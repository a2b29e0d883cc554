"""Who somebody is at the identity provider, and who is on the way there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessment.models.base import Base, UTCDateTime


class ProviderIdentity(Base):
    """A person of ours as an identity provider knows them; of one provider each has one at most.

    Issuer and subject together are the identity. No e-mail address is kept: people change theirs, and what it
    says at the provider later means nothing here.
    """

    __tablename__ = "provider_identities"
    __table_args__ = (UniqueConstraint("issuer", "person_id"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProviderJourney(Base):
    """A browser that has been sent to the provider and is not back yet; taken out when it comes back.

    A form that was posted when the sign-in before had ended waits here too, as JSON pairs.
    """

    __tablename__ = "provider_journeys"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))  # PKCE
    place: Mapped[str] = mapped_column(String(64), index=True)  # keyed hash of the network address
    next_path: Mapped[str] = mapped_column(Text)
    kept: Mapped[str] = mapped_column(Text)
    kept_path: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
