"""``flask directory``: what it prints where, and with which exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from assessment.models.directory import Center, Pair
from tests.conftest import Network

HEADER = "code,name,kind,level,state,fema_region\n"


@pytest.fixture
def run(network: Network, tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(command: str, text: str, *options: str) -> Result:
        file = tmp_path / "file.csv"
        file.write_text(text, encoding="utf-8")
        return network.app.test_cli_runner().invoke(args=["directory", command, str(file), *options])

    return run


def codes(network: Network) -> list[str]:
    with network.database.reading() as session:
        return list(session.scalars(select(Center.code).order_by(Center.code)))


def test_centers_come_in(network: Network, run) -> None:  # type: ignore[no-untyped-def]
    result = run("import-centers", f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,6\n")
    assert (result.exit_code, result.stdout) == (0, "1 added, 0 changed, 0 unchanged.\n")
    assert "EOC-NM" in codes(network)


def test_a_dry_run_lists_what_would_change(network: Network, run) -> None:  # type: ignore[no-untyped-def]
    text = f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,6\nEOC-CO,Colorado EOC,eoc,state,CO,8\n"
    result = run("import-centers", text, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "EOC-NM: New Mexico EOC",
        'EOC-CO: name "Colorado State EOC" -> "Colorado EOC"',
        "1 added, 1 changed, 0 unchanged. Nothing was written: a dry run.",
    ]
    assert "EOC-NM" not in codes(network)


def test_bad_lines_go_to_standard_error_one_a_line(network: Network, run) -> None:  # type: ignore[no-untyped-def]
    before = codes(network)
    lines = "".join(f"EOC-{n},x,eoc,state,CO,7\n" for n in range(250))
    result = run("import-centers", f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,6\n{lines}")
    assert (result.exit_code, result.stdout) == (1, "")
    printed = result.stderr.splitlines()
    assert len(printed) == 251
    assert printed[0] == "Line 3, column fema_region: Colorado lies in FEMA region 8, not 7."
    assert printed[-1] == "250 problems. Nothing was written."
    assert codes(network) == before


def test_pairs_come_in(network: Network, run) -> None:  # type: ignore[no-untyped-def]
    result = run("import-pairs", "fusion_center,eoc\nFC-WY,EOC-DEN\nFC-CO,EOC-CO\n")
    assert (result.exit_code, result.stdout) == (0, "1 added, 0 changed, 1 unchanged.\n")
    with network.database.reading() as session:
        assert len(session.scalars(select(Pair)).all()) == 4


def test_a_bad_pair_ends_with_status_1(run) -> None:  # type: ignore[no-untyped-def]
    result = run("import-pairs", "fusion_center,eoc\nFC-WY,EOC-XX\n")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("Line 2, column eoc: there is no center")
    assert result.stderr.splitlines()[1] == "1 problem. Nothing was written."


@pytest.mark.parametrize("command", ["import-centers", "import-pairs"])
def test_help_shows_an_example(network: Network, command: str) -> None:
    result = network.app.test_cli_runner().invoke(args=["directory", command, "--help"])
    assert f"Example: flask directory {command}" in result.output


def test_a_file_that_is_not_there_is_a_sentence(network: Network) -> None:
    result = network.app.test_cli_runner().invoke(args=["directory", "import-pairs", "no-such-file.csv"])
    assert result.exit_code != 0
    assert "'no-such-file.csv' does not exist." in result.stderr
