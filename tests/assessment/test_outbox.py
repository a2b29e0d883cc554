"""What becomes of each message of the outbox, whatever the server or the worker does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from assessment.errors import Refused
from assessment.mail import NoServer, OutboxFolder, SmtpTransport
from assessment.models.surveys import (
    Message,
    MessageState,
    Partner,
    Survey,
    SurveyPartner,
)
from assessment.surveys import invitations, outbox
from assessment.surveys.links import invitation_hash
from tests.conftest import NOW
from tests.mail_office import MakeOffice, Office
from tests.mail_sink import LINK, Sink
from tests.survey_world import (
    messages_of,
    partner_email,
)

S = MessageState
MINUTE = timedelta(minutes=1)


def test_each_partner_gets_one_message_with_a_link_that_resolves(office: MakeOffice, sink: Sink) -> None:
    work = office(3)
    assert work.deliver().sentence == "3 sent, 0 to be tried again, 0 failed, 0 withdrawn, 0 uncertain."
    assert sorted(sink.recipients) == [partner_email(n) for n in range(3)]
    assert work.states == ["sent"] * 3
    assert work.links() == {invitation_hash(token): False for token in sink.tokens}
    assert len(set(sink.tokens)) == 3
    work.deliver()
    assert len(sink.mails) == 3


def test_the_link_is_in_the_table_before_the_server_has_the_message(office: MakeOffice, sink: Sink) -> None:
    """A partner may click at once."""
    work = office(1)
    known: list[bool] = []

    def look(_address: str, content: bytes) -> None:
        token = LINK.search(content.decode())[1]  # type: ignore[index]
        known.append(invitation_hash(token) in work.links())

    sink.on_data = look
    work.deliver()
    assert known == [True]


def test_a_temporary_failure_is_tried_again_later_each_time_after_a_longer_wait(
    office: MakeOffice, sink: Sink
) -> None:
    work = office(1)
    sink.on_recipient = lambda _: "451 try later"
    waits = []
    for _ in range(4):
        assert work.deliver().states[S.QUEUED] == 1
        assert work.message().reason == "451 try later"
        assert work.deliver().states.total() == 0, "not before its time"
        with work.database.reading() as session:
            due = session.scalars(select(Message.not_before)).one()
        waits.append((due - work.clock.now()) / MINUTE)
        work.clock.move(seconds=(due - work.clock.now()).total_seconds())
    assert waits == [1, 2, 4, 8]
    sink.on_recipient = lambda _: None
    work.deliver()
    assert (work.states, work.message().reason, work.message().attempts) == (["sent"], "", 5)
    assert sorted(work.links().values()) == [False, True, True, True, True]
    assert work.links()[invitation_hash(sink.tokens[0])] is False


def test_it_is_given_up_in_the_end(office: MakeOffice, sink: Sink) -> None:
    work = office(1)
    sink.on_recipient = lambda _: "451 try later"
    for _ in range(outbox.MOST_TRIES):
        work.deliver()
        work.clock.move(hours=5)
    assert work.states == ["failed"]
    assert work.message().reason == f"Given up after {outbox.MOST_TRIES} tries: 451 try later"
    assert set(work.links().values()) == {True}


def test_a_permanent_failure_fails_with_the_servers_words_and_is_never_tried_again(
    office: MakeOffice, sink: Sink
) -> None:
    work = office(3)
    sink.on_recipient = lambda address: "550 no such user" if address == partner_email(1) else None
    work.deliver()
    sink.on_recipient = lambda _: None
    work.clock.move(days=1)
    work.deliver()
    assert work.states == ["sent", "failed", "sent"]
    assert work.message(1).reason == "550 no such user"
    assert sorted(work.links().values()) == [False, False, True]


def test_a_sender_that_is_refused_does_not_cost_every_message(office: MakeOffice, sink: Sink) -> None:
    work = office(5)
    sink.on_sender = lambda _: "550 you may not send"
    assert work.deliver().trouble == "550 you may not send"
    assert work.states == ["failed", "queued", "queued", "queued", "queued"]


def test_without_the_server_nothing_is_touched(office: MakeOffice) -> None:
    work = office(2)

    class Away(OutboxFolder):
        ready = False

        def connect(self) -> None:
            raise NoServer("The mail server at x does not answer: refused")

    done = work.deliver(Away(work.settings.instance))
    assert done.trouble == "The mail server at x does not answer: refused"
    assert work.states == ["queued", "queued"]
    assert work.message().attempts == 0
    assert work.links() == {}


def test_a_server_that_takes_it_and_says_nothing_leaves_it_uncertain(office: MakeOffice, sink: Sink) -> None:
    work = office(3)
    sink.hang_up = lambda address: address == partner_email(1)
    work.deliver()
    work.clock.move(days=1)
    work.deliver()
    assert work.states == ["sent", "uncertain", "sent"]
    assert len(sink.mails) == 3
    assert set(work.links().values()) == {False}, "it may have arrived, so its link stays good"


class Dies(Exception):
    """Stands for the worker's end."""


class DiesAfterwards:
    """Hands a message over and is gone before anybody could write that down."""

    keeps_copies = ready = False

    def __init__(self, inner: SmtpTransport) -> None:
        self.inner = inner

    def connect(self) -> None:
        self.inner.connect()

    def close(self) -> None:
        self.inner.close()

    def send(self, mail: EmailMessage, to: str) -> None:
        self.inner.send(mail, to)
        raise Dies


def test_what_a_dead_worker_had_in_hand_becomes_uncertain_and_waits_for_a_person(
    office: MakeOffice, sink: Sink
) -> None:
    work = office(2)
    with pytest.raises(Dies):
        work.deliver(DiesAfterwards(work.transport()))  # type: ignore[arg-type]
    assert work.states == ["sending", "queued"]
    work.deliver()
    assert work.states == ["sending", "sent"], "somebody may still be at it"
    work.clock.move(minutes=16)
    assert work.deliver().states[S.UNCERTAIN] == 1
    work.clock.move(days=3)
    work.deliver()
    assert work.states == ["uncertain", "sent"]
    assert len(sink.mails) == 2
    assert all(invitation_hash(token) in work.links() for token in sink.tokens)


def uncertain(work: Office) -> None:
    with pytest.raises(Dies):
        work.deliver(DiesAfterwards(work.transport()))  # type: ignore[arg-type]
    work.clock.move(minutes=16)
    work.deliver()


def test_a_person_marks_it_sent(office: MakeOffice, sink: Sink) -> None:
    work = office(1)
    uncertain(work)
    work.decide(outbox.mark_sent)
    work.deliver()
    assert (work.states, len(sink.mails)) == (["sent"], 1)


def test_a_person_queues_it_again_and_both_links_are_good(office: MakeOffice, sink: Sink) -> None:
    work = office(1)
    uncertain(work)
    work.decide(outbox.queue_again)
    work.deliver()
    assert (work.states, len(sink.mails)) == (["sent"], 2)
    assert work.links() == {invitation_hash(token): False for token in sink.tokens}


@pytest.mark.parametrize("step", [outbox.mark_sent, outbox.queue_again])
def test_nobody_decides_about_what_is_sent(office: MakeOffice, step: Callable[..., None]) -> None:
    work = office(1)
    work.deliver()
    with pytest.raises(Refused, match="This message is sent"):
        work.decide(step)


def test_a_slow_worker_may_still_say_what_it_knows_but_not_against_a_person(
    office: MakeOffice,
) -> None:
    work = office(2)
    with work.database.writing() as session:
        claims = [outbox.claim(session, "slow", NOW, NOW.date()) for _ in range(2)]
    work.clock.move(minutes=16)
    with work.database.writing() as session:
        assert outbox.recover(session, "other", work.clock.now()) == 2
    work.decide(outbox.queue_again, 1)
    with work.database.writing() as session:
        for claimed in claims:
            assert isinstance(claimed, outbox.Claimed)
            outbox.settle(session, claimed, None, work.clock.now())
    assert work.states == ["sent", "queued"]


def test_a_message_is_claimed_once(office: MakeOffice) -> None:
    work = office(1)
    with work.database.writing() as session:
        assert isinstance(outbox.claim(session, "one", NOW, NOW.date()), outbox.Claimed)
    with work.database.writing() as session:
        assert outbox.claim(session, "two", NOW, NOW.date()) is None


@pytest.mark.parametrize("what", ["finished", "opted out", "not asked any more"])
def test_who_needs_no_message_gets_none(office: MakeOffice, sink: Sink, what: str) -> None:
    work = office(2)
    with work.database.writing() as session:
        if what == "finished":
            session.execute(update(SurveyPartner).values(finished_on=NOW.date()))
        elif what == "opted out":
            session.execute(update(Partner).values(opted_out_on=NOW.date()))
        else:
            for row in session.scalars(select(SurveyPartner)):
                session.delete(row)
    assert work.deliver().states[S.WITHDRAWN] == 2
    assert sink.mails == []
    assert work.links() == {}
    assert {m.reason for m in messages_of(work.database, work.survey_id)} == {
        "No longer wanted: they have answered, opted out, or are not asked any more."
    }, "the reason does not say which, so that an anonymous survey's list tells of nobody's answer"


@pytest.mark.parametrize("how", ["by its last day", "by hand"])
def test_messages_of_a_closed_survey_are_withdrawn(office: MakeOffice, sink: Sink, how: str) -> None:
    work = office(2)
    if how == "by hand":
        with work.database.writing() as session:
            session.get_one(Survey, work.survey_id).cycle.closed_at = NOW
    else:
        work.clock.move(days=30)
    work.deliver()
    assert (work.states, sink.mails) == (["withdrawn"] * 2, [])


def test_a_survey_that_closes_in_the_middle_sends_no_more(office: MakeOffice, sink: Sink) -> None:
    work = office(3)

    def close(_address: str, _content: bytes) -> None:
        with work.database.writing() as session:
            session.get_one(Survey, work.survey_id).cycle.closed_at = NOW

    sink.on_data = close
    work.deliver()
    assert work.states == ["sent", "withdrawn", "withdrawn"]


def test_a_bounce_ends_the_links_unless_another_message_arrived(office: MakeOffice, sink: Sink) -> None:
    work = office(1)
    work.deliver()
    work.clock.move(days=1)
    with work.database.writing() as session:
        survey = session.get_one(Survey, work.survey_id)
        assert invitations.queue_reminders(session, survey, work.clock.now(), settings=work.settings) == 1
    work.deliver()
    work.decide(outbox.mark_bounced, 1, reason="mailbox\r\nfull")
    assert (work.message(1).state, work.message(1).reason) == ("bounced", "mailbox full")
    assert set(work.links().values()) == {False}
    work.decide(outbox.mark_bounced, 0, reason="")
    assert set(work.links().values()) == {True}
    assert work.message(0).reason == "It came back."


def test_the_pace_is_kept_over_all_workers(office: MakeOffice, sink: Sink) -> None:
    work = office(6)
    work.settings = replace(work.settings, mail_per_minute=30)
    times = []
    sink.on_data = lambda *_: times.append(work.clock.now())  # type: ignore[func-returns-value]
    begin = work.clock.now()
    for _ in range(3):  # each a worker of its own
        work.deliver(limit=2, sleep=lambda seconds: work.clock.move(seconds=seconds))
    assert work.states == ["sent"] * 6
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert min(gaps) >= 2
    assert (times[-1] - begin).total_seconds() == pytest.approx(10, abs=0.1)


def test_a_limit_and_a_stop_leave_the_rest_queued(office: MakeOffice, sink: Sink) -> None:
    work = office(5)
    work.deliver(limit=2)
    assert work.states == ["sent", "sent", "queued", "queued", "queued"]
    work.deliver(stopped=lambda: len(sink.mails) >= 3)
    assert work.states == ["sent", "sent", "sent", "queued", "queued"], "the one in hand is finished"
