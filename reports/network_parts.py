"""The network's numbers from parts of its pairs: each part scored by itself, wherever that is, then released.

The unit is ``score_part``: some pairs over all cycles that follow one another. It needs no database and no
other part, so a cluster runs it as it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.definition import Questionnaire
from reports import network, network_values
from reports.archives import Part, load_part
from reports.calculation import PairScores, score_pairs
from reports.network import Numbers, Release
from reports.network_trend import Change
from reports.network_values import PairValues
from reports.scoring import Floats, plan
from reports.trend import changes, same_items

COLUMNS = ("pair", "side", "question", "status", "number", "option")


@dataclass(frozen=True, eq=False)
class CyclePart:
    """Some pairs of one cycle: ``released`` as ``network_values.of_scores`` has them. No part: no answers."""

    questionnaire: Questionnaire
    released: pd.DataFrame
    part: Part | None


@dataclass(frozen=True, eq=False)
class PartWork:
    """The same pairs in cycles that follow one another, the earliest first."""

    folder: Path
    cycles: tuple[CyclePart, ...]


@dataclass(frozen=True, eq=False)
class ScoredPart:
    """What one cycle's numbers need of some pairs; ``pairs``: those whose change can be told."""

    values: PairValues
    pairs: NDArray[Any]
    previous: Floats
    current: Floats


def both_sides(complete: Collection[Any]) -> pd.DataFrame:
    """Released pairs that are complete have two submitted sides, also where one left everything blank."""
    return pd.DataFrame(
        [(pair, side) for pair in complete for side in ("fusion_center", "eoc")], columns=["pair", "side"]
    )


def score_part(work: PartWork) -> list[ScoredPart]:
    """The scores of these pairs, a cycle each."""
    found = []
    before: tuple[Questionnaire, PairScores] | None = None
    for cycle in work.cycles:
        complete = cycle.released.loc[cycle.released["status"] == "complete", "pair"]
        frame = load_part(work.folder, cycle.part) if cycle.part else pd.DataFrame(columns=[*COLUMNS])
        scores = score_pairs(
            cycle.questionnaire, frame, pairs=sorted(complete), submitted=both_sides(complete)
        )
        values = network_values.of_scores(cycle.released, scores, frame)
        found.append(ScoredPart(values, *_change(cycle.questionnaire, scores, before)))
        before = cycle.questionnaire, scores
    return found


def _change(
    questionnaire: Questionnaire, scores: PairScores, before: tuple[Questionnaire, PairScores] | None
) -> tuple[NDArray[Any], Floats, Floats]:
    if before is None:
        return np.array([], dtype=int), np.array([]), np.array([])
    pairs = changes(scores, before[1], same_items(questionnaire, before[0])).pairs
    return (
        pairs["pair"].to_numpy(),
        pairs["previous"].to_numpy(dtype=float),
        pairs["current"].to_numpy(dtype=float),
    )


@dataclass(frozen=True, eq=False)
class ReleasedNumbers:
    """Of the last of the cycles."""

    values: PairValues
    release: Release


def release_parts(
    cycles: Sequence[tuple[str, Questionnaire]], parts: Sequence[Sequence[ScoredPart]]
) -> ReleasedNumbers:
    """What may be shown of the last of these cycles (code, questionnaire), from all parts of all of them.

    ``parts`` as ``score_part`` gives them, in the order of their pairs. What is hidden is decided here, over
    all pairs at once, by the function that decides it everywhere.
    """
    values: PairValues | None = None
    groups: Numbers = {}
    for place, (_, questionnaire) in enumerate(cycles):
        scored = [part[place] for part in parts]
        earlier, values = values, network_values.joined([part.values for part in scored])
        change = None
        if earlier is not None:
            change = Change(
                previous_cycle=cycles[place - 1][0],
                pairs=np.concatenate([part.pairs for part in scored]),
                previous=np.concatenate([part.previous for part in scored]),
                current=np.concatenate([part.current for part in scored]),
                earlier=earlier,
                earlier_groups=groups,
                items=same_items(questionnaire, cycles[place - 1][1]),
            )
        released = network.release(plan(questionnaire).rules, values, change)
        groups = released.groups
    assert values is not None
    return ReleasedNumbers(values, released)
