"""The attack on the demonstration: its closed cycles, by people of every role, through what they read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.network import test_attack
from tests.network.demonstration import cycles_of, demonstration
from tests.network.random_networks import Cycle
from tests.network.reading import Reader
from tests.network.stored_networks import Stored

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    found = demonstration(tmp_path_factory.mktemp("demonstration"), sqlite_template)
    yield found
    found.network.database.engine.dispose()


@pytest.fixture(scope="module")
def cycles(demo: Stored) -> list[Cycle]:
    return cycles_of(demo)


def test_its_cycles_are_those_that_the_attack_reckons_with(demo: Stored, cycles: list[Cycle]) -> None:
    """What is read came of the raw rows: each shown number, times its n, is the sum that the attack takes."""
    reader = read(demo, cycles, "reviewer")
    rows = 0
    assert [len(cycle.status) for cycle in cycles] == [125] * 3
    for cycle, later in zip(cycles, [*cycles[1:], None], strict=True):
        after = (later, reader.scopes[later.code]) if later else None
        system = test_attack.attack.scores_shown(cycle, reader.scopes[cycle.code], after)
        ratings = test_attack.attack.Coefficients(cycle).ratings()
        for row, total in zip(system.rows, system.sums, strict=True):
            assert float((row * ratings).sum()) == pytest.approx(total, abs=1e-6)
            rows += 1
    assert rows > 1000


def read(demo: Stored, cycles: list[Cycle], name: str) -> Reader:
    """Everything that is theirs; the pairs that are open to them by name."""
    account = next(account for account in demo.accounts if account.name == name)
    reader = Reader(account, demo.network.browser(name), demo.places)
    shared = cycles[-1].shared
    for cycle in cycles:
        reader.read_network(cycle.code, cycle.status, lambda mine: mine)
        is_shared = cycle.shared & shared
        opens = [pair for pair in cycle.complete if account.opens(demo.places[pair], pair in is_shared)]
        reader.read_pairs(cycle.code, opens, is_shared)
    return reader


@pytest.mark.parametrize(
    "name", ["admin", "reviewer", "region8", "parts", "director", "california", "manager", "staff"]
)
def test_nobody_finds_anything(demo: Stored, cycles: list[Cycle], name: str) -> None:
    reader = read(demo, cycles, name)
    assert reader.wrong == []
    scopes = [reader.scopes[cycle.code] for cycle in cycles]
    known = [reader.known.get(cycle.code, set()) for cycle in cycles]
    found: list[Any] = list(test_attack.attacked(cycles, test_attack.Reader(name, scopes, known)))
    assert found == []
