"""Statuses of a pair report, and what a side may read before both have submitted."""

import json

import numpy as np
import pandas as pd
import pytest

from questionnaires.definition import AnswerOption, AnswerType, Question, Section, Side
from reports.pair import build
from reports.scoring import codebook
from tests.reports.builder import (
    EOC,
    FC,
    SCALE,
    frame,
    question,
    questionnaire,
    worked_frame,
    worked_questionnaire,
)

SECRET = "the other side's note"


def leaky_frame():
    """Both sides' rows, the fusion center's with values that nothing of the EOC's could give."""
    rows = worked_frame()
    rows.loc[rows["side"] == FC, "text"] = SECRET
    return rows


def test_one_side_reads_its_own_profile_and_nothing_else():
    report = build(worked_questionnaire(), leaky_frame(), submitted=[EOC])
    alone = build(worked_questionnaire(), worked_frame()[lambda rows: rows["side"] == EOC])
    assert report.to_json() == alone.to_json()
    assert report.status == "one_sided"
    assert report.sides == (EOC,)
    for name in ("items", "domains", "improvements", "find_first", "answer_matrix", "evidence", "extras"):
        pd.testing.assert_frame_equal(getattr(report, name), getattr(alone, name))
        assert SECRET not in getattr(report, name).to_csv()
    assert report.agreement == alone.agreement


def test_one_sided_json_has_only_that_sides_numbers():
    found = build(worked_questionnaire(), leaky_frame(), submitted=[EOC]).to_json()
    assert (found["status"], found["index"], found["level"]) == ("one_sided", None, None)
    assert (found["held_back_by"], found["improvements"], found["trend"]) == ([], [], None)
    assert set(found["agreement"].values()) == {None}
    for row in found["items"]:
        assert {row[key] for key in (FC, "joint", "difference", "state", "discuss")} == {None}
    for row in found["domains"]:
        assert {row[key] for key in (FC, "joint", "coverage", "reportable", "gap")} == {None}
    assert [row[EOC] for row in found["domains"]] == [40.0, 55.0, 50.0]
    assert found["items"][0][EOC] == 1.0


def test_the_other_sides_answers_change_nothing_that_one_side_reads():
    first, second = worked_frame(), worked_frame()
    second.loc[second["side"] == FC, ["status", "number"]] = ["answered", 0.0]
    reports = [
        build(worked_questionnaire(), rows, submitted=[EOC], previous=worked_frame())
        for rows in (first, second)
    ]
    assert reports[0].to_json() == reports[1].to_json()
    assert reports[0].trend is None


def test_a_reader_who_may_read_neither_side_gets_the_status_alone():
    report = build(worked_questionnaire(), worked_frame().iloc[:0], submitted=[FC])
    found = report.to_json()
    assert found["status"] == "one_sided"
    assert {row[side] for row in found["items"] + found["domains"] for side in (FC, EOC)} == {None}


def test_drafts_do_not_count():
    found = build(worked_questionnaire(), worked_frame(), submitted=[]).to_json()
    assert found["status"] == "not_started"
    assert {row[side] for row in found["items"] + found["domains"] for side in (FC, EOC)} == {None}
    assert set(found["agreement"].values()) == {None}


def test_both_submitted_blank_is_insufficient_not_zero():
    found = build(worked_questionnaire(), worked_frame().iloc[:0], submitted=[FC, EOC]).to_json()
    assert found["status"] == "insufficient"
    assert found["index"] is None
    assert {row["joint"] for row in found["domains"]} == {None}
    assert {row["coverage"] for row in found["domains"]} == {0.0}
    assert {row["state"] for row in found["items"]} == {"unknown"}
    assert found["agreement"] == {
        "index": None,
        "exact": None,
        "within_one": None,
        "items": 0,
        "weighted_kappa": None,
        "icc": None,
    }


@pytest.mark.parametrize("submitted", [[FC, EOC], [EOC], []])
def test_json_is_valid_and_has_no_nan(submitted):
    report = build(worked_questionnaire(), worked_frame(), submitted=submitted)
    text = json.dumps(report.to_json(), allow_nan=False)
    assert json.loads(text) == report.to_json()


def test_kappa_is_null_where_both_used_one_same_category():
    items = [question(f"A-{n}") for n in range(25)]
    same = frame({side: {q.id: "3" for q in items} for side in (FC, EOC)})
    agreement = build(questionnaire(items), same).to_json()["agreement"]
    assert (agreement["index"], agreement["exact"], agreement["items"]) == (100.0, 1.0, 25)
    assert agreement["weighted_kappa"] is None
    assert agreement["icc"] is None


@pytest.mark.parametrize(("count", "shown"), [(19, False), (20, True)])
def test_kappa_and_icc_need_20_shared_items(count, shown):
    items = [question(f"A-{n:02}") for n in range(count)]
    first = {q.id: str(n % 5) for n, q in enumerate(items)}
    second = {q.id: str(n % 4) for n, q in enumerate(items)}
    agreement = build(questionnaire(items), frame({FC: first, EOC: second})).agreement
    assert (agreement.weighted_kappa is not None) == shown
    assert (agreement.icc is not None) == shown


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("3", "2", "scored"),
        ("NA", "NA", "not_applicable"),
        ("NA", "2", "scope_conflict"),
        ("NA", "DK", "scope_conflict"),
        ("", "NA", "scope_conflict"),
        ("DK", "2", "unknown"),
        ("2", "", "unknown"),
        ("DK", "DK", "unknown"),
    ],
)
def test_states_of_a_shared_item(first, second, state):
    report = build(questionnaire([question("A-1")]), frame({FC: {"A-1": first}, EOC: {"A-1": second}}))
    assert report.to_json()["items"][0]["state"] == state
    assert (report.to_json()["items"][0]["joint"] is not None) == (state == "scored")


@pytest.mark.parametrize(
    ("raw", "state"), [("0", "scored"), ("NA", "not_applicable"), ("DK", "unknown"), ("", "unknown")]
)
def test_states_of_a_one_side_item(raw, state):
    items = [question("A-1", FC), question("A-2")]
    report = build(questionnaire(items), frame({FC: {"A-1": raw, "A-2": "1"}, EOC: {"A-2": "1"}}))
    assert report.to_json()["items"][0]["state"] == state


def test_an_answer_to_an_item_that_is_not_asked_of_the_side_counts_nowhere():
    items = [question("A-1", FC), question("A-2")]
    given = {FC: {"A-1": "1", "A-2": "1"}, EOC: {"A-1": "4", "A-2": "1"}}
    report = build(questionnaire(items), frame(given))
    assert report.index == 25.0
    assert report.to_json()["items"][0][EOC] is None
    assert report.to_json()["domains"][0][EOC] == 25.0


def test_perception_gap_needs_20_points_on_three_items():
    three = [question(f"A-{n}") for n in range(3)] + [question(f"B-{n}") for n in range(2)]
    first = {q.id: "3" for q in three}
    second = {"A-0": "2", "A-1": "2", "A-2": "3", "B-0": "1", "B-1": "1"}
    report = build(questionnaire(three), frame({FC: first, EOC: second}))
    assert report.domains["gap"].tolist() == [pytest.approx(100 / 6), 50.0]
    assert report.domains["perception_gap"].tolist() == [False, False]
    other_way = build(questionnaire(three), frame({FC: second | {"A-2": "2"}, EOC: first}))
    assert other_way.domains["gap"].tolist() == [-25.0, -50.0]
    assert other_way.domains["perception_gap"].tolist() == [True, False]


def test_critical_items_come_first_in_what_to_find_out():
    items = [question("A-1"), question("A-2", weight=2), question("A-3"), question("A-4", weight=2)]
    given = {
        FC: {"A-1": "DK", "A-2": "3", "A-3": "NA", "A-4": ""},
        EOC: dict.fromkeys(("A-1", "A-3", "A-4"), "2"),
    }
    report = build(questionnaire(items), frame(given | {EOC: given[EOC] | {"A-2": "NA"}}))
    assert list(report.find_first["item"]) == ["A-2", "A-4", "A-1", "A-3"]
    assert list(report.scope_conflicts["item"]) == ["A-2", "A-3"]
    assert list(report.unknowns["item"]) == ["A-1", "A-4"]


def test_items_say_what_pages_need():
    items = [question("A-1", action="Do it"), question("A-2", EOC, mirror="own")]
    rows = frame({FC: {"A-1": "4"}, EOC: {"A-1": "3", "A-2": "2"}}, {(EOC, "A-1"): "log of May"})
    found = build(questionnaire(items), rows).items.set_index("item")
    assert found.loc["A-1", "eoc_note"] == "log of May"
    assert found.loc["A-1", "fusion_center_note"] == ""
    assert found.loc["A-1", "action"] == "Do it"
    assert list(found["asked"]) == ["both", EOC]
    assert list(found["mirror"]) == ["same", "own"]
    assert found.loc["A-2", "fusion_center_wording"] == ""
    assert found.loc["A-2", "eoc_status"] == "answered"


def with_extra(*questions):
    """A questionnaire with an unscored choice last."""
    base = questionnaire(questions)
    choices = (AnswerOption("not_seen", "Not seen"), AnswerOption("used", "Used"))
    extra = Question(
        "GUIDE", AnswerType.SINGLE_CHOICE, dict.fromkeys(Side, "Which?"), options=choices, scored=False
    )
    last = base.sections[-1]
    section = Section(last.id, last.title, (*last.questions, extra))
    return type(base)(base.id, base.version, base.title, (*base.sections[:-1], section), scoring=base.scoring)


def test_extras_are_shown_and_score_nothing():
    asked = with_extra(question("A-1"))
    rows = frame({FC: {"A-1": "2"}, EOC: {"A-1": "2"}})
    rows.loc[len(rows)] = [FC, "GUIDE", "answered", np.nan, "used", ""]
    report = build(asked, rows)
    assert report.index == 50.0
    assert report.extras.to_dict("records") == [{"question": "GUIDE", FC: "used", EOC: ""}]
    assert list(codebook(asked)["question"]) == ["A-1"]
    assert build(asked, rows, submitted=[EOC]).extras.to_dict("records") == [
        {"question": "GUIDE", FC: "", EOC: ""}
    ]


def test_a_side_that_answered_only_extras_has_submitted():
    rows = pd.DataFrame([[FC, "GUIDE", "answered", np.nan, "used", ""]], columns=frame({}).columns)
    assert build(with_extra(question("A-1")), rows).status == "one_sided"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"side": "north"}, "'north' is not a side"),
        ({"status": "maybe"}, "'maybe' is not an answer status"),
        ({"number": 7.0}, "7 is not a rating"),
        ({"number": 2.5}, "2.5 is not a rating"),
    ],
)
def test_an_unsound_frame_is_refused(change, message):
    rows = worked_frame()
    rows.loc[0, list(change)] = list(change.values())
    with pytest.raises(ValueError, match=message):
        build(worked_questionnaire(), rows)


def test_two_rows_for_one_answer_are_refused():
    rows = worked_frame()
    with pytest.raises(ValueError, match="Two rows"):
        build(worked_questionnaire(), pd.concat([rows, rows.iloc[[3]]]))


def test_a_missing_column_and_missing_rules_are_named():
    with pytest.raises(ValueError, match="no column number"):
        build(worked_questionnaire(), worked_frame().drop(columns="number"))
    unscored = type(worked_questionnaire())("survey", "1.0", "Survey", ())
    with pytest.raises(ValueError, match=r"survey 1.0 has no scoring rules"):
        build(unscored, worked_frame())


def test_a_notebook_frame_needs_no_text():
    assert build(worked_questionnaire(), worked_frame().drop(columns=["text", "option"])).level.level == 2


def test_the_scale_of_the_tests_is_that_of_the_method():
    assert SCALE.numbers == (0, 1, 2, 3, 4)
