"""What a save writes of its answers: a statement for all rows that are added, one for those changed, one for
those gone. The rows were read under the response's lock, so nothing has come between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from assessment.models.responses import Answer

Row = dict[str, Any]

_ANSWERS = cast(Table, Answer.__table__)
_KEYS = ("response_id", "question", "part")
_THIS = and_(*(_ANSWERS.c[name] == bindparam(f"at_{name}") for name in _KEYS))
_ADD, _CHANGE, _REMOVE = insert(_ANSWERS), update(_ANSWERS).where(_THIS), delete(_ANSWERS).where(_THIS)


@dataclass
class RowChanges:
    """Rows as columns and their values, less the response, which is the same for all."""

    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)

    def write(self, session: Session, response_id: int) -> None:
        connection = session.connection()
        if self.added:
            connection.execute(_ADD, [row | {"response_id": response_id} for row in self.added])
        if self.changed:
            connection.execute(_CHANGE, [_found(row, response_id) for row in self.changed])
        if self.gone:
            connection.execute(_REMOVE, [_found(row, response_id) for row in self.gone])


def _found(row: Row, response_id: int) -> Row:
    """The key under names of their own, the rest as the columns are called."""
    key = {"at_response_id": response_id, "at_question": row["question"], "at_part": row["part"]}
    return key | {name: value for name, value in row.items() if name not in _KEYS}
