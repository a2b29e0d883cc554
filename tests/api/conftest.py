"""What tests of the API share: a program that sends a token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from assessment.api import tokens
from assessment.api.scopes import Scope
from tests.conftest import Network


@dataclass
class Program:
    """Asks with a token and knows no cookies."""

    client: FlaskClient
    secret: str

    def get(self, path: str, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}"}
        return self.client.get(path, base_url="http://localhost", headers=headers, **kwargs)


def program_of(
    network: Network, name: str, scopes: Collection[Scope] = tuple(Scope), days: int = 30
) -> Program:
    """A program of this person's, with a token made for it."""
    wish = tokens.Wish(f"for {'-'.join(scopes)} {days}", scopes, days)
    with network.database.writing() as session:
        secret = tokens.make_token(session, network.person(name), wish, network.clock.now())
    return Program(network.app.test_client(use_cookies=False), secret)
