"""Agreement coefficients against published examples and against each other."""

import numpy as np
import pandas as pd
import pytest

from reports.agreement import (
    icc,
    krippendorff_alpha,
    limits_of_agreement,
    row_icc2,
    row_linear_kappa,
    weighted_kappa,
)

SHROUT_FLEISS = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
KRIPPENDORFF_2011 = pd.DataFrame(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ],
    dtype=float,
)


def test_icc_of_shrout_and_fleiss():
    found = icc(SHROUT_FLEISS)
    published = {"icc1": ".17", "icc2": ".29", "icc3": ".71", "icc1k": ".44", "icc2k": ".62", "icc3k": ".91"}
    assert {name: f"{value:.2f}".lstrip("0") for name, value in found.items()} == published
    assert found["icc2"] == pytest.approx(0.289764, abs=1e-6)
    assert found["icc2k"] == pytest.approx(0.620051, abs=1e-6)


def test_icc_leaves_out_targets_with_a_gap():
    with_gap = pd.concat([SHROUT_FLEISS, pd.DataFrame([[3, np.nan, 1, 1]])])
    assert icc(with_gap) == icc(SHROUT_FLEISS)


@pytest.mark.parametrize("ratings", [[[2, 2], [2, 2], [2, 2]], [[1, 3]], [[1], [2]], [[0, 1], [1, 0]]])
def test_icc_is_none_where_undefined(ratings):
    assert icc(pd.DataFrame(ratings))["icc2"] is None


def cohen_1968():
    """200 cases in the published proportions."""
    table = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    counts = np.rint(table * 200).astype(int).ravel()
    return np.repeat([0, 0, 0, 1, 1, 1, 2, 2, 2], counts), np.repeat([0, 1, 2] * 3, counts)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (None, 0.491525),
        (np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]), 0.347826),
        (np.array([[0, 1, 4], [1, 0, 6], [2, 2, 0]]), 0.353383),
    ],
)
def test_kappa_of_cohen(weights, expected):
    first, second = cohen_1968()
    assert weighted_kappa(first, second, [0, 1, 2], weights) == pytest.approx(expected, abs=1e-6)


def test_kappa_keeps_categories_that_nobody_used():
    """The distance is that of the fixed scale, not of the categories that happen to occur."""
    first, second = [0, 0, 4, 4, 1], [0, 4, 4, 4, 1]
    fixed = weighted_kappa(first, second, range(5))
    squeezed = weighted_kappa([0, 0, 2, 2, 1], [0, 2, 2, 2, 1], range(3))
    assert fixed != pytest.approx(squeezed)


def test_kappa_leaves_out_missing_places():
    first, second = [1.0, 2.0, 3.0, np.nan, 4.0], [1.0, 3.0, 3.0, 2.0, np.nan]
    assert weighted_kappa(first, second, range(5)) == weighted_kappa([1, 2, 3], [1, 3, 3], range(5))


@pytest.mark.parametrize(("first", "second"), [([3, 3, 3], [3, 3, 3]), ([], []), ([np.nan], [1.0])])
def test_kappa_is_none_where_undefined(first, second):
    assert weighted_kappa(first, second, range(5)) is None


def test_kappa_is_zero_where_both_are_constant_and_differ():
    assert weighted_kappa([1, 1, 1], [3, 3, 3], range(5)) == pytest.approx(0.0)


def test_kappa_refuses_what_is_no_category():
    with pytest.raises(ValueError, match="none of the categories"):
        weighted_kappa([1, 7], [1, 2], range(5))
    with pytest.raises(ValueError, match="same number"):
        weighted_kappa([1, 2, 3], [1, 2], range(5))


def test_many_rows_at_once_equal_the_single_functions():
    rng = np.random.default_rng(7)
    first = rng.integers(0, 5, (300, 24)).astype(float)
    second = np.where(rng.random((300, 24)) < 0.5, first, rng.integers(0, 5, (300, 24)))
    gaps = rng.random((300, 24)) < rng.random((300, 1))
    first[gaps], second[gaps] = np.nan, np.nan
    first[:3], second[:3] = 2.0, 2.0  # one same category
    first[3], second[3] = 1.0, 3.0  # constant, but different
    kappas, iccs = row_linear_kappa(first, second, np.arange(5.0)), row_icc2(first, second)
    for row in range(300):
        kappa = weighted_kappa(first[row], second[row], range(5))
        single = icc(pd.DataFrame({"f": first[row], "e": second[row]}))["icc2"]
        assert np.isnan(kappas[row]) if kappa is None else kappas[row] == pytest.approx(kappa, abs=1e-12)
        assert np.isnan(iccs[row]) if single is None else iccs[row] == pytest.approx(single, abs=1e-12)
    assert np.isnan(kappas[:3]).all()
    assert np.isnan(iccs[:3]).all()
    assert kappas[3] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorff(level, expected):
    assert krippendorff_alpha(KRIPPENDORFF_2011, level) == pytest.approx(expected, abs=0.0005)


def test_alpha_is_none_where_undefined():
    assert krippendorff_alpha(pd.DataFrame([[1.0, np.nan], [np.nan, 2.0]]), "nominal") is None
    assert krippendorff_alpha(pd.DataFrame([[3.0, 3.0], [3.0, 3.0]]), "interval") is None


def test_alpha_of_ratio_ratings_with_zeros():
    assert krippendorff_alpha(pd.DataFrame([[0.0, 0.0, 2.0], [0.0, 1.0, 2.0]]), "ratio") < 1


def test_limits_of_agreement():
    bias, low, high = limits_of_agreement([3, 2, 4, np.nan, 1], [1, 2, 3, 3, 2])
    spread = 1.96 * np.std([2, 0, 1, -1], ddof=1)
    assert (bias, low, high) == (pytest.approx(0.5), pytest.approx(0.5 - spread), pytest.approx(0.5 + spread))
    assert limits_of_agreement([1], [2]) is None
