"""How the tiny survey can be broken: a rule, what is changed, the element named, part of the sentence."""

from __future__ import annotations

from typing import Any

from tests.questionnaires.conftest import GONE

Changes = list[tuple[tuple[str | int, ...], Any]]
PROFILE, TYPES, USE = (("sections", place) for place in range(3))
P1, P2, P3, P4 = ((*PROFILE, "questions", place) for place in range(4))
T1, T2 = ((*TYPES, "questions", place) for place in range(2))
U1, U2 = ((*USE, "questions", place) for place in range(2))
ATTRIBUTE, PRODUCT = ("rating_sets", "attribute"), ("rating_sets", "product")
SINGLE = {
    "id": "U-1",
    "type": "single_choice",
    "wording": {"respondent": "Which?"},
    "options": [{"code": "a", "label": "A", "alone": True}, {"code": "b", "label": "B"}],
}
DUAL = {"id": "T-2", "type": "dual_rating", "ratings": "attribute", "wording": {"respondent": "Speed"}}

MEANING: list[tuple[str, Changes, str, str]] = [
    ("options_alone_are_among_several", [(U1, SINGLE)], "U-1", "Only options of a multiple_choice"),
    (
        "wordings_fit_the_audience",
        [((*P2, "wording"), {"respondent": "Were you?", "eoc": "Were you?"})],
        "P-2",
        '"wording.eoc" is for the EOC, but the audience is respondents',
    ),
    (
        "rating_sets_are_known",
        [((*P3, "ratings"), "attributes")],
        "P-3",
        'no rating set "attributes"; known:',
    ),
    (
        "scales_are_known",
        [((*ATTRIBUTE, "parts", 0, "scale"), "qualty")],
        "rating set attribute",
        'no scale "qualty"',
    ),
    (
        "parts_have_their_own_names",
        [((*ATTRIBUTE, "parts", 1, "id"), "importance")],
        "rating set attribute",
        'The part "importance" is there more than once',
    ),
    (
        "grids_pick_their_rows",
        [((*T1, "ratings"), "attribute"), ((*T2, "ratings"), "attribute")],
        "rating set attribute",
        '"pick" is missing',
    ),
    ("grids_pick_their_rows", [((*P3, "ratings"), "product")], "P-3", 'Its rating set "product" has "pick"'),
    (
        "grids_have_sections_of_their_own",
        [(T2, DUAL)],
        "T",
        "A section with a grid_row has no other questions",
    ),
    (
        "conditions_look_back",
        [((*TYPES, "applies_when"), {"question": "T-1", "answered": True})],
        "T",
        '"T-1" is not asked before this',
    ),
    (
        "conditions_look_back",
        [((*TYPES, "applies_when"), {"question": "U-1", "is": 1})],
        "T",
        '"U-1" is not asked before',
    ),
    (
        "conditions_name_real_codes",
        [((*TYPES, "applies_when", "is"), "maybe")],
        "T",
        '"maybe" is not an answer to "P-2"; its answers are yes, no.',
    ),
    (
        "conditions_name_real_codes",
        [((*U2, "applies_when", "is"), "right")],
        "U-2",
        "its answers are left, none.",
    ),
    (
        "conditions_compare_codes",
        [((*U2, "applies_when"), {"question": "P-4", "is": "words"})],
        "U-2",
        'is needs a rating or a choice, and "P-4" is neither',
    ),
    (
        "conditions_compare_codes",
        [((*U2, "applies_when"), {"question": "P-3", "is_not": "x"})],
        "U-2",
        "is_not needs a rating",
    ),
    (
        "conditions_compare_ratings",
        [((*U2, "applies_when"), {"question": "P-3", "at_least": 1})],
        "U-2",
        'at_least needs a rating, and "P-3" is none. Use answered.',
    ),
    (
        "conditions_compare_ratings",
        [((*U2, "applies_when"), {"question": "P-1", "at_most": 1})],
        "U-2",
        "Use one_of.",
    ),
    (
        "conditions_compare_ratings",
        [((*U2, "applies_when"), {"question": "U-1", "at_least": 9})],
        "U-2",
        'the answers to "U-1" go from 1 to 2',
    ),
    ("ids_are_unique", [((*T2, "id"), "P-1")], "P-1", "used more than once"),
]

SHAPE: list[tuple[Changes, str, str]] = [
    ([(("audience",), "everybody")], "questionnaire", '"audience" must be one of sides, respondents'),
    ([((*P1, "options"), GONE)], "P-1", '"options" is missing.'),
    ([((*P1, "options", 1, "alone"), "yes")], "P-1", '"options[2].alone" must be true or false'),
    ([((*P1, "limit"), 5)], "P-1", 'A choice has its own options: remove "limit"'),
    (
        [((*P2, "options"), [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}])],
        "P-2",
        'Yes and no are all that may be answered: remove "options"',
    ),
    ([((*P3, "ratings"), GONE)], "P-3", '"ratings" is missing.'),
    (
        [((*P3, "scale"), "quality")],
        "P-3",
        'A dual rating takes its points from its rating set: remove "scale"',
    ),
    ([((*P4, "limit"), 2001)], "P-4", '"limit" must be 2000 or less'),
    ([((*P4, "limit"), 0)], "P-4", '"limit" must be 1 or more'),
    ([((*P4, "ratings"), "attribute")], "P-4", 'A text is answered in words: remove "ratings"'),
    ([((*U1, "scale"), GONE)], "U-1", '"scale" is missing.'),
    ([((*U1, "ratings"), "attribute")], "U-1", 'remove "ratings"'),
    ([((*ATTRIBUTE, "parts"), GONE)], "rating set attribute", '"parts" is missing.'),
    (
        [((*ATTRIBUTE, "parts", 0, "id"), "how much")],
        "rating set attribute",
        '"parts[1].id" must begin with a small letter',
    ),
    ([((*ATTRIBUTE, "parts", 1, "ask"), GONE)], "rating set attribute", '"ask" is missing.'),
    ([((*PRODUCT, "pick"), " ")], "rating set product", '"pick" must not be blank'),
    ([((*PRODUCT, "colour"), "red")], "rating set product", 'There is no field "colour" here'),
    ([((*TYPES, "applies_when"), "never")], "T", '"applies_when" must be a block of fields'),
    ([((*P1, "wording"), {"respondents": "Which?"})], "P-1", 'did you mean "respondent"?'),
]
