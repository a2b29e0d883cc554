"""One center's pairs in a cycle, and what this reader may open of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, select, union
from sqlalchemy.orm import Session

from assessment.access import Action, CenterFacts, PairFacts, Person, Role, may
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import NotFound
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.responses import Response, ResponseStatus
from assessment.responding.pair_responses import RESPONSES, with_responses
from questionnaires.definition import Side


@dataclass(frozen=True)
class CenterPair:
    """A pair of the center as it stands now; ``joint`` where this reader may read both sides."""

    pair_id: int
    fusion_center: Center
    eoc: Center
    responses: dict[Side, Response]
    submitted: frozenset[Side]
    opens: bool
    joint: bool

    def partner(self, center: Center) -> Center:
        """The other center."""
        return self.eoc if center.id == self.fusion_center.id else self.fusion_center


def find_center(session: Session, person: Person, code: str) -> Center:
    """The center of this code; NotFound where it is not this reader's or not there."""
    center = session.scalar(select(Center).where(Center.code == code))
    if center is None or not may(person, Action.READ_CENTER, facts_of(center)):
        raise NotFound
    return center


def facts_of(center: Center) -> CenterFacts:
    return CenterFacts(code=center.code, region=center.fema_region, state=center.state)


def cycles_of_center(session: Session, center: Center) -> Sequence[Cycle]:
    """The cycles that ask a pair of this center, the latest first."""
    asked = select(CyclePair.cycle_id).where(CyclePair.pair_id.in_(_pairs_of(center)))
    newest = (Cycle.opens_on.desc(), Cycle.id.desc())
    return session.scalars(select(Cycle).where(Cycle.id.in_(asked)).order_by(*newest)).all()


def _pairs_of(center: Center) -> CompoundSelect[int]:
    """By two indexes; one condition on either side would look at every pair of every cycle."""
    return union(
        select(Pair.id).where(Pair.fusion_center_id == center.id),
        select(Pair.id).where(Pair.eoc_id == center.id),
    )


def has_report(session: Session, person: Person, center: Center) -> bool:
    """Whether this person may open the center's report, and a cycle has asked one of its pairs."""
    return may(person, Action.READ_CENTER, facts_of(center)) and bool(cycles_of_center(session, center))


def cycle_with_report(session: Session, center: Center, cycles: Sequence[Cycle]) -> Cycle | None:
    """The latest of these in which a pair of the center has answered on both sides, else the latest."""
    first, second = RESPONSES.values()
    complete = (
        select(CyclePair.cycle_id)
        .join(first, _submitted(first, Side.FUSION_CENTER))
        .join(second, _submitted(second, Side.EOC))
        .where(CyclePair.pair_id.in_(_pairs_of(center)))
        .distinct()
    )
    answered = set(session.scalars(complete))
    return next((cycle for cycle in cycles if cycle.id in answered), cycles[0] if cycles else None)


def _submitted(response: Any, side: Side) -> Any:
    return and_(
        response.cycle_pair_id == CyclePair.id,
        response.side == side.value,
        response.status == ResponseStatus.SUBMITTED,
    )


def pairs_of_center(session: Session, person: Person, center: Center, cycle: Cycle) -> list[CenterPair]:
    """The center's pairs that the cycle asks, by the other center's name; two statements for any number."""
    from assessment.network.frames import shared_pairs  # pandas loads with the first report

    shared = shared_pairs(session, cycle.id) if person.role is Role.REVIEWER else frozenset()
    rows = session.execute(_pairs_query(center, cycle)).all()
    pairs = [_as_read(person, row, shared) for row in rows]
    return sorted(pairs, key=lambda pair: (pair.partner(center).name, pair.partner(center).code))


def _pairs_query(center: Center, cycle: Cycle) -> Select[*tuple[Any, ...]]:
    pairs = with_centers(
        select(CyclePair.pair_id, FUSION_CENTER, EOC).join(Pair, CyclePair.pair_id == Pair.id)
    ).where(CyclePair.cycle_id == cycle.id, CyclePair.pair_id.in_(_pairs_of(center)))
    return with_responses(pairs.add_columns(*RESPONSES.values()))


def _as_read(person: Person, row: Any, shared: frozenset[int]) -> CenterPair:
    pair_id, fusion_center, eoc, *responses = row
    by_side = dict(zip(Side, responses, strict=True))
    facts = PairFacts(
        fusion_center=fusion_center.code,
        eoc=eoc.code,
        region=eoc.fema_region,
        state=eoc.state,
        submitted=frozenset(s for s, r in by_side.items() if r.status == ResponseStatus.SUBMITTED),
        shared=pair_id in shared,
    )
    return CenterPair(
        pair_id=pair_id,
        fusion_center=fusion_center,
        eoc=eoc,
        responses=by_side,
        submitted=facts.submitted,
        opens=may(person, Action.READ_PAIR, facts),
        joint=may(person, Action.READ_JOINT, facts),
    )
