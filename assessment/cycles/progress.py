"""Who has started, how far, who has submitted; never what they answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from assessment.cycles.services import CycleState, state_of
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.responses import Response, ResponseStatus
from assessment.models.surveys import Completion, Survey, SurveyDraft, SurveyResponse
from assessment.responding.pair_responses import RESPONSES, with_responses
from assessment.responding.stored import answered_counts, required_ids
from assessment.responding.worklist import SideState, side_state
from questionnaires.definition import Side
from questionnaires.library import Library

PAGE = 50


@dataclass(frozen=True)
class Completeness:
    """Pairs of a cycle by how many of their sides have submitted."""

    expected: int
    complete: int
    one_sided: int

    @property
    def not_started(self) -> int:
        return self.expected - self.complete - self.one_sided


@dataclass(frozen=True)
class SurveyCounts:
    """Surveys of a cycle that have been opened, and the finished answer sheets of all of them."""

    surveys: int
    finished: int


@dataclass(frozen=True)
class CycleLine:
    cycle: Cycle
    state: CycleState
    completeness: Completeness
    surveys: SurveyCounts | None = None  # of a cycle that asks respondents, not pairs


def cycle_lines(session: Session, today: date, only: Collection[int] | None = None) -> list[CycleLine]:
    """Every cycle with its completeness, the latest first; not those of surveys still being planned.

    ``only`` are the ids of those that are wanted.
    """
    submitted = func.count(Response.id).filter(Response.status == ResponseStatus.SUBMITTED).label("submitted")
    per_pair = (
        select(CyclePair.cycle_id, submitted)
        .join(Response, Response.cycle_pair_id == CyclePair.id)
        .where(*_among(CyclePair.cycle_id, only))
        .group_by(CyclePair.cycle_id, CyclePair.id)
        .subquery()
    )
    rows = session.execute(
        select(
            Cycle,
            func.count(per_pair.c.cycle_id),
            func.count().filter(per_pair.c.submitted >= 2),
            func.count().filter(per_pair.c.submitted == 1),
        )
        .outerjoin(per_pair, per_pair.c.cycle_id == Cycle.id)
        .where(Cycle.id.not_in(plans()), *_among(Cycle.id, only))
        .group_by(Cycle.id)
        .order_by(Cycle.opens_on.desc(), Cycle.id.desc())
    )
    surveys = _survey_counts(session, only)
    return [
        CycleLine(cycle, state_of(cycle, today), Completeness(*counts), surveys.get(cycle.id))
        for cycle, *counts in rows
    ]


def _among(column: Any, only: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if only is None else [column.in_(only)]


def plans() -> Select[*tuple[int]]:
    """Ids of cycles whose surveys are all plans still, which concern nobody but their directors."""
    opened = func.count(Survey.opened_at)
    return select(Survey.cycle_id).group_by(Survey.cycle_id).having(opened == 0)


def _survey_counts(session: Session, only: Collection[int] | None) -> dict[int, SurveyCounts]:
    """Cycle id -> its surveys, in three statements whatever their number."""
    finished: dict[int, int] = {}
    moved = select(Survey.cycle_id, func.count(SurveyResponse.id)).where(
        SurveyResponse.survey_id == Survey.id, SurveyResponse.completion == Completion.COMPLETE.value
    )
    waiting = select(Survey.cycle_id, func.count(SurveyDraft.id)).where(
        SurveyDraft.survey_id == Survey.id, SurveyDraft.finished
    )
    for query in (moved, waiting):
        query = query.where(*_among(Survey.cycle_id, only))
        for cycle_id, number in session.execute(query.group_by(Survey.cycle_id)):
            finished[cycle_id] = finished.get(cycle_id, 0) + number
    opened = select(Survey.cycle_id, func.count(Survey.opened_at)).where(*_among(Survey.cycle_id, only))
    return {
        cycle_id: SurveyCounts(number, finished.get(cycle_id, 0))
        for cycle_id, number in session.execute(opened.group_by(Survey.cycle_id))
    }


@dataclass(frozen=True)
class PairProgress:
    fusion_center: Center
    eoc: Center
    sides: dict[Side, SideState]


@dataclass(frozen=True)
class ProgressFilter:
    """Which pairs to show: text in a name or code, a state of completeness, and a page."""

    text: str = ""
    only: str = ""  # "", "missing", "complete"
    page: int = 1


def pair_progress(
    session: Session, library: Library, cycle: Cycle, wanted: ProgressFilter, centers: frozenset[str] | None
) -> tuple[list[PairProgress], int]:
    """One page of pairs and how many there are in all; ``centers`` limits them to a person's own."""
    query, count = _query(cycle, wanted, centers)
    total = int(session.scalar(count) or 0)
    rows = session.execute(query.limit(PAGE).offset((wanted.page - 1) * PAGE)).all()
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    required = {q for side in Side for q in required_ids(questionnaire, side)}
    counts = answered_counts(session, [r.id for row in rows for r in row[2:]], required)
    pairs = [
        PairProgress(row[0], row[1], {Side(r.side): side_state(r, questionnaire, counts) for r in row[2:]})
        for row in rows
    ]
    return pairs, total


def _query(
    cycle: Cycle, wanted: ProgressFilter, centers: frozenset[str] | None
) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    conditions = [CyclePair.cycle_id == cycle.id]
    if wanted.text:
        columns = (FUSION_CENTER.name, FUSION_CENTER.code, EOC.name, EOC.code)
        text = wanted.text.lower()
        conditions.append(or_(*[func.lower(column).contains(text, autoescape=True) for column in columns]))
    if centers is not None:
        conditions.append(or_(FUSION_CENTER.code.in_(centers), EOC.code.in_(centers)))
    both = and_(*[response.status == ResponseStatus.SUBMITTED for response in RESPONSES.values()])
    if wanted.only:
        conditions.append(both if wanted.only == "complete" else ~both)

    def joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        pairs = query.select_from(CyclePair).join(Pair, CyclePair.pair_id == Pair.id)
        return with_responses(with_centers(pairs)).where(*conditions)

    shown = select(FUSION_CENTER, EOC, *RESPONSES.values())
    return joined(shown).order_by(FUSION_CENTER.name, EOC.name), joined(select(func.count()))
