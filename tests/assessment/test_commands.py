"""The command line: help, errors as sentences, the worked example from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from tests.conftest import PASSWORD, Network, email_of

HEADER = "fusion_center,eoc,side,question,value,note\n"

# domain.md part iv: item, fusion center, EOC
WORKED_EXAMPLE = """
GOV-01 3 1 | GOV-02 2 2 | GOV-03 3 2 | GOV-04 1 DK | DIS-01 4 2 | DIS-02 3 3 | DIS-03 3 1 | DIS-04 - 3
DIS-05 2 - | ACT-01 3 3 | ACT-02 2 1 | ACT-03 - 2 | ACT-04 NA 2 | ACT-05 1 2
"""


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    runner = app.test_cli_runner()

    def run(*arguments: str, stdin: str = "") -> Result:
        return runner.invoke(args=list(arguments), input=stdin)

    return run


@pytest.fixture
def answer_file(tmp_path: Path) -> Callable[[str], str]:
    def write(lines: str) -> str:
        file = tmp_path / "answers.csv"
        file.write_text(HEADER + lines, encoding="utf-8-sig")
        return str(file)

    return write


def line(question: str, value: str, side: str = "eoc", note: str = "", pair: str = "FC-CO,EOC-CO") -> str:
    return f"{pair},{side},{question},{value},{note}\n"


def worked_example() -> str:
    lines = ""
    for entry in WORKED_EXAMPLE.replace("\n", "|").split("|"):
        if not entry.strip():
            continue
        question, *values = entry.split()
        for side, value in zip(("fusion_center", "eoc"), values, strict=True):
            if value != "-":
                lines += line(question, value, side, "Another agency does this" if value == "NA" else "")
    return lines


def test_the_worked_example_comes_out_digit_for_digit(
    network: Network, flask: Callable[..., Result], answer_file: Callable[[str], str]
) -> None:
    network.open()
    imported = flask("answers", "import", answer_file(worked_example()), "--cycle", "spring", "--submit")
    assert imported.exit_code == 0, imported.stderr
    report = json.loads(flask("report", "pair", "FC-CO", "EOC-CO", "--cycle", "spring").stdout)
    assert report["status"] == "complete"
    assert report["index"] == pytest.approx((47.5 + 100 * 14.5 / 24 + 100 * 11.75 / 24) / 3, abs=1e-12)
    assert (report["level"], report["level_name"], report["held_back_by"]) == (2, "Partly in place", [])
    agreement = report["agreement"]
    assert (agreement["index"], agreement["exact"], agreement["items"]) == (75.0, 3 / 9, 9)
    assert agreement["within_one"] == 6 / 9
    assert agreement["weighted_kappa"] is None
    domains = {d["id"]: d for d in report["domains"]}
    assert [domains[d]["gap"] for d in ("GOV", "DIS", "ACT")] == [30.0, 37.5, pytest.approx(5.0)]
    assert domains["GOV"]["coverage"] == 5 / 6
    assert {i["id"] for i in report["items"] if i["discuss"]} == {"GOV-01", "DIS-01", "DIS-03"}
    states = {i["id"]: i["state"] for i in report["items"]}
    assert (states["GOV-04"], states["ACT-04"]) == ("unknown", "scope_conflict")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (line("GOV-01", "7"), 'line 2, column value: "7" is not an answer to GOV-01'),
        (line("GOV-01", "1.5"), "line 2, column value"),
        (line("DIS-05", "1"), "line 2, column value: DIS-05 is not asked of the EOC"),
        (line("NOPE", "1"), 'line 2, column question: there is no question "NOPE"'),
        (line("GOV-01", "1", side="left"), 'line 2, column side: "left" is not a side'),
        (line("GOV-01", "1", pair="FC-WY,EOC-CO"), "line 2, column eoc: FC-WY with EOC-CO is not a pair"),
        (line("GOV-01", "1") * 2, "line 3, column question: GOV-01 stands in line 2 already"),
        ("FC-CO,EOC-CO,eoc\n", "line 2: 3 columns where the first line has 6"),
        (line("GOV-01", "NA"), "line 2, column note: NA needs its reason"),
        (
            line("GOV-01", "1", note="x" * 2001),
            "line 2, column value: The note to GOV-01 has 2,001 characters",
        ),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    network: Network,
    flask: Callable[..., Result],
    answer_file: Callable[[str], str],
    lines: str,
    said: str,
) -> None:
    network.open()
    good = line("GOV-02", "2", side="fusion_center")
    done = flask("answers", "import", answer_file(lines + good), "--cycle", "spring", "--submit")
    assert done.exit_code == 1
    assert said in done.stderr
    assert count(network, "answers") == 0


def count(network: Network, table: str) -> int:
    with network.database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_every_bad_line_is_listed(
    network: Network, flask: Callable[..., Result], answer_file: Callable[[str], str]
) -> None:
    network.open()
    bad = line("GOV-01", "9") + line("GOV-02", "1") + line("GOV-03", "x") + line("NOPE", "1")
    done = flask("answers", "import", answer_file(bad), "--cycle", "spring")
    assert [said.split(",")[0] for said in done.stderr.splitlines()] == [
        "line 2",
        "line 4",
        "line 5",
        "3 problems; nothing was written.",
    ]


def test_an_answer_that_is_there_is_replaced_only_when_asked(
    network: Network, flask: Callable[..., Result], answer_file: Callable[[str], str]
) -> None:
    network.open()
    first = flask("answers", "import", answer_file(line("GOV-01", "1")), "--cycle", "spring")
    assert first.exit_code == 0
    file = answer_file(line("GOV-01", "2"))
    refused = flask("answers", "import", file, "--cycle", "spring")
    assert "has another answer already" in refused.stderr
    assert flask("answers", "import", file, "--cycle", "spring", "--replace").exit_code == 0
    with network.database.reading() as session:
        assert session.execute(text("SELECT number FROM answers")).all() == [(2.0,)]


def test_a_submitted_side_takes_no_answers_even_with_replace(
    network: Network, flask: Callable[..., Result], answer_file: Callable[[str], str]
) -> None:
    network.open()
    file = answer_file(line("GOV-01", "1"))
    flask("answers", "import", file, "--cycle", "spring", "--submit")
    again = flask("answers", "import", file, "--cycle", "spring", "--replace")
    assert again.exit_code == 1
    assert "is submitted" in again.stderr


def test_a_report_is_what_that_person_may_read(
    network: Network, flask: Callable[..., Result], answer_file: Callable[[str], str]
) -> None:
    network.open()
    flask("answers", "import", answer_file(line("GOV-01", "3")), "--cycle", "spring", "--submit")
    command = ("report", "pair", "FC-CO", "EOC-CO", "--cycle", "spring")
    own = json.loads(flask(*command, "--as", email_of("manager")).stdout)
    other = json.loads(flask(*command, "--as", email_of("director")).stdout)
    administrator = json.loads(flask(*command).stdout)
    assert [item["eoc"] for item in own["items"] if item["id"] == "GOV-01"] == [3]
    assert own["status"] == other["status"] == administrator["status"] == "one_sided"
    for seen in (other, administrator):
        assert {item["eoc"] for item in seen["items"]} <= {None}
    assert flask(*command, "--as", email_of("denver")).exit_code == 1
    assert "no account" in flask(*command, "--as", "nobody@example.gov").stderr


def test_people_cycles_and_answers_from_an_empty_database(
    app: Flask, flask: Callable[..., Result], tmp_path: Path, answer_file: Callable[[str], str]
) -> None:
    centers, pairs = tmp_path / "centers.csv", tmp_path / "pairs.csv"
    centers.write_text(
        "code,name,kind,level,state,fema_region\n"
        "FC-CO,Colorado Center,fusion_center,primary,CO,8\n"
        "EOC-CO,Colorado EOC,eoc,state,CO,8\n"
    )
    pairs.write_text("fusion_center,eoc\nFC-CO,EOC-CO\n")
    assert flask("directory", "import-centers", str(centers)).exit_code == 0
    assert flask("directory", "import-pairs", str(pairs)).exit_code == 0
    added = flask(
        "users", "add", "Pat@Example.gov", "--name", "Pat", "--role", "manager", "--center", "EOC-CO",
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.stderr
    short = flask("users", "add", "x@example.gov", "--name", "X", "--role", "reviewer", stdin="short\n")
    assert short.exit_code == 1
    assert "5 characters" in short.stderr
    days = ("--opens", "2026-06-01", "--closes", "2026-06-30")
    opened = flask("cycles", "open", "one", "--questionnaire", "worked-example", "--title", "One", *days)
    assert opened.exit_code == 0, opened.stderr
    assert flask("answers", "import", answer_file(line("GOV-01", "2")), "--cycle", "one").exit_code == 0
    assert flask("cycles", "close", "one").exit_code == 0
    assert flask("cycles", "reopen", "one", "--closes", "2026-06-20").exit_code == 0
    unknown = flask("cycles", "open", "two", "--questionnaire", "nope", "--title", "Two", *days)
    assert unknown.exit_code == 1
    assert "There is no questionnaire" in unknown.stderr
    assert flask("cycles", "close", "nope").stderr.strip() == "There is no cycle nope."


def commands_of(
    group: click.Group, prefix: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands_of(command, (*prefix, name))
        else:
            found.append(((*prefix, name), command))
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_command_has_help_with_an_example(app: Flask, flask: Callable[..., Result]) -> None:
    ours = [(path, c) for path, c in commands_of(app.cli) if path[0] not in ("run", "shell", "routes")]
    assert len(ours) >= 8
    for path, _ in ours:
        shown = flask(*path, "--help")
        assert shown.exit_code == 0
        assert "Example: " in shown.stdout, path
