"""The results of a survey in plain words, one sentence or two for each figure. Text only, no markup. Pure.

Percent with one decimal, half away from zero; every share with its base; what is hidden is said to be hidden.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from reports.maturity import shown
from reports.product_tables import CHANGE_NAMES, POINTS, SHARE, in_words, interval_in_words
from reports.product_trend import MATCHED, Change, ProductsTrend
from reports.products import EFFECT, ProductsReport
from reports.survey_tally import EOC, OTHER, QUALITY, USEFULNESS

HIDDEN_WORDS = "hidden: fewer than {floor} answers, or it would reveal such a group"
_MEASURES = {USEFULNESS: "very or extremely useful", QUALITY: "good or very good in quality"}
_LISTED = 3


def percent(share: float) -> str:
    """0.5625 -> "56.3 %", on one line."""
    return in_words(share, SHARE) or ""


def headline(report: ProductsReport, measure: str) -> str:
    """How many find the products useful, or good, with interval and base."""
    row: Any = report.headline.set_index("measure").loc[measure]
    if row["hidden"]:
        return f"The rating of {measure} is {_hidden(report)}."
    if not row["n"]:
        return f"Nobody rated the {measure} overall."
    return (
        f"{percent(row['top_two'])} of {int(row['n']):,} find the products and information "
        f"{_MEASURES[measure]} (95\xa0% interval {_interval(row)})."
    )


def attributes(report: ProductsReport) -> str:
    """What matters and is not done well comes first; where the plot is cut."""
    if report.cuts is None:
        return f"The ratings of the attributes are {_hidden(report)}, or there are none."
    importance, performance = (shown(cut, (), 2) for cut in report.cuts)
    cut = f"The cut is at the means of what is shown: importance {importance}, performance {performance}."
    first = report.attributes[report.attributes["quadrant"] == "concentrate_here"]
    if first.empty:
        return f"No attribute is of high importance and low performance. {cut}"
    names = [f"{row['wording']} ({row['id']})" for row in first.to_dict("records")]
    return f"Important and done less well than the rest: {_listing(names)}. {cut}"


def product_types(report: ProductsReport) -> str:
    """The best and the worst net score."""
    rows = report.product_types[~report.product_types["hidden"]]
    rows = rows[rows["usefulness_net"].notna()]
    rows = rows.sort_values("usefulness_net", ascending=False, kind="stable")
    if rows.empty:
        return "No product type has enough answers to be shown."
    best, worst = rows.iloc[0], rows.iloc[-1]
    first = f"Highest net score: {best['wording']} ({_points(best['usefulness_net'])})"
    last = f"; lowest: {worst['wording']} ({_points(worst['usefulness_net'])})" if len(rows) > 1 else ""
    return f"{first}{last}. The net score is the share of 4 and 5 less the share of 1 and 2."


def groups(report: ProductsReport) -> str:
    """EOC officials beside the others on usefulness."""
    change = report.differences[USEFULNESS]
    if change is None:
        return "There are not two groups to compare: one of them has no answers."
    rows: Any = report.groups[report.groups["measure"] == USEFULNESS].set_index("group")
    if change.hidden or change.value is None or change.low is None or change.high is None:
        return f"EOC officials and the others are {_hidden(report)}."
    one, two = (f"{percent(rows.loc[g, 'top_two'])} of {int(rows.loc[g, 'n']):,}" for g in (EOC, OTHER))
    apart = "chance alone would seldom make as large a difference"
    if change.low <= 0 <= change.high:
        apart = "the interval holds 0, so chance may be all there is to it"
    return (
        f"{one} EOC officials find the products useful, and {two} others: a difference of "
        f"{_points(change.value)} (95\xa0% interval {interval_in_words(change.low, change.high, POINTS)});"
        f" {apart}."
    )


def effect(report: ProductsReport) -> str:
    """How many say that the products influenced a decision."""
    row = report.rating(EFFECT)
    if row is None or (not row["hidden"] and not row["n"]):
        return "Nobody said whether the products influenced a decision."
    if row["hidden"]:
        return f"Whether the products influenced a decision is {_hidden(report)}."
    return (
        f"{percent(row['top_two'])} of {int(row['n']):,} agree that the products influenced a decision they"
        f" made or supported (95\xa0% interval {_interval(row)})."
    )


def chosen(rows: pd.DataFrame, what: str) -> str:
    """The most frequent answers to a multiple choice."""
    if rows["hidden"].any():
        return f"Too few people answered to show {what}."
    found = rows[rows["share"].notna() & (rows["count"] > 0)]
    if found.empty:
        return f"Nobody said {what}."
    most = [f"{row['label'].lower()} ({percent(row['share'])})" for row in found.head(3).to_dict("records")]
    return f"Most often, of {int(found['n'].iloc[0]):,} who answered: {', '.join(most)}."


def reliability(report: ProductsReport) -> str:
    """The quality score with its interval, and whether its items belong together, each with n."""
    score, found = report.quality_score, report.reliability
    if score.hidden:
        return f"The quality score is {_hidden(report)}."
    if score.mean is None:
        return "Nobody rated enough attributes for a quality score."
    ends = ""
    if score.low is not None and score.high is not None:
        ends = f" (95\xa0% interval {shown(score.low, (), 2)} to {shown(score.high, (), 2)})"
    mean = shown(score.mean, (), 2)
    text = f"The quality score is {mean} of 5{ends}, from {score.n:,} who rated 8 or more attributes."
    if found.hidden:
        return f"{text} Its reliability is {_hidden(report)}."
    if found.alpha is None:
        return f"{text} {found.n} complete answers are too few, or too much alike, for its reliability."
    omega = "" if found.omega is None else f", omega {shown(found.omega, (), 2)}"
    alpha = shown(found.alpha, (), 2)
    return f"{text} Reliability: alpha {alpha}{omega}, from {found.n:,} who rated all of them."


def trend(found: ProductsTrend) -> str:
    """What has changed by more than chance would bring, and what has not."""
    moved = [_told(change) for change in found.shares if _moved(change)]
    rest = [CHANGE_NAMES[change.question].lower() for change in found.shares if not _moved(change)]
    if not moved:
        return "No share has changed by more than chance would bring."
    unmoved = (
        f" The rest ({', '.join(rest)}) has not changed by more than chance would bring." if rest else ""
    )
    return f"{' '.join(moved)}{unmoved}"


def _told(change: Change) -> str:
    """One share then and now, and whose."""
    if change.low is None or change.high is None:
        raise ValueError("a change without an interval is not told")
    name, then, now = CHANGE_NAMES[change.question], percent(change.before), percent(change.now)
    both = f"{name}: {now} of {change.now_n:,} now, {then} of {change.before_n:,} before"
    if change.test == "mcnemar":
        both = f"{name}, of the {change.now_n:,} who rated it both times: {now} now, {then} before"
    interval = interval_in_words(change.low, change.high, POINTS)
    return f"{both}, a change of {_points(change.difference)} (95\xa0% interval {interval})."


def _moved(change: Change) -> bool:
    return change.low is not None and change.high is not None and not change.low <= 0 <= change.high


def trend_conditions(found: ProductsTrend) -> str:
    """Which tests were used, and what must hold for them."""
    many = "The attributes' p values are adjusted for comparing many (Benjamini-Hochberg)."
    if found.method == MATCHED:
        return (
            f"{found.matched:,} people answered both times and are compared with themselves (McNemar's test"
            " for shares, the paired t test for means) wherever enough of them answered a question; the rest"
            f" is compared as independent samples (Newcombe, Welch). {many}"
        )
    return (
        "The two surveys are compared as independent samples (Newcombe's interval for shares, Welch's test"
        f" for means): how many people answered both times is not known. {many}"
    )


def _interval(row: Any) -> str:
    return interval_in_words(row["low"], row["high"], SHARE)


def _points(share: float) -> str:
    return in_words(share, POINTS) or ""


def _hidden(report: ProductsReport) -> str:
    if report.released is None:
        return "not released yet"
    return HIDDEN_WORDS.format(floor=report.floor)


def _listing(names: list[str]) -> str:
    named = "; ".join(names[:_LISTED])
    return named if len(names) <= _LISTED else f"{named}; and {len(names) - _LISTED} more"
