"""Copying a survey: every column is taken along, moved on or made afresh; the next one is prepared once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from assessment.cycles.services import close_cycle
from assessment.models.surveys import (
    Completion,
    Message,
    MessageTemplate,
    Partner,
    Recurrence,
    ReminderDay,
    Survey,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
    SurveyTopic,
)
from assessment.surveys import copies, own_questions, partners
from assessment.surveys.days import months_later
from tests.conftest import NOW, Network
from tests.director import TODAY, asked, find, make, make_open

NEXT_YEAR = date(2027, 6, 1)


def last_year(network: Network) -> str:
    """A survey with an unusual value in every column, answered and sent, and closed."""
    public_id = make_open(
        network,
        recurrence=Recurrence.YEARLY,
        mode=SurveyMode.ANONYMOUS,
        floor=12,
        introduction="Thank you.",
        own_questions=own_questions.add_question("", "Do you read it?", "yes_no"),
        topics=("T-01", "T-07"),
        sponsor="DHS",
        federal_sponsor=True,
        omb_control_number="1103-0117",
        omb_expires=date(2027, 12, 31),
        burden_minutes=9,
        reminders=(date(2026, 6, 22), date(2026, 6, 29)),
        open_link_cap=50,
    )
    with network.database.writing() as session:
        survey = find(session, public_id)
        survey.open_link_hash, survey.open_link_started = "x" * 64, 7
        survey.released_on, survey.shared_on, survey.shared_by_id = (
            date(2026, 7, 6),
            TODAY,
            survey.created_by_id,
        )
        survey.copied_from_id = survey.id
        session.add(SurveyResponse(survey_id=survey.id, completion=Completion.COMPLETE.value))
        session.add(MessageTemplate(survey_id=survey.id, kind="reminder", subject="S", body="B"))
        for row in session.scalars(select(SurveyPartner).where(SurveyPartner.survey_id == survey.id)):
            row.opened_on = row.started_on = row.finished_on = TODAY
            session.add(
                Message(
                    survey_id=survey.id,
                    partner_id=row.partner_id,
                    kind="invitation",
                    state="sent",
                    not_before=NOW,
                )
            )
        for day in session.scalars(select(ReminderDay)):
            day.queued_at = NOW
    return public_id


def copy(network: Network, public_id: str, today: date = NEXT_YEAR) -> str:
    with network.database.writing() as session:
        source = find(session, public_id)
        by = network.person("director").id
        return copies.copy_survey(session, network.library, source, today, NOW, by).public_id


def test_every_column_is_in_exactly_one_set() -> None:
    sets = [copies.TAKEN_ALONG, copies.MOVED_ON, copies.AFRESH]
    assert set().union(*sets) == {column.name for column in Survey.__table__.columns}
    assert sum(len(one) for one in sets) == len(Survey.__table__.columns)


def test_every_column_of_a_copy(network: Network) -> None:
    public_id = last_year(network)
    made = copy(network, public_id)
    with network.database.reading() as session:
        source, new = find(session, public_id), find(session, made)
        usual = Survey(cycle_id=0, fusion_center_id=0)
        for name in copies.TAKEN_ALONG:
            assert getattr(new, name) == getattr(source, name), name
            assert getattr(source, name) not in (None, "", getattr(usual, name)), f"{name} proves nothing"
        assert (new.period_from, new.period_to) == (date(2026, 6, 15), date(2027, 6, 15))
        assert new.public_id != source.public_id
        assert new.copied_from_id == source.id
        assert new.opened_at is new.released_on is new.open_link_hash is None
        assert new.open_link_started == 0
        assert new.created_by_id == network.person("director").id
        assert (new.shared_on, new.shared_by_id) == (source.shared_on, source.shared_by_id)


def test_the_cycle_of_a_copy_is_its_own_and_later(network: Network) -> None:
    public_id = last_year(network)
    made = copy(network, public_id)
    with network.database.reading() as session:
        old, new = find(session, public_id).cycle, find(session, made).cycle
        assert new.id != old.id
        assert (new.title, new.code) == ("Products 2027", "products-co-2027")
        assert (new.opens_on, new.closes_on) == (date(2027, 6, 15), date(2027, 7, 6))
        assert (new.questionnaire_id, new.closed_at, new.synthetic) == (old.questionnaire_id, None, False)


def test_rows_beside_a_copy(network: Network) -> None:
    public_id = last_year(network)
    with network.database.writing() as session:
        out = session.scalars(select(Partner).order_by(Partner.id)).first()
        assert out is not None
        partners.opt_out(session, out.public_id, TODAY)
    made = copy(network, public_id)
    assert asked(network, made) == {"ben@fire.example.gov"}
    with network.database.reading() as session:
        new = find(session, made)
        mine = {
            table: session.scalar(select(func.count()).where(table.survey_id == new.id))
            for table in (SurveyResponse, Message, SurveyTopic, MessageTemplate)
        }
        assert mine == {SurveyResponse: 0, Message: 0, SurveyTopic: 2, MessageTemplate: 1}
        row = session.scalars(select(SurveyPartner).where(SurveyPartner.survey_id == new.id)).one()
        assert row.opened_on is row.started_on is row.finished_on is None
        days = session.execute(
            select(ReminderDay.day, ReminderDay.queued_at)
            .where(ReminderDay.survey_id == new.id)
            .order_by(ReminderDay.day)
        ).all()
        assert [tuple(day) for day in days] == [(date(2027, 6, 22), None), (date(2027, 6, 29), None)]


def test_what_changes_is_said(network: Network) -> None:
    public_id = last_year(network)
    made = copy(network, public_id)
    with network.database.reading() as session:
        changes = copies.differences(session, find(session, public_id), find(session, made))
    assert {change.what: (change.before, change.after) for change in changes} == {
        "Title": ("Products 2026", "Products 2027"),
        "Code": ("products-co-2026", "products-co-2027"),
        "Days": ("15 Jun 2026 to 6 Jul 2026", "15 Jun 2027 to 6 Jul 2027"),
        "Period": ("15 Jun 2025 to 15 Jun 2026", "15 Jun 2026 to 15 Jun 2027"),
        "Reminders": ("22 Jun 2026, 29 Jun 2026", "22 Jun 2027, 29 Jun 2027"),
    }


@pytest.mark.parametrize(
    ("recurrence", "today", "opens", "closes"),
    [
        (Recurrence.NONE, date(2026, 7, 10), date(2027, 6, 15), date(2027, 7, 6)),
        (Recurrence.HALF_YEARLY, date(2026, 7, 10), date(2026, 12, 15), date(2027, 1, 6)),
        (Recurrence.YEARLY, date(2027, 7, 1), date(2027, 7, 1), date(2027, 7, 6)),
        (Recurrence.YEARLY, date(2027, 7, 7), date(2028, 6, 15), date(2028, 7, 6)),
        (Recurrence.YEARLY, date(2031, 1, 1), date(2031, 6, 15), date(2031, 7, 6)),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_days_move_on_into_the_future(
    network: Network, recurrence: Recurrence, today: date, opens: date, closes: date
) -> None:
    made = copy(network, make(network, recurrence=recurrence), today)
    with network.database.reading() as session:
        cycle = find(session, made).cycle
        assert (cycle.opens_on, cycle.closes_on) == (opens, closes)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def prepared(network: Network, today: date) -> int:
    return copies.prepare_all_due(network.database, network.library, today, NOW)


def test_when_one_closes_the_next_is_prepared_once_as_a_plan(network: Network) -> None:
    public_id = make_open(network, recurrence=Recurrence.YEARLY)
    assert prepared(network, date(2026, 7, 6)) == 0
    assert prepared(network, date(2026, 7, 7)) == 1
    assert prepared(network, date(2026, 7, 8)) == 0
    with network.database.reading() as session:
        new = session.scalars(select(Survey).order_by(Survey.id.desc()).limit(1)).one()
        assert new.copied_from_id == find(session, public_id).id
        assert new.opened_at is None
        assert new.cycle.opens_on == date(2027, 6, 15)


def test_closed_by_hand_counts_too_and_once_is_not_again(network: Network) -> None:
    once, yearly = make_open(network, fusion_center="FC-WY"), make_open(network, recurrence=Recurrence.YEARLY)
    with network.database.writing() as session:
        for public_id in (once, yearly):
            close_cycle(session, find(session, public_id).cycle.code, NOW, TODAY)
    assert prepared(network, TODAY) == 1


def test_nothing_is_prepared_of_plans_or_where_a_later_survey_is_there(network: Network) -> None:
    make(network, recurrence=Recurrence.YEARLY)
    assert prepared(network, NEXT_YEAR) == 0
    make_open(network, recurrence=Recurrence.YEARLY)
    make(network)
    assert prepared(network, NEXT_YEAR) == 0
