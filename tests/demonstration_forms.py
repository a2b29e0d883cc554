"""What the tests of the demonstration share: loading it while the clock stands still, and reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from assessment.clock import Clock
from assessment.database import Database
from assessment.demonstration import loading
from assessment.demonstration.loading import Wanted
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.responses import Answer, Response
from assessment.responding.stored import Sheet
from questionnaires.answers import AnswerStatus, AnswerValue
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import BUILT_IN, Library

DENVER = ZoneInfo("America/Denver")
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
LIBRARY = Library([BUILT_IN])
Values = dict[str, AnswerValue]


@dataclass(frozen=True)
class Standing(Clock):
    """A clock that stands still."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


CLOCK = Standing(DENVER)


def load(database: Database, clock: Clock = CLOCK, **wanted: Any) -> loading.Loaded:
    return loading.load(database, LIBRARY, clock, Wanted(**wanted))


@dataclass(frozen=True)
class Filled:
    """A response with what it answers and its answers."""

    sheet: Sheet
    values: Values
    changed: list[datetime]


def filled(session: Session, questionnaire: Questionnaire) -> list[Filled]:
    """Every response of the database."""
    fusion_center, eoc = aliased(Center), aliased(Center)
    query = (
        select(Response, Cycle, fusion_center, eoc)
        .join(CyclePair, Response.cycle_pair_id == CyclePair.id)
        .join(Cycle, CyclePair.cycle_id == Cycle.id)
        .join(Pair, CyclePair.pair_id == Pair.id)
        .join(fusion_center, Pair.fusion_center_id == fusion_center.id)
        .join(eoc, Pair.eoc_id == eoc.id)
        .order_by(Cycle.opens_on, fusion_center.code, eoc.code, Response.side.desc())
    )
    stored: dict[int, list[Answer]] = {}
    for row in session.scalars(select(Answer)):
        stored.setdefault(row.response_id, []).append(row)
    return [
        Filled(
            Sheet(response, cycle, questionnaire, Side(response.side), fc, e),
            {row.question: value_of(row) for row in stored.get(response.id, [])},
            [row.changed_at for row in stored.get(response.id, [])],
        )
        for response, cycle, fc, e in session.execute(query)
    ]


def value_of(row: Answer) -> AnswerValue:
    return AnswerValue(AnswerStatus(row.status), row.number, row.option, row.text)


def checklist() -> Questionnaire:
    return LIBRARY.get("cpg502-checklist")


def snapshot(database: Database) -> list[tuple[Any, ...]]:
    """All that must be the same for the same seed and day."""
    with database.reading() as session:
        return [
            (
                form.sheet.cycle.code,
                form.sheet.fusion_center.code,
                form.sheet.eoc.code,
                form.sheet.side,
                form.sheet.response.status,
                form.sheet.response.signer_name,
                form.sheet.response.participants,
                form.sheet.response.submitted_at,
                form.sheet.response.answers_hash,
                form.sheet.response.last_question,
                form.values,
                sorted(form.changed),
            )
            for form in filled(session, checklist())
        ]
