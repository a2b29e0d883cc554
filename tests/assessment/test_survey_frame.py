"""A survey's answers as a frame: every row of the table that was released, on both databases, and no more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select, text, update

from assessment import frames
from assessment.models.surveys import Survey, SurveyAnswer, SurveyResponse
from tests.conftest import Network
from tests.product_world import released, sheet

COMMENT = "Maps, please | = ! \x1f\x1e and more; words"


def rows_of(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    held = frame.astype(object).where(frame.notna(), None)
    return sorted(held.itertuples(index=False, name=None), key=repr)


@pytest.fixture
def survey(network: Network) -> Network:
    """Seven sheets, in one of them a comment, and an eighth without any answer."""
    sheets = [sheet("eoc", 1 + place % 5, COMMENT if place == 3 else "") for place in range(7)]
    questionnaire = network.library.get("product-usefulness")
    with network.database.writing() as session:
        own = released(session, questionnaire, [*sheets, {}])
        session.execute(
            update(SurveyAnswer).where(SurveyAnswer.question == "O-01").values(number=text("number + 0.5"))
        )
        session.execute(
            update(SurveyResponse).where(SurveyResponse.id == f"{own.id:04x}{6:020x}").values(released=False)
        )
    return network


def test_it_holds_each_released_row_of_the_table_and_no_other(
    survey: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "SHEETS_AT_ONCE", 3)
    names = ("question", "part", "status", "number", "option")
    with survey.database.reading() as session:
        frame = frames.survey_frame(session, session.scalars(select(Survey)).one())
        ids = session.scalars(select(SurveyResponse.id).where(SurveyResponse.released)).all()
        number_of = {response_id: place for place, response_id in enumerate(sorted(ids))}
        stored = session.execute(
            select(SurveyAnswer.response_id, *(getattr(SurveyAnswer, name) for name in names))
        ).all()
    wanted = [(number_of[row[0]], *row[1:]) for row in stored if row[0] in number_of]
    assert rows_of(frame) == sorted(wanted, key=repr)
    assert list(frame.columns) == frames.SURVEY_COLUMNS
    assert {1.5, 2.0} <= set(frame["number"])
    assert COMMENT not in frame.to_string()


def test_some_sheets_are_numbered_from_0_as_well(survey: Network) -> None:
    with survey.database.reading() as session:
        own = session.scalars(select(Survey)).one()
        whole = frames.survey_frame(session, own)
        parts = list(frames.sheets_in_parts(session, own, 3))
        found = [frames.survey_frame(session, own, among) for among, _ in parts]
    assert [count for _, count in parts] == [3, 3, 1]
    first = 0
    for frame, (_, count) in zip(found, parts, strict=True):
        frame["respondent"] += first
        first += count
    assert rows_of(pd.concat([frame.astype(object) for frame in found])) == rows_of(whole)


def test_before_the_release_there_is_nothing(survey: Network) -> None:
    with survey.database.writing() as session:
        own = session.scalars(select(Survey)).one()
        own.released_on = None
        session.flush()
        frame = frames.survey_frame(session, own)
    assert (len(frame), list(frame.columns)) == (0, frames.SURVEY_COLUMNS)
