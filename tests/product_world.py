"""Released product surveys with answers, written straight into the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from assessment.models.surveys import Survey, SurveyAnswer, SurveyResponse
from questionnaires import answers
from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire
from tests.survey_world import add_survey

ANSWERS = SurveyAnswer.metadata.tables[SurveyAnswer.__tablename__]  # thousands of rows: past the ORM
Sheet = Mapping[str, str]  # question -> code, as forms hold it


def sheet(group: str, rating: int, comment: str = "") -> dict[str, str]:
    """Somebody who received T-01 only and rates everything alike."""
    found = {"P-01": group, "P-02": "county", "P-03": "monthly", "P-04": "email;hsin", "P-05": "no"}
    found |= {f"A-{n:02}": f"importance=4;performance={rating}" for n in range(1, 13)}
    found |= {f"T-{n:02}": "NA" for n in range(2, 10)} | {"T-01": f"usefulness={rating};quality=DK"}
    found |= {"U-01": "3", "U-02": "planning;training", "U-03": str(rating), "U-04": "4"}
    found |= {f"S-{n:02}": "3" for n in range(1, 6)}
    found |= {"O-01": str(rating), "O-02": str(rating), "O-03": "DK", "O-04": "3", "N-01": "nothing"}
    return found | ({"N-02": comment} if comment else {})


def released(
    session: Session,
    questionnaire: Questionnaire,
    sheets: list[dict[str, str]],
    code: str = "products-co",
    released_on: date | None = date(2026, 6, 10),
    **changes: Any,
) -> Survey:
    """A survey of FC-CO with these sheets; released unless ``released_on`` is None."""
    days = {"opens_on": date(2026, 5, 1), "closes_on": date(2026, 6, 10)}
    survey = add_survey(session, 0, code, **{**days, "released_on": released_on, **changes})
    ids = [f"{place:024x}" for place in range(len(sheets))]
    ids = [f"{survey.id:04x}{one[4:]}" for one in ids]
    if not sheets:
        return survey
    about = {"survey_id": survey.id, "completion": "complete", "released": released_on is not None}
    session.execute(insert(SurveyResponse), [{"id": one, **about} for one in ids])
    rows = [row for one, given in zip(ids, sheets, strict=True) for row in _rows(questionnaire, one, given)]
    session.execute(insert(ANSWERS), rows)
    return survey


def _rows(questionnaire: Questionnaire, response_id: str, given: Sheet) -> list[dict[str, Any]]:
    return [
        {"response_id": response_id, "question": name, **row}
        for name, code in given.items()
        for row in _parsed(questionnaire, name, code)
    ]


_kept: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}


def _parsed(questionnaire: Questionnaire, name: str, code: str) -> list[dict[str, Any]]:
    """The rows of an answer; few different ones stand on thousands of sheets."""
    key = (questionnaire.id, questionnaire.version, name, code)
    if key not in _kept:
        _kept[key] = [
            {
                "part": row.part,
                "status": row.status.value,
                "number": row.number,
                "option": row.option,
                "text": row.text,
            }
            for row in answers.rows(answers.parse(questionnaire.by_id[name], code))
            if row.status is not AnswerStatus.UNANSWERED
        ]
    return _kept[key]


SIX_AND_234: Callable[[], list[dict[str, str]]] = lambda: (  # noqa: E731
    [sheet("eoc", 5) for _ in range(6)] + [sheet("law_enforcement", 3 + place % 2) for place in range(234)]
)
