"""Intervals against the published examples of Newcombe (1998) and the NIST handbook, and their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.intervals import mean_t, mean_t_of, newcombe, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_newcombe_1998a(successes, n, low, high):
    assert wilson(successes, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_of_nobody_is_none_and_its_ends_are_exact():
    assert wilson(0, 0) is None
    assert wilson(0, 12)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 4), (0, -1)])
def test_wilson_refuses_what_is_no_share(successes, n):
    with pytest.raises(ValueError, match="is not a share"):
        wilson(successes, n)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((56, 70, 48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.6000, 0.1705, 0.8090)),
        ((5, 56, 0, 29), (0.0893, -0.0381, 0.1926)),
    ],
)
def test_newcombe_1998b(counts, expected):
    assert newcombe(*counts) == tuple(pytest.approx(value, abs=5e-5) for value in expected)


def test_newcombe_needs_two_groups():
    assert newcombe(0, 0, 3, 10) is None
    assert newcombe(3, 10, 0, 0) is None
    with pytest.raises(ValueError, match="11 of 10"):
        newcombe(11, 10, 3, 10)


shares = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares, shares)
def test_newcombe_is_the_hybrid_of_two_wilson_intervals(first, second):
    difference, low, high = newcombe(*first, *second)
    p1, p2 = first[0] / first[1], second[0] / second[1]
    (l1, u1), (l2, u2) = wilson(*first), wilson(*second)
    assert difference == p1 - p2
    assert low == pytest.approx(difference - ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5, abs=1e-9)
    assert high == pytest.approx(difference + ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5, abs=1e-9)


@given(shares, st.floats(0.5, 0.98))
def test_more_confidence_is_a_wider_interval_round_the_share(share, confidence):
    low, high = wilson(*share, confidence)
    wide_low, wide_high = wilson(*share, confidence + 0.01)
    assert 0 <= wide_low <= low <= share[0] / share[1] <= high <= wide_high <= 1


def test_mean_of_the_nist_handbook():
    mean, low, high = mean_t_of(9.261460, 0.022789, 195)
    assert mean == 9.261460
    assert (low, high) == (pytest.approx(9.258242, abs=1e-6), pytest.approx(9.264679, abs=1e-6))


def test_mean_t_leaves_out_what_is_missing():
    values = [1.0, 4.0, 3.0, 5.0]
    assert mean_t([*values, np.nan]) == mean_t(values)
    # Student's t by hand: 95 % point of 3 degrees of freedom is 3.182446.
    half = 3.182446 * np.std(values, ddof=1) / 2
    expected = (3.25, 3.25 - half, 3.25 + half)
    assert mean_t(values) == tuple(pytest.approx(value, abs=1e-6) for value in expected)


def test_mean_t_of_too_few_or_equal_values():
    assert mean_t([]) is None
    assert mean_t([4]) is None
    assert mean_t([4, 4, 4]) == (4, 4, 4)
