"""The one door from SQL to pandas: a session and ids give a documented frame, after ``access`` was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import CTE, Integer, Row, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from assessment.access import Action, PairFacts, Person, may, own_side
from assessment.directory.pair_centers import EOC, FUSION_CENTER, is_pair, with_centers
from assessment.errors import NotFound
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.network import PairShare, ReleasedPair
from assessment.models.responses import Answer, Contributor, Response, ResponseStatus
from assessment.models.surveys import Survey, SurveyAnswer, SurveyResponse
from assessment.responding.pair_responses import RESPONSES, with_responses
from questionnaires.answers import AnswerStatus
from questionnaires.definition import Side

COLUMNS = ["side", "question", "status", "number", "option", "text"]


@dataclass(frozen=True)
class PairInCycle:
    """A pair of one cycle, and what one reader may see of it."""

    cycle_pair_id: int
    cycle: Cycle
    fusion_center: Center
    eoc: Center
    facts: PairFacts
    readable: frozenset[Side]  # the sides whose submitted answers this reader may see
    responses: dict[Side, Response]
    read_by: frozenset[Side]  # the sides that have read the joint report
    changed_after_reveal: bool


def find_pair(session: Session, person: Person, fusion_center: str, eoc: str, cycle: Cycle) -> PairInCycle:
    """The pair in this cycle as this person may see it; NotFound where it is not theirs or not there."""
    row = session.execute(_pair_query(fusion_center, eoc).where(CyclePair.cycle_id == cycle.id)).first()
    if row is None:
        raise NotFound
    return _pair_in_cycle(session, person, row, cycle)


def _pair_query(fusion_center: str, eoc: str) -> Select[*tuple[Any, ...]]:
    pairs = with_centers(
        select(CyclePair, FUSION_CENTER, EOC).join(Pair, CyclePair.pair_id == Pair.id)
    ).where(is_pair(fusion_center, eoc))
    return with_responses(pairs.add_columns(*RESPONSES.values()))


def _pair_in_cycle(
    session: Session,
    person: Person,
    row: Row[*tuple[Any, ...]],
    cycle: Cycle,
) -> PairInCycle:
    cycle_pair, fusion_center, eoc, *responses = row
    by_side = dict(zip(Side, responses, strict=True))
    facts = PairFacts(
        fusion_center=fusion_center.code,
        eoc=eoc.code,
        region=eoc.fema_region,
        state=eoc.state,
        submitted=frozenset(s for s, r in by_side.items() if r.status == ResponseStatus.SUBMITTED),
        shared=_shared(session, cycle_pair),
        acted_for=_acted_for(session, person, cycle_pair.id),
    )
    if not may(person, Action.READ_PAIR, facts):
        raise NotFound
    return PairInCycle(
        cycle_pair_id=cycle_pair.id,
        cycle=cycle,
        fusion_center=fusion_center,
        eoc=eoc,
        facts=facts,
        readable=_readable(person, facts),
        responses=by_side,
        read_by=_read_by(cycle_pair),
        changed_after_reveal=_changed_after_reveal(session, cycle_pair),
    )


def _shared(session: Session, cycle_pair: CyclePair) -> bool:
    """Both centers shared the pair when its cycle first closed, and both still do."""
    query = select(func.count(PairShare.id)).join(ReleasedPair, ReleasedPair.pair_id == PairShare.pair_id)
    still = query.where(
        ReleasedPair.cycle_id == cycle_pair.cycle_id,
        ReleasedPair.pair_id == cycle_pair.pair_id,
        ReleasedPair.shared,
        PairShare.withdrawn_at.is_(None),
    )
    return session.scalar(still) == len(Side)


def _acted_for(session: Session, person: Person, cycle_pair_id: int) -> frozenset[Side]:
    sides = session.scalars(
        select(Response.side)
        .join(Contributor, Contributor.response_id == Response.id)
        .where(Response.cycle_pair_id == cycle_pair_id, Contributor.person_id == person.id)
    )
    return frozenset(Side(side) for side in sides)


def _readable(person: Person, facts: PairFacts) -> frozenset[Side]:
    if may(person, Action.READ_JOINT, facts):
        return frozenset(Side)
    side = own_side(person, facts)
    if side is not None and may(person, Action.READ_OWN_SIDE, facts, side):
        return frozenset({side})
    return frozenset()


def _read_by(cycle_pair: CyclePair) -> frozenset[Side]:
    read_at = {Side.FUSION_CENTER: cycle_pair.fusion_center_read_at, Side.EOC: cycle_pair.eoc_read_at}
    return frozenset(side for side, moment in read_at.items() if moment is not None)


def _changed_after_reveal(session: Session, cycle_pair: CyclePair) -> bool:
    """Whether a side's submission was reopened after both sides had read the report."""
    if cycle_pair.fusion_center_read_at is None or cycle_pair.eoc_read_at is None:
        return False
    read_at = max(cycle_pair.fusion_center_read_at, cycle_pair.eoc_read_at)
    reopened = select(Response.id).where(
        Response.cycle_pair_id == cycle_pair.id, Response.reopened_at > read_at
    )
    return session.scalar(reopened.limit(1)) is not None


def answers_frame(session: Session, pair: PairInCycle) -> pd.DataFrame:
    """The answers that this reader may see: side, question, status, number, option, text; a row an answer."""
    sides = {pair.responses[side].id: side.value for side in pair.readable}
    rows = session.execute(_answers(list(sides))).all()
    frame = pd.DataFrame.from_records(rows, columns=["response", *COLUMNS[1:]])
    frame.insert(0, "side", frame.pop("response").map(sides).astype("object"))
    return frame.astype({"number": "float64"})


def _answers(response_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    return select(
        Answer.response_id, Answer.question, Answer.status, Answer.number, Answer.option, Answer.text
    ).where(Answer.response_id.in_(response_ids))


def joint_answers(session: Session, responses: Mapping[int, tuple[int, Side]]) -> pd.DataFrame:
    """The answers of submitted responses (id -> pair, side): pair, side, question, status, number.

    Only of pairs of which the reader may read both sides: who calls has asked ``access``.
    """
    query = select(Answer.response_id, Answer.question, Answer.status, Answer.number)
    rows = session.execute(query.where(Answer.response_id.in_(responses), Answer.part == "")).all()
    frame = pd.DataFrame.from_records(rows, columns=["response", "question", "status", "number"])
    places = frame.pop("response")
    frame.insert(0, "pair", places.map({key: pair for key, (pair, _) in responses.items()}).astype("int64"))
    frame.insert(
        1, "side", places.map({key: str(side) for key, (_, side) in responses.items()}).astype("object")
    )
    return frame.astype({"number": "float64"})


def previous_cycle(session: Session, pair: PairInCycle) -> Cycle | None:
    """The latest earlier cycle of the same questionnaire that asked this pair and both sides submitted."""
    complete = (
        select(CyclePair.cycle_id)
        .join(Response, Response.cycle_pair_id == CyclePair.id)
        .join(Pair, CyclePair.pair_id == Pair.id)
        .where(
            Pair.fusion_center_id == pair.fusion_center.id,
            Pair.eoc_id == pair.eoc.id,
            Response.status == ResponseStatus.SUBMITTED,
        )
        .group_by(CyclePair.cycle_id)
        .having(func.count(Response.id) == len(Side))
    )
    return session.scalar(
        select(Cycle)
        .where(
            Cycle.id.in_(complete),
            Cycle.questionnaire_id == pair.cycle.questionnaire_id,
            Cycle.opens_on < pair.cycle.opens_on,
            Cycle.reduction_begun_at.is_(None),
        )
        .order_by(Cycle.opens_on.desc(), Cycle.id.desc())
        .limit(1)
    )


def cycles_of_pair(session: Session, fusion_center: str, eoc: str) -> Sequence[Cycle]:
    """The cycles that asked this pair, the latest first."""
    asked = with_centers(
        select(Cycle).join(CyclePair, CyclePair.cycle_id == Cycle.id).join(Pair, CyclePair.pair_id == Pair.id)
    ).where(is_pair(fusion_center, eoc))
    return session.scalars(asked.order_by(Cycle.opens_on.desc(), Cycle.id.desc())).all()


SURVEY_COLUMNS = ["respondent", "question", "part", "status", "number", "option"]
FIELD, WORD = "\x1f", "\x1e"  # between the fields of an answer, and between answers: in no id and no code
OPTION, STATUS = "=", "!"  # before an answer that is no number; numbers begin with neither
SHEETS_AT_ONCE = 5_000
Sheets = tuple[str, str]  # the first and the last of their ids


def survey_frame(session: Session, survey: Survey, among: Sheets | None = None) -> pd.DataFrame:
    """The released answers of a survey: respondent, question, part, status, number, option.

    A row an answer, or a part of one; of words that people wrote, that there are some. ``respondent`` numbers
    the answer sheets from 0 in the order of their random ids, which is no order at all. Empty before the
    release. Words with few values are categories, so that five million answers fit into little memory.

    The database joins each sheet's answers to one text. Few answers are different, so each is looked at once.
    ``among``: only these sheets, numbered from 0 as well.
    """
    sheets = _sheets(survey.id, among=among)
    places: dict[str, int] = defaultdict(count().__next__)
    parts = [_coded(rows, places) for rows in _sheets_at_once(session, survey, sheets)]
    respondents, codes = (np.concatenate(held) for held in zip(_NO_ROWS, *parts, strict=True))
    frame = _answers_of(list(places)).take(codes).reset_index(drop=True)
    frame.insert(0, "respondent", respondents)
    return frame


_NO_ROWS = (np.array([], dtype=np.int32), np.array([], dtype=np.int32))


def _sheets_at_once(session: Session, survey: Survey, sheets: CTE) -> Iterator[Sequence[Row[Any]]]:
    if survey.released_on is not None:
        options = {"yield_per": SHEETS_AT_ONCE}
        yield from session.execute(_worded_sheets(sheets), execution_options=options).partitions()


def _coded(rows: Sequence[Row[Any]], places: dict[str, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Whose each answer of these sheets is, and its place among the different ones, which are added to."""
    answered = [row for row in rows if row.answers]
    counts = [row.answers.count(WORD) + 1 for row in answered]
    words = WORD.join([row.answers for row in answered]).split(WORD) if answered else []
    codes = np.fromiter(map(places.__getitem__, words), dtype=np.int32, count=len(words))
    return np.repeat(np.array([row.respondent for row in answered], dtype=np.int32), counts), codes


def _answers_of(words: Sequence[str]) -> pd.DataFrame:
    """A row a word, as the columns after the first of ``SURVEY_COLUMNS``."""
    fields = [word.split(FIELD) for word in words]
    values = [value for _, _, value in fields]
    answered = str(AnswerStatus.ANSWERED)
    columns: dict[str, Any] = {
        "question": pd.Categorical([question for question, _, _ in fields]),
        "part": pd.Categorical([part for _, part, _ in fields]),
        "status": pd.Categorical([value[1:] if value[0] == STATUS else answered for value in values]),
        "number": np.array(
            [np.nan if value[0] in (OPTION, STATUS) else float(value) for value in values], dtype=float
        ),
        "option": pd.Categorical([value[1:] if value[0] == OPTION else None for value in values]),
    }
    return pd.DataFrame(columns)


def _worded_sheets(sheets: CTE) -> Select[*tuple[Any, ...]]:
    """A row a sheet: its number, and one text of its answers, or none."""
    whole = cast(SurveyAnswer.number, Integer)  # SQLite writes whole numbers much faster than others
    value = case(
        (SurveyAnswer.number == whole, cast(whole, String)),
        (SurveyAnswer.number.is_not(None), cast(SurveyAnswer.number, String)),
        (SurveyAnswer.option.is_not(None), OPTION + SurveyAnswer.option),
        else_=STATUS + SurveyAnswer.status,
    )
    word = SurveyAnswer.question + FIELD + SurveyAnswer.part + FIELD + value
    own = select(func.aggregate_strings(word, WORD)).where(SurveyAnswer.response_id == sheets.c.id)
    return select(sheets.c.respondent, own.scalar_subquery().label("answers"))


def _sheets(survey_id: int, name: str = "sheets", among: Sheets | None = None) -> CTE:
    """The released answer sheets, numbered."""
    numbered = func.row_number().over(order_by=SurveyResponse.id) - 1
    query = select(SurveyResponse.id, numbered.label("respondent"))
    query = query.where(SurveyResponse.survey_id == survey_id, SurveyResponse.released)
    if among is not None:
        query = query.where(SurveyResponse.id.between(*among))
    return query.cte(name)


def sheets_in_parts(session: Session, survey: Survey, size: int) -> Iterator[tuple[Sheets, int]]:
    """The released sheets in parts of so many, in the order of their random ids; how many are in each."""
    query = select(SurveyResponse.id).where(SurveyResponse.survey_id == survey.id, SurveyResponse.released)
    rows = session.scalars(query.order_by(SurveyResponse.id).execution_options(yield_per=size))
    for part in rows.partitions(size):
        yield (part[0], part[-1]), len(part)


def matched_sheets(session: Session, survey: Survey, before: Survey) -> pd.DataFrame:
    """The sheets of people who answered both surveys: now, before (numbers as in ``survey_frame``).

    By partner, or by the name that a file gave. Empty where one of the two is anonymous: it keeps neither.
    """
    later, earlier = _sheets(survey.id), _sheets(before.id, "sheets_before")
    one, two = aliased(SurveyResponse), aliased(SurveyResponse)
    same = or_(
        one.partner_id == two.partner_id,
        and_(one.partner_id.is_(None), two.partner_id.is_(None), one.respondent == two.respondent),
    )
    query = (
        select(later.c.respondent, earlier.c.respondent)
        .select_from(one)
        .join(later, later.c.id == one.id)
        .join(two, same)
        .join(earlier, earlier.c.id == two.id)
    )
    return pd.DataFrame.from_records(session.execute(query).all(), columns=["now", "before"])
