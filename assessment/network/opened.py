"""Which released pairs a reader of the network may open by name, and what a graph needs beside them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from assessment.access import Action, PairFacts, Person, Role, may
from assessment.models.cycles import CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import ReleasedPair
from assessment.models.responses import Response, ResponseStatus
from assessment.network.frames import shared_pairs
from questionnaires.definition import Side


def openable_pairs(session: Session, person: Person, cycle_id: int) -> frozenset[int]:
    """The pairs that were released complete, are still revealed, and whose two sides this person may read.

    None for an administrator, who reads the network as a reviewer with whom no pair is shared.
    """
    if person.role is Role.ADMINISTRATOR:
        return frozenset()
    shared = shared_pairs(session, cycle_id) if person.role is Role.REVIEWER else frozenset()
    found = []
    for pair, fusion_center, eoc, region, state in session.execute(_revealed(person, cycle_id, shared)):
        facts = PairFacts(fusion_center, eoc, region, state, frozenset(Side), pair in shared)
        if may(person, Action.READ_JOINT, facts):
            found.append(pair)
    return frozenset(found)


def _revealed(person: Person, cycle_id: int, shared: frozenset[int]) -> Select[*tuple[Any, ...]]:
    """Pairs that come into question: a reviewer's are shared, anybody else's belong to their centers."""
    fusion_center, eoc = aliased(Center), aliased(Center)
    submitted = select(func.count(Response.id)).where(
        Response.cycle_pair_id == CyclePair.id, Response.status == ResponseStatus.SUBMITTED
    )
    query: Select[*tuple[Any, ...]] = (
        select(ReleasedPair.pair_id, fusion_center.code, eoc.code, eoc.fema_region, eoc.state)
        .join(Pair, ReleasedPair.pair_id == Pair.id)
        .join(fusion_center, Pair.fusion_center_id == fusion_center.id)
        .join(eoc, Pair.eoc_id == eoc.id)
        .join(CyclePair, (CyclePair.pair_id == Pair.id) & (CyclePair.cycle_id == ReleasedPair.cycle_id))
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete")
        .where(submitted.scalar_subquery() == len(Side))
    )
    if person.role is Role.REVIEWER:
        return query.where(ReleasedPair.pair_id.in_(shared))
    return query.where(or_(fusion_center.code.in_(person.centers), eoc.code.in_(person.centers)))


def states_of_fusion_centers(session: Session) -> dict[str, str]:
    """Code -> the state in which it stands; a pair's own state is that of its EOC."""
    query = select(Center.code, Center.state).where(Center.kind == Side.FUSION_CENTER)
    return dict(session.execute(query).tuples().all())


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
