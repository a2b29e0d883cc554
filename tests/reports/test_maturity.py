"""Bounds, gates and what held a level back."""

from dataclasses import replace

import numpy as np
import pytest

from reports.maturity import maturity, shown
from reports.pair import build
from reports.scoring import answer_arrays, domain_scores, item_scores, plan
from tests.reports.builder import EOC, FC, frame, question, questionnaire


def domain(name, count=4, critical=0):
    """``critical`` items of weight 2 first, then items of weight 1."""
    return [question(f"{name}-{n}", weight=2 if n < critical else 1) for n in range(count)]


def report_of(values, criticals=None, **rules):
    """A report of domains given as "4 4 3/1": one token an item, f/e where the sides differ."""
    questions, answers = [], {FC: {}, EOC: {}}
    for name, tokens in values.items():
        items = domain(name, len(tokens.split()), (criticals or {}).get(name, 0))
        questions += items
        for item, token in zip(items, tokens.split(), strict=True):
            first, _, second = token.partition("/")
            answers[FC][item.id], answers[EOC][item.id] = first, second or first
    return build(questionnaire(questions, **rules), frame(answers))


def standing(report):
    return report.level.level, report.band.level, list(report.held_back_by)


def level_of_joint(*joint, rules=None):
    """Band and level of a pair whose domains have these joint scores."""
    scored = plan(questionnaire([q for n in range(len(joint)) for q in domain(f"D{n}", 1)], **(rules or {})))
    ids = list(scored.codebook["question"])
    answers = answer_arrays(scored, frame({s: dict.fromkeys(ids, "2") for s in (FC, EOC)}).assign(pair=0))
    items = item_scores(scored, answers)
    domains = replace(domain_scores(scored, answers, items), joint=np.array([joint]))
    result = maturity(scored, answers, items, domains)
    return int(result.band[0]), int(result.level[0])


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (0.0, 0),
        (19.99999, 0),
        (19.9999999999, 1),
        (20.0, 1),
        (39.999999999, 1),
        (40.0, 2),
        (59.999999999, 2),
        (59.9999999999, 3),
        (60.0, 3),
        (79.97, 3),
        (80.0, 4),
        (100.0, 4),
    ],
)
def test_bands_include_their_lower_bound_after_nine_decimals(index, band):
    assert level_of_joint(index)[0] == band


@pytest.mark.parametrize(("lowest", "level"), [(19.999999999, 1), (19.9999999999, 2), (20.0, 2), (19.97, 1)])
def test_gates_compare_after_nine_decimals(lowest, level):
    assert level_of_joint(lowest, 75.0) == (2, level)


def test_gate_of_level_2_is_a_domain_below_20():
    assert standing(report_of({"A": "4 4 4 4", "B": "2 2 2 2", "C": "0 0 0 0"})) == (1, 2, ["C"])
    assert standing(report_of({"A": "4 4 4 4", "B": "2 2 2 2", "C": "0 0 0 4"})) == (2, 2, [])


def test_gate_of_level_3_is_a_critical_item_below_1():
    # 0 and 3 give .75, 0 and 4 give 1: exactly at the bound holds.
    assert standing(report_of({"A": "0/3 4 4 4", "B": "3 3 3 3"}, {"A": 1})) == (2, 3, ["A-0"])
    assert standing(report_of({"A": "0/4 4 4 4", "B": "3 3 3 3"}, {"A": 1})) == (3, 3, [])


def test_gate_of_level_3_is_a_domain_below_40():
    assert standing(report_of({"A": "4 4 4 4", "B": "1 1 1 2"})) == (2, 3, ["B"])
    assert standing(report_of({"A": "4 4 4 4", "B": "1 1 2 2", "C": "4 2 2 2"})) == (2, 3, ["B"])
    assert standing(report_of({"A": "4 4 4 4", "B": "1 1 2 2 2", "C": "4 2 2 2"})) == (3, 3, [])


def test_gate_of_level_4_is_a_critical_item_below_2_or_a_domain_below_60():
    assert standing(report_of({"A": "1 4 4 4 4", "B": "4 4 4 4"}, {"A": 1})) == (3, 4, ["A-0"])
    assert standing(report_of({"A": "2 4 4 4 4", "B": "4 4 4 4"}, {"A": 1})) == (4, 4, [])
    assert standing(report_of({"A": "2 2 2 3", "B": "4 4 4 4", "C": "4 4 4 4"})) == (3, 4, ["A"])


@pytest.mark.parametrize("gap", ["DK/4", "/4", "NA/4", "DK"])
def test_level_4_needs_every_critical_item_known(gap):
    values = {"A": f"4 {gap} 4 4 4 4 4", "B": "4 4 4 4"}
    report = blank_on("A-1") if gap == "/4" else report_of(values, {"A": 2})
    assert standing(report) == (3, 4, ["A-1"])
    assert list(report.not_known) == []


def blank_on(item):
    questions = [*domain("A", 7, 2), *domain("B", 4)]
    full = {q.id: "4" for q in questions}
    without = {key: value for key, value in full.items() if key != item}
    return build(questionnaire(questions), frame({FC: without, EOC: full}))


def test_below_level_4_an_unknown_critical_item_is_listed_and_does_not_fail():
    report = report_of({"A": "3 DK/3 3 3 3 3 3", "B": "3 3 3 3"}, {"A": 2})
    assert standing(report) == (3, 3, [])
    assert list(report.not_known) == ["A-1"]


def test_a_critical_item_that_does_not_apply_is_out_of_the_gate_and_not_listed():
    report = report_of({"A": "4 NA 4 4", "B": "4 4 4 4"}, {"A": 2})
    assert standing(report) == (4, 4, [])
    assert list(report.not_known) == []


def test_held_back_by_lists_items_then_domains_in_file_order():
    report = report_of({"A": "4 4 4 4", "B": "0 4 0 0", "C": "4 4 4 4", "D": "0 4 4 4"}, {"B": 1, "D": 1})
    assert standing(report) == (2, 3, ["B-0", "D-0", "B"])


def test_the_level_is_never_more_than_one_below_the_band():
    full = dict.fromkeys("ABCD", "4 4 4 4")
    report = report_of(full | {"E": "0 0 0 0"}, {"E": 2})
    assert report.index == 80
    assert standing(report) == (3, 4, ["E-0", "E-1", "E"])


def test_a_critical_item_counts_where_its_domain_is_not_reportable():
    values = {"A": "4 4 4 4", "B": "4 4 4 4", "C": "3 3 3 3", "D": "0 DK DK DK"}
    report = report_of(values, {"D": 1})
    assert list(report.domains["reportable"]) == [True, True, True, False]
    assert standing(report) == (3, 4, ["D-0"])


def test_a_domain_that_is_not_reportable_fails_no_gate():
    report = report_of({"A": "4 4 4 4", "B": "4 4 4 4", "C": "4 4 4 4", "D": "0 0 DK DK"})
    assert report.domains["joint"].iloc[3] == 0
    assert standing(report) == (4, 4, [])


@pytest.mark.parametrize(("unknown", "reportable"), [(3, True), (4, False)])
def test_a_domain_is_reportable_from_70_percent_of_its_weight(unknown, reportable):
    report = report_of({"A": " ".join(["2"] * (10 - unknown) + ["DK"] * unknown)})
    assert report.domains["reportable"].tolist() == [reportable]
    assert report.status == ("complete" if reportable else "insufficient")


def test_coverage_counts_weight():
    report = report_of({"A": "2 DK 2 2 2 2"}, {"A": 2})
    assert report.domains["coverage"].iloc[0] == pytest.approx(6 / 8)
    assert report_of({"A": "2 DK 2 2"}, {"A": 2}).domains["coverage"].iloc[0] == pytest.approx(4 / 6)


@pytest.mark.parametrize(("missing", "status"), [(1, "complete"), (2, "insufficient")])
def test_the_index_needs_75_percent_of_the_domains_that_have_a_base(missing, status):
    values = dict.fromkeys("ABCD", "2 2") | dict.fromkeys("WXYZ"[:missing], "DK DK")
    values = dict(list(values.items())[missing - 1 :])  # three or more answered, `missing` not
    report = report_of(values | {"N": "NA NA"})
    assert report.domains_in_base == len(values)
    assert report.status == status
    assert (report.index is None) == (status == "insufficient")


def test_without_any_base_there_is_no_index():
    report = report_of({"A": "NA NA", "B": "NA NA"})
    assert report.status == "insufficient"
    assert (report.index, report.level, report.domains_in_base) == (None, None, 0)
    assert report.domains["coverage"].isna().all()
    assert not report.domains["reportable"].any()


def test_insufficient_shows_domains_and_items_but_no_level():
    report = report_of({"A": "2 DK", "B": "0 DK", "C": "3 3"}, {"B": 1})
    found = report.to_json()
    assert found["status"] == "insufficient"
    assert (found["index"], found["level"], found["level_name"], found["held_back_by"]) == (
        None,
        None,
        None,
        [],
    )
    assert found["domains"][0]["joint"] == 50.0
    assert found["domains"][0]["reportable"] is False
    assert found["items"][0]["joint"] == 2.0
    assert report.not_known == ()


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (59.97, 0, "59"),
        (59.97, 1, "59.9"),
        (59.9999999999, 0, "60"),
        (60, 0, "60"),
        (60.4, 0, "60"),
        (19.5, 0, "19"),
        (58.5, 0, "59"),
        (52.2917, 1, "52.3"),
        (-19.97, 0, "-19"),
        (-20.2, 0, "-20"),
        (-0.3, 0, "0"),
        (0.05, 1, "0.1"),
    ],
)
def test_a_shown_number_is_not_rounded_across_a_bound(value, decimals, text):
    assert shown(value, (0, 20, 40, 60, 80), decimals) == text


def test_a_shown_number_stays_above_a_bound_between_whole_numbers():
    assert shown(12.42, (12.4,)) == "13"
    assert shown(12.45, (12.4, 12.9)) == "12.5"
