"""Reading files of centers and pairs: what spreadsheets write is taken, what is wrong is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.directory import csv_files
from assessment.directory.entries import OPTIONAL, REQUIRED, center_entry
from assessment.directory.states import FEMA_REGION, NAMES
from assessment.errors import BadLines

HEADER = "code,name,kind,level,state,fema_region"
GOOD = {
    "code": "EOC-CO",
    "name": "Colorado State EOC",
    "kind": "eoc",
    "level": "state",
    "state": "CO",
    "fema_region": "8",
}


def read(content: bytes | str) -> csv_files.CsvFile:
    return csv_files.read(content, REQUIRED, OPTIONAL)


def refused(content: bytes | str) -> list[str]:
    with pytest.raises(BadLines) as bad:
        read(content)
    return bad.value.problems


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("plain", f"{HEADER}\nA,Núñez,eoc,state,CO,8\n".encode()),
        ("byte-order mark", f"{HEADER}\nA,Núñez,eoc,state,CO,8\n".encode("utf-8-sig")),
        ("Windows-1252", f"{HEADER}\nA,Núñez,eoc,state,CO,8\n".encode("cp1252")),
        ("CRLF", f"{HEADER}\r\nA,Núñez,eoc,state,CO,8\r\n".encode()),
        ("old Mac line ends", f"{HEADER}\rA,Núñez,eoc,state,CO,8\r".encode()),
        ("no last line end", f"{HEADER}\nA,Núñez,eoc,state,CO,8".encode()),
        ("semicolons", f"{HEADER}\nA,Núñez,eoc,state,CO,8\n".replace(",", ";").encode()),
        ("text", f"\ufeff{HEADER}\nA,Núñez,eoc,state,CO,8\n"),
        ("blanks around values", f"{HEADER}\n A , Núñez\xa0,eoc , state,CO, 8\n"),
        ("quotes", f'{HEADER}\n"A","Núñez","eoc","state","CO","8"\n'),
        ("capitals in the header", f"{HEADER.upper()}\nA,Núñez,eoc,state,CO,8\n"),
        ("other order", "fema_region,state,level,kind,name,code\n8,CO,state,eoc,Núñez,A\n"),
        ("empty columns at the end", f"{HEADER},,\nA,Núñez,eoc,state,CO,8,,\n"),
    ],
)
def test_what_spreadsheets_write_is_read_alike(what: str, content: bytes | str) -> None:
    file = read(content)
    assert file.problems == []
    assert [dict(line.cells) for line in file.lines] == [{**GOOD, "code": "A", "name": "Núñez"}]


def test_numbers_are_those_of_the_file() -> None:
    """Empty lines and values over two lines count, so that an editor finds the place."""
    file = read(f'\n{HEADER}\n\nA,"two\nlines",eoc,state,CO,8\n,,,,,\nB,b,eoc,state,CO,8\n')
    assert [(line.number, line.cells["code"]) for line in file.lines] == [(4, "A"), (7, "B")]


def test_what_looks_like_a_formula_stays_text() -> None:
    name = '=HYPERLINK("http://example.org","x")'
    quoted_name = '"' + name.replace('"', '""') + '"'
    line = read(f"{HEADER}\nA,{quoted_name},eoc,state,CO,8\n").lines[0]
    entry = center_entry(line.cells)
    assert not isinstance(entry, dict)
    assert entry.name == name


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n,,\n", "The file is empty."),
        (f"{HEADER}\n".encode(), "The file has a header and no line below it"),
        (
            b"PK\x03\x04rest of a workbook",
            "This is a spreadsheet (.xlsx) or another archive, not a CSV file.",
        ),
        (HEADER.encode("utf-16"), "This is text in UTF-16, not a CSV file."),
        (f"{HEADER}\nA,B".encode() + b"\x81", "Line 2: holds a byte that is neither UTF-8 nor Windows-1252."),
        (b"code,name\n" + b"x" * csv_files.MAX_BYTES, "The file is larger than 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(content: bytes, sentence: str) -> None:
    problems = refused(content)
    assert len(problems) == 1
    assert problems[0].startswith(sentence)


def test_too_many_lines_are_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "MAX_LINES", 3)
    line = "A,a,eoc,state,CO,8\n"
    assert len(read(f"{HEADER}\n{line * 3}").lines) == 3
    assert refused(f"{HEADER}\n{line * 4}") == [
        "The file has more than 3 lines. Split it into several files."
    ]


def test_every_fault_of_the_header_is_named() -> None:
    problems = refused("code,Telephone,name,kind,kind,,state,fema_region\nA,1,b,eoc,eoc,x,CO,8\n")
    assert [problem.split(". ")[0] for problem in problems] == [
        'Line 1, column "Telephone": there is no such column here',
        "Line 1, column kind: this column is there twice",
        "Line 1, column level: this column is missing",
        "Line 1, column number 6: there is no such column here",
    ]
    assert "The columns are code, name, kind, level, state, fema_region" in problems[0]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A,b,eoc,state", "Line 2, column state: the line has 4 values, the header has 6 columns."),
        ("A,b,c,eoc,state,CO,8", "Line 2, column number 7: the line has 7 values, the header has 6 columns."),
        ('A,"b" c,eoc,state,CO,8', "Line 2: a quotation mark ends in the middle of a value."),
        ('A,"b,eoc,state,CO,8\nB,c', "Line 2: a quotation mark opens a value here and is not closed."),
        (f"A,{'x' * 200_000},eoc", "Line 2: a value has more than 100,000 characters."),
    ],
)
def test_a_line_that_does_not_fit_the_columns_is_named(line: str, problem: str) -> None:
    file = read(f"{HEADER}\n{line}\n")
    assert len(file.problems) == 1
    assert str(file.problems[0]).startswith(problem)


def test_the_lines_around_a_bad_one_are_still_read() -> None:
    file = read(f'{HEADER}\nA,a,eoc,state,CO,8\nB,"b" b,eoc,state,CO,8\nC,c,eoc,state,CO,8\nD\n')
    assert [line.cells["code"] for line in file.lines] == ["A", "C"]
    assert [problem.line for problem in file.problems] == [3, 5]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("code", "", "is empty. Each center needs a code."),
        ("code", "EOC CO", '"EOC CO" cannot be a code. Use letters, digits, dots and dashes'),
        ("code", "=1+1", '"=1+1" cannot be a code.'),
        ("code", "x" * 41, "cannot be a code."),
        ("code", "Import", '"Import" is the address of a page here.'),
        ("name", "", "is empty. Each center needs a name."),
        ("name", "x" * 201, "has 201 characters, more than 200. Shorten it."),
        ("name", "a\0b", '"a?b" holds a line break or another character that cannot be shown.'),
        ("name", "a\nb", '"a?b" holds a line break'),
        ("name", "a\u202eb", '"a?b" holds a line break or another character'),
        ("kind", "fusion", '"fusion" is not a kind. Use fusion_center or eoc.'),
        (
            "level",
            "primary",
            '"primary" is not a level of an EOC. Use state, territory, tribal, county, city or',
        ),
        ("level", "", '"" is not a level of an EOC.'),
        ("state", "XX", '"XX" is not a state or territory.'),
        ("state", "Colorado", '"Colorado" is not a state or territory. Use its two-letter postal code'),
        ("fema_region", "9", "Colorado lies in FEMA region 8, not 9."),
        ("fema_region", "11", '"11" is not a FEMA region. Use a number from 1 to 10.'),
        ("fema_region", "0", '"0" is not a FEMA region.'),
        ("fema_region", "٨", '"٨" is not a FEMA region.'),
        ("fema_region", "8.0", '"8.0" is not a FEMA region.'),
        ("city", "x" * 101, "has 101 characters, more than 100. Shorten it."),
        ("confidence", "Z", '"Z" is not a mark. Use V, V2, H or M, or leave it empty.'),
    ],
)
def test_a_bad_value_is_named_at_its_column_alone(column: str, value: str, reason: str) -> None:
    faults = center_entry({**GOOD, column: value})
    assert isinstance(faults, dict)
    assert list(faults) == [column]
    assert reason in faults[column]


def test_a_fusion_center_has_its_own_levels() -> None:
    faults = center_entry({**GOOD, "kind": "fusion_center", "level": "county"})
    assert faults == {"level": '"county" is not a level of a fusion center. Use primary or recognized.'}


def test_an_unknown_kind_leaves_the_level_alone_and_an_unknown_level_is_named_too() -> None:
    assert list(center_entry({**GOOD, "kind": "x"})) == ["kind"]  # type: ignore[call-overload]
    assert list(center_entry({**GOOD, "kind": "x", "level": "y"})) == ["kind", "level"]  # type: ignore[call-overload]


def test_capitals_and_small_letters_of_the_fixed_words_do_not_matter() -> None:
    entry = center_entry({**GOOD, "kind": "EOC", "level": "State", "state": "co", "confidence": "v2"})
    assert not isinstance(entry, dict)
    assert (entry.kind, entry.level, entry.state, entry.confidence) == ("eoc", "state", "CO", "V2")


def test_every_state_lies_in_one_region() -> None:
    assert set(FEMA_REGION) == set(NAMES)
    assert len(NAMES) == 50 + 1 + 5 + 3  # states, the District, territories, freely associated states
    ninth = [state for state, region in FEMA_REGION.items() if region == 9]
    assert sorted(ninth) == ["AS", "AZ", "CA", "FM", "GU", "HI", "MH", "MP", "NV", "PW"]
    assert set(FEMA_REGION.values()) == set(range(1, 11))


CSV_LIKE = (
    st.text(alphabet=st.sampled_from('code,name;kind\n\r"\0 \ufeffFC-8é=\u2028')) | st.text() | st.binary()
)


@given(CSV_LIKE | CSV_LIKE.map(lambda rest: rest if isinstance(rest, bytes) else f"{HEADER}\n{rest}"))
def test_whatever_the_file_the_answer_is_lines_or_bad_lines(content: bytes | str) -> None:
    try:
        file = read(content)
    except BadLines as bad:
        file = csv_files.CsvFile([])
        problems = bad.problems
    else:
        problems = [str(problem) for problem in file.problems]
    assert file.lines or problems
    assert all(problem.isprintable() for problem in problems)
    for line in file.lines:
        assert set(REQUIRED) <= set(line.cells)
        center_entry(line.cells)


@given(st.text(max_size=300))
def test_a_shown_value_is_short_and_cannot_steer_a_terminal(value: str) -> None:
    shown = csv_files.quoted(value)
    assert len(shown) <= csv_files.ECHO + 5
    assert shown.isprintable()
