"""What each answer type takes, says and keeps: codes in, rows out, and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import answers
from questionnaires.answers import UNANSWERED, AnswerError, AnswerRow, AnswerStatus, AnswerValue, parse
from questionnaires.definition import AnswerType, Question
from questionnaires.library import BUILT_IN, Library
from tests.questionnaires.conftest import DEFINITIONS

QUESTIONS = [
    *Library([DEFINITIONS]).get("every-answer-type").questions,
    *Library([BUILT_IN]).get("product-usefulness").questions,
    *Library([BUILT_IN]).get("cpg502-checklist").questions[:8],
]
ANSWERED, DO_NOT_KNOW = AnswerStatus.ANSWERED, AnswerStatus.DO_NOT_KNOW
NOT_APPLICABLE, BLANK = AnswerStatus.NOT_APPLICABLE, AnswerStatus.UNANSWERED


@pytest.fixture(scope="module")
def asked(tiny) -> dict[str, Question]:
    return tiny.get("every-answer-type").by_id


def codes_of(question: Question) -> st.SearchStrategy[str]:
    """Every way to answer ``question``, in any order and with any blanks."""
    match question.type:
        case AnswerType.MULTIPLE_CHOICE:
            together = [option.code for option in question.options if not option.alone]
            alone = [option.code for option in question.options if option.alone]
            several = st.lists(st.sampled_from(together), max_size=6).map(" ; ".join)
            return several | st.sampled_from(alone) if alone else several
        case AnswerType.DUAL_RATING | AnswerType.GRID_ROW:
            marks = ["", "NA", "received"] if question.type is AnswerType.GRID_ROW else [""]
            points = [
                st.sampled_from([f"{part.id}={o.code}" for o in answers.part_choices(part)] + [""])
                for part in question.parts
            ]
            both = st.tuples(*points).flatmap(lambda given: st.permutations(given)).map(";".join)
            return both | st.sampled_from(marks)
        case AnswerType.SHORT_TEXT | AnswerType.LONG_TEXT:
            return st.text(max_size=min(question.text_limit, 60))
        case _:
            return st.sampled_from(["", *(option.code for option in answers.choices(question))])


@st.composite
def given_answers(draw) -> tuple[Question, AnswerValue]:
    question = draw(st.sampled_from(QUESTIONS))
    return question, parse(question, draw(codes_of(question)))


@settings(max_examples=600, deadline=None)
@given(given_answers())
def test_every_answer_survives_code_rows_and_files(given):
    question, value = given
    code = answers.code(question, value)
    assert parse(question, code) == value
    assert answers.code(question, parse(question, code)) == code
    assert answers.compose(reversed(answers.rows(value))) == value
    assert answers.from_file(question, dict(answers.file_values(question, value))) in (
        value,
        parse(question, "") if code == "received" else value,  # files have no word for picked but not rated
    )
    assert isinstance(answers.label(question, value), str)
    assert 0 <= answers.given(question, value) <= question.answer_count


@settings(max_examples=300, deadline=None)
@given(given_answers())
def test_rows_are_what_the_table_takes(given):
    rows = answers.rows(given[1])
    assert len({row.part for row in rows}) == len(rows) >= 1
    for row in rows:
        if row.status is ANSWERED:
            assert row.number is not None or row.option is not None or row.text
        else:
            assert row.number is None
            assert row.option is None
        assert len(row.part) <= 40


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(QUESTIONS),
    st.text(max_size=60) | st.sampled_from(["NA", "DK", "received", ";", "=", "a=b"]),
)
def test_whatever_is_posted_is_an_answer_or_a_sentence(question, raw):
    value, message = taken(question, raw)
    if value is None:
        assert message[-1] == "."
        assert len(message) < 400
    else:
        assert parse(question, answers.code(question, value)) == value


def taken(question: Question, raw: str) -> tuple[AnswerValue | None, str]:
    """The answer, or the sentence that refuses it."""
    try:
        return parse(question, raw), ""
    except AnswerError as error:
        return None, error.message


# --- several choices


def test_several_choices_are_a_row_each(asked):
    value = parse(asked["MULTI"], "radio;phone")
    assert value.status is ANSWERED
    assert answers.rows(value) == (
        AnswerRow("phone", ANSWERED, option="phone"),
        AnswerRow("radio", ANSWERED, option="radio"),
    )


def test_their_code_is_in_the_order_of_the_options_however_they_came(asked):
    for raw in ("radio;portal;phone", "phone;portal;radio", " radio ;phone;; portal;phone"):
        assert answers.code(asked["MULTI"], parse(asked["MULTI"], raw)) == "phone;portal;radio"
    assert answers.label(asked["MULTI"], parse(asked["MULTI"], "radio;phone")) == "Telephone; Radio"


def test_no_choice_is_a_blank_with_one_row(asked):
    assert parse(asked["MULTI"], "") == parse(asked["MULTI"], " ; ") == UNANSWERED
    assert answers.rows(UNANSWERED) == (AnswerRow("", BLANK),)


def test_what_stands_alone_goes_with_no_other(asked):
    assert answers.code(asked["MULTI"], parse(asked["MULTI"], "none;none")) == "none"
    with pytest.raises(AnswerError) as caught:
        parse(asked["MULTI"], "phone;none")
    assert caught.value.message == (
        '"None of them" goes with no other answer. Choose it alone, or choose only the others.'
    )


@pytest.mark.parametrize("raw", ["fax", "phone;fax", "NA", "Phone", "phone,radio"])
def test_a_choice_that_is_not_offered_is_refused(asked, raw):
    with pytest.raises(AnswerError, match="Choose of: phone, portal, radio, none, with ; between several"):
        parse(asked["MULTI"], raw)


# --- dual ratings and rows of a grid


def test_a_dual_rating_is_a_row_for_each_part(asked):
    value = parse(asked["DUAL-1"], "performance=DK;importance=3")
    assert answers.rows(value) == (
        AnswerRow("importance", ANSWERED, number=3.0),
        AnswerRow("performance", DO_NOT_KNOW),
    )
    assert answers.code(asked["DUAL-1"], value) == "importance=3;performance=DK"
    assert answers.label(asked["DUAL-1"], value) == "Importance: Essential; Performance: No basis to judge"
    assert answers.file_values(asked["DUAL-1"], value) == (("importance", "3"), ("performance", "DK"))


@pytest.mark.parametrize(
    ("raw", "status", "given"),
    [
        ("", BLANK, 0),
        ("importance=1", BLANK, 1),
        ("importance=1;performance=good", ANSWERED, 2),
        ("importance=DK;performance=DK", DO_NOT_KNOW, 2),
        ("importance=DK;performance=poor", ANSWERED, 2),
        ("importance=;performance=", BLANK, 0),
    ],
)
def test_it_is_answered_when_both_parts_are(asked, raw, status, given):
    value = parse(asked["DUAL-1"], raw)
    assert (value.status, answers.given(asked["DUAL-1"], value)) == (status, given)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            "4",
            '"4" is not an answer to DUAL-1. It has the parts importance=..., performance=..., with ;',
        ),
        ("importance", '"importance" is not an answer to DUAL-1.'),
        (
            "importance=9;performance=good",
            '"9" is not an answer to DUAL-1, part importance. Choose one of: 1, 2, 3, DK;',
        ),
        ("importance=1;performance=3", "part performance. Choose one of: poor, fair, good, DK;"),
        ("weight=1", '"weight=1" is not an answer to DUAL-1.'),
        ("importance=NA;performance=NA", '"NA" is not an answer to DUAL-1, part importance.'),
        ("NA", '"NA" is not an answer to DUAL-1.'),
        ("received", '"received" is not an answer to DUAL-1.'),
    ],
)
def test_a_rating_that_is_not_offered_is_refused_with_its_part(asked, raw, said):
    with pytest.raises(AnswerError) as caught:
        parse(asked["DUAL-1"], raw)
    assert said in caught.value.message


def test_a_row_of_a_grid_is_blank_not_received_received_or_rated(asked):
    row = asked["ROW-1"]
    values = [parse(row, raw) for raw in ("", "NA", "received", "usefulness=2", "usefulness=2;quality=poor")]
    assert [value.status for value in values] == [BLANK, NOT_APPLICABLE, BLANK, BLANK, ANSWERED]
    assert len(set(values)) == 5
    assert [answers.given(row, value) for value in values] == [0, 2, 0, 1, 2]
    assert [answers.label(row, value) for value in values[:2]] == ["Not answered", "Did not receive"]
    assert answers.file_values(row, values[1]) == (("usefulness", "NA"), ("quality", "NA"))
    assert {(r.part, r.status) for r in answers.rows(values[2])} == {
        ("usefulness", BLANK),
        ("quality", BLANK),
    }


def test_what_was_not_received_needs_no_reason_and_has_no_ratings(asked):
    row = asked["ROW-1"]
    assert not answers.needs_reason(parse(row, "NA"))
    for parts in ({"usefulness": "NA", "quality": "NA"}, {"usefulness": "NA"}):
        assert answers.from_file(row, parts) == parse(row, "NA")
    with pytest.raises(AnswerError, match="ROW-1 is rated in one part and NA in the other"):
        answers.from_file(row, {"usefulness": "2", "quality": "NA"})


def test_files_name_the_parts(asked):
    with pytest.raises(AnswerError, match='"importance" is not a part of ROW-1; it has: usefulness, quality'):
        answers.from_file(asked["ROW-1"], {"importance": "2"})
    with pytest.raises(AnswerError, match='"usefulness" is not a part of YESNO; it has: none'):
        answers.from_file(asked["YESNO"], {"usefulness": "2"})
    with pytest.raises(AnswerError, match='"" is not a part of DUAL-1'):
        answers.from_file(asked["DUAL-1"], {"": "2"})


# --- yes or no, how often, words


def test_yes_or_no(asked):
    assert parse(asked["YESNO"], "yes") == AnswerValue(ANSWERED, option="yes")
    assert answers.label(asked["YESNO"], parse(asked["YESNO"], "no")) == "No"
    with pytest.raises(AnswerError, match="Choose one of: yes, no;"):
        parse(asked["YESNO"], "true")


def test_how_often_is_a_point_of_its_own_scale(asked):
    assert parse(asked["OFTEN"], "2") == AnswerValue(ANSWERED, number=2.0)
    assert answers.label(asked["OFTEN"], parse(asked["OFTEN"], "2")) == "Sometimes"
    assert answers.label(asked["OFTEN"], parse(asked["OFTEN"], "DK")) == "Cannot say"


@pytest.mark.parametrize("words", ["NA", "DK", "received", "a;b=c", "0", "<b>", "{{ config }}", "Zoë ✓"])
def test_words_are_words_whatever_they_look_like(asked, words):
    value = parse(asked["LONG"], f"  {words}\r\n")
    assert value == AnswerValue(ANSWERED, text=words)
    assert answers.code(asked["LONG"], value) == answers.label(asked["LONG"], value) == words
    assert answers.note(asked["LONG"], value) == ""


def test_a_short_text_is_on_one_line_and_a_long_one_keeps_its_lines(asked):
    assert parse(asked["SHORT"], " a \r\n b\tc ").text == "a b c"
    assert parse(asked["LONG"], "a\r\n\r\nb\x00").text == "a\n\nb"
    assert parse(asked["LONG"], " \x1b\n") == UNANSWERED


@pytest.mark.parametrize(
    ("question", "length", "shown", "limit"),
    [("SHORT", 21, "21", "20"), ("LONG", 1001, "1,001", "1,000"), ("LONG", 200_000, "200,000", "1,000")],
)
def test_longer_words_are_refused_with_their_length_and_the_limit(asked, question, length, shown, limit):
    with pytest.raises(AnswerError) as caught:
        parse(asked[question], "x" * length)
    assert caught.value.message == (
        f"Your answer has {shown} characters and the limit is {limit}. Please shorten it and save again."
    )


def test_a_text_of_its_limit_is_taken(asked):
    assert len(parse(asked["SHORT"], "é" * 20).text) == 20
    assert len(parse(asked["LONG"], "x" * 1000).text) == 1000


# --- notes


def test_notes_go_with_ratings_and_single_choices_of_the_sides_only(asked, product_usefulness):
    assert {name for name, question in asked.items() if answers.takes_note(question)} == {
        "RATING", "OFTEN", "SINGLE", "YESNO",
    }  # fmt: skip
    assert not any(answers.takes_note(question) for question in product_usefulness.questions)
    with pytest.raises(AnswerError, match="U-03 takes no note"):
        parse(product_usefulness.by_id["U-03"], "4", "hidden words")
    with pytest.raises(AnswerError, match="LONG takes no note"):
        parse(asked["LONG"], "words", "more words")


def test_stored_answers_that_are_not_offered_are_named(asked):
    with pytest.raises(AnswerError, match="'fax' is not one of the answers of MULTI"):
        answers.code(asked["MULTI"], answers.compose([AnswerRow("fax", ANSWERED, option="fax")]))
    with pytest.raises(AnswerError, match=r"9\.0 is not on the scale importance"):
        answers.code(asked["DUAL-1"], answers.compose([AnswerRow("importance", ANSWERED, number=9.0)]))
