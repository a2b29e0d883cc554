"""The path through a survey: sections left out, several answers at once, a grid that picks its rows."""

from __future__ import annotations

import itertools

import pytest

from questionnaires import answers, routing
from questionnaires.answers import AnswerError, parse
from questionnaires.definition import RESPONDENT, Side
from questionnaires.routing import Progress


def given(questionnaire, **raws):
    """Answers by id with _ for -: A_1="never"."""
    ids = {name.replace("_", "-"): raw for name, raw in raws.items()}
    return {name: parse(questionnaire.by_id[name], raw) for name, raw in ids.items()}


def asked(questionnaire, **raws):
    found = routing.applicable_questions(questionnaire, RESPONDENT, given(questionnaire, **raws))
    return [question.id for question in found]


ALWAYS = ["A-1", "A-2", "A-3"]


@pytest.mark.parametrize(
    ("raws", "more"),
    [
        ({"A_1": "never"}, ["C-3"]),
        ({"A_1": "never", "A_2": "yes"}, ["C-3"]),
        ({"A_1": "daily"}, ["B-1", "C-3"]),
        ({"A_1": "daily", "A_2": "no"}, ["B-1", "C-3"]),
        ({"A_1": "daily", "A_2": "yes"}, ["B-1", "B-2", "C-3"]),
        ({}, ["B-1", "C-3"]),
        ({"A_1": "never", "A_3": "phone;radio"}, ["C-1", "C-4"]),
        ({"A_1": "never", "A_3": "phone"}, ["C-3", "C-4"]),
        ({"A_1": "daily", "B_1": "1"}, ["B-1", "C-2", "C-3"]),
        ({"A_1": "never", "B_1": "1"}, ["C-3"]),
    ],
)
def test_a_section_and_its_questions_each_have_their_condition(tiny, raws, more):
    assert asked(tiny.get("section-condition"), **raws) == ALWAYS + more


def test_a_section_left_out_has_no_page_and_counts_in_nothing(tiny):
    survey = tiny.get("section-condition")
    values = given(survey, A_1="never", A_2="yes", B_1="1", B_2="1", C_3="1")
    assert [page.slug for page in routing.pages(survey, RESPONDENT, values)] == ["A", "C"]
    assert routing.progress(survey, RESPONDENT, values) == Progress(3, 3)
    assert routing.missing_answers(survey, RESPONDENT, values) == []


def test_a_survey_asks_respondents_and_no_side(tiny, checklist):
    survey = tiny.get("section-condition")
    assert survey.is_survey
    assert not checklist.is_survey
    for side in Side:
        assert routing.pages(survey, side, {}) == []
    assert routing.pages(checklist, RESPONDENT, {}) == []
    answers.require_asked(survey.by_id["A-1"], RESPONDENT)
    with pytest.raises(AnswerError) as caught:
        answers.require_asked(survey.by_id["A-1"], Side.EOC)
    assert caught.value.message == "A-1 is not asked of the EOC. Leave it out."
    with pytest.raises(AnswerError) as caught:
        answers.require_asked(checklist.by_id["REL-01"], RESPONDENT)
    assert caught.value.message == "REL-01 is not asked of the respondents. Leave it out."


# --- a grid


def grid_pages(questionnaire, **raws):
    pages = routing.pages(questionnaire, Side.EOC, given(questionnaire, **raws))
    return [
        (page.slug, page.picks, [question.id for question in page.questions])
        for page in pages
        if page.section.id == "GRID"
    ]


def test_a_grid_first_has_its_rows_picked_and_then_only_those_rated(tiny):
    every = tiny.get("every-answer-type")
    first = ("GRID", True, ["ROW-1", "ROW-2", "ROW-3"])
    assert grid_pages(every) == [first]
    assert grid_pages(every, ROW_1="NA", ROW_2="NA", ROW_3="NA") == [first]
    assert grid_pages(every, ROW_1="NA", ROW_2="received", ROW_3="usefulness=1;quality=DK") == [
        first,
        ("GRID-2", False, ["ROW-2", "ROW-3"]),
    ]


def test_what_is_missing_of_a_grid_is_named_once_and_where_it_is_asked(tiny):
    every = tiny.get("every-answer-type")
    values = given(every, ROW_2="received", ROW_3="usefulness=1")
    found = [
        (one.question.id, one.page_slug, one.reason)
        for one in routing.missing_answers(every, Side.EOC, values)
        if one.question.id.startswith("ROW")
    ]
    assert found == [
        ("ROW-1", "GRID", "unanswered"),
        ("ROW-2", "GRID-2", "unanswered"),
        ("ROW-3", "GRID-2", "unanswered"),
    ]
    done = values | given(
        every, ROW_1="NA", ROW_2="usefulness=2;quality=good", ROW_3="usefulness=1;quality=DK"
    )
    assert not [m for m in routing.missing_answers(every, Side.EOC, done) if m.question.id.startswith("ROW")]


def test_a_page_says_what_of_it_is_answered(tiny):
    every = tiny.get("every-answer-type")
    values = given(every, ROW_1="NA", ROW_2="received")
    pick, rate = [p for p in routing.pages(every, Side.EOC, values) if p.section.id == "GRID"]
    assert [pick.answered(question, values) for question in pick.questions] == [True, True, False]
    assert [rate.answered(question, values) for question in rate.questions] == [False]


def test_a_page_says_whether_it_decides_what_follows(tiny, product_usefulness, checklist):
    def deciding(questionnaire, party):
        pages = routing.pages(questionnaire, party, {})
        return [page.slug for page in pages if routing.decides_what_follows(questionnaire, page)]

    assert deciding(product_usefulness, RESPONDENT) == ["P", "YEAR", "T"]
    assert deciding(checklist, Side.EOC) == []
    assert deciding(tiny.get("condition-is"), Side.EOC) == ["A"]


def test_no_question_hangs_on_another_of_its_page(product_usefulness):
    """Pages are made by the server: what an answer takes away would stand there until the next one."""
    for page in routing.pages(product_usefulness, RESPONDENT, {}):
        ids = {question.id for question in page.questions}
        for question in page.questions:
            assert not question.applies_when or ids.isdisjoint(question.applies_when.questions())


def test_dual_ratings_count_as_two_where_a_section_is_split(product_usefulness):
    pages = [p for p in routing.pages(product_usefulness, RESPONDENT, {}) if p.section.id == "A"]
    assert [len(page.questions) for page in pages] == [4, 4, 4]
    rows = {f"T_0{n}": "received" for n in range(1, 6)}
    values = given(product_usefulness, **rows)
    pages = [p for p in routing.pages(product_usefulness, RESPONDENT, values) if p.section.id == "T"]
    assert [len(page.questions) for page in pages] == [9, 3, 2]
    assert [page.title for page in pages] == [f"Product types ({n} of 3)" for n in (1, 2, 3)]


# --- the survey of usefulness and quality

NEVER = ["P-01", "P-02", "P-03", "P-05", "S-01", "S-02", "S-03", "S-04", "N-01", "N-02"]
FREQUENCIES = ["", "never", "less_than_monthly", "monthly", "weekly", "daily"]


@pytest.mark.parametrize(("received", "activation"), list(itertools.product(FREQUENCIES, ["", "yes", "no"])))
def test_who_is_asked_what(product_usefulness, received, activation):
    everything = [question.id for question in product_usefulness.questions]
    expected = NEVER if received == "never" else [q for q in everything if q != "U-05" or activation == "yes"]
    assert asked(product_usefulness, P_03=received, P_05=activation) == expected


@pytest.mark.parametrize("activation", ["yes", "no"])
def test_an_answer_to_a_skipped_question_does_not_count(product_usefulness, activation):
    survey = product_usefulness
    everything = {question.id: parse(question, _any_code(question)) for question in survey.questions}
    values = everything | given(survey, P_03="never", P_05=activation)
    assert routing.progress(survey, RESPONDENT, values) == Progress(9, 9)
    assert {page.section.id for page in routing.pages(survey, RESPONDENT, values)} == {"P", "YEAR", "S", "N"}
    assert routing.missing_answers(survey, RESPONDENT, values) == []


def _any_code(question):
    if question.parts:
        return ";".join(f"{part.id}=4" for part in question.parts)
    return answers.choices(question)[0].code if answers.choices(question) else "words"


def test_all_answered_is_complete(product_usefulness):
    values = {q.id: parse(q, _any_code(q)) for q in product_usefulness.questions if q.id != "N-02"}
    values |= given(product_usefulness, P_03="daily", P_05="yes")
    assert routing.missing_answers(product_usefulness, RESPONDENT, values) == []
    assert routing.progress(product_usefulness, RESPONDENT, values) == Progress(41, 41)


def test_no_page_asks_more_than_eight_answers_but_the_one_that_picks(product_usefulness):
    rows = {f"T_0{n}": "received" for n in range(1, 10)}
    values = given(product_usefulness, P_05="yes", **rows)
    for page in routing.pages(product_usefulness, RESPONDENT, values):
        assert page.picks or sum(question.answer_count for question in page.questions) <= 8, page.slug
