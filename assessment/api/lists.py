"""The lists as the API gives them: what the page of the same name shows this person, a page by key at a time.

Rows stand in the order of their keys, which never change; ``after`` is the key of the last row one has. So a
page costs the same wherever it stands, and nothing is missed or seen twice while others add rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from assessment.access import Action, Person, may
from assessment.directory.listing import PairLine
from assessment.models.directory import Center, Pair

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
    fusion_center, eoc = aliased(Center), aliased(Center)
    columns = {
        "fusion_center": fusion_center.code,
        "eoc": eoc.code,
        "state": eoc.state,
        "region": eoc.fema_region,
        "active": Pair.active,
    }
    query = (
        select(fusion_center, eoc, Pair.active)
        .select_from(Pair)
        .join(fusion_center, Pair.fusion_center_id == fusion_center.id)
        .join(eoc, Pair.eoc_id == eoc.id)
        .where(*_equal(asked, columns), *_after(asked.get("after"), fusion_center.code, eoc.code))
        .order_by(fusion_center.code, eoc.code)
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
