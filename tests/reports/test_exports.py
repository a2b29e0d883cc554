"""The item table as a file: complete, labelled, harmless in a spreadsheet, one-sided where it must be."""

import csv
import io

import pandas as pd
import pytest

from reports.exports import items_csv, safe_cell
from reports.pair import build
from tests.reports.builder import EOC, FC, question, questionnaire, worked_frame, worked_questionnaire

SECRET = "the other side's note"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def rows():
    report = build(
        worked_questionnaire(),
        worked_frame(),
        cycle="2026",
        fusion_center="FC-CO",
        eoc="EOC-CO",
        synthetic=True,
    )
    return read(items_csv(report, "UNCLASSIFIED"))


def test_a_line_an_item_with_unrounded_numbers(rows):
    assert [row["item"] for row in rows][:4] == ["GOV-01", "GOV-02", "GOV-03", "GOV-04"]
    assert len(rows) == 14
    first = rows[0]
    numbers = ("fusion_center_rating", "eoc_rating", "joint", "difference", "priority", "weight")
    assert [first[name] for name in numbers] == ["3", "1", "1.5", "2", "3", "2"]
    assert (first["critical"], first["discuss"], first["state"]) == ("yes", "yes", "scored")
    assert (rows[3]["eoc_rating"], rows[3]["eoc_status"], rows[3]["joint"]) == ("", "do_not_know", "")
    assert rows[13]["difference"] == "-1", "a negative number stays a number"


def test_every_line_says_what_it_is(rows):
    names = ("marking", "synthetic", "cycle", "fusion_center", "eoc", "questionnaire", "version", "status")
    wanted = ("UNCLASSIFIED", "synthetic", "2026", "FC-CO", "EOC-CO", "tiny", "1.0", "complete")
    assert {tuple(row[name] for name in names) for row in rows} == {wanted}


def test_real_answers_are_not_called_synthetic():
    rows = read(items_csv(build(worked_questionnaire(), worked_frame()), "UNCLASSIFIED"))
    assert {row["synthetic"] for row in rows} == {""}


def test_spreadsheets_are_told_that_it_is_utf_8():
    assert items_csv(build(worked_questionnaire(), worked_frame()), "UNCLASSIFIED").startswith(
        "\ufeffmarking,"
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "  =1", "\u00a0=1", "\n=1", "\ufeff=1", "＝1", "＠x"]
)
def test_words_that_a_spreadsheet_would_run_are_led_in(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-1.5, "-1.5"),
        (2.0, "2"),
        (0.1 + 0.2, "0.30000000000000004"),
        (None, ""),
        (float("nan"), ""),
        (True, "yes"),
    ],
)
def test_numbers_stay_numbers(value, cell):
    assert safe_cell(value) == cell


def test_plain_words_stay_as_they_are():
    for text in ("", "a = b", "3 + 4", "watch-desk", 'say "yes", twice'):
        assert safe_cell(text) == text


def test_no_cell_of_a_hostile_report_starts_a_formula():
    asked = questionnaire([question("=GOV-01", action="=cmd()"), question("GOV-02")])
    rows = [
        (side, item, "answered", 1.0, None, "\t=HYPERLINK(1)")
        for side in (FC, EOC)
        for item in ("=GOV-01", "GOV-02")
    ]
    frame = pd.DataFrame(rows, columns=["side", "question", "status", "number", "option", "text"])
    report = build(asked, frame, cycle="=A1", fusion_center="@x", eoc="-y")
    found = list(csv.reader(io.StringIO(items_csv(report, "=marking").removeprefix("\ufeff"))))
    formulas = [
        c for line in found for c in line if c.lstrip()[:1] in tuple("=+-@") and not c.lstrip("-").isdigit()
    ]
    assert formulas == []


def test_notes_with_line_breaks_and_quotes_come_back():
    note = 'first line\nsecond "quoted", with a comma; ünïcödé'
    frame = worked_frame()
    frame.loc[0, "text"] = note
    rows = read(items_csv(build(worked_questionnaire(), frame), "UNCLASSIFIED"))
    assert note in {row["fusion_center_note"] for row in rows}


def test_one_side_gets_its_own_items_and_columns():
    frame = worked_frame()
    frame.loc[frame["side"] == FC, "text"] = SECRET
    text = items_csv(build(worked_questionnaire(), frame, submitted=[EOC]), "UNCLASSIFIED")
    rows = read(text)
    assert SECRET not in text
    assert [name for name in rows[0] if name.startswith("fusion_center_")] == []
    assert not {"joint", "difference", "state", "discuss"} & set(rows[0])
    assert "DIS-05" not in {row["item"] for row in rows}, "asked of the fusion center only"
    assert [row["eoc_rating"] for row in rows][:3] == ["1", "2", "2"]
