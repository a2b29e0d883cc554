"""From a cycle to the file of its answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from assessment import answer_rows
from assessment.cycles.removed import require_answers
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.models.cycles import Cycle
from assessment.models.surveys import Survey
from assessment.surveys import plans
from questionnaires.definition import Questionnaire
from questionnaires.library import Library
from reports import answer_exports
from reports.answer_lines import CHECKLIST, SURVEY, Line, checklist_lines, survey_lines


def export_answers(
    session: Session, library: Library, code: str, kind: str, output: Path, marking: str, comments: bool
) -> int:
    """Write the file, whole or not at all; how many answers. Refused where nothing is closed yet."""
    cycle = find_cycle(session, code)
    require_answers(cycle)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    about = _about(cycle, marking)
    columns: tuple[str, ...] = CHECKLIST
    lines = checklist_lines(session, cycle)
    if questionnaire.is_survey:
        surveys = answer_rows.surveys_to_export(session, cycle)
        questionnaire = plans.questionnaire_of(library, surveys[0]) if len(surveys) == 1 else questionnaire
        about["n"] = sum(answer_rows.sheet_count(session, survey) for survey in surveys)
        columns = SURVEY
        lines = chain.from_iterable(_survey(session, library, survey, comments) for survey in surveys)
    part = output.with_name(f".{output.name}.part")
    try:
        count = _write(part, kind, columns, lines, about, questionnaire)
        os.replace(part, output)
    finally:
        part.unlink(missing_ok=True)
    return count


def _survey(session: Session, library: Library, survey: Survey, comments: bool) -> Iterator[Line]:
    released = answer_rows.released_comments(session, survey) if comments else set()
    return survey_lines(session, survey, plans.questionnaire_of(library, survey), released)


def _about(cycle: Cycle, marking: str) -> dict[str, Any]:
    return {
        "cycle": cycle.code,
        "questionnaire": cycle.questionnaire_id,
        "version": cycle.version,
        "period": f"{cycle.opens_on.isoformat()} to {cycle.closes_on.isoformat()}",
        "marking": marking,
        "synthetic": "synthetic" if cycle.synthetic else "",
    }


def _write(
    file: Path,
    kind: str,
    columns: tuple[str, ...],
    lines: Iterator[Line],
    about: dict[str, Any],
    questionnaire: Questionnaire,
) -> int:
    file.touch(mode=0o600)
    if kind == "csv":
        return answer_exports.write_csv(file, columns, lines, about)
    if kind == "parquet":
        return answer_exports.write_parquet(file, columns, lines, about)
    write = answer_exports.write_xlsx if kind == "xlsx" else answer_exports.write_sav
    return write(file, columns, lines, about, questionnaire)
