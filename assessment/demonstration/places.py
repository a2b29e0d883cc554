"""Synthetic county, city and regional EOCs, for networks larger than the real directory.

Their names are made up and say that they are; wherever one sounds like a real place, none is meant.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from assessment.demonstration.chance import chance
from assessment.directory.states import FEMA_REGION

WITHOUT_COUNTIES = {"DC", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"}
FIRST = (
    "Alder", "Amber", "Birch", "Brook", "Cedar", "Clear", "Cotton", "Crane", "Dun", "Eagle", "Elk", "Fair",
    "Flint", "Fox", "Glen", "Gran", "Hazel", "Heron", "Iron", "Juniper", "Lark", "Maple", "Mill", "Oak",
    "Otter", "Pine", "Quail", "Raven", "Silver", "Stone",
)  # fmt: skip
LAST = (
    "bank", "bluff", "bridge", "crest", "dale", "fall", "field", "ford", "fork", "gate", "grove", "haven",
    "hollow", "mere", "mont", "ridge", "shore", "side", "vale", "water",
)  # fmt: skip
NAMES = {
    "county": "{place} County Emergency Operations Center (synthetic)",
    "city": "City of {place} Emergency Operations Center (synthetic)",
    "regional": "{place} Regional Emergency Operations Center (synthetic)",
}
DOZEN = 12
SHARES = {"county": 0.76, "city": 0.18, "regional": 0.06}


@dataclass(frozen=True)
class SyntheticEoc:
    """An EOC that is not there, and the fusion center that it is paired with."""

    code: str
    name: str
    level: str
    state: str
    fusion_center: str


def synthetic_eocs(
    fusion_centers: Sequence[tuple[str, str]], count: int, seed: int, first: str = ""
) -> list[SyntheticEoc]:
    """``count`` EOCs for fusion centers given as (code, state); some centers get many, some few.

    The fusion center called ``first`` gets the first dozen, so that a director's page has pairs to compare.
    """
    rng = chance(seed, "places")
    centers = [center for center in sorted(fusion_centers) if center[1] not in WITHOUT_COUNTIES]
    weights = [rng.choice((1, 2, 2, 3, 5)) for _ in centers]
    names = {state: _names(seed, state) for _, state in centers}
    numbers = dict.fromkeys(names, 0)
    dozen = [center for center in centers if center[0] == first] * DOZEN
    found = []
    for place in range(count):
        drawn = rng.choices(centers, weights)[0]
        fusion_center, state = dozen[place] if place < len(dozen) else drawn
        level = rng.choices(list(SHARES), list(SHARES.values()))[0]
        number = numbers[state]
        numbers[state] += 1
        town = names[state][number % len(names[state])]
        town += f" {number // len(names[state]) + 1}" if number >= len(names[state]) else ""
        name = NAMES[level].format(place=town)
        found.append(SyntheticEoc(f"EOC-{state}-S{number + 1:03}", name, level, state, fusion_center))
    return found


def _names(seed: int, state: str) -> list[str]:
    names = [first + last for first in FIRST for last in LAST]
    chance(seed, "names", state).shuffle(names)
    return names


def center_lines(eocs: Sequence[SyntheticEoc]) -> str:
    """The file that ``directory import-centers`` would take."""
    rows = [(e.code, e.name, "eoc", e.level, e.state, FEMA_REGION[e.state]) for e in eocs]
    return _csv(("code", "name", "kind", "level", "state", "fema_region"), rows)


def pair_lines(eocs: Sequence[SyntheticEoc]) -> str:
    """The file that ``directory import-pairs`` would take."""
    return _csv(("fusion_center", "eoc"), [(e.fusion_center, e.code) for e in eocs])


def _csv(header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()
