"""The release of a cycle: what counts in all aggregates of it, written once, when it first closes.

A submitted edition never changes, so its id is enough to know for good which answers count.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Insert, Select, and_, bindparam, case, exists, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from assessment import audit
from assessment.clock import Clock
from assessment.database import Database
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import NetworkRelease, PairShare, ReleasedPair
from assessment.models.responses import Response, ResponseStatus
from questionnaires.definition import Side

# Put together once: whoever reads the network asks whether there are any. The earliest first, so that each
# finds the one before it.
_DUE = (
    select(Cycle)
    .where(
        or_(Cycle.closed_at.is_not(None), Cycle.closes_on < bindparam("today")),
        ~exists().where(NetworkRelease.cycle_id == Cycle.id),
        exists().where(CyclePair.cycle_id == Cycle.id),
    )
    .order_by(Cycle.opens_on, Cycle.id)
)
_FIRST_DUE = _DUE.with_only_columns(Cycle.id).limit(1)


def release_due(database: Database, clock: Clock) -> None:
    """Release every checklist cycle that has closed, by hand or by its last day, and is not released yet."""
    today = clock.today()
    with database.reading() as session:
        if session.scalar(_FIRST_DUE, {"today": today}) is None:
            return
    with database.writing() as session:
        for cycle in session.scalars(_DUE, {"today": today}).all():
            release(session, cycle, clock.now(), today)


def release(session: Session, cycle: Cycle, now: datetime, today: date) -> None:
    """Write down what counts of a cycle that is closed; a second call, or another process, does nothing."""
    closed = cycle.closed_at is not None or today > cycle.closes_on
    if not closed or not _asks_pairs(session, cycle):
        return
    session.flush()
    row = {
        "cycle_id": cycle.id,
        "released_at": now,
        "released_on": today if cycle.closed_at else cycle.closes_on,
        "previous_cycle_id": _previous(session, cycle),
    }
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    written = session.execute(
        dialect.insert(NetworkRelease).values(row).on_conflict_do_nothing().returning(NetworkRelease.cycle_id)
    )
    if written.first() is None:
        return
    session.execute(_pairs_of(cycle.id))
    audit.record(session, now, None, "cycle released", f"cycle {cycle.code}")


def _asks_pairs(session: Session, cycle: Cycle) -> bool:
    return session.scalar(select(CyclePair.id).where(CyclePair.cycle_id == cycle.id).limit(1)) is not None


def _previous(session: Session, cycle: Cycle) -> int | None:
    """The latest earlier released cycle of the same questionnaire, unless another cycle follows it already.

    Two changes from one cycle, less one another, are a change of the few pairs that are in one of them only.
    """
    latest = session.scalar(
        select(Cycle.id)
        .join(NetworkRelease, NetworkRelease.cycle_id == Cycle.id)
        .where(Cycle.questionnaire_id == cycle.questionnaire_id, Cycle.opens_on < cycle.opens_on)
        .order_by(Cycle.opens_on.desc(), Cycle.id.desc())
        .limit(1)
    )
    followed = exists().where(NetworkRelease.previous_cycle_id == latest)
    return None if latest is None or session.scalar(select(followed)) else latest


COLUMNS = (
    "pair_id",
    "fusion_center",
    "eoc",
    "fusion_center_name",
    "eoc_name",
    "region",
    "state",
    "eoc_level",
    "status",
)


def _pairs_of(cycle_id: int) -> Insert:
    """One statement for all pairs of the cycle."""
    query = pairs_as_they_are(cycle_id)
    names = ["cycle_id", *(column.name for column in query.selected_columns if column.name != "cycle_id")]
    return insert(ReleasedPair).from_select(names, query)


def pairs_as_they_are(cycle_id: int) -> Select[Any]:
    """Every pair of a cycle with its facts of this moment, in the columns of ``ReleasedPair``."""
    fusion_center, eoc = aliased(Center), aliased(Center)
    first, second = (_submitted(side) for side in Side)
    both = and_(first.id.is_not(None), second.id.is_not(None))
    either = or_(first.id.is_not(None), second.id.is_not(None))
    shares = func.count(PairShare.id)
    shared = (
        select(shares == len(Side))
        .where(PairShare.pair_id == CyclePair.pair_id, PairShare.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    query: Select[Any] = select(
        literal(cycle_id).label("cycle_id"),
        CyclePair.pair_id,
        fusion_center.code.label("fusion_center"),
        eoc.code.label("eoc"),
        fusion_center.name.label("fusion_center_name"),
        eoc.name.label("eoc_name"),
        eoc.fema_region.label("region"),
        eoc.state,
        eoc.level.label("eoc_level"),
        case((both, "complete"), (either, "one_sided"), else_="not_started").label("status"),
        shared.label("shared"),
        first.id.label("fusion_center_response_id"),
        second.id.label("eoc_response_id"),
    )
    query = (
        query.join(Pair, CyclePair.pair_id == Pair.id)
        .join(fusion_center, Pair.fusion_center_id == fusion_center.id)
        .join(eoc, Pair.eoc_id == eoc.id)
        .where(CyclePair.cycle_id == cycle_id)
    )
    for side, response in zip(Side, (first, second), strict=True):
        query = query.outerjoin(
            response,
            and_(
                response.cycle_pair_id == CyclePair.id,
                response.side == side.value,
                response.status == ResponseStatus.SUBMITTED,
            ),
        )
    return query


def _submitted(side: Side) -> Any:
    return aliased(Response, name=f"{side}_response")
