"""The databases that survey pages are measured over hold what they say, and the measures tell sizes apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from assessment.models.surveys import SurveyMode
from benchmarks.answering_by_link import Phone, measures_of
from benchmarks.measure import take
from benchmarks.survey_drafts import UnderWay, filled

FEW, MANY = 20, 120


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[UnderWay, UnderWay]:
    folder: Path = tmp_path_factory.mktemp("under-way")
    return filled(folder, MANY), filled(folder, FEW)


@pytest.mark.parametrize("mode", list(SurveyMode))
def test_a_page_takes_as_many_statements_with_many_sheets_as_with_few(
    both: tuple[UnderWay, UnderWay], mode: SurveyMode
) -> None:
    many, few = (Phone(under_way, mode) for under_way in both)
    counted = [take(one) for one in measures_of(many, few, "here") if one.unit == "statements"]
    assert len(counted) == 2
    for result in counted:
        assert 0 < result.ours == result.floor <= 10, result.measure.name


def test_every_sheet_is_begun_and_none_is_handed_in(both: tuple[UnderWay, UnderWay]) -> None:
    with both[0].app.extensions["tandem.database"].reading() as session:
        sheets = session.execute(
            text("SELECT s.mode, count(*), count(d.partner_id), sum(d.finished)"
                 " FROM survey_drafts d JOIN surveys s ON d.survey_id = s.id GROUP BY s.mode")
        ).all()  # fmt: skip
        answers = session.scalar(text("SELECT count(*) FROM survey_draft_answers")) or 0
    assert [tuple(row) for row in sheets] == [("anonymous", 60, 0, 0), ("confidential", 60, 60, 0)]
    assert 40 < answers / MANY < 60


@pytest.mark.parametrize("mode", list(SurveyMode))
def test_a_draft_is_found_without_going_through_those_of_others(
    both: tuple[UnderWay, UnderWay], mode: SurveyMode
) -> None:
    """By SQLite's own plan of every statement that opening and saving a page give it."""
    phone = Phone(both[0], mode)
    with planned(phone.engine) as steps:
        phone.open()
        phone.save()
    drafts = [step for step in steps if "survey_draft" in step]
    assert drafts
    assert {step for step in steps if step.startswith("SCAN")} <= {"SCAN cycles"}  # of which there are few
    for step in drafts:
        assert "(survey_id=?)" not in step, step


@contextmanager
def planned(engine: Engine) -> Iterator[list[str]]:
    """How SQLite means to find the rows of each statement that it is given while the block runs."""
    steps: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            cursor = connection.connection.cursor()
            steps.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield steps
    finally:
        event.remove(engine, "before_cursor_execute", note)
