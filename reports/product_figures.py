"""The results of a survey as Plotly figures. Pure; rows that are hidden are not drawn.

As in ``figures``: data, shapes and words here, the looks in ``assets/js/chart_theme.js``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from reports.figure_style import INK, LINE, MUTED, SIDE_COLOURS, SMALL, STRONG_LINE, laid_out, plain, wrapped
from reports.product_tables import (
    CHANGE_NAMES,
    GROUP_NAMES,
    MEASURE_NAMES,
    POINTS,
    QUADRANT_NAMES,
    SHARE,
    in_words,
    interval_in_words,
)
from reports.product_trend import Change
from reports.products import ProductsReport

# From the gap scale of assets/palette.json, orange to blue; the middle is neutral. A test compares them.
DIVERGING = ("#d97d2b", "#f5cda3", "#f2f2ef", "#b3d2ee", "#4a90cc")
BAR = "#4a90cc"
_ROW = 58  # px
_LINE = 19  # px of a line of a row's label
_LABEL = 26  # characters of a row's label in a line
_PAPER_LABEL = 64  # and on paper, which is as wide as a screen
_MARGIN = {"l": 8, "r": 24, "t": 40, "b": 8, "pad": 4}
_MIDDLE = 3
_STACKED = ((3, 1), (3, -1), (4, 1), (5, 1), (2, -1), (1, -1))  # from the middle outwards, and to which side
_NEAR = 0.09  # of a scale of five: points closer than this have their labels on different sides


def importance_performance(report: ProductsReport) -> go.Figure:
    """Attributes by performance (across) and importance (up), each labelled; the cut as two lines."""
    shown = report.attributes[~report.attributes["hidden"] & report.attributes["quadrant"].notna()]
    places = [(row["performance"], row["importance"]) for row in shown.to_dict("records")]
    hover = [
        f"{plain(row['id'])} {plain(row['wording'])}: importance {row['importance']:.2f}, "
        f"performance {row['performance']:.2f}"
        for row in shown.to_dict("records")
    ]
    points = go.Scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers+text",
        text=[plain(item) for item in shown["id"]],
        textposition=_label_sides(places),
        textfont=SMALL,
        marker={"size": 12, "color": SIDE_COLOURS["fusion_center"]},
        hovertext=hover,
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )
    x_range, y_range = (_span([place[axis] for place in places]) for axis in (0, 1))
    layout = {
        "height": 520,
        "meta": _on_paper(350),
        "margin": {"l": 8, "r": 24, "t": 16, "b": 8, "pad": 4},
        "shapes": _cross(report.cuts),
        "annotations": _corner_names(report.cuts),
        "xaxis": {"title": {"text": "Performance, 1 to 5"}, "range": x_range, "zeroline": False},
        "yaxis": {"title": {"text": "Importance, 1 to 5"}, "range": y_range, "zeroline": False},
    }
    return laid_out(go.Figure(points), layout)


def _span(values: Sequence[float]) -> list[float]:
    """The part of the scale that holds the points, with room for their labels."""
    return [min(values, default=1) - 0.25, max(values, default=5) + 0.25]


def _label_sides(places: Sequence[tuple[float, float]]) -> list[str]:
    """Above a point; where an earlier one is near, below, right or left of it."""
    sides: list[str] = []
    for place, (x, y) in enumerate(places):
        near = sum(abs(x - a) < 2 * _NEAR and abs(y - b) < 1.5 * _NEAR for a, b in places[:place])
        sides.append(("top center", "bottom center", "middle right", "middle left")[near % 4])
    return sides


def _cross(cuts: tuple[float, float] | None) -> list[dict[str, Any]]:
    if cuts is None:
        return []
    importance, performance = cuts
    line = {"color": MUTED, "width": 2, "dash": "dash"}
    return [
        {"type": "line", "xref": "x", "yref": "paper", "x0": performance, "x1": performance, "y0": 0, "y1": 1}
        | {"line": line},
        {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": importance, "y1": importance}
        | {"line": line},
    ]


def _corner_names(cuts: tuple[float, float] | None) -> list[dict[str, Any]]:
    """What each corner means, in it."""
    if cuts is None:
        return []
    corners = {"concentrate_here": (0, 1), "keep_up": (1, 1), "low_priority": (0, 0)}
    corners["possible_overkill"] = (1, 0)
    return [
        {
            "text": wrapped(QUADRANT_NAMES[name], 16),
            "x": x,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "right" if x else "left",
            "yanchor": "top" if y else "bottom",
            "showarrow": False,
            "font": {"size": 13, "color": MUTED},
        }
        for name, (x, y) in corners.items()
    ]


def product_types(report: ProductsReport) -> go.Figure:
    """Usefulness of each product type as diverging bars, the middle point centered, by net score."""
    shown = report.product_types[report.product_types["usefulness_net"].notna()]
    shown = shown[~shown["hidden"]].sort_values("usefulness_net", ascending=False, kind="stable")
    given = report.distributions[report.distributions["part"] == "usefulness"]
    shares = given.pivot(index="question", columns="number", values="share").reindex(shown["id"])
    names = dict(zip(given["number"], given["label"], strict=True))
    figure = go.Figure()
    for number, sign in _STACKED:
        if number in shares.columns:
            half = 0.5 if number == _MIDDLE else 1.0
            values = [sign * half * 100 * float(value) for value in shares[number]]
            figure.add_trace(_diverging(values, shares[number], number, str(names[number]), sign))
    titles = [_type_title(row, _LABEL) for row in shown.to_dict("records")]
    layout = _bar_layout(titles, "Share of answers, percent")
    on_paper = [_type_title(row, _PAPER_LABEL) for row in shown.to_dict("records")]
    layout["meta"] = _on_paper(_rows_on_paper(on_paper) + 130, on_paper)
    # To the left of the middle are shares as well, not numbers below zero.
    layout["xaxis"] |= {"tickvals": [-100, -50, 0, 50, 100], "ticktext": ["100", "50", "0", "50", "100"]}
    return laid_out(figure, layout | {"barmode": "relative"})


def _type_title(row: dict[Any, Any], width: int) -> str:
    net, n = in_words(float(row["usefulness_net"]), POINTS), int(row["usefulness_n"])
    return f"{wrapped(row['wording'], width)}<br>net {net}, n {n:,}"


def _diverging(values: list[float], shares: Any, number: int, name: str, sign: int) -> go.Bar:
    middle = number == _MIDDLE
    return go.Bar(
        x=values,
        y=list(range(len(values))),
        orientation="h",
        name=f"{number} {plain(name)}",
        legendgroup=str(number),
        legendrank=number,
        showlegend=not (middle and sign < 0),
        marker={"color": DIVERGING[number - 1], "line": {"color": MUTED, "width": 1}},
        hovertext=[f"{number} {plain(name)}: {in_words(float(share), SHARE)}" for share in shares],
        hoverinfo="text",
    )


def _row_height(titles: Sequence[str], least: int) -> int:
    """Pixels of each row: as many as its longest label needs, so that labels do not run into each other."""
    lines = max((title.count("<br>") + 1 for title in titles), default=1)
    return max(least, _LINE * lines + 6)


def _rows_on_paper(titles: Sequence[str]) -> int:
    lines = max((title.count("<br>") + 1 for title in titles), default=1)
    return (_LINE * lines + 3) * max(1, len(titles))


def _on_paper(height: int, titles: Sequence[str] = ()) -> dict[str, Any]:
    """What ``charts.js`` changes while the page is printed: a lower chart, labels on fewer lines."""
    return {"paper": {"height": height} | ({"yaxis.ticktext": list(titles)} if titles else {})}


def _bar_layout(titles: Sequence[str], axis: str) -> dict[str, Any]:
    return {
        "height": _row_height(titles, _ROW) * max(1, len(titles)) + 150,
        "margin": {**_MARGIN, "t": 16},
        "bargap": 0.35,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "xaxis": {"title": {"text": axis}, "zeroline": True, "zerolinecolor": INK, "tickfont": SMALL},
        "yaxis": {
            "tickvals": list(range(len(titles))),
            "ticktext": list(titles),
            "range": [len(titles) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
            "tickfont": SMALL,
        },
    }


def chosen(rows: pd.DataFrame) -> go.Figure:
    """Shares of a choice as bars; ``rows`` as ``ProductsReport.chosen`` gives them, most frequent first."""
    shown = rows[~rows["hidden"] & rows["share"].notna()].to_dict("records")
    bars = go.Bar(
        x=[100 * float(row["share"]) for row in shown],
        y=list(range(len(shown))),
        orientation="h",
        marker={"color": BAR, "line": {"color": MUTED, "width": 1}},
        text=[in_words(float(row["share"]), SHARE) for row in shown],
        textposition="outside",
        cliponaxis=False,
        hovertext=[f"{plain(row['label'])}: {int(row['count'])} of {int(row['n'])}" for row in shown],
        hoverinfo="text",
        showlegend=False,
    )
    titles = [wrapped(row["label"], _LABEL) for row in shown]
    layout = _bar_layout(titles, "Share of answers, percent")
    layout["height"] = _row_height(titles, 40) * max(1, len(shown)) + 90
    on_paper = [wrapped(row["label"], _PAPER_LABEL) for row in shown]
    layout["meta"] = _on_paper(_rows_on_paper(on_paper) + 70, on_paper)
    layout["xaxis"] |= {"range": [0, 112], "tickvals": [0, 25, 50, 75, 100]}
    return laid_out(go.Figure(bars), layout)


def groups(report: ProductsReport) -> go.Figure:
    """Shares of 4 and 5 of both groups with their intervals, usefulness and quality."""
    marks = {"eoc": ("diamond", SIDE_COLOURS["eoc"]), "other": ("circle", SIDE_COLOURS["fusion_center"])}
    figure = go.Figure()
    for group, (symbol, colour) in marks.items():
        rows = report.groups[(report.groups["group"] == group) & ~report.groups["hidden"]]
        rows = rows[rows["top_two"].notna()]
        shift = -0.12 if group == "eoc" else 0.12
        places = [list(MEASURE_NAMES).index(name) + shift for name in rows["measure"]]
        look = {"symbol": symbol, "size": 12, "color": colour}
        figure.add_trace(_intervals(GROUP_NAMES[group], rows.to_dict("records"), places, "top_two", look))
    layout = _interval_layout(list(MEASURE_NAMES.values()), "Share of 4 and 5, percent")
    return laid_out(figure, layout)


def _intervals(
    name: str,
    rows: Sequence[dict[Any, Any]],
    places: Sequence[float],
    key: str,
    mark: dict[str, Any],
    kind: str = SHARE,
) -> go.Scatter:
    values = [100 * float(row[key]) for row in rows]
    return go.Scatter(
        x=values,
        y=list(places),
        mode="markers",
        name=name,
        marker=mark,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * float(row["high"]) - value for row, value in zip(rows, values, strict=True)],
            "arrayminus": [value - 100 * float(row["low"]) for row, value in zip(rows, values, strict=True)],
            "color": mark["color"],
            "thickness": 2,
        },
        hovertext=[
            f"{plain(name)}: {in_words(float(row[key]), kind)}"
            f" ({interval_in_words(float(row['low']), float(row['high']), kind)})"
            for row in rows
        ],
        hoverinfo="text",
    )


def _interval_layout(titles: Sequence[str], axis: str) -> dict[str, Any]:
    layout = _bar_layout([wrapped(title, _LABEL) for title in titles], axis)
    layout["height"] = 70 * max(1, len(titles)) + 120
    layout["meta"] = _on_paper(40 * max(1, len(titles)) + 90)
    layout["xaxis"] |= {"gridcolor": LINE}
    return layout


def changes(found: Sequence[Change]) -> go.Figure:
    """The change of each share with its interval; the line at 0 is no change."""
    rows = [vars(change) for change in found if change.low is not None]
    look = {"symbol": "circle", "size": 12, "color": INK}
    trace = _intervals("Change", rows, list(range(len(rows))), "difference", look, POINTS)
    trace.showlegend = False
    layout = _interval_layout([CHANGE_NAMES[row["question"]] for row in rows], "Change, points")
    layout["xaxis"] |= {"zerolinewidth": 2, "zerolinecolor": STRONG_LINE}
    return laid_out(go.Figure(trace), layout)
