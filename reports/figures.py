"""Frames of a pair report as Plotly figures. Pure: no web, no file, no clock.

Figures bring data, shapes and words; fonts, hover boxes and the looks of the axes come from
``assets/js/chart_theme.js``. Labels hold no tag but <br>: Plotly turns others into style attributes, which
the content security policy refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from questionnaires.definition import ScoringRules
from reports.figure_style import (
    INK,
    LEVELS,
    LINE,
    MARKS,
    MUTED,
    SIDE_COLOURS,
    SIDE_LABELS,
    SMALL,
    SOFT,
    STRONG_LINE,
    laid_out,
    plain,
    text_on,
    wrapped,
)
from reports.maturity import gap_bounds, score_bounds, shown
from reports.pair import PairTrend

_ROW, _LINE = 46, 18  # px: a row at least, a line of a label


def as_json(figure: go.Figure) -> str:
    """What ``charts.js`` reads: {"data": [...], "layout": {...}}."""
    return str(figure.to_json())


def dumbbell(domains: pd.DataFrame, rules: ScoringRules) -> go.Figure:
    """Both sides' scores by domain: filled circle, open diamond, a bar between, a tick for the joint score.

    ``domains`` as in ``PairReport``, rows top to bottom as given. A side without a score is not drawn, the
    tick only where the domain is reportable. Bars of flagged gaps are dark.
    """
    rows = range(len(domains))
    figure = go.Figure([*_bars(domains), _ticks(domains, rules)])
    for side in SIDE_LABELS:
        figure.add_trace(_side_marks(domains, side, rules))
    titles = [wrapped(title) for title in domains["title"]]
    layout = _rows_layout(titles, rules, legend=True)
    layout["annotations"] += _silent_rows(domains)
    layout["yaxis"]["tickvals"] = list(rows)
    return laid_out(figure, layout)


def _silent_rows(domains: pd.DataFrame) -> list[dict[str, Any]]:
    """A word under each row that has no tick because too little of it is answered."""
    silent = domains["in_base"].to_numpy(dtype=bool) & ~domains["reportable"].to_numpy(dtype=bool)
    where = {"x": 0.5, "xref": "x", "xanchor": "left", "yref": "y", "yanchor": "top", "yshift": -7}
    font = {"size": 12, "color": MUTED}
    return [
        {**where, "y": int(place), "text": "not enough answers", "showarrow": False, "font": font}
        for place in silent.nonzero()[0]
    ]


def profile(domains: pd.DataFrame, side: str, rules: ScoringRules) -> go.Figure:
    """One side's own scores by domain, each with its number; reads no other column than that side's."""
    own = domains[["title", side]]
    figure = go.Figure(_side_marks(own, side, rules))
    numbers = [None if pd.isna(value) else shown(value, score_bounds(rules)) for value in own[side]]
    scores = [None if number is None else f"\u00a0{number}" for number in numbers]
    figure.update_traces(
        mode="markers+text", text=scores, textposition="middle right", textfont=SMALL, showlegend=False
    )
    titles = [wrapped(title) for title in own["title"]]
    layout = _rows_layout(titles, rules)
    layout["yaxis"]["tickvals"] = list(range(len(own)))
    return laid_out(figure, layout)


def _bars(domains: pd.DataFrame) -> list[go.Scatter]:
    """The bars between the sides: one trace for plain gaps, a darker and thicker one for flagged gaps."""
    flagged = domains["perception_gap"].to_numpy(dtype=bool)
    looks = {False: {"width": 4, "color": STRONG_LINE}, True: {"width": 7, "color": MUTED}}
    traces = []
    for wide, line in looks.items():
        x: list[float | None] = []
        y: list[int | None] = []
        for place, row in enumerate(domains.to_dict("records")):
            ends = [row[side] for side in SIDE_LABELS]
            if flagged[place] == wide and not any(map(pd.isna, ends)):
                x, y = [*x, *ends, None], [*y, place, place, None]
        traces.append(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                line=line,
                hoverinfo="skip",
                showlegend=wide and bool(x),
                name="Wide gap",
                legendrank=len(MARKS),
            )
        )
    return traces


def _ticks(domains: pd.DataFrame, rules: ScoringRules) -> go.Scatter:
    told = domains["reportable"].to_numpy(dtype=bool)
    values = [value if use else None for value, use in zip(domains["joint"], told, strict=True)]
    return _marks("Joint score", "joint", values, domains["title"], rules)


def _side_marks(domains: pd.DataFrame, side: str, rules: ScoringRules) -> go.Scatter:
    return _marks(SIDE_LABELS[side], side, list(domains[side]), domains["title"], rules)


def _marks(
    name: str, mark: str, values: Sequence[float | None], titles: pd.Series[Any], rules: ScoringRules
) -> go.Scatter:
    """One mark a row; missing values are left out by their null."""
    x = [None if value is None or pd.isna(value) else float(value) for value in values]
    hover = [
        "" if value is None else f"{plain(title)}: {name} {shown(value, score_bounds(rules), 1)} of 100"
        for value, title in zip(x, titles, strict=True)
    ]
    y = list(range(len(x)))
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        name=name,
        marker=MARKS[mark],
        hovertext=hover,
        hoverinfo="text",
        cliponaxis=False,
        legendrank=list(MARKS).index(mark),
    )


def _rows_layout(titles: list[str], rules: ScoringRules, legend: bool = False) -> dict[str, Any]:
    """Rows from top to bottom over the level bands, scores 0 to 100 from left to right."""
    lines = [title.count("<br>") + 1 for title in titles]
    widest = max((first + second for first, second in pairwise(lines)), default=0) / 2
    height = max(_ROW, int(_LINE * widest)) * len(titles)
    shapes, labels = level_bands(rules)
    return {
        "height": height + (140 if legend else 110),
        "shapes": shapes,
        "annotations": labels,
        "showlegend": legend,
        "legend": {"y": 1 + 30 / height, "yanchor": "bottom", "x": 0, "xanchor": "left", "orientation": "h"},
        "margin": {"l": 8, "r": 24, "t": 40, "b": 8, "pad": 4},
        "xaxis": {
            "range": [-3, 103],  # a mark at either end keeps clear of the labels
            "tickvals": [*_bounds(rules), 100],
            "title": {"text": "Score, of 100"},
            "showgrid": False,
            "zeroline": False,
            "tickfont": SMALL,
        },
        "yaxis": {
            "range": [len(titles) - 0.5, -0.5],
            "ticktext": titles,
            "showline": False,
            "showgrid": False,
            "zeroline": False,
            "tickfont": SMALL,
        },
    }


def _bounds(rules: ScoringRules) -> list[float]:
    return [level.from_index for level in rules.levels]


def level_bands(rules: ScoringRules) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A band for each level, told apart by shade and line, with its number above it."""
    shapes, labels = [], []
    edges = [*_bounds(rules), 100.0]
    for place, level in enumerate(rules.levels):
        low, high = edges[place], edges[place + 1]
        across = {"type": "rect", "xref": "x", "yref": "paper", "x0": low, "x1": high, "y0": 0, "y1": 1}
        fill = LEVELS[0] if place % 2 else SOFT
        shapes.append({**across, "layer": "below", "fillcolor": fill, "line": {"width": 1, "color": LINE}})
        labels.append(
            {
                "text": f"{'' if place else 'Level '}{level.level}",
                "x": (low + high) / 2,
                "xref": "x",
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 13, "color": MUTED},
            }
        )
    return shapes, labels


_DARK_FROM = 5  # items in the darkest cell at least, so that single items stay light


def answer_matrix(counts: pd.DataFrame) -> go.Figure:
    """How often each two answers meet: rows fusion center (0 below), columns EOC; the diagonal is framed.

    ``counts`` as in ``PairReport.answer_matrix``. A cell without an item stays empty.
    """
    size = len(counts)
    labels = [plain(str(label)) for label in counts.columns]
    most = max(int(counts.to_numpy().max()), _DARK_FROM) if size else _DARK_FROM
    filled = [[int(count) or None for count in row] for row in counts.to_numpy()]
    hover = [
        [
            f"Fusion center {row}, EOC {column}: {_items(count)}"
            for column, count in zip(labels, line, strict=True)
        ]
        for row, line in zip(map(plain, map(str, counts.index)), counts.to_numpy(), strict=True)
    ]
    cells = go.Heatmap(
        z=filled,
        x=list(range(size)),
        y=list(range(size)),
        zmin=0,
        zmax=most,
        colorscale=[[place / (len(LEVELS) - 1), colour] for place, colour in enumerate(LEVELS)],
        showscale=False,
        xgap=2,
        ygap=2,
        text=hover,
        hoverinfo="text",
    )
    axis: dict[str, Any] = {
        "tickvals": list(range(size)),
        "ticktext": labels,
        "range": [-0.53, size - 0.47],
        "showgrid": False,
    }
    axis |= {"zeroline": False, "constrain": "domain"}
    layout = {
        "height": 440,
        "shapes": _cell_frames(size),
        "annotations": _cell_counts(filled, most),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
        "xaxis": {**axis, "title": {"text": "EOC's answer"}},
        "yaxis": {**axis, "title": {"text": "Fusion center's answer"}, "scaleanchor": "x"},
    }
    return laid_out(go.Figure(cells), layout)


def _items(count: Any) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _cell_frames(size: int) -> list[dict[str, Any]]:
    """A thin line round each cell and a heavy one round those on the diagonal."""
    cells = [(row, column) for row in range(size) for column in range(size)]
    cells.sort(key=lambda cell: cell[0] == cell[1])
    return [
        {
            "type": "rect",
            "x0": column - 0.5,
            "x1": column + 0.5,
            "y0": row - 0.5,
            "y1": row + 0.5,
            "line": {"width": 3, "color": INK} if row == column else {"width": 1, "color": LINE},
        }
        for row, column in cells
    ]


def _cell_counts(filled: list[list[int | None]], most: int) -> list[dict[str, Any]]:
    """The count in each cell that has one, light on dark cells."""
    return [
        {
            "text": str(count),
            "x": column,
            "y": row,
            "showarrow": False,
            "font": {"size": 17, "weight": "bold", "color": text_on(count / most)},
        }
        for row, counts in enumerate(filled)
        for column, count in enumerate(counts)
        if count
    ]


_WAYS = (
    ("Higher now", 1, {"color": SIDE_COLOURS["fusion_center"], "width": 2.5, "dash": "solid"}),
    ("Lower now", -1, {"color": SIDE_COLOURS["eoc"], "width": 2.5, "dash": "dash"}),
    ("As before", 0, {"color": MUTED, "width": 2.5, "dash": "dot"}),
)
_LABEL_AT = 1.1  # where the labels at the right start; 0 is the earlier cycle, 1 the later
_SLOPE_HEIGHT = 520  # px
_LABEL_STEP = 20  # px between two labels
_TITLE_WIDTH, _TITLE_LINES = 16, 5  # years stand at the end of a title, so much of it is kept


def slopes(trend: PairTrend, before: str, now: str, rules: ScoringRules) -> go.Figure:
    """Each domain's score on common items in two cycles, of these titles; the index as a heavy line."""
    index = {"previous": trend.previous, "current": trend.current, "change": trend.index_change}
    rows: list[dict[Any, Any]] = [*trend.domains.to_dict("records"), {"domain": "Index", **index}]
    low, high = _span([row[when] for row in rows for when in ("previous", "current")])
    places = _label_places([row["current"] for row in rows], low, high)
    placed = list(zip(rows, places, strict=True))
    figure = go.Figure()
    for name, sign, line in _WAYS:
        own = [(row, at) for row, at in placed[:-1] if _sign(row["change"]) == sign]
        if own:
            figure.add_trace(_lines(name, own, line, rules))
    figure.add_trace(_lines("Index on the common items", placed[-1:], {"color": INK, "width": 5}, rules))
    ends = [wrapped(title, _TITLE_WIDTH, _TITLE_LINES) for title in (before, now)]
    layout = _slope_layout(ends, low, high) | {"annotations": _slope_labels(placed, rules)}
    return laid_out(figure, layout)


def _slope_layout(ends: list[str], low: float, high: float) -> dict[str, Any]:
    return {
        "height": _SLOPE_HEIGHT + 120,
        "margin": {"l": 8, "r": 92, "t": 24, "b": 8, "pad": 4},
        "xaxis": {
            "range": [-0.12, _LABEL_AT],
            "tickvals": [0, 1],
            "ticktext": ends,
            "showgrid": True,
            "gridcolor": STRONG_LINE,
            "zeroline": False,
        },
        "yaxis": {"range": [low, high], "title": {"text": "Score, of 100"}, "zeroline": False},
    }


def _sign(change: float) -> int:
    rounded = round(change, 9)
    return (rounded > 0) - (rounded < 0)


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The part of 0 to 100 that holds the values, with a little room."""
    return max(0.0, min(values) - 6), min(100.0, max(values) + 6)


def _label_places(values: list[float], low: float, high: float) -> list[float]:
    """Where labels stand so that none covers another: in the order of the values, a step apart at least."""
    step = (high - low) * _LABEL_STEP / _SLOPE_HEIGHT
    order = sorted(range(len(values)), key=lambda place: values[place])
    places = [0.0] * len(values)
    least = low
    for rank, place in enumerate(order):
        room_above = (len(order) - 1 - rank) * step
        places[place] = max(least, min(values[place], high - room_above))
        least = places[place] + step
    return places


def _lines(
    name: str, rows: list[tuple[dict[Any, Any], float]], line: dict[str, Any], rules: ScoringRules
) -> go.Scatter:
    """The slopes of one direction, each led on to its label."""
    x: list[float | None] = []
    y: list[float | None] = []
    hover: list[str] = []
    for row, label_at in rows:
        x += [0, 1, _LABEL_AT - 0.01, None]
        y += [row["previous"], row["current"], label_at, None]
        before, after = (shown(row[when], score_bounds(rules), 1) for when in ("previous", "current"))
        words = f"{plain(str(row['domain']))}: {before} before, {after} now"
        hover += [words, words, "", ""]
    return go.Scatter(x=x, y=y, mode="lines", name=name, line=line, hovertext=hover, hoverinfo="text")


def _slope_labels(placed: list[tuple[dict[Any, Any], float]], rules: ScoringRules) -> list[dict[str, Any]]:
    """Name and change at the end of each line."""
    labels = []
    for row, at in placed:
        size = shown(abs(row["change"]), gap_bounds(rules))
        sign = "" if size == "0" else "+" if row["change"] > 0 else "−"
        where = {"x": _LABEL_AT, "y": at, "xref": "x", "xanchor": "left", "yanchor": "middle"}
        font = {"size": 14, "weight": "bold" if row["domain"] == "Index" else "normal"}
        text = f"{plain(str(row['domain']))} {sign}{size}"
        labels.append({**where, "text": text, "showarrow": False, "font": font})
    return labels
