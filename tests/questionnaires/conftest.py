"""A tiny scored questionnaire to break in one place at a time, and the tiny ones of tests/definitions."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from questionnaires.library import BUILT_IN, Library
from questionnaires.loader import check_text

DEFINITIONS = Path(__file__).parents[1] / "definitions"

SOUND = """
id: tiny
version: "1.0"
title: Tiny
scales:
  practice:
    options:
      - {number: 0, label: Nothing}
      - {number: 1, label: Some}
      - {number: 2, label: All}
    not_applicable: Does not apply
    do_not_know: Do not know
    evidence_from: 2
  other:
    options:
      - {number: 0, label: Low}
      - {number: 1, label: High}
scoring:
  weaker_side_factor: 0.75
  domain_coverage: 0.7
  index_coverage: 0.75
  critical_weight: 2
  target: 2
  discuss_at: 1
  perception_gap: 20
  perception_gap_items: 3
  strength_from: 2
  gap_to: 1
  agreement_items: 20
  levels:
    - {level: 0, name: Low, meaning: Little, from: 0}
    - {level: 1, name: Middle, meaning: Some, from: 40, gate: {domain_at_least: 20}}
    - {level: 2, name: High, meaning: Much, from: 80, gate: {critical_at_least: 1, critical_known: true}}
sections:
  - id: ONE
    title: First
    questions:
      - id: A-1
        type: rating
        scale: practice
        wording: {fusion_center: We call., eoc: We call.}
        weight: 2
        action: Call
      - id: A-2
        type: rating
        scale: practice
        wording: {fusion_center: We write., eoc: We write.}
        action: Write
  - id: TWO
    title: Second
    questions:
      - {id: B-1, type: rating, scale: practice, wording: {fusion_center: We send.}, action: Send}
      - {id: B-2, type: rating, scale: practice, wording: {eoc: We read.}, action: Read}
      - id: C-1
        type: single_choice
        wording: {fusion_center: "Which?", eoc: "Which?"}
        options:
          - {code: left, label: Left}
          - {code: right, label: Right}
      - id: C-2
        type: rating
        scale: practice
        scored: false
        wording: {fusion_center: "Why?", eoc: "Why?"}
        applies_when: {question: C-1, is: left}
"""


GONE = object()


def changed(document: dict[str, Any], *changes: tuple[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """A copy with each path set to its value, or without it."""
    document = copy.deepcopy(document)
    for path, value in changes:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        if value is GONE:
            del part[path[-1]]
        else:
            part[path[-1]] = value
    return document


SURVEY = """
id: tiny-survey
version: "1.0"
title: Tiny survey
audience: respondents
scales:
  quality:
    options:
      - {number: 1, label: Poor}
      - {number: 2, label: Good}
    do_not_know: No basis to judge
rating_sets:
  attribute:
    parts:
      - {id: importance, name: Importance, ask: "Important?", scale: quality}
      - {id: performance, name: Performance, ask: "Good?", scale: quality}
  product:
    pick: Which did you receive?
    not_applicable: Did not receive
    parts:
      - {id: usefulness, name: Usefulness, ask: "Useful?", scale: quality}
      - {id: quality, name: Quality, ask: "Good?", scale: quality}
sections:
  - id: P
    title: Profile
    questions:
      - id: P-1
        type: multiple_choice
        wording: {respondent: "Which?"}
        options:
          - {code: left, label: Left}
          - {code: none, label: None, alone: true}
      - {id: P-2, type: yes_no, wording: {respondent: "Were you there?"}}
      - {id: P-3, type: dual_rating, ratings: attribute, wording: {respondent: Speed}}
      - {id: P-4, type: short_text, limit: 20, wording: {respondent: "What else?"}}
  - id: T
    title: Types
    applies_when: {question: P-2, is: "yes"}
    questions:
      - {id: T-1, type: grid_row, ratings: product, wording: {respondent: Report}}
      - {id: T-2, type: grid_row, ratings: product, wording: {respondent: Alert}}
  - id: U
    title: Use
    questions:
      - {id: U-1, type: frequency, scale: quality, wording: {respondent: "How often?"}}
      - {id: U-2, type: long_text, wording: {respondent: "What?"}, applies_when: {question: P-1, is: left}}
"""


@pytest.fixture
def survey() -> dict[str, Any]:
    """A tiny survey, as a document that may be changed."""
    document: dict[str, Any] = yaml.safe_load(SURVEY)
    return document


@pytest.fixture(scope="session")
def product_usefulness():
    return Library([BUILT_IN]).get("product-usefulness", "1.0")


@pytest.fixture
def sound() -> dict[str, Any]:
    """The tiny questionnaire as a document that may be changed."""
    document: dict[str, Any] = yaml.safe_load(SOUND)
    return document


@pytest.fixture
def faults():
    """Document -> its problems as (element, message), by way of a file's text."""

    def find(document: Any) -> list[tuple[str, str]]:
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        return [(problem.element, problem.message) for problem in check_text(text)[1]]

    return find


@pytest.fixture(scope="session")
def tiny() -> Library:
    return Library([DEFINITIONS])


@pytest.fixture(scope="session")
def checklist():
    return Library([BUILT_IN]).get("cpg502-checklist", "1.0")
