"""Released networks as frames: the pairs of a cycle, and the answers that count of them."""

from __future__ import annotations

from array import array
from typing import Any

import pandas as pd
from sqlalchemy import Select, String, cast, func, or_, select
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
    """The released answers of the complete pairs: pair, side, question, status, number, option.

    The database gathers equal answers, each with the list of pairs that gave it; so some hundred rows cross
    over instead of hundreds of thousands.
    """
    pairs, counts, rows = array("i"), [], []
    for side in Side:
        for row in session.execute(_gathered(cycle_id, side)):
            before = len(pairs)
            pairs.extend(map(int, row.pairs.split(",")))
            counts.append(len(pairs) - before)
            rows.append((str(side), row.question, row.status, row.number, row.option))
    keys = pd.DataFrame(rows, columns=["side", "question", "status", "number", "option"])
    kinds: dict[str, Any] = dict.fromkeys(("side", "question", "status", "option"), "category")
    keys = keys.astype({"number": "float64", **kinds})
    frame = keys.loc[keys.index.repeat(counts)].reset_index(drop=True)
    frame.insert(0, "pair", pd.Series(pairs, dtype="int64"))
    return frame


def _gathered(cycle_id: int, side: Side) -> Select[*tuple[Any, ...]]:
    columns = [Answer.question, Answer.status, Answer.number, Answer.option]
    listed = func.aggregate_strings(cast(ReleasedPair.pair_id, String), ",").label("pairs")
    query: Select[*tuple[Any, ...]] = select(*columns, listed)
    return (
        query.join(Answer, Answer.response_id == getattr(ReleasedPair, f"{side}_response_id"))
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete", Answer.part == "")
        .group_by(*columns)
    )


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
    open_now = select(PairShare.pair_id).where(PairShare.withdrawn_at.is_(None)).subquery()
    query = (
        select(ReleasedPair.pair_id)
        .join(open_now, open_now.c.pair_id == ReleasedPair.pair_id)
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.shared)
        .group_by(ReleasedPair.pair_id)
        .having(func.count() == len(Side))
    )
    return frozenset(session.scalars(query))
