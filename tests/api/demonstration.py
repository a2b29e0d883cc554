"""The demonstration behind the API, and a program of each of its people."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from assessment.accounts import services
from assessment.api import tokens
from assessment.api.scopes import Scope
from assessment.settings import Settings
from tests.api.conftest import Program
from tests.demonstration_forms import CLOCK, LIBRARY, load
from tests.made_once import hurry

ROLES = {
    "administrator": "admin@demo.example",
    "director": "director@demo.example",
    "manager": "manager@demo.example",
    "staff": "staff@demo.example",
    "reviewer": "reviewer@demo.example",
    "region": "reviewer8@demo.example",
}


@contextmanager
def demonstration(folder: Path, database_url: str, **wanted: Any) -> Iterator[Flask]:
    """An application over an empty, migrated database, with the demonstration in it."""
    settings = Settings(
        instance=folder,
        database_url=database_url,
        secret_key="a key for tests that is long enough",
        base_url="http://localhost",
        port=5000,
        proxies=0,
        timezone=CLOCK.zone,
        definitions=None,
        marking="UNCLASSIFIED",
        demo=True,
        government_banner=False,
        audit_keys=("a key for the audit trail of tests",),
    )
    app = create_app(settings, library=LIBRARY)
    app.extensions["tandem.clock"] = CLOCK
    database = app.extensions["tandem.database"]
    hurry(database)
    load(database, **wanted)
    yield app
    database.engine.dispose()


def secret_of(app: Flask, role: str) -> str:
    """A new token of the person who stands for this role, with all scopes."""
    now = CLOCK.now()
    with app.extensions["tandem.database"].writing() as session:
        person = services.find_person(session, ROLES[role])
        assert person is not None
        return tokens.make_token(
            session, person, tokens.Wish(f"tests {secrets.token_hex(8)}", tuple(Scope), 30), now
        )


def program(app: Flask, role: str) -> Program:
    return Program(app.test_client(use_cookies=False), secret_of(app, role))
