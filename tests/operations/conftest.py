"""Which of these tests one process of the test run has."""

from __future__ import annotations

from pathlib import Path

import pytest

TOGETHER = Path(__file__).with_name("test_moving.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share a target that has the tables."""
    for item in items:
        if item.path == TOGETHER:
            item.add_marker(pytest.mark.xdist_group(TOGETHER.stem))
