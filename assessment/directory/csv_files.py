"""Reading a CSV file that somebody made with a spreadsheet: text, columns, lines, and what is wrong where.

Pure. What a line means is for others to say; here a line either has the columns of the header or is a
problem.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assessment.errors import BadLines

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 50_000
ECHO = 60  # characters of a bad value that are shown

_OTHER_FORMATS = {
    b"PK\x03\x04": "a spreadsheet (.xlsx) or another archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet (.xls)",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"%PDF": "a PDF document",
}


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong: line 0 is the file as a whole, no column the line as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        if not self.line:
            return self.reason
        return (
            f"Line {self.line}, column {self.column}: {self.reason}"
            if self.column
            else f"Line {self.line}: {self.reason}"
        )


@dataclass(frozen=True)
class Line:
    """One line below the header; ``number`` is its place in the file, counted from 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class CsvFile:
    lines: list[Line]
    problems: list[Problem] = field(default_factory=list)  # lines that could not be read


def quoted(value: str) -> str:
    """A value of the file as it may be shown: short, and without characters that steer a terminal."""
    shown = "".join(c if c.isprintable() else "?" for c in value)
    return f'"{shown[:ECHO]}..."' if len(shown) > ECHO else f'"{shown}"'


def bad_lines(problems: Sequence[Problem]) -> BadLines:
    """The exception that names all problems in the order of the file."""
    return BadLines([str(problem) for problem in sorted(problems)])


def decode(content: bytes | str) -> str:
    """The text of a file in UTF-8, with or without byte-order mark, or else in Windows-1252; BadLines."""
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    if len(content) > MAX_BYTES:
        raise _bad_file(
            f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Split it into several files."
        )
    for start, what in _OTHER_FORMATS.items():
        if content.startswith(start):
            raise _bad_file(f'This is {what}, not a CSV file. Save it as "CSV UTF-8" and choose that file.')
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_windows(content)


def _decode_windows(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = 'holds a byte that is neither UTF-8 nor Windows-1252. Save the file as "CSV UTF-8".'
        raise bad_lines([Problem(line, "", reason)]) from error


def read(content: bytes | str, required: Sequence[str], optional: Sequence[str] = ()) -> CsvFile:
    """The lines of a file with these columns in any order; BadLines where its header is not right.

    Delimiter: comma or semicolon, whichever the header has more of. Empty lines count but say nothing.
    """
    rows = _rows(decode(content))
    header_line, header = next(rows, (0, []))
    if not header_line:
        raise _bad_file(f"The file is empty. Its first line names the columns: {', '.join(required)}.")
    if isinstance(header, str):
        raise bad_lines([Problem(header_line, "", header)])
    columns = _columns(header_line, header, required, optional)
    lines: list[Line] = []
    problems: list[Problem] = []
    for count, (number, row) in enumerate(rows, 1):
        if count > MAX_LINES:
            raise _bad_file(f"The file has more than {MAX_LINES:,} lines. Split it into several files.")
        if isinstance(row, str):
            problems.append(Problem(number, "", row))
        elif misfit := _misfit(row, columns):
            problems.append(Problem(number, *misfit))
        else:
            lines.append(Line(number, dict(zip(columns, row, strict=False))))
    if not lines and not problems:
        raise _bad_file("The file has a header and no line below it, so there is nothing to import.")
    return CsvFile(lines, problems)


def _bad_file(reason: str) -> BadLines:
    return bad_lines([Problem(0, "", reason)])


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Line number with its cells, or with the sentence that says why it cannot be read; no empty lines."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = [cell.strip().replace("\xa0", " ") for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _reason(str(error))
            continue
        if any(row):
            yield number, row


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip(" ,;")), "")
    return ";" if header.count(";") > header.count(",") else ","


def _reason(error: str) -> str:
    if "field limit" in error:
        return "a value has more than 100,000 characters. Is a quotation mark missing before it?"
    if "expected after" in error:
        return "a quotation mark ends in the middle of a value. Write a quotation mark inside a value twice."
    return "a quotation mark opens a value here and is not closed. Close it, or take it away."


def _columns(line: int, header: list[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    columns = _without_empty_end([name.casefold() for name in header])
    allowed = [*required, *optional]
    known = f"The columns are {', '.join(required)}" + (
        f"; {', '.join(optional)} may be there." if optional else "."
    )
    problems = []
    for place, name in enumerate(columns):
        if name not in allowed:
            shown = quoted(header[place]) if name else f"number {place + 1}"
            problems.append(Problem(line, shown, f"there is no such column here. {known}"))
        elif name in columns[:place]:
            problems.append(Problem(line, name, "this column is there twice. Take one away."))
    for name in required:
        if name not in columns:
            problems.append(Problem(line, name, f"this column is missing. {known}"))
    if problems:
        raise bad_lines(problems)
    return columns


def _misfit(row: list[str], columns: list[str]) -> tuple[str, str] | None:
    """Too few or too many values; a spreadsheet fills lines up with empty cells, which do no harm."""
    if len(row) < len(columns):
        found, column = len(row), columns[len(row)]
    else:
        found, column = len(_without_empty_end(row)), f"number {len(columns) + 1}"
        if found <= len(columns):
            return None
    values = "1 value" if found == 1 else f"{found} values"
    counts = f"the line has {values}, the header has {len(columns)} columns"
    return column, f"{counts}. Is a comma missing, or one too many?"


def _without_empty_end(cells: list[str]) -> list[str]:
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]
