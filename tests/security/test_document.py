"""The page on security names tests that are there, and says something of each line and requirement."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
LINES = range(1, 33)

# The last number of each section's requirements of levels 1 and 2 (ASVS 5.0.0): within each, all from 1 on.
SECTIONS = {
    "1.1": 2,
    "1.2": 9,
    "1.3": 11,
    "1.4": 3,
    "1.5": 2,
    "2.1": 3,
    "2.2": 3,
    "2.3": 4,
    "2.4": 1,
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "4.3": 2,
    "4.4": 4,
    "5.1": 1,
    "5.2": 3,
    "5.3": 2,
    "5.4": 3,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 2,
    "10.3": 4,
    "10.4": 11,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
    "11.1": 2,
    "11.2": 3,
    "11.3": 3,
    "11.4": 4,
    "11.5": 1,
    "11.6": 1,
    "12.1": 3,
    "12.2": 2,
    "12.3": 4,
    "13.1": 1,
    "13.2": 5,
    "13.3": 2,
    "13.4": 5,
    "14.1": 2,
    "14.2": 4,
    "14.3": 3,
    "15.1": 3,
    "15.2": 3,
    "15.3": 7,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
    "17.1": 1,
    "17.2": 4,
    "17.3": 2,
}
WANTED = {f"{section}.{n}" for section, last in SECTIONS.items() for n in range(1, last + 1)}
MARKS = ("yes", "in part", "no")


@cache
def functions() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"^ *def (test_\w+)\(", file.read_text(), re.M)}


def test_every_test_and_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert named <= functions()
    for file in re.findall(r"`([\w/]+\.(?:py|md))`", PAGE):
        assert (ROOT / file).is_file(), file


def test_each_line_of_the_checklist_has_a_test_named_after_it_and_a_row() -> None:
    names = functions()
    for line in LINES:
        own = {name for name in names if name.startswith(f"test_{line:02}_")}
        (row,) = re.findall(rf"^\| {line} \|.*$", PAGE, re.M)
        assert own
        assert own == set(re.findall(r"`(test_\w+)`", row)), line


def test_each_requirement_of_levels_1_and_2_is_judged_once() -> None:
    rows = re.findall(r"^\| ([\d., ]+) \| ([a-z ]+) \| (.*) \|$", PAGE, re.M)
    rows = [row for row in rows if "." in row[0]]
    assert {mark for _, mark, _ in rows} <= set(MARKS)
    assert all(reason for _, _, reason in rows)
    judged = [number for numbers, _, _ in rows for number in numbers.split(", ")]
    left_out = [n for words in re.findall(r"^Not ours: (.*)$", PAGE, re.M) for n in _numbers(words)]
    found = judged + left_out
    assert {number for number in found if found.count(number) > 1} == set()
    assert set(found) == WANTED, set(found) ^ WANTED


def _numbers(words: str) -> list[str]:
    """The requirements that a sentence names, with those between two that "to" joins."""
    plain = re.sub(r"\([^)]*\)", "", words)
    found = re.findall(r"\d+\.\d+\.\d+", plain)
    for first, last in pairwise(found):
        if re.search(rf"{re.escape(first)} to {re.escape(last)}(?!\d)", plain):
            section, start = first.rsplit(".", 1)
            found += [f"{section}.{n}" for n in range(int(start) + 1, int(last.rsplit(".", 1)[1]))]
    return found
