"""Intervals for a share, for the difference of two shares and for a mean (statistics.md 1 to 3)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike


@lru_cache(maxsize=4096)
def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Wilson score interval (low, high) of a share of 1; None for n = 0.

    ValueError where successes is not within 0 to n. Source: Wilson (1927); Newcombe (1998), Stat Med
    17:857-872, method 3. Kept: a survey's tables ask for the same counts again and again.
    """
    _check_count(successes, n)
    if n == 0:
        return None
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    # Floating point leaves 0.9999999999999999 where the formula gives 1.
    return (0.0 if successes == 0 else float(low)), (1.0 if successes == n else float(high))


def newcombe(
    s1: int, n1: int, s2: int, n2: int, confidence: float = 0.95
) -> tuple[float, float, float] | None:
    """Difference s1/n1 - s2/n2 of two independent shares with its hybrid score interval.

    Gives (difference, low, high); None where either group is empty, ValueError where a count is not within
    0 to its n. Source: Newcombe (1998), Stat Med 17:873-890, method 10.
    """
    _check_count(s1, n1)
    _check_count(s2, n2)
    if n1 == 0 or n2 == 0:
        return None
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        s1, n1, s2, n2, method="newcomb", compare="diff", alpha=1 - confidence
    )
    return s1 / n1 - s2 / n2, float(low), float(high)


def _check_count(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share: the count must lie between 0 and n.")


def mean_t(values: ArrayLike, confidence: float = 0.95) -> tuple[float, float, float] | None:
    """Mean with Student's t interval (mean, low, high); missing values are left out.

    None with fewer than two values. Values that are all the same give an interval of no width.
    """
    found = np.asarray(values, dtype=float)
    found = found[~np.isnan(found)]
    if len(found) < 2:
        return None
    return mean_t_of(float(found.mean()), float(found.std(ddof=1)), len(found), confidence)


def mean_t_of(mean: float, sd: float, n: int, confidence: float = 0.95) -> tuple[float, float, float] | None:
    """As ``mean_t``, from the mean, the sample standard deviation (n - 1) and n."""
    if n < 2:
        return None
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * sd / n**0.5
    return mean, mean - half, mean + half
