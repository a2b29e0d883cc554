"""The ``products`` object from the text alone, one number at a time: slow, plain, and no pandas."""

from __future__ import annotations

from statistics import NormalDist, fmean, variance

from tests.reports.survey_answers import ATTRIBUTES

Z = NormalDist().inv_cdf(0.975)
SKIPPED = {"P-04", "S-05"}
NEVER = "never"


def asked(answers, question):
    """Part iii, *Skips*."""
    if answers.get(("P-03", "")) == NEVER and (question in SKIPPED or question[0] in "TAUO"):
        return False
    return question != "U-05" or answers.get(("P-05", "")) == "yes"


def valid(people, question, part=""):
    codes = [p.get((question, part), "") for p in people if asked(p, question)]
    return [int(code) for code in codes if code in tuple("12345")]


def is_eoc(answers):
    return answers.get(("P-01", "")) == "eoc"


def wilson(k, n):
    p, z = k / n, Z
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return centre - half, centre + half


def top_two(values, hidden):
    if hidden:
        return {"top_two": None, "n": None, "low": None, "high": None, "suppressed": True}
    if not values:
        return {"top_two": None, "n": 0, "low": None, "high": None}
    k, n = sum(v >= 4 for v in values), len(values)
    low, high = wilson(k, n)
    return {"top_two": k / n, "n": n, "low": low, "high": high}


def few(values, floor):
    return 0 < len(values) < floor


def pair_of_means(people, question, parts, floor):
    each = [valid(people, question, part) for part in parts]
    row = {"id": question}
    for part, values in zip(parts, each, strict=True):
        row[part] = None if not values or few(values, floor) else fmean(values)
    if any(few(values, floor) for values in each):
        return row | {"n": None, "suppressed": True}
    return row | {"n": min(map(len, each))}


def with_quadrants(rows):
    whole = [r for r in rows if r["importance"] is not None and r["performance"] is not None]
    for row in rows:
        row["quadrant"] = None
    if whole:
        cut = {name: fmean(r[name] for r in whole) for name in ("importance", "performance")}
        for row in whole:
            high = tuple(round(row[name], 9) >= round(cut[name], 9) for name in cut)
            row["quadrant"] = {
                (True, False): "concentrate_here",
                (True, True): "keep_up",
                (False, False): "low_priority",
                (False, True): "possible_overkill",
            }[high]
    return rows


def quality_score(people, floor):
    own = [[v for a in ATTRIBUTES for v in valid([p], a, "performance")] for p in people]
    kept = [values for values in own if len(values) >= 8]
    left_out = [values for values in own if 0 < len(values) < 8]
    telling = kept and all(len(values) == 12 for values in kept) and few(left_out, floor)
    if few(kept, floor) or telling:
        return {"mean": None, "n": None, "suppressed": True}
    return {"mean": fmean(map(fmean, kept)) if kept else None, "n": len(kept)}


def alpha(people, floor):
    own = [[valid([p], a, "performance") for a in ATTRIBUTES] for p in people]
    complete = [[v[0] for v in values] for values in own if all(values)]
    if few(complete, floor):
        return {"alpha": None, "n": None, "suppressed": True}
    if len(complete) < 10 or not variance(map(sum, complete)):
        return {"alpha": None, "n": len(complete)}
    items = sum(variance(column) for column in zip(*complete, strict=True))
    return {"alpha": 12 / 11 * (1 - items / variance(map(sum, complete))), "n": len(complete)}


def products(people, floor):
    groups = {
        "eoc": valid([p for p in people if is_eoc(p)], "O-01"),
        "other": valid([p for p in people if not is_eoc(p)], "O-01"),
    }
    hidden = any(few(values, floor) for values in groups.values())
    return {
        "headline": {
            name: top_two(valid(people, q), few(valid(people, q), floor))
            for name, q in (("usefulness", "O-01"), ("quality", "O-02"))
        },
        "attributes": with_quadrants(
            [pair_of_means(people, a, ("importance", "performance"), floor) for a in ATTRIBUTES]
        ),
        "product_types": [
            pair_of_means(people, f"T-{n:02}", ("usefulness", "quality"), floor) for n in range(1, 10)
        ],
        "quality_score": quality_score(people, floor),
        "reliability": alpha(people, floor),
        "groups": [{"group": g, "usefulness": top_two(v, hidden)} for g, v in groups.items()],
        "difference": difference(*groups.values(), hidden),
    }


def difference(first, second, hidden):
    if hidden:
        return {"value": None, "low": None, "high": None, "suppressed": True}
    if not first or not second:
        return None
    (k1, n1), (k2, n2) = ((sum(v >= 4 for v in values), len(values)) for values in (first, second))
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    return {
        "value": p1 - p2,
        "low": p1 - p2 - ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5,
        "high": p1 - p2 + ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5,
    }
