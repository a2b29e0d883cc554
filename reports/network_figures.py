"""The network's numbers as Plotly figures. Pure; looks and labels as in ``figures``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from questionnaires.definition import ScoringRules
from reports import figures
from reports.figure_style import INK, LEVELS, LINE, MUTED, SMALL, SOFT, plain, text_on
from reports.network import Numbers

# Column and row of each state's tile: where it lies, roughly, so that neighbours stay neighbours.
TILES: dict[str, tuple[int, int]] = {
    "AK": (0, 0), "ME": (11, 0), "VT": (10, 1), "NH": (11, 1), "WA": (1, 2), "ID": (2, 2), "MT": (3, 2),
    "ND": (4, 2), "MN": (5, 2), "IL": (6, 2), "WI": (7, 2), "MI": (8, 2), "NY": (9, 2), "RI": (10, 2),
    "MA": (11, 2), "OR": (1, 3), "NV": (2, 3), "WY": (3, 3), "SD": (4, 3), "IA": (5, 3), "IN": (6, 3),
    "OH": (7, 3), "PA": (8, 3), "NJ": (9, 3), "CT": (10, 3), "CA": (1, 4), "UT": (2, 4), "CO": (3, 4),
    "NE": (4, 4), "MO": (5, 4), "KY": (6, 4), "WV": (7, 4), "VA": (8, 4), "MD": (9, 4), "DE": (10, 4),
    "AZ": (2, 5), "NM": (3, 5), "KS": (4, 5), "AR": (5, 5), "TN": (6, 5), "NC": (7, 5), "SC": (8, 5),
    "DC": (9, 5), "OK": (4, 6), "LA": (5, 6), "MS": (6, 6), "AL": (7, 6), "GA": (8, 6), "HI": (0, 7),
    "TX": (4, 7), "FL": (9, 7), "PR": (11, 7), "VI": (11, 6), "GU": (0, 6), "AS": (0, 5), "MP": (0, 4),
}  # fmt: skip
_SCALE = [[place / (len(LEVELS) - 1), colour] for place, colour in enumerate(LEVELS)]


def tile_map(states: Sequence[Numbers], colours: Mapping[str, float | None]) -> go.Figure:
    """A tile a state: its code and how many of its pairs have answered; its colour is a mean index.

    ``states``: rows with value, complete, expected. ``colours``: state -> mean index of 100, its own or its
    region's; None where neither may be shown (the tile stays light and is framed).
    """
    placed = [row for row in states if row["value"] in TILES]
    known = [row for row in placed if colours.get(row["value"]) is not None]
    figure = go.Figure()
    for rows, scale in ((placed, [[0, SOFT], [1, SOFT]]), (known, _SCALE)):
        figure.add_trace(
            go.Heatmap(
                x=[TILES[row["value"]][0] for row in rows],
                y=[TILES[row["value"]][1] for row in rows],
                z=[colours.get(row["value"]) or 0 for row in rows],
                zmin=0,
                zmax=100,
                colorscale=scale,
                showscale=False,
                xgap=2,
                ygap=2,
                hoverinfo="skip",
            )
        )
    figure.add_trace(_tile_words(placed, colours))
    axis = {"visible": False, "fixedrange": True}
    return figure.update_layout(
        xaxis=axis | {"range": [-0.6, 11.6]},
        yaxis=axis | {"range": [7.6, -0.6]},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        height=420,
        showlegend=False,
    )


def _tile_words(placed: Sequence[Numbers], colours: Mapping[str, float | None]) -> go.Scatter:
    shares = [colours.get(row["value"]) for row in placed]
    return go.Scatter(
        x=[TILES[row["value"]][0] for row in placed],
        y=[TILES[row["value"]][1] for row in placed],
        mode="text",
        text=[f"{row['value']}<br>{row['complete']}/{row['expected']}" for row in placed],
        textfont={"size": 12, "color": [INK if s is None else text_on(s / 100) for s in shares]},
        hovertext=[_tile_hover(row, colours) for row in placed],
        hoverinfo="text",
    )


def _tile_hover(row: Numbers, colours: Mapping[str, float | None]) -> str:
    mean = colours.get(row["value"])
    said = "no mean index shown" if mean is None else f"mean index {mean:.0f} of 100"
    return f"{row['value']}: {row['complete']} of {row['expected']} pairs, {said}"


def level_bars(levels: Sequence[Numbers]) -> go.Figure:
    """How many pairs stand at each level; a hidden count is a word, not a bar."""
    names = [f"{level['level']} {plain(level['name'])}" for level in levels]
    counts = [level["count"] for level in levels]
    words = ["hidden" if count is None else f"{count:,}" for count in counts]
    figure = go.Figure(
        go.Bar(
            x=[count or 0 for count in counts],
            y=names,
            orientation="h",
            marker={"color": list(LEVELS[: len(levels)]), "line": {"color": MUTED, "width": 1}},
            text=words,
            textposition="outside",
            textfont=SMALL | {"color": INK},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    most = max([count or 0 for count in counts], default=0)
    return figure.update_layout(
        xaxis={"title": "Pairs", "range": [0, max(most, 1) * 1.2], "fixedrange": True, "gridcolor": LINE},
        yaxis={"autorange": "reversed", "fixedrange": True},
        height=60 + 44 * max(len(levels), 1),
        margin={"l": 130, "r": 20, "t": 10, "b": 44},
        showlegend=False,
    )


def domain_means(domains: Sequence[Numbers], titles: Mapping[str, str], rules: ScoringRules) -> go.Figure:
    """Both sides' means by domain, of the domains that show both."""
    rows = [domain for domain in domains if domain["gap"] is not None]
    frame = pd.DataFrame(
        {
            "title": [titles[domain["id"]] for domain in rows],
            "fusion_center": [domain["fusion_center"] for domain in rows],
            "eoc": [domain["eoc"] for domain in rows],
            "joint": [domain["mean"] for domain in rows],
            "reportable": True,
            "in_base": True,
            "perception_gap": [abs(domain["gap"]) >= rules.perception_gap for domain in rows],
        }
    )
    return figures.dumbbell(frame, rules)
