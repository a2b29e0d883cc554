"""Product surveys: what one asks, its partners, its links, and its answers.

In an anonymous survey nothing may join a person to an answer. So who was invited and has finished
(``SurveyPartner``) is kept apart from what was answered; a draft is found by a hash of the link of its own
purpose; finished drafts are moved to ``SurveyResponse`` in shuffled batches; and days stand for times.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessment.models.base import Base, UTCDateTime, new_public_id, one_of
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from questionnaires.answers import AnswerStatus

SMALLEST_FLOOR = 5


class SurveyMode(StrEnum):
    ANONYMOUS = "anonymous"
    CONFIDENTIAL = "confidential"


class Recurrence(StrEnum):
    NONE = "none"
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"


class Completion(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"


class MessageKind(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    UNCERTAIN = "uncertain"  # a crash left open whether the server had taken it; a person decides
    WITHDRAWN = "withdrawn"  # no longer wanted before it was sent


class Survey(Base):
    """One survey of one fusion center within a cycle; a plan until ``opened_at``, then binding."""

    __tablename__ = "surveys"
    __table_args__ = (
        UniqueConstraint("cycle_id", "fusion_center_id"),
        CheckConstraint(one_of("mode", SurveyMode), name="mode"),
        CheckConstraint(one_of("recurrence", Recurrence), name="recurrence"),
        CheckConstraint(f"floor >= {SMALLEST_FLOOR}", name="floor"),
        CheckConstraint("open_link_cap IS NULL OR open_link_cap > 0", name="open_link_cap"),
        CheckConstraint("burden_minutes IS NULL OR burden_minutes BETWEEN 1 AND 999", name="burden_minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    fusion_center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), index=True)
    mode: Mapped[str] = mapped_column(String(15), default=SurveyMode.CONFIDENTIAL.value)
    floor: Mapped[int] = mapped_column(default=10)
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    introduction: Mapped[str] = mapped_column(Text, default="")
    own_questions: Mapped[str] = mapped_column(Text, default="")  # a small definition, as in a file
    sponsor: Mapped[str] = mapped_column(String(200), default="")
    federal_sponsor: Mapped[bool] = mapped_column(default=False)
    omb_control_number: Mapped[str] = mapped_column(String(20), default="")
    omb_expires: Mapped[date | None]
    burden_minutes: Mapped[int | None]
    recurrence: Mapped[str] = mapped_column(String(12), default=Recurrence.NONE.value)
    open_link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    open_link_cap: Mapped[int | None]
    open_link_started: Mapped[int] = mapped_column(default=0)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("surveys.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_on: Mapped[date | None]  # the day of the first close; results rest on what was there then
    shared_on: Mapped[date | None]
    shared_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    cycle: Mapped[Cycle] = relationship()
    fusion_center: Mapped[Center] = relationship()


class SurveyTopic(Base):
    """A product type that a survey asks about; none at all means every one."""

    __tablename__ = "survey_topics"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)


class Partner(Base):
    """Somebody to whom a fusion center sends its products."""

    __tablename__ = "partners"
    __table_args__ = (
        UniqueConstraint("fusion_center_id", "email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    fusion_center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    organization: Mapped[str] = mapped_column(String(200), default="")
    sector: Mapped[str] = mapped_column(String(40), default="")  # option codes of P-01
    level: Mapped[str] = mapped_column(String(40), default="")  # and of P-02
    state: Mapped[str] = mapped_column(String(2), default="")
    opted_out_on: Mapped[date | None]  # for good: no survey of this center writes to them again


class SurveyPartner(Base):
    """A partner whom a survey asks, and how far they are; by days, and apart from their answers."""

    __tablename__ = "survey_partners"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True, index=True)
    opened_on: Mapped[date | None]
    started_on: Mapped[date | None]
    finished_on: Mapped[date | None]  # every link of theirs is spent from then on

    partner: Mapped[Partner] = relationship()


class Invitation(Base):
    """One personal link. Only the hash of its secret is kept, and it was made when its message was sent."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    made_on: Mapped[date]
    revoked: Mapped[bool] = mapped_column(default=False)


class Message(Base):
    """A message of the outbox. Its text is made when it is sent, from the survey's template."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(one_of("kind", MessageKind), name="kind"),
        CheckConstraint(one_of("state", MessageState), name="state"),
        CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", name="claimed_while_sending"),
        UniqueConstraint("survey_id", "partner_id", "round"),  # nobody is written to twice in one round
        Index(None, "state", "not_before", "id"),  # the next to send, however many wait
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    round: Mapped[int] = mapped_column(default=0)  # 0 the invitation, 1 the first reminder
    state: Mapped[str] = mapped_column(String(10), default=MessageState.QUEUED.value)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # stays: the latest try
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")  # what the server said

    partner: Mapped[Partner] = relationship()


class MessageTemplate(Base):
    """What a survey's messages say: text with a fixed list of placeholders."""

    __tablename__ = "message_templates"
    __table_args__ = (CheckConstraint(one_of("kind", MessageKind), name="kind"),)

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class ReminderDay(Base):
    """A day on which those who have not finished are reminded."""

    __tablename__ = "reminder_days"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SurveyDraft(Base):
    """Answers as they come in; found by a hash of the link that no invitation holds."""

    __tablename__ = "survey_drafts"
    __table_args__ = (
        UniqueConstraint("survey_id", "respondent"),
        Index(None, "survey_id", "partner_id"),  # a confidential survey's draft, at each page and each save
        Index(None, "survey_id", "finished"),  # those that wait to be moved
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"))
    draft_hash: Mapped[str] = mapped_column(String(64), unique=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))  # a confidential survey's only
    respondent: Mapped[str | None] = mapped_column(String(100))  # as a file names them; a confidential one's
    last_question: Mapped[str | None] = mapped_column(String(40))
    finished: Mapped[bool] = mapped_column(default=False)


class SurveyDraftAnswer(Base):
    __tablename__ = "survey_draft_answers"
    __table_args__ = (
        CheckConstraint(one_of("status", AnswerStatus), name="status"),
        CheckConstraint(
            "(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> ''))"
            " OR (status <> 'answered' AND number IS NULL AND option IS NULL)",
            name="value_exactly_when_answered",
        ),
        {"sqlite_with_rowid": False},
    )

    draft_id: Mapped[int] = mapped_column(
        ForeignKey("survey_drafts.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    status: Mapped[str] = mapped_column(String(16))
    number: Mapped[float | None] = mapped_column(Float)
    option: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_on_page: Mapped[str] = mapped_column(String(32), default="")


def new_response_id() -> str:
    """Random, so that the order of the rows says nothing about the order of the answers."""
    return secrets.token_hex(12)


class SurveyResponse(Base):
    """A finished answer sheet, or at the close a partial one that counts."""

    __tablename__ = "survey_responses"
    __table_args__ = (
        CheckConstraint(one_of("completion", Completion), name="completion"),
        UniqueConstraint("survey_id", "respondent"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True, default=new_response_id)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))  # a confidential survey's only
    respondent: Mapped[str | None] = mapped_column(String(100))  # as a file names them; a confidential one's
    completion: Mapped[str] = mapped_column(String(10))
    released: Mapped[bool] = mapped_column(default=False)  # was there when the results were released


class SurveyAnswer(Base):
    __tablename__ = "survey_answers"
    __table_args__ = (
        CheckConstraint(one_of("status", AnswerStatus), name="status"),
        CheckConstraint(
            "(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> ''))"
            " OR (status <> 'answered' AND number IS NULL AND option IS NULL)",
            name="value_exactly_when_answered",
        ),
        {"sqlite_with_rowid": False},
    )

    response_id: Mapped[str] = mapped_column(
        ForeignKey("survey_responses.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    status: Mapped[str] = mapped_column(String(16))
    number: Mapped[float | None] = mapped_column(Float)
    option: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")


class CommentReview(Base):
    """Somebody of the center has read a comment and decided whether it is shown."""

    __tablename__ = "comment_reviews"

    response_id: Mapped[str] = mapped_column(
        ForeignKey("survey_responses.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    shown: Mapped[bool]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class LinkFailure(Base):
    """How many unknown links were tried within an hour, from one address or from all; kept for a day."""

    __tablename__ = "link_failures"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)  # a keyed hash of the address, or "all"
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # since 1970
    failures: Mapped[int] = mapped_column(default=1)
