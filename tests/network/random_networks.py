"""Random networks for the comparison and for the attack: pairs that join and leave over several cycles."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from questionnaires.definition import Questionnaire, ScoringRules
from reports import network
from reports.calculation import PairScores, score_pairs
from reports.network import Release
from reports.network_trend import Change
from reports.network_values import GUIDANCE, PairValues, of_scores
from reports.scoring import plan
from reports.trend import changes, same_items
from tests.reports import reference
from tests.reports.builder import EOC, FC, value_row
from tests.reports.random_answers import questionnaire_of

Item = tuple[str, str, str, int]
RATINGS = ("0", "1", "2", "3", "4")


@dataclass(frozen=True)
class Place:
    """A pair as the directory has it."""

    pair: int
    fusion_center: str
    eoc: str
    region: int
    state: str
    eoc_level: str


@dataclass(eq=False)
class Cycle:
    """One cycle's raw rows, of complete pairs.

    ``answers`` pair -> side -> item -> "0".."4", "NA", "DK", "".
    ``guide`` pair -> side -> what it says of the guide, None for a blank.
    """

    code: str
    items: list[Item]
    places: dict[int, Place]
    status: dict[int, str]
    shared: set[int]
    answers: dict[int, dict[str, dict[str, str]]]
    guide: dict[int, dict[str, str | None]]
    before: Cycle | None = None
    _made: Release | None = field(default=None, repr=False)

    @property
    def complete(self) -> list[int]:
        return sorted(pair for pair, status in self.status.items() if status == "complete")

    @cached_property
    def found(self) -> dict[int, dict[str, Any]]:
        """What each complete pair's answers come to, by the calculation in ``tests.reports.reference``."""
        return {pair: reference.report(self.items, given) for pair, given in self.answers.items()}

    @cached_property
    def questionnaire(self) -> Questionnaire:
        return questionnaire_of(self.items)

    @cached_property
    def rules(self) -> ScoringRules:
        return plan(self.questionnaire).rules

    @cached_property
    def released(self) -> pd.DataFrame:
        rows = [
            {
                **vars(self.places[pair]),
                "fusion_center_name": self.places[pair].fusion_center,
                "eoc_name": self.places[pair].eoc,
                "status": status,
                "shared": pair in self.shared,
            }
            for pair, status in sorted(self.status.items())
        ]
        return pd.DataFrame(rows)

    @cached_property
    def frame(self) -> pd.DataFrame:
        rows: list[tuple[Any, ...]] = []
        for pair in self.complete:
            for side in (FC, EOC):
                for item, raw in self.answers[pair][side].items():
                    row = value_row(raw)
                    rows.append((pair, side, item, row["status"], row["number"], None))
                said = self.guide[pair][side]
                if said is not None:
                    rows.append((pair, side, "GUIDE", "answered", float("nan"), said))
        frame = pd.DataFrame(rows, columns=["pair", "side", "question", "status", "number", "option"])
        return frame.astype({"number": float})

    @cached_property
    def scores(self) -> PairScores:
        rows = [(pair, side) for pair in self.complete for side in (FC, EOC)]
        both = pd.DataFrame(rows, columns=["pair", "side"])
        return score_pairs(self.questionnaire, self.frame, pairs=self.complete, submitted=both)

    @cached_property
    def values(self) -> PairValues:
        return of_scores(self.released, self.scores, self.frame)

    @cached_property
    def change(self) -> Change | None:
        """As ``network_gathering`` makes it."""
        if self.before is None:
            return None
        common = same_items(self.questionnaire, self.before.questionnaire)
        pairs = changes(self.scores, self.before.scores, common).pairs
        return Change(
            previous_cycle=self.before.code,
            pairs=pairs["pair"].to_numpy(),
            previous=pairs["previous"].to_numpy(dtype=float),
            current=pairs["current"].to_numpy(dtype=float),
            earlier=self.before.values,
            earlier_groups=self.before.release.groups,
            items=common,
        )

    @cached_property
    def release(self) -> Release:
        return network.release(self.rules, self.values, self.change)

    def members(self, key: str) -> list[int]:
        """The complete pairs of a scope, found once more from the directory's facts."""
        kind, _, value = key.partition(":")
        column = {"nation": None, "region": "region", "state": "state", "level": "eoc_level"}[kind]
        return [p for p in self.complete if column is None or str(getattr(self.places[p], column)) == value]


def random_places(rng: random.Random, size: int) -> dict[int, Place]:
    """Fusion centers with one to many EOCs; regions of one pair to nearly all, states within them."""
    regions = rng.randint(1, max(1, min(10, size // 4)))
    weights = [rng.choice((1, 2, 4, 9)) for _ in range(regions)]
    states = rng.randint(1, 4)
    levels = rng.choice((("state",), ("state", "county"), ("state", "county", "city")))
    many = rng.choice((1, 3, size))
    eocs = []
    for number in range(max(1, round(size * rng.choice((0.5, 0.8, 1))))):
        region = rng.choices(range(1, regions + 1), weights)[0]
        eocs.append((f"EOC-{number}", region, f"S{region}{rng.randint(1, states)}", rng.choice(levels)))
    centers = [f"FC-{number}" for number in range(max(1, size // many))]
    places: dict[int, Place] = {}
    taken: set[tuple[str, str]] = set()
    for pair in range(1, size + 1):
        eoc, region, state, level = rng.choice(eocs)
        center = rng.choice([*centers, f"FC-own-{pair}"])
        while (center, eoc) in taken:
            center = f"FC-own-{rng.randrange(10**6)}"
        taken.add((center, eoc))
        places[pair] = Place(pair, center, eoc, region, state, level)
    return places


def small_items(rng: random.Random) -> list[Item]:
    """Two to four domains of one to four items."""
    items = []
    for number in range(rng.randint(2, 4)):
        for place in range(rng.randint(1, 4)):
            asked = rng.choices(("both", FC, EOC), (5, 1, 1))[0]
            items.append((f"D{number}-{place}", f"D{number}", asked, rng.choice((1, 1, 2))))
    return items


@dataclass(frozen=True)
class Habits:
    """How a network answers: shares of answers, pairs and domains."""

    missing: float
    domain_missing: float
    blank_guide: float
    good: float  # 0-1: how high most rate
    together: float  # how often the EOC says what the fusion center says


def random_habits(rng: random.Random, tidy: bool = False) -> Habits:
    """``tidy``: where little is missing, most is shown, and trends too."""
    found = Habits(
        missing=rng.choice((0, 0.01, 0.03, 0.08, 0.2)),
        domain_missing=rng.choice((0, 0, 0.02, 0.1, 0.3)),
        blank_guide=rng.choice((0, 0.1, 0.5)),
        good=rng.random(),
        together=rng.choice((0, 0.5, 1)),
    )
    if not tidy:
        return found
    return replace(found, missing=rng.choice((0, 0, 0.01, 0.03)), domain_missing=rng.choice((0, 0, 0.03)))


def random_answers(
    rng: random.Random, items: list[Item], habits: Habits, absent: set[str]
) -> dict[str, dict[str, str]]:
    """One pair's answers; ``absent`` are domains that do not apply to it."""
    given: dict[str, dict[str, str]] = {FC: {}, EOC: {}}
    left_out = {item[1] for item in items if rng.random() < habits.domain_missing}
    for item, domain, asked, _ in items:
        first = _answer(rng, habits)
        second = first if rng.random() < habits.together else _answer(rng, habits)
        for side, raw in ((FC, first), (EOC, second)):
            if asked not in ("both", side):
                continue
            if domain in absent:
                raw = "NA"
            elif domain in left_out and rng.random() < 0.8:
                raw = rng.choice(("NA", "DK", ""))
            given[side][item] = raw
    return given


def _answer(rng: random.Random, habits: Habits) -> str:
    if rng.random() < habits.missing:
        return rng.choice(("NA", "DK", ""))
    return RATINGS[min(4, max(0, round(rng.gauss(4 * habits.good, 1.2))))]


def random_cycles(
    rng: random.Random,
    size: int,
    count: int,
    items: list[Item],
    sharing: float | None = None,
    tidy: bool = False,
) -> list[Cycle]:
    """``count`` cycles of one network, the earliest first; each is linked to the one before."""
    places = random_places(rng, size)
    habits = random_habits(rng, tidy)
    sharing = rng.choice((0, 0.1, 0.5)) if sharing is None else sharing
    stay = rng.choice((0.7, 0.95, 1))
    answering = rng.choice((0.6, 0.9, 1))
    absent = {
        state: {item[1] for item in items if rng.random() < 0.1}
        for state in sorted({place.state for place in places.values()})
    }
    cycles: list[Cycle] = []
    for number in range(count):
        asked = [pair for pair in places if rng.random() < stay] or list(places)[:1]
        status = {p: _status(rng, answering) for p in asked}
        status[asked[0]] = "complete"
        complete = [pair for pair, how in status.items() if how == "complete"]
        cycles.append(
            Cycle(
                code=f"C{number}",
                items=items,
                places=places,
                status=status,
                shared={pair for pair in asked if rng.random() < sharing},
                answers={p: random_answers(rng, items, habits, absent[places[p].state]) for p in complete},
                guide={p: {side: _guide(rng, habits) for side in (FC, EOC)} for p in complete},
                before=cycles[-1] if cycles else None,
            )
        )
    return cycles


def _status(rng: random.Random, answering: float) -> str:
    return "complete" if rng.random() < answering else rng.choice(("one_sided", "not_started"))


def _guide(rng: random.Random, habits: Habits) -> str | None:
    if rng.random() < habits.blank_guide:
        return None
    return rng.choices(GUIDANCE, (1, 2 * habits.good + 0.1, 3 * habits.good**2 + 0.05))[0]
