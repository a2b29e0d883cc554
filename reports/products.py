"""What a fusion center reads about the usefulness and quality of its products: one survey in, one report out.

What is hidden, and what else would let it be had:

- Every number rests on at least ``floor`` answers, or is hidden with its n. The base decides: in a shown
  base the answers are shown.
- EOC officials and the others add up to all. If one of them is below the floor, the whole less the other
  would give it, so both are hidden, and the difference with them. Whoever left P-01 blank is one of the
  others: as a third group they could be worked out. An empty group hides nothing.
- The quality score leaves out who rated fewer than 8 attributes, whom the attributes' means count. Where that
  would give the sum of fewer than ``floor`` people's ratings, the score is hidden (``quality_score``).
- Each other number has a question of its own; bases of different questions differ, but numbers of different
  questions cannot be taken from one another. Alpha and omega are of complete cases only and of no larger
  set besides.
- How many answered the survey and the response rate are completeness, which is not hidden.
- Before its release a survey has no results: all is hidden but completeness.

Not covered here: results of two points of time of one survey (they are released once, by whoever calls), and
tables made outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from questionnaires.definition import RESPONDENT, Questionnaire
from reports.pair import plain
from reports.product_summaries import (
    Difference,
    Hiding,
    QualityScore,
    by_group,
    choices,
    difference,
    distributions,
    quality_score,
    ratings,
    with_shares,
)
from reports.reliability import cronbach_alpha, mcdonald_omega
from reports.response_rates import ResponseRates, response_rates
from reports.survey_tally import (
    ATTRIBUTES,
    IMPORTANCE,
    PERFORMANCE,
    PRODUCT_TYPES,
    QUALITY,
    USEFULNESS,
    Tally,
    tally,
)

HEADLINES = {USEFULNESS: "O-01", QUALITY: "O-02"}
EFFECT, SATISFACTION, USES, NEEDS = "U-03", "O-03", "U-02", "N-01"
RATE = "AAPOR RR2"
RELIABILITY_FROM = 10  # complete cases
SCALE_MIDDLE = 3.0
_QUADRANTS = {
    (True, False): "concentrate_here",
    (True, True): "keep_up",
    (False, False): "low_priority",
    (False, True): "possible_overkill",
}


@dataclass(frozen=True)
class Reliability:
    """Of the performance ratings of those who gave all; None where undefined, too few or hidden."""

    alpha: float | None
    omega: float | None
    n: int | None
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class ProductsReport:
    """Everything that pages, figures and files show of one survey, hidden numbers already left out.

    Frames have a column ``hidden``; rows are in file order.
    ``headline``: measure (usefulness|quality), question, n, top_two, low, high, net, mean, sd, no_basis, top,
    bottom. ``groups``: the same by group (eoc|other). ``differences``: measure -> eoc less other.
    ``attributes``: id, wording, importance, performance, n (the smaller of importance_n, performance_n),
    quadrant. ``cuts``: where importance and performance are cut, None without a shown attribute.
    ``product_types``: id, wording, usefulness, quality (means), n (the smaller), usefulness_n, quality_n,
    usefulness_net, quality_net, usefulness_top_two, quality_top_two, not_received.
    ``ratings``: question, part and the columns of the headline, for everything that was rated.
    ``distributions`` and ``choices``: see ``product_summaries``.
    """

    questionnaire: str
    version: str
    cycle: str | None
    fusion_center: str | None
    synthetic: bool
    floor: int
    released: date | None
    invited: int | None
    responded: int  # responses that the results rest on, partial ones included
    partials: int
    rates: ResponseRates | None  # None where nobody was invited
    headline: pd.DataFrame
    groups: pd.DataFrame
    differences: dict[str, Difference | None]
    attributes: pd.DataFrame
    cuts: tuple[float, float] | None
    product_types: pd.DataFrame
    quality_score: QualityScore
    reliability: Reliability
    ratings: pd.DataFrame
    distributions: pd.DataFrame
    choices: pd.DataFrame

    def rating(self, question: str) -> pd.Series[Any] | None:
        """The row of ``ratings`` of a question with one rating, such as EFFECT or SATISFACTION."""
        rows = self.ratings[(self.ratings["question"] == question) & (self.ratings["part"] == "")]
        return None if rows.empty else rows.iloc[0]

    def chosen(self, question: str) -> pd.DataFrame:
        """The rows of ``choices`` of a question, such as NEEDS or USES, the most frequent first."""
        rows = self.choices[self.choices["question"] == question]
        return rows.sort_values("count", ascending=False, kind="stable", na_position="last")

    def to_json(self) -> dict[str, Any]:
        """The ``products`` object of the contract: plain Python values, numbers unrounded, None for null.

        An object with a number that may not be shown has ``suppressed``: true. Synthetic answers add the key
        ``synthetic``.
        """
        value = self.rates.rr2 if self.rates else None
        quality, reliability = self.quality_score, self.reliability
        change = self.differences[USEFULNESS]
        found = {
            "cycle": self.cycle,
            "fusion_center": self.fusion_center,
            "released": self.released.isoformat() if self.released else None,
            "invited": self.invited,
            "responded": self.responded,
            "response_rate": {"definition": RATE, "value": value},
            "headline": {row["measure"]: _object(row, _SHARE) for row in _rows(self.headline)},
            "attributes": [_object(row, _ATTRIBUTE) for row in _rows(self.attributes)],
            "product_types": [_object(row, _TYPE) for row in _rows(self.product_types)],
            "quality_score": _object(vars(quality), ("mean", "n")),
            "reliability": _object(vars(reliability), ("alpha", "omega", "n")),
            "groups": [
                {"group": row["group"], USEFULNESS: _object(row, _SHARE)}
                for row in _rows(self.groups)
                if row["measure"] == USEFULNESS
            ],
            "difference": None if change is None else _object(vars(change), ("value", "low", "high")),
        }
        return found | ({"synthetic": True} if self.synthetic else {})


_SHARE = ("top_two", "n", "low", "high")
_ATTRIBUTE = ("id", IMPORTANCE, PERFORMANCE, "n", "quadrant")
_TYPE = ("id", USEFULNESS, QUALITY, "n")


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _object(row: dict[Any, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    found = {key: plain(row[key]) for key in keys}
    return found | ({"suppressed": True} if row["hidden"] else {})


def build(
    questionnaire: Questionnaire,
    frame: pd.DataFrame,
    *,
    floor: int = 10,
    invited: int | None = None,
    responded: int | None = None,
    partials: int = 0,
    released: date | None = None,
    open_link: bool = False,
    cut: float | None = None,
    cycle: str | None = None,
    fusion_center: str | None = None,
    synthetic: bool = False,
) -> ProductsReport:
    """The report of one survey from its answers: respondent, question, part, status, number, option (text).

    ``frame`` holds the responses that count: submitted ones and, from the close, partial ones
    (``response_rates.partial_respondents``). ``responded``: how many, by default those with a row, of whom
    ``partials`` are partial. ``invited``: eligible persons invited. ``released``: the day, None before it.
    ``cut``: a fixed cut of the importance-performance grid (3.0), by default the grand means. ValueError for
    a frame that is not sound or a floor below 5.
    """
    counted = tally(questionnaire, frame)
    return summarise(
        questionnaire,
        counted,
        hiding=Hiding(floor, released is not None),
        released=released,
        responded=counted.respondents if responded is None else responded,
        partials=partials,
        invited=None if open_link else invited,
        cut=cut,
        cycle=cycle,
        fusion_center=fusion_center,
        synthetic=synthetic,
    )


def summarise(
    questionnaire: Questionnaire,
    counted: Tally,
    *,
    hiding: Hiding,
    released: date | None,
    responded: int,
    partials: int = 0,
    invited: int | None = None,
    cut: float | None = None,
    cycle: str | None = None,
    fusion_center: str | None = None,
    synthetic: bool = False,
) -> ProductsReport:
    """As ``build``, from answers that were counted elsewhere."""
    rated = with_shares(ratings(questionnaire, counted), hiding)
    in_groups = ratings(questionnaire, counted, by_group=True)
    in_groups = in_groups[in_groups["question"].isin(list(HEADLINES.values()))]
    groups = _headlines(by_group(in_groups, hiding))
    attributes, cuts = _attributes(questionnaire, rated, cut)
    return ProductsReport(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        cycle=cycle,
        fusion_center=fusion_center,
        synthetic=synthetic,
        floor=hiding.floor,
        released=released,
        invited=invited,
        responded=responded,
        partials=partials,
        rates=_rates(invited, responded, partials),
        headline=_headlines(rated),
        groups=groups,
        differences={name: difference(in_groups, groups, item) for name, item in HEADLINES.items()},
        attributes=attributes,
        cuts=cuts,
        product_types=_product_types(questionnaire, rated),
        quality_score=quality_score(counted, hiding),
        reliability=_reliability(counted, hiding),
        ratings=rated,
        distributions=distributions(questionnaire, counted, hiding),
        choices=choices(questionnaire, counted, hiding),
    )


def _rates(invited: int | None, responded: int, partials: int) -> ResponseRates | None:
    """None where nobody was invited, or more answered than were (by papers, or a link passed on)."""
    if not invited or responded > invited:
        return None
    return response_rates(complete=responded - partials, partial=partials, non_contact=invited - responded)


def _headlines(rated: pd.DataFrame) -> pd.DataFrame:
    measures = {question: measure for measure, question in HEADLINES.items()}
    rows = rated[rated["question"].isin(list(measures))].drop(columns="part")
    rows.insert(0, "measure", rows["question"].map(measures))
    return rows.reset_index(drop=True)


def importance_performance(frame: pd.DataFrame, cut: float | None = None) -> pd.DataFrame:
    """The frame (attribute, importance, performance, anything else) with a column quadrant.

    concentrate_here (important, not done well), keep_up, low_priority or possible_overkill (done well, not
    important). Cut at the grand means, the mean of the attributes' means, or at ``cut`` on both axes (3.0,
    the middle of the scale); at or above is high, compared to 9 decimals. An attribute without both numbers
    has no quadrant and does not count in the means. Source: Martilla & James (1977), J. Marketing 41:77-79.
    """
    found = frame.copy()
    names = pd.Series([None] * len(found), index=found.index, dtype=object)
    lines = cut_lines(found, cut)
    if lines is not None:
        whole = _whole(found)
        high = [(found.loc[whole, name].round(9) >= round(line, 9)) for name, line in lines.items()]
        names[whole] = [_QUADRANTS[bool(i), bool(p)] for i, p in zip(*high, strict=True)]
    found["quadrant"] = names
    return found


def cut_lines(frame: pd.DataFrame, cut: float | None = None) -> dict[str, float] | None:
    """Where ``importance_performance`` cuts each axis; None without an attribute that has both numbers."""
    whole = frame[_whole(frame)]
    if whole.empty:
        return None
    return {name: float(whole[name].mean()) if cut is None else cut for name in (IMPORTANCE, PERFORMANCE)}


def _whole(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame[IMPORTANCE].notna() & frame[PERFORMANCE].notna()


def _attributes(
    questionnaire: Questionnaire, rated: pd.DataFrame, cut: float | None
) -> tuple[pd.DataFrame, tuple[float, float] | None]:
    found = _side_by_side(questionnaire, rated, ATTRIBUTES, (IMPORTANCE, PERFORMANCE), ["mean", "n"])
    found = found.rename(columns={f"{name}_mean": name for name in (IMPORTANCE, PERFORMANCE)})
    lines = cut_lines(found, cut)
    cuts = None if lines is None else (lines[IMPORTANCE], lines[PERFORMANCE])
    return importance_performance(found, cut), cuts


def _product_types(questionnaire: Questionnaire, rated: pd.DataFrame) -> pd.DataFrame:
    names = ["mean", "n", "net", "top_two", "not_received"]
    found = _side_by_side(questionnaire, rated, PRODUCT_TYPES, (USEFULNESS, QUALITY), names)
    found = found.drop(columns=f"{QUALITY}_not_received")
    return found.rename(
        columns={
            f"{USEFULNESS}_mean": USEFULNESS,
            f"{QUALITY}_mean": QUALITY,
            f"{USEFULNESS}_not_received": "not_received",
        }
    )


def _side_by_side(
    questionnaire: Questionnaire,
    rated: pd.DataFrame,
    items: tuple[str, ...],
    parts: tuple[str, str],
    names: list[str],
) -> pd.DataFrame:
    """A row an item asked with the two parts in columns; hidden where a part is, n the smaller of the two."""
    asked = [item for item in items if item in questionnaire.by_id]
    found = pd.DataFrame({"id": pd.Series(asked, dtype=object)})
    found["wording"] = [questionnaire.by_id[item].wording[RESPONDENT] for item in asked]
    sides = [rated[rated["part"] == part].set_index("question").reindex(asked) for part in parts]
    for part, side in zip(parts, sides, strict=True):
        for name in names:
            found[f"{part}_{name}"] = side[name].array
    first, second = (side["n"] for side in sides)
    found["n"] = first.where(first <= second, second).where(first.notna() & second.notna()).array
    found["hidden"] = np.any([side["hidden"].to_numpy(dtype=bool) for side in sides], axis=0)
    return found


def _reliability(counted: Tally, hiding: Hiding) -> Reliability:
    """Alpha and omega of the performance ratings, complete cases, from RELIABILITY_FROM of them on."""
    complete = counted.performance.dropna() if counted.performance.shape[1] else counted.performance.iloc[:0]
    n = len(complete)
    if hiding.hides(n):
        return Reliability(None, None, None, hidden=True)
    if n < RELIABILITY_FROM:
        return Reliability(None, None, n)
    return Reliability(cronbach_alpha(complete), mcdonald_omega(complete), n)
