"""Alpha and omega against the published values for R's attitude data, and where they are undefined."""

import numpy as np
import pandas as pd
import pytest

from reports.reliability import cronbach_alpha, item_analysis, mcdonald_omega
from tests.reports.test_agreement import SHROUT_FLEISS

ITEMS = ["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"]
ROWS = (
    "43,51,30,39,61,92,45 / 63,64,51,54,63,73,47 / 71,70,68,69,76,86,48 / 61,63,45,47,54,84,35 / "
    "81,78,56,66,71,83,47 / 43,55,49,44,54,49,34 / 58,67,42,56,66,68,35 / 71,75,50,55,70,66,41 / "
    "72,82,72,67,71,83,31 / 67,61,45,47,62,80,41 / 64,53,53,58,58,67,34 / 67,60,47,39,59,74,41 / "
    "69,62,57,42,55,63,25 / 68,83,83,45,59,77,35 / 77,77,54,72,79,77,46 / 81,90,50,72,60,54,36 / "
    "74,85,64,69,79,79,63 / 65,60,65,75,55,80,60 / 65,70,46,57,75,85,46 / 50,58,68,54,64,78,52 / "
    "50,40,33,34,43,64,33 / 64,61,52,62,66,80,41 / 53,66,52,50,63,80,37 / 40,37,42,58,50,57,49 / "
    "63,54,42,48,66,75,33 / 66,77,66,63,88,76,72 / 78,75,58,74,80,78,49 / 48,57,44,45,51,83,38 / "
    "85,85,71,71,77,74,55 / 82,82,39,59,64,78,39"
)
ATTITUDE = pd.DataFrame([map(float, row.split(",")) for row in ROWS.split(" / ")], columns=ITEMS)


def test_alpha_of_the_attitude_data():
    assert cronbach_alpha(ATTITUDE) == pytest.approx(0.843143, abs=5e-7)
    assert cronbach_alpha((ATTITUDE - ATTITUDE.mean()) / ATTITUDE.std()) == pytest.approx(0.839084, abs=5e-7)


def test_alpha_is_icc3k():
    assert cronbach_alpha(SHROUT_FLEISS) == pytest.approx(0.909316, abs=5e-7)


def test_item_analysis_of_the_attitude_data():
    found = item_analysis(ATTITUDE)
    assert list(found["item"]) == ITEMS
    assert list(found["alpha_if_dropped"].round(3)) == [0.810, 0.797, 0.828, 0.803, 0.795, 0.864, 0.840]
    assert list(found["item_rest"].round(2)) == [0.67, 0.74, 0.56, 0.71, 0.79, 0.27, 0.46]


def exact_sample(covariance, rows, seed=3):
    """Rows whose sample covariance is exactly the one given."""
    size = len(covariance)
    noise = np.random.default_rng(seed).normal(size=(rows, size))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise, rowvar=False))).T
    return pd.DataFrame(white @ np.linalg.cholesky(np.asarray(covariance)).T)


def test_omega_finds_the_loadings_that_made_the_data():
    loading, unique = np.array([2.0, 1.0, 0.5, 1.5, 0.8]), np.array([1.0, 2.0, 0.5, 0.7, 1.2])
    data = exact_sample(np.outer(loading, loading) + np.diag(unique), 60)
    expected = loading.sum() ** 2 / (loading.sum() ** 2 + unique.sum())
    assert mcdonald_omega(data) == pytest.approx(expected, abs=1e-5)
    assert cronbach_alpha(data) < expected  # a lower bound where loadings differ


def test_omega_is_alpha_where_all_loadings_are_the_same():
    data = exact_sample(np.full((4, 4), 0.6) + np.diag(np.full(4, 0.4)), 40)
    assert mcdonald_omega(data) == pytest.approx(cronbach_alpha(data), abs=1e-6)


def test_omega_of_the_attitude_data_and_of_its_standard_scores():
    assert mcdonald_omega(ATTITUDE) == pytest.approx(0.8563, abs=5e-5)
    assert mcdonald_omega((ATTITUDE - ATTITUDE.mean()) / ATTITUDE.std()) == pytest.approx(0.8405, abs=5e-5)


def test_complete_cases_only():
    with_gap = pd.concat([ATTITUDE, ATTITUDE.iloc[:1].assign(raises=np.nan)])
    assert cronbach_alpha(with_gap) == cronbach_alpha(ATTITUDE)
    assert mcdonald_omega(with_gap) == mcdonald_omega(ATTITUDE)


@pytest.mark.parametrize(
    "items",
    [
        ATTITUDE[ITEMS[:2]],
        ATTITUDE.iloc[:1],
        ATTITUDE.iloc[:0],
        pd.DataFrame(np.full((20, 4), 3.0)),
        ATTITUDE.assign(rating=np.nan),
    ],
)
def test_none_where_undefined(items):
    assert cronbach_alpha(items) is None
    assert mcdonald_omega(items) is None


def test_omega_needs_items_that_vary_on_their_own():
    assert mcdonald_omega(ATTITUDE.assign(advance=ATTITUDE["rating"] * 2)) is None
    assert mcdonald_omega(ATTITUDE.assign(advance=1.0)) is None
    assert mcdonald_omega(ATTITUDE.iloc[:7]) is None
