"""Which released pairs a reader of the network may open by name, and what a graph needs beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from assessment.access import Action, PairFacts, Person, Role, may
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import ReleasedPair
from assessment.models.responses import Response, ResponseStatus
from assessment.network.frames import shared_pairs
from questionnaires.definition import Side


@dataclass(frozen=True)
class OpenPair:
    """A pair that a reader may open by name, as its centers are called now."""

    pair: int
    fusion_center: str
    eoc: str
    fusion_center_name: str
    eoc_name: str
    region: int
    state: str
    eoc_level: str


def open_pairs(session: Session, person: Person, cycle_id: int) -> list[OpenPair]:
    """The pairs that were released complete, are still revealed, and whose two sides this person may read.

    None for an administrator, who reads the network as a reviewer with whom no pair is shared.
    """
    removed = session.scalar(select(Cycle.reduction_begun_at).where(Cycle.id == cycle_id))
    if person.role is Role.ADMINISTRATOR or removed is not None:
        return []
    shared = shared_pairs(session, cycle_id) if person.role is Role.REVIEWER else frozenset()
    if person.role is Role.REVIEWER and not shared:
        return []
    found = [OpenPair(*row) for row in session.execute(_revealed(person, cycle_id, shared))]
    return [pair for pair in found if may(person, Action.READ_JOINT, _facts(pair, shared))]


def openable_pairs(session: Session, person: Person, cycle_id: int) -> frozenset[int]:
    """The ids of ``open_pairs``."""
    return frozenset(found.pair for found in open_pairs(session, person, cycle_id))


def _facts(pair: OpenPair, shared: frozenset[int]) -> PairFacts:
    return PairFacts(
        fusion_center=pair.fusion_center,
        eoc=pair.eoc,
        region=pair.region,
        state=pair.state,
        submitted=frozenset(Side),
        shared=pair.pair in shared,
    )


def _revealed(person: Person, cycle_id: int, shared: frozenset[int]) -> Select[*tuple[Any, ...]]:
    """Pairs that come into question: a reviewer's are shared, anybody else's belong to their centers."""
    submitted = select(func.count(Response.id)).where(
        Response.cycle_pair_id == CyclePair.id, Response.status == ResponseStatus.SUBMITTED
    )
    pairs: Select[*tuple[Any, ...]] = with_centers(
        select(
            ReleasedPair.pair_id,
            FUSION_CENTER.code,
            EOC.code,
            FUSION_CENTER.name,
            EOC.name,
            EOC.fema_region,
            EOC.state,
            EOC.level,
        ).join(Pair, ReleasedPair.pair_id == Pair.id)
    )
    query = (
        pairs.join(CyclePair, (CyclePair.pair_id == Pair.id) & (CyclePair.cycle_id == ReleasedPair.cycle_id))
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete")
        .where(submitted.scalar_subquery() == len(Side))
        .order_by(FUSION_CENTER.name, EOC.name, ReleasedPair.pair_id)
    )
    if person.role is Role.REVIEWER:
        return query.where(ReleasedPair.pair_id.in_(shared))
    return query.where(or_(FUSION_CENTER.code.in_(person.centers), EOC.code.in_(person.centers)))


def states_of_fusion_centers(session: Session) -> dict[str, str]:
    """Code -> the state in which it stands; a pair's own state is that of its EOC."""
    query = select(Center.code, Center.state).where(Center.kind == Side.FUSION_CENTER)
    return {code: state for code, state in session.execute(query)}  # noqa: C416 (rows are no tuples)


def released_forms(session: Session, cycle_id: int, pairs: Collection[int]) -> dict[int, tuple[int, Side]]:
    """Response id -> its pair and side, of these pairs' released forms."""
    query = select(
        ReleasedPair.pair_id, ReleasedPair.fusion_center_response_id, ReleasedPair.eoc_response_id
    ).where(
        ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete", ReleasedPair.pair_id.in_(pairs)
    )
    return {
        response: (pair, side)
        for pair, *responses in session.execute(query)
        for side, response in zip(Side, responses, strict=True)
        if response is not None
    }
