"""A real SMTP server in the test's own process, which keeps what it takes and misbehaves where it is told."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LINK = re.compile(r"/s/([A-Za-z0-9_-]{32})")


@dataclass
class Sink:
    """What a server took, and how it answers. An answer is a reply line; None is the usual one."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sign_ins: list[tuple[str, str, bool]] = field(default_factory=list)  # user, password, over TLS
    encrypted: list[bool] = field(default_factory=list)  # of each mail
    connections: int = 0  # all that were made
    open_now: int = 0
    open_most: int = 0
    on_sender: Callable[[str], str | None] = lambda address: None
    on_recipient: Callable[[str], str | None] = lambda address: None
    on_data: Callable[[str, bytes], str | None] = lambda address, content: None
    slow: float = 0.0  # seconds between taking a message and saying so
    hang_up: Callable[[str], bool] = lambda address: False  # having taken the message, without a word
    taken: threading.Event = field(default_factory=threading.Event)

    @property
    def tokens(self) -> list[str]:
        return [LINK.search(text_of(mail))[1] for mail in self.mails]  # type: ignore[index]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.sink.on_sender(address)
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.sink.on_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        sink, address = self.sink, envelope.rcpt_tos[0]
        content: Any = envelope.content
        answer = sink.on_data(address, content)
        if answer is None:
            sink.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
            sink.recipients.append(address)
            sink.encrypted.append(session.ssl is not None)
            sink.taken.set()
            await asyncio.sleep(sink.slow)
        if sink.hang_up(address):
            server.transport.abort()  # type: ignore[union-attr]
        return answer or "250 OK"


class _Server(SMTP):
    """Counts its connections."""

    sink: Sink

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # else the same connection, now over TLS
            self.sink.connections += 1
            self.sink.open_now += 1
            self.sink.open_most = max(self.sink.open_most, self.sink.open_now)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.sink.open_now -= 1
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self) -> SMTP:
        server = _Server(self.handler, **self.SMTP_kwargs)
        server.sink = self.handler.sink
        return server


@contextmanager
def mail_sink(
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: str = "",
    port: int = 0,
) -> Iterator[Sink]:
    """A server on this machine. ``starttls``, ``tls``: offered, or from the start; ``password``: wanted."""
    sink = Sink()

    def sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        sink.sign_ins.append((*given, session.ssl is not None))
        return AuthResult(success=given[1] == password, handled=False)

    more: dict[str, Any] = {}
    if password:
        more |= {"authenticator": sign_in, "auth_required": True, "auth_require_tls": False}
    controller = _Controller(
        _Handler(sink), sink.host, port or _free_port(), ssl_context=tls, tls_context=starttls, **more
    )
    controller.start()  # which connects once to see that it runs
    ends = time.monotonic() + 5
    while sink.open_now and time.monotonic() < ends:
        time.sleep(0.005)
    sink.port, sink.connections, sink.open_most = controller.port, 0, 0
    try:
        yield sink
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
