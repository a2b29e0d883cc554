"""What a survey link is good for. Looking it up changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from assessment.cycles.services import CycleState, state_of
from assessment.errors import Refused
from assessment.models.surveys import Invitation, Survey, SurveyDraft, SurveyMode, SurveyPartner
from assessment.surveys.browser_drafts import NO_BROWSER, BrowserDrafts
from assessment.surveys.links import TOKEN, draft_hash, invitation_hash


class LinkStatus(StrEnum):
    USABLE = "usable"
    SPENT = "spent"  # the sheet was finished, by this link or another of the same person
    REVOKED = "revoked"
    CLOSED = "closed"
    PLANNED = "planned"  # the survey opens on a later day
    FULL = "full"  # an open link has had as many starts as it may
    UNKNOWN = "unknown"  # no link of ours, and that is all that is said


@dataclass(frozen=True)
class LinkState:
    """A link as found. ``secret`` is what the draft is found by, and is in no table."""

    status: LinkStatus
    token: str
    survey: Survey | None = None
    invited: SurveyPartner | None = None  # nobody where the link is an open one
    draft: SurveyDraft | None = None
    secret: str = ""
    finished_here: bool = False  # an open link with which this browser has finished a sheet

    @property
    def is_open_link(self) -> bool:
        return self.survey is not None and self.invited is None

    @property
    def partner_id(self) -> int | None:
        return self.invited.partner_id if self.invited else None

    @property
    def the_survey(self) -> Survey:
        """The survey, where the caller has made sure that the link is known."""
        if self.survey is None:
            raise ValueError("an unknown link has no survey")
        return self.survey


SENTENCES = {
    LinkStatus.SPENT: "Your answers have been handed in, with this link or another of yours.",
    LinkStatus.REVOKED: "This link has been withdrawn. Ask the fusion center if you would like another.",
    LinkStatus.CLOSED: "The survey is closed. What you had entered until then is kept.",
    LinkStatus.PLANNED: "The survey has not opened yet.",
    LinkStatus.FULL: "This link has been used as often as the fusion center planned.",
    LinkStatus.UNKNOWN: "This is not a link of a survey, or not any more.",
}


class LinkEnded(Refused):
    """The link takes no answers (any more); ``status`` says why."""

    def __init__(self, status: LinkStatus, message: str = "") -> None:
        super().__init__(message or SENTENCES[status])
        self.status = status


def find_link(
    session: Session, token: str, today: date, browser: BrowserDrafts = NO_BROWSER, lock: bool = False
) -> LinkState:
    """What this link is good for today. ``lock`` holds its draft until the transaction ends."""
    unknown = LinkState(LinkStatus.UNKNOWN, token)
    if not TOKEN.fullmatch(token):
        return unknown
    hashed = invitation_hash(token)
    found = _personal(session, hashed)
    if found is None:
        survey = session.scalar(select(Survey).options(*_names()).where(Survey.open_link_hash == hashed))
        return _open_link(session, token, survey, today, browser, lock) if survey else unknown
    survey, invited, revoked = found
    if survey.opened_at is None:
        return unknown
    status = _status(survey, today)
    if revoked or invited is None:
        return LinkState(LinkStatus.REVOKED, token, survey, invited)
    if invited.finished_on is not None:
        return LinkState(LinkStatus.SPENT, token, survey, invited)
    secret, draft = _draft_of(session, token, survey, invited, browser, lock)
    return LinkState(status, token, survey, invited, draft, secret)


def _names() -> tuple[ORMOption, ...]:
    return joinedload(Survey.cycle), joinedload(Survey.fusion_center)


def _personal(session: Session, hashed: str) -> tuple[Survey, SurveyPartner | None, bool] | None:
    row = session.execute(
        select(Survey, SurveyPartner, Invitation.revoked)
        .join(Invitation, Invitation.survey_id == Survey.id)
        .outerjoin(
            SurveyPartner,
            and_(
                SurveyPartner.survey_id == Invitation.survey_id,
                SurveyPartner.partner_id == Invitation.partner_id,
            ),
        )
        .options(*_names())
        .where(Invitation.token_hash == hashed)
    ).first()
    return (row[0], row[1], row[2]) if row else None


def _status(survey: Survey, today: date) -> LinkStatus:
    states = {
        CycleState.OPEN: LinkStatus.USABLE,
        CycleState.CLOSED: LinkStatus.CLOSED,
        CycleState.PLANNED: LinkStatus.PLANNED,
    }
    return states[state_of(survey.cycle, today)]


def _open_link(
    session: Session, token: str, survey: Survey, today: date, browser: BrowserDrafts, lock: bool
) -> LinkState:
    if survey.opened_at is None:
        return LinkState(LinkStatus.UNKNOWN, token)
    status = _status(survey, today)
    remembered = browser.of(survey, None)
    draft = _by_secret(session, survey, remembered.secret, lock) if remembered else None
    finished_here = remembered is not None and (draft is None or draft.finished)
    if finished_here:
        draft = None
    full = survey.open_link_cap is not None and survey.open_link_started >= survey.open_link_cap
    if status is LinkStatus.USABLE and full and draft is None:
        status = LinkStatus.FULL
    secret = remembered.secret if remembered else ""
    return LinkState(status, token, survey, None, draft, secret, finished_here)


def _draft_of(
    session: Session,
    token: str,
    survey: Survey,
    invited: SurveyPartner,
    browser: BrowserDrafts,
    lock: bool,
) -> tuple[str, SurveyDraft | None]:
    """The draft that a personal link goes on with: by person, or in an anonymous survey by secret."""
    if survey.mode == SurveyMode.CONFIDENTIAL:
        query = select(SurveyDraft).where(
            SurveyDraft.survey_id == survey.id, SurveyDraft.partner_id == invited.partner_id
        )
        return token, session.scalar(query.with_for_update() if lock else query)
    draft = _by_secret(session, survey, token, lock)
    remembered = browser.of(survey, invited.partner_id)
    if draft is None and remembered:
        draft = _by_secret(session, survey, remembered.secret, lock)
        return (remembered.secret if draft else token), draft
    return token, draft


def _by_secret(session: Session, survey: Survey, secret: str, lock: bool) -> SurveyDraft | None:
    query = select(SurveyDraft).where(
        SurveyDraft.survey_id == survey.id, SurveyDraft.draft_hash == draft_hash(secret)
    )
    return session.scalar(query.with_for_update() if lock else query)
