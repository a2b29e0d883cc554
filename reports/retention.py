"""What is computed and kept of a cycle before its single answers are removed."""

from __future__ import annotations

import json

from flask import Flask

from assessment.clock import Clock
from assessment.cycles.services import find_cycle
from assessment.database import Database
from assessment.network.release import release_due
from assessment.privacy import kept
from assessment.surveys.closing import release_cycle
from questionnaires.library import Library
from reports.cli import ADMINISTRATOR

AGGREGATES = "tandem.aggregates"


def keep_aggregates(database: Database, clock: Clock, library: Library, code: str) -> None:
    """The network's numbers of the cycle and of those after it; the released results of its surveys."""
    from reports.network_gathering import compute

    release_due(database, clock)
    release_cycle(database, clock, code, library)
    with database.reading() as session:
        cycle = find_cycle(session, code)
        released = kept.released_from(session, cycle)
        surveys = kept.surveys_to_keep(session, cycle)
    for cycle_id in released:
        compute(database, library, cycle_id)
    for survey_id, fusion_center in surveys:
        _keep_survey(database, clock, library, code, survey_id, fusion_center)


def _keep_survey(
    database: Database, clock: Clock, library: Library, code: str, survey_id: int, fusion_center: str
) -> None:
    from reports.product_gathering import gather_products

    with database.reading() as session:
        found = gather_products(session, library, ADMINISTRATOR, fusion_center, code, clock.today())
    text = json.dumps(found.report.to_json(), allow_nan=False)
    with database.writing() as session:
        kept.keep_results(session, survey_id, text, clock.now())


def register_aggregates(app: Flask) -> None:
    """Where the commands and the worker of retention find it."""

    def keep(code: str) -> None:
        database, clock, library = (
            app.extensions[f"tandem.{name}"] for name in ("database", "clock", "library")
        )
        keep_aggregates(database, clock, library, code)

    app.extensions[AGGREGATES] = keep
