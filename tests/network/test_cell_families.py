"""Families asked by cells, all in one step, get the answers that each gets pair by pair, one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.cell_families import CellFamilies, by_cell
from reports.disclosure import Alike, Pieces
from reports.network_shown import cells_of, same_numbers


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Pairs in a nation, in regions, in states and levels; families of numbers that some pairs lack."""
    pairs = draw(st.integers(8, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    region = rng.integers(0, draw(st.integers(1, 4)), pairs)
    state = region * 3 + rng.integers(0, 3, pairs)
    level = rng.integers(0, draw(st.integers(1, 3)), pairs)
    masks = [np.ones(pairs, dtype=bool)]
    masks += [kind == value for kind in (region, state, level) for value in np.unique(kind)]
    families = draw(st.integers(1, 4))
    return {
        "masks": masks,
        "known": rng.random(pairs) < draw(st.sampled_from([0, 0.2, 1])),
        "has": rng.random((families, pairs)) < draw(st.sampled_from([0.6, 0.9, 1])),
        "telling": rng.random((families, pairs)) < draw(st.sampled_from([0.5, 0.9, 1])),
        "kind": rng.integers(0, draw(st.integers(1, 4)), (families, pairs)),
        "able": rng.random((families, pairs)) < 0.7,
        "finer": rng.integers(0, 3, pairs),
        "alike": draw(st.booleans()),
    }


@settings(max_examples=150, deadline=None)
@given(found=networks())
def test_all_at_once_decides_as_one_at_a_time(found: dict[str, Any]) -> None:
    masks, known, has, telling = (found[name] for name in ("masks", "known", "has", "telling"))
    cells = cells_of(masks, len(known))
    width = int(cells.max()) + 1
    alikes = [
        Alike(same_numbers(cells, found["finer"]), kind, able)
        for kind, able in zip(found["kind"], found["able"], strict=True)
    ]
    one_by_one = []
    for row in range(len(has)):
        pieces = Pieces(known)
        alike = alikes[row] if found["alike"] else None
        one_by_one.append([pieces.admit(mask & has[row], telling[row], alike) for mask in masks])

    unknown = np.ones_like(known) if known.all() else ~known
    counted = [has[row] & telling[row] & unknown for row in range(len(has))]
    left = by_cell(cells, width, counted)
    for row, who in enumerate(counted):
        if found["alike"]:
            left[row] -= alikes[row].most(np.flatnonzero(who), cells[who], width)
    families = CellFamilies(by_cell(cells, width, list(has)), left)
    at_once = []
    for mask in masks:
        of_mask = np.zeros(width, dtype=bool)
        of_mask[cells[mask]] = True
        at_once.append(families.admit(of_mask))
    assert np.array(one_by_one).T.tolist() == np.array(at_once).tolist()
