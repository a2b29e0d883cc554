"""What text becomes which answer: four states, none of which is another."""

import itertools

import pytest

from questionnaires import answers
from questionnaires.answers import UNANSWERED, AnswerError, AnswerStatus, AnswerValue, code, label, parse
from questionnaires.definition import AnswerType, Side


@pytest.fixture
def rating(checklist):
    return checklist.by_id["REL-01"]


@pytest.fixture
def choice(checklist):
    return checklist.by_id["GUIDE"]


def test_zero_is_an_answer(rating):
    value = parse(rating, "0")
    assert (value.status, value.number) == (AnswerStatus.ANSWERED, 0.0)
    assert code(rating, value) == "0"
    assert label(rating, value) == "Not started"


def test_the_four_states_are_distinct_and_only_an_answer_has_a_number(rating):
    values = [parse(rating, raw) for raw in ("0", "NA", "DK", "")]
    assert [value.status for value in values] == [
        AnswerStatus.ANSWERED,
        AnswerStatus.NOT_APPLICABLE,
        AnswerStatus.DO_NOT_KNOW,
        AnswerStatus.UNANSWERED,
    ]
    assert [value.number for value in values] == [0.0, None, None, None]
    assert all(one != other for one, other in itertools.combinations(values, 2))


def test_every_answer_of_the_checklist_survives_the_round_trip(checklist):
    for question in checklist.questions:
        for raw in ["", *(option.code for option in answers.choices(question))]:
            assert code(question, parse(question, raw)) == raw


def test_a_rating_offers_its_points_then_the_two_marks(rating, choice):
    assert [option.code for option in answers.choices(rating)] == ["0", "1", "2", "3", "4", "DK", "NA"]
    assert [option.code for option in answers.choices(choice)] == ["not_seen", "seen_not_used", "used"]


def test_a_rating_holds_a_number_and_a_choice_its_code(rating, choice):
    assert parse(rating, "3") == AnswerValue(AnswerStatus.ANSWERED, number=3.0)
    assert parse(choice, "seen_not_used") == AnswerValue(AnswerStatus.ANSWERED, option="seen_not_used")


def test_words_of_each_state(rating, choice):
    words = [label(rating, parse(rating, raw)) for raw in ("4", "NA", "DK", "")]
    assert words == ["Sustained", "Does not apply to us", "We do not know", "Not answered"]
    assert label(choice, parse(choice, "used")) == "We have used it to plan how we work together"


def test_codes_of_a_scale_may_be_its_own(tiny):
    question = tiny.get("no-marks").by_id["A-1"]
    assert parse(question, "often").number == 4.0
    assert code(question, AnswerValue(AnswerStatus.ANSWERED, number=2.5)) == "2.5"


@pytest.mark.parametrize("raw", ["5", "-1", "2.5", "3.0", "na", "dk", "four", "٣", "not_seen", "NaN", "0;1"])
def test_what_is_not_offered_is_refused_with_a_sentence(rating, raw):
    with pytest.raises(AnswerError) as caught:
        parse(rating, raw)
    assert caught.value.message == (
        f'"{raw}" is not an answer to REL-01. Choose one of: 0, 1, 2, 3, 4, DK, NA; or leave it blank.'
    )


@pytest.mark.parametrize("raw", ["NA", "DK", "0", "NOT_SEEN"])
def test_a_choice_takes_only_its_own_codes(choice, raw):
    with pytest.raises(AnswerError, match="Choose one of: not_seen, seen_not_used, used;"):
        parse(choice, raw)


@pytest.mark.parametrize("raw", ["NA", "DK"])
def test_marks_are_refused_where_the_scale_has_none(tiny, raw):
    with pytest.raises(AnswerError, match=r"Choose one of: rarely, 2.5, often;"):
        parse(tiny.get("no-marks").by_id["A-1"], raw)


def test_a_long_wrong_answer_is_not_repeated_in_full(rating):
    with pytest.raises(AnswerError) as caught:
        parse(rating, "x" * 100_000)
    assert len(caught.value.message) < 200


def test_blanks_around_an_answer_do_not_matter(rating):
    assert parse(rating, " 3\n") == parse(rating, "3")
    assert parse(rating, "   ") == UNANSWERED


def test_the_note_is_kept_with_any_state(rating):
    for raw in ("", "3", "NA", "DK"):
        assert parse(rating, raw, "  Roster,\r\nJune\rand July \n").text == "Roster,\nJune\nand July"


def test_invisible_control_characters_go_and_other_letters_stay(rating):
    assert parse(rating, "3", "Zoë\x00\x1b 漢字 ✓\tlist\ud800").text == "Zoë 漢字 ✓\tlist"


def test_a_note_of_2000_characters_is_taken(rating):
    assert len(parse(rating, "3", " " + "é" * 2000 + "\n").text) == 2000


@pytest.mark.parametrize(("length", "shown"), [(2001, "2,001"), (100_000, "100,000")])
def test_a_longer_note_is_refused_with_its_length_and_the_limit(rating, length, shown):
    with pytest.raises(AnswerError) as caught:
        parse(rating, "3", "x" * length)
    assert caught.value.message == (
        f"The note to REL-01 has {shown} characters and the limit is 2,000. Please shorten it and save again."
    )


def test_line_ends_of_windows_count_once(rating):
    assert len(parse(rating, "3", "x\r\n" * 999 + "xx").text) == 2000


def test_a_question_of_the_other_side_is_refused_with_a_sentence(checklist):
    answers.require_asked(checklist.by_id["REL-01"], Side.EOC)
    with pytest.raises(AnswerError) as caught:
        answers.require_asked(checklist.by_id["PLN-04"], Side.FUSION_CENTER)
    assert caught.value.message == "PLN-04 is not asked of the fusion center, only of the EOC. Leave it out."


def test_a_stored_value_off_the_scale_is_named(rating):
    with pytest.raises(AnswerError, match=r"9.0 is not one of the answers of REL-01"):
        code(rating, AnswerValue(AnswerStatus.ANSWERED, number=9.0))


def test_does_not_apply_needs_a_reason(rating):
    assert answers.needs_reason(parse(rating, "NA"))
    assert not answers.needs_reason(parse(rating, "NA", "No EOC in our area"))
    assert not answers.needs_reason(parse(rating, "DK"))


def test_evidence_is_asked_for_from_3_on(rating, choice):
    raws = ("0", "1", "2", "3", "4", "NA", "DK", "")
    assert [raw for raw in raws if answers.asks_evidence(rating, parse(rating, raw))] == ["3", "4"]
    assert not answers.asks_evidence(choice, parse(choice, "used"))


def test_every_answer_type_has_a_handler():
    assert set(answers.HANDLERS) == set(AnswerType)
