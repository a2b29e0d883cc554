"""The curious administrator: reads every table with its system columns, and joins people to answer sheets.

The attack knows in which order people have finished (they watched), and tries every pair of traces, one on
the people's side and one on the sheets': equal values, equal hashes, ranks up and down, nearest numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, text

from assessment.database import Database
from assessment.surveys.links import draft_hash, invitation_hash

Trace = Mapping[Any, Any]  # owner (a partner's id, or a sheet's) -> something that can be sorted
Guess = dict[int, str]  # partner id -> sheet id
PEOPLE, SHEETS = "partner_id", "response_id"


def attack(database: Database, order: Sequence[int]) -> Iterator[tuple[str, Guess]]:
    """Every way to join people to sheets, with its name."""
    people = {"known order": {partner: place for place, partner in enumerate(order)}}
    people |= _traces(database, PEOPLE, order)
    sheets = _traces(database, SHEETS, None)
    for name, person in people.items():
        for other, sheet in sheets.items():
            yield from _joins(f"{name} to {other}", person, sheet)
    yield "a hash", _by_hash(database, order)


def best(database: Database, order: Sequence[int], truth: Mapping[int, str]) -> tuple[int, str]:
    """How many of the people the best of all ways joins to their own sheet, and which way it is."""
    scored = [
        (sum(truth.get(partner) == sheet for partner, sheet in guess.items()), name)
        for name, guess in attack(database, order)
    ]
    return max(scored)


def _joins(name: str, person: Trace, sheet: Trace) -> Iterator[tuple[str, Guess]]:
    people, sheets = sorted(person, key=person.__getitem__), sorted(sheet, key=sheet.__getitem__)
    yield f"{name}, rank", dict(zip(people, sheets, strict=False))
    yield f"{name}, rank reversed", dict(zip(people, reversed(sheets), strict=False))
    values = {sheet[key]: key for key in sheets}
    if len(values) == len(sheets):
        yield f"{name}, equal", {key: values[person[key]] for key in people if person[key] in values}
    if all(isinstance(value, int) for value in (*person.values(), *sheet.values())):
        yield f"{name}, nearest", _nearest(person, sheet)


def _nearest(person: Trace, sheet: Trace) -> Guess:
    left, guess = set(sheet), {}
    for key in sorted(person, key=person.__getitem__):
        if left:
            guess[key] = min(left, key=lambda other: (abs(sheet[other] - person[key]), other))
            left.discard(guess[key])
    return guess


def _traces(database: Database, owner: str, known: Sequence[int] | None) -> dict[str, Trace]:
    """Everything sortable that the tables say of each owner: columns, system columns, the order of rows."""
    found: dict[str, dict[Any, Any]] = {}
    for table, rows in _everything(database).items():
        key = _owner_column(table, rows, owner)
        if key is None:
            continue
        for place, row in enumerate(rows):
            if known is not None and row[key] not in known:
                continue
            for column, value in {**row, "place": place}.items():
                if value is None or column in (key, "survey_id"):
                    continue
                held = found.setdefault(f"{table}.{column}", {})
                comparable = _comparable(value)
                held[row[key]] = min(held.get(row[key], comparable), comparable, key=repr_key)
    return {name: trace for name, trace in found.items() if _sortable(trace)}


def repr_key(value: Any) -> Any:
    return (isinstance(value, str), value)


def _owner_column(table: str, rows: list[dict[str, Any]], owner: str) -> str | None:
    own = {"partners": PEOPLE, "survey_responses": SHEETS}.get(table)
    if own == owner:
        return "id"
    return owner if rows and owner in rows[0] else None


def _comparable(value: Any) -> Any:
    if isinstance(value, bool | float):
        return int(value)
    if isinstance(value, datetime):
        return int(value.timestamp() * 1_000_000)
    if isinstance(value, date):
        return value.toordinal()
    return value


def _sortable(trace: Trace) -> bool:
    return len({isinstance(value, str) for value in trace.values()}) == 1 and len(trace) > 1


def _everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Each table's rows in the order in which they lie, with what the database adds to them."""
    found = {}
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if database.is_sqlite:
                has_rowid = (
                    "WITHOUT ROWID"
                    not in connection.execute(
                        text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                    )
                    .scalar_one()
                    .upper()
                )
                query = f'SELECT {"rowid AS the_rowid, " if has_rowid else ""}* FROM "{table}"'
            else:
                query = (
                    "SELECT (ctid::text::point)[0]::int * 1000 + (ctid::text::point)[1]::int AS the_ctid,"
                    f' xmin::text::bigint AS the_xmin, xmax::text::bigint AS the_xmax, * FROM "{table}"'
                )
            found[table] = [dict(row) for row in connection.execute(text(query)).mappings()]
    return found


def _by_hash(database: Database, order: Sequence[int]) -> Guess:
    """People whose values, hashed in any way that the program knows, stand among the sheets' values."""
    tables, guess = _everything(database), {}
    ways: list[Callable[[str], str]] = [
        str,
        draft_hash,
        invitation_hash,
        lambda words: hashlib.sha256(words.encode()).hexdigest(),
    ]
    sheets: dict[str, str] = {}
    for table, rows in tables.items():
        key = _owner_column(table, rows, SHEETS)
        for row in rows if key else ():
            sheets |= {str(value): row[key] for value in row.values() if len(str(value)) > 8}
    for table, rows in tables.items():
        key = _owner_column(table, rows, PEOPLE)
        for row in rows if key else ():
            for value in row.values():
                for way in ways:
                    hashed = way(str(value))
                    match = sheets.get(hashed) or sheets.get(hashed[:24])
                    if match and row[key] in order:
                        guess[row[key]] = match
    return guess


def whole_text(database: Database, *, without: Sequence[str] = ()) -> str:
    """Every value of every table, for looking whether something stands anywhere."""
    return "\n".join(
        str(value)
        for table, rows in _everything(database).items()
        if table not in without
        for row in rows
        for value in row.values()
    )
