"""Handing messages over to a real SMTP server, well behaved or not, and to the outbox folder."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme

import assessment.mail
import assessment.settings
from assessment.mail import (
    NoServer,
    NotNow,
    OutboxFolder,
    Refusal,
    SenderRefused,
    SmtpTransport,
    Unknown,
    transport_of,
)
from assessment.settings import Mailbox, MailServer, Settings
from assessment.surveys.messages import Envelope, Rendered, mail_of
from tests.mail_sink import Sink, mail_sink, text_of

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SENDER = "survey@tandem.example.gov"
TO = "ann@agency.example"


def mail_to(address: str = TO, text: str = "Dear Ann,\n\nanswer please.\n") -> EmailMessage:
    envelope = Envelope(
        Mailbox("Center", SENDER),
        Mailbox("Ann", address),
        message_id="abc@tandem.example.gov",
        date=datetime(2026, 6, 15, tzinfo=UTC),
    )
    return mail_of(Rendered("Survey", text, f"<p>{text}</p>"), envelope)


def transport(sink: Sink, context: ssl.SSLContext | None = None, **changes: object) -> SmtpTransport:
    server = replace(MailServer(sink.host, sink.port), **changes)  # type: ignore[arg-type]
    return SmtpTransport(server, SENDER, "tandem.example.gov", context)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_what_is_sent_arrives_as_it_was_written(sink: Sink) -> None:
    out = transport(sink)
    out.connect()
    text = "Dear Ann,\n.\n..two dots\n.one\n\nü\n" + "long " * 400 + "\n"
    out.send(mail_to(text=text), TO)
    out.close()
    assert text_of(sink.mails[0]) == text
    assert sink.recipients == [TO]


def test_many_messages_share_one_connection_and_now_and_then_a_new_one(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessment.mail, "MESSAGES_A_CONNECTION", 10)
    out = transport(sink)
    for _ in range(35):
        if not out.ready:
            out.connect()
        out.send(mail_to(), TO)
    out.close()
    assert len(sink.mails) == 35
    assert (sink.connections, sink.open_most) == (4, 1)


def test_a_connection_that_stood_idle_is_not_trusted(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    out = transport(sink)
    assert not out.ready
    out.connect()
    assert out.ready
    monkeypatch.setattr(assessment.mail, "IDLE_SECONDS", 0)
    assert not out.ready
    out.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("450 mailbox busy", NotNow),
        ("452 too many recipients", NotNow),
        ("550 no such user", Refusal),
        ("553 bad name", Refusal),
    ],
)
@pytest.mark.parametrize("step", ["on_recipient", "on_data", "on_sender"])
def test_the_first_digit_says_whether_to_try_again(
    sink: Sink, step: str, answer: str, expected: type[Exception]
) -> None:
    setattr(sink, step, lambda *_: answer)
    out = transport(sink)
    out.connect()
    with pytest.raises(expected) as raised:
        out.send(mail_to(), TO)
    assert raised.value.reason == answer  # type: ignore[attr-defined]
    assert isinstance(raised.value, SenderRefused) == (step == "on_sender" and expected is Refusal)
    setattr(sink, step, lambda *_: None)
    out.send(mail_to(), TO)  # the failure leaves the connection fit for the next
    out.close()
    assert len(sink.mails) == 1


def test_no_word_after_the_whole_message_is_unknown(sink: Sink) -> None:
    sink.hang_up = lambda _: True
    out = transport(sink)
    out.connect()
    with pytest.raises(Unknown):
        out.send(mail_to(), TO)
    assert len(sink.mails) == 1
    assert not out.ready


def scripted(*answers: bytes, then: Callable[[socket.socket], None] = lambda _: None) -> MailServer:
    """A server that sends one answer a line it reads (the first unasked), then does ``then``."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, listener, connection.makefile("rb") as lines:
            for number, answer in enumerate(answers):
                if number:
                    lines.readline()
                connection.sendall(answer)
            then(connection)

    threading.Thread(target=serve, daemon=True).start()
    return MailServer("127.0.0.1", listener.getsockname()[1])


GREETING = (b"220 ready\r\n", b"250 hello\r\n")


def test_a_connection_lost_before_the_end_of_the_message_is_tried_again() -> None:
    server = scripted(*GREETING, b"250 sender\r\n", b"250 recipient\r\n")  # and gone before DATA
    out = SmtpTransport(server, SENDER, "tandem.example.gov")
    out.connect()
    with pytest.raises(NotNow, match="The connection was lost"):
        out.send(mail_to(), TO)
    assert not out.ready


def test_a_server_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment.mail, "TIMEOUT_SECONDS", 0.3)
    hanging = threading.Event()
    server = scripted(*GREETING, then=lambda _: hanging.wait(10) and None)
    out = SmtpTransport(server, SENDER, "tandem.example.gov")
    out.connect()
    with pytest.raises(NotNow, match="timed out"):
        out.send(mail_to(), TO)
    hanging.set()


def test_a_server_that_is_closing_down_takes_the_message_later() -> None:
    server = scripted(*GREETING, b"421 closing down\r\n")
    out = SmtpTransport(server, SENDER, "tandem.example.gov")
    out.connect()
    with pytest.raises(NotNow, match="421 closing down"):
        out.send(mail_to(), TO)
    assert not out.ready


def test_words_of_the_server_become_one_line() -> None:
    server = scripted(*GREETING, b"550-no\tsuch\x1b[31m user\r\n550 " + b"x" * 480 + b"\r\n")
    out = SmtpTransport(server, SENDER, "tandem.example.gov")
    out.connect()
    with pytest.raises(Refusal) as raised:
        out.send(mail_to(), TO)
    assert raised.value.reason.startswith("550 no such [31m user xxx")
    assert len(raised.value.reason) <= 400
    assert raised.value.reason.isprintable()


def test_nobody_there_is_said_and_no_message_is_touched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoServer, match=r"The mail server at 127\.0\.0\.1 does not answer"):
        SmtpTransport(MailServer("127.0.0.1", port), SENDER, "x").connect()


def test_starttls_is_used_where_it_is_offered(authority: trustme.CA) -> None:
    with mail_sink(starttls=server_side(authority)) as sink:
        out = transport(sink, client_side(authority))
        out.connect()
        out.send(mail_to(), TO)
        out.close()
    assert sink.encrypted == [True]


def test_smtps_is_tls_from_the_start(authority: trustme.CA) -> None:
    with mail_sink(tls=server_side(authority)) as sink:
        out = transport(sink, client_side(authority), tls=True)
        out.connect()
        out.send(mail_to(), TO)
        out.close()
    assert len(sink.mails) == 1


@pytest.mark.parametrize("kind", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "another name"])
def test_a_certificate_that_is_not_the_servers_ends_it(authority: trustme.CA, kind: str, fault: str) -> None:
    """Nothing is said to such a server, the password least of all."""
    name = "mail.elsewhere.example" if fault == "another name" else "127.0.0.1"
    trusted = client_side(authority if fault == "another name" else trustme.CA())
    with mail_sink(**{kind: server_side(authority, name)}, password="hidden") as sink:  # type: ignore[arg-type]
        out = transport(sink, trusted, tls=kind == "tls", user="u", password="hidden")
        with pytest.raises(NoServer, match=r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
            out.connect()
    assert sink.sign_ins == []
    assert sink.mails == []


def test_the_sign_in(authority: trustme.CA) -> None:
    with mail_sink(starttls=server_side(authority), password="p@ss word") as sink:
        out = transport(sink, client_side(authority), user="tandem", password="p@ss word")
        out.connect()
        out.send(mail_to(), TO)
        out.close()
    assert sink.sign_ins == [("tandem", "p@ss word", True)]


def test_a_wrong_password_is_said_without_the_password() -> None:
    with mail_sink(password="right") as sink, pytest.raises(NoServer) as raised:
        transport(sink, user="tandem", password="wrong-pass").connect()
    assert raised.value.reason.startswith("The mail server said 535")
    assert "wrong-pass" not in raised.value.reason + repr(raised.value.__context__ or "")


def test_no_password_goes_in_clear_to_another_machine(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment.settings, "LOOPBACK", ())
    with pytest.raises(NoServer, match="no STARTTLS, so the password was not sent"):
        transport(sink, user="tandem", password="hidden").connect()
    assert sink.sign_ins == []


def test_an_address_in_other_letters_needs_a_server_that_takes_it() -> None:
    server = scripted(*GREETING)
    out = SmtpTransport(server, SENDER, "tandem.example.gov")
    out.connect()
    with pytest.raises(Refusal, match="no addresses with letters beyond a to z"):
        out.send(mail_to("jörg@agency.example"), "jörg@agency.example")


@pytest.mark.parametrize("address", [TO, "jörg@agency.example"])
def test_without_a_server_each_message_is_a_private_file(tmp_path: Path, address: str) -> None:
    folder = OutboxFolder(tmp_path / "outbox")
    folder.connect()
    folder.send(mail_to(address), address)
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "abc.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert text_of(mail) == "Dear Ann,\n\nanswer please.\n"
    assert mail["To"].addresses[0].addr_spec.encode("utf-8", "surrogateescape").decode() == address


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(assessment.mail.os, "fsync", full)
    with pytest.raises(NotNow, match="No space left on device"):
        OutboxFolder(tmp_path / "outbox").send(mail_to(), TO)
    assert list((tmp_path / "outbox").iterdir()) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_settings_choose(settings: Settings) -> None:
    assert isinstance(transport_of(settings), OutboxFolder)
    server = MailServer("mail.example.gov", 587)
    assert isinstance(transport_of(replace(settings, mail_server=server)), SmtpTransport)
