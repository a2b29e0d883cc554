"""The network's numbers once more, in plain Python from the raw answers, pair by pair.

Exact fractions and plain loops on top of ``tests.reports.reference`` for one pair; imports nothing of the
product. It says what a number is, not whether it may be shown.
"""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from scipy.stats import t

from tests.reports import reference as one_pair

SAID = ("not_seen", "seen_not_used", "used")


def reports(items, answers):
    return {pair: one_pair.report(items, given) for pair, given in answers.items()}


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values) if values else None


def quantile(values, share):
    """Linear interpolation between the two neighbours in rank (statistics.md 10)."""
    ranked = sorted(values)
    place = Fraction(share) * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])


def index(found, pairs):
    values = [found[pair]["index"] for pair in pairs if found[pair]["index"] is not None]
    if not values:
        return {"n": 0, "mean": None, "median": None, "q1": None, "q3": None}
    return {
        "n": len(values),
        "mean": mean(values),
        "q1": quantile(values, Fraction(1, 4)),
        "median": quantile(values, Fraction(1, 2)),
        "q3": quantile(values, Fraction(3, 4)),
    }


def level_counts(found, pairs):
    return {level: sum(found[pair]["level"] == level for pair in pairs) for level in range(5)}


def domains(found, pairs, items):
    result = {}
    for place, name in enumerate(one_pair.domains_of(items)):
        rows = [found[pair]["domains"][place] for pair in pairs]
        rows = [row for row in rows if row["reportable"]]
        numbers = {"n": len(rows), "mean": mean(row["joint"] for row in rows)}
        for key in ("gap", "fusion_center", "eoc"):
            known = [row[key] for row in rows if row[key] is not None]
            numbers[key] = mean(known) if len(known) == len(rows) else None
        result[name] = numbers
    return result


def item_means(found, pairs, items):
    result = {}
    for place, item in enumerate(items):
        rows = [found[pair]["items"][place] for pair in pairs]
        rows = [row for row in rows if row["joint"] is not None]
        apart = [row["difference"] for row in rows if row["difference"] is not None]
        result[item[0]] = {
            "n": len(rows),
            "mean": mean(row["joint"] for row in rows),
            "difference": mean(map(Fraction, apart)) if item[2] == "both" else None,
        }
    return result


def guidance(guide, centers, pairs, side):
    """Each center once, by the most that it says in any of these pairs; blanks count for nothing."""
    most = {}
    for pair in pairs:
        said = guide[pair][side]
        if said is not None:
            center = centers[pair]
            most[center] = max(most.get(center, 0), SAID.index(said))
    counts = {name: sum(rank == place for rank in most.values()) for place, name in enumerate(SAID)}
    return counts | {"n": len(most)}


def trend(items, answers_now, answers_before, pairs):
    """Pair by pair on the items that both cycles scored, then the mean change with Student's interval."""
    rows = [
        both
        for pair in pairs
        if pair in answers_before
        and (both := common_indices(items, answers_now[pair], answers_before[pair])) is not None
    ]
    if not rows:
        return {"n": 0}
    apart = [now - before for before, now in rows]
    result = {"n": len(rows), "previous": mean(b for b, _ in rows), "current": mean(n for _, n in rows)}
    result["change"] = mean(apart)
    if len(rows) > 1:
        variance = sum((x - result["change"]) ** 2 for x in apart) / (len(rows) - 1)
        result["half"] = t.ppf(0.975, len(rows) - 1) * sqrt(variance / len(rows))
    return result


def common_indices(items, now, before):
    """(before, now): the index of each on the items with c in both; None unless both are complete."""
    first, second = one_pair.report(items, before), one_pair.report(items, now)
    if first["status"] != "complete" or second["status"] != "complete":
        return None
    totals, names = [Fraction(0), Fraction(0)], 0
    for name in one_pair.domains_of(items):
        rows = [
            (item[3], one["joint"], other["joint"])
            for item, one, other in zip(items, first["items"], second["items"], strict=True)
            if item[1] == name and one["joint"] is not None and other["joint"] is not None
        ]
        if rows:
            names += 1
            totals[0] += one_pair.weighted([(w, x) for w, x, _ in rows])
            totals[1] += one_pair.weighted([(w, x) for w, _, x in rows])
    return (totals[0] / names, totals[1] / names) if names else None
