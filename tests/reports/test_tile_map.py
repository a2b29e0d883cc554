"""The map of tiles: every tile one wide and one high, whichever states are asked and have a colour."""

from __future__ import annotations

import pytest

from reports.network_figures import TILES, tile_map


def states(*codes: str) -> list[dict[str, object]]:
    return [{"value": code, "complete": 1, "expected": 1} for code in codes]


@pytest.mark.parametrize("asked", [("NV", "NE"), ("NV",), ("AK", "FL", "CO"), tuple(TILES), ()])
def test_tiles_lie_on_an_even_grid(asked: tuple[str, ...]) -> None:
    """A chart that is told only where tiles are stretches those beside an empty column."""
    coloured = {code: 40.0 + place for place, code in enumerate(asked[::2])}
    figure = tile_map(states(*asked), coloured, {})
    light, dark = figure.data[:2]
    for trace, drawn in ((light, set(asked)), (dark, set(coloured))):
        assert (trace.x0, trace.dx, trace.y0, trace.dy) == (0, 1, 0, 1)
        assert {len(row) for row in trace.z} == {1 + max(column for column, _ in TILES.values())}
        shown = {
            (column, row)
            for row, line in enumerate(trace.z)
            for column, value in enumerate(line)
            if value is not None
        }
        assert shown == {TILES[code] for code in drawn}
    for code, value in coloured.items():
        column, row = TILES[code]
        assert dark.z[row][column] == value
