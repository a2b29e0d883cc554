"""The product surveys of the demonstration: repeatable, valid by the questionnaire, on days that can be."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessment.cycles.services import CycleState, state_of
from assessment.database import Database
from assessment.demonstration import surveys
from assessment.demonstration.words import COMMENTS
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.models.surveys import (
    CommentReview,
    Completion,
    Message,
    Partner,
    Survey,
    SurveyAnswer,
    SurveyDraft,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from questionnaires import answers, routing
from questionnaires.answers import AnswerRow, AnswerStatus, AnswerValue
from questionnaires.definition import RESPONDENT, Questionnaire
from tests.demonstration_forms import CLOCK, LIBRARY, NOW

PEOPLE = 12  # who answer each survey of a small load
FUSION_CENTERS = list(surveys.RESPONDENTS)


def load(file: Path, template: Path, seed: int = 1, respondents: int | None = PEOPLE) -> Database:
    """The surveys alone, over the centers that have them."""
    shutil.copy(template, file)
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        for code in FUSION_CENTERS:
            place = {"kind": "fusion_center", "level": "primary", "state": code[-2:], "fema_region": 8}
            session.add(Center(code=code, name=code, **place))
        session.flush()
        surveys.write_surveys(session, LIBRARY, CLOCK.today(), NOW, seed, respondents)
    return database


pytestmark = pytest.mark.xdist_group("demonstration of surveys")  # it is loaded once


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Database]:
    """Two years with twelve respondents a center, for tests that only read them."""
    database = load(tmp_path_factory.mktemp("surveys") / "small.sqlite", sqlite_template)
    yield database
    database.engine.dispose()


def questionnaire() -> Questionnaire:
    return LIBRARY.get(surveys.QUESTIONNAIRE)


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row but for the names that are drawn anew each time."""
    tables = (Cycle, Survey, Partner, SurveyPartner, Message, SurveyResponse, SurveyAnswer, CommentReview)
    with database.reading() as session:
        return {
            table.__tablename__: sorted(
                (
                    tuple(row)
                    for row in session.execute(
                        select(*(c for c in table.__table__.columns if c.name != "public_id"))
                    )
                ),
                key=str,
            )
            for table in tables
        }


def sheets(session: Session) -> dict[str, dict[str, AnswerValue]]:
    """Response id -> question -> answer, put together from the stored rows."""
    rows: dict[str, dict[str, list[AnswerRow]]] = {}
    for r in session.scalars(select(SurveyAnswer)):
        row = AnswerRow(r.part, AnswerStatus(r.status), r.number, r.option, r.text)
        rows.setdefault(r.response_id, {}).setdefault(r.question, []).append(row)
    return {
        response: {question: answers.compose(found) for question, found in given.items()}
        for response, given in rows.items()
    }


def test_the_same_seed_gives_the_same_surveys_and_another_one_does_not(
    small: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    again = load(tmp_path / "again.sqlite", sqlite_template)
    other = load(tmp_path / "other.sqlite", sqlite_template, seed=2)
    first, second, third = content(small), content(again), content(other)
    for database in (again, other):
        database.engine.dispose()
    assert first == second
    for table in ("partners", "survey_partners", "survey_answers"):
        assert first[table]
        assert first[table] != third[table], table


def test_every_answer_is_one_that_the_survey_would_have_taken(small: Database) -> None:
    asked = questionnaire()
    with small.reading() as session:
        found = sheets(session)
        responses = session.scalar(select(func.count()).select_from(SurveyResponse))
    assert len(found) == responses
    used = Counter(question for values in found.values() for question in values)
    for values in found.values():
        applicable = {q.id: q for q in routing.applicable_questions(asked, RESPONDENT, values)}
        assert set(values) <= set(applicable), "an answer to a question that is skipped"
        for name, value in values.items():
            question = applicable[name]
            assert answers.parse(question, answers.code(question, value)) == value, name
        assert routing.missing_answers(asked, RESPONDENT, values) == []
    assert set(used) == {question.id for question in asked.questions}, "a question that nobody answers"


def test_comments_are_words_of_ours(small: Database) -> None:
    with small.reading() as session:
        said = session.scalars(select(SurveyAnswer.text).where(SurveyAnswer.text != "")).all()
    assert said
    assert set(said) <= set(COMMENTS)


def test_one_year_is_released_and_the_next_is_open(small: Database) -> None:
    today = CLOCK.today()
    with small.reading() as session:
        cycles = session.scalars(select(Cycle).order_by(Cycle.opens_on)).all()
        found = session.scalars(select(Survey)).all()
        for cycle in cycles:
            assert cycle.synthetic
        assert [state_of(cycle, today) for cycle in cycles] == [CycleState.CLOSED, CycleState.OPEN]
        assert cycles[1].opens_on < today < cycles[1].closes_on
        assert 360 < (cycles[1].opens_on - cycles[0].opens_on).days < 372
        for survey in found:
            old = survey.cycle.code == cycles[0].code
            assert survey.released_on == (survey.cycle.closes_on if old else None)
            assert survey.opened_at is not None
            assert survey.opened_at.date() == survey.cycle.opens_on
            assert survey.period_to == survey.cycle.opens_on
            assert survey.period_from is not None
            assert timedelta(360) < survey.period_to - survey.period_from < timedelta(372)
        released = session.execute(
            select(Cycle.code, SurveyResponse.released, func.count())
            .join(Survey, SurveyResponse.survey_id == Survey.id)
            .join(Cycle)
            .group_by(Cycle.code, SurveyResponse.released)
        ).all()
    centers, so_far = len(FUSION_CENTERS), round(surveys.SO_FAR * PEOPLE)
    assert {tuple(row) for row in released} == {
        (cycles[0].code, True, PEOPLE * centers),
        (cycles[1].code, False, so_far * centers),
    }


def test_nobody_answers_before_the_survey_opens_or_after_today(small: Database) -> None:
    with small.reading() as session:
        rows = session.execute(
            select(SurveyPartner, Cycle.opens_on, Cycle.closes_on)
            .join(Survey, SurveyPartner.survey_id == Survey.id)
            .join(Cycle)
        ).all()
    assert rows
    for person, opens, closes in rows:
        days = [day for day in (person.opened_on, person.started_on, person.finished_on) if day]
        assert days == sorted(days)
        assert all(opens <= day <= min(closes, CLOCK.today()) for day in days)
        assert person.finished_on is None or (person.opened_on and person.started_on)


def test_who_has_finished_and_whose_sheet_is_there_are_the_same_people(small: Database) -> None:
    with small.reading() as session:
        for survey in session.scalars(select(Survey)).all():
            responses = session.scalars(
                select(SurveyResponse).where(SurveyResponse.survey_id == survey.id)
            ).all()
            finished = session.scalars(
                select(SurveyPartner.partner_id).where(
                    SurveyPartner.survey_id == survey.id, SurveyPartner.finished_on.is_not(None)
                )
            ).all()
            owners = sorted(one.partner_id for one in responses if one.partner_id)
            assert owners == sorted(finished)
            assert {one.completion for one in responses} == {Completion.COMPLETE}
            if survey.mode == SurveyMode.ANONYMOUS:
                assert owners == []
                assert survey.open_link_cap
            else:
                assert len(owners) == len(responses)
        assert session.scalar(select(func.count()).select_from(SurveyDraft)) == 0


def test_officials_are_a_group_and_the_second_year_is_a_little_better(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """At its usual size, which is what the results page is shown with."""
    database = load(tmp_path / "usual.sqlite", sqlite_template, respondents=None)
    with database.reading() as session:
        eoc = session.execute(
            select(Cycle.code, func.count())
            .select_from(SurveyAnswer)
            .join(SurveyResponse, SurveyAnswer.response_id == SurveyResponse.id)
            .join(Survey, SurveyResponse.survey_id == Survey.id)
            .join(Cycle)
            .join(Center, Survey.fusion_center_id == Center.id)
            .where(Center.code == "FC-CO", SurveyAnswer.question == "P-01", SurveyAnswer.option == "eoc")
            .group_by(Cycle.code)
        ).all()
        means = session.execute(
            select(Cycle.code, func.avg(SurveyAnswer.number))
            .select_from(SurveyAnswer)
            .join(SurveyResponse, SurveyAnswer.response_id == SurveyResponse.id)
            .join(Survey, SurveyResponse.survey_id == Survey.id)
            .join(Cycle)
            .where(SurveyAnswer.question == "O-01")
            .group_by(Cycle.code)
            .order_by(Cycle.code)
        ).all()
    database.engine.dispose()
    assert all(count >= 10 for _, count in eoc)
    assert 0 < means[1][1] - means[0][1] < 0.5
