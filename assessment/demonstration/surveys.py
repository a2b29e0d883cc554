"""Two yearly product surveys: one released, its comments partly reviewed, and an open one a year later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessment.cycles.services import NewCycle, new_cycle_row
from assessment.demonstration import words
from assessment.demonstration.chance import chance
from assessment.demonstration.survey_answers import SurveyAnswerMaker
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.models.surveys import (
    CommentReview,
    Completion,
    Message,
    MessageKind,
    MessageState,
    Partner,
    Survey,
    SurveyAnswer,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.surveys.days import months_later
from questionnaires import answers
from questionnaires.library import Library

QUESTIONNAIRE = "product-usefulness"
OPENED_AGO, STILL_OPEN = timedelta(days=12), timedelta(days=23)
RESPONDENTS = {"FC-CO": 214, "FC-TX": 132, "FC-WY": 90, "FC-CA": 64, "FC-UT": 31, "FC-KS": 8}
ANONYMOUS = {"FC-WY"}  # by one open link, so with no partners
RATE = 0.62  # of those invited who answer in the end
SO_FAR = 0.4  # of them, in the open survey
YEARLY_SHIFT = 0.12
LINK_CAP = 500
SHEETS_AT_ONCE = 1000
REVIEWED, RELEASED_SHARE = 0.7, 0.85  # of the comments; of those reviewed
STATES = {  # of the invitations of the open survey, how often in 100
    MessageState.SENT: 90,
    MessageState.BOUNCED: 4,
    MessageState.FAILED: 2,
    MessageState.UNCERTAIN: 1,
    MessageState.QUEUED: 3,
}
REASONS = {
    MessageState.BOUNCED: "550 5.1.1 No such user here",
    MessageState.FAILED: "554 5.7.1 Message refused by policy",
    MessageState.UNCERTAIN: "The connection broke after the message was handed over",
}


@dataclass(frozen=True)
class PlannedSurveys:
    """The surveys of one year; ``age`` 0 is the open one."""

    code: str
    title: str
    opens: date
    closes: date
    age: int

    @property
    def released_on(self) -> date | None:
        return self.closes if self.age else None

    @property
    def opened_at(self) -> datetime:
        return datetime.combine(self.opens, time(15), UTC)


def plan_surveys(today: date) -> list[PlannedSurveys]:
    """The released ones first."""
    found = []
    for age in (1, 0):
        opens, closes = (months_later(day, -12 * age) for day in (today - OPENED_AGO, today + STILL_OPEN))
        title = f"Usefulness of products and information {opens.year}"
        found.append(PlannedSurveys(f"products-{opens.year}", title, opens, closes, age))
    return found


def write_surveys(
    session: Session, library: Library, today: date, now: datetime, seed: int, respondents: int | None = None
) -> int:
    """The surveys of the centers that are there, with ``respondents`` each (None: as many as believable)."""
    maker = SurveyAnswerMaker(library.get(QUESTIONNAIRE))
    wanted = {code: RESPONDENTS[code] if respondents is None else respondents for code in RESPONDENTS}
    query = select(Center).where(Center.code.in_(wanted)).order_by(Center.code)
    centers = session.scalars(query).all()
    for center in centers:
        if center.code not in ANONYMOUS:
            _add_partners(session, center, round(wanted[center.code] / RATE), seed)
    written = 0
    for planned in plan_surveys(today):
        cycle = _cycle(session, maker, planned, now)
        for center in centers:
            survey = _survey(session, cycle, center, planned)
            written += _Filling(session, maker, survey, planned, today, seed).write(wanted[center.code])
    return written


def _cycle(session: Session, maker: SurveyAnswerMaker, planned: PlannedSurveys, now: datetime) -> Cycle:
    main = maker.questionnaire
    new = NewCycle(planned.code, planned.title, main.id, planned.opens, planned.closes, synthetic=True)
    cycle = new_cycle_row(new, main.version, now)
    session.add(cycle)
    return cycle


def _survey(session: Session, cycle: Cycle, center: Center, planned: PlannedSurveys) -> Survey:
    anonymous = center.code in ANONYMOUS
    director = session.scalar(
        select(PersonRow).where(PersonRow.demonstration, PersonRow.centers.any(Center.id == center.id))
    )
    survey = Survey(
        cycle=cycle,
        fusion_center=center,
        mode=(SurveyMode.ANONYMOUS if anonymous else SurveyMode.CONFIDENTIAL).value,
        period_from=months_later(planned.opens, -12),
        period_to=planned.opens,
        open_link_cap=LINK_CAP if anonymous else None,
        created_by_id=director.id if director else None,
        opened_at=planned.opened_at,
        released_on=planned.released_on,
        shared_on=planned.opens,
        shared_by_id=director.id if director else None,
    )
    session.add(survey)
    session.flush()
    return survey


def _add_partners(session: Session, center: Center, count: int, seed: int) -> None:
    rng = chance(seed, "partners", center.code)
    rows = []
    for number in range(1, count + 1):
        given, family = rng.choice(words.GIVEN), rng.choice(words.FAMILY)
        address = f"{given}.{family}.{number}@{center.code.lower()}.partners.example".lower()
        rows.append(Partner(fusion_center_id=center.id, email=address, name=f"{given} {family}"))
    session.add_all(rows)
    session.flush()


class _Filling:
    """One survey's partners, messages and answer sheets."""

    def __init__(
        self,
        session: Session,
        maker: SurveyAnswerMaker,
        survey: Survey,
        planned: PlannedSurveys,
        today: date,
        seed: int,
    ) -> None:
        self.session, self.maker, self.survey, self.planned = session, maker, survey, planned
        self.rng = chance(seed, "survey", survey.fusion_center.code, planned.age)
        self.last_day = min(planned.closes, today - timedelta(days=1))

    def write(self, respondents: int) -> int:
        count = respondents if self.planned.age else round(SO_FAR * respondents)
        partners: list[int | None] = [None] * count
        if self.survey.mode == SurveyMode.CONFIDENTIAL:
            partners = list(self._invite(count))
        for start in range(0, count, SHEETS_AT_ONCE):
            self._write_sheets(partners[start : start + SHEETS_AT_ONCE])
        return count

    def _invite(self, count: int) -> list[int]:
        """Everybody is asked; some have answered: their ids."""
        query = select(Partner.id).where(Partner.fusion_center_id == self.survey.fusion_center_id)
        ids = list(self.session.scalars(query.order_by(Partner.id)))
        self.rng.shuffle(ids)
        finished = set(ids[:count])
        states = {partner: self._state(partner in finished) for partner in ids}
        asked = [self._asked(partner, partner in finished, states[partner]) for partner in sorted(ids)]
        connection = self.session.connection()
        if asked:
            connection.execute(insert(SurveyPartner), asked)
            connection.execute(insert(Message), [self._message(p, states[p]) for p in sorted(ids)])
        return sorted(finished)

    def _state(self, finished: bool) -> MessageState:
        if finished or self.planned.age:
            return MessageState.SENT
        return self.rng.choices(list(STATES), list(STATES.values()))[0]

    def _asked(self, partner: int, finished: bool, state: MessageState) -> dict[str, Any]:
        opened = finished or (state is MessageState.SENT and self.rng.random() < 0.25)
        started = finished or (opened and self.rng.random() < 0.4)
        day = self._day()
        return {
            "survey_id": self.survey.id,
            "partner_id": partner,
            "opened_on": day if opened else None,
            "started_on": day if started else None,
            "finished_on": day if finished else None,
        }

    def _day(self) -> date:
        """Most answer in the first days."""
        days = (self.last_day - self.planned.opens).days
        return self.planned.opens + timedelta(days=min(days, int(self.rng.expovariate(1 / 6))))

    def _message(self, partner: int, state: MessageState) -> dict[str, Any]:
        sent = state in (MessageState.SENT, MessageState.BOUNCED)
        return {
            "survey_id": self.survey.id,
            "partner_id": partner,
            "kind": MessageKind.INVITATION.value,
            "round": 0,
            "state": state.value,
            "not_before": self.planned.opened_at,
            "attempts": 0 if state is MessageState.QUEUED else 1,
            "sent_at": self.planned.opened_at if sent else None,
            "reason": REASONS.get(state, ""),
        }

    def _write_sheets(self, partners: list[int | None]) -> None:
        shift = -YEARLY_SHIFT * self.planned.age
        made = [(f"{self.rng.getrandbits(96):024x}", partner) for partner in partners]
        rows: list[dict[str, Any]] = []
        for response_id, _ in made:
            rows += _answer_rows(response_id, self.maker.make(self.rng, shift).items())
        rows.sort(key=lambda row: (row["response_id"], row["question"], row["part"]))
        connection = self.session.connection()
        connection.execute(insert(SurveyResponse), [self._response(*one) for one in sorted(made)])
        connection.execute(insert(SurveyAnswer), rows)
        if self.planned.age:
            self._review(rows)

    def _response(self, response_id: str, partner: int | None) -> dict[str, Any]:
        return {
            "id": response_id,
            "survey_id": self.survey.id,
            "partner_id": partner,
            "completion": Completion.COMPLETE.value,
            "released": self.planned.age > 0,
        }

    def _review(self, rows: list[dict[str, Any]]) -> None:
        """The director has read most of the comments."""
        reviews = [
            {
                "response_id": row["response_id"],
                "question": row["question"],
                "shown": self.rng.random() < RELEASED_SHARE,
                "reviewed_by_id": self.survey.created_by_id,
            }
            for row in rows
            if row["text"] and self.rng.random() < REVIEWED
        ]
        if reviews:
            self.session.connection().execute(insert(CommentReview), reviews)


def _answer_rows(response_id: str, values: Any) -> Iterator[dict[str, Any]]:
    """Every row of a sheet; what was left blank has none."""
    for question, value in values:
        for row in answers.rows(value):
            if row.status is not answers.AnswerStatus.UNANSWERED:
                yield {
                    "response_id": response_id,
                    "question": question,
                    "part": row.part,
                    "status": row.status.value,
                    "number": row.number,
                    "option": row.option,
                    "text": row.text,
                }
