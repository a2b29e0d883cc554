"""A network that a file's tests have in common: made by the first of them, copied by the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.access.databases import finish
from tests.conftest import Network


def furnished_once(
    network: Network, folders: pytest.TempPathFactory, furnish: Callable[[Network], None]
) -> Network:
    """Furnish this network; on SQLite with the file of the test that has done so first, if there is one.

    Each test has a copy of its own, so that it may change what it likes. On PostgreSQL each makes it anew.
    """
    kept = folders.getbasetemp() / f"{furnish.__module__}.{furnish.__name__}.sqlite"
    if not network.database.is_sqlite:
        furnish(network)
        return network
    file = Path(str(network.database.engine.url.database))
    if not kept.exists():
        furnish(network)
        finish(network)
        shutil.copy(file, kept)
        return network
    finish(network)
    for name in ("-wal", "-shm"):
        Path(f"{file}{name}").unlink(missing_ok=True)
    shutil.copy(kept, file)
    return network
