"""The path through the questions, by the tiny questionnaire of each feature."""

import pytest

from questionnaires import routing
from questionnaires.answers import parse
from questionnaires.definition import Side
from questionnaires.routing import Progress

FC, EOC = Side.FUSION_CENTER, Side.EOC


def given(questionnaire, **raws):
    """Answers by id with _ for -: A_1="0"."""
    ids = {name.replace("_", "-"): raw for name, raw in raws.items()}
    return {name: parse(questionnaire.by_id[name], raw) for name, raw in ids.items()}


def ids(questions):
    return [question.id for question in questions]


@pytest.mark.parametrize(
    ("feature", "raws", "applies"),
    [
        ("is", {"A_2": "radio"}, True),
        ("is", {"A_2": "phone"}, False),
        ("is", {"A_2": ""}, False),
        ("is", {}, False),
        ("is-not", {"A_2": "radio"}, False),
        ("is-not", {"A_2": "phone"}, True),
        ("is-not", {"A_2": ""}, True),
        ("is-not", {}, True),
        ("one-of", {"A_2": "other"}, True),
        ("one-of", {"A_2": "phone"}, False),
        ("one-of", {}, False),
        ("at-least", {"A_1": "1"}, True),
        ("at-least", {"A_1": "2"}, True),
        ("at-least", {"A_1": "0"}, False),
        ("at-least", {"A_1": "NA"}, False),
        ("at-least", {}, False),
        ("at-most", {"A_1": "0"}, True),
        ("at-most", {"A_1": "1"}, True),
        ("at-most", {"A_1": "2"}, False),
        ("at-most", {"A_1": "DK"}, False),
        ("at-most", {}, False),
        ("answered", {"A_1": "0"}, True),
        ("answered", {"A_1": "NA"}, False),
        ("answered", {"A_1": "DK"}, False),
        ("answered", {}, False),
        ("all", {"A_1": "1", "A_2": "radio"}, True),
        ("all", {"A_1": "1"}, False),
        ("all", {"A_2": "radio"}, False),
        ("any", {"A_1": "1"}, True),
        ("any", {"A_2": "radio"}, True),
        ("any", {"A_1": "0", "A_2": "phone"}, False),
        ("any", {}, False),
    ],
)
@pytest.mark.parametrize("side", list(Side))
def test_each_operator(tiny, side, feature, raws, applies):
    questionnaire = tiny.get(f"condition-{feature}")
    found = ids(routing.applicable_questions(questionnaire, side, given(questionnaire, **raws)))
    assert found == (["A-1", "A-2", "B-1"] if applies else ["A-1", "A-2"])


def test_the_tiny_questionnaires_hold_every_operator(tiny):
    conditions = [q.applies_when for one in tiny.all() for q in one.questions if q.applies_when]
    assert {condition.operator for condition in conditions} == routing.OPERATORS


def test_an_answer_that_stopped_applying_opens_nothing(tiny):
    chain = tiny.get("condition-chain")
    whole = given(chain, A_1="1", A_2="1", A_3="2")
    assert ids(routing.applicable_questions(chain, FC, whole)) == ["A-1", "A-2", "A-3"]
    fallen = {**whole, **given(chain, A_1="0")}
    assert ids(routing.applicable_questions(chain, FC, fallen)) == ["A-1"]
    assert routing.progress(chain, FC, fallen) == Progress(1, 1)


def test_a_page_comes_and_goes_with_its_questions(tiny):
    questionnaire = tiny.get("condition-is")
    slugs = [page.slug for page in routing.pages(questionnaire, FC, given(questionnaire, A_2="phone"))]
    assert slugs == ["A"]
    slugs = [page.slug for page in routing.pages(questionnaire, FC, given(questionnaire, A_2="radio"))]
    assert slugs == ["A", "B"]


def test_each_side_is_asked_its_own(tiny):
    questionnaire = tiny.get("one-sided")
    assert ids(routing.applicable_questions(questionnaire, FC, {})) == ["BOTH-1", "BOTH-2", "FC-1"]
    assert ids(routing.applicable_questions(questionnaire, EOC, {})) == ["BOTH-1", "BOTH-2", "EOC-1"]
    assert [page.slug for page in routing.pages(questionnaire, FC, {})] == ["BOTH"]
    assert [page.slug for page in routing.pages(questionnaire, EOC, {})] == ["BOTH", "EOC"]


def test_a_section_over_eight_is_split_evenly_and_one_of_eight_is_not(tiny):
    questionnaire = tiny.get("long-section")
    pages = routing.pages(questionnaire, FC, {})
    assert [(page.slug, len(page.questions)) for page in pages] == [
        ("LONG", 5), ("LONG-2", 6), ("LONG-3", 6), ("FULL", 8), ("MIXED", 8),
    ]  # fmt: skip
    assert pages[1].title == "Long (2 of 3)"
    assert pages[3].title == "Full"
    assert [q.id for page in pages for q in page.questions] == ids(
        routing.applicable_questions(questionnaire, FC, {})
    )


def test_the_split_follows_the_side(tiny):
    slugs = [page.slug for page in routing.pages(tiny.get("long-section"), EOC, {})]
    assert slugs == ["LONG", "LONG-2", "LONG-3", "FULL", "MIXED", "MIXED-2"]


def test_missing_names_question_page_and_reason(tiny):
    questionnaire = tiny.get("one-sided")
    answers = given(questionnaire, BOTH_1="NA", BOTH_2="")
    found = routing.missing_answers(questionnaire, EOC, answers)
    assert [(one.question.id, one.page_slug, one.reason) for one in found] == [
        ("BOTH-1", "BOTH", "reason_needed"),
        ("EOC-1", "EOC", "unanswered"),
    ]


def test_an_optional_question_still_needs_its_reason(tiny):
    questionnaire = tiny.get("one-sided")
    answers = given(questionnaire, BOTH_1="0", BOTH_2="NA", EOC_1="DK")
    found = routing.missing_answers(questionnaire, EOC, answers)
    assert [(one.question.id, one.reason) for one in found] == [("BOTH-2", "reason_needed")]


def test_with_reason_and_all_answered_nothing_is_missing(tiny):
    questionnaire = tiny.get("one-sided")
    answers = {
        "BOTH-1": parse(questionnaire.by_id["BOTH-1"], "NA", "No such thing here"),
        "EOC-1": parse(questionnaire.by_id["EOC-1"], "0"),
    }
    assert routing.missing_answers(questionnaire, EOC, answers) == []


def test_a_note_without_an_answer_is_still_missing(tiny):
    questionnaire = tiny.get("one-sided")
    answers = {"EOC-1": parse(questionnaire.by_id["EOC-1"], "", "Ask Dana")}
    found = routing.missing_answers(questionnaire, EOC, answers)
    assert [one.question.id for one in found] == ["BOTH-1", "EOC-1"]


@pytest.mark.parametrize(
    ("raws", "answered"),
    [({}, 0), ({"BOTH_1": "0"}, 1), ({"BOTH_1": "NA", "EOC_1": "DK"}, 2), ({"BOTH_2": "2", "FC_1": "1"}, 0)],
)
def test_progress_counts_required_questions_of_the_side(tiny, raws, answered):
    questionnaire = tiny.get("one-sided")
    assert routing.progress(questionnaire, EOC, given(questionnaire, **raws)) == Progress(answered, 2)


def test_the_checklist_asks_50_of_each_side(checklist):
    for side in Side:
        assert routing.progress(checklist, side, {}) == Progress(0, 50)
        assert [page.slug for page in routing.pages(checklist, side, {})] == [
            section.id for section in checklist.sections
        ]


@pytest.mark.parametrize(
    ("raws", "last", "slug"),
    [
        ({}, None, "LONG"),
        ({}, "FULL-3", "FULL"),
        ({}, "no-such-question", "LONG"),
        ({f"FULL_{i}": "1" for i in range(1, 9)}, "FULL-8", "MIXED"),
        ({f"MIXED_{i}": "1" for i in range(1, 9)}, "MIXED-8", "LONG"),
    ],
)
def test_going_on_where_one_was(tiny, raws, last, slug):
    questionnaire = tiny.get("long-section")
    page = routing.resume_page(questionnaire, FC, given(questionnaire, **raws), last)
    assert page.slug == slug


def test_with_nothing_missing_one_comes_back_to_the_last_page(tiny):
    questionnaire = tiny.get("one-sided")
    answers = given(questionnaire, BOTH_1="1", EOC_1="1")
    assert routing.resume_page(questionnaire, EOC, answers, "EOC-1").slug == "EOC"
    assert routing.resume_page(questionnaire, EOC, answers, None).slug == "BOTH"
