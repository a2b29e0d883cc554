"""What must hold of any answers: more is never less, sides may change places, order of rows is nothing.

Each is tried on some dozens of answer sets in `make test`, and on ten times as many in the long form.
"""

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reports.calculation import score_pairs
from reports.maturity import shown
from tests.reports.builder import EOC, FC, frames_of, question, questionnaire

ITEMS = [
    *((f"A-{n}", "both", 2 if n < 2 else 1) for n in range(5)),
    *((f"B-{n}", asked, 1) for n, asked in enumerate(("both", FC, EOC, "both"))),
    ("C-0", FC, 2),
    ("C-1", "both", 1),
    ("C-2", EOC, 1),
    *((f"D-{n}", "both", 2) for n in range(3)),
]
TINY = questionnaire(question(*item) for item in ITEMS)

ratings = st.sampled_from("01234")
values = st.one_of(ratings, ratings, ratings, st.sampled_from(("NA", "DK", "")))
answer_sets = st.fixed_dictionaries(
    {
        side: st.fixed_dictionaries({item: values for item, asked, _ in ITEMS if asked in ("both", side)})
        for side in (FC, EOC)
    }
)
# Mostly high answers reach the gates of the upper levels, where most can go wrong.
high = st.sampled_from(("3", "4", "4", "4", "2", "1", "DK"))
high_sets = st.fixed_dictionaries(
    {
        side: st.fixed_dictionaries({item: high for item, asked, _ in ITEMS if asked in ("both", side)})
        for side in (FC, EOC)
    }
)


def score(**pairs):
    return score_pairs(TINY, frames_of(pairs))


def holds_for(count, *drawn):
    """A test that draws so many times, and one of the long form."""

    def of(body):
        @pytest.mark.parametrize("examples", [count, pytest.param(10 * count, marks=pytest.mark.soak)])
        def tried(examples):
            settings(max_examples=examples, deadline=None)(given(*drawn)(body))()

        tried.__name__ = body.__name__
        return tried

    return of


@holds_for(70, st.one_of(answer_sets, high_sets), st.data())
def test_raising_one_rating_never_lowers_index_or_level(answers, data):
    raisable = [(s, i) for s, given_ in answers.items() for i, raw in given_.items() if raw in "0123" and raw]
    assume(raisable)
    side, item = data.draw(st.sampled_from(raisable))
    higher = answers | {side: answers[side] | {item: str(int(answers[side][item]) + 1)}}
    pairs = score(before=answers, raised=higher).pairs.set_index("pair")
    before, raised = pairs.loc["before"], pairs.loc["raised"]
    assert before["status"] == raised["status"]
    if before["status"] == "complete":
        assert raised["index"] >= before["index"]
        assert raised["level"] >= before["level"]


@holds_for(40, answer_sets)
def test_sides_that_change_places_flip_the_gaps_and_nothing_else(answers):
    shared = [item for item, asked, _ in ITEMS if asked == "both"]
    swapped = {
        FC: answers[FC] | {item: answers[EOC][item] for item in shared},
        EOC: answers[EOC] | {item: answers[FC][item] for item in shared},
    }
    found = score(one=answers, two=swapped)
    domains = {pair: rows.reset_index(drop=True) for pair, rows in found.domains.groupby("pair")}
    pd.testing.assert_series_equal(domains["one"]["gap"], -domains["two"]["gap"])
    same = ["joint", "coverage", "reportable", "perception_gap", "gap_items"]
    pd.testing.assert_frame_equal(domains["one"][same], domains["two"][same])
    pairs = found.pairs.drop(columns=["pair", "difference"])
    pd.testing.assert_series_equal(pairs.iloc[0], pairs.iloc[1], check_names=False)


@holds_for(25, answer_sets, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(answers, rng):
    rows = frames_of({"x": answers, "y": {FC: answers[FC]}})
    order = list(range(len(rows)))
    rng.shuffle(order)
    one, two = score_pairs(TINY, rows), score_pairs(TINY, rows.iloc[order])
    for name in ("items", "domains", "pairs"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


@holds_for(25, answer_sets)
def test_blank_rows_and_missing_rows_are_the_same(answers):
    full = {side: {i: raw for i, raw in given_.items() if raw} for side, given_ in answers.items()}
    assume(all(full.values()))
    found = score(blank=answers, missing=full)
    for frame in (found.items, found.domains, found.pairs):
        one, two = (frame[frame["pair"] == pair].drop(columns="pair") for pair in ("blank", "missing"))
        pd.testing.assert_frame_equal(
            one.reset_index(drop=True), two.reset_index(drop=True), check_exact=True
        )


@holds_for(50, st.one_of(answer_sets, high_sets))
def test_the_level_is_the_band_or_one_below_and_says_why(answers):
    found = score(pair=answers)
    pair = found.pairs.iloc[0]
    failing = found.items["fails_gate"].sum() + found.domains["fails_gate"].sum()
    assume(pair["status"] == "complete")
    assert pair["band"] - pair["level"] == (1 if failing else 0)
    assert pair["band"] == min(pair["index"] // 20, 4)


@given(st.floats(0, 100), st.integers(0, 2))
@settings(max_examples=300)
def test_a_shown_number_is_on_the_same_side_of_every_bound(value, decimals):
    bounds = (0, 20, 40, 60, 80)
    number = float(shown(value, bounds, decimals))
    exact = round(value, 9)
    assert [exact >= bound for bound in bounds] == [number >= bound for bound in bounds]
    assert abs(number - exact) <= 10**-decimals
