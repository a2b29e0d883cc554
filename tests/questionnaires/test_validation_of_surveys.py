"""Each rule about surveys and their answer types, broken alone in a tiny survey."""

from __future__ import annotations

import pytest

from questionnaires import validation
from questionnaires.loader import loads
from tests.questionnaires.conftest import SURVEY, changed
from tests.questionnaires.survey_faults import MEANING, SHAPE


def test_the_survey_that_is_broken_below_is_sound(survey, faults):
    assert faults(survey) == []
    assert loads(SURVEY).is_survey


@pytest.mark.parametrize(("rule", "changes", "element", "sentence"), MEANING)
def test_each_rule_is_broken_alone(survey, faults, rule, changes, element, sentence):
    found = faults(changed(survey, *changes))
    assert {one for one, _ in found} == {element}
    assert any(sentence in message for _, message in found), found


@pytest.mark.parametrize(("rule", "changes", "element", "sentence"), MEANING)
def test_without_its_rule_the_fault_would_pass(survey, faults, monkeypatch, rule, changes, element, sentence):
    others = tuple(one for one in validation.RULES if one.__name__ != rule)
    monkeypatch.setattr(validation, "RULES", others)
    assert faults(changed(survey, *changes)) == []


@pytest.mark.parametrize(("changes", "element", "sentence"), SHAPE)
def test_each_fault_of_shape_is_one_sentence_with_its_element(survey, faults, changes, element, sentence):
    found = faults(changed(survey, *changes))
    assert len(found) == 1, found
    assert found[0][0] == element
    assert sentence in found[0][1]


def test_a_survey_is_not_scored_as_a_pair(survey, sound, faults):
    survey["scoring"] = sound["scoring"]
    assert ("scoring", "There are scoring rules, but no question is scored.") in faults(survey)


def test_a_section_that_may_be_left_out_scores_nothing(sound, faults):
    sound["sections"][1]["applies_when"] = {"question": "A-1", "at_least": 1}
    assert [element for element, _ in faults(sound)] == ["B-1", "B-2"]


def test_a_condition_may_name_a_question_with_several_answers(survey, faults):
    survey["sections"][2]["questions"][1]["applies_when"] = {"question": "P-3", "answered": True}
    assert faults(survey) == []
