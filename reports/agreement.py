"""How far two sides, or several raters, agree (domain.md part iv, step 6; statistics.md 4 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reports.scoring import Answers, Floats, ItemScores, Plan, ratio

Weights = Literal["linear", "quadratic"] | NDArray[Any] | None
Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, eq=False)
class Agreement:
    """Agreement of the two sides of P pairs on the items that both rated; NaN where there is nothing to say.

    ``index`` AI 0-100, ``exact`` and ``within_one`` shares of 1, ``items`` how many, ``same`` ``close``
    ``apart`` counts of items 0, 1 and 2 or more apart, ``difference`` mean f - e, ``weighted_kappa``
    (linear) and ``icc`` (ICC(2,1)) from ``agreement_items`` items on.
    """

    index: Floats
    exact: Floats
    within_one: Floats
    items: NDArray[np.intp]
    same: NDArray[np.intp]
    close: NDArray[np.intp]
    apart: NDArray[np.intp]
    difference: Floats
    weighted_kappa: Floats
    icc: Floats


def agreement(scored: Plan, answers: Answers, items: ItemScores) -> Agreement:
    """Step 6: AI = 100*(1 - mean|f-e|/highest) over all shared items, unweighted, and its companions."""
    rated = ~np.isnan(items.difference)
    apart = np.abs(items.difference)
    count = rated.sum(axis=1)
    same, within = (apart == 0).sum(axis=1), (apart <= 1).sum(axis=1)
    total = np.where(rated, apart, 0.0).sum(axis=1)
    enough = count >= scored.rules.agreement_items
    first, second = np.where(rated, answers.rating, np.nan)
    return Agreement(
        index=100 * (1 - ratio(total, count) / scored.highest),
        exact=ratio(same, count),
        within_one=ratio(within, count),
        items=count,
        same=same,
        close=within - same,
        apart=count - within,
        difference=ratio(np.where(rated, items.difference, 0.0).sum(axis=1), count),
        weighted_kappa=np.where(enough, row_linear_kappa(first, second, scored.points), np.nan),
        icc=np.where(enough, row_icc2(first, second), np.nan),
    )


def row_linear_kappa(first: Floats, second: Floats, categories: Floats) -> Floats:
    """Linear weighted kappa of each row of two P x N arrays with the same cells NaN; NaN where undefined.

    The distance of two categories is the number of thresholds between them, so that observed and expected
    disagreement are sums over thresholds (Cohen 1968; equal to ``weighted_kappa``, for many rows at once).
    """
    count = (~np.isnan(first)).sum(axis=1)
    observed, expected = np.zeros(len(first)), np.zeros(len(first))
    for threshold in categories[1:]:
        above, other = first >= threshold, second >= threshold
        p, q = above.sum(axis=1), other.sum(axis=1)
        observed += (above != other).sum(axis=1)
        expected += p * (count - q) + (count - p) * q
    return 1 - ratio(observed * count, expected)


def row_icc2(first: Floats, second: Floats) -> Floats:
    """ICC(2,1) of each row of two P x N arrays with the same cells NaN; NaN where undefined.

    Shrout & Fleiss (1979) for two raters. Sums of squares are multiplied by 2n: whole numbers for whole
    ratings, so that "all alike" is exactly 0 and not nearly.
    """
    count = (~np.isnan(first)).sum(axis=1).astype(float)
    a, b = np.nan_to_num(first), np.nan_to_num(second)
    total = (a + b).sum(axis=1)
    rows = count * ((a + b) ** 2).sum(axis=1) - total**2
    columns = (a.sum(axis=1) - b.sum(axis=1)) ** 2
    error = 2 * count * (a**2 + b**2).sum(axis=1) - total**2 - rows - columns
    bottom = count * (rows + error) + 2 * (columns * (count - 1) - error)
    return ratio(count * (rows - error), np.where(count > 1, bottom, 0.0))


def weighted_kappa(
    first: ArrayLike, second: ArrayLike, categories: Sequence[Any], weights: Weights = "linear"
) -> float | None:
    """Cohen's kappa of two raters over fixed categories (statsmodels' ``cohens_kappa``).

    ``first`` and ``second`` are equally long; places where either is missing are left out. ``weights`` is
    "linear", "quadratic", None (unweighted) or a matrix of disagreements. None where it is undefined:
    nothing to compare, or both raters using one same category. ValueError: a value outside the categories.
    Source: Cohen (1968), Psychol Bull 70:213-220.
    """
    # Imported here because it takes most of a second, which the reports' pages never need.
    from statsmodels.stats.inter_rater import cohens_kappa

    table = _square_table(first, second, categories)
    rows, columns = table.any(axis=1), table.any(axis=0)
    if not table.any() or (rows.sum() == 1 and (rows == columns).all()):
        return None
    given = {"wt": weights} if isinstance(weights, str | None) else {"weights": np.asarray(weights)}
    return float(cohens_kappa(table, return_results=False, **given))


def _square_table(first: ArrayLike, second: ArrayLike, categories: Sequence[Any]) -> NDArray[np.intp]:
    """Counts of each combination, first rater in rows."""
    one, two = np.asarray(first), np.asarray(second)
    if one.shape != two.shape:
        raise ValueError("The two raters need the same number of ratings.")
    given = ~(pd.isna(one) | pd.isna(two))
    names = pd.Index(categories)
    row, column = names.get_indexer(one[given]), names.get_indexer(two[given])
    if (row < 0).any() or (column < 0).any():
        raise ValueError("A rating is none of the categories.")
    size = len(names)
    return np.bincount(row * size + column, minlength=size * size).reshape(size, size)


def icc(ratings: pd.DataFrame) -> dict[str, float | None]:
    """The six intraclass correlations of targets (rows) x raters (columns); rows with a gap are left out.

    Keys icc1, icc2, icc3 (one rating) and icc1k, icc2k, icc3k (mean of the k raters), from the mean squares
    of the two-way analysis of variance. None where undefined: fewer than two targets or raters, or no
    variance to divide. Source: Shrout & Fleiss (1979), Psychol Bull 86:420-428.
    """
    values = ratings.dropna().to_numpy(dtype=float)
    n, k = values.shape
    if n < 2 or k < 2 or np.ptp(values) == 0:
        return dict.fromkeys(("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"))
    rows, columns, error, within = _mean_squares(values)
    judges = (columns - error) / n
    return {
        "icc1": _share(rows - within, rows + (k - 1) * within),
        "icc2": _share(rows - error, rows + (k - 1) * error + k * judges),
        "icc3": _share(rows - error, rows + (k - 1) * error),
        "icc1k": _share(rows - within, rows),
        "icc2k": _share(rows - error, rows + judges),
        "icc3k": _share(rows - error, rows),
    }


def _mean_squares(values: Floats) -> tuple[float, float, float, float]:
    """Between rows, between columns, error and within rows, of an n x k table."""
    n, k = values.shape
    mean = values.mean()
    rows = k * ((values.mean(axis=1) - mean) ** 2).sum()
    columns = n * ((values.mean(axis=0) - mean) ** 2).sum()
    within = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum()
    error = max(within - columns, 0.0)
    return rows / (n - 1), columns / (k - 1), error / ((n - 1) * (k - 1)), within / (n * (k - 1))


def _share(top: float, bottom: float) -> float | None:
    return None if abs(bottom) < 1e-12 else float(top / bottom)


def krippendorff_alpha(ratings: pd.DataFrame, level: Level) -> float | None:
    """Krippendorff's alpha of raters (rows) x units (columns), gaps allowed.

    None where undefined: no unit with two ratings, or one same value throughout. Source: Krippendorff
    (2011), Computing Krippendorff's Alpha-Reliability: 1 - observed/expected disagreement of the values
    paired within units.
    """
    codes, values = pd.factorize(ratings.to_numpy().ravel(), sort=True)
    units = np.tile(np.arange(ratings.shape[1]), ratings.shape[0])[codes >= 0]
    counts = np.zeros((ratings.shape[1], len(values)))
    np.add.at(counts, (units, codes[codes >= 0]), 1)
    counts = counts[counts.sum(axis=1) >= 2]
    share = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = counts.T @ share - np.diag(share.sum(axis=0))
    margin = coincidences.sum(axis=1)
    distance = _distances(level, values, margin)
    expected = float((np.outer(margin, margin) * distance).sum())
    if expected == 0:
        return None
    return float(1 - (margin.sum() - 1) * (coincidences * distance).sum() / expected)


def _distances(level: Level, values: NDArray[Any], margin: Floats) -> Floats:
    """Squared distance of each two values, by level of measurement."""
    if level == "nominal":
        return np.asarray(1.0 - np.eye(len(values)))
    if level == "ordinal":
        middle = np.cumsum(margin) - margin / 2
        return np.asarray(np.subtract.outer(middle, middle) ** 2)
    number = np.asarray(values, dtype=float)
    squared: Floats = np.subtract.outer(number, number) ** 2
    if level == "interval":
        return squared
    # Two zeros are no distance apart, not 0/0.
    return np.nan_to_num(ratio(squared, np.add.outer(number, number) ** 2))


def limits_of_agreement(first: ArrayLike, second: ArrayLike) -> tuple[float, float, float] | None:
    """Bias (mean of first - second) and bias -/+ 1.96 sample standard deviations of the differences.

    Places where either is missing are left out; None with fewer than two. Source: Bland & Altman (1986),
    Lancet 327:307-310.
    """
    difference = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    difference = difference[~np.isnan(difference)]
    if len(difference) < 2:
        return None
    bias, spread = float(difference.mean()), 1.96 * float(difference.std(ddof=1))
    return bias, bias - spread, bias + spread
