"""The mail about accounts, the providers that tests sign in at, and an application that knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.accounts.letters import Post
from tests.accounts.lying_provider import LyingProvider, lying_provider
from tests.accounts.travelling import known
from tests.conftest import FixedClock, Library, Network, add_network


@pytest.fixture
def post(app: Flask) -> Post:
    return Post(app)


@pytest.fixture
def lying() -> Iterator[LyingProvider]:
    with lying_provider() as running:
        yield running


@pytest.fixture
def abroad(
    make_app: Callable[..., Flask], lying: LyingProvider, library: Library, clock: FixedClock
) -> Network:
    """The small network, where people may sign in at the provider that lies on request."""
    app = make_app(identity_provider=known(lying.issuer))
    database = app.extensions["tandem.database"]
    with database.writing() as session:
        add_network(session)
    return Network(app, database, library, clock)
