"""`invitations send`, `mail deliver` and `mail bounced` from the command line."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from assessment.models.surveys import Invitation, Message, ReminderDay, Survey
from assessment.settings import MailServer
from assessment.surveys.links import invitation_hash
from assessment.working import tasks
from tests.conftest import Network
from tests.mail_sink import LINK, mail_sink, text_of
from tests.survey_world import add_partners, add_survey, states_of

Run = Callable[..., Result]


@pytest.fixture
def flask(app: Flask) -> Run:
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


def two_surveys(network: Network, **changes: Any) -> int:
    """A cycle that asks two fusion centers: FC-CO with three partners, FC-WY with one."""
    with network.database.writing() as session:
        survey = add_survey(session, 3, **changes)
        other = add_survey(session, 0, "for-a-moment", center="FC-WY", **changes)
        other.cycle_id = survey.cycle_id
        session.flush()
        add_partners(session, other, [9])
        return survey.id


def test_inviting_is_counted_by_center_and_doing_it_again_adds_nothing(network: Network, flask: Run) -> None:
    two_surveys(network)
    first, second = (flask("invitations", "send", "--cycle", "products-co") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == "FC-CO: 3 invitations queued.\nFC-WY: 1 invitation queued.\n"
    assert second.output == "FC-CO: 0 invitations queued.\nFC-WY: 0 invitations queued.\n"
    with network.database.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 4


@pytest.mark.parametrize("code", ["nowhere", "spring"])
def test_what_is_no_survey_is_said(network: Network, flask: Run, code: str) -> None:
    network.open()
    done = flask("invitations", "send", "--cycle", code)
    assert done.exit_code == 1
    assert (
        done.stderr
        == {
            "nowhere": "There is no cycle nowhere.\n",
            "spring": "Cycle spring is no product survey; nobody is invited to it by mail.\n",
        }[code]
    )


def test_it_is_all_or_nothing(network: Network, flask: Run) -> None:
    two_surveys(network)
    with network.database.writing() as session:
        session.scalars(select(Survey).order_by(Survey.id.desc())).first().mode = "anonymous"  # type: ignore[union-attr]
    done = flask("invitations", "send", "--cycle", "products-co")
    assert done.exit_code == 1
    assert done.stderr.startswith("FC-WY: This survey is anonymous and there is no mail server")
    with network.database.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_without_a_mail_server_messages_become_files(network: Network, flask: Run, tmp_path: Path) -> None:
    survey = two_surveys(network)
    flask("invitations", "send", "--cycle", "products-co")
    done = flask("mail", "deliver")
    assert (done.exit_code, done.output) == (
        0,
        "4 sent, 0 to be tried again, 0 failed, 0 withdrawn, 0 uncertain.\n",
    )
    files = list((tmp_path / "outbox").iterdir())
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    hashes = {invitation_hash(LINK.search(text_of(mail))[1]) for mail in mails}  # type: ignore[arg-type,index]
    with network.database.reading() as session:
        assert set(session.scalars(select(Invitation.token_hash))) == hashes
    assert set(states_of(network.database, survey).values()) == {"sent"}


def test_with_a_mail_server_they_go_there(network: Network, make_app: Callable[..., Flask]) -> None:
    two_surveys(network)
    with mail_sink() as sink:
        app = make_app(mail_server=MailServer(sink.host, sink.port))
        run = app.test_cli_runner()
        run.invoke(args=["invitations", "send", "--cycle", "products-co"])
        assert run.invoke(args=["mail", "deliver"]).exit_code == 0
    assert len(sink.mails) == 4


def test_a_server_that_is_away_is_said_and_everything_waits(
    network: Network, make_app: Callable[..., Flask]
) -> None:
    survey = two_surveys(network)
    with mail_sink() as sink:
        port = sink.port
    run = make_app(mail_server=MailServer("127.0.0.1", port, user="u", password="a secret")).test_cli_runner()
    run.invoke(args=["invitations", "send", "--cycle", "products-co"])
    done = run.invoke(args=["mail", "deliver"])
    assert done.exit_code == 1
    assert "does not answer" in done.stderr
    assert "a secret" not in done.output
    assert set(states_of(network.database, survey).values()) == {"queued"}


def test_a_round_reminds_on_the_day_and_releases_what_is_over(
    network: Network, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = two_surveys(network)
    flask("invitations", "send", "--cycle", "products-co")
    flask("mail", "deliver")
    with network.database.writing() as session:
        session.add(ReminderDay(survey_id=survey, day=date(2026, 6, 20)))
    released: list[int] = []
    monkeypatch.setattr(tasks, "release_if_due", lambda _database, _clock, number, _: released.append(number))
    network.clock.move(days=5)
    assert flask("mail", "deliver").output.startswith("3 sent")
    assert released == []
    network.clock.move(days=20)
    assert flask("mail", "deliver").output.startswith("0 sent")
    assert len(released) == 2
    assert survey in released


def test_a_survey_that_cannot_be_released_stops_no_mail(
    network: Network, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(tasks, "release_if_due", fail)
    two_surveys(network)
    flask("invitations", "send", "--cycle", "products-co")
    with network.database.writing() as session:
        add_survey(session, 0, "over", closes_on=date(2026, 6, 10))
    assert flask("mail", "deliver").output.startswith("4 sent")


def test_a_bounce_is_noted_by_message_id(network: Network, flask: Run, tmp_path: Path) -> None:
    survey = two_surveys(network)
    flask("invitations", "send", "--cycle", "products-co")
    flask("mail", "deliver")
    file = next((tmp_path / "outbox").iterdir())
    message_id = message_from_bytes(file.read_bytes(), policy=default)["Message-ID"]
    done = flask("mail", "bounced", message_id, "--reason", "mailbox unknown")
    assert (done.exit_code, done.output) == (0, "Noted: the message bounced.\n")
    with network.database.reading() as session:
        (message,) = session.scalars(select(Message).where(Message.state == "bounced"))
        assert message.reason == "mailbox unknown"
    again, unknown = flask("mail", "bounced", message_id), flask("mail", "bounced", "nothing@x")
    assert (again.exit_code, unknown.exit_code) == (1, 1)
    assert again.stderr.startswith("This message is bounced")
    assert unknown.stderr == "There is no message nothing.\n"
    assert survey
