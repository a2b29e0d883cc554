"""The letters about accounts go out beside the surveys' mail, by the same command."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from flask import Flask

from assessment.accounts.links_delivery import AccountLetters
from assessment.mail import transport_of
from assessment.settings import MailServer, Settings
from tests.accounts.letters import Post
from tests.conftest import Network, email_of
from tests.mail_sink import mail_sink

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ask(network: Network, name: str = "manager") -> None:
    assert network.browser().post("/sign-in/forgot", {"email": email_of(name)}).status_code == 200


@SQLITE
def test_one_run_of_the_command_sends_them(network: Network, app: Flask) -> None:
    ask(network)
    done = app.test_cli_runner().invoke(args=["mail", "deliver"])
    assert done.exit_code == 0, done.output
    assert "Letters about accounts: 1." in done.output
    assert len(list(Post(app).folder.glob("*.eml"))) == 1
    again = app.test_cli_runner().invoke(args=["mail", "deliver"])
    assert "Letters about accounts" not in again.output


@SQLITE
def test_without_a_server_that_answers_they_wait_and_the_command_says_so(
    network: Network, app: Flask
) -> None:
    ask(network)
    settings: Settings = app.extensions["tandem.settings"]
    app.extensions["tandem.settings"] = replace(settings, mail_server=MailServer("127.0.0.1", 1))
    done = app.test_cli_runner().invoke(args=["mail", "deliver"])
    assert done.exit_code == 1
    assert "does not answer" in done.stderr
    assert Post(app).rows("SELECT state, attempts FROM account_letters") == [("queued", 0)]


def test_two_workers_send_each_letter_once(network: Network, settings: Settings) -> None:
    for name in ("manager", "director", "staff", "analyst"):
        ask(network, name)
    stop = Event()
    with mail_sink() as sink:
        ours = replace(settings, mail_server=MailServer(sink.host, sink.port))
        both = [
            AccountLetters(network.database, transport_of(ours), ours, network.clock, stop) for _ in range(2)
        ]
        with ThreadPoolExecutor() as threads:
            assert sum(threads.map(lambda worker: worker.all_due(), both)) == 4
    assert sorted(sink.recipients) == sorted(email_of(n) for n in ("manager", "director", "staff", "analyst"))


@SQLITE
def test_mail_scanners_and_absence_notes_are_told_that_nobody_wrote_it(network: Network, app: Flask) -> None:
    ask(network)
    (mail,) = Post(app).deliver()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
