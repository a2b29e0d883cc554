"""The network in plain sentences, true for none, one, all and ties. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from questionnaires.definition import Questionnaire, ScoringRules
from reports.maturity import gap_bounds, item_bounds, score_bounds, shown
from reports.network import Numbers, Scope
from reports.network_report import NetworkReport
from reports.scoring import scoring_rules

FEW = "fewer than 5 pairs"


def scope_name(scope: Scope) -> str:
    """The scope as a heading says it."""
    return {
        "nation": "The nation",
        "region": f"FEMA Region {scope.value}",
        "state": f"State of {scope.value}",
        "level": f"EOCs of level {scope.value}",
    }[scope.kind]


def opening(report: NetworkReport) -> list[str]:
    """Three sentences: who has answered, where the network stands, what to do next."""
    return [_answered(report), _stands(report), _next(report)]


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count:,} pairs"


def _answered(report: NetworkReport) -> str:
    counts = report.counts
    expected, complete, one_sided = (counts[name] for name in ("expected", "complete", "one_sided"))
    if complete == expected:
        return (
            "The one pair has answered on both sides."
            if expected == 1
            else (f"All {_pairs(expected)} have answered on both sides.")
        )
    if expected == 1:
        return "The one pair has not answered on both sides."
    said = "None" if not complete else f"{complete:,}"
    have = "has" if complete == 1 else "have"
    sentence = f"{said} of {_pairs(expected)} {have} answered on both sides"
    if one_sided:
        waits = "waits" if one_sided == 1 else "wait"
        sentence += f"; {one_sided:,} more {waits} for one side"
    return f"{sentence}."


def _stands(report: NetworkReport) -> str:
    index = report.numbers["index"]
    if report.released is None:
        return "Numbers are released when the cycle closes; until then there is only who has answered."
    if not report.counts["complete"]:
        return "The cycle closed before a pair had answered on both sides, so there are no numbers."
    if index["mean"] is None:
        return f"The numbers are hidden: they would rest on {FEW}, or let such a group be worked out."
    bounds = score_bounds(scoring_rules(report.questionnaire))
    sentence = (
        f"The mean maturity index is {shown(index['mean'], bounds, 1)} of 100 over {_pairs(index['n'])}"
    )
    trend = report.numbers["trend"]
    if trend and trend["change"] is not None:
        return f"{sentence}; {_change(trend)}."
    return f"{sentence}."


def _change(trend: Numbers) -> str:
    way = "up" if trend["change"] > 0 else "down" if trend["change"] < 0 else "unchanged"
    if way == "unchanged":
        return f"unchanged in the {_pairs(trend['n'])} that are in both cycles"
    points = shown(abs(trend["change"]), (), 1)
    return f"{way} {points} points in the {_pairs(trend['n'])} that are in both cycles"


def _next(report: NetworkReport) -> str:
    if report.released is None:
        waiting = report.counts["expected"] - report.counts["complete"]
        if not waiting:
            return "Nothing is left to do until the cycle closes."
        return f"Next: remind the {_pairs(waiting)} that still have a side to come."
    gaps = report.common_gaps
    if not gaps:
        return "Next: see who has not answered, below."
    action = report.questionnaire.by_id[gaps[0]["id"]].action
    mean = shown(gaps[0]["mean"], item_bounds(scoring_rules(report.questionnaire)), 1)
    lowest = f"the lowest common item, {gaps[0]['id']}, has a mean of {mean} of 4"
    return f"Next: {lowest}. {action.rstrip('.')}." if action else f"Next: {lowest}."


def wide_gaps(report: NetworkReport) -> str:
    """Which side sees which domains better, by the rule for a wide gap."""
    rules = scoring_rules(report.questionnaire)
    domains = [domain for domain in report.numbers["domains"] if domain["gap"] is not None]
    if not domains:
        return "No domain shows both sides' means."
    widest = max(domains, key=lambda domain: abs(domain["gap"]))
    size = shown(abs(widest["gap"]), gap_bounds(rules), 1)
    if widest["gap"] == 0:
        return "Both sides see every shown domain the same on average."
    who = "fusion centers" if widest["gap"] > 0 else "EOCs"
    title = titles(report.questionnaire)[widest["id"]]
    base = "On the items that both sides rate, the widest mean gap is in"
    return f"{base} {title}, where the {who} rate {size} points higher."


def levels(report: NetworkReport) -> str:
    """What the distribution of levels says, hidden cells included."""
    counted = [level for level in report.numbers["levels"] if level["count"] is not None]
    hidden = len(report.numbers["levels"]) - len(counted)
    if not any(level["count"] for level in counted):
        return "The counts by level are hidden or not there yet."
    most = max(level["count"] for level in counted)
    names = [f"level {level['level']}" for level in counted if level["count"] == most]
    sentence = f"Of the counts shown, the largest is {_pairs(most)} at {_joined(names)}"
    if not hidden:
        return f"{sentence}."
    return f"{sentence}; {hidden} {'count is' if hidden == 1 else 'counts are'} hidden."


def regions(rows: Sequence[Numbers]) -> str:
    """How the regions or states compare in having answered."""
    if not rows:
        return "There is no further breakdown."
    complete = sum(row["complete"] == row["expected"] for row in rows)
    return f"{complete} of {len(rows)} have answers from both sides of every pair."


def awareness(report: NetworkReport) -> str:
    """How many centers have used the guide."""
    parts = []
    for side, name in (("fusion_center", "fusion centers"), ("eoc", "EOCs")):
        found = report.numbers["guidance"][side]
        if found["used"] is not None and found["n"]:
            parts.append(f"{found['used']} of {found['n']} {name}")
    if not parts:
        return "How many have used the guide is hidden or not there yet."
    return f"{_joined(parts)} say that they have used CPG-502 to plan how they work together."


def spread(index: Numbers, rules: ScoringRules) -> str:
    """Between which numbers the middle half of the pairs lies."""
    if index["n"] == 0:
        return "No pair has an index."
    if index["mean"] is None:
        return f"The index is hidden: it would rest on {FEW}, or let such a group be worked out."
    bounds = score_bounds(rules)
    if index["median"] is None:
        return f"The mean is {shown(index['mean'], bounds, 1)}; quartiles need at least 10 pairs."
    low, middle, high = (shown(index[name], bounds, 1) for name in ("q1", "median", "q3"))
    if low == high:
        return f"The middle half of the pairs stands at {middle} of 100."
    return f"The middle half of the pairs lies between {low} and {high} of 100, around a median of {middle}."


QUARTERS = ("lowest", "second", "third", "highest")


def place(own: Sequence[float], index: Numbers) -> str:
    """In which quarter of the nation a center's own pairs stand; "" without quartiles or without pairs."""
    edges = [index[name] for name in ("q1", "median", "q3")]
    if None in edges or not own:
        return ""
    quarters = [sum(round(value - edge, 9) > 0 for edge in edges) for value in own]
    found = [(quarters.count(number), name) for number, name in enumerate(QUARTERS) if number in quarters]
    if len(own) == 1:
        return f"Your pair stands in the {found[0][1]} quarter of the nation."
    if len(found) == 1:
        return f"All {len(own)} of your pairs with an index stand in the {found[0][1]} quarter of the nation."
    first = f"{found[0][0]} {'stands' if found[0][0] == 1 else 'stand'} in the {found[0][1]}"
    parts = [first, *(f"{number} in the {name}" for number, name in found[1:])]
    return f"Of your {len(own)} pairs with an index, {_joined(parts)} quarter of the nation."


def titles(questionnaire: Questionnaire) -> dict[str, str]:
    return {section.id: section.title for section in questionnaire.domains}


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
