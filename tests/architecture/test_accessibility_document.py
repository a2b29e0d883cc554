"""docs/accessibility.md speaks of every criterion of WCAG 2.2, levels A and AA; its tests exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "accessibility.md").read_text()
# The numbers of the success criteria in the Recommendation.
LEVEL_A = [
    "1.1.1",
    "1.2.1",
    "1.2.2",
    "1.2.3",
    "1.3.1",
    "1.3.2",
    "1.3.3",
    "1.4.1",
    "1.4.2",
    "2.1.1",
    "2.1.2",
    "2.1.4",
    "2.2.1",
    "2.2.2",
    "2.3.1",
    "2.4.1",
    "2.4.2",
    "2.4.3",
    "2.4.4",
    "2.5.1",
    "2.5.2",
    "2.5.3",
    "2.5.4",
    "3.1.1",
    "3.2.1",
    "3.2.2",
    "3.2.6",
    "3.3.1",
    "3.3.2",
    "3.3.7",
    "4.1.2",
]
LEVEL_AA = [
    "1.2.4",
    "1.2.5",
    "1.3.4",
    "1.3.5",
    "1.4.3",
    "1.4.4",
    "1.4.5",
    "1.4.10",
    "1.4.11",
    "1.4.12",
    "1.4.13",
    "2.4.5",
    "2.4.6",
    "2.4.7",
    "2.4.11",
    "2.5.7",
    "2.5.8",
    "3.1.2",
    "3.2.3",
    "3.2.4",
    "3.3.3",
    "3.3.4",
    "3.3.8",
    "4.1.3",
]
MARKS = {"Supports", "In part", "Does not support", "Not applicable", "Not evaluated"}


def rows_of(heading: str) -> list[list[str]]:
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = part.split("|---|---|---|\n")[1].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("|")]


def test_every_criterion_has_its_line() -> None:
    assert [row[0].split()[0] for row in rows_of("WCAG 2.2 level A")] == LEVEL_A
    assert [row[0].split()[0] for row in rows_of("WCAG 2.2 level AA")] == LEVEL_AA


def test_every_line_is_marked_and_what_is_missing_is_said() -> None:
    for heading in ("WCAG 2.2 level A", "WCAG 2.2 level AA", "Revised Section 508 Standards"):
        for name, mark, remark in rows_of(heading):
            assert mark in MARKS, name
            assert remark or mark in ("Supports", "Not applicable"), name


def test_the_tests_that_it_names_exist() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", TEXT))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named
    assert named <= there
