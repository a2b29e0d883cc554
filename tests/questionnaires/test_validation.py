"""Each rule has a definition that breaks it and nothing else; many faults are all listed at once."""

from __future__ import annotations

import pytest

from questionnaires import validation
from questionnaires.loader import DefinitionError, load
from tests.questionnaires.conftest import DEFINITIONS, GONE, changed
from tests.questionnaires.survey_faults import MEANING as OF_SURVEYS

SCALE, OTHER = ("scales", "practice"), ("scales", "other")
LEVELS, FIRST, SECOND = ("scoring", "levels"), ("sections", 0), ("sections", 1)
A1, A2 = (*FIRST, "questions", 0), (*FIRST, "questions", 1)
B1, B2, C1, C2 = ((*SECOND, "questions", place) for place in range(4))
BOTH = {"fusion_center": "We do.", "eoc": "We do."}


def test_the_questionnaire_that_is_broken_below_is_sound(sound, faults):
    assert faults(sound) == []


# rule -> what is changed, the element that is named, a part of the sentence
MEANING = [
    ("ids_are_unique", [((*A2, "id"), "A-1")], "A-1", '"A-1" is used more than once'),
    ("ids_are_unique", [((*A2, "id"), "a-1")], "a-1", '"a-1" differs from "A-1" only in capitals'),
    ("ids_are_unique", [((*SECOND, "id"), "one")], "one", '"one" differs from "ONE" only in capitals'),
    ("ids_are_unique", [((*A2, "id"), "TWO")], "TWO", '"TWO" is used more than once'),
    ("addresses_are_free", [((*SECOND, "id"), "review")], "review", "address of another page"),
    ("addresses_are_free", [((*SECOND, "id"), "ONE-2")], "ONE-2", 'further page of "ONE"'),
    ("codes_are_unique", [((*C1, "options", 1, "code"), "left")], "C-1", '"left" is used more than once'),
    ("codes_are_unique", [((*C1, "options", 1, "code"), "LEFT")], "C-1", '"LEFT" is used more than once'),
    ("codes_are_unique", [((*SCALE, "options", 2, "code"), "1")], "scale practice", '"1" is used more'),
    ("codes_are_not_reserved", [((*C1, "options", 1, "code"), "NA")], "C-1", '"NA" is reserved'),
    (
        "codes_are_not_reserved",
        [((*SCALE, "options", 2, "code"), "dk")],
        "scale practice",
        '"dk" is reserved',
    ),
    (
        "scales_are_known",
        [((*C2, "scale"), "practise")],
        "C-2",
        'no scale "practise"; known: practice, other',
    ),
    ("scale_numbers_ascend", [((*OTHER, "options", 0, "number"), 1.5)], "scale other", "1 comes after 1.5"),
    (
        "evidence_is_asked_within_the_scale",
        [((*SCALE, "evidence_from"), 3)],
        "scale practice",
        "is 3, which is",
    ),
    ("scored_questions_are_ratings", [((*C1, "scored"), True)], "C-1", "Only ratings are scored"),
    (
        "scored_questions_have_rules",
        [(("scoring",), GONE), ((*A1, "scored"), True)],
        "A-1",
        "no scoring rules",
    ),
    (
        "scored_questions_share_a_scale",
        [((*B2, "scale"), "other")],
        "B-2",
        'here it is "other", in A-1 "practice"',
    ),
    (
        "scored_scale_starts_at_zero",
        [((*SCALE, "options", 0, "number"), 0.5)],
        "scale practice",
        "start at 0",
    ),
    ("scored_questions_have_an_action", [((*A1, "action"), GONE)], "A-1", '"action" is missing'),
    (
        "scored_questions_always_apply",
        [((*B2, "applies_when"), {"question": "A-1", "answered": True})],
        "B-2",
        "may not depend on another answer",
    ),
    (
        "scoring_has_questions",
        [((*path, "scored"), False) for path in (A1, A2, B1, B2)],
        "scoring",
        "no question is scored",
    ),
    (
        "scoring_asks_both_sides",
        [((*path, "wording"), {"eoc": "We do."}) for path in (A1, A2, B1, C1, C2)],
        "questionnaire",
        "nothing is asked of the fusion center",
    ),
    ("mirrored_questions_ask_both_sides", [((*B1, "mirror"), "own")], "B-1", "only one is asked"),
    ("levels_ascend", [((*LEVELS, 2, "level"), 3)], "level 2", "here 2 is due, not 3"),
    ("levels_ascend", [((*LEVELS, 2, "from"), 40)], "level 2", "starts from 40, not above"),
    ("levels_start_at_zero", [((*LEVELS, 0, "from"), 5)], "level 0", "starts from 0, not 5"),
    ("lowest_level_has_no_gate", [((*LEVELS, 0, "gate"), {"critical_known": True})], "level 0", "no gate"),
    (
        "gates_are_on_the_scale",
        [((*LEVELS, 2, "gate", "critical_at_least"), 3)],
        "level 2",
        "highest answer (2)",
    ),
    ("rules_are_on_the_scale", [(("scoring", "target"), 3)], "scoring", "target is 3, above the highest"),
    ("rules_are_on_the_scale", [(("scoring", "discuss_at"), 3)], "scoring", "discuss_at is 3"),
    ("gap_lies_below_strength", [(("scoring", "gap_to"), 2)], "scoring", "gap_to (2) must be lower"),
    (
        "conditions_look_back",
        [((*C2, "applies_when", "question"), "C-9")],
        "C-2",
        'there is no question "C-9"',
    ),
    (
        "conditions_look_back",
        [((*C1, "applies_when"), {"question": "C-2", "at_least": 1}), ((*C2, "applies_when"), GONE)],
        "C-1",
        '"C-2" is not asked before',
    ),
    (
        "conditions_look_back",
        [((*C2, "applies_when"), {"question": "C-2", "answered": True})],
        "C-2",
        '"C-2" is not asked before',
    ),
    (
        "conditions_ask_the_same_side",
        [((*C2, "applies_when"), {"question": "B-1", "at_least": 1})],
        "C-2",
        '"B-1" is not asked of the EOC',
    ),
    (
        "conditions_name_real_codes",
        [((*C2, "applies_when", "is"), "up")],
        "C-2",
        '"up" is not an answer to "C-1"',
    ),
    (
        "conditions_name_real_codes",
        [((*C2, "applies_when"), {"question": "A-1", "one_of": [2, "NA", 3]})],
        "C-2",
        '"3" is not an answer to "A-1"; its answers are 0, 1, 2, NA, DK',
    ),
    (
        "conditions_name_real_codes",
        [((*C2, "applies_when"), {"any": [{"all": [{"question": "C-1", "is_not": "up"}]}]})],
        "C-2",
        '"up" is not an answer',
    ),
    (
        "conditions_compare_ratings",
        [((*C2, "applies_when"), {"question": "C-1", "at_least": 1})],
        "C-2",
        "at_least needs a rating",
    ),
    (
        "conditions_compare_ratings",
        [((*C2, "applies_when"), {"question": "A-1", "at_most": 7})],
        "C-2",
        "at_most is 7, but the answers",
    ),
]


@pytest.mark.parametrize(("rule", "changes", "element", "sentence"), MEANING)
def test_each_rule_is_broken_alone(sound, faults, rule, changes, element, sentence):
    found = faults(changed(sound, *changes))
    assert len(found) == 1, found
    assert found[0][0] == element
    assert sentence in found[0][1]


def test_every_rule_is_broken_above():
    assert {rule.__name__ for rule in validation.RULES} == {rule for rule, *_ in (*MEANING, *OF_SURVEYS)}


@pytest.mark.parametrize(("rule", "changes", "element", "sentence"), MEANING)
def test_without_its_rule_the_fault_would_pass(sound, faults, monkeypatch, rule, changes, element, sentence):
    others = tuple(one for one in validation.RULES if one.__name__ != rule)
    monkeypatch.setattr(validation, "RULES", others)
    assert faults(changed(sound, *changes)) == []


SHAPE = [
    ([(("title",), GONE)], "questionnaire", '"title" is missing.'),
    ([(("sections",), GONE)], "questionnaire", '"sections" is missing.'),
    ([(("sections",), [])], "questionnaire", '"sections" needs 1 entry or more; it has 0.'),
    ([(("colour",), "red")], "questionnaire", 'There is no field "colour" here; known are id, version,'),
    ([((*A1, "wieght"), 2)], "A-1", 'There is no field "wieght" here; did you mean "weight"?'),
    ([(("id",), "1st")], "questionnaire", '"id" must begin with a letter'),
    ([(("id",), "a" * 41)], "questionnaire", '"id" must begin with a letter and hold only letters'),
    ([(("id",), "../etc")], "questionnaire", '"id" must begin with a letter'),
    ([(("version",), 1.0)], "questionnaire", '"version" must be text; it is 1.0; put it in quotes.'),
    ([(("version",), "v1")], "questionnaire", '"version" must be numbers with dots'),
    ([(("version",), "1.01")], "questionnaire", '"version" must be numbers with dots'),
    ([(("minutes",), 0)], "questionnaire", '"minutes" must be 1 or more; it is 0.'),
    ([((*A1, "id"), GONE)], "question 1 of ONE", '"id" is missing.'),
    ([((*A1, "id"), "A_1")], "A_1", "hold only letters, digits and hyphens"),
    ([((*A1, "type"), GONE)], "A-1", '"type" is missing.'),
    (
        [((*A1, "type"), "stars")],
        "A-1",
        '"type" must be one of rating, frequency, single_choice, multiple_choice, yes_no',
    ),
    ([((*A1, "scale"), GONE)], "A-1", '"scale" is missing.'),
    ([((*C1, "options"), GONE)], "C-1", '"options" is missing.'),
    ([((*C1, "scale"), "practice")], "C-1", 'remove "scale"'),
    (
        [((*A1, "options"), [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}])],
        "A-1",
        'remove "options"',
    ),
    ([((*C1, "options"), [{"code": "left", "label": "Left"}])], "C-1", '"options" needs 2 entries or more'),
    (
        [((*C1, "options", 0, "code"), True)],
        "C-1",
        '"options[1].code" must be text or a whole number; it is true',
    ),
    ([((*C1, "options", 1, "code"), "a;b")], "C-1", '"options[2].code" must hold only letters'),
    ([((*A1, "wording"), GONE)], "A-1", '"wording" is missing.'),
    ([((*A1, "wording"), {})], "A-1", '"wording" needs 1 entry or more'),
    ([((*A1, "wording", "eoc"), " ")], "A-1", '"wording.eoc" must not be blank; it is " ".'),
    (
        [((*A1, "wording", "eoc"), "x" * 2001)],
        "A-1",
        '"wording.eoc" has 2,001 characters and the limit is 2,000.',
    ),
    ([((*A1, "action"), "")], "A-1", '"action" must not be blank'),
    ([((*A1, "action"), None)], "A-1", '"action" must be text; it is empty.'),
    ([((*A1, "weight"), 0)], "A-1", '"weight" must be more than 0; it is 0.'),
    ([((*A1, "weight"), -1)], "A-1", '"weight" must be more than 0; it is -1.'),
    ([((*A1, "weight"), "two")], "A-1", '"weight" must be a number; it is "two".'),
    ([((*A1, "scored"), 1)], "A-1", '"scored" must be true or false; it is 1.'),
    ([((*A1, "mirror"), "both")], "A-1", '"mirror" must be one of same, own'),
    ([((*A1, "state"), "S")], "A-1", '"state" must be one of steady, active, both'),
    ([((*A1, "basis"), ["CPG", "CPG"])], "A-1", '"basis" holds the same entry twice.'),
    ([(A1, "We call.")], "question 1 of ONE", 'It must be a block of fields; it is "We call.".'),
    ([((*FIRST, "title"), GONE)], "ONE", '"title" is missing.'),
    ([(SCALE, "0 to 4")], "scale practice", 'It must be a block of fields; it is "0 to 4".'),
    (
        [(("scales", "1st"), {"options": [{"number": 0, "label": "a"}, {"number": 1, "label": "b"}]})],
        "scale 1st",
        "Its name must begin with a letter",
    ),
    ([(("scoring", "weaker_side_factor"), 0.49)], "scoring", '"weaker_side_factor" must be 0.5 or more'),
    ([(("scoring", "weaker_side_factor"), 1.01)], "scoring", '"weaker_side_factor" must be 1 or less'),
    ([(("scoring", "domain_coverage"), 70)], "scoring", '"domain_coverage" must be 1 or less; it is 70.'),
    ([(("scoring", "index_coverage"), -0.1)], "scoring", '"index_coverage" must be 0 or more; it is -0.1.'),
    (
        [(("scoring", "perception_gap_items"), 2.5)],
        "scoring",
        '"perception_gap_items" must be a whole number',
    ),
    ([(("scoring", "target"), GONE)], "scoring", '"target" is missing.'),
    ([((*LEVELS, 1, "from"), 140)], "level 1", '"from" must be 100 or less; it is 140.'),
    (
        [((*LEVELS, 1, "gate", "domain_at_least"), 120)],
        "level 1",
        '"gate.domain_at_least" must be 100 or less',
    ),
    ([((*C2, "applies_when"), {"question": "C-1", "equals": "left"})], "C-2", "A condition is {all: [...]}"),
    ([((*C2, "applies_when"), {"question": "C-1"})], "C-2", "exactly one of is, is_not, one_of"),
    (
        [((*C2, "applies_when"), {"question": "C-1", "is": "left", "is_not": "right"})],
        "C-2",
        "exactly one of",
    ),
    ([((*C2, "applies_when"), {"all": []})], "C-2", '"applies_when.all" needs 1 entry or more'),
    ([((*C2, "applies_when"), {"any": [{"is": "left"}]})], "C-2", "A condition is {all: [...]}"),
    ([((*C2, "applies_when"), {"question": "A-1", "answered": False})], "C-2", "must be true; it is false."),
    ([((*C2, "applies_when"), "C-1 = left")], "C-2", '"applies_when" must be a block of fields'),
]


@pytest.mark.parametrize(("changes", "element", "sentence"), SHAPE)
def test_each_fault_of_shape_is_one_sentence_with_its_element(sound, faults, changes, element, sentence):
    found = faults(changed(sound, *changes))
    assert len(found) == 1, found
    assert found[0][0] == element
    assert sentence in found[0][1]


def test_twenty_faults_are_twenty_problems_with_their_elements():
    with pytest.raises(DefinitionError) as caught:
        load(DEFINITIONS / "invalid" / "twenty-faults" / "1.0.yaml")
    elements = [problem.element for problem in caught.value.problems]
    assert elements == [
        *["questionnaire"] * 3,
        "scale practice",
        *["scoring"] * 3,
        "level 0",
        *["level 1"] * 2,
        *["A-1"] * 3,
        "A-3",
        *["A-4"] * 2,
        *["5th"] * 2,
        "B-1",
        "B-2",
    ]
    assert len(set(caught.value.problems)) == 20


def test_sentences_end_and_hold_no_python(sound, faults):
    cases = [changes for _, changes, *_ in MEANING] + [changes for changes, *_ in SHAPE]
    for changes in cases:
        for _, message in faults(changed(sound, *changes)):
            assert message[-1] in ".?", message
            assert not any(word in message for word in ("None", "True", "False", "dict", "$defs", "{}"))
