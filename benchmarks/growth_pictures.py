"""A picture of how one figure grows: both axes by tens, ours a line, the floor a broken one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 90, 130, 50, 50
FEWEST, MOST = 2, 6  # powers of ten: 100 to 1,000,000
INK, OURS, FLOOR, GRID = "#1b1b1b", "#005ea2", "#757575", "#dfe1e2"

Point = tuple[float, float]


def draw(name: str, points: Mapping[str, Sequence[float]]) -> str:
    """An SVG. ``points``: how many responses -> seconds of ours and of the floor."""
    sizes = sorted(points, key=int)
    every = [value for size in sizes for value in points[size]]
    low, high = floor(log10(min(every))), ceil(log10(max(every)))

    def place(size: float, value: float) -> Point:
        x = LEFT + (log10(size) - FEWEST) / (MOST - FEWEST) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (log10(value) - low) / max(high - low, 1) * (HEIGHT - TOP - BOTTOM)
        return x, y

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13" fill="{INK}"><title>{escape(name)} by responses stored'
        f'</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text((LEFT, 28), f"{name}: time by responses stored", "start"),
    ]
    for power in range(low, high + 1):
        x, y = place(10**FEWEST, 10.0**power)
        parts += [_line([(x, y), (WIDTH - RIGHT, y)], GRID), _text((x - 8, y + 4), _time(power), "end")]
    for power in range(FEWEST, MOST + 1):
        x, y = place(10**power, 10.0**low)
        parts.append(_text((x, y + 24), f"{10**power:,}", "middle"))
    for row, (words, colour, dashes) in enumerate((("ours", OURS, ""), ("floor", FLOOR, "6 4"))):
        line = [place(int(size), points[size][row]) for size in sizes]
        parts.append(_line(line, colour, dashes))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in line]
        parts.append(_text((WIDTH - RIGHT + 12, TOP + 20 * row + 8), f"{('—', '- -')[row]} {words}", "start"))
    return "\n".join([*parts, "</svg>", ""])


def _line(points: Sequence[Point], colour: str, dashes: str = "") -> str:
    held = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{held}" fill="none" stroke="{colour}" stroke-width="2"{broken}/>'


def _text(point: Point, words: str, anchor: str) -> str:
    x, y = point
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _time(power: int) -> str:
    return f"{10**power:,} s" if power >= 0 else f"{10 ** (power + 3):g} ms"
