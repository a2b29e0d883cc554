"""The calculation over questionnaires as they are published."""

from pathlib import Path

import pytest

from questionnaires.library import BUILT_IN, Library
from reports.pair import build
from reports.scoring import codebook
from tests.reports.builder import CHECKLIST_SHAPE, EOC, FC, frame, worked_frame

LIBRARY = Library([BUILT_IN, Path(__file__).parents[1] / "definitions"])


@pytest.fixture(scope="module")
def checklist():
    return LIBRARY.get("cpg502-checklist", "1.0")


def test_the_worked_example_as_a_file():
    found = build(LIBRARY.get("worked-example"), worked_frame()).to_json()
    assert f"{found['index']:.4f}" == "52.2917"
    assert (found["level"], found["level_name"]) == (2, "Partly in place")
    assert found["agreement"]["index"] == 75.0
    assert [row["joint"] for row in found["domains"]] == pytest.approx([47.5, 60 + 5 / 12, 48 + 23 / 24])
    assert [row["gap"] for row in found["domains"]] == [30.0, 37.5, 5.0]


def test_the_checklist_scores_59_items_50_of_each_side(checklist):
    book = codebook(checklist)
    assert len(book) == 59
    assert (book[FC].sum(), book[EOC].sum(), book["shared"].sum()) == (50, 50, 41)
    assert list(book["domain"].unique()) == list(CHECKLIST_SHAPE)
    shape = book.groupby("domain", sort=False).apply(
        lambda rows: " ".join(
            ("b" if row.shared else "f" if row.fusion_center else "e") + f"{row.weight:g}"
            for row in rows.itertuples()
        )
    )
    assert shape.to_dict() == CHECKLIST_SHAPE
    own = ["REL-01", "REL-02", "REL-03", "REL-06", "GOV-02", "GOV-03", "GOV-06", "ACT-02", "SEC-01", "TRN-02"]
    assert list(book.loc[book["mirror"] == "own", "question"]) == own


def test_the_extras_score_nothing(checklist):
    rows = {
        side: {q.id: "2" for q in checklist.questions if q.scored and q.asked_of(side)} for side in (FC, EOC)
    }
    report = build(checklist, frame(rows))
    assert set(report.extras["question"]) == {"GUIDE", "REL-G"}
    assert (report.index, report.level.level, report.agreement.items) == (50.0, 2, 41)
    assert report.to_json()["agreement"]["weighted_kappa"] is None  # one same category throughout


def test_every_improvement_of_the_checklist_has_an_action(checklist):
    rows = {
        side: {q.id: "0" for q in checklist.questions if q.scored and q.asked_of(side)} for side in (FC, EOC)
    }
    improvements = build(checklist, frame(rows)).to_json()["improvements"]
    assert len(improvements) == 59
    assert all(row["action"] for row in improvements)
