"""A database with one released product survey of so many answer sheets, written by a few statements."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, text

from assessment import schema
from assessment.database import Database
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import Survey
from questionnaires.definition import AnswerType, Question, Questionnaire
from questionnaires.library import BUILT_IN, Library

QUESTIONNAIRE = "product-usefulness"
CYCLE = "products-2027"
SHARE_GIVEN = 80  # of 100 answers that a sheet may hold

SHEETS = """
INSERT INTO survey_responses (id, survey_id, completion, released)
SELECT lower(hex(randomblob(12))), 1, 'complete', 1
FROM (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :sheets)
      SELECT n FROM counted)
"""
ANSWERS = """
WITH drawn AS MATERIALIZED (
  SELECT r.id, i.question, i.part, i.code, i.share, abs(random()) AS chance
  FROM survey_responses r CROSS JOIN items i
)
INSERT INTO survey_answers (response_id, question, part, status, number, option, text)
SELECT id, question, part,
       CASE WHEN code IS NULL AND chance % 20 = 0 THEN 'do_not_know' ELSE 'answered' END,
       CASE WHEN code IS NULL AND chance % 20 > 0 THEN 1.0 + (chance / 20) % 5 END,
       code, ''
FROM drawn WHERE (chance / 100) % 100 < share ORDER BY id, question, part
"""


def filled(folder: Path, sheets: int) -> Database:
    """SQLite with ``sheets`` sheets of about 50 answers each, all of them released."""
    database = Database(f"sqlite:///{folder / f'survey-{sheets}.sqlite'}")
    schema.upgrade(database)
    with database.writing_connection() as connection:
        _add_survey(connection)
        connection.execute(text(SHEETS), {"sheets": sheets})
        add_items(connection)
        connection.execute(text(ANSWERS))
        connection.execute(text("DROP TABLE items"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def questionnaire() -> Questionnaire:
    return Library([BUILT_IN]).get(QUESTIONNAIRE)


def add_items(connection: Connection) -> None:
    """A temporary table of every row that a sheet may hold."""
    connection.execute(text("CREATE TEMP TABLE items (question TEXT, part TEXT, code TEXT, share INTEGER)"))
    items = [item for question in _questions() for item in _items(question)]
    connection.execute(text("INSERT INTO items VALUES (:question, :part, :code, :share)"), items)


def _questions() -> list[Question]:
    texts = (AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT)
    return [question for question in questionnaire().questions if question.type not in texts]


def _items(question: Question) -> list[dict[str, object]]:
    """Every row that a sheet may hold for this question, and how often in 100 it does."""
    if question.parts:
        return [_item(question, part.id, None, SHARE_GIVEN) for part in question.parts]
    if question.type is AnswerType.MULTIPLE_CHOICE:
        return [_item(question, option.code, option.code, 20) for option in question.options]
    chosen = question.choices[-1].code if not question.scale else None
    return [_item(question, "", chosen, 100 if chosen else SHARE_GIVEN)]


def _item(question: Question, part: str, code: str | None, share: int) -> dict[str, object]:
    return {"question": question.id, "part": part, "code": code, "share": share}


def _add_survey(connection: Connection) -> None:
    center = {"id": 1, "code": "FC-CO", "name": "Center", "kind": "fusion_center", "level": "primary"}
    connection.execute(insert(Center), [{**center, "state": "CO", "fema_region": 8}])
    cycle = {"id": 1, "code": CYCLE, "title": "Products", "questionnaire_id": QUESTIONNAIRE, "version": "1.0"}
    days = {"opens_on": date(2027, 1, 10), "closes_on": date(2027, 2, 28)}
    moment = datetime(2027, 1, 10, tzinfo=UTC)
    connection.execute(insert(Cycle), [{**cycle, **days, "created_at": moment}])
    survey = {"id": 1, "cycle_id": 1, "fusion_center_id": 1, "opened_at": moment}
    connection.execute(insert(Survey), [{**survey, "released_on": date(2027, 2, 28)}])
