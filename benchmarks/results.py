"""The results of 100,000 answer sheets, and exports, against the cheapest pass over the same table."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from assessment.answer_rows import survey_query
from assessment.database import Database
from assessment.models.surveys import Survey
from benchmarks import survey_answers
from benchmarks.measure import Measure, seconds
from benchmarks.survey_answers import filled
from questionnaires.definition import Questionnaire
from reports import products
from reports.answer_exports import write_csv, write_parquet, write_xlsx
from reports.answer_lines import SURVEY, Line, survey_lines
from reports.product_gathering import counted
from reports.product_summaries import Hiding

SHEETS = 100_000
EXPORTED = 20_000  # a million lines
FEWER, FEW = 4_000, 1_000  # a workbook takes 30 microseconds a line, ours or not
RUNS = 5
LIMIT, PARQUET_LIMIT, MEMORY_LIMIT = 1.5, 2, 1.5
AT_ONCE = 20_000
ABOUT = {"cycle": "products-2027", "questionnaire": "product-usefulness", "version": "1.0", "period": "2026"}
GROUPED = text(
    "SELECT question, part, status, number, option, count(*) FROM survey_answers"
    " GROUP BY question, part, status, number, option"
)
Write = Callable[[Database, Path], object]


@cache
def questionnaire() -> Questionnaire:
    return survey_answers.questionnaire()


def results(database: Database) -> None:
    """From the table to everything that the page shows."""
    with database.reading() as session:
        survey = session.get_one(Survey, 1)
        tally = counted(session, survey, questionnaire())
        hiding = Hiding(survey.floor, released=True)
        products.summarise(
            questionnaire(), tally, hiding=hiding, released=date(2027, 3, 1), responded=tally.respondents
        )


def grouped(database: Database) -> None:
    with database.reading() as session:
        session.execute(GROUPED).all()


def _lines(session: Session) -> Iterator[Line]:
    return survey_lines(session, session.get_one(Survey, 1), questionnaire(), set())


def export_csv(database: Database, file: Path) -> None:
    with database.reading() as session:
        write_csv(file, SURVEY, _lines(session), ABOUT | {"marking": "UNCLASSIFIED"})


def export_xlsx(database: Database, file: Path) -> None:
    with database.reading() as session:
        write_xlsx(file, SURVEY, _lines(session), ABOUT, questionnaire())


def export_parquet(database: Database, file: Path) -> None:
    with database.reading() as session:
        write_parquet(file, SURVEY, _lines(session), ABOUT)


def bare_csv(database: Database, file: Path) -> None:
    """The floor: a cursor's rows of the same query, as they come, into the same kind of file."""
    with database.reading() as session, file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(_cursor(session))


def bare_xlsx(database: Database, file: Path) -> None:
    """As many cells a row as ours has."""
    import xlsxwriter

    with database.reading() as session:
        book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
        sheet = book.add_worksheet()
        for place, row in enumerate(_cursor(session)):
            sheet.write_row(place, 0, row[: len(SURVEY)])
        book.close()


def bare_parquet(database: Database, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ["sheet", "question", "part", "status", "number", "option", "text"]
    kinds = [pa.float64() if name == "number" else pa.string() for name in columns]
    schema = pa.schema(list(zip(columns, kinds, strict=True)))
    with database.reading() as session, pq.ParquetWriter(file, schema) as writer:
        cursor = _cursor(session)
        while rows := cursor.fetchmany(AT_ONCE):
            held = zip(zip(*rows, strict=True), kinds, strict=True)
            arrays = [pa.array(values, kind) for values, kind in held]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _cursor(session: Session) -> Any:
    survey = session.get_one(Survey, 1)
    statement = survey_query(survey).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    cursor = session.connection().connection.cursor()
    cursor.execute(str(statement))
    return cursor


def most_memory(work: Callable[[], object]) -> float:
    """Bytes that Python held at most while it worked."""
    tracemalloc.start()
    try:
        work()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def _export(name: str, database: Database, file: Path, ours: Write, bare: Write, limit: float) -> Measure:
    return Measure(
        name,
        "s",
        lambda: seconds(partial(ours, database, file)),
        lambda: seconds(partial(bare, database, file)),
        limit,
        RUNS,
    )


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    every = large, exported, small, tiny = [filled(folder, n) for n in (SHEETS, EXPORTED, FEWER, FEW)]
    file = folder / "answers"
    of_many, of_small = f"export of {EXPORTED:,} answer sheets", f"export of {FEWER:,} answer sheets"
    yield [
        Measure(
            f"results of {SHEETS:,} answer sheets, against one GROUP BY",
            "s",
            lambda: seconds(lambda: results(large)),
            lambda: seconds(lambda: grouped(large)),
            LIMIT,
            RUNS,
        ),
        _export(
            f"CSV {of_many}, against a bare loop over the cursor", exported, file, export_csv, bare_csv, LIMIT
        ),
        _export(f"XLSX {of_small}, against xlsxwriter's loop", small, file, export_xlsx, bare_xlsx, LIMIT),
        _export(
            f"Parquet {of_many}, against pyarrow's loop",
            exported, file, export_parquet, bare_parquet, PARQUET_LIMIT,
        ),
        Measure(
            f"memory of the export, {FEWER:,} answer sheets against {FEW:,}",
            "bytes",
            lambda: most_memory(lambda: export_csv(small, file)),
            lambda: most_memory(lambda: export_csv(tiny, file)),
            MEMORY_LIMIT,
            RUNS,
        ),
    ]  # fmt: skip
    for database in every:
        database.engine.dispose()
