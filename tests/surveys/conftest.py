"""Surveys to answer, one of each mode."""

from __future__ import annotations

import pytest

from assessment.models.surveys import SurveyMode
from tests.conftest import Network
from tests.surveys.world import World, make_world


@pytest.fixture
def confidential(network: Network) -> World:
    return make_world(network)


@pytest.fixture
def anonymous(network: Network) -> World:
    return make_world(network, SurveyMode.ANONYMOUS)
