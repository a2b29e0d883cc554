"""The results of 100,000 answer sheets, and their export, against the cheapest pass over the same table."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import text

from assessment.answer_rows import survey_query
from assessment.database import Database
from assessment.frames import survey_frame
from assessment.models.surveys import Survey
from benchmarks.measure import Measure, seconds
from benchmarks.survey_answers import filled, questionnaire
from reports import products
from reports.answer_exports import write_csv
from reports.answer_lines import SURVEY, survey_lines

SHEETS = 100_000
LIMIT = 2
RUNS = 5
MEMORY_LIMIT = 1.5
ABOUT = {"cycle": "products-2027", "questionnaire": "product-usefulness", "version": "1.0", "period": "2026"}
GROUPED = text(
    "SELECT question, part, status, number, option, count(*) FROM survey_answers"
    " GROUP BY question, part, status, number, option"
)


def results(database: Database) -> None:
    """From the table to everything that the page shows."""
    with database.reading() as session:
        survey = session.get_one(Survey, 1)
        products.build(questionnaire(), survey_frame(session, survey), released=date(2027, 3, 1))


def grouped(database: Database) -> None:
    with database.reading() as session:
        session.execute(GROUPED).all()


def export(database: Database, file: Path) -> None:
    with database.reading() as session:
        survey = session.get_one(Survey, 1)
        lines = survey_lines(session, survey, questionnaire(), set())
        write_csv(file, SURVEY, lines, ABOUT | {"marking": "UNCLASSIFIED", "n": SHEETS})


def bare(database: Database, file: Path) -> None:
    """The floor: a cursor's rows of the same query, as they come, into the same kind of file."""
    with database.reading() as session, file.open("w", encoding="utf-8", newline="") as stream:
        survey = session.get_one(Survey, 1)
        statement = survey_query(survey).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        cursor = session.connection().connection.cursor()
        cursor.execute(str(statement))
        csv.writer(stream).writerows(cursor)


def most_memory(work: Callable[[], None]) -> float:
    """Bytes that Python held at most while it worked."""
    tracemalloc.start()
    try:
        work()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    large, small, tiny = (filled(folder, sheets) for sheets in (SHEETS, 10_000, 1_000))
    file = folder / "answers.csv"
    yield [
        Measure(
            f"results of {SHEETS:,} answer sheets, against one GROUP BY",
            "s",
            lambda: seconds(lambda: results(large)),
            lambda: seconds(lambda: grouped(large)),
            LIMIT,
            RUNS,
        ),
        Measure(
            f"CSV export of {SHEETS:,} answer sheets, against a bare loop over the cursor",
            "s",
            lambda: seconds(lambda: export(large, file)),
            lambda: seconds(lambda: bare(large, file)),
            LIMIT,
            RUNS,
        ),
        Measure(
            "memory of the export, 10,000 answer sheets against 1,000",
            "bytes",
            lambda: most_memory(lambda: export(small, file)),
            lambda: most_memory(lambda: export(tiny, file)),
            MEMORY_LIMIT,
            RUNS,
        ),
    ]
    for database in (large, small, tiny):
        database.engine.dispose()
