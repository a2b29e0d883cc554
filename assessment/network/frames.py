"""Released networks as frames: the pairs of a cycle, and the answers that count of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Integer, Select, String, case, cast, func, or_, select
from sqlalchemy.orm import Session

from assessment.access import Person
from assessment.models.directory import Center, Pair
from assessment.models.network import PairShare, ReleasedPair
from assessment.models.responses import Answer
from assessment.network.release import pairs_as_they_are
from questionnaires.answers import AnswerStatus
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
    return _pairs_frame(session.execute(query.order_by(ReleasedPair.pair_id)).all())


def pairs_in_cycle(session: Session, cycle_id: int) -> pd.DataFrame:
    """The pairs of a cycle as they are now, in the same columns: who has answered, nothing else."""
    found = pairs_as_they_are(cycle_id).subquery()
    columns = [found.c["pair_id" if name == "pair" else name] for name in RELEASED_COLUMNS]
    query: Select[*tuple[Any, ...]] = select(*columns).order_by(found.c.pair_id)
    return _pairs_frame(session.execute(query).all())


def _pairs_frame(rows: Sequence[Any]) -> pd.DataFrame:
    columns = zip(RELEASED_COLUMNS, zip(*rows, strict=True), strict=False)  # no rows, no columns to zip
    return pd.DataFrame(dict(columns), columns=RELEASED_COLUMNS)


def places_in_cycle(session: Session, cycle_id: int) -> list[Any]:
    """How many pairs of a cycle there are now of each region, state, EOC level and status."""
    found = pairs_as_they_are(cycle_id).subquery().c
    columns = [found.region, found.state, found.eoc_level, found.status]
    query: Select[*tuple[Any, ...]] = select(*columns, func.count()).group_by(*columns)
    return list(session.execute(query))


SEPARATOR, OPTION, STATUS = "\x1f", "\x1e", "\x1d"  # in no id and no code
_ANSWERED = str(AnswerStatus.ANSWERED)
_SIDES = pd.Index([str(side) for side in Side])


def network_frame(session: Session, cycle_id: int, among: range | None = None) -> pd.DataFrame:
    """The released answers of the complete pairs: pair, side, question, status, number, option.

    ``among``: only of pairs with these ids.

    The database joins each form's answers to two texts; so some thousand rows cross over instead of hundreds
    of thousands, in the order in which they lie there.
    """
    of_side = [session.execute(_forms(cycle_id, side, among)).all() for side in Side]
    forms = [form for rows in of_side for form in rows]
    counts = np.array([form.questions.count(SEPARATOR) + 1 for form in forms], dtype=np.int64)
    side = np.repeat(np.arange(len(Side)), [len(rows) for rows in of_side])
    answers = _categories(SEPARATOR.join([form.answers for form in forms]))
    given = list(answers.categories)
    status = [word.removeprefix(STATUS) if word.startswith(STATUS) else _ANSWERED for word in given]
    option = [word.removeprefix(OPTION) if word.startswith(OPTION) else None for word in given]
    number = [float(word) if word[0] not in (STATUS, OPTION) else np.nan for word in given]
    return pd.DataFrame(
        {
            "pair": np.repeat(np.array([form.pair for form in forms], dtype=np.int64), counts),
            "side": pd.Categorical.from_codes(np.repeat(side, counts), categories=_SIDES),
            "question": _questions([form.questions for form in forms]),
            "status": pd.Categorical(status).take(answers.codes),
            "number": np.array(number, dtype=float)[answers.codes],
            "option": pd.Categorical(option).take(answers.codes),
        }
    )


def _categories(text: str) -> pd.Categorical[Any]:
    """The words of a text."""
    words = text.split(SEPARATOR) if text else []
    codes, categories = pd.factorize(np.array(words, dtype=object))
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories))


def _questions(texts: list[str]) -> pd.Categorical[Any]:
    """The words of these texts, one after the other. Most forms answer the same questions, so few differ."""
    which, different = pd.factorize(np.array(texts, dtype=object))
    words = _categories(SEPARATOR.join(different))
    ends = np.cumsum([text.count(SEPARATOR) + 1 for text in different], dtype=np.int64)
    parts = np.split(words.codes, ends[:-1])
    codes = np.concatenate([parts[place] for place in which]) if texts else words.codes
    return pd.Categorical.from_codes(codes, categories=words.categories)


def _forms(cycle_id: int, side: Side, among: range | None) -> Select[*tuple[Any, ...]]:
    """A row a complete pair that has an answer: the pair, and two texts of equally many words.

    An answer is a number, or an option or a status behind its mark: one text is read faster than three.
    """
    whole = cast(Answer.number, Integer)  # SQLite writes whole numbers much faster than others
    answer = case(
        (Answer.number == whole, cast(whole, String)),
        (Answer.number.is_not(None), cast(Answer.number, String)),
        (Answer.option.is_not(None), OPTION + Answer.option),
        else_=STATUS + Answer.status,
    )
    query: Select[*tuple[Any, ...]] = select(
        ReleasedPair.pair_id.label("pair"),
        func.aggregate_strings(Answer.question, SEPARATOR).label("questions"),
        func.aggregate_strings(answer, SEPARATOR).label("answers"),
    )
    if among is not None:
        query = query.where(ReleasedPair.pair_id >= among.start, ReleasedPair.pair_id < among.stop)
    return (
        query.join(Answer, Answer.response_id == getattr(ReleasedPair, f"{side}_response_id"))
        .where(ReleasedPair.cycle_id == cycle_id, ReleasedPair.status == "complete", Answer.part == "")
        .group_by(ReleasedPair.pair_id)
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
