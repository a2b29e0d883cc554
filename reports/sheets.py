"""Workbooks: written a row at a time with flat memory, and without anything that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from reports.exports import safe_cell
from reports.pair import plain

MOST_ROWS = 1_000_000  # a sheet has 1,048,576
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


@contextmanager
def workbook(target: Any) -> Iterator[Any]:
    """A workbook written to a file's name or to a stream; whole when the block ends."""
    import xlsxwriter

    book = xlsxwriter.Workbook(target, OPTIONS)
    yield book
    book.close()


def plain_sheet(
    book: Any,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    about: Mapping[str, Any],
) -> int:
    """A sheet: a line that says what it is, the header, the rows. How many rows were written.

    Numbers stay numbers; words that a spreadsheet would take for a formula are led in by an apostrophe, in
    headers too.
    """
    sheet = book.add_worksheet(name[:31])
    sheet.write_string(
        0, 0, safe_cell("; ".join(f"{key}: {value}" for key, value in about.items() if value != ""))
    )
    for column, title in enumerate(header):
        sheet.write_string(1, column, safe_cell(title))
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, count + 1, column, plain(value))
    return count


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, safe_cell(value))
