"""Colours, marks and safe words of the figures.

Plotly reads a little HTML in its labels: whatever people have written goes through ``plain`` or ``wrapped``.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import plotly.io

from questionnaires.definition import Side

# The looks come from assets/js/chart_theme.js: Plotly's own would be copied into each figure, for nothing.
plotly.io.templates.default = None

# The values of assets/palette.json; a test compares them.
INK, MUTED, INVERSE = "#1b1b1b", "#565c65", "#ffffff"
PAGE, SOFT, LINE, STRONG_LINE = "#ffffff", "#f5f7fa", "#dfe1e2", "#a9aeb1"
LEVELS = ("#e3eef8", "#abcdeb", "#64a3d6", "#2a6fab", "#113a63")
LEVEL_TEXT = (INK, INK, INK, INVERSE, INVERSE)
SIDE_COLOURS = {"fusion_center": "#0b5394", "eoc": "#aa4600", "joint": INK}

SIDE_LABELS = {str(Side.FUSION_CENTER): "Fusion center", str(Side.EOC): "EOC"}
# A filled circle and a larger open diamond: where both stand on one spot, each is still seen.
MARKS: dict[str, dict[str, Any]] = {
    "fusion_center": {"symbol": "circle", "size": 12, "color": SIDE_COLOURS["fusion_center"]},
    "eoc": {
        "symbol": "diamond-open",
        "size": 16,
        "color": SIDE_COLOURS["eoc"],
        "line": {"width": 3, "color": SIDE_COLOURS["eoc"]},
    },
    "joint": {"symbol": "line-ns", "size": 20, "color": INK, "line": {"width": 3, "color": INK}},
}

LABEL_WIDTH = 21  # characters of a row's label in a line, so that a phone keeps room for the chart
SMALL = {"size": 14}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text as a Plotly label shows it letter by letter: no tag, no entity, no control character."""
    return html.escape(_CONTROL.sub("", text).replace("\n", " "), quote=False)


def wrapped(text: str, width: int = LABEL_WIDTH, lines: int = 3) -> str:
    """``plain`` text in lines of about ``width`` characters, what is over cut with an ellipsis."""
    found = textwrap.wrap(_CONTROL.sub("", text), width, max_lines=lines, placeholder=" ...") or [""]
    return "<br>".join(plain(line) for line in found)


def laid_out(figure: go.Figure, layout: dict[str, Any]) -> go.Figure:
    """The figure with this layout in place of its own: much quicker than to update one key by key."""
    figure.layout = layout
    return figure


def text_on(share: float) -> str:
    """Ink or white on the colour at this share of the level scale, whichever stands out more."""
    place = share * (len(LEVELS) - 1)
    low = min(int(place), len(LEVELS) - 2)
    mixed = [
        a + (b - a) * (place - low)
        for a, b in zip(_channels(LEVELS[low]), _channels(LEVELS[low + 1]), strict=True)
    ]
    light = _luminance(mixed)
    return INK if (light + 0.05) / (_luminance(_channels(INK)) + 0.05) >= 1.05 / (light + 0.05) else INVERSE


def _channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(channels: Sequence[float]) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [c / 3294.6 if c <= 10.31 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
