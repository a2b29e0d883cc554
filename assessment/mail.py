"""Handing one message after another to a mail server, or to a folder where there is none.

What became of a message has four answers, and the callers treat each differently: taken (``send`` returns),
not taken and to be tried again (``NotNow``), refused for good (``Refusal``), and not known (``Unknown``): the
server had the whole message, and the connection went before it said whether it took it.
"""

from __future__ import annotations

import os
import secrets
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from assessment.settings import LOOPBACK, MailServer, Settings

TIMEOUT_SECONDS = 30  # for each thing the server is asked
MESSAGES_A_CONNECTION = 200
IDLE_SECONDS = 20  # after which a connection is no longer trusted
WIDE = SMTPUTF8.clone(refold_source="none")
TAKEN, GO_ON = 2, 3  # first digits of the answers that let us go on


class NotSent(Exception):
    """The message was not taken; ``reason`` is what the server said, on one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotNow(NotSent):
    """A temporary failure."""


class Refusal(NotSent):
    """Refused for good."""


class SenderRefused(Refusal):
    """Refused for good because of who sends it: the next message would fare no better."""


class Unknown(Exception):
    """The server had all of the message; whether it took it was never heard."""


class NoServer(Exception):
    """No message can be handed over now; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transport(Protocol):
    """Takes messages for delivery; has at most one connection open."""

    keeps_copies: bool  # whether what is sent, links and all, stays here in readable form

    @property
    def ready(self) -> bool:
        """Whether a message can be handed over without connecting first."""

    def connect(self) -> None:
        """Be ready; NoServer where that cannot be had."""

    def send(self, mail: EmailMessage, to: str) -> None:
        """Returns where the message was taken; else NotNow, Refusal or Unknown."""

    def close(self) -> None: ...


def transport_of(settings: Settings) -> Transport:
    """What the settings name: a mail server, or the outbox folder of the instance."""
    if settings.mail_server is None:
        return OutboxFolder(settings.instance / "outbox")
    return SmtpTransport(settings.mail_server, settings.mail_from.address, _own_name(settings.base_url))


def _own_name(base_url: str) -> str:
    """How we greet the server; never looked up, which may take long where there is no name service."""
    host = urlsplit(base_url).hostname or "localhost"
    return "localhost" if host in LOOPBACK else host


class SmtpTransport:
    """One SMTP connection for many messages, made anew now and then and after every trouble."""

    keeps_copies = False

    def __init__(
        self, server: MailServer, sender: str, own_name: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._sender, self._own_name = server, sender, own_name
        self._tls = tls or ssl.create_default_context()
        self._smtp: smtplib.SMTP | None = None
        self._left = 0  # messages that this connection may still carry
        self._used_at = 0.0

    @property
    def ready(self) -> bool:
        fresh = time.monotonic() - self._used_at < IDLE_SECONDS
        return self._smtp is not None and self._left > 0 and fresh

    def connect(self) -> None:
        self.close()
        try:
            self._smtp = self._open()
        except smtplib.SMTPResponseException as error:
            raise NoServer(f"The mail server said {_words(error.smtp_code, error.smtp_error)}") from None
        except smtplib.SMTPException as error:
            raise NoServer(f"The mail server cannot be used: {_line(str(error))}") from None
        except OSError as error:
            said = _line(error.strerror or str(error))
            raise NoServer(f"The mail server at {self._server.host} does not answer: {said}") from None
        self._left, self._used_at = MESSAGES_A_CONNECTION, time.monotonic()

    def send(self, mail: EmailMessage, to: str) -> None:
        if self._smtp is None:
            raise NotNow("There was no connection to the mail server.")
        self._left, self._used_at = self._left - 1, time.monotonic()
        try:
            self._hand_over(self._smtp, mail, to)
        except Unknown:
            self._drop()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise NotNow(f"The connection was lost: {_line(str(error))}") from None
        except NotSent:
            self._forget()
            raise

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        """Without a farewell, for which a broken connection would keep us waiting."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._own_name, timeout=TIMEOUT_SECONDS, context=self._tls
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._own_name, timeout=TIMEOUT_SECONDS)
        try:
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        """STARTTLS where offered, and the sign-in, which goes in clear to this machine only."""
        server = self._server
        if smtp.sock is not None:  # else the end of each message waits for the server's next acknowledgement
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        secure = server.tls
        if not secure and smtp.has_extn("starttls"):
            smtp.starttls(context=self._tls)
            smtp.ehlo_or_helo_if_needed()
            secure = True
        if not server.user:
            return
        if not secure and not server.local:
            raise smtplib.SMTPException("it offers no STARTTLS, so the password was not sent")
        smtp.login(server.user, server.password)

    def _hand_over(self, smtp: smtplib.SMTP, mail: EmailMessage, to: str) -> None:
        wide = not to.isascii() or not self._sender.isascii()
        if wide and not smtp.has_extn("smtputf8"):
            raise Refusal("The mail server takes no addresses with letters beyond a to z.")
        options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
        _expect(TAKEN, smtp.mail(self._sender, options), SenderRefused)
        _expect(TAKEN, smtp.rcpt(to), Refusal)
        _expect(GO_ON, smtp.docmd("DATA"), Refusal)
        text = _bytes_of(mail, wide).replace(b"\r\n.", b"\r\n..")
        smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        try:
            smtp.send(b".\r\n")
            answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown from error
        if not 200 <= answer[0] <= 599:
            raise Unknown
        _expect(TAKEN, answer, Refusal)

    def _forget(self) -> None:
        """Let the server forget the message that failed; where it cannot, connect anew for the next."""
        if self._smtp is not None:
            try:
                if self._smtp.rset()[0] // 100 != TAKEN:
                    self._drop()
            except (OSError, smtplib.SMTPException):
                self._drop()


class OutboxFolder:
    """Each message a file that a mail program can open, whole or not there, readable by its owner alone."""

    keeps_copies = True
    ready = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> None: ...

    def close(self) -> None: ...

    def send(self, mail: EmailMessage, to: str) -> None:
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        content = _bytes_of(mail, wide=not to.isascii())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self._folder / f"{name}.eml", content)
        except OSError as error:
            raise NotNow(f"The outbox folder cannot be written to: {error.strerror}.") from error

    def _write(self, file: Path, content: bytes) -> None:
        half = file.with_name(f".{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)


def _bytes_of(mail: EmailMessage, wide: bool) -> bytes:
    """As it is sent; ``wide``: with addresses beyond ASCII, which only newer servers take."""
    return mail.as_bytes(policy=WIDE if wide else None)


def _expect(digit: int, answer: tuple[int, bytes], refused: type[Refusal]) -> None:
    """The server's answer is one that lets us go on; else what it means for the message."""
    code = answer[0]
    if code // 100 == digit:
        return
    if code == 421 or not 200 <= code <= 599:  # it is about to hang up, or is no longer understood
        raise smtplib.SMTPServerDisconnected(_words(*answer))
    raise (refused if code >= 500 else NotNow)(_words(*answer))


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _line(f"{code} {text}")


def _line(text: str) -> str:
    """One line without control characters, short enough to keep."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:400]
