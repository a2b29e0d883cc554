"""Cycles of surveys: one for each center, what they refuse, and the commands that open them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from assessment.cycles.services import NewCycle, open_cycle
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.surveys import Survey, SurveyMode
from assessment.surveys import plans
from tests.conftest import NOW, Network
from tests.director import TODAY

NEW = NewCycle("products-2026", "Products 2026", "product-usefulness", TODAY, date(2026, 7, 6))


def test_a_cycle_of_surveys_opens_one_for_each_center_with_an_active_pair(network: Network) -> None:
    with network.database.writing() as session:
        plans.create_for_cycle(session, network.library, NEW, SurveyMode.ANONYMOUS, 12, NOW)
    with network.database.reading() as session:
        surveys = session.scalars(select(Survey).order_by(Survey.id)).all()
        assert [s.fusion_center.code for s in surveys] == ["FC-CO", "FC-WY"]
        assert {(s.mode, s.floor, s.opened_at, s.cycle.code) for s in surveys} == {
            ("anonymous", 12, NOW, "products-2026")
        }
        assert (surveys[0].period_from, surveys[0].period_to) == (date(2025, 6, 15), TODAY)


@pytest.mark.parametrize(
    ("changes", "floor", "said"),
    [
        ({"pairs": [("FC-CO", "EOC-CO")]}, None, "leave --pairs out"),
        ({"centers": ["FC-XX"]}, None, "No active pair has the fusion center FC-XX"),
        ({}, 4, "--floor 4 cannot be used; it takes 5 to 100"),
        ({"questionnaire": "worked-example"}, None, "it is not a survey"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_cycle_of_surveys_refuses(
    network: Network, changes: dict[str, Any], floor: int | None, said: str
) -> None:
    with network.database.reading() as session, pytest.raises(Refused, match=said):
        plans.create_for_cycle(session, network.library, replace(NEW, **changes), None, floor, NOW)


def test_a_survey_is_no_cycle_of_pairs(network: Network) -> None:
    with network.database.reading() as session, pytest.raises(Refused, match="is a survey; it asks no pairs"):
        open_cycle(session, network.library, NEW, NOW)


def test_one_of_many_in_a_cycle_does_not_move_its_last_day(network: Network) -> None:
    with network.database.writing() as session:
        plans.create_for_cycle(session, network.library, NEW, None, None, NOW)
    with network.database.writing() as session:
        survey = session.scalars(select(Survey)).first()
        assert survey is not None
        with pytest.raises(Refused, match="one of many in its cycle"):
            plans.change_survey(session, network.library, survey, {"closes": date(2026, 8, 1)}, NOW)


def test_commands_open_surveys_and_refuse_a_mode_for_a_checklist(network: Network) -> None:
    run = network.app.test_cli_runner()
    days = ["--title", "T", "--opens", "2026-06-01", "--closes", "2026-06-30"]
    survey = ["cycles", "open", "products", "--questionnaire", "product-usefulness", *days]
    done = run.invoke(args=[*survey, "--center", "FC-CO", "--mode", "anonymous", "--floor", "8"])
    assert done.exit_code == 0, done.output
    with network.database.reading() as session:
        assert [(s.mode, s.floor) for s in session.scalars(select(Survey))] == [("anonymous", 8)]
    checklist = ["cycles", "open", "checks", "--questionnaire", "worked-example", *days]
    for option in (["--mode", "anonymous"], ["--floor", "10"]):
        refused = run.invoke(args=[*checklist, *option])
        assert refused.exit_code == 1
        assert "--mode and --floor are a survey's; a checklist has neither." in refused.stderr
    with network.database.reading() as session:
        assert session.scalar(select(Cycle.id).where(Cycle.code == "checks")) is None
