"""A tiny scored questionnaire to break in one place at a time, and the tiny ones of tests/definitions."""

from __future__ import annotations

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
