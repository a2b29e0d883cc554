"""Writing the answers of one cycle: batches of pairs, so that memory stays flat however large the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from assessment.demonstration import own_pair, words
from assessment.demonstration.accounts import Team
from assessment.demonstration.answers import AnswerMaker, SideAnswers
from assessment.demonstration.chance import chance
from assessment.demonstration.participation import (
    BUSY_PAIR,
    OWN_PAIR,
    SUBMITTED,
    UNTOUCHED,
    Pair,
    Participation,
    participation,
)
from assessment.demonstration.schedule import AN_ANSWER, PlannedCycle, Sittings, sittings
from assessment.demonstration.traits import PairTraits
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center
from assessment.models.directory import Pair as PairRow
from assessment.models.responses import Answer, Contributor, Response
from assessment.responding.services import Moment, Signature, freeze
from assessment.responding.stored import Sheet
from questionnaires.answers import AnswerValue
from questionnaires.definition import Questionnaire, Side

PAIRS_AT_ONCE = 100
PARTS = 1000  # of a cycle, in which its progress is told
TODAY = 6  # answers of the busy pair's EOC that were given today

Row = dict[str, Any]


@dataclass(frozen=True)
class Network:
    """What stands before the first cycle: the pairs with their traits, and who works where."""

    traits: dict[Pair, PairTraits]
    teams: dict[str, Team]
    questionnaire: Questionnaire
    maker: AnswerMaker
    seed: int
    moment: Moment
    zone: ZoneInfo


@dataclass(frozen=True)
class Written:
    """How much one cycle got."""

    submitted: int = 0
    answers: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.submitted + other.submitted, self.answers + other.answers)


def write_cycle(
    session: Session, network: Network, planned: PlannedCycle, cycle: Cycle, advance: Callable[[int], None]
) -> Written:
    """Fill in the forms of a cycle that has been opened; ``advance`` hears of it in PARTS."""
    willingness = {pair: traits.willingness for pair, traits in network.traits.items()}
    done = participation(willingness, planned.age, network.seed)
    asked = select(CyclePair.id).where(CyclePair.cycle_id == cycle.id).order_by(CyclePair.id)
    ids = session.scalars(asked).all()
    total = Written()
    for start in range(0, len(ids), PAIRS_AT_ONCE):
        batch = ids[start : start + PAIRS_AT_ONCE]
        total += _Batch(session, network, planned, cycle).write(batch, done)
        advance(PARTS * (start + len(batch)) // len(ids) - PARTS * start // len(ids))
    return total


class _Batch:
    """The rows of some pairs, gathered and then written together."""

    def __init__(self, session: Session, network: Network, planned: PlannedCycle, cycle: Cycle) -> None:
        self.session, self.network, self.planned, self.cycle = session, network, planned, cycle
        self.answers: list[Row] = []
        self.contributors: list[Row] = []
        self.submitted = 0

    def write(self, cycle_pair_ids: Sequence[int], done: dict[Pair, Participation]) -> Written:
        for pair, sheets in _sheets(self.session, self.network, self.cycle, cycle_pair_ids).items():
            if done[pair] is not UNTOUCHED:
                self._fill_pair(pair, sheets, done[pair])
        self.session.flush()
        connection = self.session.connection()
        if self.answers:
            connection.execute(insert(Answer), self.answers)
        if self.contributors:
            connection.execute(insert(Contributor), self.contributors)
        return Written(self.submitted, len(self.answers))

    def _fill_pair(self, pair: Pair, sheets: dict[Side, Sheet], done: Participation) -> None:
        network, age = self.network, self.planned.age
        rng = chance(network.seed, "answers", *pair, age)
        until = self.planned.last_day(network.moment.today)
        made = network.maker.make(network.traits[pair], age, until, rng, done.unsure)
        for side, sheet in sheets.items():
            values = made[side]
            if pair == OWN_PAIR and age:
                values = own_pair.answers_at(network.questionnaire, side, age, until, values, network.seed)
            if done.done[side]:
                self._fill_side(sheet, values, done.done[side], until, rng)

    def _fill_side(self, sheet: Sheet, values: SideAnswers, share: float, until: date, rng: Random) -> None:
        center = sheet.fusion_center if sheet.side is Side.FUSION_CENTER else sheet.eoc
        team = self.network.teams.get(center.code)
        when = sittings(self.planned.opens, until, self.network.zone, rng)
        if share < SUBMITTED:
            values = dict(list(values.items())[: max(1, int(share * len(values)))])
            sheet.response.last_question = next(reversed(values))
        busy = self._at_work_today(sheet)
        times = self._times(when, len(values), busy)
        workers = _workers(team, len(values), busy)
        self._gather(sheet.response.id, values, times, workers)
        since = {person: times[place] for place, person in reversed(list(enumerate(workers))) if person}
        self.contributors += [
            {"response_id": sheet.response.id, "person_id": person, "since": first}
            for person, first in since.items()
        ]
        if share == SUBMITTED:
            self._sign(sheet, values, center, team, when.signed, rng)

    def _at_work_today(self, sheet: Sheet) -> bool:
        pair = (sheet.fusion_center.code, sheet.eoc.code)
        return pair == BUSY_PAIR and sheet.side is Side.EOC and self.planned.age == 0

    def _times(self, when: Sittings, count: int, busy: bool) -> list[datetime]:
        """When each answer was given; where somebody is at work today, the last ones just now."""
        times = [when.answered_at(place, count) for place in range(count)]
        if busy:
            moment = self.network.moment
            midnight = datetime.combine(moment.today, time(), self.network.zone)
            recent = [max(midnight, moment.now - AN_ANSWER * back) for back in range(TODAY, 0, -1)]
            times[-TODAY:] = recent[-len(times) :]
        return times

    def _gather(
        self, response_id: int, values: SideAnswers, times: list[datetime], workers: list[int | None]
    ) -> None:
        rows = [
            _answer_row(response_id, question, value, at, person)
            for (question, value), at, person in zip(values.items(), times, workers, strict=True)
        ]
        rows.sort(key=lambda row: row["question"])  # in the order of the key, so that pages fill one by one
        self.answers += rows

    def _sign(
        self,
        sheet: Sheet,
        values: SideAnswers,
        center: Center,
        team: Team | None,
        at: datetime,
        rng: Random,
    ) -> None:
        if team:
            name, title = team.name, team.title
        else:
            name, title = words.signer(self.network.seed, center.code, sheet.side)
        signature = Signature(name, title, rng.randint(2, 9))
        freeze(self.session, sheet, values, signature, at, team.ids[0] if team else None)
        self.submitted += 1


def _sheets(
    session: Session, network: Network, cycle: Cycle, cycle_pair_ids: Sequence[int]
) -> dict[Pair, dict[Side, Sheet]]:
    fusion_center, eoc = aliased(Center), aliased(Center)
    rows = session.execute(
        select(Response, fusion_center, eoc)
        .join(CyclePair, Response.cycle_pair_id == CyclePair.id)
        .join(PairRow, CyclePair.pair_id == PairRow.id)
        .join(fusion_center, PairRow.fusion_center_id == fusion_center.id)
        .join(eoc, PairRow.eoc_id == eoc.id)
        .where(CyclePair.id.in_(cycle_pair_ids))
        .order_by(Response.id)
    )
    found: dict[Pair, dict[Side, Sheet]] = {}
    for response, fc, e in rows:
        side = Side(response.side)
        sheet = Sheet(response, cycle, network.questionnaire, side, fc, e)
        found.setdefault((fc.code, e.code), {})[side] = sheet
    return found


def _workers(team: Team | None, count: int, busy: bool) -> list[int | None]:
    """Who gave each answer: the members in turn, a stretch each; what was done today, the last of them."""
    if team is None:
        return [None] * count
    members = len(team.ids)
    found: list[int | None] = [team.ids[place * members // count] for place in range(count)]
    if busy:
        found[-TODAY:] = [team.ids[-1]] * min(TODAY, count)
    return found


def _answer_row(response_id: int, question: str, value: AnswerValue, at: datetime, person: int | None) -> Row:
    return {
        "response_id": response_id,
        "question": question,
        "part": "",
        "status": value.status.value,
        "number": value.number,
        "option": value.option,
        "text": value.text,
        "revision": 1,
        "changed_at": at,
        "changed_by_id": person,
        "changed_on_page": "",
    }
