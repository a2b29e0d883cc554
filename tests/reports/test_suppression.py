"""Suppression against attackers written another way, against brute force, and the published row."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reports import suppression
from reports.suppression import following, suppress, with_totals


def hidden_of(table, floor=10):
    return suppress(pd.DataFrame(table), floor).isna().to_numpy()


def lines(shape):
    """Rows of the matrix that adds up a table's cells to what its reader knows: row and column totals."""
    rows, columns = shape
    if min(shape) == 1:
        return np.ones((1, rows * columns))
    place = np.arange(rows * columns).reshape(shape)
    found = np.zeros((rows + columns, rows * columns))
    for line, cells in enumerate([*place, *place.T]):
        found[line, cells] = 1
    return found


def follows_linearly(table, hidden):
    """Hidden cells that linear algebra pins: their unit vector lies in the row space of the totals."""
    cells = np.flatnonzero(hidden)
    known = lines(hidden.shape)[:, cells]
    rank = np.linalg.matrix_rank(known)
    return [
        cell
        for place, cell in enumerate(cells)
        if np.linalg.matrix_rank(np.vstack([known, np.eye(len(cells))[place]])) == rank
    ]


def ranges(table, hidden, least):
    """Smallest and largest value that each hidden cell can have, knowing totals and a lower bound."""
    cells = np.flatnonzero(hidden)
    known = lines(hidden.shape)[:, cells]
    total = known @ np.asarray(table, dtype=float).ravel()[cells]
    for place in range(len(cells)):
        aim = np.eye(len(cells))[place]
        ends = [linprog(sign * aim, A_eq=known, b_eq=total, bounds=(least, None)) for sign in (1, -1)]
        yield tuple(sign * end.fun for sign, end in zip((1, -1), ends, strict=True))


def protectable(table):
    """No small cell follows even if everything but the zeros is hidden."""
    table = np.asarray(table)
    small = set(np.flatnonzero((table > 0) & (table < 10)))
    return not small & set(follows_linearly(table, table > 0))


counts = st.one_of(st.integers(0, 9), st.integers(10, 60), st.integers(10, 60), st.integers(0, 25))
tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(counts, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)


def test_the_published_row_in_either_direction():
    row = suppress(pd.DataFrame([[24, 6, 15]], index=["n"], columns=["eoc", "fire", "law"]))
    assert row.isna().to_numpy().tolist() == [[False, True, True]]
    assert row.loc["n", "eoc"] == 24
    assert list(row.columns) == ["eoc", "fire", "law"]
    assert hidden_of([[24], [6], [15]]).tolist() == [[False], [True], [True]]


def test_six_beside_two_hundred_and_thirty_four_are_both_hidden():
    assert hidden_of([[6, 234]]).all()


def test_one_small_cell_takes_three_more_with_it():
    assert hidden_of([[30, 40, 50], [20, 5, 70], [60, 80, 12]]).sum() == 4


def test_among_as_few_the_smallest_counts_go():
    hidden = hidden_of([[3, 90, 11], [95, 99, 98], [12, 97, 13]])
    assert np.argwhere(hidden).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]


def test_nothing_small_nothing_hidden():
    assert not hidden_of([[10, 0, 35], [0, 0, 0], [12, 14, 0]]).any()
    assert not hidden_of([[6, 7], [8, 9]], floor=6).any()


def test_where_there_is_nothing_to_hide_behind_everything_goes():
    assert hidden_of([[5, 20]]).all()
    assert hidden_of([[5, 0], [0, 20]]).tolist() == [[True, False], [False, True]]
    assert hidden_of([[0, 4, 0]]).tolist() == [[False, True, False]]
    # All in one row is a row: its sum is the only total.
    assert hidden_of([[5, 20, 30], [0, 0, 0]]).tolist() == [[True, True, False], [False] * 3]


def test_two_ones_alone_are_given_away_by_their_sum_so_a_third_goes_too():
    assert hidden_of([[1, 1, 30, 40]]).tolist() == [[True, True, True, False]]


def test_following_names_what_no_hiding_can_protect():
    table = pd.DataFrame([[1, 1, 0], [20, 30, 40], [25, 35, 45]])
    hidden = suppress(table).isna()
    assert not follows_linearly(table, hidden.to_numpy())
    # A row of two ones and a zero, total 2: whoever knows that zeros are shown knows both.
    assert following(table, hidden).iloc[0].tolist() == [True, True, False]


@given(tables)
@settings(max_examples=80, deadline=None)
def test_small_cells_are_hidden_and_zeros_and_the_rest_stay_as_they_are(table):
    frame, found = pd.DataFrame(table), suppress(pd.DataFrame(table))
    small = (frame > 0) & (frame < 10)
    assert found.isna()[small].sum().sum() == small.sum().sum()
    assert not found.isna()[frame == 0].any().any()
    assert ((found == frame) | found.isna()).all().all()
    assert set(found.dtypes.astype(str)) == {"Int64"}


@given(tables)
@settings(max_examples=80, deadline=None)
def test_no_hidden_cell_follows(table):
    hidden = hidden_of(table)
    if not protectable(table) or min(np.count_nonzero(np.any(table, axis=axis)) for axis in (0, 1)) < 2:
        return
    assert follows_linearly(table, hidden) == []
    for low, high in ranges(table, hidden, least=0):
        assert high - low > 0.999
    # Who knows that hidden cells are no zeros is held off too, except where no hiding could.
    given_away = following(pd.DataFrame(table), pd.DataFrame(hidden)).to_numpy()
    hopeless = following(pd.DataFrame(table), pd.DataFrame(table) > 0).to_numpy()
    small = (np.array(table) > 0) & (np.array(table) < 10)
    assert not (given_away & ~hopeless & small).any()


@given(tables)
@settings(max_examples=50, deadline=None)
def test_what_the_network_says_follows_is_what_linear_programming_says(table):
    hidden = np.array(table) > 0
    assume(hidden.any())
    assume(min(np.count_nonzero(hidden.any(axis=axis)) for axis in (0, 1)) >= 2)
    found = following(pd.DataFrame(table), pd.DataFrame(hidden)).to_numpy().ravel()
    widths = {c: high - low for c, (low, high) in zip(np.flatnonzero(hidden), ranges(table, hidden, 1))}
    assert {cell for cell, width in widths.items() if width < 1e-6} == set(np.flatnonzero(found))


# A bound of 1 plays no part where no cell is 1; then linear algebra is all there is to know.
sizes = st.one_of(st.integers(2, 9), st.integers(10, 40), st.integers(10, 40), st.just(0))
small_tables = st.integers(2, 4).flatmap(
    lambda columns: st.lists(st.lists(sizes, min_size=columns, max_size=columns), min_size=2, max_size=3)
)


@given(small_tables)
@settings(max_examples=30, deadline=None)
def test_no_smaller_set_would_do(table):
    """Brute force over all smaller sets of complementary cells, for tables where each could be judged."""
    table = np.array(table)
    cells = np.flatnonzero(table >= 10)
    assume(protectable(table))
    assume(min(np.count_nonzero(table.any(axis=axis)) for axis in (0, 1)) >= 2)
    hidden = hidden_of(table)
    small = (table > 0) & (table < 10)
    size, total = int((hidden & ~small).sum()), int(table[hidden].sum())
    for fewer in range(size + 1):
        for extra in combinations(cells, fewer):
            mask = small.copy()
            mask.flat[list(extra)] = True
            if fewer < size or table[mask].sum() < total:
                assert follows_linearly(table, mask), (table, mask)


@given(tables)
@settings(max_examples=50, deadline=None)
def test_suppressing_twice_is_suppressing_once(table):
    once = suppress(pd.DataFrame(table))
    pd.testing.assert_frame_equal(suppress(once), once)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_the_heuristic_protects_as_well(table):
    assume(protectable(table))
    assume(min(np.count_nonzero(np.any(table, axis=axis)) for axis in (0, 1)) >= 2)
    best = hidden_of(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression, "EXACT_SIZE", 0)
        found = hidden_of(table)
    assert follows_linearly(table, found) == []
    assert best.sum() <= found.sum()


@given(tables)
@settings(max_examples=40, deadline=None)
def test_with_totals_no_small_number_can_be_worked_out(table):
    """The attacker has the whole printed table, totals with holes too, and the rule that lines add up."""
    found = with_totals(pd.DataFrame(table))
    hidden = found.isna().to_numpy()
    full = pd.DataFrame(table)
    full.loc["total"] = full.sum()
    full["total"] = full.sum(axis=1)
    full = full.to_numpy()
    assert hidden[(full > 0) & (full < 10)].all()
    assert (found.to_numpy(dtype=float, na_value=-1)[~hidden] == full[~hidden]).all()
    if hidden[full > 0].all():
        return
    rows, columns = full.shape
    place = np.arange(full.size).reshape(full.shape)
    sums = np.zeros((rows + columns, full.size))
    for line, cells in enumerate([*place, *place.T]):
        sums[line, cells[:-1]], sums[line, cells[-1]] = 1, -1
    cells = np.flatnonzero(hidden)
    known = sums[:, cells]
    rank = np.linalg.matrix_rank(known) if len(cells) else 0
    for one in range(len(cells)):
        assert np.linalg.matrix_rank(np.vstack([known, np.eye(len(cells))[one]])) > rank


def test_a_large_table_is_protected_and_does_not_take_long():
    rng = np.random.default_rng(12)
    small = rng.random((40, 10)) < 0.05
    table = np.where(small, rng.integers(1, 10, (40, 10)), rng.integers(10, 60, (40, 10)))
    hidden = hidden_of(table)
    assert follows_linearly(table, hidden) == []
    assert hidden.sum() <= 3 * small.sum()


@pytest.mark.parametrize("table", [[[3, -1]], [[2.5, 20]]])
def test_what_is_no_count_is_refused(table):
    with pytest.raises(ValueError, match="whole numbers from 0"):
        suppress(pd.DataFrame(table))


def test_empty_tables():
    assert suppress(pd.DataFrame()).empty
    assert not hidden_of([[0, 0], [0, 0]]).any()
