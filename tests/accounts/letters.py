"""The mail about accounts as a test reads it: sent into the outbox folder, opened, its link taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from assessment.accounts.links_delivery import AccountLetters
from assessment.database import Database
from assessment.mail import transport_of
from tests.mail_sink import text_of

LINK = re.compile(r"(http\S+/(?:invitation|reset)/[A-Za-z0-9_-]{32})")


@dataclass(frozen=True)
class Post:
    """Delivers what is queued and hands out what came."""

    app: Flask

    @property
    def database(self) -> Database:
        found: Database = self.app.extensions["tandem.database"]
        return found

    @property
    def folder(self) -> Path:
        found: Path = self.app.extensions["tandem.settings"].instance / "outbox"
        return found

    def deliver(self) -> list[EmailMessage]:
        """Send what is due; the messages that came now, in the order in which they were written."""
        before = set(self.folder.glob("*.eml"))
        settings = self.app.extensions["tandem.settings"]
        clock = self.app.extensions["tandem.clock"]
        AccountLetters(self.database, transport_of(settings), settings, clock).all_due()
        new = sorted(set(self.folder.glob("*.eml")) - before, key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=default) for file in new]  # type: ignore[arg-type]

    def link(self) -> str:
        """The path of the link in the one message that comes now."""
        (mail,) = self.deliver()
        return path_in(mail)

    def rows(self, query: str, **values: object) -> list[tuple[object, ...]]:
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(query), values)]


def path_in(mail: EmailMessage) -> str:
    found = LINK.search(text_of(mail))
    assert found, text_of(mail)
    return "/" + found[1].split("/", 3)[3]
