"""Reading what was released, and keeping the numbers that follow from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assessment.database import Database
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.network import NetworkNumbers, NetworkRelease

# Put together once: every reader of the network asks for them.
_NEWEST = Cycle.opens_on.desc(), Cycle.id.desc()
_LATEST_RELEASED = (
    select(Cycle).join(NetworkRelease, NetworkRelease.cycle_id == Cycle.id).order_by(*_NEWEST).limit(1)
)
_ASKING_PAIRS = select(Cycle).where(exists().where(CyclePair.cycle_id == Cycle.id)).order_by(*_NEWEST)
_NUMBERS = select(NetworkNumbers.scope, NetworkNumbers.numbers).where(
    NetworkNumbers.cycle_id == bindparam("cycle"), NetworkNumbers.calculation == bindparam("calculation")
)
_SOME_NUMBERS = _NUMBERS.where(NetworkNumbers.scope.in_(bindparam("scopes", expanding=True)))


def released(session: Session, cycle: Cycle) -> NetworkRelease | None:
    """The release of a cycle; none before it first closes."""
    return session.get(NetworkRelease, cycle.id)


def asks_pairs(session: Session, cycle: Cycle) -> bool:
    """Whether it is a checklist's cycle; a survey's asks no pairs."""
    return session.scalar(select(CyclePair.id).where(CyclePair.cycle_id == cycle.id).limit(1)) is not None


def latest_cycle(session: Session) -> Cycle | None:
    """The latest released cycle, else the latest that asks pairs."""
    return session.scalar(_LATEST_RELEASED) or session.scalar(_ASKING_PAIRS.limit(1))


def checklist_cycles(session: Session) -> list[Cycle]:
    """Every cycle that asks pairs, the latest first."""
    return list(session.scalars(_ASKING_PAIRS))


def previous_release(session: Session, cycle_id: int) -> int | None:
    """The released cycle before this one."""
    return session.scalar(select(NetworkRelease.previous_cycle_id).where(NetworkRelease.cycle_id == cycle_id))


def kept_numbers(
    session: Session, cycle_id: int, calculation: str, scopes: Collection[str] = ()
) -> dict[str, str]:
    """Scope -> its numbers as JSON, of these scopes or of all; empty where nobody has asked for them yet."""
    asked = {"cycle": cycle_id, "calculation": calculation} | ({"scopes": list(scopes)} if scopes else {})
    rows = session.execute(_SOME_NUMBERS if scopes else _NUMBERS, asked)
    found = {scope: numbers for scope, numbers in rows}  # noqa: C416 (rows are no tuples)
    last = "" if found else _last_calculation(session, cycle_id)
    return kept_numbers(session, cycle_id, last, scopes) if last not in ("", calculation) else found


def _last_calculation(session: Session, cycle_id: int) -> str:
    """Of a cycle whose answers are removed: nothing can be computed again, what was last kept stays."""
    query = (
        select(NetworkNumbers.calculation)
        .join(Cycle, Cycle.id == NetworkNumbers.cycle_id)
        .where(Cycle.id == cycle_id, Cycle.reduction_begun_at.is_not(None))
        .distinct()
    )
    found = session.scalars(query).all()
    return max(found, key=lambda name: (len(name), name), default="")


def keep_numbers(database: Database, cycle_id: int, calculation: str, scopes: Mapping[str, str]) -> None:
    """Keep them, all or nothing; where another process was first, its numbers stand (they are the same)."""
    fixed = {"cycle_id": cycle_id, "calculation": calculation}
    rows = [fixed | {"scope": scope, "numbers": text} for scope, text in scopes.items()]
    dialect: Any = sqlite if database.is_sqlite else postgresql
    with database.writing() as session:
        session.execute(dialect.insert(NetworkNumbers).on_conflict_do_nothing(), rows)


def releases_back(session: Session, cycle_id: int) -> list[Cycle]:
    """The released cycles of one questionnaire up to this one, the earliest first."""
    query = select(Cycle, NetworkRelease.previous_cycle_id).join(
        NetworkRelease, NetworkRelease.cycle_id == Cycle.id
    )
    found = {cycle.id: (cycle, previous) for cycle, previous in session.execute(query)}
    chain: list[Cycle] = []
    here: int | None = cycle_id
    while here in found:
        cycle, here = found[here]
        chain.append(cycle)
    return chain[::-1]


def kept_over_cycles(
    session: Session, cycle_ids: Collection[int], calculation: str, scope: str
) -> dict[int, str]:
    """Cycle -> its numbers of one scope as JSON, of the cycles where they are kept."""
    query = select(NetworkNumbers.cycle_id, NetworkNumbers.numbers).where(
        NetworkNumbers.cycle_id.in_(cycle_ids),
        NetworkNumbers.calculation == calculation,
        NetworkNumbers.scope == scope,
    )
    return {cycle: numbers for cycle, numbers in session.execute(query)}  # noqa: C416 (rows are no tuples)
