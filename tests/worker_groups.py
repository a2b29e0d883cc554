"""Tests that share something dear to make are run by one worker."""

from __future__ import annotations

import pytest
from _pytest.nodeid import NodeId


def keep_together(item: pytest.Item, group: str) -> None:
    """Have this test run by the same worker as all others of its group.

    The mark alone does nothing here: pytest-xdist 3.8 writes the group into an attribute of the item that
    pytest 9.2 reads no more, so the name goes to where the scheduler looks for it.
    """
    item.add_marker(pytest.mark.xdist_group(group))
    if item.config.getoption("loadgroup", False):
        item._id = NodeId.parse(f"{item.nodeid}@{group}")
