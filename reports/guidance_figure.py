"""How far the guide is known and used, now and in 2011, as a Plotly figure. Pure; looks as in ``figures``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from reports.figure_style import INK, LEVELS, MUTED, PAGE, SMALL, laid_out
from reports.network import Numbers

GUIDANCE_NAMES = {
    "not_seen": "Not seen",
    "seen_not_used": "Seen, not used",
    "used": "Used to plan",
    "left": "Not said by the press",
    "hidden": "Hidden",
}
_GUIDANCE_LOOKS: dict[str, dict[str, Any]] = {
    "not_seen": {"color": LEVELS[0]},
    "seen_not_used": {"color": LEVELS[2]},
    "used": {"color": LEVELS[4]},
    "left": {"color": PAGE},
    "hidden": {"color": PAGE, "pattern": {"shape": "/", "fgcolor": MUTED, "size": 8}},
}
_GUIDANCE_ROWS = {"now": (0.0, 1.0), "then": (3.0, 4.0)}  # the two groups stand apart


def guidance_bars(now: Numbers, then: Numbers, sides: Mapping[str, str]) -> go.Figure:
    """Who has seen and used the guide, as shares of those asked with the counts in the bars: this cycle, and
    2011 below and apart. A row whose base is hidden has no bar.

    ``now`` and ``then``: side -> not_seen, seen_not_used, used or left, n. ``sides``: side -> its name.
    """
    rows = [
        (place, side, _parts_of(group[side]), group[side]["n"])
        for name, group in (("now", now), ("then", then))
        for place, side in zip(_GUIDANCE_ROWS[name], sides, strict=True)
    ]
    figure = go.Figure([_guidance_trace(part, rows, sides) for part in GUIDANCE_NAMES])
    heads = {"now": "This cycle", "then": "2011, places chosen for a visit"}
    fixed = {"xref": "paper", "yref": "y", "xanchor": "left", "showarrow": False}
    notes = [
        {
            **fixed,
            "x": 0,
            "y": _GUIDANCE_ROWS[name][0] - 0.75,
            "text": words,
            "font": {"size": 15, "weight": "bold"},
        }
        for name, words in heads.items()
    ]
    silent = [(place, "hidden" if n is None else "nobody has answered") for place, _, _, n in rows if not n]
    notes += [{**fixed, "x": 0.01, "y": place, "text": words, "font": SMALL} for place, words in silent]
    labels = [sides[side] if n is None else f"{sides[side]}, {n:,}" for _, side, _, n in rows]
    layout = {
        "barmode": "stack",
        "bargap": 0.3,
        "height": 430,
        "annotations": notes,
        "legend": {"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "margin": {"l": 8, "r": 24, "t": 16, "b": 8, "pad": 4},
        "xaxis": {
            "title": {"text": "Share of those asked, percent"},
            "range": [0, 100.4],
            "zeroline": False,
            "tickfont": SMALL,
        },
        "yaxis": {
            "tickvals": [place for place, *_ in rows],
            "ticktext": labels,
            "range": [4.6, -1.2],
            "showgrid": False,
            "zeroline": False,
            "tickfont": SMALL,
        },
    }
    return laid_out(figure, layout)


def _parts_of(found: Numbers) -> dict[str, int]:
    """How many said what; hidden is what is left of the base."""
    parts = {name: found[name] for name in GUIDANCE_NAMES if found.get(name)}
    rest = (found["n"] or 0) - sum(parts.values())
    return parts | ({"hidden": rest} if rest > 0 else {})


def _guidance_trace(
    part: str, rows: Sequence[tuple[float, str, dict[str, int], Any]], sides: Mapping[str, str]
) -> go.Bar:
    own = [(place, side, parts[part], n) for place, side, parts, n in rows if n and part in parts]
    dark = part == "used"
    return go.Bar(
        name=GUIDANCE_NAMES[part],
        x=[100 * number / n for _, _, number, n in own],
        y=[place for place, *_ in own],
        orientation="h",
        marker={**_GUIDANCE_LOOKS[part], "line": {"color": MUTED, "width": 1}},
        text=["" if part == "hidden" else str(number) for _, _, number, _ in own],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont=SMALL | {"color": PAGE if dark else INK},
        hovertext=[
            f"{sides[side]}: {GUIDANCE_NAMES[part].lower()}"
            + ("" if part == "hidden" else f" {number} of {n}")
            for _, side, number, n in own
        ],
        hoverinfo="text",
        showlegend=bool(own),
    )
