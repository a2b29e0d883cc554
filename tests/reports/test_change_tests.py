"""Tests of change against the published examples of statistics.md 10 to 13."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.change_tests import benjamini_hochberg, mcnemar, paired_t, welch, wilcoxon_signed_rank

SLEEP_A = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_B = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
BH_P = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_paired_t_of_the_sleep_data():
    found = paired_t(SLEEP_A, SLEEP_B)
    assert found.difference == pytest.approx(-1.58)
    assert (found.t, found.df) == (pytest.approx(-4.0621, abs=5e-5), 9)
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert (found.low, found.high) == (pytest.approx(-2.4598858), pytest.approx(-0.7001142))
    assert found.effect == pytest.approx(-1.284558, abs=5e-7)


def test_welch_of_the_sleep_data_as_r_prints_it():
    found = welch(SLEEP_A, SLEEP_B)
    assert (found.t, found.df) == (pytest.approx(-1.8608, abs=5e-5), pytest.approx(17.776, abs=5e-4))
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert (found.low, found.high) == (pytest.approx(-3.3654832), pytest.approx(0.2054832))


def test_wilcoxon_with_ties_and_a_zero():
    found = wilcoxon_signed_rank(SLEEP_A, SLEEP_B)
    assert (found.v, found.p) == (0, pytest.approx(0.009091, abs=5e-7))


def test_wilcoxon_exact_of_hollander_and_wolfe():
    x = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = wilcoxon_signed_rank(x, y, exact=True)
    assert (found.v, found.p) == (40, pytest.approx(0.0390625))


def test_pairs_with_a_gap_are_left_out():
    assert paired_t([*SLEEP_A, 3, np.nan], [*SLEEP_B, np.nan, 1]) == paired_t(SLEEP_A, SLEEP_B)
    with pytest.raises(ValueError, match="same number"):
        paired_t([1, 2, 3], [1, 2])


def test_nothing_to_test_is_none():
    assert paired_t([1, 2, 3], [2, 3, 4]) is None  # the differences do not vary
    assert paired_t([1], [2]) is None
    assert welch([1, 1], [1, 1]) is None
    assert welch([1], [1, 2]) is None
    assert wilcoxon_signed_rank([1, 2], [1, 2]) is None
    assert mcnemar(5, 0, 0, 5) is None
    assert benjamini_hochberg([]) == []


def test_mcnemar_of_agresti():
    corrected, plain = mcnemar(794, 150, 86, 570), mcnemar(794, 150, 86, 570, correction=False)
    assert (corrected.chi_square, corrected.p) == (
        pytest.approx(16.818, abs=5e-4),
        pytest.approx(4.115e-05, rel=1e-3),
    )
    assert plain.chi_square == pytest.approx(17.356, abs=5e-4)
    assert plain.p == pytest.approx(3.099e-05, rel=1e-3)
    assert plain.cohens_g == pytest.approx(0.1356, abs=5e-5)
    assert plain.change == pytest.approx(-0.04)
    assert (plain.low, plain.high) == (pytest.approx(-0.0587, abs=5e-5), pytest.approx(-0.0213, abs=5e-5))


def test_benjamini_and_hochberg_1995():
    found = benjamini_hochberg(BH_P)
    published = [
        *(0.0015, 0.0030, 0.0095, 0.0356, 0.0603, 0.0639, 0.0639, 0.0645),
        *(0.0765, 0.4860, 0.5812, 0.7149, 0.7532, 0.8132, 1.0),
    ]
    assert found == [pytest.approx(p, abs=5e-5) for p in published]
    assert sum(p <= 0.05 for p in found) == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_adjusting_keeps_the_order_given(p_values, rng):
    order = list(range(len(p_values)))
    rng.shuffle(order)
    found = benjamini_hochberg(p_values)
    assert benjamini_hochberg([p_values[i] for i in order]) == [found[i] for i in order]
    assert all(adjusted >= p - 1e-12 for adjusted, p in zip(found, p_values, strict=True))
