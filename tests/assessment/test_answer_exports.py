"""``answers export``: what is revealed, in each format, read back with the same answers."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from reports.answer_exports import write_csv
from reports.exports import safe_cell
from tests.conftest import Network
from tests.product_world import released, sheet

KINDS = ["csv", "xlsx", "parquet"]


@pytest.fixture
def survey(network: Network) -> Network:
    sheets = [sheet("eoc", 1 + place % 5, "=1+1 keep this back") for place in range(12)]
    with network.database.writing() as session:
        released(session, network.library.get("product-usefulness"), sheets)
    return network


def export(network: Network, file: Path, cycle: str = "products-co", *more: str) -> Any:
    kind = file.suffix.removeprefix(".")
    command = ["answers", "export", "--cycle", cycle, "--format", kind, "--output", str(file), *more]
    return network.app.test_cli_runner().invoke(args=command)


def lines_of(file: Path) -> pd.DataFrame:
    if file.suffix == ".csv":
        return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if file.suffix == ".parquet":
        return pd.read_parquet(file).astype(str)
    rows = list(load_workbook(file)["answers 1"].values)
    return pd.DataFrame(rows[2:], columns=rows[1]).fillna("").astype(str)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_survey_comes_back_with_every_answer_and_no_comment(
    survey: Network, tmp_path: Path, kind: str
) -> None:
    done = export(survey, tmp_path / f"answers.{kind}")
    assert done.exit_code == 0, done.output
    found = lines_of(tmp_path / f"answers.{kind}")
    assert set(found["respondent"]) == {str(n) for n in range(1, 13)}
    assert "N-02" not in set(found["question"])
    useful = found[found["question"] == "O-01"]["value"]
    assert sorted(useful) == sorted(str(1 + place % 5) for place in range(12))
    assert set(found[found["question"] == "U-02"]["value"]) == {"planning;training"}
    quality = (found["question"] == "T-01") & (found["part"] == "quality")
    assert set(found[quality]["value"]) == {"DK"}
    assert set(found[found["question"] == "T-02"]["value"]) == {"NA"}


def test_spss_has_labels_and_codes_for_what_is_missing(survey: Network, tmp_path: Path) -> None:
    import pyreadstat

    file = tmp_path / "answers.sav"
    assert export(survey, file).exit_code == 0
    frame, meta = pyreadstat.read_sav(str(file), user_missing=True)
    assert len(frame) == 12
    assert sorted(frame["O_01"]) == sorted(1.0 + place % 5 for place in range(12))
    assert meta.variable_value_labels["O_01"][5.0] == "Extremely useful"
    assert meta.variable_value_labels["P_01"][1.0] == "EOC or emergency management"
    assert set(frame["T_01_quality"]) == {98.0}
    assert set(frame["T_02_usefulness"]) == {99.0}
    assert [r["lo"] for r in meta.missing_ranges["T_01_quality"]] == [98.0, 99.0]
    assert set(frame["U_02_planning"]) == {1.0}
    assert set(frame["U_02_sharing"]) == {0.0}
    assert set(frame["n"]) == {12.0}
    assert "keep this back" not in frame.to_string()


def test_nothing_leaves_before_the_close_or_below_the_floor(network: Network, tmp_path: Path) -> None:
    main = network.library.get("product-usefulness")
    with network.database.writing() as session:
        open_days = {"released_on": None, "closes_on": date(2026, 6, 30)}
        released(session, main, [sheet("eoc", 4)] * 20, code="open", **open_days)
        released(session, main, [sheet("eoc", 4)] * 9, code="few")
    for code, words in (("open", "not closed yet"), ("few", "Fewer people answered")):
        file = tmp_path / f"{code}.csv"
        done = export(network, file, code)
        assert done.exit_code == 1
        assert words in done.output
        assert not file.exists()


def test_a_checklist_gives_both_sides_of_revealed_pairs_alone(network: Network, tmp_path: Path) -> None:
    from assessment.responding.answer_files import import_answers
    from assessment.responding.services import Moment

    network.open()
    asked = network.library.get("worked-example").questions
    pairs = [("FC-CO", "EOC-CO", side) for side in ("fusion_center", "eoc")]
    pairs.append(("FC-CO", "EOC-DEN", "fusion_center"))
    rows = [
        f"{fc},{eoc},{side},{q.id},2,"
        for fc, eoc, side in pairs
        for q in asked
        if side in {str(own) for own in q.sides}
    ]
    text = "\n".join(["fusion_center,eoc,side,question,value,note", *rows])
    with network.database.writing() as session:
        moment = Moment(network.clock.now(), network.clock.today())
        import_answers(session, network.library, text, "spring", moment, submit=True)
    file = tmp_path / "checklist.csv"
    assert export(network, file, "spring").exit_code == 0
    found = lines_of(file)
    assert set(found["eoc"]) == {"EOC-CO"}
    assert set(found["side"]) == {"fusion_center", "eoc"}
    assert set(found["value"]) == {"2"}


def test_a_csv_cell_comes_back_as_it_was_whatever_stands_in_it(tmp_path: Path) -> None:
    words = ["", "a,b", 'say "so"', "two\nlines", "ends with a comma,", "x" * 80 + ",", "0", "-"]
    lines = [(place, word, "") for place, word in enumerate(words)]
    file = tmp_path / "answers.csv"
    assert write_csv(file, ("sheet", "word", "note"), lines, {"cycle": "one, two", "n": 8}) == len(words)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["sheet", "word", "note", "cycle", "n"]
    assert rows[1:] == [[str(place), safe_cell(word), "", "one, two", "8"] for place, word, _ in lines]
    assert file.read_bytes().startswith(b"\xef\xbb\xbfsheet,")
