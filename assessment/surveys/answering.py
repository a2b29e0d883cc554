"""Answering by link: starting, saving and finishing, one transaction each.

Nothing here writes a time, or a name beside an answer of an anonymous survey; nor an audit row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.errors import Refused
from assessment.models.surveys import Survey, SurveyDraft, SurveyMode, SurveyPartner
from assessment.responding.forms import Touched
from assessment.responding.services import Moment, Outcome
from assessment.surveys import drafts, plans
from assessment.surveys.browser_drafts import BrowserDrafts
from assessment.surveys.drafts import DraftAnswer
from assessment.surveys.link_states import LinkEnded, LinkState, LinkStatus, find_link
from assessment.surveys.links import draft_hash, new_token
from questionnaires import answers
from questionnaires.answers import AnswerError, AnswerValue
from questionnaires.definition import Question, Questionnaire
from questionnaires.library import Library

__all__ = ["LinkEnded", "LinkState", "LinkStatus", "find_link"]

NOT_STARTED = (
    "Your browser has not kept the cookie by which your answers are found. "
    "Allow cookies for this address, open the link again and start."
)


@dataclass(frozen=True)
class AnswerResult:
    question: Question | None
    outcome: Outcome
    touched: Touched
    revision: int = 0
    message: str = ""
    theirs: DraftAnswer | None = None
    skipped: bool = False  # refused because other answers lead past the question


@dataclass(frozen=True)
class Saved:
    """What became of the touched answers, and how the sheet stands now."""

    results: list[AnswerResult]
    questionnaire: Questionnaire
    values: dict[str, AnswerValue]


class StillMissing(Refused):
    """Finishing needs something first."""


def note_opened(session: Session, link: LinkState, moment: Moment) -> None:
    """The day of the first look, by whoever or whatever looked."""
    _note_day(session, link, "opened_on", moment)


def _note_day(session: Session, link: LinkState, name: str, moment: Moment) -> bool:
    """Set a day of the person asked where it is not set; whether it was this call that set it."""
    if link.invited is None:
        return False
    column = getattr(SurveyPartner, name)
    done = session.execute(
        update(SurveyPartner)
        .where(
            SurveyPartner.survey_id == link.invited.survey_id,
            SurveyPartner.partner_id == link.invited.partner_id,
            column.is_(None),
        )
        .values({name: moment.today})
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def start(
    session: Session, token: str, browser: BrowserDrafts, moment: Moment, afresh: bool = False
) -> LinkState:
    """The link with its draft, made where there was none. LinkEnded where it takes no answers.

    ``afresh`` begins another sheet with an open link: somebody else sits down at the same browser.
    """
    link = find_link(session, token, moment.today, browser, lock=True)
    if link.status is not LinkStatus.USABLE:
        raise LinkEnded(link.status)
    if link.draft is not None and not (afresh and link.is_open_link):
        return link
    return _with_new_draft(session, link, moment)


def _with_new_draft(session: Session, link: LinkState, moment: Moment) -> LinkState:
    survey, secret = link.the_survey, link.token
    if link.is_open_link:
        _count_start(session, survey)
        secret = new_token()
    elif survey.mode == SurveyMode.CONFIDENTIAL:
        _wait_for_turn(session, link)
        draft = _draft_of_partner(session, link)
        if draft is not None:
            return replace(link, draft=draft)
    draft = _make_draft(session, link, secret)
    _note_day(session, link, "started_on", moment)
    return replace(link, draft=draft, secret=secret, finished_here=False)


def _count_start(session: Session, survey: Survey) -> None:
    """One more start with the open link, in one statement, so that the cap holds whoever else starts."""
    counted = session.execute(
        update(Survey)
        .where(
            Survey.id == survey.id,
            or_(Survey.open_link_cap.is_(None), Survey.open_link_started < Survey.open_link_cap),
        )
        .values(open_link_started=Survey.open_link_started + 1)
        .execution_options(synchronize_session=False)
    )
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkEnded(LinkStatus.FULL)


def _wait_for_turn(session: Session, link: LinkState) -> None:
    """Two links of one person, or two clicks, make one draft."""
    session.execute(
        select(SurveyPartner.partner_id)
        .where(
            SurveyPartner.survey_id == link.the_survey.id,
            SurveyPartner.partner_id == link.partner_id,
        )
        .with_for_update()
    )


def _draft_of_partner(session: Session, link: LinkState) -> SurveyDraft | None:
    return session.scalar(
        select(SurveyDraft).where(
            SurveyDraft.survey_id == link.the_survey.id, SurveyDraft.partner_id == link.partner_id
        )
    )


def _make_draft(session: Session, link: LinkState, secret: str) -> SurveyDraft:
    """A draft under the hash of this secret, or the one that another request has just made there."""
    survey = link.the_survey
    names = survey.mode == SurveyMode.CONFIDENTIAL
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(SurveyDraft)
        .values(
            survey_id=survey.id,
            draft_hash=draft_hash(secret),
            partner_id=link.partner_id if names else None,
            finished=False,
        )
        .on_conflict_do_nothing()
    )
    query = select(SurveyDraft).where(SurveyDraft.draft_hash == draft_hash(secret)).with_for_update()
    return session.scalars(query).one()


def save(
    session: Session,
    library: Library,
    token: str,
    browser: BrowserDrafts,
    touched: Sequence[Touched],
    page: str,
    moment: Moment,
) -> Saved:
    """Write the touched answers, each for itself; LinkEnded where the link takes none any more.

    A personal link needs no start: its first saved answer makes the draft.
    """
    link = find_link(session, token, moment.today, browser, lock=True)
    if link.status is not LinkStatus.USABLE:
        raise LinkEnded(link.status)
    if link.draft is None and link.is_open_link:
        raise LinkEnded(LinkStatus.SPENT) if link.finished_here else LinkEnded(link.status, NOT_STARTED)
    if link.draft is None:
        link = _with_new_draft(session, link, moment)
    questionnaire = plans.questionnaire_of(library, link.the_survey)
    sheet = _Sheet(session, _require_draft(link), questionnaire, page[:32])
    results = [sheet.save(answer) for answer in _in_order(questionnaire, touched)]
    return Saved(results, questionnaire, drafts.values_of(sheet.stored))


def _in_order(questionnaire: Questionnaire, touched: Sequence[Touched]) -> list[Touched]:
    """As the questionnaire asks, so that an answer that leads past others is known before they come."""
    places = {question.id: place for place, question in enumerate(questionnaire.questions)}
    return sorted(touched, key=lambda answer: places.get(answer.question, len(places)))


def _require_draft(link: LinkState) -> SurveyDraft:
    if link.draft is None or link.draft.finished:
        raise LinkEnded(LinkStatus.SPENT)
    return link.draft


class _Sheet:
    """One draft being written by one opened page."""

    def __init__(self, session: Session, draft: SurveyDraft, questionnaire: Questionnaire, page: str) -> None:
        self.session, self.draft, self.questionnaire, self.page = session, draft, questionnaire, page
        self.stored = drafts.stored_answers(session, draft)

    def save(self, touched: Touched) -> AnswerResult:
        question = self.questionnaire.by_id.get(touched.question)
        if question is None:
            said = "This question is not in the survey."
            return AnswerResult(None, Outcome.REFUSED, touched, message=said)
        if question not in drafts.asked(self.questionnaire, drafts.values_of(self.stored)):
            said = "This question is not asked after your other answers, so nothing was saved for it."
            return AnswerResult(question, Outcome.REFUSED, touched, message=said, skipped=True)
        try:
            value = answers.parse(question, touched.raw, touched.text)
        except AnswerError as error:
            return AnswerResult(question, Outcome.REFUSED, touched, message=error.message)
        return self._take(question, value, touched)

    def _take(self, question: Question, value: AnswerValue, touched: Touched) -> AnswerResult:
        """The last touch stands, unless another page has written since this one was opened."""
        before = self.stored.get(question.id)
        if before and before.value == value:
            return AnswerResult(question, Outcome.SAVED, touched, before.revision)
        if before and before.revision != touched.base_revision and before.changed_on_page != self.page:
            return AnswerResult(question, Outcome.CONFLICT, touched, before.revision, theirs=before)
        after = drafts.write(self.session, self.draft, question.id, value, before, self.page)
        self.stored[question.id] = after
        self.draft.last_question = question.id
        return AnswerResult(question, Outcome.SAVED, touched, after.revision)


def finish(session: Session, library: Library, token: str, browser: BrowserDrafts, moment: Moment) -> bool:
    """Hand the sheet in: spends every link of the person, once. False where it was in already.

    LinkEnded where the link takes no answers; StillMissing where nothing is answered.
    """
    link = find_link(session, token, moment.today, browser, lock=True)
    if link.status is LinkStatus.SPENT or link.finished_here:
        return False
    if link.status is not LinkStatus.USABLE:
        raise LinkEnded(link.status)
    if link.draft is None:
        raise StillMissing("Nothing is answered yet, so there is nothing to hand in.")
    questionnaire = plans.questionnaire_of(library, link.the_survey)
    values = drafts.values_of(drafts.stored_answers(session, link.draft))
    _require_enough(questionnaire, values)
    if link.invited is not None and not _note_day(session, link, "finished_on", moment):
        return False  # another link of the same person was quicker
    drafts.drop_skipped(session, link.draft.id, questionnaire, values)
    link.draft.finished = True
    return True


def _require_enough(questionnaire: Questionnaire, values: dict[str, AnswerValue]) -> None:
    """Something. The review page names what is missing, and whoever answers freely may leave it out."""
    if not drafts.given_and_asked(questionnaire, values)[0]:
        raise StillMissing("Nothing is answered yet, so there is nothing to hand in.")
