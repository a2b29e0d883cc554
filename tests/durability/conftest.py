"""What the tests of durability share; those of a file run in one process of the run, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from assessment.settings import Settings
from questionnaires.library import Library
from tests.durability.crowd import Crowd, gather_crowd
from tests.durability.serving_process import AUDIT_KEY

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has all of a file: they share servers, and want what processors there are."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture
def real_app(settings: Settings, library: Library) -> Iterator[Flask]:
    """An application by the real clock, as the server processes have it."""
    as_served = replace(settings, base_url="http://127.0.0.1", audit_keys=(AUDIT_KEY,))
    app = create_app(as_served, library=library)
    yield app
    app.extensions["tandem.database"].engine.dispose()


@pytest.fixture
def make_crowd(real_app: Flask, library: Library) -> Callable[[int], Crowd]:
    return lambda pairs: gather_crowd(real_app, library, pairs)
