"""What the attack finds: nothing, as long as hiding is on; and a great deal when it is off."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from reports import disclosure, network
from tests.network import attack, count_attack
from tests.network.random_networks import Cycle, random_cycles, small_items
from tests.reports.builder import EOC, FC

SEEDS = [*range(20), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(20, 200))]


@dataclass(frozen=True)
class Reader:
    """Which scopes somebody reads of each cycle, and which pairs they have by name."""

    name: str
    scopes: list[dict[str, Any]]
    known: list[set[int]]


def cycles_of(seed: int) -> list[Cycle]:
    rng = random.Random(seed)
    return random_cycles(rng, rng.randint(6, 45), 3, small_items(rng))


def readers(seed: int, cycles: list[Cycle]) -> list[Reader]:
    """Administrator, reviewer of the nation, and directors with some and with most of the pairs."""
    rng = random.Random(seed)
    everything = [cycle.release.scopes for cycle in cycles]
    found = [
        Reader("administrator", everything, [set() for _ in cycles]),
        Reader("reviewer", everything, [cycle.shared & set(cycle.complete) for cycle in cycles]),
    ]
    for share in (0.1, 0.6):
        own = {pair for pair in cycles[0].places if rng.random() < share}
        nation = [{"nation": benchmark(cycle, own)} for cycle in cycles]
        found.append(Reader(f"director of {len(own)}", nation, [own for _ in cycles]))
    return found


def benchmark(cycle: Cycle, own: set[int]) -> dict[str, Any]:
    released = cycle.release
    nation = released.scopes["nation"]
    return network.benchmark(cycle.rules, cycle.values, own, nation, released.trend_left)


def attacked(cycles: list[Cycle], reader: Reader) -> list[Any]:
    """Everything that the attack finds for a reader."""
    found: list[Any] = []
    for number, (cycle, scopes, known) in enumerate(zip(cycles, reader.scopes, reader.known, strict=True)):
        later = (cycles[number + 1], reader.scopes[number + 1]) if number + 1 < len(cycles) else None
        where = (reader.name, cycle.code)
        systems: list[tuple[str, attack.System, Any]] = [
            ("scores", attack.scores_shown(cycle, scopes, later), known),
            ("levels", count_attack.level_sets(cycle, scopes), known),
        ]
        for side in (FC, EOC):
            centers = {getattr(cycle.places[pair], side) for pair in known & set(cycle.complete)}
            systems.append((side, count_attack.guidance_sets(cycle, scopes, side), centers))
        found += [
            (*where, what, few)
            for what, system, by_name in systems
            if (few := attack.isolated(system, by_name)) is not None
        ]
        found += [(*where, "level", cell) for cell in count_attack.pinned_levels(cycle, scopes, known)]
        found += [(*where, "guidance", cell) for cell in count_attack.pinned_guidance(cycle, scopes)]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_found(seed: int) -> None:
    cycles = cycles_of(seed)
    assert [found for reader in readers(seed, cycles) for found in attacked(cycles, reader)] == []


def test_the_attack_has_the_numbers_right() -> None:
    """Each shown number, times its n, is the sum that the attack takes it for."""
    rows = 0
    for seed in range(20):
        cycles = cycles_of(seed)
        for cycle, later in zip(cycles, [*cycles[1:], None], strict=True):
            after = (later, later.release.scopes) if later else None
            system = attack.scores_shown(cycle, cycle.release.scopes, after)
            ratings = attack.Coefficients(cycle).ratings()
            for row, total in zip(system.rows, system.sums, strict=True):
                assert float((row * ratings).sum()) == pytest.approx(total, abs=1e-6)
                rows += 1
    assert rows > 1000


def test_without_hiding_it_finds_single_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "FLOOR", 1)
    found = 0
    for seed in range(6):
        cycles = cycles_of(seed)
        found += bool(attacked(cycles, readers(seed, cycles)[0]))
    assert found >= 5


@pytest.mark.parametrize(
    ("what", "switched_off"),
    [
        ("parts of a whole", ("_left", lambda self, group, telling, alike: int((group & ~self.known).sum()))),
        ("the floor", ("allows", lambda self, group, telling=None, alike=None: True)),
    ],
)
def test_it_finds_what_each_rule_hides(
    what: str, switched_off: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting a group alone, without what others leave of it, is not enough."""
    monkeypatch.setattr(disclosure.Pieces, *switched_off)
    found = [seed for seed in range(10) if attacked(cycles_of(seed), readers(seed, cycles_of(seed))[0])]
    assert len(found) >= 5, what


def test_two_regions_and_the_nation_by_hand() -> None:
    """Twelve pairs, a region of eight, a nation: what is left of the nation is a region of four."""
    one = np.ones((12, 1))
    system = attack.System(list(range(12)), [], [])
    system.add(1, 12, one, range(12))
    assert attack.isolated(system, set()) is None
    system.add(1, 8, one, range(8))
    assert attack.isolated(system, set()) == (8, 9, 10, 11)
    assert attack.isolated(system, {8}) == (9, 10, 11)
    assert attack.isolated(system, {8, 9, 10, 11}) is None
