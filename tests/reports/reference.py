"""The pair maturity index once more, in plain Python, written from the text of the method and not from code.

Exact fractions and plain loops; imports nothing of the product. An item is (id, domain, asked, weight) with
asked one of "both", "fusion_center", "eoc"; answers are side -> item -> "0".."4", "NA", "DK" or "" (blank,
as is an item that is missing). A side that has not submitted is not in the answers.
"""

from __future__ import annotations

from fractions import Fraction

SIDES = ("fusion_center", "eoc")
NAMES = ("Not established", "Informal", "Partly in place", "In place", "Sustained")
CRITICAL = 2
TARGET = 3


def report(items, answers):
    result = {
        "status": status_before_scores(answers),
        "index": None,
        "level": None,
        "level_name": None,
        "held_back_by": [],
        "not_known": [],
        "items": [item_result(item, answers) for item in items],
        "trend": None,
    }
    result["domains"] = [
        domain_result(domain, items, result["items"], answers) for domain in domains_of(items)
    ]
    result["agreement"] = agreement_result(items, answers)
    result["improvements"] = improvements(items, result["items"])
    result["find_first"] = find_first(items, result["items"])
    if result["status"] == "both":
        add_index(result, items)
    return result


def status_before_scores(answers):
    if len(answers) == 2:
        return "both"
    return "one_sided" if answers else "not_started"


def domains_of(items):
    names = []
    for _, domain, _, _ in items:
        if domain not in names:
            names.append(domain)
    return names


def answer(answers, side, item_id):
    return answers.get(side, {}).get(item_id, "")


def rating(answers, side, item):
    """The rating of a side, None where it gave none or is not asked."""
    item_id, _, asked, _ = item
    raw = answer(answers, side, item_id)
    return int(raw) if asked in ("both", side) and raw in ("0", "1", "2", "3", "4") else None


def item_result(item, answers):
    item_id, _, asked, _ = item
    f, e = rating(answers, "fusion_center", item), rating(answers, "eoc", item)
    found = {
        "id": item_id,
        "fusion_center": f,
        "eoc": e,
        "joint": None,
        "difference": None,
        "state": None,
        "discuss": None,
        "quadrant": None,
    }
    if len(answers) < 2:
        return found
    sides = SIDES if asked == "both" else (asked,)
    given = [answer(answers, side, item_id) for side in sides]
    if all(raw == "NA" for raw in given):
        found["state"] = "not_applicable"
    elif any(raw == "NA" for raw in given):
        found["state"] = "scope_conflict"
    elif any(raw in ("DK", "") for raw in given):
        found["state"] = "unknown"
    else:
        found["state"] = "scored"
        if asked == "both":
            found["joint"] = Fraction(3, 4) * min(f, e) + Fraction(1, 4) * max(f, e)
        else:
            found["joint"] = Fraction(f if asked == "fusion_center" else e)
    found["discuss"] = False
    if asked == "both" and f is not None and e is not None:
        found["difference"] = f - e
        found["discuss"] = abs(f - e) >= 2
        found["quadrant"] = quadrant(f, e)
    return found


def quadrant(f, e):
    if f >= 3 and e >= 3:
        return "shared_strength"
    if f <= 1 and e <= 1:
        return "shared_gap"
    if f > e:
        return "fusion_center_higher"
    if e > f:
        return "eoc_higher"
    return "same_partly"


def weighted(pairs):
    """100*sum(w*x)/(4*sum(w)); None where there is nothing to average."""
    weights = sum(w for w, _ in pairs)
    return 100 * sum(w * x for w, x in pairs) / Fraction(4 * weights) if weights else None


def domain_result(domain, items, results, answers):
    mine = [(item, found) for item, found in zip(items, results, strict=True) if item[1] == domain]
    found = {"id": domain, "joint": None, "coverage": None, "reportable": None, "gap": None, "gap_items": 0}
    for side in SIDES:
        given = [(item[3], rating(answers, side, item)) for item, _ in mine]
        found[side] = weighted([(w, x) for w, x in given if x is not None])
    if len(answers) < 2:
        return found
    found["joint"] = weighted([(item[3], r["joint"]) for item, r in mine if r["joint"] is not None])
    base = sum(item[3] for item, r in mine if r["state"] != "not_applicable")
    scored = sum(item[3] for item, r in mine if r["joint"] is not None)
    found["coverage"] = Fraction(scored, base) if base else None
    found["reportable"] = base > 0 and found["coverage"] >= Fraction(70, 100)
    compared = [(item[3], r) for item, r in mine if r["difference"] is not None]
    found["gap_items"] = len(compared)
    if compared:
        first = weighted([(w, r["fusion_center"]) for w, r in compared])
        second = weighted([(w, r["eoc"]) for w, r in compared])
        found["gap"] = first - second
    found["perception_gap"] = len(compared) >= 3 and abs(found["gap"]) >= 20
    return found


def add_index(result, items):
    with_base = [d for d in result["domains"] if d["coverage"] is not None]
    reportable = [d for d in with_base if d["reportable"]]
    if not with_base or Fraction(len(reportable), len(with_base)) < Fraction(3, 4):
        result["status"] = "insufficient"
        return
    result["status"] = "complete"
    result["index"] = sum(d["joint"] for d in reportable) / len(reportable)
    band = min(4, int(result["index"] // 20))
    failing = []
    for item, found in zip(items, result["items"], strict=True):
        if item[3] < CRITICAL or found["state"] == "not_applicable":
            continue
        c = found["joint"]
        if c is None and band == 4:
            failing.append(item[0])
        elif c is None:
            result["not_known"].append(item[0])
        elif (band == 3 and c < 1) or (band == 4 and c < 2):
            failing.append(item[0])
    lowest = {0: 0, 1: 0, 2: 20, 3: 40, 4: 60}[band]
    failing += [d["id"] for d in reportable if d["joint"] < lowest]
    result["held_back_by"] = failing
    result["level"] = band - 1 if failing else band
    result["level_name"] = NAMES[result["level"]]


def agreement_result(items, answers):
    pairs = []
    for item in items:
        f, e = rating(answers, "fusion_center", item), rating(answers, "eoc", item)
        if item[2] == "both" and f is not None and e is not None:
            pairs.append((f, e))
    n = len(pairs)
    found = {"index": None, "exact": None, "within_one": None, "items": n if len(answers) == 2 else None}
    found |= {"weighted_kappa": None, "icc": None}
    if n:
        found["index"] = 100 * (1 - Fraction(sum(abs(f - e) for f, e in pairs), 4 * n))
        found["exact"] = Fraction(sum(f == e for f, e in pairs), n)
        found["within_one"] = Fraction(sum(abs(f - e) <= 1 for f, e in pairs), n)
    if n >= 20:
        found["weighted_kappa"] = linear_kappa(pairs)
        found["icc"] = icc21(pairs)
    return found


def linear_kappa(pairs):
    """1 - sum(w*p_obs)/sum(w*p_exp) with w = |i-j| over the categories 0 to 4."""
    n = len(pairs)
    observed = Fraction(sum(abs(f - e) for f, e in pairs), n)
    expected = Fraction(0)
    for i in range(5):
        for j in range(5):
            p = Fraction(sum(f == i for f, _ in pairs), n) * Fraction(sum(e == j for _, e in pairs), n)
            expected += abs(i - j) * p
    return None if expected == 0 else 1 - observed / expected


def icc21(pairs):
    """(MSR-MSE)/(MSR+(k-1)MSE+k(MSC-MSE)/n) with k = 2."""
    n = len(pairs)
    mean = Fraction(sum(f + e for f, e in pairs), 2 * n)
    columns = [Fraction(sum(f for f, _ in pairs), n), Fraction(sum(e for _, e in pairs), n)]
    between_rows = sum(2 * (Fraction(f + e, 2) - mean) ** 2 for f, e in pairs)
    between_columns = sum(n * (column - mean) ** 2 for column in columns)
    total = sum((f - mean) ** 2 + (e - mean) ** 2 for f, e in pairs)
    msr, msc = between_rows / (n - 1), between_columns
    mse = (total - between_rows - between_columns) / (n - 1)
    bottom = msr + mse + 2 * (msc - mse) / n
    return None if bottom == 0 else (msr - mse) / bottom


def improvements(items, results):
    """(item, priority), w*(3-c) high to low, then |f-e| high to low, then file order."""
    listed = []
    for place, (item, found) in enumerate(zip(items, results, strict=True)):
        if found["joint"] is not None and found["joint"] < TARGET:
            priority = item[3] * (TARGET - found["joint"])
            listed.append((-priority, -abs(found["difference"] or 0), place, item[0]))
    return [(item_id, -priority) for priority, _, _, item_id in sorted(listed)]


def find_first(items, results):
    """Unknown items and scope conflicts, critical ones first."""
    open_items = [
        (item[3] < CRITICAL, place, item[0])
        for place, (item, found) in enumerate(zip(items, results, strict=True))
        if found["state"] in ("unknown", "scope_conflict")
    ]
    return [item_id for _, _, item_id in sorted(open_items)]


def change(items, answers_now, answers_before):
    """Index change on items with c in both cycles: (items, domains, change); None unless both complete."""
    now, before = report(items, answers_now), report(items, answers_before)
    if now["status"] != "complete" or before["status"] != "complete":
        return None
    common = [
        (item, one["joint"], other["joint"])
        for item, one, other in zip(items, now["items"], before["items"], strict=True)
        if one["joint"] is not None and other["joint"] is not None
    ]
    names = domains_of([item for item, _, _ in common])
    totals = [Fraction(0), Fraction(0)]
    for name in names:
        mine = [entry for entry in common if entry[0][1] == name]
        for cycle in (0, 1):
            totals[cycle] += weighted([(entry[0][3], entry[1 + cycle]) for entry in mine])
    if not names:
        return None
    return len(common), len(names), (totals[0] - totals[1]) / len(names)
