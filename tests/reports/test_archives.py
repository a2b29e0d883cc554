"""Archives of answers: what is in them, who may open them, and what is said of damaged and foreign ones."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from reports.archives import MANIFEST, ArchiveError, open_archive
from tests.conftest import Network
from tests.product_world import released, sheet

WORDS = "Keep this between us"


@pytest.fixture
def survey(network: Network) -> Network:
    """A released survey of 12 sheets, each with a comment, and one that is still open."""
    sheets = [sheet("eoc", 1 + place % 5, WORDS) for place in range(12)]
    asked = network.library.get("product-usefulness")
    with network.database.writing() as session:
        released(session, asked, sheets)
        released(session, asked, sheets, code="products-open", released_on=None, closes_on=date(2026, 6, 30))
    return network


def invoke(network: Network, *command: str) -> Any:
    return network.app.test_cli_runner().invoke(args=[*command])


@pytest.fixture
def archive(survey: Network, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    done = invoke(survey, "answers", "archive", str(folder), "--sheets", "5")
    assert done.exit_code == 0, done.output
    return folder


def products(network: Network, *more: str) -> Any:
    return invoke(network, "report", "products", "FC-CO", "--cycle", "products-co", *more)


def test_it_holds_every_sheet_once_and_no_words(archive: Path) -> None:
    files = sorted(archive.rglob("*.parquet"))
    assert [file.name for file in files] == [f"sheets-0000000{n}.parquet" for n in (0, 5)] + [
        "sheets-00000010.parquet"
    ]
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert {row["respondent"] for row in rows} == set(range(12))
    useful = [row["number"] for row in rows if row["question"] == "O-01"]
    assert sorted(useful) == sorted(1.0 + place % 5 for place in range(12))
    assert all(WORDS.encode() not in file.read_bytes() for file in archive.rglob("*") if file.is_file())
    assert not any("text" in row for row in rows)


def test_nobody_else_may_open_it(archive: Path) -> None:
    modes = {path.stat().st_mode & 0o077 for path in [archive, *archive.rglob("*")]}
    assert modes == {0}


def test_what_is_still_open_is_not_in_it(survey: Network, archive: Path, tmp_path: Path) -> None:
    assert [held.cycle for held in open_archive(archive).held] == ["products-co"]
    folder = tmp_path / "another"
    done = invoke(survey, "answers", "archive", str(folder), "--cycle", "products-open")
    assert done.exit_code == 1
    assert "products-open is not closed yet" in done.stderr
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_the_results_are_the_same(survey: Network, archive: Path) -> None:
    whole = json.loads(products(survey).stdout)
    found = json.loads(products(survey, "--archive", str(archive)).stdout)
    assert found == whole
    assert whole["headline"]["usefulness"]["n"] == 12


def test_writing_is_in_the_trail(survey: Network, archive: Path) -> None:
    query = text("SELECT subject FROM audit_events WHERE action = 'answers archived'")
    with survey.database.reading() as session:
        assert session.scalars(query).all() == ["cycle products-co"]


def test_an_archive_is_never_changed(survey: Network, archive: Path) -> None:
    done = invoke(survey, "answers", "archive", str(archive))
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert open_archive(archive).held


def damaged_part(folder: Path) -> None:
    file = next(folder.rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[9] ^= 1
    file.write_bytes(content)


def damaged_manifest(folder: Path) -> None:
    file = folder / MANIFEST
    file.write_text(file.read_text().replace('"members": 12', '"members": 13'))


def missing_part(folder: Path) -> None:
    next(folder.rglob("*.parquet")).unlink()


HARMS = {
    "is damaged: it is not what the manifest says": damaged_part,
    "The manifest of": damaged_manifest,
    "Every machine of the cluster must see the archive at this same place": missing_part,
    "holds no archive that can be read": shutil.rmtree,
}


def test_what_is_wrong_with_it_is_said(survey: Network, archive: Path, tmp_path: Path) -> None:
    for words, harm in HARMS.items():
        copy = tmp_path / harm.__name__
        shutil.copytree(archive, copy)
        harm(copy)
        done = products(survey, "--archive", str(copy))
        assert (done.exit_code, done.stdout) == (1, "")
        assert words in done.stderr


def test_an_archive_of_other_answers_is_refused(survey: Network, archive: Path) -> None:
    with survey.database.writing() as session:
        session.execute(text("UPDATE survey_responses SET released = :no WHERE id LIKE '%b'"), {"no": False})
    done = products(survey, "--archive", str(archive))
    assert done.exit_code == 1
    assert "is not of this database's products-co" in done.stderr


def test_a_manifest_leads_to_no_file_outside(archive: Path) -> None:
    from reports import archives

    found = json.loads((archive / MANIFEST).read_text())["archive"]
    found["held"][0]["parts"][0]["file"] = "../../secret.parquet"
    (archive / MANIFEST).write_text(json.dumps({"seal": archives._seal(found), "archive": found}))
    with pytest.raises(ArchiveError, match="manifest"):
        open_archive(archive)


def test_options_that_do_not_go_together(survey: Network, archive: Path) -> None:
    somewhere = ["--scheduler", "tcp://127.0.0.1:8786"]
    for more, words in (
        (["--engine", "dask"], "Dask reads an archive of answers"),
        (somewhere, "Dask reads an archive of answers"),
        (["--archive", str(archive), *somewhere], "add --engine dask"),
    ):
        done = products(survey, *more)
        assert done.exit_code == 1
        assert words in done.stderr


def test_without_dask_it_is_said_how_to_get_it(
    survey: Network, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = products(survey, "--archive", str(archive), "--engine", "dask")
    assert done.exit_code == 1
    assert "requirements-dask.txt" in done.stderr
