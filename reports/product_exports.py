"""The results of a survey as files: the same tables as the page, numbers unrounded, hidden ones hidden.

CSV, SPSS and Parquet hold one long table, a line a number; the workbook has a sheet for each table and a
codebook. Comments are left out unless they are asked for, and only released ones can be.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from questionnaires.definition import RESPONDENT, Questionnaire
from reports.product_gathering import GatheredProducts
from reports.product_tables import COUNT, ResultTable, hidden_note, result_tables
from reports.sheets import plain_sheet, workbook
from reports.table_files import HIDDEN_CODE, csv_file, parquet_file, sav_file

LONG = ("table", "row", "item", "measure", "value", "state", "words")
SHOWN, HIDDEN, NOTHING = "shown", "hidden", "no answers"


def result_file(found: GatheredProducts, kind: str, marking: str, *, comments: bool = False) -> bytes:
    """The file of this kind: csv, xlsx, sav or parquet."""
    tables = result_tables(found.questionnaire, found.report, found.trend)
    about = about_survey(found, marking)
    if kind == "xlsx":
        return _xlsx(found, tables, about, comments)
    rows = [row for table in tables.values() for row in long_rows(table)]
    if comments:
        rows += [dict(zip(LONG, line, strict=True)) for line in _comment_rows(found)]
    writer = {"csv": _csv, "sav": _sav, "parquet": _parquet}[kind]
    return writer(rows, about)


def about_survey(found: GatheredProducts, marking: str) -> dict[str, Any]:
    """What every file says of itself, so that a line cut from it still does."""
    survey, report = found.place.survey, found.report
    days = (survey.period_from or survey.cycle.opens_on, survey.period_to or survey.cycle.closes_on)
    return {
        "marking": marking,
        "synthetic": "synthetic" if report.synthetic else "",
        "cycle": report.cycle,
        "fusion_center": report.fusion_center,
        "questionnaire": report.questionnaire,
        "version": report.version,
        "period": f"{days[0].isoformat()} to {days[1].isoformat()}",
        "n": report.responded,
    }


def long_rows(table: ResultTable) -> Iterator[dict[str, Any]]:
    """A line a number of the table; a hidden one has no value and says so."""
    name, *columns = table.columns
    for row in table.rows:
        for column in columns:
            if not column.numeric:
                continue
            value = None if row["hidden"] else row[column.key]
            state = HIDDEN if row["hidden"] else NOTHING if value is None else SHOWN
            item = row.get("id") or row.get("question") or ""
            label = " / ".join(str(row[key]) for key in _names(table, name.key) if row.get(key))
            yield dict(zip(LONG, (table.name, label, item, column.key, value, state, ""), strict=True))


def _names(table: ResultTable, first: str) -> list[str]:
    """The columns that tell one row of a table from another."""
    return [first, *(c.key for c in table.columns if c.key in ("measure_name", "part", "option"))]


def _comment_rows(found: GatheredProducts) -> Iterator[tuple[Any, ...]]:
    wordings = _wordings(found.questionnaire)
    for comment in found.comments:
        yield "comments", wordings[comment.question], comment.question, "text", None, SHOWN, comment.text


def _wordings(questionnaire: Questionnaire) -> dict[str, str]:
    return {question.id: question.wording[RESPONDENT] for question in questionnaire.questions}


def _csv(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    return csv_file(LONG, ([row[name] for name in LONG] for row in rows), about)


def _parquet(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    return parquet_file(pd.DataFrame(rows, columns=list(LONG)).astype({"value": "float64"}), about)


def _sav(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """Words with few values as labelled numbers; a hidden number is the missing-value code HIDDEN_CODE."""
    frame = pd.DataFrame(rows, columns=list(LONG))
    labels: dict[str, dict[float, str]] = {"value": {HIDDEN_CODE: "Hidden"}}
    for name in ("table", "measure", "state"):
        codes, words = pd.factorize(frame[name])
        labels[name] = {float(code): str(word) for code, word in enumerate(words, 1)}
        frame[name] = codes.astype(float) + 1
    hidden = frame["state"].map(labels["state"]) == HIDDEN
    frame["value"] = frame["value"].astype(float).mask(hidden, HIDDEN_CODE)
    title = f"{about['marking']} {about['cycle']} {about['fusion_center']}"
    return sav_file(frame, about, title, _LABELS, labels)


_LABELS = {
    "table": "Table of the results",
    "row": "Row of the table",
    "item": "Question",
    "measure": "What the number is",
    "value": "The number, unrounded; shares of 1",
    "state": "Shown, hidden, or no answers",
    "words": "A comment that was released",
}


def _xlsx(
    found: GatheredProducts, tables: Mapping[str, ResultTable], about: Mapping[str, Any], comments: bool
) -> bytes:
    output = io.BytesIO()
    note = hidden_note(found.report.floor)
    with workbook(output) as book:
        plain_sheet(book, "about", ("what", "value"), [*about.items(), ("hidden", note)], about)
        for table in tables.values():
            header = [column.label for column in table.columns]
            plain_sheet(book, table.name, header, _sheet_rows(table), about)
        if comments:
            wordings = _wordings(found.questionnaire)
            lines = [
                (comment.question, wordings[comment.question], comment.text) for comment in found.comments
            ]
            plain_sheet(book, "comments", ("question", "wording", "comment"), lines, about)
        plain_sheet(book, "codebook", CODEBOOK, codebook_rows(found.questionnaire), about)
    return output.getvalue()


def _sheet_rows(table: ResultTable) -> Iterator[list[Any]]:
    for row in table.rows:
        yield ["Hidden" if row["hidden"] and c.kind != "words" else row[c.key] for c in table.columns]


CODEBOOK = ("question", "part", "type", "wording", "code", "label")


def codebook_rows(questionnaire: Questionnaire) -> Iterator[tuple[Any, ...]]:
    """A line an answer that may be chosen: question, part, type, wording, code, label."""
    for question in questionnaire.questions:
        wording = next(iter(question.wording.values()))
        parts: list[tuple[str, Any]] = [(part.id, part.scale) for part in question.parts]
        for part, scale in parts or [("", question.scale)]:
            about = (question.id, part, question.type.value, wording)
            yield from ((*about, option.code, option.label) for option in (scale or question).options)
            if scale is not None and scale.do_not_know:
                yield *about, "DK", scale.do_not_know
            unasked = question.rating_set.not_applicable if question.rating_set else ""
            unasked = unasked or (scale.not_applicable if scale else "")
            if unasked:
                yield *about, "NA", unasked
            if not scale and not question.options:
                yield *about, "", ""


__all__ = ["COUNT", "about_survey", "codebook_rows", "result_file"]
