"""Has something changed? Tests for two waves or two groups (statistics.md 10 to 13).

Answers of an anonymous survey have no same unit from year to year: ``welch`` (and ``intervals.newcombe`` for
shares). The paired tests are for respondents who can be matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class MeanChange:
    """Difference of two means (first minus second) with its t interval and test.

    ``effect``: mean difference over the standard deviation of the differences (d_z), of pairs only.
    """

    difference: float
    low: float
    high: float
    t: float
    df: float
    p: float
    effect: float | None = None


@dataclass(frozen=True)
class SignedRanks:
    """``v``: sum of the ranks of the positive differences, as R prints it; ``p`` two-sided."""

    v: float
    p: float


@dataclass(frozen=True)
class ShareChange:
    """A yes/no answer of the same people twice.

    ``change``: share of yes later minus before, with Wald interval; ``cohens_g``: how far the split of
    those who changed is from one half.
    """

    change: float
    low: float
    high: float
    chi_square: float
    p: float
    cohens_g: float


def welch(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> MeanChange | None:
    """Two independent samples, variances not taken to be equal; missing values are left out.

    None where a sample has fewer than two values or neither varies.
    """
    from scipy import stats

    one, two = _present(first), _present(second)
    if len(one) < 2 or len(two) < 2 or np.ptp(one) == np.ptp(two) == 0:
        return None
    found = stats.ttest_ind(one, two, equal_var=False)
    low, high = found.confidence_interval(confidence)
    difference = float(one.mean() - two.mean())
    return MeanChange(
        difference, float(low), float(high), float(found.statistic), float(found.df), float(found.pvalue)
    )


def paired_t(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> MeanChange | None:
    """The same units twice, place by place; pairs with a gap are left out.

    None with fewer than two pairs or where the differences do not vary. ValueError for unequal lengths.
    """
    from scipy import stats

    difference = _differences(first, second)
    if len(difference) < 2 or np.ptp(difference) == 0:
        return None
    found = stats.ttest_1samp(difference, 0)
    low, high = found.confidence_interval(confidence)
    mean = float(difference.mean())
    return MeanChange(
        mean,
        float(low),
        float(high),
        float(found.statistic),
        float(found.df),
        float(found.pvalue),
        effect=mean / float(difference.std(ddof=1)),
    )


def wilcoxon_signed_rank(first: ArrayLike, second: ArrayLike, *, exact: bool = False) -> SignedRanks | None:
    """Wilcoxon's signed rank test of pairs; zero differences and pairs with a gap are left out.

    By the normal distribution with continuity correction, which ties and zeros allow; ``exact`` (for small
    samples without ties) counts instead. None where no difference is left.
    """
    from scipy import stats

    difference = _differences(first, second)
    difference = difference[difference != 0]
    if not len(difference):
        return None
    method = "exact" if exact else "asymptotic"
    found = stats.wilcoxon(difference, method=method, correction=not exact)
    ranks = stats.rankdata(np.abs(difference))
    return SignedRanks(v=float(ranks[difference > 0].sum()), p=float(found.pvalue))


def mcnemar(
    both: int, before_only: int, after_only: int, neither: int, *, correction: bool = True
) -> ShareChange | None:
    """McNemar's chi-square (1 df) from how many said yes both times, only before, only after, never.

    None where nobody changed. Interval of the change: Wald, 95 %. Source: Agresti (1990), p. 350.
    """
    from scipy.special import ndtri
    from statsmodels.stats.contingency_tables import mcnemar as test

    changed, n = before_only + after_only, both + before_only + after_only + neither
    if changed == 0:
        return None
    found = test([[both, before_only], [after_only, neither]], exact=False, correction=correction)
    change = (after_only - before_only) / n
    half = float(ndtri(0.975)) * (changed - (after_only - before_only) ** 2 / n) ** 0.5 / n
    return ShareChange(
        change=change,
        low=change - half,
        high=change + half,
        chi_square=float(found.statistic),
        p=float(found.pvalue),
        cohens_g=max(before_only, after_only) / changed - 0.5,
    )


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values in the order given: at or below q, the false discovery rate is at most q.

    Source: Benjamini & Hochberg (1995), JRSS B 57:289-300.
    """
    if not len(p_values):
        return []
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method="fdr_bh")[1]]


def _present(values: ArrayLike) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.asarray(values, dtype=float)
    return np.asarray(found[~np.isnan(found)])


def _differences(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.shape != two.shape:
        raise ValueError("Paired values need the same number in both waves.")
    return _present(one - two)
