"""The network's numbers as Plotly figures. Pure; looks and labels as in ``figures``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from questionnaires.definition import ScoringRules
from reports import figures
from reports.figure_style import (
    INK,
    LEVELS,
    LINE,
    MUTED,
    PAGE,
    SIDE_COLOURS,
    SMALL,
    SOFT,
    laid_out,
    plain,
    text_on,
    wrapped,
)
from reports.maturity import score_bounds, shown
from reports.network import Numbers
from reports.network_history import Step

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


def tile_map(
    states: Sequence[Numbers], colours: Mapping[str, float | None], links: Mapping[str, str]
) -> go.Figure:
    """A tile a state: its code and how many of its pairs have answered; its colour is a mean index.

    ``states``: rows with value, complete, expected. ``colours``: state -> mean index of 100, its own or its
    region's; None where neither may be shown (the tile stays light and is framed). ``links``: state -> where
    a click on its tile leads, of those that the reader may read.
    """
    placed = [row for row in states if row["value"] in TILES]
    known = [row for row in placed if colours.get(row["value"]) is not None]
    figure = go.Figure()
    for rows, scale in ((placed, [[0, SOFT], [1, SOFT]]), (known, _SCALE)):
        figure.add_trace(
            go.Heatmap(
                z=_on_the_grid({row["value"]: colours.get(row["value"]) or 0 for row in rows}),
                x0=0,
                dx=1,
                y0=0,
                dy=1,
                zmin=0,
                zmax=100,
                colorscale=scale,
                showscale=False,
                xgap=2,
                ygap=2,
                hoverinfo="skip",
            )
        )
    figure.add_trace(_tile_words(placed, colours, links))
    axis = {"visible": False, "fixedrange": True}
    layout = {
        "xaxis": axis | {"range": [-0.6, 11.6]},
        "yaxis": axis | {"range": [7.6, -0.6]},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "height": 420,
        "showlegend": False,
    }
    return laid_out(figure, layout)


def _on_the_grid(values: Mapping[str, float]) -> list[list[float | None]]:
    """Rows of columns, None where no tile is: of scattered cells the chart would stretch some over gaps."""
    columns, rows = (1 + max(place) for place in zip(*TILES.values(), strict=True))
    grid: list[list[float | None]] = [[None] * columns for _ in range(rows)]
    for state, value in values.items():
        column, row = TILES[state]
        grid[row][column] = value
    return grid


def _tile_words(
    placed: Sequence[Numbers], colours: Mapping[str, float | None], links: Mapping[str, str]
) -> go.Scatter:
    shares = [colours.get(row["value"]) for row in placed]
    return go.Scatter(
        x=[TILES[row["value"]][0] for row in placed],
        y=[TILES[row["value"]][1] for row in placed],
        mode="text",
        text=[f"{row['value']}<br>{row['complete']}/{row['expected']}" for row in placed],
        textfont={"size": 12, "color": [INK if s is None else text_on(s / 100) for s in shares]},
        hovertext=[_tile_hover(row, colours) for row in placed],
        customdata=[links.get(row["value"]) for row in placed],
        hoverinfo="text",
    )


def _tile_hover(row: Numbers, colours: Mapping[str, float | None]) -> str:
    mean = colours.get(row["value"])
    said = "no mean index shown" if mean is None else f"mean index {shown(mean)} of 100"
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
    layout = {
        "xaxis": {"title": "Pairs", "range": [0, max(most, 1) * 1.2], "fixedrange": True, "gridcolor": LINE},
        "yaxis": {"autorange": "reversed", "fixedrange": True},
        "height": 60 + 44 * max(len(levels), 1),
        "margin": {"l": 130, "r": 20, "t": 10, "b": 44},
        "showlegend": False,
    }
    return laid_out(figure, layout)


def domain_means(domains: Sequence[Numbers], titles: Mapping[str, str], rules: ScoringRules) -> go.Figure:
    """Both sides' means by domain, of the domains that show their gap; a word where the sides are hidden."""
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
    figure = figures.dumbbell(frame, rules)
    for place, domain in enumerate(rows):
        if domain["fusion_center"] is None:
            figure.add_annotation(_SIDES_HIDDEN | {"x": domain["mean"], "y": place})
    return figure


_SIDES_HIDDEN: dict[str, Any] = {
    "text": "both sides hidden",
    "xanchor": "left",
    "xshift": 8,
    "showarrow": False,
    "font": {"size": 13, "color": MUTED},
}


_MEASURES = {"q1": "First quartile", "median": "Median", "q3": "Third quartile", "mean": "Mean"}


def index_spread(index: Numbers, rules: ScoringRules) -> go.Figure:
    """Where the middle half of the pairs lies, over the level bands: a bar, a tick for the median, a diamond
    for the mean. What is hidden is not drawn."""
    shapes, labels = figures.level_bands(rules)
    figure = go.Figure()
    if index["median"] is not None:
        ends = [index["q1"], index["q3"]]
        figure.add_trace(_middle_half(ends))
        figure.add_trace(
            _measure(index, ["q1", "q3"], {"symbol": "line-ns", "size": 26, "line": {"width": 2}}, rules)
        )
        figure.add_trace(
            _measure(index, ["median"], {"symbol": "line-ns", "size": 34, "line": {"width": 5}}, rules)
        )
    look = {"symbol": "diamond", "size": 14, "line": {"width": 2, "color": PAGE}}
    figure.add_trace(_measure(index, ["mean"], look, rules))
    layout = {
        "shapes": shapes,
        "annotations": labels,
        "height": 190,
        "showlegend": False,
        "margin": {"l": 8, "r": 24, "t": 40, "b": 8, "pad": 4},
        "xaxis": {
            "range": [-3, 103],
            "tickvals": [*(level.from_index for level in rules.levels), 100],
            "title": {"text": "Maturity index, of 100"},
            "showgrid": False,
            "zeroline": False,
            "tickfont": SMALL,
        },
        "yaxis": {"visible": False, "range": [-1, 1]},
    }
    return laid_out(figure, layout)


def _middle_half(ends: list[float]) -> go.Scatter:
    return go.Scatter(
        x=ends, y=[0, 0], mode="lines", line={"width": 26, "color": LEVELS[2]}, hoverinfo="skip"
    )


def _measure(
    index: Numbers, names: Sequence[str], look: Mapping[str, Any], rules: ScoringRules
) -> go.Scatter:
    bounds = score_bounds(rules)
    return go.Scatter(
        x=[index[name] for name in names],
        y=[0] * len(names),
        mode="markers",
        marker={"color": INK, **look},
        hovertext=[f"{_MEASURES[name]}: {shown(index[name], bounds, 1)} of 100" for name in names],
        hoverinfo="text",
        cliponaxis=False,
    )


_INSET = 0.2  # of the way from cycle to cycle: two changes that meet in a cycle rest on different pairs
_SLOPE_ROOM = 6.0  # points above and below


def history(steps: Sequence[Step], rules: ScoringRules) -> go.Figure:
    """A line from cycle to cycle for each change that is shown; a word where it is hidden, and a dotted line
    where the questions changed."""
    names = [steps[0].before, *(step.after for step in steps)]
    known = [(place, step.trend) for place, step in enumerate(steps) if step.shown and step.trend]
    values = [trend[name] for _, trend in known for name in ("previous", "current")]
    low = max(0.0, min(values, default=_SLOPE_ROOM) - _SLOPE_ROOM)
    high = min(100.0, max(values, default=100 - _SLOPE_ROOM) + _SLOPE_ROOM)
    figure = go.Figure([_change(place, trend, names, rules) for place, trend in known])
    return figure.update_layout(
        height=380,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 40, "b": 8, "pad": 4},
        shapes=[_break(place) for place, step in enumerate(steps) if step.reworded],
        annotations=[*_notes(steps)],
        xaxis={
            "range": [-0.4, len(names) - 0.6],
            "tickvals": list(range(len(names))),
            "ticktext": [wrapped(name, 14, lines=4) for name in names],
            "gridcolor": LINE,
            "zeroline": False,
            "tickfont": SMALL,
        },
        yaxis={
            "range": [low, high],
            "title": {"text": "Mean index, of 100"},
            "gridcolor": LINE,
            "zeroline": False,
            "tickfont": SMALL,
        },
    )


def _change(place: int, trend: Numbers, names: Sequence[str], rules: ScoringRules) -> go.Scatter:
    bounds = score_bounds(rules)
    ends = [trend["previous"], trend["current"]]
    before, after = (shown(value, bounds, 1) for value in ends)
    words = f"{before} to {after} of 100 in {trend['n']:,} pairs"
    return go.Scatter(
        x=[place + _INSET, place + 1 - _INSET],
        y=ends,
        mode="lines+markers+text",
        line={"color": SIDE_COLOURS["fusion_center"], "width": 4},
        marker={"size": 12, "color": SIDE_COLOURS["fusion_center"]},
        text=[before, after],
        textposition="top center",
        textfont=SMALL | {"color": INK},
        hovertext=[f"{plain(names[place])} to {plain(names[place + 1])}: {words}"] * 2,
        hoverinfo="text",
        cliponaxis=False,
    )


def _break(place: int) -> dict[str, Any]:
    line = {"color": MUTED, "width": 2, "dash": "dot"}
    middle = place + 0.5
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": middle,
        "x1": middle,
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _notes(steps: Sequence[Step]) -> Iterator[dict[str, Any]]:
    """Above a break what broke, in the middle of a gap why there is none."""
    fixed = {"xref": "x", "yref": "paper", "showarrow": False, "font": {"size": 13, "color": MUTED}}
    for place, step in enumerate(steps):
        if step.reworded:
            words = plain(f"version {step.versions[0]} to {step.versions[1]}")
            yield {**fixed, "x": place + 0.5, "y": 1, "yanchor": "bottom", "text": words}
        if not step.shown:
            words = "hidden" if step.hidden else "no pair in both"
            yield {**fixed, "x": place + 0.5, "y": 0.5, "yanchor": "middle", "text": words}
