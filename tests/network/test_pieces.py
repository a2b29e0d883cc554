"""Properties of the rule of groups, and of what is kept of a release."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import network
from reports.count_bounds import Distribution, open_cells
from reports.disclosure import Pieces
from reports.network_values import membership, of_membership
from tests.network import attack
from tests.network.random_networks import random_cycles, small_items

SIZE = 24
groups = st.lists(
    st.integers(0, 2**SIZE - 1).map(lambda bits: np.array([bits >> n & 1 for n in range(SIZE)], dtype=bool)),
    min_size=1,
    max_size=8,
)
nested = st.lists(  # as scopes are: runs of members
    st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(
        lambda ends: (np.arange(SIZE) >= min(ends)) & (np.arange(SIZE) < max(ends))
    ),
    min_size=1,
    max_size=10,
)
known = st.integers(0, 2 ** (2 * SIZE) - 1).map(
    lambda bits: np.array([bool(bits >> n & 1 and bits >> 2 * n & 1) for n in range(SIZE)])
)


def admitted(known, candidates):
    pieces = Pieces(known)
    for group in candidates:
        pieces.admit(group)
    return pieces


def isolated(pieces):
    one = np.ones((SIZE, 1))
    system = attack.System(list(range(SIZE)), [], [])
    for group in pieces.groups:
        system.add(1, 1, one, np.flatnonzero(group))
    return attack.isolated(system, set(np.flatnonzero(pieces.known)))


@settings(max_examples=150, deadline=None)
@given(known, st.one_of(groups, nested), st.randoms(use_true_random=False))
def test_no_few_members_can_be_formed_in_whatever_order_groups_come(known, candidates, rng):
    rng.shuffle(candidates)
    assert isolated(admitted(known, candidates)) is None


@settings(max_examples=100, deadline=None)
@given(known, nested)
def test_what_is_admitted_once_stays_admitted(known, candidates):
    pieces = admitted(known, candidates)
    shown = list(pieces.groups)
    assert all(pieces.allows(group) and pieces.follows(group) for group in shown)
    assert all(group.sum() >= 5 for group in shown)


@settings(max_examples=100, deadline=None)
@given(known, nested, groups, st.integers(0, 3))
def test_kept_groups_taken_over_by_other_members_answer_the_same(known, candidates, more, left):
    """Members that joined since are in no kept group; the kept ones stand as they did."""
    pieces = admitted(known, candidates)
    names = [f"pair {n}" for n in range(SIZE)]
    kept = json.loads(json.dumps(pieces.kept(names)))
    again = Pieces(np.append(known, np.ones(left, dtype=bool)))
    again.take_over([*names, *(f"new {n}" for n in range(left))], kept)
    assert len(again.groups) == len(pieces.groups)
    for group in more:
        assert again.allows(np.append(group, np.zeros(left, dtype=bool))) == pieces.allows(group)


def test_a_group_that_follows_is_shown_and_one_that_cuts_is_not():
    members = np.arange(20)
    pieces = Pieces(np.zeros(20, dtype=bool))
    assert pieces.admit(members >= 0)
    assert pieces.admit(members < 12)
    assert pieces.admit(members >= 12)  # the nation less the region
    assert not pieces.admit(members < 9)  # leaves three
    assert pieces.admit(members < 7)
    assert not pieces.admit((members >= 5) & (members < 12))  # the others less these: two
    assert pieces.admit(np.zeros(20, dtype=bool))  # nobody is no secret


def test_known_members_do_not_count_as_those_to_hide_among():
    members = np.arange(20)
    few = Pieces(members >= 16)
    assert few.admit(members >= 0)
    assert not few.admit(members < 12)  # what is left has four who are not known
    everyone = Pieces(members >= 0)
    assert everyone.admit(members >= 0)
    assert everyone.admit(members < 12)
    assert not everyone.admit(
        members < 8
    )  # all are known, but the floor holds for those who do not know them


@pytest.mark.parametrize("seed", range(6))
def test_a_benchmark_needs_only_which_numbers_there_are(seed):
    """What is kept for benchmarks holds no answers, and shows the same as the values themselves."""
    rng = random.Random(seed)
    cycle = random_cycles(rng, rng.randint(12, 40), 2, small_items(rng))[-1]
    own = {pair for pair in cycle.complete if rng.random() < 0.2}
    kept = json.loads(json.dumps(membership(cycle.values)))
    again = of_membership(cycle.questionnaire, cycle.released, kept)
    nation, left = cycle.release.scopes["nation"], cycle.release.trend_left
    first = network.benchmark(cycle.rules, cycle.values, own, nation, left)
    assert network.benchmark(cycle.rules, again, own, nation, left) == first
    nobody = network.benchmark(cycle.rules, again, set(), nation, left)
    assert nobody["index"] == nation["index"] or nation["index"]["mean"] is None or cycle.shared


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=5, max_size=30))
def test_hidden_counts_keep_a_choice(members):
    """Of a nation and its regions with all totals shown and counts under five hidden: none is certain."""
    region, kind = (np.array(column) for column in zip(*members, strict=True))
    masks = {"nation": region >= 0} | {f"region {n}": region == n for n in range(4)}
    found = Distribution(masks, dict.fromkeys(masks, kind), 3, np.zeros(len(region), dtype=bool))
    found.totals.append("nation")
    counts = {(scope, k): found.count(scope, k) for scope in masks for k in range(3)}
    found.shown |= {cell for cell, count in counts.items() if count == 0 or count >= 5}
    shown = open_cells(found)
    assert shown <= found.shown
    small = [cell for cell, count in counts.items() if 0 < count < 5 and cell[0] == "nation"]
    if len(small) == 1 and shown:
        # The nation's total less its other counts is the last one, unless more is hidden.
        assert not {cell for cell in found.shown if cell[0] == "nation"} <= shown
