"""A pair's two centers in a statement, each under a name of its own."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_
from sqlalchemy.orm import aliased

from assessment.models.directory import Center, Pair

# Made once: an alias of a table costs more than the statement that uses it.
FUSION_CENTER, EOC = aliased(Center), aliased(Center)

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def with_centers(query: Query) -> Query:
    """The query, which has pairs in it, with both centers of each joined to it."""
    joined = query.join(FUSION_CENTER, Pair.fusion_center_id == FUSION_CENTER.id)
    return joined.join(EOC, Pair.eoc_id == EOC.id)


def is_pair(fusion_center: str, eoc: str) -> ColumnElement[bool]:
    """That the two centers have these codes."""
    return and_(FUSION_CENTER.code == fusion_center, EOC.code == eoc)
