"""The responses of a pair's two sides in a statement, each under a name of its own."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased

from assessment.models.cycles import CyclePair
from assessment.models.responses import Response, ResponseStatus
from questionnaires.definition import Side

# Made once: an alias of a table costs more than the statement that uses it.
RESPONSES = {side: aliased(Response) for side in Side}

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def with_responses(query: Query) -> Query:
    """The query, which has pairs of cycles in it, with the response of each side joined to it.

    Each side has one that was not reopened: a draft, or what it has submitted.
    """
    for side, response in RESPONSES.items():
        query = query.join(
            response,
            and_(
                response.cycle_pair_id == CyclePair.id,
                response.side == side.value,
                response.status != ResponseStatus.REOPENED,
            ),
        )
    return query
