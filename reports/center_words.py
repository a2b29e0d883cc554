"""A center's pairs in plain sentences, true for none, one, all and ties. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from questionnaires.definition import Side
from reports.center import CenterReport
from reports.figure_style import SIDE_LABELS
from reports.maturity import gap_bounds, score_bounds, shown
from reports.pair import plain

NAMES = {str(Side.FUSION_CENTER): "the fusion center", str(Side.EOC): "the EOC"}
STATUS_WORDS = {
    "complete": "Report ready",
    "insufficient": "Not enough answers",
    "not_started": "Neither side has submitted",
}


def opening(report: CenterReport, is_open: bool) -> list[str]:
    """Three sentences: who has answered, how the pairs stand, what to do next."""
    return [answered(report), stands(report), following(report, is_open)]


def pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count:,} pairs"


def answered(report: CenterReport) -> str:
    counts = report.counts
    expected, complete = counts["expected"], counts["complete"]
    if complete == expected:
        return (
            "The one pair has answered on both sides."
            if expected == 1
            else (f"All {pairs(expected)} have answered on both sides.")
        )
    waiting: list[tuple[int, str]] = [
        (counts[f"waits_for_{side}"], f"wait for {NAMES[side]}") for side in NAMES
    ]
    waiting += [
        (counts["waits_for_one"], "wait for one side"),
        (counts["not_started"], "wait for both sides"),
    ]
    parts = [f"{count:,} {_verb(words, count)}" for count, words in waiting if count]
    if expected == 1:
        return f"The one pair {parts[0].removeprefix('1 ')}."
    have = "has" if complete == 1 else "have"
    done = "None" if not complete else f"{complete:,}"
    return f"{done} of {pairs(expected)} {have} answered on both sides; {_and(parts)}."


def _verb(words: str, count: int) -> str:
    return words.replace("wait", "waits", 1) if count == 1 else words


def stands(report: CenterReport) -> str:
    """From which index to which the pairs lie, and which domain is lowest across them."""
    scored = report.scored
    hidden = report.counts["complete"] - int(report.pairs["joint"].sum())
    if scored.empty:
        if hidden:
            return "None of their reports is open to you: a pair is when both of its centers share it."
        return "No pair has an index yet: it takes enough answers from both sides."
    return " ".join(filter(None, [_span(report), _lowest_domain(report), _hidden(hidden)]))


def _span(report: CenterReport) -> str:
    bounds = score_bounds(report.rules)
    ordered = report.scored.sort_values("index", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    first, last = shown(low["index"], bounds), shown(high["index"], bounds)
    if len(ordered) == 1:
        return f"The pair with {low['partner_name']} stands at {first} of 100."
    if first == last:
        return f"All {len(ordered)} pairs with an index stand at {first} of 100."
    return (
        f"The {len(ordered)} pairs with an index stand between {first} ({low['partner_name']}) "
        f"and {last} of 100 ({high['partner_name']})."
    )


def _lowest_domain(report: CenterReport) -> str:
    rows = report.means[report.means["reportable"]]
    if len(rows) < 2 or rows["joint"].round(9).nunique() == 1:
        return ""
    bounds = score_bounds(report.rules)
    printed = [shown(value, bounds) for value in rows["joint"]]
    least = shown(rows["joint"].min(), bounds)
    lowest = [title for title, value in zip(rows["title"], printed, strict=True) if value == least]
    if len(report.scored) == 1:
        return f"Lowest {'is' if len(lowest) == 1 else 'are'} {_and(lowest)} ({least})."
    return f"Lowest across them {'is' if len(lowest) == 1 else 'are'} {_and(lowest)}, with a mean of {least}."


def _hidden(count: int) -> str:
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{count:,} more {verb} complete and not open to you, and {verb} in no number here."


def following(report: CenterReport, is_open: bool) -> str:
    """What to do this week."""
    counts = report.counts
    missing = counts["expected"] - counts["complete"]
    call = list(report.call_first["partner_name"])
    target = report.rules.target
    low = report.common.to_dict("records")[0] if len(report.common) else None
    if is_open and missing:
        then = f", then talk with {_and(call)}" if call else ""
        return f"Next: remind those whose answers are missing in {pairs(missing)}{then}."
    if len(call) == 1 and len(report.scored) == 1:
        return f"Next: read the report with {call[0]} together."
    if call:
        common = f"; {low['item']} is below {target:g} of 4 in {_of(low)}" if low is not None else ""
        return f"Next: talk with {_and(call)} first{common}."
    if missing:
        return "Next: ask why they did not answer, before the next cycle opens."
    return "Next: find out together what was left open in each pair's report."


def _of(row: Mapping[Any, Any]) -> str:
    below, n = int(row["below"]), int(row["n"])
    return f"all {n} pairs" if below == n and n > 1 else f"{below} of {pairs(n)}"


def status(row: Mapping[Any, Any]) -> str:
    """How far a pair is."""
    if row["status"] == "one_sided":
        return f"Waiting for {NAMES[row['waits_for']] if row['waits_for'] else 'one side'}"
    if row["status"] == "complete" and not row["joint"]:
        return "Complete, not shared"
    return STATUS_WORDS[str(row["status"])]


def reasons(row: Mapping[Any, Any], report: CenterReport, before: str) -> list[str]:
    """Why this pair is one to call first; ``before`` is the title of the cycle before."""
    held = list(row["held_back_by"])
    titles = dict(zip(report.means["id"], report.means["title"], strict=True))
    back = f", held back by {_and([titles.get(name, name) for name in held[:3]])}" if held else ""
    index = shown(row["index"], score_bounds(report.rules))
    apart, items = int(row["apart"]), int(row["items"])
    talk = f"Two or more apart on {apart} of {items} items" if apart else "Nowhere two or more apart"
    found = [f"{index} of 100, level {row['level']}, {row['level_name']}{back}", talk]
    moved = change(row["change"], report)
    if moved and report.trend:
        found.append(f"{moved.capitalize()} since {before}")
    return found


def change(value: Any, report: CenterReport) -> str:
    """A change in words, "" for none known."""
    value = plain(value)
    if value is None:
        return ""
    size = shown(abs(value), gap_bounds(report.rules))
    if size == "0":
        return "about as before"
    return f"{'up' if value > 0 else 'down'} {size} point{'' if size == '1' else 's'}"


def trend(report: CenterReport, before: str) -> str:
    """The change over the pairs that are complete in both cycles; ``before`` is the earlier one's title."""
    found = report.trend
    if found is None:
        return ""
    moved = change(found.index_change, report)
    ups, downs = (int((report.pairs["change"].round(9) * sign > 0).sum()) for sign in (1, -1))
    verb = "is" if report.trend_pairs == 1 else "are"
    return (
        f"Over the {pairs(report.trend_pairs)} that {verb} complete in both cycles, the mean index on common "
        f"items is {moved}: {ups} higher, {downs} lower than in {before}."
    )


def heat(report: CenterReport) -> str:
    """What the heat map shows."""
    rows = report.domains[report.domains["reportable"].to_numpy(dtype=bool)]
    if rows.empty:
        return "No domain of any pair has enough answers for a score."
    wide = int(rows["perception_gap"].sum())
    sentence = f"{len(rows)} domain scores in {pairs(rows['pair'].nunique())}"
    apart = f"the sides stand {report.rules.perception_gap:g} points or more apart"
    if not wide:
        return f"{sentence}; in none of them {apart}."
    return f"{sentence}; in {wide} of them, marked, {apart}."


def common(report: CenterReport) -> str:
    """How many items are below the target in most pairs."""
    rows = report.common
    many = int((rows["below"] * 2 > rows["n"]).sum()) if len(rows) else 0
    target = f"{report.rules.target:g}"
    if not len(rows):
        return f"No item has a joint score below {target} of 4 in any pair."
    if not many:
        return f"No item is below {target} of 4 in more than half of the pairs."
    verb = "is" if many == 1 else "are"
    return f"{many} item{'' if many == 1 else 's'} {verb} below {target} of 4 in more than half of the pairs."


def partner_kind(report: CenterReport) -> str:
    return SIDE_LABELS[str(report.partners)]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
