"""Many pairs at once: who is expected, who has submitted, and frames of every make."""

import pandas as pd
import pytest

from questionnaires.answers import AnswerStatus
from questionnaires.definition import Side
from reports.calculation import score_pairs
from tests.reports.builder import EOC, FC, frames_of, worked_frame, worked_questionnaire

WORKED = worked_questionnaire()


def worked_pairs(*pairs):
    return pd.concat([worked_frame().assign(pair=pair) for pair in pairs], ignore_index=True)


def same(one, two):
    for name in ("items", "domains", "pairs"):
        left, right = (getattr(scores, name).astype({"pair": object}) for scores in (one, two))
        pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_rows_of_a_side_that_has_not_submitted_are_dropped():
    submitted = pd.DataFrame({"pair": [1, 1, 2], "side": [FC, EOC, EOC]})
    found = score_pairs(WORKED, worked_pairs(1, 2), submitted=submitted)
    assert found.pairs["status"].tolist() == ["complete", "one_sided"]
    second = found.items[found.items["pair"] == 2]
    assert (
        second[[FC, f"{FC}_status", "joint", "difference", "state", "quadrant", "priority"]]
        .isna()
        .all(axis=None)
    )
    assert not second[["discuss", "fails_gate", "not_known"]].any(axis=None)
    assert second[EOC].notna().sum() == 12
    domains = found.domains[found.domains["pair"] == 2]
    assert domains[[FC, "joint", "coverage", "gap"]].isna().all(axis=None)
    assert not domains[["reportable", "perception_gap", "in_base"]].any(axis=None)
    numbers = ["index", "level", "band", "agreement", "exact", "within_one", "difference", "icc"]
    assert found.pairs.loc[1, numbers].isna().all()


def test_every_expected_pair_has_a_status_in_the_order_asked():
    submitted = pd.DataFrame({"pair": ["b", "b", "a"], "side": [FC, EOC, FC]})
    rows = worked_pairs("a", "b", "z")
    found = score_pairs(WORKED, rows, pairs=["b", "never", "a"], submitted=submitted)
    assert found.pairs["pair"].tolist() == ["b", "never", "a"]
    assert found.pairs["status"].tolist() == ["complete", "not_started", "one_sided"]


def test_a_side_may_have_submitted_without_a_row():
    submitted = pd.DataFrame({"pair": [7, 7], "side": [FC, EOC]})
    found = score_pairs(WORKED, worked_pairs(3), submitted=submitted)
    assert found.pairs["pair"].tolist() == [3, 7]
    assert found.pairs["status"].tolist() == ["not_started", "insufficient"]


def test_nothing_at_all():
    found = score_pairs(WORKED, worked_pairs(1).iloc[:0])
    assert (len(found.items), len(found.domains), len(found.pairs)) == (0, 0, 0)


@pytest.mark.parametrize("key", [3, "FC-CO EOC-CO", (1, 2)])
def test_pairs_may_have_any_key(key):
    rows = worked_frame()
    rows["pair"] = pd.Series([key] * len(rows), dtype=object if isinstance(key, tuple) else None)
    assert score_pairs(WORKED, rows).pairs["level"].tolist() == [2]


def test_categories_strings_and_enumerations_are_the_same():
    plain = worked_pairs(1, 2)
    categories = plain.astype(dict.fromkeys(("side", "question", "status"), "category"))
    categories["question"] = categories["question"].cat.add_categories(["UNUSED"])
    objects = plain.assign(
        side=pd.Series([Side(side) for side in plain["side"]], dtype=object),
        status=pd.Series([AnswerStatus(status) for status in plain["status"]], dtype=object),
    )
    expected = score_pairs(WORKED, plain)
    same(score_pairs(WORKED, categories), expected)
    same(score_pairs(WORKED, objects), expected)


def test_rows_of_unknown_questions_count_nowhere():
    rows = worked_pairs(1)
    more = pd.concat([rows, rows.iloc[[0]].assign(question="OLD-01")])
    same(score_pairs(WORKED, more), score_pairs(WORKED, rows))


def test_a_rated_answer_without_a_number_is_blank():
    answers = {FC: {"GOV-01": "3"}, EOC: {"GOV-01": "3"}}
    rows = frames_of({1: answers})
    rows.loc[0, "number"] = float("nan")
    found = score_pairs(WORKED, rows).items.set_index("question").loc["GOV-01"]
    assert (found["state"], found[f"{FC}_status"]) == ("unknown", "unanswered")


def test_held_back_pairs_are_marked():
    answers = {side: {"GOV-01": "0", "GOV-02": "4", "GOV-03": "4", "GOV-04": "4"} for side in (FC, EOC)}
    full = dict.fromkeys(
        ("DIS-01", "DIS-02", "DIS-03", "DIS-04", "ACT-01", "ACT-02", "ACT-03", "ACT-04"), "3"
    )
    pair = {side: given | full | {"DIS-05": "3", "ACT-05": "3"} for side, given in answers.items()}
    found = score_pairs(WORKED, frames_of({1: pair}))
    row = found.pairs.iloc[0]
    assert (row["band"], row["level"], bool(row["held_back"])) == (3, 2, True)
    assert found.items.loc[found.items["fails_gate"], "question"].tolist() == ["GOV-01"]
