"""A report's numbers in plain words: three sentences to open with, and one for each figure.

Whole numbers, never rounded across a bound; levels as number and name; no blame. Text only, no markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import pandas as pd

from questionnaires.definition import Mirror, Side
from reports.comparison import Quadrant
from reports.maturity import PairStatus, gap_bounds, score_bounds, shown
from reports.pair import PairReport, plain

SIDE_NAMES = {str(Side.FUSION_CENTER): "the fusion center", str(Side.EOC): "the EOC"}
_LISTED = 3  # names in a row before "and n more"


def opening(report: PairReport) -> tuple[str, str, str]:
    """The three sentences at the head of a pair report, by its status."""
    if report.status is PairStatus.NOT_STARTED:
        return (
            "Neither side has submitted its answers yet.",
            "Each side answers alone.",
            "It takes the answers of both sides to say something about the relationship.",
        )
    if report.status is PairStatus.ONE_SIDED:
        return _opening_of_one_side(report)
    return standing(report), matrix(report), next_step(report)


def _opening_of_one_side(report: PairReport) -> tuple[str, str, str]:
    side = report.sides[0]
    closing = "It takes the answers of both sides to say something about the relationship."
    rated = int(report.items[side].notna().sum())
    if not rated:
        return "One side has submitted its answers.", "The other side has not.", closing
    asked = int(report.items["asked"].isin(["both", side]).sum())
    profile = f"This is the profile of {SIDE_NAMES[side]} alone: it rated {rated} of {_items(asked)}."
    return profile, domains(report), closing


def standing(report: PairReport) -> str:
    """Index and level with what held it back; or why there is none."""
    if report.level is None or report.band is None or report.index is None:
        return _why_no_index(report)
    index = shown(report.index, score_bounds(report.rules))
    if not report.held_back_by:
        level = f"level {report.level.level}, {report.level.name}"
        return f"This relationship stands at {index} of 100: {level}."
    titles = dict(zip(report.domains["id"], report.domains["title"], strict=True))
    names = [titles.get(name, name) for name in report.held_back_by]
    verb = "keeps" if len(names) == 1 else "keep"
    return (
        f"This relationship stands at {index} of 100, which is in the band of level {report.band.level}, "
        f"{report.band.name}, but {_listing(names)} {verb} it at level {report.level.level}, "
        f"{report.level.name}."
    )


def _why_no_index(report: PairReport) -> str:
    if not report.domains_in_base:
        return "No item applies to this relationship, so there is no index and no level."
    needed = ceil(round(report.rules.index_coverage * report.domains_in_base, 9))
    return (
        f"There are not enough answers for an index or a level: {report.reportable_domains} of "
        f"{_count(report.domains_in_base, 'domain')} can be scored, and {needed} are needed."
    )


def matrix(report: PairReport) -> str:
    """How the answers of the two sides meet: same, close (one apart), apart (two or more)."""
    found = report.agreement
    if not report.revealed:
        return "It takes the answers of both sides to compare them."
    if not found.items:
        return "There is no item that both sides rated, so their answers cannot be compared."
    words = (
        (found.same, "the same"),
        (found.close, "close (one apart)"),
        (found.apart, "apart (two or more)"),
    )
    given = [(count, word) for count, word in words if count]
    if found.items == 1:
        return f"On the one item that both sides rated, the answers are {given[0][1]}."
    if len(given) == 1:
        return f"On all {found.items} items that both sides rated, the answers are {given[0][1]}."
    parts = [f"{word} on {count}" for count, word in given]
    return f"Of the {found.items} items that both sides rated, the answers are {_and(parts)}."


def next_step(report: PairReport) -> str:
    """Where to start: the first improvement, or what to find out, or that all is in place."""
    target = f"{report.rules.target:g}"
    to_find, to_improve = len(report.find_first), len(report.improvements)
    if report.status is PairStatus.INSUFFICIENT and to_find:
        return _find_out(report)
    if to_improve:
        first = report.improvements.iloc[0]
        action = f" ({str(first['action']).rstrip('.')})" if first["action"] else ""
        rest = "the only item" if to_improve == 1 else f"the first of {to_improve} items"
        return f"Start with {first['item']}{action}, {rest} with a joint score below {target} of 4."
    if to_find:
        return _find_out(report)
    if report.items["joint"].notna().any():
        return f"Every item that applies has a joint score of {target} or more: keep it so."
    return "No item applies, so there is nothing to improve yet."


def _find_out(report: PairReport) -> str:
    count, first = len(report.find_first), report.find_first.iloc[0]["item"]
    if count == 1:
        return f"Find out first about {first}: it applies and has no joint score."
    return f"Find out first about {count} items that apply and have no joint score, beginning with {first}."


def domains(report: PairReport) -> str:
    """Highest and lowest domain and the widest gap; for one side its own highest and lowest."""
    if report.status is PairStatus.ONE_SIDED:
        side = report.sides[0]
        return _extremes(report, report.domains[report.domains[side].notna()], side)
    if not report.revealed:
        return "There is no domain to show yet."
    extremes = _extremes(report, report.domains[report.domains["reportable"]], "joint")
    return f"{extremes} {_widest_gap(report)}".strip()


def _extremes(report: PairReport, rows: pd.DataFrame, column: str) -> str:
    if rows.empty:
        return "No domain has enough answers for a score."
    bounds = score_bounds(report.rules)
    printed = pd.Series([shown(value, bounds) for value in rows[column]], index=rows.index)
    low, high = shown(rows[column].min(), bounds), shown(rows[column].max(), bounds)
    if len(rows) == 1:
        return f"{rows['title'].iloc[0]} stands at {low} of 100; no other domain has a score."
    if low == high:
        return f"All {len(rows)} domains with a score stand at {low} of 100."
    highest, lowest = (_listing(list(rows.loc[printed == end, "title"])) for end in (high, low))
    return f"Highest is {highest} ({high} of 100), lowest {lowest} ({low})."


def _widest_gap(report: PairReport) -> str:
    """The widest flagged gap; else that none is wide enough to flag."""
    compared = report.domains[report.domains["gap"].notna()]
    if compared.empty:
        return ""
    flagged = compared[compared["perception_gap"]]
    items = f"{report.rules.perception_gap_items} or more items that both rated"
    if flagged.empty:
        points = f"{report.rules.perception_gap:g} points or more"
        return f"In no domain do the sides stand {points} apart on {items}."
    sizes = flagged["gap"].abs().round(9)
    widest = flagged[sizes == sizes.max()]
    size = shown(sizes.max(), gap_bounds(report.rules))
    if len(widest) > 1:
        return f"The widest gaps on {items} are in {_listing(list(widest['title']))}: {size} points each."
    row = widest.iloc[0]
    return (
        f"The widest gap on {items} is in {row['title']}: {_higher(row['gap'])} stands {size} points higher."
    )


def _higher(difference: float) -> str:
    return SIDE_NAMES[Side.FUSION_CENTER if difference > 0 else Side.EOC]


def quadrants(report: PairReport) -> str:
    """How many items are shared strengths, shared gaps, higher on a side, the same in part."""
    total = report.agreement.items
    if not report.revealed:
        return "It takes the answers of both sides to compare them."
    if not total:
        return "There is no item that both sides rated, so there are no quadrants to show."
    counts = report.items["quadrant"].value_counts()
    words = {
        Quadrant.SHARED_STRENGTH: "shared strength",
        Quadrant.SHARED_GAP: "shared gap",
        Quadrant.FUSION_CENTER_HIGHER: "fusion center higher",
        Quadrant.EOC_HIGHER: "EOC higher",
        Quadrant.SAME_PARTLY: "same, partly in place",
    }
    parts = [f"{counts[str(name)]} {word}" for name, word in words.items() if counts.get(str(name), 0)]
    return f"Of {_items(total)} that both sides rated: {'; '.join(parts)}."


def trend(report: PairReport) -> str:
    """Change since the previous cycle on common items, and the levels as they were reported."""
    change = report.trend
    if change is None or report.level is None:
        return "It takes two complete cycles with items in common to show a change."
    basis = f"{_items(change.items)} in {_count(change.domain_count, 'domain')}"
    moved = round(change.index_change, 9)
    size = shown(abs(moved))
    points = "less than one point" if size == "0" else f"{size} point{'' if size == '1' else 's'}"
    way = "is higher by" if moved > 0 else "is lower by"
    how = f"{way} {points} than" if moved else "is the same as"
    levels = f"the level was {change.previous_level} then and is {report.level.level} now"
    return (
        f"On the {basis} scored in both cycles, the index {how} in the cycle before; this compares common "
        f"items only, so it need not be the difference of the two printed indexes. As reported, {levels}."
    )


def difference(item: pd.Series[Any]) -> str:
    """The two answers to one item: *further along* on own halves, *see it differently* on one fact.

    ``item`` is a row of ``PairReport.items``; "" where not both sides rated it.
    """
    gap = plain(item["difference"])
    if gap is None:
        return ""
    ratings = {side: f"{item[side]:g}" for side in SIDE_NAMES}
    if gap == 0:
        return f"Both answered {ratings[str(Side.EOC)]}."
    both = f"fusion center {ratings[str(Side.FUSION_CENTER)]}, EOC {ratings[str(Side.EOC)]}"
    if item["mirror"] == str(Mirror.OWN):
        return f"By their own answers {_higher(gap)} is further along: {both}."
    return f"The two sides see it differently: {both}."


def _items(count: int) -> str:
    return _count(count, "item")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listing(names: Sequence[str]) -> str:
    """At most a few names, then how many more."""
    if len(names) <= _LISTED:
        return _and(names)
    return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
