"""Ratings, shares and choices of a survey by question, with what each rests on, hidden where it must be.

Frames in, frames out. ``hidden`` says that a row's numbers may not be shown; they are missing then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from questionnaires.answers import AnswerStatus
from questionnaires.definition import AnswerType, Questionnaire, ResponseScale
from reports.intervals import mean_t_of, newcombe, wilson
from reports.survey_tally import EOC, GROUPS, OTHER, Tally, rating_scales

LEAST_FLOOR = 5
_STATUS_NAMES = {
    "no_basis": str(AnswerStatus.DO_NOT_KNOW),
    "not_received": str(AnswerStatus.NOT_APPLICABLE),
}


@dataclass(frozen=True)
class Hiding:
    """When a number that rests on n answers may be shown: from the floor on, once it is released."""

    floor: int
    released: bool

    def __post_init__(self) -> None:
        if self.floor < LEAST_FLOOR:
            raise ValueError(f"The floor of a survey is at least {LEAST_FLOOR}, not {self.floor}.")

    def hides(self, n: int) -> bool:
        """Whether n answers are too few; none at all are not hidden but nothing."""
        return not self.released or 0 < n < self.floor

    def hides_any_of(self, parts: Sequence[int]) -> bool:
        """Whether one of the parts of a shown whole is too small: the others and the whole would give it."""
        return any(self.hides(n) for n in parts)


def ratings(questionnaire: Questionnaire, tally: Tally, *, by_group: bool = False) -> pd.DataFrame:
    """What was rated, in file order: a row a question and part (and group); nothing is hidden yet.

    Columns: question, part[, group], n (valid ratings), mean, sd (n - 1), top, bottom (how many gave the two
    highest, lowest points), no_basis, not_received (how many said so).
    """
    scales = rating_scales(questionnaire)
    keys = ["question", "part", *(["group"] if by_group else [])]
    rows = [(*key, group) for key in scales for group in GROUPS] if by_group else list(scales)
    index = pd.MultiIndex.from_tuples(rows, names=keys)
    counts = tally.counts
    asked = counts[pd.MultiIndex.from_frame(counts[["question", "part"]]).isin(list(scales))]
    valid = asked[(asked["status"] == str(AnswerStatus.ANSWERED)) & asked["number"].notna()]
    points = zip(valid["question"], valid["part"], valid["number"], strict=True)
    steps = np.array([_step(scales[question, part], number) for question, part, number in points])
    steps = steps.reshape(len(valid), 2)
    sums = pd.DataFrame(
        {
            "n": valid["n"],
            "sum": valid["n"] * valid["number"],
            "squares": valid["n"] * valid["number"] ** 2,
            "top": valid["n"] * steps[:, 0],
            "bottom": valid["n"] * steps[:, 1],
        }
    )
    found = sums.groupby([valid[key] for key in keys], observed=True).sum().reindex(index, fill_value=0)
    for name, status in _STATUS_NAMES.items():
        said = asked[asked["status"] == status]
        found[name] = said.groupby(keys, observed=True)["n"].sum().reindex(index, fill_value=0)
    n = found["n"].to_numpy(dtype=float)
    found["mean"] = _over(found["sum"], n)
    spread = found["squares"].to_numpy(dtype=float) - n * np.nan_to_num(found["mean"].to_numpy()) ** 2
    found["sd"] = np.sqrt(np.maximum(_over(spread, n - 1), 0))
    columns = ["n", "mean", "sd", "top", "bottom", *_STATUS_NAMES]
    whole = dict.fromkeys(("n", "top", "bottom", *_STATUS_NAMES), int)
    return found[columns].astype(whole).reset_index()


def _step(points: tuple[float, ...], number: float) -> tuple[bool, bool]:
    """Whether a rating is one of the two highest, of the two lowest points of its scale."""
    return number in points[-2:], number in points[:2]


def _over(top: Any, bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(top, dtype=float)
    found: NDArray[np.float64] = np.full(len(values), np.nan)
    np.divide(values, bottom, where=bottom > 0, out=found)
    return found


def with_shares(found: pd.DataFrame, hiding: Hiding) -> pd.DataFrame:
    """Rows of ``ratings`` with top_two (share of 1), low, high (Wilson), net and hidden.

    net: share of the two highest points less that of the two lowest. Where ``found`` has a column hidden,
    that decides; else a row is hidden by its own n.
    """
    rows = found.copy()
    if "hidden" not in rows:
        rows["hidden"] = [hiding.hides(int(n)) for n in rows["n"]]
    limits = [
        wilson(int(top), int(n)) or (np.nan, np.nan) for top, n in zip(rows["top"], rows["n"], strict=True)
    ]
    n = rows["n"].to_numpy(dtype=float)
    rows["top_two"] = _over(rows["top"], n)
    rows["low"], rows["high"] = [low for low, _ in limits], [high for _, high in limits]
    rows["net"] = _over(rows["top"] - rows["bottom"], n)
    names = [name for name in rows.columns if name not in ("question", "part", "group", "hidden")]
    return _blank(rows, names)


def _blank(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The rows without the numbers of hidden ones; whole numbers become nullable."""
    whole = {name: "Int64" for name in names if pd.api.types.is_integer_dtype(rows[name])}
    rows = rows.astype(whole)
    hidden = rows["hidden"].astype(bool)
    for name in names if hidden.any() else ():
        rows[name] = rows[name].mask(hidden)
    return rows


def by_group(found: pd.DataFrame, hiding: Hiding) -> pd.DataFrame:
    """Rows of ``ratings`` by group with shares; of one question all groups are shown or none.

    A group alone below the floor would be the whole less the others, so they go together; an empty group
    hides nothing.
    """
    too_small = found.groupby(["question", "part"])["n"].transform(
        lambda n: hiding.hides_any_of([int(each) for each in n])
    )
    return with_shares(found.assign(hidden=too_small.astype(bool)), hiding)


@dataclass(frozen=True)
class Difference:
    """Share of the EOC officials less that of the others, with its Newcombe interval; None where hidden."""

    value: float | None
    low: float | None
    high: float | None
    hidden: bool = False


def difference(found: pd.DataFrame, groups: pd.DataFrame, question: str) -> Difference | None:
    """From rows of ``ratings`` by group and those of ``by_group``; None where a group is empty."""
    counts = found[found["question"] == question].set_index("group")
    if groups.loc[groups["question"] == question, "hidden"].any():
        return Difference(None, None, None, hidden=True)
    top, base = counts["top"].astype(int).to_dict(), counts["n"].astype(int).to_dict()
    interval = newcombe(top[EOC], base[EOC], top[OTHER], base[OTHER])
    return None if interval is None else Difference(*interval)


def distributions(questionnaire: Questionnaire, tally: Tally, hiding: Hiding) -> pd.DataFrame:
    """How often each point was given: question, part, number, label, count, share, n, hidden.

    The base decides: inside a shown base every count is shown, zeros too.
    """
    counts = tally.counts[tally.counts["number"].notna()]
    given = counts.groupby(["question", "part", "number"])["n"].sum()
    rows = []
    for question in questionnaire.questions:
        parts: dict[str, ResponseScale | None] = {part.id: part.scale for part in question.parts}
        for part, scale in (parts or {"": question.scale}).items():
            points = [option for option in scale.options if option.number is not None] if scale else []
            each = [int(given.get((question.id, part, option.number), 0)) for option in points]
            rows += [
                (question.id, part, option.number, option.label, count, sum(each))
                for option, count in zip(points, each, strict=True)
            ]
    found = pd.DataFrame(rows, columns=["question", "part", "number", "label", "count", "n"])
    return _with_base(found, hiding, ["count", "share", "n"])


def choices(questionnaire: Questionnaire, tally: Tally, hiding: Hiding) -> pd.DataFrame:
    """How often each option was chosen: question, option, label, count, n, share, low, high, hidden.

    n is who answered the question; of a multiple choice the shares need not add up to 1. Wilson intervals.
    """
    chosen = tally.counts[tally.counts["option"] != ""].groupby(["question", "option"])["n"].sum()
    choosers = tally.choosers.groupby("question")["n"].sum()
    rows = []
    for question in questionnaire.questions:
        if question.scale is not None or not question.choices:
            continue
        each = [int(chosen.get((question.id, option.code), 0)) for option in question.choices]
        several = question.type is AnswerType.MULTIPLE_CHOICE
        n = int(choosers.get(question.id, 0)) if several else sum(each)
        rows += [
            (question.id, option.code, option.label, count, n)
            for option, count in zip(question.choices, each, strict=True)
        ]
    found = pd.DataFrame(rows, columns=["question", "option", "label", "count", "n"])
    pairs = zip(found["count"], found["n"], strict=True)
    limits = [wilson(int(count), int(n)) or (np.nan, np.nan) for count, n in pairs]
    found["low"], found["high"] = [low for low, _ in limits], [high for _, high in limits]
    return _with_base(found, hiding, ["count", "n", "share", "low", "high"])


def _with_base(found: pd.DataFrame, hiding: Hiding, names: Sequence[str]) -> pd.DataFrame:
    found["share"] = _over(found["count"], found["n"].to_numpy(dtype=float))
    found["hidden"] = [hiding.hides(int(n)) for n in found["n"]]
    return _blank(found, names)


@dataclass(frozen=True)
class QualityScore:
    """Mean over respondents of their mean performance rating, 1 to 5, with its t interval."""

    mean: float | None
    low: float | None
    high: float | None
    sd: float | None
    n: int | None
    hidden: bool = False

    @property
    def of_100(self) -> float | None:
        return None if self.mean is None else 25 * (self.mean - 1)


LEAST_ANSWERED = 8 / 12  # of the attributes, for a respondent's quality score


def quality_score(tally: Tally, hiding: Hiding) -> QualityScore:
    """Of respondents who rated 8 or more of the 12 attributes; hidden with fewer than the floor.

    Where all of them rated every attribute, the twelve means less this one would give the ratings of those
    who rated fewer than 8. So it is hidden then too, where those are 1 to floor-1.
    """
    rated = tally.performance.notna().sum(axis=1).to_numpy()
    asked = tally.performance.shape[1]
    enough = (rated > 0) & (np.round(rated - LEAST_ANSWERED * asked, 9) >= 0)
    n = int(enough.sum())
    left_out = int(((rated > 0) & ~enough).sum())
    telling = n > 0 and bool((rated[enough] == asked).all()) and 0 < left_out < hiding.floor
    if hiding.hides(n) or telling:
        return QualityScore(None, None, None, None, None, hidden=True)
    if n == 0:
        return QualityScore(None, None, None, None, 0)
    own = tally.performance[enough].mean(axis=1)
    mean, sd = float(own.mean()), float(own.std(ddof=1))
    _, low, high = mean_t_of(mean, sd, n) or (None, None, None)
    return QualityScore(mean, low, high, sd, n)
