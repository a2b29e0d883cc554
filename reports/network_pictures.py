"""The network page's pictures, each with its sentence and its table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from questionnaires.definition import Questionnaire, ScoringRules
from reports import figures, network_figures, network_history, network_words
from reports.guidance_figure import guidance_bars
from reports.maturity import gap_bounds, score_bounds, shown
from reports.network import Numbers, Scope
from reports.network_cells import HIDDEN, NUMERIC_STATUSES, cell, count, numeric, with_sign
from reports.network_history import Step
from reports.network_report import BASELINE_2011, STATUSES, NetworkReport, Place
from reports.network_words import FEW

Row = dict[str, Any]
Address = Callable[[Scope], str | None]  # where a scope's page is; None where this reader may not read it
TILES_SAY = "Each tile says how many of a state's pairs have answered on both sides."
COLOURS_SAY = (
    "Its colour is the mean index of the state where that may be shown, else of its FEMA region: the darker,"
    " the higher."
)
NO_COLOURS = "No tile has a colour: there is no mean of a state or region that you may read."
SIDES = {"fusion_center": "Fusion centers", "eoc": "EOCs"}


def linked(text: str, href: str | None) -> Any:
    """A cell that leads somewhere, where it does."""
    return {"text": text, "href": href} if href else text


def state_map(report: NetworkReport, places: Sequence[Place], address: Address) -> Row:
    """The state tile map: its ground is completeness, its colour the state's own mean or its region's."""
    groups = report.groups
    regions = {str(row["value"]): row["mean"] for row in groups if row["by"] == "fema_region"}
    states = [row for row in groups if row["by"] == "state"]
    region_of = {place.state: str(place.region) for place in places}
    colours = {
        row["value"]: regions.get(region_of[row["value"]]) if row["mean"] is None else row["mean"]
        for row in states
    }
    links = {row["value"]: address(Scope("state", row["value"])) for row in states}
    rows = [
        [
            linked(row["value"], links[row["value"]]),
            region_of[row["value"]],
            row["expected"],
            *(row[name] for name in STATUSES),
            _colour_words(row["mean"], colours[row["value"]]),
        ]
        for row in states
    ]
    colours_say = NO_COLOURS if set(colours.values()) <= {None} else COLOURS_SAY
    known = {state: href for state, href in links.items() if href}
    return {
        "figure": figures.as_json(network_figures.tile_map(states, colours, known)),
        "sentence": f"{TILES_SAY} {colours_say} {network_words.regions(states)}",
        "table": {
            "caption": "States, with the number that colours the tile",
            "columns": [
                "State",
                "FEMA region",
                *NUMERIC_STATUSES,
                {"label": "Mean index, of", "nowrap": True},
            ],
            "rows": rows,
        },
    }


def _colour_words(own: float | None, used: float | None) -> str:
    if used is None:
        return "not shown"
    return f"{shown(used)}, the {'state' if own is not None else 'region'}"


def spread(index: Numbers, rules: ScoringRules) -> Row:
    """The index: mean and quartiles. Without a mean there is no chart."""
    drawn = None if index["mean"] is None else figures.as_json(network_figures.index_spread(index, rules))
    return {
        "figure": drawn,
        "sentence": network_words.spread(index, rules),
        "table": index_table(index, rules),
    }


def index_table(index: Numbers, rules: ScoringRules) -> Row:
    bounds = score_bounds(rules)
    if index["n"] == 0:
        few: Any = None
    else:
        few = HIDDEN if index["mean"] is None else {"hidden": "fewer than 10 pairs"}
    mean = None if index["n"] == 0 else cell(index["mean"], bounds)
    rows = [["Pairs with an index", count(index["n"])], ["Mean", mean]]
    for label, name in (("First quartile", "q1"), ("Median", "median"), ("Third quartile", "q3")):
        rows.append([label, few if index[name] is None else shown(index[name], bounds, 1)])
    return {"caption": "Maturity index, of 100", "columns": ["Number", *numeric("Value")], "rows": rows}


def history(steps: Sequence[Step], rules: ScoringRules) -> Row | None:
    """The changes from cycle to cycle; None before there are two cycles."""
    if not steps:
        return None
    heads = ("Pairs in both", "Before", "After", "Change", "95 % interval")
    drawn = any(step.shown for step in steps)
    return {
        "figure": figures.as_json(network_figures.history(steps, rules)) if drawn else None,
        "sentence": network_history.sentence(steps),
        "table": {
            "caption": "Mean index on common items, of 100",
            "columns": ["From", "To", "Questions", *numeric(*heads)],
            "rows": [_step(step, rules) for step in steps],
        },
    }


def _step(step: Step, rules: ScoringRules) -> list[Any]:
    first, second = step.versions
    asked = f"version {first} to {second}" if step.reworded else f"version {first}"
    trend = step.trend
    if trend is None:
        return [step.before, step.after, asked, "0", None, None, None, None]
    bounds = score_bounds(rules)
    ends = [cell(trend[name], bounds) for name in ("previous", "current")]
    interval: Any = HIDDEN if trend["change"] is None else None
    if trend["low"] is not None:
        interval = f"{with_sign(trend['low'])} to {with_sign(trend['high'])}"
    change = HIDDEN if trend["change"] is None else with_sign(trend["change"])
    return [step.before, step.after, asked, count(trend["n"]), *ends, change, interval]


def guidance(report: NetworkReport) -> Row:
    """The guide now beside 2011, as two groups that nothing compares."""
    now = report.numbers["guidance"]
    return {
        "figure": figures.as_json(guidance_bars(now, BASELINE_2011, SIDES)),
        "sentence": network_words.awareness(report),
        "table": _guidance_table(now),
    }


def _guidance_table(now: Numbers) -> Row:
    cells = ("not_seen", "seen_not_used", "used", "left", "n")
    rows = [
        [f"{name}, this cycle", *(None if part == "left" else count(now[side][part]) for part in cells)]
        for side, name in SIDES.items()
    ]
    rows += [
        [f"{name} visited in 2011", *(BASELINE_2011[side].get(part) for part in cells)]
        for side, name in SIDES.items()
    ]
    heads = ("Not seen", "Seen, not used", "Used to plan", "Not said by the press", "Asked")
    return {
        "caption": "CPG-502: how far the guide is known and used",
        "columns": ["Who", *numeric(*heads)],
        "rows": rows,
    }


def region_heat(
    regions: Mapping[str, Numbers], questionnaire: Questionnaire, rules: ScoringRules, address: Address
) -> Row | None:
    """Domains by region, the mean in each cell; None where the reader may read no region."""
    if not regions:
        return None
    titles = network_words.titles(questionnaire)
    rows = [
        {
            "name": f"Region {region}",
            "href": address(Scope("region", region)),
            "index": _plain_cell(numbers["index"], rules),
            "cells": [_heat_cell(domain, rules) for domain in numbers["domains"]],
        }
        for region, numbers in regions.items()
    ]
    return {"titles": list(titles.values()), "rows": rows, "sentence": _heat_sentence(regions, titles, rules)}


def _plain_cell(found: Numbers, rules: ScoringRules) -> Row:
    """text, hidden: the mean of an index or a domain, a word, or a dash where there is none."""
    if found["mean"] is not None:
        return {"text": shown(found["mean"], score_bounds(rules)), "hidden": False}
    hidden = bool(found.get("suppressed")) and found["n"] != 0
    return {"text": "hidden" if hidden else "\u2013", "hidden": hidden}


def _heat_cell(domain: Numbers, rules: ScoringRules) -> Row:
    """Beside the words the level in whose band the mean lies, and which side is higher by a wide gap."""
    found = _plain_cell(domain, rules) | {"level": None, "higher": None}
    if domain["mean"] is None:
        return found
    bands = [level.level for level in rules.levels if round(domain["mean"] - level.from_index, 9) >= 0]
    found["level"] = bands[-1] if bands else rules.levels[0].level
    gap = domain["gap"]
    if gap is not None and round(abs(gap), 9) >= min(gap_bounds(rules)):
        found["higher"] = "fusion_center" if gap > 0 else "eoc"
    return found


def _heat_sentence(regions: Mapping[str, Numbers], titles: Mapping[str, str], rules: ScoringRules) -> str:
    cells = [(region, domain) for region, numbers in regions.items() for domain in numbers["domains"]]
    known = [(domain["mean"], region, domain["id"]) for region, domain in cells if domain["mean"] is not None]
    hidden = sum(_plain_cell(domain, rules)["hidden"] for _, domain in cells)
    if not known:
        return f"No mean of a region is shown: each would rest on {FEW}, or let such a group be worked out."
    least = min(known)[0]
    where = [
        f"Region {region}, {titles[name]}" for mean, region, name in known if round(mean - least, 9) == 0
    ]
    more = f" and {len(where) - 1} more" if len(where) > 1 else ""
    low = f"The lowest mean shown is {shown(least, score_bounds(rules))}, in {where[0]}{more}"
    if not hidden:
        return f"{low}."
    return f"{low}; {hidden} of {len(cells)} {'is' if hidden == 1 else 'are'} hidden."
