"""Do the items of a score measure one thing? (statistics.md 6; domain.md part iii, *Scores*)

All functions take a frame of respondents (rows) x items (columns) and use complete cases only.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST_ITEMS = 3
_NEARLY_NOTHING = 1e-9


def cronbach_alpha(items: pd.DataFrame) -> float | None:
    """Cronbach's alpha, unstandardized: k/(k-1) * (1 - sum of item variances / variance of the sum).

    None where undefined: fewer than 3 items or 2 complete cases, or a sum that does not vary. Source:
    Cronbach (1951), Psychometrika 16:297-334.
    """
    values = _complete(items)
    return _alpha(values) if _enough(values) else None


def mcdonald_omega(items: pd.DataFrame) -> float | None:
    """Omega total of the plain sum of the items: (sum l)^2 / ((sum l)^2 + sum u).

    Loadings l and unique variances u of a one-factor maximum-likelihood solution in the items' own units (as
    alpha, unstandardized); the divisor is the model-implied variance of the sum. None where undefined: fewer
    than 3 items, no more complete cases than items, an item that does not vary or that others determine, or
    a solution that was not found. Source: McDonald (1999), Test Theory, ch. 6.
    """
    values = _complete(items)
    if not _enough(values) or len(values) <= values.shape[1] or (np.ptp(values, axis=0) == 0).any():
        return None
    found = _one_factor(np.asarray(np.corrcoef(values, rowvar=False)), len(values))
    if found is None:
        return None
    spread = values.std(axis=0, ddof=1)
    common = float((found[0] * spread).sum() ** 2)
    unique = float((found[1] * spread**2).sum())
    return common / (common + unique)


def item_analysis(items: pd.DataFrame) -> pd.DataFrame:
    """A row an item: item, item_rest (correlation with the sum of the others), alpha_if_dropped.

    NaN where undefined; alpha_if_dropped needs 3 items besides.
    """
    values = _complete(items)
    rows = []
    for place, name in enumerate(items.columns):
        rest = np.delete(values, place, axis=1)
        alpha = _alpha(rest) if _enough(rest) else None
        rows.append((name, _correlation(values[:, place], rest.sum(axis=1)), alpha))
    found = pd.DataFrame(rows, columns=["item", "item_rest", "alpha_if_dropped"])
    return found.astype({"item_rest": float, "alpha_if_dropped": float})


def _complete(items: pd.DataFrame) -> NDArray[np.float64]:
    return items.dropna().to_numpy(dtype=float)


def _enough(values: NDArray[np.float64]) -> bool:
    return values.shape[1] >= LEAST_ITEMS and len(values) >= 2


def _alpha(values: NDArray[np.float64]) -> float | None:
    k = values.shape[1]
    total = values.sum(axis=1).var(ddof=1)
    if total < _NEARLY_NOTHING:
        return None
    return float(k / (k - 1) * (1 - values.var(axis=0, ddof=1).sum() / total))


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _one_factor(
    correlation: NDArray[np.float64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Standardized loadings and uniquenesses by maximum likelihood; None where there is no solution.

    Starts from the first principal component: the library's own start is drawn at random, and a report must
    say the same each time.
    """
    from statsmodels.multivariate.factor import Factor

    size, direction = np.linalg.eigh(correlation)
    if size[0] < _NEARLY_NOTHING:
        return None
    loading = direction[:, -1] * np.sqrt(size[-1])
    model = Factor(corr=correlation, n_factor=1, method="ml", nobs=n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(start=(loading[:, None], np.clip(1 - loading**2, 0.05, None)))
    if not (model.mle_retvals.success and np.isfinite(model.loadings).all()):
        return None
    return model.loadings[:, 0], model.uniqueness
