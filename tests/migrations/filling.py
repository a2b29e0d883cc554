"""A database with rows in every table: the demonstration, and one row where it has none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
)

from assessment.models.base import Base, UTCDateTime

EARLY, LATE = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
VALUES: tuple[tuple[type[Any], Any], ...] = (
    (Boolean, True),
    (Integer, 1),
    (Float, 0.25),
    (LargeBinary, b"\x00\xff"),
    (String, "é"),
    (Date, date(2026, 6, 1)),
)


def fill_empty_tables(connection: Connection) -> None:
    """One row in each table that has none."""
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(1).select_from(table).limit(1)).first() is None:
            connection.execute(insert(table), _row(connection, table))


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    allowed = _allowed(table)
    return {
        column.name: allowed.get(column.name) or _value(connection, column)
        for column in table.columns
        if not column.nullable or (not column.foreign_keys and not isinstance(column.type, String | DateTime))
    }


def _allowed(table: Table) -> dict[str, str]:
    """The first value of each column that takes only some."""
    checks = [str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)]
    found = [re.match(r"(\w+) IN \('(\w+)'", check) for check in checks]
    return {match[1]: match[2] for match in found if match}


def _value(connection: Connection, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.execute(select(key.column).limit(1)).scalar_one()
    if isinstance(column.type, UTCDateTime | DateTime):
        return LATE if "expires" in column.name else EARLY
    return next(value for kind, value in VALUES if isinstance(column.type, kind))
