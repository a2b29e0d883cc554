"""Databases with so many responses in them, filled with a handful of statements.

A large one is what a nation has after years: 5,000 pairs, a cycle for every 10,000 responses, all answered
in full and all but the last cycle submitted, with the people who did it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Connection, insert, text

from app import create_app
from assessment import schema
from assessment.access import Role
from assessment.accounts.passwords import hash_password
from assessment.cycles.services import NewCycle, open_cycle
from assessment.database import Database
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonCenter, PersonRow
from assessment.settings import Settings
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import BUILT_IN, Library

QUESTIONNAIRE = "cpg502-checklist"
MOST_PAIRS = 5_000
EOCS_A_FUSION_CENTER = 10
PASSWORD = "a password for measuring"
NOW = datetime.now(UTC)
CYCLE_LENGTH = timedelta(days=60)


@dataclass(frozen=True)
class Filled:
    """An application over a filled database, and the form of one EOC in the middle of it."""

    app: Flask
    email: str
    response_id: str
    responses: int


def filled(folder: Path, responses: int, url: str = "", most_pairs: int = MOST_PAIRS) -> Filled:
    """An application whose database, by default SQLite in the folder, holds this many responses.

    With fewer pairs they are of more cycles: 2 for each pair and cycle, and only the last cycle is open.
    """
    database = Database(url or f"sqlite:///{folder / f'{responses}.sqlite'}")
    schema.upgrade(database)
    library = Library([BUILT_IN])
    pairs = min(most_pairs, responses // 2)
    with database.writing_connection() as connection:
        _add_directory(connection, pairs)
    cycles = responses // (2 * pairs)
    for number in range(cycles):
        _add_cycle(database, library, number, date.today() - CYCLE_LENGTH * 2 * (cycles - 1 - number))
    with database.writing_connection() as connection:
        _answer_all(connection, library.get(QUESTIONNAIRE))
        response_id = _response_of(connection, pairs // 2 + 1)
    _settle(database)
    database.engine.dispose()
    app = create_app(plain_settings(folder, database.engine.url.render_as_string(False)), library)
    return Filled(app, _email(pairs // 2 + 1), response_id, responses)


def _settle(database: Database) -> None:
    """What a database does with time after so much has been written, done now."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (
            ("PRAGMA wal_checkpoint(TRUNCATE)",) if database.is_sqlite else ("VACUUM ANALYZE", "CHECKPOINT")
        ):
            connection.exec_driver_sql(statement)


def plain_settings(folder: Path, url: str) -> Settings:
    """Everything as it is where nothing is set, over this database."""
    return Settings(
        instance=folder,
        database_url=url,
        secret_key="a key for measuring that is long enough",
        base_url="http://localhost",
        port=5000,
        proxies=0,
        timezone=ZoneInfo("UTC"),
        definitions=None,
        marking="UNCLASSIFIED",
        demo=False,
        government_banner=False,
    )


def _email(pair: int) -> str:
    return f"manager{pair}@example.gov"


def _add_directory(connection: Connection, pairs: int) -> None:
    """An EOC a pair with a manager of its own; a fusion center for every ten."""
    fusion_centers = -(-pairs // EOCS_A_FUSION_CENTER)
    eoc_of = {pair: fusion_centers + pair for pair in range(1, pairs + 1)}
    fusion_center_of = {pair: (pair - 1) // EOCS_A_FUSION_CENTER + 1 for pair in eoc_of}
    rows = [_center(number, "fusion_center", "primary") for number in range(1, fusion_centers + 1)]
    rows += [_center(number, "eoc", "county") for number in eoc_of.values()]
    connection.execute(insert(Center), rows)
    connection.execute(
        insert(Pair),
        [{"id": p, "fusion_center_id": fusion_center_of[p], "eoc_id": eoc} for p, eoc in eoc_of.items()],
    )
    connection.execute(insert(PersonRow), list(_people(pairs)))
    connection.execute(
        insert(PersonCenter), [{"person_id": pair, "center_id": eoc} for pair, eoc in eoc_of.items()]
    )


def _center(number: int, kind: str, level: str) -> dict[str, object]:
    code = f"{kind[:3]}-{number}"
    return {
        "id": number,
        "code": code,
        "name": f"Center {code}",
        "kind": kind,
        "level": level,
        "state": "CO",
        "fema_region": 8,
    }


def _people(pairs: int) -> Iterator[dict[str, object]]:
    password_hash = hash_password(PASSWORD)
    for pair in range(1, pairs + 1):
        yield {
            "id": pair,
            "email": _email(pair),
            "name": f"Manager {pair}",
            "role": Role.MANAGER.value,
            "password_hash": password_hash,
            "created_at": NOW,
        }


def _add_cycle(database: Database, library: Library, number: int, opens: date) -> None:
    new = NewCycle(
        code=f"cycle-{number}",
        title=f"Cycle {number}",
        questionnaire=QUESTIONNAIRE,
        opens=opens,
        closes=opens + CYCLE_LENGTH,
    )
    with database.writing() as session:
        open_cycle(session, library, new, NOW)


# Ratings 0 to 4, now and then NA with its reason or DK; a note with every third answer.
ANSWERS = """
INSERT INTO answers
    (response_id, question, part, status, number, option, text,
     revision, changed_at, changed_by_id, changed_on_page)
SELECT response, question, '',
       CASE kind WHEN 5 THEN 'not_applicable' WHEN 6 THEN 'do_not_know' ELSE 'answered' END,
       CASE WHEN kind < 5 THEN kind END, choice,
       CASE WHEN kind = 5 OR kind % 3 = 0
            THEN 'Written down in the plan of 2025 and exercised in March.' ELSE '' END,
       1, :now, person, 'filled'
FROM (SELECT r.id AS response, a.question, a.choice, p.id AS person,
             CASE WHEN a.choice IS NULL THEN (r.id * 31 + a.place * 17) % 7 ELSE NULL END AS kind
      FROM responses r JOIN asked a ON a.side = r.side
      JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id JOIN people p ON p.id = cp.pair_id)
ORDER BY response, question
"""
CONTRIBUTORS = """
INSERT INTO contributors (response_id, person_id, since)
SELECT r.id, cp.pair_id, :now FROM responses r JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id
WHERE r.side = 'eoc'
"""
SUBMITTED = """
UPDATE responses SET status = 'submitted', submitted_at = :now, answers_hash = :hash,
    signer_name = 'Pat Example', signer_title = 'Manager', participants = 3
WHERE cycle_pair_id NOT IN (SELECT id FROM cycle_pairs WHERE cycle_id = (SELECT max(id) FROM cycles))
"""


def _answer_all(connection: Connection, questionnaire: Questionnaire) -> None:
    if connection.dialect.name == "postgresql":  # twelve million look-ups of what is there by construction
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    values = {"now": NOW.strftime("%Y-%m-%d %H:%M:%S.%f"), "hash": "0" * 64}
    columns = "side VARCHAR, place INTEGER, question VARCHAR, choice VARCHAR"
    connection.exec_driver_sql(f"CREATE TEMP TABLE asked ({columns})")
    connection.execute(
        text("INSERT INTO asked VALUES (:side, :place, :question, :choice)"), _asked(questionnaire)
    )
    for statement in (ANSWERS, CONTRIBUTORS, SUBMITTED):
        connection.execute(text(statement), values)
    connection.exec_driver_sql("DROP TABLE asked")


def _asked(questionnaire: Questionnaire) -> list[dict[str, str | int | None]]:
    return [
        {
            "side": side.value,
            "place": place,
            "question": question.id,
            "choice": None if question.scored else question.choices[0].code,
        }
        for side in Side
        for place, question in enumerate(questionnaire.questions)
        if question.asked_of(side)
    ]


def _response_of(connection: Connection, pair: int) -> str:
    query = (
        "SELECT r.public_id FROM responses r JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id"
        " WHERE cp.pair_id = :pair AND r.side = 'eoc' ORDER BY cp.cycle_id DESC LIMIT 1"
    )
    return str(connection.execute(text(query), {"pair": pair}).scalar_one())
