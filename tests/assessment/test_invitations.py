"""Who is invited and reminded, when, and the links that can be made and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from assessment.errors import Refused
from assessment.models.audit import AuditEvent
from assessment.models.surveys import (
    Invitation,
    Message,
    MessageState,
    Partner,
    ReminderDay,
    Survey,
    SurveyPartner,
)
from assessment.settings import MailServer, Settings
from assessment.surveys import invitations
from assessment.surveys.links import invitation_hash
from tests.conftest import NOW, Network
from tests.survey_world import add_partners, add_survey, messages_of, partner_email

TODAY = NOW.date()
SENT, FAILED = MessageState.SENT.value, MessageState.FAILED.value


class World:
    """One survey and what a test asks of it."""

    def __init__(self, network: Network, settings: Settings, **survey: object) -> None:
        self.database, self.clock = network.database, network.clock
        self.settings = replace(settings, mail_server=MailServer("127.0.0.1", 25))
        with self.database.writing() as session:
            self.id = add_survey(session, **survey).id  # type: ignore[arg-type]

    def queue(self) -> int:
        with self.database.writing() as session:
            survey = session.get_one(Survey, self.id)
            return invitations.queue(session, survey, self.clock.now(), None, settings=self.settings)

    def remind(self) -> int:
        with self.database.writing() as session:
            survey = session.get_one(Survey, self.id)
            return invitations.queue_reminders(session, survey, self.clock.now(), settings=self.settings)

    def remind_all_due(self) -> int:
        with self.database.writing() as session:
            return invitations.queue_due_reminders(session, self.clock.now(), settings=self.settings)

    def invited(self, **states: str) -> None:
        """Everybody has an invitation that was sent now, or is in the state named: p1="failed"."""
        self.queue()
        with self.database.writing() as session:
            for message in session.scalars(select(Message)):
                message.state = states.get(f"p{message.partner.email[7]}", SENT)
                message.sent_at = self.clock.now() if message.state == SENT else None

    def all_sent(self) -> None:
        with self.database.writing() as session:
            session.execute(update(Message).values(state=SENT, sent_at=self.clock.now()))

    def change(self, number: int, **columns: object) -> None:
        """Of one partner, in the survey or for good."""
        with self.database.writing() as session:
            partner = session.scalars(select(Partner).where(Partner.email == partner_email(number))).one()
            for name, value in columns.items():
                asked = session.get_one(SurveyPartner, (self.id, partner.id))
                setattr(partner if name == "opted_out_on" else asked, name, value)

    def written_to(self, round_: int) -> list[str]:
        return [m.email for m in messages_of(self.database, self.id) if m.round == round_]


MakeWorld = Callable[..., World]


@pytest.fixture
def world(network: Network, settings: Settings) -> MakeWorld:
    return lambda **survey: World(network, settings, **survey)


def test_queueing_again_writes_to_nobody_twice_and_to_who_is_new(world: MakeWorld) -> None:
    w = world(partners=3)
    assert (w.queue(), w.queue()) == (3, 0)
    with w.database.writing() as session:
        add_partners(session, session.get_one(Survey, w.id), [7])
    assert w.queue() == 1
    assert w.written_to(0) == [partner_email(n) for n in (0, 1, 2, 7)]


def test_the_database_itself_refuses_a_second_message_of_a_round(world: MakeWorld) -> None:
    w = world(partners=1)
    w.queue()
    with w.database.reading() as session:
        row = session.scalars(select(Message)).one()
        same = {"survey_id": row.survey_id, "partner_id": row.partner_id, "not_before": NOW}
    with pytest.raises(IntegrityError), w.database.writing() as session:
        session.execute(insert(Message).values(**same, public_id="x", kind="reminder", round=0))


def test_who_opted_out_or_has_finished_is_not_invited(world: MakeWorld) -> None:
    w = world(partners=3)
    w.change(0, opted_out_on=TODAY)
    w.change(1, finished_on=TODAY)
    assert w.queue() == 1
    assert w.written_to(0) == [partner_email(2)]


def test_an_anonymous_survey_invites_by_mail_server_only(world: MakeWorld) -> None:
    w = world(mode="anonymous")
    w.settings = replace(w.settings, mail_server=None)
    with pytest.raises(Refused, match="This survey is anonymous and there is no mail server"):
        w.queue()
    assert messages_of(w.database, w.id) == []
    w.settings = replace(w.settings, mail_server=MailServer("127.0.0.1", 25))
    assert w.queue() == 3


def test_a_confidential_survey_may_write_files(world: MakeWorld) -> None:
    w = world()
    w.settings = replace(w.settings, mail_server=None)
    assert w.queue() == 3


def test_a_plan_and_a_closed_survey_send_nothing(world: MakeWorld) -> None:
    w = world(opened_at=None)
    with pytest.raises(Refused, match="still a plan"):
        w.queue()
    with w.database.writing() as session:
        session.get_one(Survey, w.id).opened_at = NOW
    w.clock.move(days=30)
    with pytest.raises(Refused, match="closed"):
        w.queue()
    with pytest.raises(Refused, match="closed"):
        w.remind()


def test_what_is_queued_before_the_first_day_waits_for_its_morning(world: MakeWorld) -> None:
    w = world(partners=1, opens_on=date(2026, 6, 20))
    w.queue()
    with w.database.reading() as session:
        due = session.scalars(select(Message.not_before)).one()
    assert due == datetime(2026, 6, 20, 8, tzinfo=ZoneInfo("America/Denver"))
    with pytest.raises(Refused, match="has not begun"):
        w.remind()


def test_a_reminder_goes_to_those_whom_an_invitation_reached_and_who_have_not_finished(
    world: MakeWorld,
) -> None:
    w = world(partners=8)
    w.invited(p1="failed", p2="bounced", p3="queued", p4="withdrawn", p7="uncertain")
    w.change(5, finished_on=TODAY)
    w.change(6, opted_out_on=TODAY)
    w.clock.move(days=3)
    assert w.remind() == 2
    assert w.written_to(1) == [partner_email(0), partner_email(7)]


def test_nobody_gets_two_messages_a_day(world: MakeWorld) -> None:
    w = world(partners=2)
    w.invited()
    w.clock.move(hours=3)
    assert w.remind() == 0
    w.clock.move(days=1)
    assert (w.remind(), w.remind()) == (2, 0)
    w.all_sent()
    assert w.remind() == 0
    w.clock.move(days=1)
    assert w.remind() == 2
    assert w.written_to(2) == [partner_email(0), partner_email(1)]


def test_whose_reminder_came_back_is_left_alone(world: MakeWorld) -> None:
    w = world(partners=2)
    w.invited()
    w.clock.move(days=1)
    w.remind()
    with w.database.writing() as session:
        first = session.scalars(
            select(Message).where(Message.round == 1).order_by(Message.partner_id)
        ).first()
        session.execute(update(Message).where(Message.round == 1).values(state=SENT, sent_at=w.clock.now()))
        assert first
        session.execute(update(Message).where(Message.id == first.id).values(state=FAILED))
    w.clock.move(days=1)
    w.remind()
    assert w.written_to(2) == [partner_email(1)]


def plan_reminders(w: World, *days: date) -> None:
    with w.database.writing() as session:
        session.add_all(ReminderDay(survey_id=w.id, day=day) for day in days)


def test_reminders_are_queued_on_their_day_once(world: MakeWorld) -> None:
    w = world(partners=2)
    w.invited()
    plan_reminders(w, TODAY + timedelta(days=3), TODAY + timedelta(days=6))
    w.clock.move(days=2)
    assert w.remind_all_due() == 0
    w.clock.move(days=1)
    assert (w.remind_all_due(), w.remind_all_due()) == (2, 0)
    w.all_sent()
    w.clock.move(days=3)
    assert (w.remind_all_due(), w.remind_all_due()) == (2, 0)
    assert len(messages_of(w.database, w.id)) == 6


def test_the_day_is_that_of_the_zone(world: MakeWorld) -> None:
    """23:00 in Denver is tomorrow in UTC."""
    w = world(partners=1)
    w.invited()
    plan_reminders(w, TODAY + timedelta(days=1))
    w.clock.move(hours=13)
    assert w.clock.now().date() == TODAY + timedelta(days=1)
    assert w.remind_all_due() == 0
    w.clock.move(hours=1)
    assert w.remind_all_due() == 1


def test_of_several_missed_days_one_is_made_up(world: MakeWorld) -> None:
    w = world(partners=1)
    w.invited()
    plan_reminders(w, *(TODAY + timedelta(days=n) for n in (2, 3, 4)))
    w.clock.move(days=5)
    assert w.remind_all_due() == 1
    w.all_sent()
    w.clock.move(days=1)
    assert w.remind_all_due() == 0


def test_a_reminder_day_after_the_close_does_nothing_and_harms_no_other(world: MakeWorld) -> None:
    w = world(partners=1)
    w.invited()
    plan_reminders(w, date(2026, 7, 5))
    with w.database.writing() as session:
        other = add_survey(session, 0, "other", closes_on=date(2026, 7, 30))
        session.add(SurveyPartner(survey_id=other.id, partner_id=session.scalars(select(Partner.id)).one()))
        session.flush()
        invitations.queue(session, other, w.clock.now(), None, settings=w.settings)
        session.add(ReminderDay(survey_id=other.id, day=date(2026, 7, 5)))
    w.all_sent()
    w.clock.move(days=21)
    assert w.remind_all_due() == 1
    assert w.written_to(1) == []


def test_an_open_link_is_shown_once_and_kept_as_a_hash(world: MakeWorld) -> None:
    w = world()
    tokens = []
    for cap in (50, 60):
        with w.database.writing() as session:
            survey = session.get_one(Survey, w.id)
            survey.open_link_started = 7
            tokens.append(invitations.make_open_link(session, survey, cap, NOW, None))
    with w.database.reading() as session:
        survey = session.get_one(Survey, w.id)
        kept = (survey.open_link_hash, survey.open_link_cap, survey.open_link_started)
        written = [f"{event.action} {event.detail}" for event in session.scalars(select(AuditEvent))]
    assert kept == (invitation_hash(tokens[1]), 60, 0), "the new one is the only one"
    assert written == ["open link made for at most 50", "open link made for at most 60"]


def test_an_open_link_needs_a_limit(world: MakeWorld) -> None:
    w = world()
    with pytest.raises(Refused, match="at least one"), w.database.writing() as session:
        invitations.make_open_link(session, session.get_one(Survey, w.id), 0, NOW, None)


def test_an_open_link_can_be_taken_back(world: MakeWorld) -> None:
    w = world()
    with pytest.raises(Refused, match="has no open link"), w.database.writing() as session:
        invitations.revoke_open_link(session, session.get_one(Survey, w.id), NOW, None)
    with w.database.writing() as session:
        survey = session.get_one(Survey, w.id)
        invitations.make_open_link(session, survey, 5, NOW, None)
        invitations.revoke_open_link(session, survey, NOW, None)
    with w.database.reading() as session:
        assert session.get_one(Survey, w.id).open_link_hash is None


def test_the_links_of_one_partner_can_be_taken_back(world: MakeWorld) -> None:
    w = world(partners=2)
    with w.database.writing() as session:
        partners = session.scalars(select(Partner).order_by(Partner.id)).all()
        for name, partner in (("a", 0), ("b", 0), ("c", 1)):
            session.add(
                Invitation(token_hash=name, survey_id=w.id, partner_id=partners[partner].id, made_on=TODAY)
            )
        session.flush()
        survey = session.get_one(Survey, w.id)
        assert invitations.revoke(session, survey, partners[0], NOW, None) == 2
        assert invitations.revoke(session, survey, partners[0], NOW, None) == 0
    with w.database.reading() as session:
        revoked = session.scalars(select(Invitation.token_hash).where(Invitation.revoked)).all()
    assert sorted(revoked) == ["a", "b"]
