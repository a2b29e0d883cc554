"""A database with so many answer sheets under way in two surveys, and a link to a sheet amid each.

All have begun and nobody has handed in: the most rows that the tables behind a survey's pages ever hold. Half
of the sheets are of a confidential survey, which finds them by person, half of an anonymous one, which finds
them by the hash of the link.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, insert, text

from app import create_app
from assessment import schema
from assessment.database import Database
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import Survey, SurveyMode
from assessment.surveys.links import draft_hash, invitation_hash
from benchmarks.stored import plain_settings
from benchmarks.survey_answers import QUESTIONNAIRE, add_items
from questionnaires.library import BUILT_IN, Library

NOW = datetime.now(UTC)
MODES = dict(enumerate(SurveyMode, start=1))  # the survey's id -> what it promises
NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :people)"
INSERTS = [
    "INSERT INTO partners (id, public_id, fusion_center_id, email, name, organization, sector, level, state)"
    f" {NUMBERS} SELECT n, 'p' || n, 1, 'p' || n || '@agency.example', '', '', 'eoc', 'county', 'CO' FROM n",
    "INSERT INTO survey_partners (survey_id, partner_id, opened_on, started_on)"
    " SELECT s.id, p.id, :today, :today FROM surveys s, partners p",
    "INSERT INTO invitations (token_hash, survey_id, partner_id, made_on, revoked)"
    " SELECT hashed('invitation', s.id, p.id), s.id, p.id, :today, 0 FROM surveys s, partners p",
    "INSERT INTO survey_drafts (survey_id, draft_hash, partner_id, last_question, finished)"
    " SELECT s.id, hashed('draft', s.id, p.id), CASE s.mode WHEN 'confidential' THEN p.id END, 'A-12', 0"
    " FROM surveys s, partners p ORDER BY p.id, s.id",
]
ANSWERS = """
WITH drawn AS MATERIALIZED (
  SELECT d.id, i.question, i.part, i.code, i.share, abs(random()) AS chance
  FROM survey_drafts d CROSS JOIN items i
)
INSERT INTO survey_draft_answers (draft_id, question, part, status, number, option, text, revision,
                                  changed_on_page)
SELECT id, question, part, 'answered', CASE WHEN code IS NULL THEN 1.0 + (chance / 20) % 5 END,
       code, '', 1, 'filled'
FROM drawn WHERE (chance / 100) % 100 < share ORDER BY id, question, part
"""


@dataclass(frozen=True)
class UnderWay:
    """An application over a filled database, and for each mode the link of somebody in the middle."""

    app: Flask
    links: dict[SurveyMode, str]


def filled(folder: Path, sheets: int) -> UnderWay:
    """An application whose database holds this many begun sheets of about 50 answers each."""
    database = Database(f"sqlite:///{folder / f'under-way-{sheets}.sqlite'}")
    schema.upgrade(database)
    people = sheets // len(MODES)
    with database.writing_connection() as connection:
        _add_surveys(connection)
        connection.connection.create_function("hashed", 3, _hashed, deterministic=True)  # type: ignore[attr-defined]
        for statement in INSERTS:
            connection.execute(text(statement), _only_named(statement, people))
        add_items(connection)
        connection.execute(text(ANSWERS))
        connection.execute(text("DROP TABLE items"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    app = create_app(plain_settings(folder, str(database.engine.url)), Library([BUILT_IN]))
    return UnderWay(app, {mode: token_of(survey, people // 2) for survey, mode in MODES.items()})


def token_of(survey: int, partner: int) -> str:
    """The secret of this person's link, which a real one would not be told by."""
    return hashlib.sha256(f"{survey} {partner}".encode()).hexdigest()[:32]


def _hashed(purpose: str, survey: int, partner: int) -> str:
    token = token_of(survey, partner)
    return invitation_hash(token) if purpose == "invitation" else draft_hash(token)


def _only_named(statement: str, people: int) -> dict[str, object]:
    values = {"people": people, "today": date.today().isoformat()}
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _add_surveys(connection: Connection) -> None:
    center = {"id": 1, "code": "FC-CO", "name": "Center", "kind": "fusion_center", "level": "primary"}
    connection.execute(insert(Center), [{**center, "state": "CO", "fema_region": 8}])
    day = timedelta(days=1)
    days = {"opens_on": date.today() - 10 * day, "closes_on": date.today() + 20 * day, "created_at": NOW}
    about = {"title": "Products", "questionnaire_id": QUESTIONNAIRE, "version": "1.0", **days}
    connection.execute(insert(Cycle), [{"id": n, "code": f"products-{n}", **about} for n in MODES])
    surveys = [
        {"id": n, "cycle_id": n, "fusion_center_id": 1, "mode": mode.value, "opened_at": NOW}
        for n, mode in MODES.items()
    ]
    connection.execute(insert(Survey), surveys)
