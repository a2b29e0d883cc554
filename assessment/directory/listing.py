"""Reading the directory for its pages: lists with filters, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from assessment.access import PairFacts
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.directory import Center, Pair
from questionnaires.definition import Side

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which centers or pairs to show; an empty value does not limit."""

    text: str = ""
    kind: str = ""
    state: str = ""
    region: int = 0
    only: str = ""  # "active", "inactive"
    page: int = 1

    @property
    def limited(self) -> bool:
        return bool(self.text or self.kind or self.state or self.region or self.only)

    def address(self, page: int) -> dict[str, Any]:
        """The query of another page of the same list."""
        values = {"text": self.text, "kind": self.kind, "state": self.state, "only": self.only}
        return {
            name: value for name, value in {**values, "region": self.region, "page": page}.items() if value
        }


@dataclass(frozen=True)
class Found:
    """One page of what was found, and how many there are in all."""

    rows: Sequence[Any]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class CenterLine:
    center: Center
    pairs: int  # active ones


@dataclass(frozen=True)
class PairLine:
    fusion_center: Center
    eoc: Center
    active: bool

    @property
    def facts(self) -> PairFacts:
        """What ``access`` has to know of the pair, apart from any cycle."""
        return PairFacts(self.fusion_center.code, self.eoc.code, self.eoc.fema_region, self.eoc.state)


def kinds(session: Session) -> dict[str, int]:
    """How many active centers there are of each kind."""
    query = select(Center.kind, func.count()).where(Center.active).group_by(Center.kind)
    counts = {side.value: 0 for side in Side}
    for kind, count in session.execute(query):
        counts[kind] = count
    return counts


def find_centers(session: Session, wanted: Wanted) -> Found:
    """Centers by name; text is looked for in name, code and city."""
    conditions = _center_conditions(wanted)
    active_pairs = (
        select(func.count())
        .where(Pair.active, or_(Pair.fusion_center_id == Center.id, Pair.eoc_id == Center.id))
        .correlate(Center)
        .scalar_subquery()
    )
    query = select(Center, active_pairs).where(*conditions).order_by(Center.name, Center.code)
    total = session.scalar(select(func.count()).select_from(Center).where(*conditions)) or 0
    return Found([CenterLine(*row) for row in session.execute(_one_page(query, wanted.page))], total)


def _center_conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(_contains(wanted.text, Center))
    if wanted.kind:
        conditions.append(Center.kind == wanted.kind)
    if wanted.state:
        conditions.append(Center.state == wanted.state)
    if wanted.region:
        conditions.append(Center.fema_region == wanted.region)
    if wanted.only:
        conditions.append(Center.active.is_(wanted.only == "active"))
    return conditions


def _contains(text: str, *centers: Any) -> ColumnElement[bool]:
    columns = [column for center in centers for column in (center.name, center.code, center.city)]
    return or_(*[column.icontains(text, autoescape=True) for column in columns])


def _one_page(query: Any, page: int) -> Any:
    return query.limit(PAGE).offset((page - 1) * PAGE)


def find_pairs(session: Session, wanted: Wanted) -> Found:
    """Pairs by fusion center and EOC; state and region are those of the EOC, where a pair belongs."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(_contains(wanted.text, FUSION_CENTER, EOC))
    if wanted.state:
        conditions.append(EOC.state == wanted.state)
    if wanted.region:
        conditions.append(EOC.fema_region == wanted.region)
    if wanted.only:
        conditions.append(Pair.active.is_(wanted.only == "active"))
    query = with_centers(select(FUSION_CENTER, EOC, Pair.active).select_from(Pair))
    counted = with_centers(select(func.count()).select_from(Pair)).where(*conditions)
    total = session.scalar(counted) or 0
    ordered = query.where(*conditions).order_by(FUSION_CENTER.name, EOC.name)
    return Found([PairLine(*row) for row in session.execute(_one_page(ordered, wanted.page))], total)


def pairs_of(session: Session, center: Center) -> list[PairLine]:
    """All pairs of one center, the active ones first."""
    query = (
        with_centers(select(FUSION_CENTER, EOC, Pair.active).select_from(Pair))
        .where(or_(Pair.fusion_center_id == center.id, Pair.eoc_id == center.id))
        .order_by(Pair.active.desc(), FUSION_CENTER.name, EOC.name)
    )
    return [PairLine(*row) for row in session.execute(query)]


def active_centers(session: Session, side: Side) -> list[tuple[str, str]]:
    """Code and name of the active centers of one kind, by name."""
    query = select(Center.code, Center.name).where(Center.active, Center.kind == side.value)
    return [(code, name) for code, name in session.execute(query.order_by(Center.name, Center.code))]
