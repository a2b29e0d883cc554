"""Counts of a network that may be shown: pairs at each level, centers by what they say of the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from questionnaires.definition import Side
from reports.count_bounds import Distribution, open_cells
from reports.disclosure import Bools, Pieces
from reports.network_values import BLANK, GUIDANCE, PairValues


@dataclass(frozen=True, eq=False)
class Counts:
    """What is shown: ``totals`` by scope, ``cells`` by scope and kind (position). Others are hidden."""

    totals: dict[str, int] = field(default_factory=dict)
    cells: dict[tuple[str, int], int] = field(default_factory=dict)


def level_counts(
    values: PairValues, masks: Mapping[str, Bools], scopes: Sequence[str], levels: Sequence[int]
) -> Counts:
    """Pairs with an index at each level; ``scopes`` are those whose index is shown, and so its n."""
    position = np.select([values.level == level for level in levels], list(range(len(levels))), -1)
    kinds = np.where(np.isnan(values.index), -1, position).astype(np.int64)
    found = Distribution(masks, dict.fromkeys(masks, kinds), len(levels), values.shared)
    family = Pieces(found.known, found.counts)
    for scope in scopes:
        family.show(found.group(scope))
    for scope in scopes:
        _show(found, family, scope)
    return _counted(found)


def guidance_counts(
    values: PairValues, masks: Mapping[str, Bools], scopes: Sequence[str], side: Side
) -> Counts:
    """Centers of one side by the most that they say of the guide in the scope, each once.

    Scopes that are not shown for pairs are not shown here. The members are centers now, and the floor is
    that of pairs.
    """
    codes = values.guidance[list(Side).index(side)]
    center, names = pd.factorize(values.facts[str(side)])
    known: Bools = np.bincount(center[values.shared], minlength=len(names)) > 0
    there, kinds = {}, {}
    for scope, mask in masks.items():
        there[scope] = np.bincount(center[mask], minlength=len(names)) > 0
        kinds[scope] = np.full(len(names), BLANK, dtype=np.int64)
        np.maximum.at(kinds[scope], center[mask], codes[mask])
    found = Distribution(there, kinds, len(GUIDANCE), known)
    family = Pieces(found.known, found.counts)
    for scope in scopes:
        if family.admit(found.group(scope)):
            _show(found, family, scope)
    return _counted(found)


def _show(found: Distribution, family: Pieces, scope: str) -> None:
    """The scope's total, and of its cells, the largest first, what may be shown beside all else."""
    found.totals.append(scope)
    groups: dict[int, Bools] = {kind: found.group(scope, kind) for kind in range(found.width)}
    for kind in sorted(groups, key=lambda kind: (-found.count(scope, kind), kind)):
        if family.admit(groups[kind]):
            found.shown.add((scope, kind))


def _counted(found: Distribution) -> Counts:
    return Counts(
        {scope: found.count(scope) for scope in found.totals},
        {(scope, kind): found.count(scope, kind) for scope, kind in open_cells(found)},
    )
