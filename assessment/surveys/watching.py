"""How far a survey is: sent, opened, started, finished, and by group where nobody can be told apart.

Who has finished is shown by name in a confidential survey only; an anonymous one shows counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from assessment.models.surveys import (
    Completion,
    Message,
    MessageKind,
    MessageState,
    Partner,
    Survey,
    SurveyDraft,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.surveys.partner_entries import LEVELS, SECTORS

PROBLEMS_SHOWN = 100
NAMES_SHOWN = 100
REACHED = (MessageState.SENT, MessageState.BOUNCED, MessageState.UNCERTAIN, MessageState.FAILED)
TROUBLE = (MessageState.UNCERTAIN, MessageState.FAILED, MessageState.BOUNCED)


@dataclass(frozen=True)
class Counts:
    """People by how far they are; answer sheets by how complete they are."""

    asked: int  # partners on the survey's list
    left_out: int  # of them, who asked not to be written to
    invited: int  # to whom an invitation was sent, whatever became of it
    sent: int
    bounced: int
    failed: int
    uncertain: int
    waiting: int  # messages queued or being sent
    opened: int
    started: int
    finished: int  # of those asked, who have finished by a link of their own
    sheets: int  # finished answer sheets, by whichever way they came
    partial: int  # partial ones that count, known from the close on

    @property
    def to_remind(self) -> int:
        """Asked and not finished, and not left out."""
        return max(0, self.asked - self.left_out - self.finished)


@dataclass(frozen=True)
class Rates:
    """AAPOR response rates of those invited: RR1 complete only, RR2 with the partial ones that count."""

    rr1: float
    rr2: float | None  # known from the close on


@dataclass(frozen=True)
class Group:
    """A sector or level of the partner list; the numbers are None where it is smaller than the floor."""

    by: str
    label: str
    asked: int | None
    finished: int | None

    @property
    def rate(self) -> float | None:
        return self.finished / self.asked if self.asked and self.finished is not None else None


def counts(session: Session, survey: Survey) -> Counts:
    """In four statements, whatever the number of partners."""
    messages = _message_counts(session, survey)
    people = session.execute(
        select(
            func.count(),
            func.count(Partner.opted_out_on),
            func.count(SurveyPartner.opened_on),
            func.count(SurveyPartner.started_on),
            func.count(SurveyPartner.finished_on),
        )
        .select_from(SurveyPartner)
        .join(Partner, Partner.id == SurveyPartner.partner_id)
        .where(SurveyPartner.survey_id == survey.id)
    ).one()
    waiting = (SurveyDraft.survey_id == survey.id, SurveyDraft.finished)
    drafts = session.scalar(select(func.count()).select_from(SurveyDraft).where(*waiting)) or 0
    sheets = (
        select(SurveyResponse.completion, func.count())
        .where(SurveyResponse.survey_id == survey.id)
        .group_by(SurveyResponse.completion)
    )
    completions = dict(session.execute(sheets).all())
    return Counts(
        asked=people[0],
        left_out=people[1],
        invited=sum(messages.get((MessageKind.INVITATION, state), 0) for state in REACHED),
        sent=messages.get((MessageKind.INVITATION, MessageState.SENT), 0),
        bounced=_of_state(messages, MessageState.BOUNCED),
        failed=_of_state(messages, MessageState.FAILED),
        uncertain=_of_state(messages, MessageState.UNCERTAIN),
        waiting=_of_state(messages, MessageState.QUEUED) + _of_state(messages, MessageState.SENDING),
        opened=people[2],
        started=people[3],
        finished=people[4],
        sheets=drafts + completions.get(Completion.COMPLETE, 0),
        partial=completions.get(Completion.PARTIAL, 0),
    )


def _message_counts(session: Session, survey: Survey) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(Message.kind, Message.state, func.count())
        .where(Message.survey_id == survey.id)
        .group_by(Message.kind, Message.state)
    )
    return {(kind, state): number for kind, state, number in rows}


def _of_state(messages: dict[tuple[str, str], int], state: MessageState) -> int:
    return sum(number for (_, found), number in messages.items() if found == state)


def rates(session: Session, survey: Survey, now_at: Counts) -> Rates | None:
    """Over those invited; None where nobody was. Partial answers of an open link have no base."""
    if not now_at.invited:
        return None
    rr1 = now_at.finished / now_at.invited
    if survey.released_on is None:
        return Rates(rr1, None)
    return Rates(rr1, (now_at.finished + _partial_of_invited(session, survey, now_at)) / now_at.invited)


def _partial_of_invited(session: Session, survey: Survey, now_at: Counts) -> int:
    if survey.mode == SurveyMode.ANONYMOUS:
        return now_at.partial if survey.open_link_cap is None else 0
    query = (
        select(func.count())
        .select_from(SurveyResponse)
        .where(
            SurveyResponse.survey_id == survey.id,
            SurveyResponse.completion == Completion.PARTIAL.value,
            SurveyResponse.partner_id.is_not(None),
        )
    )
    return session.scalar(query) or 0


def groups(session: Session, survey: Survey) -> list[Group]:
    """By sector and by level, in the questionnaire's order; none at all in an anonymous survey."""
    if survey.mode == SurveyMode.ANONYMOUS:
        return []
    found = []
    for by, column, labels in (("Sector", Partner.sector, SECTORS), ("Level", Partner.level, LEVELS)):
        rows = session.execute(
            select(column, func.count(), func.count(SurveyPartner.finished_on))
            .select_from(SurveyPartner)
            .join(Partner, Partner.id == SurveyPartner.partner_id)
            .where(SurveyPartner.survey_id == survey.id)
            .group_by(column)
        )
        numbers = {code: (asked, finished) for code, asked, finished in rows}
        for code, label in {**labels, "": "Not said"}.items():
            if code in numbers:
                found.append(_group(by, label, *numbers[code], survey.floor))
    return found


def _group(by: str, label: str, asked: int, finished: int, floor: int) -> Group:
    return Group(by, label, asked, finished) if asked >= floor else Group(by, label, None, None)


def unfinished(session: Session, survey: Survey) -> list[Partner]:
    """Who has not finished, by address, the first ones; nobody in an anonymous survey."""
    if survey.mode == SurveyMode.ANONYMOUS:
        return []
    query = (
        select(Partner)
        .join(SurveyPartner, SurveyPartner.partner_id == Partner.id)
        .where(
            SurveyPartner.survey_id == survey.id,
            SurveyPartner.finished_on.is_(None),
            Partner.opted_out_on.is_(None),
        )
        .order_by(Partner.email)
        .limit(NAMES_SHOWN)
    )
    return list(session.scalars(query))


@dataclass(frozen=True)
class Round:
    """The messages of one kind and round by their state."""

    round: int
    states: dict[str, int]

    @property
    def name(self) -> str:
        return "Invitation" if self.round == 0 else f"Reminder {self.round}"


def rounds(session: Session, survey: Survey) -> list[Round]:
    """The invitation first, then each reminder."""
    rows = session.execute(
        select(Message.round, Message.state, func.count())
        .where(Message.survey_id == survey.id)
        .group_by(Message.round, Message.state)
        .order_by(Message.round)
    )
    found: dict[int, dict[str, int]] = {}
    for number, state, count in rows:
        found.setdefault(number, {})[state] = count
    return [Round(number, states) for number, states in found.items()]


def troubled_messages(session: Session, survey: Survey) -> Sequence[Message]:
    """Messages that need a person: what the server said, those whose fate is unknown first.

    Of an anonymous survey invitations only: a reminder goes to those who have not finished.
    """
    query = (
        select(Message)
        .join(Message.partner)
        .options(contains_eager(Message.partner))
        .where(Message.survey_id == survey.id, Message.state.in_([state.value for state in TROUBLE]))
        .where(*([Message.round == 0] if survey.mode == SurveyMode.ANONYMOUS else []))
        .order_by(Message.state.desc(), Partner.email)
        .limit(PROBLEMS_SHOWN)
    )
    return session.scalars(query).all()
