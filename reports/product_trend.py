"""What has changed since the survey before: on questions asked in the same words, with the matching test.

Where the respondents cannot be matched (an anonymous survey has no same unit) the years are compared as
independent samples: Newcombe for shares, Welch for means; how many people answered both is then unknown.
Where they can, McNemar and the paired t test stand in, on those who answered both times. Pure.

Hiding: a change is shown where both years' numbers are. Matched people are shown only where there are enough
of them and those left over in either year are none or enough too; else one year less the other would give a
small group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire
from reports.change_tests import benjamini_hochberg, mcnemar, paired_t, welch
from reports.intervals import newcombe
from reports.products import EFFECT, HEADLINES, SATISFACTION, ProductsReport
from reports.survey_tally import ATTRIBUTES, PERFORMANCE, QUALITY, USEFULNESS

SHARES = (HEADLINES[USEFULNESS], HEADLINES[QUALITY], SATISFACTION, EFFECT)
TOP = 4.0  # the two highest points of a scale of five
INDEPENDENT, MATCHED = "independent", "matched"


@dataclass(frozen=True)
class Change:
    """One number then and now; ``p`` of many is adjusted (Benjamini-Hochberg)."""

    question: str
    part: str
    measure: str  # share (of 1) or mean (1 to 5)
    test: str
    before: float
    now: float
    before_n: int
    now_n: int
    difference: float
    low: float | None
    high: float | None
    p: float | None = None


@dataclass(frozen=True)
class ProductsTrend:
    """Changes since ``previous_cycle``; ``matched``: people compared with themselves, None for nobody."""

    previous_cycle: str | None
    common: int  # questions asked in the same words both times
    matched: int | None
    shares: tuple[Change, ...]
    attributes: tuple[Change, ...]

    @property
    def method(self) -> str:
        return INDEPENDENT if self.matched is None else MATCHED


def common_questions(now: Questionnaire, before: Questionnaire) -> list[str]:
    """Ids of the questions with the same words, scale and parts in both."""
    return [
        question.id
        for question in now.questions
        if (other := before.by_id.get(question.id)) is not None
        and (question.type, question.wording, question.scale, question.options, question.rating_set)
        == (other.type, other.wording, other.scale, other.options, other.rating_set)
    ]


def products_trend(
    questionnaire: Questionnaire,
    report: ProductsReport,
    earlier: Questionnaire,
    before: ProductsReport,
    frames: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    matches: pd.DataFrame | None = None,
) -> ProductsTrend | None:
    """Changes from ``before`` to ``report``; None without results or without a common question.

    ``frames`` (now, before: respondent, question, part, status, number) and ``matches`` (now, before:
    respondents) are given where the respondents of both can be matched.
    """
    common = common_questions(questionnaire, earlier)
    if not common or report.released is None or before.released is None:
        return None
    matched = None
    if frames is not None and matches is not None and _enough(report, before, len(matches)):
        matched = _Matched(frames, matches)
    shares = [_share(question, report, before, matched) for question in SHARES if question in common]
    means = [_mean(question, report, before, matched) for question in ATTRIBUTES if question in common]
    return ProductsTrend(
        previous_cycle=before.cycle,
        common=len(common),
        matched=None if matched is None else len(matched),
        shares=tuple(change for change in shares if change is not None),
        attributes=_adjusted([change for change in means if change is not None]),
    )


def _enough(report: ProductsReport, before: ProductsReport, count: int) -> bool:
    """Whether those matched, and those left over in each year, are groups that may be shown."""
    return _shown(report, before, count, (report.responded, before.responded))


def _shown(report: ProductsReport, before: ProductsReport, count: int, wholes: tuple[int, int]) -> bool:
    floor = max(report.floor, before.floor)
    return count >= floor and all(whole == count or whole - count >= floor for whole in wholes)


class _Matched:
    """The answers of people who answered both times, row by row."""

    def __init__(self, frames: tuple[pd.DataFrame, pd.DataFrame], matches: pd.DataFrame) -> None:
        self._frames, self._matches = frames, matches

    def __len__(self) -> int:
        return len(self._matches)

    def ratings(self, question: str, part: str = "") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Now and before, of those who rated it both times."""
        found = [
            _ratings(frame, question, part).reindex(self._matches[name]).to_numpy(dtype=float)
            for frame, name in zip(self._frames, ("now", "before"), strict=True)
        ]
        both = ~np.isnan(found[0]) & ~np.isnan(found[1])
        return np.asarray(found[0][both]), np.asarray(found[1][both])


def _ratings(frame: pd.DataFrame, question: str, part: str) -> pd.Series[float]:
    rows = frame[
        (frame["question"] == question)
        & (frame["part"] == part)
        & (frame["status"] == str(AnswerStatus.ANSWERED))
    ]
    return pd.Series(rows["number"].to_numpy(), index=rows["respondent"].to_numpy())


def _share(
    question: str, report: ProductsReport, before: ProductsReport, matched: _Matched | None
) -> Change | None:
    """The two highest points: of the same people where there are enough, else of two samples."""
    rows = [found.rating(question) for found in (report, before)]
    if any(row is None or row["hidden"] or not row["n"] for row in rows):
        return None
    (s1, n1), (s2, n2) = ((int(row["top"]), int(row["n"])) for row in rows if row is not None)
    if matched is not None:
        now, then = matched.ratings(question)
        if _shown(report, before, len(now), (n1, n2)):
            return _mcnemar(question, now >= TOP, then >= TOP)
    found = newcombe(s1, n1, s2, n2)
    assert found is not None
    return Change(question, "", "share", "newcombe", s2 / n2, s1 / n1, n2, n1, *found)


def _mcnemar(question: str, now: NDArray[np.bool_], then: NDArray[np.bool_]) -> Change:
    n = len(now)
    both, before_only, after_only = (int(x.sum()) for x in (now & then, then & ~now, now & ~then))
    found = mcnemar(both, before_only, after_only, n - both - before_only - after_only)
    ends = (found.change, found.low, found.high, found.p) if found else (0.0, None, None, None)
    return Change(question, "", "share", "mcnemar", float(then.mean()), float(now.mean()), n, n, *ends)


def _mean(
    question: str, report: ProductsReport, before: ProductsReport, matched: _Matched | None
) -> Change | None:
    """Performance of an attribute: of the same people, else of two samples by how often a point was given."""
    points = [_points(found, question) for found in (report, before)]
    if any(given is None for given in points):
        return None
    now, then = (np.asarray(given, dtype=float) for given in points)
    found, test = welch(now, then), "welch"
    if matched is not None:
        same_now, same_then = matched.ratings(question, PERFORMANCE)
        paired = paired_t(same_now, same_then)
        if paired is not None and _shown(report, before, len(same_now), (len(now), len(then))):
            found, test, now, then = paired, "paired_t", same_now, same_then
    if found is None:
        return None
    ends = (found.difference, found.low, found.high, found.p)
    means = (float(then.mean()), float(now.mean()))
    return Change(question, PERFORMANCE, "mean", test, *means, len(then), len(now), *ends)


def _points(report: ProductsReport, question: str) -> NDArray[np.float64] | None:
    rows = report.distributions
    rows = rows[(rows["question"] == question) & (rows["part"] == PERFORMANCE)]
    if rows.empty or rows["hidden"].any() or not rows["count"].sum():
        return None
    return np.repeat(rows["number"].to_numpy(dtype=float), rows["count"].to_numpy(dtype=int))


def _adjusted(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Many are compared at once: their p values say how many false alarms to expect among them."""
    adjusted = benjamini_hochberg([change.p for change in changes if change.p is not None])
    return tuple(replace(change, p=p) for change, p in zip(changes, adjusted, strict=True))
