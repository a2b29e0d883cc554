"""Which of these tests one process of the test run has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worker_groups import keep_together

TOGETHER = Path(__file__).with_name("test_moving.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share a target that has the tables."""
    for item in items if items and items[0].config.pluginmanager.hasplugin("xdist") else []:
        if item.path == TOGETHER:
            keep_together(item, TOGETHER.stem)
