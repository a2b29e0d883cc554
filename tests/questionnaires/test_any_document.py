"""Whatever stands in a file, checking it ends with a list of problems and never with a stack trace.

Of changed documents 200 of each kind in `make test`, and 2,000 in the long form.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from questionnaires.build import build
from questionnaires.draft import Problem
from questionnaires.validation import find_problems
from tests.questionnaires.conftest import SOUND, SURVEY

DOCUMENTS: list[dict[str, Any]] = [yaml.safe_load(SOUND), yaml.safe_load(SURVEY)]
SCALARS = st.none() | st.booleans() | st.integers(-3, 9) | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS
    | st.sampled_from(
        [
            "A-1",
            "C-1",
            "practice",
            "NA",
            "ONE",
            "rating",
            "own",
            "grid_row",
            "attribute",
            "respondents",
            "yes_no",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "options", "number", "all", "question", "is"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(part: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: list[Any] = list(part) if isinstance(part, dict) else []
    steps = list(range(len(part))) if isinstance(part, list) else steps
    return [path] + [place for step in steps for place in places(part[step], (*path, step))]


PLACES = [places(document)[1:] for document in DOCUMENTS]
MANY = [200, pytest.param(2_000, marks=pytest.mark.soak)]
CHANGES = [st.lists(st.tuples(st.sampled_from(own), VALUES), min_size=1, max_size=4) for own in PLACES]


def replaced(document: dict[str, Any], changes: list[tuple[tuple[str | int, ...], Any]]) -> Any:
    document = copy.deepcopy(document)
    for path, value in changes:
        part: Any = document
        try:
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return document


@pytest.mark.parametrize("count", MANY)
def test_changed_anywhere_it_is_either_sound_or_has_problems(count):
    @example([(("sections", 1, "questions", 2, "options", 0), {"number": "A-1"})])
    @example([(("sections", 1, "questions", 3, "wording"), {"id": None})])
    @settings(max_examples=count, deadline=None)
    @given(CHANGES[0])
    def changed(changes):
        check(replaced(DOCUMENTS[0], changes))

    changed()


@pytest.mark.parametrize("count", MANY)
def test_so_is_a_survey(count):
    @example([(("rating_sets", "product", "parts", 0), {"id": None})])
    @example([(("rating_sets",), {"attribute": {}})])
    @settings(max_examples=count, deadline=None)
    @given(CHANGES[1])
    def changed(changes):
        check(replaced(DOCUMENTS[1], changes))

    changed()


def check(document: Any) -> None:
    problems = find_problems(document)
    assert all(isinstance(problem, Problem) and problem.element and problem.message for problem in problems)
    if not problems:
        assert build(document).id == document["id"]


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_anything_else_is_no_questionnaire(document):
    assert find_problems(document)
