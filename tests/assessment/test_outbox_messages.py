"""What a message of the outbox holds, and where its link and its opt-out stand beside it: nowhere."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select, update

from assessment.mail import OutboxFolder
from assessment.models.surveys import (
    MessageKind,
    MessageTemplate,
    Partner,
    Survey,
    SurveyPartner,
)
from assessment.settings import Settings
from assessment.surveys import invitations
from assessment.surveys.links import opt_out_token
from tests.conftest import NOW, Network
from tests.mail_office import MakeOffice
from tests.mail_sink import LINK, Sink, text_of
from tests.survey_world import (
    add_survey,
    everything_stored,
    partner_email,
)

# What is sent knows no database.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_message_says_who_asks_and_how_to_stop_it(
    office: MakeOffice, sink: Sink, settings: Settings
) -> None:
    work = office(1, mode="anonymous", burden_minutes=12)
    work.deliver()
    (mail,) = sink.mails
    with work.database.reading() as session:
        partner = session.scalars(select(Partner.public_id)).one()
    opt_out = f"http://localhost/opt-out/{opt_out_token(partner, settings.secret_key)}"
    assert mail["List-Unsubscribe"] == f"<{opt_out}>"
    assert mail["Message-ID"] == f"<{work.message().public_id}@localhost>"
    assert mail["From"] == "Colorado Information Analysis Center <tandem@localhost>"
    assert mail["Reply-To"] == "Director Example <director@example.gov>"
    for words in (
        "Dear Partner 0,",
        "12 minutes",
        "30 June 2026",
        "This survey is anonymous:",
        "Products and information 2026",
        opt_out,
    ):
        assert words in text_of(mail), words


@ON_SQLITE
def test_the_operators_words_are_sent_and_nothing_in_them_is_run(office: MakeOffice, sink: Sink) -> None:
    work = office(1)
    body = "{{ config }} {{7*7}} {name}\n{link}\n{opt_out}"
    with work.database.writing() as session:
        session.add(
            MessageTemplate(
                survey_id=work.survey_id, kind=MessageKind.INVITATION, subject="{title}", body=body
            )
        )
    work.deliver()
    assert sink.mails[0]["Subject"] == "Products and information 2026"
    assert text_of(sink.mails[0]).startswith("{{ config }} {{7*7}} Partner 0\nhttp://localhost/s/")


@ON_SQLITE
def test_an_address_that_cannot_be_written_to_fails_and_the_rest_goes_out(
    office: MakeOffice, sink: Sink
) -> None:
    work = office(2)
    with work.database.writing() as session:
        session.execute(update(Partner).where(Partner.email == partner_email(0)).values(email="a b@x"))
    work.deliver()
    assert work.states == ["failed", "sent"]
    assert "cannot be written to" in work.message(0).reason


@ON_SQLITE
def test_only_one_connection_is_open_and_it_is_used_again(office: MakeOffice, sink: Sink) -> None:
    office(25).deliver()
    assert (sink.connections, sink.open_most, len(sink.mails)) == (1, 1, 25)


@ON_SQLITE
def test_no_connection_is_made_for_nothing(office: MakeOffice, sink: Sink) -> None:
    office(0).deliver()
    assert sink.connections == 0


def test_files_hold_no_links_of_an_anonymous_survey(office: MakeOffice, network: Network) -> None:
    """It was queued while there was a mail server; now there is none."""
    work = office(2, mode="anonymous")
    with work.database.writing() as session:
        other = add_survey(session, 0, code="open-one")
        partner = session.scalars(select(Partner)).first()
        assert partner
        session.add(SurveyPartner(survey_id=other.id, partner_id=partner.id))
        session.flush()
        invitations.queue(session, other, NOW, None, settings=work.settings)
    folder = work.settings.instance / "outbox"
    work.deliver(OutboxFolder(folder))
    assert work.states == ["queued", "queued"]
    assert len(list(folder.iterdir())) == 1


def test_no_table_and_no_log_holds_a_link_that_went_out(
    office: MakeOffice, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor where the server quotes the message in its refusal."""
    caplog.set_level(logging.DEBUG)
    work = office(6)
    seen: list[str] = []

    def quote(address: str, content: bytes) -> str | None:
        text = content.decode()
        seen.append(LINK.search(text)[1])  # type: ignore[index]
        seen.append(text.partition("/opt-out/")[2].split()[0].rstrip(">"))
        quoted = f"{seen[-2]} and {seen[-1]}"
        number = int(address[7])
        return [None, f"554 spam: {quoted}", f"451 later: {quoted}"][number % 3]

    sink.on_data = quote
    work.deliver()
    sink.hang_up = lambda _: True
    work.clock.move(minutes=2)
    work.deliver()
    with work.database.writing() as session:
        token = invitations.make_open_link(session, session.get_one(Survey, work.survey_id), 5, NOW, None)
    seen.append(token)
    assert len(seen) == 17
    kept = everything_stored(work.database) + "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if not record.name.startswith(("mail.", "asyncio"))  # the test's own server
    )
    assert "554 spam: (the link) and (the opt-out link)" in kept
    assert [secret for secret in seen if secret in kept] == []
