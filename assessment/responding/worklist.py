"""What is mine to do: the forms of my centers, how far they are, and how far the other side is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, func, select, union
from sqlalchemy.orm import Session

from assessment.access import Action, PairFacts, Person, may, own_side
from assessment.cycles.services import CycleState, state_of
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.models.responses import Answer, Contributor, Response, ResponseStatus
from assessment.responding import delegation
from assessment.responding.pair_responses import RESPONSES, with_responses
from assessment.responding.stored import answered_counts, required_ids
from questionnaires.definition import Questionnaire, Section, Side
from questionnaires.library import Library

LATEST_DONE = 60  # finished or closed pairs shown; older ones stand on the cycles' pages


@dataclass(frozen=True)
class SideState:
    public_id: str
    status: ResponseStatus
    edition: int
    answered: int
    total: int

    @property
    def started(self) -> bool:
        return self.answered > 0 or self.edition > 1

    @property
    def submitted(self) -> bool:
        return self.status is ResponseStatus.SUBMITTED

    @property
    def words(self) -> str:
        """How far this side is, in the words of every page."""
        if self.submitted:
            return "submitted"
        if self.edition > 1:
            return "reopened, not submitted again"
        return "started, not submitted" if self.started else "not started"


@dataclass(frozen=True)
class PairWork:
    """One pair of one cycle, as one of its sides sees it."""

    cycle: Cycle
    cycle_state: CycleState
    questionnaire: Questionnaire
    fusion_center: Center
    eoc: Center
    facts: PairFacts
    own: SideState
    other: SideState
    side: Side | None  # None: this person belongs to both sides, or has seen both, and may act for neither
    colleagues: tuple[tuple[str, int], ...] = field(default=())
    asked: tuple[Section, ...] = ()  # sections that this person was asked to fill in

    @property
    def center(self) -> Center:
        return self.fusion_center if self.side is Side.FUSION_CENTER else self.eoc

    @property
    def partner(self) -> Center:
        return self.eoc if self.side is Side.FUSION_CENTER else self.fusion_center

    @property
    def to_do(self) -> bool:
        return self.cycle_state is CycleState.OPEN and not self.own.submitted

    @property
    def report_ready(self) -> bool:
        return self.facts.revealed or self.own.submitted


@dataclass(frozen=True)
class Worklist:
    to_do: list[PairWork]
    waiting: list[PairWork]  # submitted here, the other side not yet
    ready: list[PairWork]  # both submitted
    ended: list[PairWork]  # closed before both had submitted
    planned: list[PairWork]


def worklist(session: Session, library: Library, person: Person, today: date, zone: ZoneInfo) -> Worklist:
    """The pairs of this person's centers, sorted by what they ask for."""
    work = _pair_work(session, library, person, today)
    to_do = [item for item in work if item.to_do]
    ids = [item.own.public_id for item in to_do]
    names = _colleagues_today(session, ids, person, today, zone)
    asked = delegation.given_to(session, person, ids)
    to_do = [
        replace(item, colleagues=names.get(item.own.public_id, ()), asked=_asked(item, asked))
        for item in to_do
    ]
    rest = [item for item in work if not item.to_do]
    return Worklist(
        to_do=to_do,
        waiting=[i for i in rest if i.cycle_state is CycleState.OPEN and not i.facts.revealed],
        ready=[i for i in rest if i.facts.revealed][:LATEST_DONE],
        ended=[i for i in rest if i.cycle_state is CycleState.CLOSED and not i.facts.revealed][:LATEST_DONE],
        planned=[i for i in rest if i.cycle_state is CycleState.PLANNED],
    )


def _asked(item: PairWork, asked: dict[str, set[str]]) -> tuple[Section, ...]:
    wanted = asked.get(item.own.public_id, set()) if item.side else set()
    return tuple(section for section in item.questionnaire.sections if section.id in wanted)


def _pair_work(session: Session, library: Library, person: Person, today: date) -> list[PairWork]:
    rows = pair_rows(session, person.centers)
    acted = _acted_for(session, person, [row.cycle_pair_id for row in rows])
    counts = _counts(session, library, rows)
    return [
        _pair(library, person, row, acted.get(row.cycle_pair_id, frozenset()), counts, today) for row in rows
    ]


@dataclass(frozen=True)
class PairRow:
    cycle_pair_id: int
    cycle: Cycle
    fusion_center: Center
    eoc: Center
    responses: dict[Side, Response]


def pair_rows(session: Session, centers: frozenset[str], cycle_id: int | None = None) -> list[PairRow]:
    """The pairs of these centers in all cycles or one, latest cycle first, in one statement."""
    if not centers:
        return []
    pairs = with_centers(
        select(CyclePair.id, Cycle, FUSION_CENTER, EOC)
        .join(Cycle, CyclePair.cycle_id == Cycle.id)
        .join(Pair, CyclePair.pair_id == Pair.id)
    )
    query = (
        with_responses(pairs.add_columns(*RESPONSES.values()))
        .where(CyclePair.pair_id.in_(_pairs_of(centers)))
        .order_by(Cycle.opens_on.desc(), Cycle.id.desc(), FUSION_CENTER.name, EOC.name)
    )
    if cycle_id is not None:
        query = query.where(Cycle.id == cycle_id)
    return [
        PairRow(pair_id, cycle, fc, e, {Side.FUSION_CENTER: fc_r, Side.EOC: eoc_r})
        for pair_id, cycle, fc, e, fc_r, eoc_r in session.execute(query)
    ]


def _pairs_of(centers: frozenset[str]) -> CompoundSelect[int]:
    """By two indexes; one condition on either center would look at every pair of every cycle."""
    ids = select(Center.id).where(Center.code.in_(centers))
    return union(
        select(Pair.id).where(Pair.fusion_center_id.in_(ids)), select(Pair.id).where(Pair.eoc_id.in_(ids))
    )


def _acted_for(session: Session, person: Person, cycle_pair_ids: Sequence[int]) -> dict[int, frozenset[Side]]:
    rows = session.execute(
        select(Response.cycle_pair_id, Response.side)
        .join(Contributor, Contributor.response_id == Response.id)
        .where(Contributor.person_id == person.id, Response.cycle_pair_id.in_(cycle_pair_ids))
    )
    acted: dict[int, frozenset[Side]] = {}
    for cycle_pair_id, side in rows:
        acted[cycle_pair_id] = acted.get(cycle_pair_id, frozenset()) | {Side(side)}
    return acted


def _counts(session: Session, library: Library, rows: Sequence[PairRow]) -> dict[int, int]:
    """Answered questions of each response, one statement a questionnaire."""
    counts: dict[int, int] = {}
    for key in {(row.cycle.questionnaire_id, row.cycle.version) for row in rows}:
        questionnaire = library.get(*key)
        required = {q for side in Side for q in required_ids(questionnaire, side)}
        ids = [
            response.id
            for row in rows
            if (row.cycle.questionnaire_id, row.cycle.version) == key
            for response in row.responses.values()
        ]
        counts |= answered_counts(session, ids, required)
    return counts


def side_state(response: Response, questionnaire: Questionnaire, counts: dict[int, int]) -> SideState:
    side = Side(response.side)
    return SideState(
        public_id=response.public_id,
        status=ResponseStatus(response.status),
        edition=response.edition,
        answered=counts.get(response.id, 0),
        total=len(required_ids(questionnaire, side)),
    )


def _pair(
    library: Library,
    person: Person,
    row: PairRow,
    acted: frozenset[Side],
    counts: dict[int, int],
    today: date,
) -> PairWork:
    questionnaire = library.get(row.cycle.questionnaire_id, row.cycle.version)
    submitted = {s for s, r in row.responses.items() if r.status == ResponseStatus.SUBMITTED}
    facts = PairFacts(
        fusion_center=row.fusion_center.code,
        eoc=row.eoc.code,
        region=row.eoc.fema_region,
        state=row.eoc.state,
        submitted=frozenset(submitted),
        acted_for=acted,
    )
    side = own_side(person, facts)
    shown = side or Side.FUSION_CENTER
    return PairWork(
        cycle=row.cycle,
        cycle_state=state_of(row.cycle, today),
        questionnaire=questionnaire,
        fusion_center=row.fusion_center,
        eoc=row.eoc,
        facts=facts,
        own=side_state(row.responses[shown], questionnaire, counts),
        other=side_state(row.responses[shown.other], questionnaire, counts),
        side=side,
    )


def _colleagues_today(
    session: Session, public_ids: list[str], person: Person, today: date, zone: ZoneInfo
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Response -> who else has answered how many of its questions today."""
    midnight = datetime.combine(today, time(), zone)
    rows = session.execute(
        select(Response.public_id, PersonRow.name, func.count())
        .join(Answer, Answer.response_id == Response.id)
        .join(PersonRow, Answer.changed_by_id == PersonRow.id)
        .where(Response.public_id.in_(public_ids), PersonRow.id != person.id, Answer.changed_at >= midnight)
        .group_by(Response.public_id, PersonRow.name)
        .order_by(PersonRow.name)
    )
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for public_id, name, count in rows:
        found[public_id] = (*found.get(public_id, ()), (name, count))
    return found


def may_submit(person: Person, item: PairWork) -> bool:
    return may(person, Action.SUBMIT, item.facts, item.side)
