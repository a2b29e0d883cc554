"""AAPOR rates against the example of statistics.md 16; who is partial, also by the one-person rules."""

import random

import pandas as pd
import pytest

from questionnaires import routing
from questionnaires.answers import AnswerRow, AnswerStatus, compose, given
from questionnaires.definition import RESPONDENT
from reports.response_rates import answered_shares, partial_respondents, response_rates
from reports.shown_questions import shown
from tests.reports.survey_answers import SURVEY, frame, person, random_people


def test_the_six_rates_of_the_example():
    found = response_rates(
        complete=120, partial=15, refused=30, non_contact=60, other=5, unknown=20, ineligible=10
    )
    rates = [found.rr1, found.rr2, found.rr3, found.rr4, found.rr5, found.rr6]
    assert [round(rate, 4) for rate in rates] == [0.4800, 0.5400, 0.4816, 0.5418, 0.5217, 0.5870]
    assert found.eligible_share == pytest.approx(0.9583, abs=5e-5)


def test_the_published_simple_rate():
    assert response_rates(complete=284, non_contact=350).rr1 == pytest.approx(0.448, abs=5e-4)


def test_a_chosen_share_of_the_unknown_and_its_ends():
    counts = {"complete": 50, "refused": 20, "unknown": 30}
    assert response_rates(**counts, eligible_share=1.0).rr3 == response_rates(**counts).rr1
    assert response_rates(**counts, eligible_share=0.0).rr3 == response_rates(**counts).rr5


def test_nobody_asked_is_no_rate_and_negative_counts_are_refused():
    assert response_rates(complete=0).rr1 is None
    assert response_rates(complete=0, unknown=4).rr3 is None
    with pytest.raises(ValueError, match="negative"):
        response_rates(complete=5, refused=-1)


def values(answers):
    rows = frame([answers]).groupby("question")
    found = {}
    for question, each in rows:
        found[question] = compose(
            AnswerRow(
                row.part,
                AnswerStatus(row.status),
                None if pd.isna(row.number) else row.number,
                None if pd.isna(row.option) else row.option,
                row.text,
            )
            for row in each.itertuples()
        )
    return found


def test_shown_and_share_are_those_of_the_rules_for_one_person():
    rng = random.Random(16)
    people = random_people(rng, 60, blank=0.5)
    rows = frame(people, rng)
    names = pd.Index([f"R{n}" for n in range(60)])
    visible, shares = shown(SURVEY, rows, names), answered_shares(SURVEY, rows)
    for name, answers in zip(names, people, strict=True):
        asked = routing.applicable_questions(SURVEY, RESPONDENT, values(answers))
        assert [q for q in visible.columns if visible.loc[name, q]] == [q.id for q in asked]
        held = values(answers)
        done = sum(given(q, held[q.id]) for q in asked if q.id in held)
        assert shares[name] == pytest.approx(done / sum(q.answer_count for q in asked))


def test_partial_from_half_of_what_is_shown():
    # Who received nothing is shown P-01, -02, -03, -05, S-01 to -04, N-01 and N-02: ten answers.
    base = {"P_03": "never", "P_01": "eoc", "P_02": "city"}
    people = [
        person(**base, S_01="DK", N_01=("too_many", "other")),  # five
        person(**base, S_01="4"),  # four
        person(**base, S_01="4", O_01="5", A_01=("4", "4")),  # four, the rest was skipped
        person(**base, S_01="4", S_02=""),  # a blank is no answer
    ]
    assert list(partial_respondents(SURVEY, frame(people))) == ["R0"]


def test_a_dual_rating_counts_as_two():
    one = answered_shares(SURVEY, frame([person(A_01=("4", ""))]))["R0"]
    assert answered_shares(SURVEY, frame([person(A_01=("4", "2"))]))["R0"] == pytest.approx(2 * one)
    assert answered_shares(SURVEY, frame([person(T_01=("NA", "NA"))]))["R0"] == pytest.approx(2 * one)
