"""The worked example of the method, digit for digit."""

import numpy as np
import pandas as pd
import pytest

from reports import pair as pair_reports
from reports.agreement import icc, weighted_kappa
from tests.reports.builder import worked_frame, worked_questionnaire


@pytest.fixture(scope="module")
def report():
    return pair_reports.build(
        worked_questionnaire(), worked_frame(), cycle="2026", fusion_center="FC", eoc="E"
    )


def test_index_and_level(report):
    found = report.to_json()
    assert found["status"] == "complete"
    assert found["index"] == pytest.approx((47.5 + 60 + 5 / 12 + 48 + 23 / 24) / 3, abs=1e-12)
    assert f"{found['index']:.4f}" == "52.2917"
    assert (found["level"], found["level_name"], found["held_back_by"]) == (2, "Partly in place", [])


@pytest.mark.parametrize(
    ("domain", "fusion_center", "eoc", "joint", "coverage", "gap"),
    [
        ("GOV", 62.5, 40.0, 47.5, 5 / 6, 30.0),
        ("DIS", 80.0, 55.0, 60 + 5 / 12, 1.0, 37.5),
        ("ACT", 55.0, 50.0, 48 + 23 / 24, 6 / 7, 5.0),
    ],
)
def test_domains(report, domain, fusion_center, eoc, joint, coverage, gap):
    found = next(row for row in report.to_json()["domains"] if row["id"] == domain)
    assert (found["fusion_center"], found["eoc"], found["gap"]) == (fusion_center, eoc, gap)
    assert found["joint"] == pytest.approx(joint, abs=1e-12)
    assert found["coverage"] == pytest.approx(coverage, abs=1e-12)
    assert found["reportable"] is True
    assert found["title"] == f"Domain {domain}"


def test_joint_scores_and_differences(report):
    items = report.items.set_index("item")
    joint = [1.5, 2, 2.25, None, 2.5, 3, 1.5, 3, 2, 3, 1.25, 2, None, 1.25]
    assert [pair_reports.plain(value) for value in items["joint"]] == joint
    difference = [2, 0, 1, None, 2, 0, 2, None, None, 0, 1, None, None, -1]
    assert [pair_reports.plain(value) for value in items["difference"]] == difference
    assert items.loc["GOV-04", "state"] == "unknown"
    assert items.loc["ACT-04", "state"] == "scope_conflict"
    assert (items["state"] == "scored").sum() == 12


def test_agreement(report):
    found = report.to_json()["agreement"]
    assert found == {
        "index": 75.0,
        "exact": pytest.approx(3 / 9),
        "within_one": pytest.approx(6 / 9),
        "items": 9,
        "weighted_kappa": None,
        "icc": None,
    }
    assert report.agreement.difference == pytest.approx(7 / 9)


def test_flags(report):
    assert list(report.talk_about["item"]) == ["GOV-01", "DIS-01", "DIS-03"]
    gaps = report.domains.set_index("id")["perception_gap"]
    assert gaps.to_dict() == {"GOV": True, "DIS": True, "ACT": False}


def test_improvements_and_find_first(report):
    assert [(row["item"], row["priority"]) for row in report.to_json()["improvements"]] == [
        ("ACT-02", 3.5),
        ("GOV-01", 3.0),
        ("ACT-05", 1.75),
        ("DIS-03", 1.5),  # two apart, so before GOV-03 with the same priority
        ("GOV-03", 1.5),
        ("DIS-01", 1.0),
        ("GOV-02", 1.0),
        ("DIS-05", 1.0),
        ("ACT-03", 1.0),
    ]
    assert list(report.find_first["item"]) == ["GOV-04", "ACT-04"]


def test_quadrants_and_matrix(report):
    items = {name: list(report.quadrant(name)["item"]) for name in report.items["quadrant"].dropna().unique()}
    assert items == {
        "fusion_center_higher": ["GOV-01", "GOV-03", "DIS-01", "DIS-03", "ACT-02"],
        "same_partly": ["GOV-02"],
        "shared_strength": ["DIS-02", "ACT-01"],
        "eoc_higher": ["ACT-05"],
    }
    expected = np.zeros((5, 5), dtype=int)
    for first, second in [(3, 1), (2, 2), (3, 2), (4, 2), (3, 3), (3, 1), (3, 3), (2, 1), (1, 2)]:
        expected[first, second] += 1
    assert (report.answer_matrix.to_numpy() == expected).all()


def test_shared_ratings_give_the_published_kappa_and_icc(report):
    shared = report.items[report.items["difference"].notna()][["fusion_center", "eoc"]]
    first, second = shared["fusion_center"], shared["eoc"]
    assert f"{weighted_kappa(first, second, range(5)):.4f}" == "0.0690"
    assert f"{weighted_kappa(first, second, range(5), 'quadratic'):.4f}" == "0.0816"
    found = icc(shared)
    assert f"{found['icc2']:.4f}" == "0.0909"
    assert f"{found['icc3']:.4f}" == "0.1224"


def test_few_enough_items_show_kappa_and_icc():
    report = pair_reports.build(worked_questionnaire(agreement_items=9), worked_frame())
    assert f"{report.agreement.weighted_kappa:.4f}" == "0.0690"
    assert f"{report.agreement.icc:.4f}" == "0.0909"


@pytest.mark.parametrize(("factor", "index"), [(0.5, "57.92"), (0.75, "52.29"), (1.0, "46.67")])
def test_weaker_side_factor_moves_the_index(factor, index):
    report = pair_reports.build(worked_questionnaire(weaker_side_factor=factor), worked_frame())
    assert f"{report.index:.2f}" == index


def test_names_and_json_types(report):
    found = report.to_json()
    assert (found["cycle"], found["fusion_center"], found["eoc"]) == ("2026", "FC", "E")
    assert list(found) == [
        "cycle",
        "fusion_center",
        "eoc",
        "questionnaire",
        "version",
        "status",
        "index",
        "level",
        "level_name",
        "held_back_by",
        "agreement",
        "domains",
        "items",
        "improvements",
        "trend",
    ]
    for row in [*found["items"], *found["domains"], *found["improvements"], found["agreement"], found]:
        for value in row.values():
            assert type(value) in (int, float, str, bool, list, dict, type(None))


def test_synthetic_answers_say_so():
    found = pair_reports.build(worked_questionnaire(), worked_frame(), synthetic=True).to_json()
    assert found["synthetic"] is True


def test_evidence_counts_high_ratings_without_a_note():
    frame = worked_frame()
    frame.loc[(frame["side"] == "eoc") & (frame["question"] == "DIS-02"), "text"] = "Log of May"
    frame.loc[(frame["side"] == "eoc") & (frame["question"] == "DIS-04"), "text"] = "  "
    evidence = pair_reports.build(worked_questionnaire(), frame).evidence
    expected = pd.DataFrame({"side": ["fusion_center", "eoc"], "rated": [6, 3], "without_note": [6, 2]})
    pd.testing.assert_frame_equal(evidence, expected)
