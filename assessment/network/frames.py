"""Released networks as frames: the pairs of a cycle, and the answers that count of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from assessment.access import Person
from assessment.models.directory import Center, Pair
from assessment.models.network import PairShare, ReleasedPair
from assessment.models.responses import Answer
from assessment.network.release import pairs_as_they_are
from questionnaires.definition import Side

RELEASED_COLUMNS = [
    "pair",
    "fusion_center",
    "eoc",
    "fusion_center_name",
    "eoc_name",
    "region",
    "state",
    "eoc_level",
    "status",
    "shared",
]


def released_pairs(session: Session, cycle_id: int) -> pd.DataFrame:
    """The pairs of a released cycle as they were then: RELEASED_COLUMNS, by pair id."""
    columns = [getattr(ReleasedPair, "pair_id" if name == "pair" else name) for name in RELEASED_COLUMNS]
    query: Select[*tuple[Any, ...]] = select(*columns).where(ReleasedPair.cycle_id == cycle_id)
    rows = session.execute(query.order_by(ReleasedPair.pair_id)).all()
    return pd.DataFrame.from_records(rows, columns=RELEASED_COLUMNS)


def pairs_in_cycle(session: Session, cycle_id: int) -> pd.DataFrame:
    """The pairs of a cycle as they are now, in the same columns: who has answered, nothing else."""
    found = pairs_as_they_are(cycle_id).subquery()
    columns = [found.c["pair_id" if name == "pair" else name] for name in RELEASED_COLUMNS]
    query: Select[*tuple[Any, ...]] = select(*columns).order_by(found.c.pair_id)
    return pd.DataFrame.from_records(session.execute(query).all(), columns=RELEASED_COLUMNS)


def network_frame(session: Session, cycle_id: int) -> pd.DataFrame:
    """The released answers of the complete pairs: pair, side, question, status, number, option."""
    names = ["pair", "side", "question", "status", "number", "option"]
    parts = []
    for side in Side:
        response_id = getattr(ReleasedPair, f"{side}_response_id")
        query: Select[*tuple[Any, ...]] = (
            select(ReleasedPair.pair_id, Answer.question, Answer.status, Answer.number, Answer.option)
            .join(Answer, Answer.response_id == response_id)
            .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete", Answer.part == "")
        )
        rows = session.execute(query).all()
        part = pd.DataFrame.from_records(rows, columns=[name for name in names if name != "side"])
        part.insert(1, "side", str(side))
        parts.append(part)
    return pd.concat(parts, ignore_index=True).astype({"number": "float64"})


def own_pairs(session: Session, person: Person) -> frozenset[int]:
    """The pairs whose reports this person reads by belonging to one of their centers."""
    query = (
        select(Pair.id)
        .join(Center, or_(Pair.fusion_center_id == Center.id, Pair.eoc_id == Center.id))
        .where(Center.code.in_(person.centers))
    )
    return frozenset(session.scalars(query))


def shared_pairs(session: Session, cycle_id: int) -> frozenset[int]:
    """The pairs that were shared when the cycle closed, and still are."""
    withdrawn = select(PairShare.pair_id, PairShare.center_id).where(PairShare.withdrawn_at.is_(None))
    open_now = withdrawn.subquery()
    query = (
        select(ReleasedPair.pair_id)
        .join(open_now, open_now.c.pair_id == ReleasedPair.pair_id)
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.shared)
        .group_by(ReleasedPair.pair_id)
        .having(func.count() == len(Side))
    )
    return frozenset(session.scalars(query))
