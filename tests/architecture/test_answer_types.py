"""Everything an answer type must have is there: a handler, a form field, a template partial."""

from __future__ import annotations

from pathlib import Path

import pytest

import assessment.responding.forms
from questionnaires.answers import HANDLERS
from questionnaires.definition import AnswerType

PARTIALS = Path(assessment.responding.forms.__file__).parent.parent / "templates/responding/answers"


@pytest.mark.parametrize("answer_type", list(AnswerType))
def test_no_answer_type_lacks_a_part(answer_type: AnswerType) -> None:
    assert answer_type in HANDLERS
    assert answer_type in assessment.responding.forms.FIELDS
    assert (PARTIALS / f"{answer_type.value}.html").is_file()


def test_there_is_no_part_without_an_answer_type() -> None:
    assert {path.stem for path in PARTIALS.glob("*.html")} == {t.value for t in AnswerType}
