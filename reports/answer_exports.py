"""Answers as files: CSV, workbook and Parquet as a stream of lines, SPSS with a row a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from questionnaires.answers import DO_NOT_KNOW_CODE, NOT_APPLICABLE_CODE
from questionnaires.definition import AnswerOption, AnswerType, Question, Questionnaire
from reports.answer_lines import Line
from reports.exports import safe_cell
from reports.product_exports import CODEBOOK, codebook_rows
from reports.sheets import MOST_ROWS, plain_sheet, workbook

BATCH = 20_000
# Missing-value codes of SPSS, beyond every scale that there is.
DO_NOT_KNOW_NUMBER, NOT_APPLICABLE_NUMBER = 98.0, 99.0


def write_csv(file: Path, columns: Sequence[str], lines: Iterable[Line], about: Mapping[str, Any]) -> int:
    """A line an answer, what it is of at its end. How many lines were written."""
    cells = _Cells()
    end = "".join(f",{cells[value]}" for value in about.values()) + "\r\n"
    count = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\ufeff")  # by hand: the encoding of that name looks for it at every line
        stream.write(",".join(cells[name] for name in (*columns, *about)) + "\r\n")
        lines = iter(lines)
        while batch := [",".join(map(cells.__getitem__, line)) for line in islice(lines, BATCH)]:
            stream.write(end.join(batch) + end)
            count += len(batch)
    return count


class _Cells(dict[Any, str]):
    """Values as they stand in the file, quoted where need be; few are different, so each is made once."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def __missing__(self, value: Any) -> str:
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerow((safe_cell(value), ""))
        found = self._text.getvalue().removesuffix(",\r\n")
        if len(found) < 60 and len(self) < 100_000:
            self[value] = found
        return found


def write_xlsx(
    file: Path,
    columns: Sequence[str],
    lines: Iterable[Line],
    about: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> int:
    """A workbook: the answers, further sheets where one is full, and the codebook."""
    count, lines = 0, iter(lines)
    with workbook(str(file)) as book:
        plain_sheet(book, "about", ("what", "value"), list(about.items()), about)
        for number in range(1, 1000):
            written = plain_sheet(book, f"answers {number}", columns, islice(lines, MOST_ROWS), about)
            count += written
            if written < MOST_ROWS:
                break
        plain_sheet(book, "codebook", CODEBOOK, codebook_rows(questionnaire), about)
    return count


def write_parquet(file: Path, columns: Sequence[str], lines: Iterable[Line], about: Mapping[str, Any]) -> int:
    """The same lines in batches; what they are of stands in the columns at the end and in the metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*columns, *about]
    kinds = [pa.int32() if name == "respondent" else pa.string() for name in columns]
    kinds += [pa.int64() if isinstance(value, int) else pa.string() for value in about.values()]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    schema = schema.with_metadata({name: str(value) for name, value in about.items()})
    count, lines, end = 0, iter(lines), tuple(about.values())
    with pq.ParquetWriter(file, schema) as writer:
        while batch := list(islice(lines, BATCH)):
            held = [*zip(*batch, strict=True), *([value] * len(batch) for value in end)]
            arrays = [pa.array(values, kind) for values, kind in zip(held, kinds, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def write_sav(
    file: Path,
    columns: Sequence[str],
    lines: Iterable[Line],
    about: Mapping[str, Any],
    questionnaire: Questionnaire,
) -> int:
    """A row a sheet, a variable a question or part of one; labels, and codes for what is missing.

    Unlike the other files it is made in memory: SPSS files are written column by column. How many lines
    came in.
    """
    import pyreadstat

    variables = list(_variables(questionnaire, sided="side" in columns))
    keys = [name for name in columns if name not in ("question", "part", "value", "note")]
    sheets: dict[Line, dict[str, Any]] = {}
    count = 0
    for line in lines:
        count += 1
        row = dict(zip(columns, line, strict=True))
        sheet = sheets.setdefault(tuple(row[key] for key in keys), {})
        sheet[_key(row["question"], row.get("part", ""))] = row["value"]
        if row.get("note"):
            sheet[_key(row["question"], "note")] = row["note"]
    data: dict[str, Any] = {name: [value] * len(sheets) for name, value in about.items()}
    data |= {key: [sheet[place] for sheet in sheets] for place, key in enumerate(keys)}
    data |= {v.name: [v.cell(sheet.get(v.source, "")) for sheet in sheets.values()] for v in variables}
    pyreadstat.write_sav(
        pd.DataFrame(data),
        str(file),
        file_label=f"{about['marking']} {about['cycle']}"[:64],
        column_labels={v.name: v.label[:255] for v in variables},
        variable_value_labels={v.name: v.labels for v in variables if v.labels},
        missing_ranges={v.name: v.missing for v in variables if v.missing},
        note=[f"{name}: {value}" for name, value in about.items()],
    )
    return count


class Variable:
    """A variable of an SPSS file and how a cell of it is made from the code that other files hold."""

    def __init__(self, question: Question, part: str, label: str, source: str, option: str = "") -> None:
        self.name = _name(f"{question.id}_{part or option}" if part or option else question.id)
        self.label, self.source, self._option = label, source, option
        self.labels: dict[float, str] = {}
        self.missing: list[Any] = []
        self._codes: dict[str, float] = {}
        self.is_text = False

    def offers(
        self, options: Sequence[AnswerOption], do_not_know: str = "", not_applicable: str = ""
    ) -> None:
        """Points keep their number; other options are numbered in their order."""
        for place, option in enumerate(options, 1):
            number = float(place) if option.number is None else float(option.number)
            self._codes[option.code], self.labels[number] = number, option.label
        for code, number, words in (
            (DO_NOT_KNOW_CODE, DO_NOT_KNOW_NUMBER, do_not_know),
            (NOT_APPLICABLE_CODE, NOT_APPLICABLE_NUMBER, not_applicable),
        ):
            if words:
                self._codes[code], self.labels[number] = number, words
                self.missing.append(number)

    def cell(self, value: str) -> Any:
        """Text as it is; a code as its number; nothing as a missing value of the system."""
        if self.is_text:
            return value
        if self._option:
            return float(self._option in value.split(";")) if value else float("nan")
        return self._codes.get(value, float("nan"))


def _variables(questionnaire: Questionnaire, sided: bool) -> Iterator[Variable]:
    for question in questionnaire.questions:
        wording = f"{question.id} {next(iter(question.wording.values()))}"
        if question.type is AnswerType.MULTIPLE_CHOICE:
            for option in question.options:
                found = Variable(question, "", f"{wording}: {option.label}", question.id, option.code)
                found.labels = {0.0: "Not chosen", 1.0: "Chosen"}
                yield found
            continue
        unasked = question.rating_set.not_applicable if question.rating_set else ""
        for part in question.parts:
            found = Variable(question, part.id, f"{wording}: {part.name}", _key(question.id, part.id))
            found.offers(part.scale.options, part.scale.do_not_know, unasked)
            yield found
        if not question.parts:
            yield _single(question, wording)
        if sided:
            note = Variable(question, "note", f"{wording}: note", _key(question.id, "note"))
            note.is_text = True
            yield note


def _single(question: Question, wording: str) -> Variable:
    found = Variable(question, "", wording, question.id)
    if question.scale is not None:
        found.offers(question.scale.options, question.scale.do_not_know, question.scale.not_applicable)
    elif question.options:
        found.offers(question.options)
    else:
        found.is_text = True
    return found


def _key(question: str, part: str) -> str:
    return f"{question}.{part}" if part else question


def _name(text: str) -> str:
    """As SPSS takes it: letters, digits and low lines, 64 at most."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in text)[:64]
