"""The lists as the API gives them: what the page of the same name shows this person, a page by key at a time.

Rows stand in the order of their keys, which never change; ``after`` is the key of the last row one has. So a
page costs the same wherever it stands, and nothing is missed or seen twice while others add rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from assessment.access import TABLE, Action, Person, may
from assessment.cycles.progress import CycleLine, cycle_lines, plans
from assessment.cycles.services import CycleState, state_of
from assessment.directory.listing import PairLine
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import NotFound
from assessment.models.cycles import Cycle
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.models.surveys import Survey
from assessment.surveys.listing import finished_counts, may_see_all
from assessment.surveys.plans import facts_of

SEPARATOR = "/"  # between the codes of a key that has two; no code holds one


@dataclass(frozen=True)
class Page:
    """Rows as JSON, and the key after which the next page starts; None at the end."""

    rows: list[dict[str, Any]]
    next: str | None


def _page(
    found: Sequence[Any], limit: int, row: Callable[[Any], dict[str, Any]], key: Callable[[Any], str]
) -> Page:
    """Of ``limit`` + 1 rows that were asked for, the page, and whether there is more."""
    shown = found[:limit]
    return Page([row(one) for one in shown], key(shown[-1]) if len(found) > limit else None)


def _after(text: str | None, first: Any, second: Any = None) -> list[ColumnElement[bool]]:
    """Rows whose key comes later, by one column or by two."""
    if not text:
        return []
    if second is None:
        return [first > text]
    one, _, two = text.partition(SEPARATOR)
    return [or_(first > one, and_(first == one, second > two))]


def _equal(asked: Mapping[str, Any], columns: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Filters that ask for one value of a column."""
    return [column == asked[name] for name, column in columns.items() if name in asked]


def centers(session: Session, asked: Mapping[str, Any], limit: int) -> Page:
    """Every center; all who sign in see them."""
    active_pairs = (
        select(func.count())
        .where(Pair.active, or_(Pair.fusion_center_id == Center.id, Pair.eoc_id == Center.id))
        .correlate(Center)
        .scalar_subquery()
    )
    columns = {
        "kind": Center.kind,
        "state": Center.state,
        "region": Center.fema_region,
        "active": Center.active,
    }
    query = (
        select(Center, active_pairs)
        .where(*_equal(asked, columns), *_after(asked.get("after"), Center.code))
        .order_by(Center.code)
        .limit(limit + 1)
    )
    return _page(session.execute(query).all(), limit, _center_row, lambda row: row[0].code)


def _center_row(row: Any) -> dict[str, Any]:
    center, active_pairs = row
    return {
        "code": center.code,
        "name": center.name,
        "kind": center.kind,
        "level": center.level,
        "state": center.state,
        "region": center.fema_region,
        "city": center.city or None,
        "active": center.active,
        "active_pairs": active_pairs,
    }


def pairs(session: Session, person: Person, asked: Mapping[str, Any], limit: int) -> Page:
    """Every pair, and where its report is for those who may open that; state and region are its EOC's."""
    columns = {
        "fusion_center": FUSION_CENTER.code,
        "eoc": EOC.code,
        "state": EOC.state,
        "region": EOC.fema_region,
        "active": Pair.active,
    }
    query = (
        with_centers(select(FUSION_CENTER, EOC, Pair.active).select_from(Pair))
        .where(*_equal(asked, columns), *_after(asked.get("after"), FUSION_CENTER.code, EOC.code))
        .order_by(FUSION_CENTER.code, EOC.code)
        .limit(limit + 1)
    )
    lines = [PairLine(*row) for row in session.execute(query)]
    return _page(
        lines,
        limit,
        lambda line: _pair_row(person, line),
        lambda line: SEPARATOR.join((line.fusion_center.code, line.eoc.code)),
    )


def _pair_row(person: Person, line: PairLine) -> dict[str, Any]:
    codes = line.fusion_center.code, line.eoc.code
    readable = may(person, Action.READ_PAIR, line.facts)
    return {
        "fusion_center": _short(line.fusion_center),
        "eoc": _short(line.eoc),
        "state": line.eoc.state,
        "region": line.eoc.fema_region,
        "active": line.active,
        "report": f"/api/v1/reports/pair/{codes[0]}/{codes[1]}" if readable else None,
    }


def _short(center: Center) -> dict[str, str]:
    return {"code": center.code, "name": center.name}


def cycles(session: Session, today: date, asked: Mapping[str, Any], limit: int) -> Page:
    """Every cycle but those of surveys that are all plans still, as on the page."""
    columns = {"questionnaire": Cycle.questionnaire_id}
    query = (
        select(Cycle.id)
        .where(Cycle.id.not_in(plans()), *_equal(asked, columns), *_after(asked.get("after"), Cycle.code))
        .where(*_in_state(asked.get("state"), today))
        .order_by(Cycle.code)
        .limit(limit + 1)
    )
    wanted = session.scalars(query).all()
    lines = {line.cycle.id: line for line in cycle_lines(session, today, wanted)}
    return _page([lines[one] for one in wanted], limit, _cycle_row, lambda line: line.cycle.code)


def _in_state(state: str | None, today: date) -> list[ColumnElement[bool]]:
    """As ``state_of`` has it, for the database."""
    over = or_(Cycle.closed_at.is_not(None), Cycle.closes_on < today)
    conditions = {
        CycleState.CLOSED: [over],
        CycleState.PLANNED: [not_(over), Cycle.opens_on > today],
        CycleState.OPEN: [not_(over), Cycle.opens_on <= today],
    }
    return conditions[CycleState(state)] if state else []


def _cycle_row(line: CycleLine) -> dict[str, Any]:
    cycle, counts, surveys = line.cycle, line.completeness, line.surveys
    return {
        "code": cycle.code,
        "title": cycle.title,
        "questionnaire": cycle.questionnaire_id,
        "version": cycle.version,
        "opens": cycle.opens_on.isoformat(),
        "closes": cycle.closes_on.isoformat(),
        "state": line.state.value,
        "synthetic": cycle.synthetic,
        "pairs": None if surveys else asdict(counts) | {"not_started": counts.not_started},
        "surveys": asdict(surveys) if surveys else None,
    }


def surveys(session: Session, person: Person, today: date, asked: Mapping[str, Any], limit: int) -> Page:
    """The surveys that this person may watch; plans only for those who may run them."""
    own = [] if may_see_all(person) else [Center.code.in_(person.centers)]
    plan = [] if person.role in TABLE[Action.RUN_SURVEYS] else [Survey.opened_at.is_not(None)]
    columns = {"cycle": Cycle.code, "fusion_center": Center.code}
    query = (
        select(Survey)
        .join(Survey.cycle)
        .join(Survey.fusion_center)
        .options(contains_eager(Survey.cycle), contains_eager(Survey.fusion_center))
        .where(*own, *plan, *_equal(asked, columns), *_after(asked.get("after"), Cycle.code, Center.code))
        .order_by(Cycle.code, Center.code)
        .limit(limit + 1)
    )
    found = session.scalars(query).all()
    if not all(may(person, Action.WATCH_SURVEYS, facts_of(survey)) for survey in found):
        raise NotFound  # the query above and ``access`` do not agree: show nothing
    finished = finished_counts(session, [survey.id for survey in found])
    return _page(
        found,
        limit,
        lambda survey: _survey_row(survey, finished.get(survey.id, 0), today),
        lambda survey: SEPARATOR.join((survey.cycle.code, survey.fusion_center.code)),
    )


def _survey_row(survey: Survey, finished: int, today: date) -> dict[str, Any]:
    state = state_of(survey.cycle, today) if survey.opened_at else None
    under_way = state in (CycleState.OPEN, CycleState.CLOSED)
    return {
        "cycle": survey.cycle.code,
        "title": survey.cycle.title,
        "fusion_center": _short(survey.fusion_center),
        "mode": survey.mode,
        "opens": survey.cycle.opens_on.isoformat(),
        "closes": survey.cycle.closes_on.isoformat(),
        "state": state.value if state else "plan",
        "finished": finished if under_way else None,
    }


def people(session: Session, asked: Mapping[str, Any], limit: int) -> Page:
    """Who has an account and for what; the route lets administrators in alone."""
    columns = {"role": PersonRow.role, "active": PersonRow.active}
    query = (
        select(PersonRow)
        .options(selectinload(PersonRow.centers), selectinload(PersonRow.scopes))
        .where(*_equal(asked, columns), *_after(asked.get("after"), PersonRow.public_id))
        .order_by(PersonRow.public_id)
        .limit(limit + 1)
    )
    return _page(session.scalars(query).all(), limit, _person_row, lambda row: row.public_id)


def _person_row(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "name": row.name,
        "email": row.email,
        "role": row.role,
        "active": row.active,
        "centers": [center.code for center in row.centers],
        "regions": sorted(int(scope.value) for scope in row.scopes if scope.kind == "region"),
        "states": sorted(scope.value for scope in row.scopes if scope.kind == "state"),
    }
