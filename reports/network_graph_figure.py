"""The graph of the network as a Plotly figure. Pure; looks and labels as in ``figures``.

Links and marks are a few long paths, and what the pointer or the keyboard finds is one trace that draws
nothing: with an element for each of some thousand centers a page would stop while it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from questionnaires.definition import ScoringRules, Side
from reports.figure_style import INK, LEVELS, LINE, MUTED, PAGE, SIDE_COLOURS, SMALL, SOFT, laid_out, plain
from reports.network_graph import ACROSS, Box, Graph, Layout, Said
from reports.network_graph_words import ANSWERED, counted, link_words

UNIT = 86  # px of a tile's side on a screen that has room for the whole graph
_PAPER_UNIT = 73  # and on paper, at the zoom that assets/css/network.css gives it there
WIDE_DASH, WAITING_DASH, SILENT_DASH = "9px,5px", "1px,4px", "9px,3px,2px,3px"
_WIDTHS = (2.0, 2.75, 3.5, 4.5, 5.5)  # px, level 0 to 4
_EDGE = 1.5  # px of the dark edge around a link with a level, so that light ones stand out too
_THIN = 1.25
_ROOMY, _FINEST = 0.13, 0.4  # an EOC's mark from which on lines have their full width, and the least of it
# The sides' marks as in other charts: an open diamond for an EOC, a filled circle for a fusion center.
_SYMBOLS = {str(Side.EOC): "d", str(Side.FUSION_CENTER): "c"}
_LOOKS = {
    "d": {"line": {"width": 1.5, "color": SIDE_COLOURS["eoc"]}, "fillcolor": PAGE},
    "c": {"line": {"width": 1, "color": PAGE}, "fillcolor": SIDE_COLOURS["fusion_center"]},
}
_PLACES = 3  # decimals: a tenth of a pixel


Look = tuple[list[dict[str, Any]], "pd.Series[bool]"]  # lines to draw over each other, and which links


def network_graph(graph: Graph, rules: ScoringRules) -> go.Figure:
    """Boxes, links and marks from the ground up; the last trace holds what is said of each center."""
    deep = max((box.top + box.height for box in graph.boxes), default=1.0)
    figure = go.Figure([_box_names(graph), _centers(graph, rules)])
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    layout = {
        "xaxis": axis | {"range": [0, ACROSS]},
        "yaxis": axis | {"range": [deep, 0], "scaleanchor": "x"},
        "shapes": [*_ground(graph.boxes), *_link_shapes(graph)],
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "height": round(UNIT * deep),
        "meta": {"paper": {"height": round(_PAPER_UNIT * deep)}},
        "hovermode": "closest",
        "showlegend": False,
    }
    return laid_out(figure, layout)


def _path(path: str, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "path", "path": path, "line": line, "layer": "below", **more}


def _numbers(values: Iterable[float]) -> list[str]:
    return [f"{value:.{_PLACES}f}".rstrip("0").rstrip(".") for value in values]


def _ground(boxes: list[Box]) -> list[dict[str, Any]]:
    """A pale tile under each state or region."""
    gap = 0.03
    corners = [
        _numbers((b.left + gap, b.top + gap, b.left + b.width - gap, b.top + b.height - gap)) for b in boxes
    ]
    path = "".join(f"M{left},{top}H{right}V{bottom}H{left}Z" for left, top, right, bottom in corners)
    return [_path(path, {"width": 1, "color": LINE}, fillcolor=SOFT)] if boxes else []


def _box_names(graph: Graph) -> go.Scatter:
    of_region = graph.layout is Layout.REGION
    return go.Scatter(
        x=[round(box.left + 0.07, _PLACES) for box in graph.boxes],
        y=[round(box.top + 0.15, _PLACES) for box in graph.boxes],
        text=[plain(f"Region {box.name}" if of_region else box.name) for box in graph.boxes],
        mode="text",
        textposition="middle right",
        textfont=SMALL | {"color": MUTED},
        hoverinfo="skip",
    )


def _link_shapes(graph: Graph) -> list[dict[str, Any]]:
    """One path a look, the least said first, so that it lies below."""
    links = graph.links
    if links.empty:
        return []
    places = graph.nodes.set_index(["kind", "code"])[["x", "y"]]
    ends = [places.loc[str(side)].loc[links[str(side)]].to_numpy() for side in Side]
    text = ["M{},{}L{},{}".format(*_numbers(row)) for row in np.hstack(ends)]
    paths = pd.Series(text, index=links.index, dtype=object)
    shapes = []
    eocs = graph.nodes["kind"] == Side.EOC
    for look, chosen in _looks(links, graph.nodes.loc[eocs, "size"]):
        if chosen.any():
            shapes += [_path("".join(paths[chosen]), line) for line in look]
    return shapes


def _looks(links: pd.DataFrame, eoc_sizes: pd.Series[float]) -> list[Look]:
    """From the least said to the highest level."""
    said = links["said"]
    thin = {"width": _THIN, "color": MUTED}
    fine = _fineness(eoc_sizes)
    found = [
        ([thin | {"dash": WAITING_DASH}], said.isin([str(Said.ONE_SIDED), str(Said.NOT_STARTED)])),
        ([thin], said == Said.COMPLETE),
        ([thin | {"dash": SILENT_DASH}], said == Said.INSUFFICIENT),
    ]
    for level, (colour, width) in enumerate(zip(LEVELS, _WIDTHS, strict=True)):
        for wide, dash in ((False, "solid"), (True, WIDE_DASH)):
            chosen = (links["level"] == level).fillna(False).astype(bool) & (links["wide"] == wide)
            edge = {"width": fine * (width + _EDGE), "color": INK, "dash": dash}
            found.append(([edge, {"width": fine * width, "color": colour, "dash": dash}], chosen))
    return found


def _fineness(eoc_sizes: pd.Series[float]) -> float:
    """Where most marks are small, lines are thin too: their share of the full width."""
    return float(np.clip(eoc_sizes.median() / _ROOMY, _FINEST, 1)) if len(eoc_sizes) else 1.0


def _centers(graph: Graph, rules: ScoringRules) -> go.Scatter:
    """What the pointer finds: place, words and mark of each center. ``chart_paths.js`` draws the marks."""
    nodes = graph.nodes
    words = _hover(graph, rules)
    return go.Scatter(
        x=nodes["x"].round(_PLACES).tolist(),
        y=nodes["y"].round(_PLACES).tolist(),
        mode="none",
        hovertext=[words[key] for key in zip(nodes["kind"], nodes["code"], strict=True)],
        hoverinfo="text",
        meta={
            "stops": np.flatnonzero(nodes["kind"] == Side.FUSION_CENTER).tolist(),
            "symbols": "".join(nodes["kind"].map(_SYMBOLS)),
            "sizes": nodes["size"].round(_PLACES).tolist(),
            "looks": _LOOKS,
        },
    )


def _hover(graph: Graph, rules: ScoringRules) -> dict[tuple[str, str], str]:
    """Kind and code -> the words: of a fusion center how many links it has, of an EOC how each stands."""
    links = graph.links
    said = [plain(words) for words in link_words(links, rules)]
    lines: dict[str, list[str]] = {}
    for eoc, partner, words in zip(links["eoc"], links["fusion_center_name"], said, strict=True):
        lines.setdefault(eoc, []).append(f"with {plain(partner)}: {words}")
    answered = links["said"].isin(ANSWERED).groupby(links["fusion_center"]).agg(["size", "sum"])
    found = {}
    for code, name, kind in graph.nodes[["code", "name", "kind"]].itertuples(index=False):
        if kind == Side.EOC:
            words = "<br>".join(lines[code])
        else:
            count, both = (int(number) for number in answered.loc[code])
            words = f"{counted(count, 'link')}, both sides have answered in {both:,}"
        found[(kind, code)] = f"{plain(name)}<br>{words}"
    return found
