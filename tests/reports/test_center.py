"""A center's report says of each pair what the pair's own report says, and sums up nothing else."""

from __future__ import annotations

import json
import random
from typing import Any

import pandas as pd
import pytest

from questionnaires.definition import Side
from questionnaires.library import Library
from reports import center, center_words, pair
from reports.center import PLACES, CenterReport
from reports.pair import plain

CHECKLIST = "cpg502-checklist"
WAITS = {1: "eoc"}


def answers(library: Library, seed: int, number: int = 0) -> pd.DataFrame:
    """What both sides of one pair might say to the built-in checklist."""
    rng = random.Random(seed)
    rows = []
    for question in library.get(CHECKLIST).questions:
        if not question.scored:
            continue
        for side in question.sides:
            status = rng.choices(["answered", "do_not_know", "not_applicable"], [20, 1, 1])[0]
            value = float(rng.choice([0, 1, 2, 2, 3, 3, 4])) if status == "answered" else None
            rows.append((number, str(side), question.id, status, value))
    frame = pd.DataFrame(rows, columns=["pair", "side", "question", "status", "number"])
    return frame.astype({"number": "float64"})


def places(*pairs: tuple[int, int, bool], name: str = "Pair {}") -> pd.DataFrame:
    """Rows of (number, sides that have answered, whether the reader may read both)."""
    rows = [
        (key, f"E{key}", name.format(key), "county", "CO", 8, answered, WAITS.get(answered, ""), True, joint)
        for key, answered, joint in pairs
    ]
    return pd.DataFrame(rows, columns=PLACES).astype({"pair": "int64"})


def built(library: Library, found: pd.DataFrame, frame: pd.DataFrame, **more: Any) -> CenterReport:
    names = {"cycle": "now", "center": "FC", "kind": Side.FUSION_CENTER}
    return center.build(library.get(CHECKLIST), found, frame, **names, **more)


@pytest.fixture
def three(library: Library) -> tuple[pd.DataFrame, CenterReport]:
    frame = pd.concat([answers(library, seed, seed) for seed in (1, 2, 3)])
    return frame, built(library, places((1, 2, True), (2, 2, True), (3, 2, True), (4, 1, False)), frame)


def test_each_pair_has_the_numbers_of_its_own_report(
    library: Library, three: tuple[pd.DataFrame, CenterReport]
) -> None:
    frame, report = three
    for number in (1, 2, 3):
        own = pair.build(library.get(CHECKLIST), frame[frame["pair"] == number].drop(columns="pair"))
        row = report.pairs.set_index("pair").loc[number]
        assert plain(row["index"]) == pytest.approx(own.index)
        assert plain(row["level"]) == (own.level and own.level.level)
        assert row["held_back_by"] == own.held_back_by
        assert row["apart"] == own.agreement.apart
        domains = report.domains[report.domains["pair"] == number]
        pd.testing.assert_series_equal(
            domains["joint"].reset_index(drop=True), own.domains["joint"], check_names=False
        )


def test_means_are_those_of_the_pairs_that_have_the_number(three: tuple[pd.DataFrame, CenterReport]) -> None:
    report = three[1]
    for row in report.means.to_dict("records"):
        rows = report.domains[(report.domains["domain"] == row["id"]) & report.domains["reportable"]]
        assert row["n"] == len(rows)
        assert row["joint"] == pytest.approx(rows["joint"].mean(), nan_ok=True)
        assert row["gap"] == pytest.approx(rows["gap"].mean(), nan_ok=True)


def test_an_item_is_common_where_most_pairs_are_below_the_target(
    library: Library, three: tuple[pd.DataFrame, CenterReport]
) -> None:
    frame, report = three
    joint = {
        number: pair.build(library.get(CHECKLIST), frame[frame["pair"] == number].drop(columns="pair")).items
        for number in (1, 2, 3)
    }
    for row in report.common.to_dict("records"):
        values = [items.set_index("item").loc[row["item"], "joint"] for items in joint.values()]
        there = [value for value in values if not pd.isna(value)]
        assert (row["n"], row["below"]) == (len(there), sum(value < report.rules.target for value in there))
    shares = list(report.common["below"] / report.common["n"])
    assert shares == sorted(shares, reverse=True)


def test_the_change_is_that_of_the_pair_s_own_report(library: Library) -> None:
    questionnaire = library.get(CHECKLIST)
    now, before = answers(library, 1, 1), answers(library, 9, 1)
    report = built(library, places((1, 2, True)), now, previous=(questionnaire, "then", before))
    own = pair.build(
        questionnaire,
        now.drop(columns="pair"),
        previous=before.drop(columns="pair"),
        previous_questionnaire=questionnaire,
        previous_cycle="then",
    )
    assert own.trend is not None
    assert report.trend is not None
    assert report.pairs["change"].iloc[0] == pytest.approx(own.trend.index_change)
    assert report.trend.index_change == pytest.approx(own.trend.index_change)
    assert report.trend_pairs == 1


def test_answers_of_a_pair_that_may_not_be_read_are_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="may not read"):
        built(library, places((1, 2, False)), answers(library, 1, 1))


def test_a_pair_that_may_not_be_read_has_its_status_and_no_number(library: Library) -> None:
    report = built(library, places((1, 2, True), (2, 2, False), (3, 0, False)), answers(library, 1, 1))
    rows = report.pairs.set_index("pair")
    assert list(rows["status"]) == ["complete", "complete", "not_started"]
    numbers = ["index", "level", "agreement", "items", "apart", "change"]
    assert rows.loc[[2, 3], numbers].isna().all(axis=None)
    assert report.counts["complete"] == 2
    sentence = center_words.stands(report)
    assert sentence.endswith("1 more is complete and not open to you, and is in no number here.")


def test_the_first_to_call_are_the_lowest_levels_then_those_furthest_apart(library: Library) -> None:
    frame = pd.concat([answers(library, seed, seed) for seed in range(1, 8)])
    report = built(library, places(*((seed, 2, True) for seed in range(1, 8))), frame)
    rows = report.call_first
    assert len(rows) == center.FIRST
    keys = [(row["level"], -row["apart"], row["index"]) for row in rows.to_dict("records")]
    others = report.scored[~report.scored["pair"].isin(rows["pair"])]
    rest = [(row["level"], -row["apart"], row["index"]) for row in others.to_dict("records")]
    assert keys == sorted(keys)
    assert max(keys) <= min(rest)


NOTHING = pd.DataFrame(columns=["pair", "side", "question", "status", "number"]).astype(
    {"pair": "int64", "number": "float64"}
)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([(1, 2, False)], "The one pair has answered on both sides."),
        ([(1, 1, False)], "The one pair waits for the EOC."),
        ([(1, 0, False)], "The one pair waits for both sides."),
        ([(1, 2, False), (2, 2, False)], "All 2 pairs have answered on both sides."),
        (
            [(1, 0, False), (2, 0, False)],
            "None of 2 pairs have answered on both sides; 2 wait for both sides.",
        ),
        (
            [(1, 2, False), (2, 1, False), (3, 0, False)],
            "1 of 3 pairs has answered on both sides; 1 waits for the EOC and 1 waits for both sides.",
        ),
    ],
)
def test_who_has_answered_in_every_case(
    library: Library, found: list[tuple[int, int, bool]], sentence: str
) -> None:
    assert center_words.answered(built(library, places(*found), NOTHING)) == sentence


def test_a_reader_who_may_not_know_is_told_of_one_side_only(library: Library) -> None:
    found = places((1, 2, False), (2, 1, False)).assign(waits_for="")
    report = built(library, found, NOTHING)
    assert center_words.answered(report) == "1 of 2 pairs has answered on both sides; 1 waits for one side."
    assert center_words.status(report.pairs.to_dict("records")[1]) == "Waiting for one side"


def test_next_is_to_remind_while_answers_are_missing_and_to_talk_after(library: Library) -> None:
    found = places((1, 2, True), (2, 1, False))
    report = built(library, found, answers(library, 1, 1))
    assert center_words.following(report, is_open=True) == (
        "Next: remind those whose answers are missing in 1 pair, then talk with Pair 1."
    )
    assert center_words.following(report, is_open=False) == "Next: read the report with Pair 1 together."


def test_pairs_that_stand_alike_are_said_to(library: Library) -> None:
    frame = pd.concat([answers(library, 1, 1), answers(library, 1, 2)])
    sentence = center_words.stands(built(library, places((1, 2, True), (2, 2, True)), frame))
    assert sentence.startswith("All 2 pairs with an index stand at ")


def test_the_json_has_every_pair_and_null_for_missing(three: tuple[pd.DataFrame, CenterReport]) -> None:
    found = json.loads(json.dumps(three[1].to_json(), allow_nan=False))
    assert [row["status"] for row in found["pairs"]] == ["complete", "insufficient", "complete", "one_sided"]
    assert found["pairs"][3]["index"] is None
    assert found["counts"]["waits_for_eoc"] == 1
