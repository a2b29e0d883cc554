"""Survey answers from a file: every bad line named, nothing half written, no order and no name kept."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterator

import pytest

from assessment.errors import BadLines, Refused
from assessment.models.surveys import SurveyMode
from assessment.surveys.answer_files import import_survey_answers
from questionnaires import answers
from tests.conftest import Network
from tests.surveys.world import FULL, World, make_world

HEADER = "fusion_center,respondent,question,part,value"


def lines_of(world: World, respondent: str, given: dict[str, str], center: str = "FC-CO") -> list[str]:
    questionnaire = world.questionnaire
    found = []
    for question, code in given.items():
        asked = questionnaire.by_id[question]
        for part, value in answers.file_values(asked, answers.parse(asked, code)):
            found.append(f'{center},{respondent},{question},{part},"{value}"')
    return found


def load(world: World, lines: list[str], header: str = HEADER, **options: bool) -> tuple[int, int]:
    content = "\n".join([header, *lines])

    @contextlib.contextmanager
    def opened() -> Iterator[io.StringIO]:
        yield io.StringIO(content)

    with world.network.database.writing() as session:
        return import_survey_answers(
            session, world.network.library, opened, world.code, world.moment, **options
        )


def problems(world: World, lines: list[str], **options: bool) -> list[str]:
    with pytest.raises(BadLines) as bad:
        load(world, lines, **options)
    return bad.value.problems


def test_a_whole_sheet_comes_in_as_it_would_by_the_pages(confidential: World) -> None:
    count, people = load(confidential, lines_of(confidential, "r1", dict(FULL)), submit=True)
    assert (count, people) == (65, 1)
    (response,) = confidential.responses()
    assert (response.completion, response.respondent, response.partner_id) == ("complete", "r1", None)
    rows = confidential.rows("SELECT question, part, number, option, text FROM survey_answers")
    assert len(rows) == 65
    assert ("T-01", "quality", 5.0, None, "") in rows
    assert ("P-04", "hsin", None, "hsin", "") in rows
    assert ("N-02", "", None, None, "More maps.") in rows


def test_an_anonymous_survey_keeps_neither_names_nor_the_order_of_the_file(anonymous: World) -> None:
    lines = [f"FC-CO,{number:03},N-02,,words {number:03}" for number in range(40)]
    load(anonymous, lines, submit=True)
    assert {(r.respondent, r.partner_id) for r in anonymous.responses()} == {(None, None)}
    found = [words for (words,) in anonymous.rows("SELECT text FROM survey_answers")]
    assert sorted(found) == [f"words {number:03}" for number in range(40)]
    assert found != sorted(found)
    assert sum(a < b for a, b in itertools.pairwise(found)) < 32  # far from a run


def test_without_submit_answers_are_drafts_that_no_link_leads_to(anonymous: World) -> None:
    given = dict(FULL)
    load(anonymous, lines_of(anonymous, "r1", given) + lines_of(anonymous, "r2", {"P-01": "eoc"}))
    assert len(anonymous.drafts()) == 2
    anonymous.close()
    assert [r.completion for r in anonymous.responses()] == ["partial"]


def test_every_bad_line_is_named_with_its_column_and_nothing_is_written(confidential: World) -> None:
    bad = [
        "FC-CO,r1,P-01,,eoc",
        "FC-XX,r1,P-02,,county",
        "FC-CO,,P-02,,county",
        "FC-CO,r1,P-99,,county",
        "FC-CO,r1,A-01,,4",
        "FC-CO,r1,A-01,usefulness,4",
        "FC-CO,r1,A-01,importance,6",
        "FC-CO,r1,A-01,performance,NA",
        "FC-CO,r1,P-01,,other",
        "FC-CO,r1,O-01,,five",
        "FC-CO,r1,U-02,,planning;dancing",
        "FC-CO,r1,U-02,,not_used;planning",
        "FC-CO,r1",
        "FC-CO,r1,T-01,usefulness,NA",
        "FC-CO,r1,T-01,quality,3",
        "FC-CO,r1,U-05,,3",
        "FC-CO,r2,P-03,,never",
        "FC-CO,r2,O-01,,4",
    ]
    found = problems(confidential, bad, submit=True)
    by_line = {int(p.split(",")[0].removeprefix("line ")): p for p in found}
    expected = {
        3: 'column fusion_center: this cycle has no open survey of "FC-XX"',
        4: "column respondent: it is blank",
        5: 'column question: there is no question "P-99"',
        6: "column part:",
        7: "column part:",
        8: "column value:",
        9: "column value:",
        10: "column question: P-01 stands in an earlier line already",
        11: "column value:",
        12: "column value:",
        13: "goes with no other answer",
        14: "2 columns where the first line has 5",
        15: "rated in one part and NA in the other",
        16: "rated in one part and NA in the other",
        17: "U-05 is not asked after the other answers",
        19: "O-01 is not asked after the other answers",
    }
    assert set(by_line) == set(expected)
    for number, words in expected.items():
        assert words in by_line[number]
    assert list(by_line) == sorted(by_line)
    assert confidential.responses() == []
    assert confidential.drafts() == []


@pytest.mark.parametrize("header", ["", "fusion_center,eoc,side,question,value", HEADER + ",extra", "a"])
def test_other_columns_are_refused(confidential: World, header: str) -> None:
    with pytest.raises(BadLines) as bad:
        load(confidential, ["FC-CO,r1,P-01,,eoc"], header=header)
    assert "line 1: the columns must be" in bad.value.problems[0]


def test_columns_may_stand_in_any_order(confidential: World) -> None:
    header = "value,part,question,respondent,fusion_center"
    assert load(confidential, ["eoc,,P-01,r1,FC-CO"], header=header, submit=True) == (1, 1)


def test_a_respondent_who_has_handed_in_is_not_taken_twice(confidential: World) -> None:
    load(confidential, ["FC-CO,r1,P-01,,eoc"], submit=True)
    said = problems(confidential, ["FC-CO,r1,P-02,,city", "FC-CO,r2,P-02,,city"], submit=True)
    assert said == ["line 2, column respondent: this respondent's answers are handed in and take no more."]
    assert len(confidential.responses()) == 1


def test_a_draft_goes_on_and_differs_only_with_replace(confidential: World) -> None:
    load(confidential, ["FC-CO,r1,P-01,,eoc"])
    load(confidential, ["FC-CO,r1,P-01,,eoc", "FC-CO,r1,P-02,,city"])
    said = problems(confidential, ["FC-CO,r1,P-01,,other", "FC-CO,r1,P-03,,weekly"])
    assert said == [
        "line 2, column value: P-01 has another answer already; leave the line out, or use --replace."
    ]
    load(confidential, ["FC-CO,r1,P-01,,other"], replace=True, submit=True)
    (draft,) = confidential.drafts()
    assert draft.finished
    stored = confidential.rows("SELECT question, option FROM survey_draft_answers ORDER BY question")
    assert stored == [("P-01", "other"), ("P-02", "city")]


def test_a_partner_named_by_address_counts_as_having_answered(confidential: World) -> None:
    token = confidential.invite("ann@example.gov")
    load(confidential, ["FC-CO,Ann@example.gov,P-01,,eoc"], submit=True)
    asked = confidential.asked("ann@example.gov")
    assert asked.finished_on == confidential.moment.today
    assert [r.partner_id for r in confidential.responses()] == [asked.partner_id]
    assert confidential.phone(token).get().status_code == 410
    said = problems(confidential, ["FC-CO,ann@example.gov,P-01,,eoc"], submit=True)
    assert "handed in" in said[0]


def test_in_an_anonymous_survey_an_address_joins_nobody(anonymous: World) -> None:
    anonymous.invite("ann@example.gov")
    load(anonymous, ["FC-CO,ann@example.gov,P-01,,eoc"], submit=True)
    assert anonymous.asked("ann@example.gov").finished_on is None


def test_a_closed_cycle_takes_no_file(confidential: World) -> None:
    confidential.network.clock.move(days=30)
    with pytest.raises(Refused, match="is not open"):
        load(confidential, ["FC-CO,r1,P-01,,eoc"])


def test_one_file_for_two_centers(network: Network) -> None:
    world = make_world(network, SurveyMode.ANONYMOUS)
    lines = ["FC-CO,r1,P-01,,eoc", "FC-WY,r1,P-01,,eoc"]
    said = problems(world, lines, submit=True)
    assert said == ['line 3, column fusion_center: this cycle has no open survey of "FC-WY".']


def test_the_command_takes_files_of_surveys_too(confidential: World, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "answers.csv"
    file.write_bytes(("\ufeff" + HEADER + "\r\nFC-CO,r1,P-01,,eoc\r\n").encode())
    runner = confidential.network.app.test_cli_runner()
    done = runner.invoke(args=["answers", "import", str(file), "--cycle", confidential.code, "--submit"])
    assert done.exit_code == 0, done.output
    assert "1 answers of 1 respondents submitted." in done.output
    assert len(confidential.responses()) == 1
    file.write_bytes(HEADER.encode() + b"\nFC-CO,r2,P-01,,\xff\n")
    bad = runner.invoke(args=["answers", "import", str(file), "--cycle", confidential.code, "--submit"])
    assert bad.exit_code == 1
    assert "not UTF-8" in bad.output


def test_closing_by_command_releases(confidential: World) -> None:
    load(confidential, ["FC-CO,r1,P-01,,eoc"], submit=True)
    runner = confidential.network.app.test_cli_runner()
    done = runner.invoke(args=["cycles", "close", confidential.code])
    assert done.exit_code == 0, done.output
    assert [r.released for r in confidential.responses()] == [True]
    reopened = runner.invoke(args=["cycles", "reopen", confidential.code, "--closes", "2026-07-20"])
    assert reopened.exit_code == 0, reopened.output
    load(confidential, ["FC-CO,r2,P-01,,eoc"], submit=True)
    runner.invoke(args=["cycles", "close", confidential.code])
    assert sorted((r.respondent, r.released) for r in confidential.responses()) == [
        ("r1", True),
        ("r2", False),
    ]
