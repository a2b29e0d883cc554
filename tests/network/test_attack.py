"""What the attack finds: nothing, as long as hiding is on; and a great deal when it is off."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pytest

from reports import disclosure, network, network_counts, network_shown
from reports.cell_families import CellFamilies
from tests.network import attack
from tests.network.count_attack import guidance_sets, level_sets, pinned_guidance, pinned_levels
from tests.network.random_networks import Cycle, Place, random_cycles, small_items
from tests.reports.builder import EOC, FC

SEEDS = [*range(8), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(8, 200))]


@dataclass(frozen=True)
class Reader:
    """Which scopes somebody reads of each cycle, and which pairs they have by name."""

    name: str
    scopes: list[dict[str, Any]]
    known: list[set[int]]


def cycles_of(seed: int) -> list[Cycle]:
    rng = random.Random(seed)
    return random_cycles(rng, rng.randint(6, 36), 2 + seed % 2, small_items(rng))


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


def attacked(cycles: list[Cycle], reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Everything that the attack finds for a reader."""
    for number, (cycle, scopes, known) in enumerate(zip(cycles, reader.scopes, reader.known, strict=True)):
        later = (cycles[number + 1], reader.scopes[number + 1]) if number + 1 < len(cycles) else None
        where = (reader.name, cycle.code)
        for what, system, by_name in systems(cycle, scopes, known, later):
            few = attack.isolated(system, by_name)
            if few is not None:
                yield *where, what, few
        yield from ((*where, "level", *cell) for cell in pinned_levels(cycle, scopes, known))
        yield from ((*where, "guidance", *cell) for cell in pinned_guidance(cycle, scopes))


def systems(
    cycle: Cycle, scopes: dict[str, Any], known: set[int], later: tuple[Cycle, dict[str, Any]] | None
) -> Iterator[tuple[str, attack.System, set[Any]]]:
    yield "scores", attack.scores_shown(cycle, scopes, later), known
    yield "levels", level_sets(cycle, scopes), known
    for side in (FC, EOC):
        centers = {getattr(cycle.places[pair], side) for pair in known & set(cycle.complete)}
        yield side, guidance_sets(cycle, scopes, side), centers


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_found(seed: int) -> None:
    cycles = cycles_of(seed)
    assert [found for reader in readers(seed, cycles) for found in attacked(cycles, reader)] == []


ONCE_FOUND = 160  # a count of one, of a pair that not every reader has by name
MORE = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(200) if seed != ONCE_FOUND]


@pytest.mark.parametrize("seed", [ONCE_FOUND, *MORE])
def test_nothing_is_found_where_little_is_missing(seed: int) -> None:
    """Four cycles of which most is shown, trends too."""
    rng = random.Random(repr(("trend", seed)))
    items = small_items(rng)
    cycles = random_cycles(rng, rng.randint(12, 60), 4, items, tidy=True)
    assert [found for reader in readers(seed, cycles) for found in attacked(cycles, reader)] == []


TELLING = (2, 3, 5, 6, 9, 17, 18)  # networks of which much is shown
LONG = pytest.param(range(60), marks=pytest.mark.soak, id="long")


@pytest.mark.parametrize("seeds", [pytest.param(TELLING, id="telling"), LONG])
def test_the_attack_has_the_numbers_right(seeds: Iterable[int]) -> None:
    """Each shown number, times its n, is the sum that the attack takes it for. The long form: 60 networks."""
    rows = 0
    for seed in seeds:
        cycles = cycles_of(seed)
        for cycle, later in zip(cycles, [*cycles[1:], None], strict=True):
            after = (later, later.release.scopes) if later else None
            system = attack.scores_shown(cycle, cycle.release.scopes, after)
            ratings = attack.Coefficients(cycle).ratings()
            for row, total in zip(system.rows, system.sums, strict=True):
                assert float((row * ratings).sum()) == pytest.approx(total, abs=1e-6)
                rows += 1
    assert rows > 500


LEFT, FAMILIES = disclosure.Pieces._left, network_shown.ShownScores._families


def alone(self: Any, members: Any, telling: Any, alike: Any = None) -> Any:
    """Families of which everybody counts whom no reader has by name, whatever else is shown."""
    return FAMILIES(self, members, [np.ones_like(tells) for tells in telling])


def by_itself(self: Any, cells: Any) -> Any:
    """A group less nothing."""
    inside = self._by_piece(self.left * cells)
    return inside, inside, np.zeros(len(inside), dtype=bool)


SWITCHED_OFF: dict[str, list[tuple[Any, str, Any]]] = {
    "the floor is one": [(disclosure, "FLOOR", 1)],
    "every group is allowed": [
        (disclosure.Pieces, "allows", lambda *_: True),
        (CellFamilies, "allowed", lambda self, cells: np.ones(len(self.sizes), dtype=bool)),
    ],
    "a group counts alone": [
        (disclosure.Pieces, "_left", lambda self, group, telling, alike: int((group & ~self.known).sum())),
        (network_shown.ShownScores, "_families", alone),
        (CellFamilies, "_pieces_met", by_itself),
    ],
    "each kind of number counts alone": [
        (
            disclosure.Pieces,
            "_left",
            lambda self, group, telling, alike: LEFT(self, group, (~self.known).astype(int), None),
        ),
        (network_shown.ShownScores, "_families", alone),
    ],
}


@pytest.mark.parametrize("what", SWITCHED_OFF)
def test_with_a_rule_switched_off_it_finds_pairs(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for switch in SWITCHED_OFF[what]:
        monkeypatch.setattr(*switch)
    networks = (cycles_of(seed) for seed in (3, 8, 9, 11, 13))
    found = (next(attacked(cycles, readers(0, cycles)[0]), None) for cycles in networks)
    three = list(islice(filter(None, found), 3))
    assert len(three) == 3, three


def test_counts_that_only_whole_numbers_give_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at what hidden counts can be, some can be one thing only."""
    monkeypatch.setattr(network_counts, "open_cells", lambda found: found.shown)
    cycle = five_regions()
    assert pinned_levels(cycle, cycle.release.scopes, set())
    monkeypatch.undo()
    again = five_regions()
    assert not pinned_levels(again, again.release.scopes, set())


def five_regions() -> Cycle:
    """Five regions of seven pairs; in each one is sustained, three are in place and three informal."""
    items = [(f"A-{place}", "A", "both", 1) for place in range(3)]
    places = {
        pair: Place(pair, f"FC-{pair}", f"EOC-{pair}", region, f"S{region}", "state")
        for region in range(5)
        for pair in range(7 * region, 7 * region + 7)
    }
    raw = {pair: "4" if pair % 7 == 0 else "3" if pair % 7 < 4 else "1" for pair in places}
    return Cycle(
        code="C",
        items=items,
        places=places,
        status=dict.fromkeys(places, "complete"),
        shared=set(),
        answers={
            pair: {side: {item[0]: raw[pair] for item in items} for side in (FC, EOC)} for pair in places
        },
        guide={pair: {FC: None, EOC: None} for pair in places},
    )


def full_cycles(*cycles_of_pairs: range) -> list[Cycle]:
    """Twenty pairs of one place; these are asked in each cycle, and all answer everything."""
    items = [(f"{domain}-{place}", domain, "both", 1) for domain in "AB" for place in range(3)]
    places = {pair: Place(pair, f"FC-{pair}", f"EOC-{pair}", 1, "S1", "state") for pair in range(1, 21)}
    rng = random.Random(1)
    cycles: list[Cycle] = []
    for code, asked in zip("ABC", cycles_of_pairs, strict=False):
        answers = {
            pair: {side: {item[0]: rng.choice("01234") for item in items} for side in (FC, EOC)}
            for pair in asked
        }
        cycles.append(
            Cycle(
                code=code,
                items=items,
                places=places,
                status=dict.fromkeys(asked, "complete"),
                shared=set(),
                answers=answers,
                guide={pair: {FC: None, EOC: None} for pair in asked},
                before=cycles[-1] if cycles else None,
            )
        )
    return cycles


def test_two_trends_that_meet_in_the_cycle_between_them() -> None:
    """Pair 6 is in the first two cycles only: the one trend less the other would be its index."""
    cycles = full_cycles(range(6, 21), range(1, 21), range(7, 21))
    assert cycles[1].release.scopes["nation"]["trend"]["n"] == 15
    assert list(attacked(cycles, readers(0, cycles)[0])) == []
    enough = full_cycles(range(6, 21), range(1, 21), range(11, 21))
    assert [cycle.release.scopes["nation"]["trend"]["n"] for cycle in enough[1:]] == [15, 10]
    assert list(attacked(enough, readers(0, enough)[0])) == []


def test_own_pairs_that_have_left_count_as_known_beside_a_trend() -> None:
    """Seven pairs have left since; three of them are the director's own, so the trend would leave four."""
    cycles = full_cycles(range(1, 21), range(8, 21))
    assert cycles[1].release.scopes["nation"]["trend"]["n"] == 13
    for own in ({1, 2}, {1, 2, 3}):
        nations = [{"nation": benchmark(cycle, own)} for cycle in cycles]
        assert list(attacked(cycles, Reader("director", nations, [own] * 2))) == []
        assert (nations[1]["nation"]["trend"]["n"] is None) == (len(own) == 3)


def test_a_table_of_counts_that_the_solver_took_for_impossible() -> None:
    """Nine pairs, five with an index: what is shown is true of them, so something is possible."""
    rng = random.Random(873)
    items = [(f"A-{place}", "A", "both", 1) for place in range(2)]
    (cycle,) = random_cycles(rng, rng.randint(8, 13), 1, items)
    assert cycle.release.scopes["nation"]["index"]["n"] == 5
    assert pinned_levels(cycle, cycle.release.scopes, set()) == []


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
