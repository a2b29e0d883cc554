"""Writing very many rows within the caller's transaction: COPY on PostgreSQL, else prepared statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table
from sqlalchemy.orm import Session

CHUNK = 20_000  # rows a call

Element = TypeVar("Element")


def batched(elements: Iterable[Element], size: int) -> Iterator[list[Element]]:
    """Runs of at most ``size`` (itertools has it from Python 3.12 on)."""
    rest = iter(elements)
    while some := list(islice(rest, size)):
        yield some


def write_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """``rows`` are plain values in the order of ``columns``; names come from us, values are bound."""
    session.flush()
    connection = session.connection()
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" for _ in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 (our own names)  # nosec B608
    for some in batched(rows, CHUNK):
        connection.exec_driver_sql(statement, some)
