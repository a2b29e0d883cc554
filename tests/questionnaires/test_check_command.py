"""``python -m questionnaires check``: a line a fault, exit status 1; needs no server and no database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from questionnaires.__main__ import main
from tests.questionnaires.conftest import DEFINITIONS

ROOT = Path(__file__).parents[2]
TWENTY = DEFINITIONS / "invalid" / "twenty-faults" / "1.0.yaml"


def test_a_sound_file_is_ok(capsys):
    assert main(["check", str(DEFINITIONS / "one-sided" / "1.0.yaml")]) == 0
    assert capsys.readouterr().out == "tests/definitions/one-sided/1.0.yaml: ok\n"


def test_twenty_faults_are_twenty_lines(capsys):
    assert main(["check", str(TWENTY)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert all(line.startswith("tests/definitions/invalid/twenty-faults/1.0.yaml: ") for line in lines)
    assert lines[-1].endswith(
        'B-2: applies_when: "middle" is not an answer to "B-1"; its answers are left, NA.'
    )


def test_sound_and_faulty_files_are_told_apart(capsys):
    assert main(["check", str(TWENTY), str(DEFINITIONS / "one-sided" / "1.0.yaml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tests/definitions/one-sided/1.0.yaml: ok"
    assert len(lines) == 21


def test_without_files_the_built_in_and_the_own_folder_are_checked(capsys, monkeypatch):
    monkeypatch.setenv("TANDEM_DEFINITIONS", str(DEFINITIONS))
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "questionnaires/definitions/cpg502-checklist/1.0.yaml: ok" in lines
    assert "tests/definitions/worked-example/1.0.yaml: ok" in lines
    assert all(line.endswith(": ok") for line in lines)


def test_a_wrong_folder_is_a_line_and_a_failure(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TANDEM_DEFINITIONS", str(tmp_path / "gone"))
    assert main(["check"]) == 1
    assert f"{tmp_path / 'gone'}: questionnaire: There is no such folder." in capsys.readouterr().out


def test_a_missing_file_is_a_line_and_a_failure(capsys):
    assert main(["check", "no/such.yaml"]) == 1
    assert capsys.readouterr().out == (
        "no/such.yaml: questionnaire: The file cannot be read: No such file or directory.\n"
    )


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"]])
def test_help_has_an_example(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert "python -m questionnaires check own/site-checklist/1.0.yaml" in capsys.readouterr().out


def test_it_runs_without_the_web_the_database_and_pandas():
    watched = ("flask", "sqlalchemy", "pandas", "numpy", "plotly")
    program = (
        "import sys; from questionnaires.__main__ import main; status = main(['check']); "
        f"print([name for name in {watched} if name in sys.modules]); sys.exit(status)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"
