"""The attack by people of every role, who have nothing but their account and a browser.

They read the network in every scope, and the reports of the pairs that are open to them, before and after
every step: cycles are closed, reopened, corrected, closed again, and shared pairs change. What was shown at
any time counts. Then they reckon, as ``attack`` and ``count_attack`` do.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports import disclosure, network, network_counts
from tests.conftest import FixedClock, settings_in
from tests.network import attack, test_attack
from tests.network.random_networks import Cycle, random_answers, random_cycles, random_habits, small_items
from tests.network.reading import Reader
from tests.network.stored_networks import Form, Stored, fitting, stored
from tests.reports.builder import EOC, FC

SMALLEST, A_FEW, SOME, MANY = 8, 14, 24, 40  # pairs
STORED = (45, SOME)  # where much is shown, a trend too, and pairs are shared
SMALL = range(19)  # with it twenty networks in `make test`; these are read when all is over
UNHIDDEN = 5
SOAK = [pytest.param(seed, MANY, marks=pytest.mark.soak) for seed in range(200)]


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    shutil.copy(sqlite_template, tmp_path / "network.sqlite")
    return tmp_path


def network_of(folder: Path, seed: int, most: int = MANY) -> tuple[Stored, list[Cycle]]:
    """Every second network has most of its answers, so that most is shown."""
    rng = random.Random(seed)
    items = small_items(rng)
    count = 2 + seed % 3 // 2 if most > A_FEW else 2
    made = fitting(random_cycles(rng, rng.randint(SMALLEST, most), count, items, tidy=bool(seed % 2)))
    settings = settings_in(folder, f"sqlite:///{folder / 'network.sqlite'}")
    return stored(settings, FixedClock(settings.timezone), made), made


class Life:
    """What becomes of a network, and the readers who look on."""

    def __init__(self, found: Stored, made: list[Cycle], seed: int, patient: bool = True) -> None:
        """``patient``: they read after every step, and not only when all is over."""
        self.found, self.made, self.rng, self.patient = found, made, random.Random(seed), patient
        self.readers = [
            Reader(account, found.network.browser(account.name), found.places) for account in found.accounts
        ]
        self.shared: set[int] = set()  # now
        self.opened: dict[str, set[int]] = {}  # what was shared when a cycle closed first
        self.open: set[str] = set()  # cycles that were reopened
        self.late: set[tuple[str, int]] = set()  # who answered when their cycle had been reopened

    def form(self, cycle: Cycle, pair: int, side: str) -> Form:
        return pair, side, cycle.answers[pair][side], cycle.guide[pair][side]

    def invented(self, cycle: Cycle, pair: int, side: str) -> Form:
        given = random_answers(self.rng, cycle.items, random_habits(self.rng), set())
        return pair, side, given[side], self.rng.choice((None, "used"))

    def go_through(self) -> None:
        for number, cycle in enumerate(self.made):
            self.answer(number)
            self.read(number)
            self.close(cycle)
            self.read(number)
            self.correct(number)
        self.read_everything()

    def answer(self, number: int) -> None:
        cycle = self.made[number]
        self.found.open(cycle, number)
        forms = [self.form(cycle, pair, side) for pair in cycle.complete for side in (FC, EOC)]
        halves = [pair for pair, status in cycle.status.items() if status == "one_sided"]
        forms += [self.invented(cycle, pair, self.rng.choice((FC, EOC))) for pair in halves]
        self.found.hand_in(cycle.code, forms)
        self.share(cycle.shared)

    def close(self, cycle: Cycle) -> None:
        self.found.close(cycle.code)
        self.opened[cycle.code] = set(cycle.shared)

    def read_everything(self) -> None:
        for number in range(len(self.made)):
            self.read(number, everything=True)

    def correct(self, number: int) -> None:
        """Reopen this cycle or an earlier one, change this and that, and close it again (or much later)."""
        cycle = self.made[self.rng.randrange(number + 1)]
        if cycle.code in self.open:
            self.found.close(cycle.code)
        self.found.reopen(cycle.code)
        self.open.add(cycle.code)
        for pair in self.rng.sample(cycle.complete, min(3, len(cycle.complete))):
            self.found.correct(cycle.code, self.invented(cycle, pair, self.rng.choice((FC, EOC))))
        self.share({pair for pair in self.found.places if self.rng.random() < 0.3})
        self.read(number)
        late = [pair for pair, status in cycle.status.items() if status == "not_started"]
        for pair in [pair for pair in late if (cycle.code, pair) not in self.late][:2]:
            self.late.add((cycle.code, pair))
            self.found.hand_in(cycle.code, [self.invented(cycle, pair, side) for side in (FC, EOC)])
        if self.rng.random() < 0.7:
            self.found.close(cycle.code)
            self.open.remove(cycle.code)
            self.read(number)

    def share(self, shared: set[int]) -> None:
        self.found.share(shared)
        self.shared = set(shared)

    def read(self, number: int, everything: bool = False) -> None:
        """Everybody reads a cycle: scopes that are theirs and others, pairs that are theirs and others."""
        if not (everything or self.patient):
            return
        cycle = self.made[number]
        shared = self.opened.get(cycle.code, set()) & self.shared
        for reader in self.readers:
            share = 1 if everything else 0.5
            foreign = share**2 if self.patient else 0.15
            reader.read_network(
                cycle.code, cycle.status, lambda mine: self.rng.random() < (share if mine else foreign)
            )
            known = reader.known.get(cycle.code, set())
            opens = {p for p in cycle.complete if reader.account.opens(self.found.places[p], p in shared)}
            others = [p for p in cycle.complete if p not in opens]
            wanted = sorted(opens - known)
            if not self.patient:  # the others are open as one of them is
                reader.known.setdefault(cycle.code, set()).update(wanted)
                wanted, others = wanted[:1], others[:1]
            wanted += self.rng.sample(others, min(2, len(others)))
            reader.read_pairs(cycle.code, wanted, shared)
            if everything and self.patient:
                reader.read_mixed(cycle.code, cycle.status)


def attacked(life: Life, reader: Reader) -> Iterator[Any]:
    """Everything that the attack finds for a reader, and what should not have been open to them."""
    name = reader.account.name
    yield from ((name, *wrong) for wrong in reader.wrong)
    scopes = [reader.scopes[cycle.code] for cycle in life.made]
    known = [reader.known.get(cycle.code, set()) for cycle in life.made]
    yield from test_attack.attacked(life.made, test_attack.Reader(name, scopes, known))


@pytest.mark.parametrize(("seed", "most"), [STORED, *SOAK])
def test_nobody_finds_anything(folder: Path, seed: int, most: int) -> None:
    """In `make test` a network of up to 24 pairs; in the long form 200 of up to 40."""
    life = Life(*network_of(folder, seed, most), seed)
    life.go_through()
    read_what_was_released(life)
    assert [found for reader in life.readers for found in attacked(life, reader)] == []


@pytest.mark.parametrize("seed", SMALL)
def test_nobody_finds_anything_in_a_small_network(folder: Path, seed: int) -> None:
    life = Life(*network_of(folder, seed, A_FEW), seed, patient=False)
    life.go_through()
    read_what_was_released(life)
    assert [found for reader in life.readers for found in attacked(life, reader)] == []


def read_what_was_released(life: Life) -> None:
    """The attack reckons with the cycles as they were made: what is read must have come of these."""
    reviewer = next(reader for reader in life.readers if reader.account.name == "reviewer")
    for cycle in life.made:
        read = reviewer.scopes[cycle.code]
        scopes = cycle.release.scopes
        assert dict(shown({key: read[key] for key in scopes})) == pytest.approx(dict(shown(scopes)))


def shown(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], float]]:
    """Where each number stands, and what it is."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in ("level", "suppressed", "baseline_2011"):
                yield from shown(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from shown(part, (*path, place))
    elif isinstance(value, int | float):
        yield path, value


def everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is hidden but what rests on nobody."""
    for switch in test_attack.SWITCHED_OFF["every group is allowed"]:
        monkeypatch.setattr(*switch)
    monkeypatch.setattr(disclosure, "FLOOR", 1)
    monkeypatch.setattr(network, "FLOOR", -(10**6))
    monkeypatch.setattr(network_counts, "open_cells", lambda found: found.shown)


def test_without_hiding_each_of_them_finds_something(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(monkeypatch)
    life = Life(*network_of(folder, UNHIDDEN), UNHIDDEN, patient=False)
    for number, cycle in enumerate(life.made):
        life.answer(number)
        life.close(cycle)
    life.read_everything()
    read_what_was_released(life)
    for reader in life.readers:
        assert reader.wrong == []
        assert next(attacked(life, reader), None) is not None, reader.account


def test_two_cycles_that_follow_the_same_one(folder: Path) -> None:
    """All 20 pairs, then 10 of them, then 8 others: both trends and the first index leave two pairs."""
    made = fitting(test_attack.full_cycles(range(1, 21), range(1, 11), range(11, 19)))
    settings = settings_in(folder, f"sqlite:///{folder / 'network.sqlite'}")
    life = Life(stored(settings, FixedClock(settings.timezone), made), made, 0)
    for number, cycle in enumerate(made):
        life.answer(number)
    life.close(made[0])
    life.close(made[2])  # before the one that opened a day earlier: it follows the first, as that one does
    life.close(made[1])
    reader = next(reader for reader in life.readers if reader.account.name == "reviewer")
    for cycle in made:
        reader.read_network(cycle.code, cycle.status)
    assert reader.wrong == []
    read = reader.scopes
    assert [read[cycle.code]["nation"]["index"]["n"] for cycle in made] == [20, 10, 8]
    first, *later = made
    system = attack.scores_shown(first, read[first.code], None)
    of_first = attack.Coefficients(first)
    for cycle in later:
        trend = read[cycle.code]["nation"]["trend"]
        if trend is not None and trend["previous_cycle"] == first.code:
            common = of_first.common_index(attack.Coefficients(cycle))
            attack.add_trend(system, common, read[cycle.code], "previous", cycle)
    assert attack.isolated(system, set()) is None
