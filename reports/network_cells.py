"""Cells of the network page's tables: numbers, and the word for those that may not be shown. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reports.maturity import shown
from reports.network_words import FEW

HIDDEN = {"hidden": FEW}
NUMERIC_STATUSES = [
    {"label": name, "numeric": True} for name in ("Pairs", "Both sides", "One side", "Not started")
]


def cell(value: float | None, bounds: Collection[float] = (), decimals: int = 1) -> Any:
    """A number, or the word that it is hidden."""
    return HIDDEN if value is None else shown(value, bounds, decimals)


def number(found: Mapping[str, Any], name: str, bounds: Collection[float] = ()) -> Any:
    """A number of an object; where there is none, hidden or nothing, as the object says."""
    if found[name] is None and not found.get("suppressed"):
        return None
    return cell(found[name], bounds)


def count(value: int | None) -> Any:
    """A count, or the word that it is hidden."""
    return HIDDEN if value is None else f"{value:,}"


def signed(found: Mapping[str, Any], name: str) -> Any:
    """A difference with its sign; where there is none, hidden or nothing, as its object says."""
    if found[name] is None:
        return HIDDEN if found.get("suppressed") else None
    return with_sign(found[name])


def with_sign(value: float) -> str:
    """A difference with one decimal, rounded as all numbers are."""
    return ("\u2212" if value < 0 else "+") + shown(abs(value), (), 1)


def numeric(*heads: str) -> list[dict[str, Any]]:
    """Headings of columns of numbers."""
    return [{"label": head, "numeric": True} for head in heads]
