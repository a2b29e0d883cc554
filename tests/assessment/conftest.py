"""Where these tests send their mail, and the office that sends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assessment.settings import Settings
from tests.conftest import Network
from tests.mail_office import MakeOffice, Office
from tests.mail_sink import Sink, mail_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as running:
        yield running


@pytest.fixture
def office(network: Network, settings: Settings, sink: Sink) -> MakeOffice:
    def make(partners: int = 3, **survey: Any) -> Office:
        return Office(network, settings, sink, partners, **survey)

    return make
