"""The sentences of a report are true in every corner and blame nobody."""

import random
import re

import pytest

from reports import sentences
from reports.pair import build
from tests.reports.builder import EOC, FC, frame, question, questionnaire, worked_frame, worked_questionnaire
from tests.reports.random_answers import questionnaire_of, random_answers, random_items
from tests.reports.test_maturity import report_of


def worked(**more):
    return build(worked_questionnaire(), worked_frame(), **more)


def test_the_worked_example_in_three_sentences():
    assert sentences.opening(worked()) == (
        "This relationship stands at 52 of 100: level 2, Partly in place.",
        "Of the 9 items that both sides rated, the answers are the same on 3, close (one apart) on 3 and "
        "apart (two or more) on 3.",
        "Start with ACT-02 (Act on ACT-02), the first of 9 items with a joint score below 3 of 4.",
    )
    assert sentences.domains(worked()) == (
        "Highest is Domain DIS (60 of 100), lowest Domain GOV (48). The widest gap on 3 or more items that "
        "both rated is in Domain DIS: the fusion center stands 38 points higher."
    )
    assert sentences.quadrants(worked()) == (
        "Of 9 items that both sides rated: 2 shared strength; 5 fusion center higher; 1 EOC higher; "
        "1 same, partly in place."
    )


def test_what_held_the_level_back_is_named():
    report = report_of({"A": "4 4 4 4", "B": "2 2 2 2", "C": "0 0 0 0"})
    assert sentences.standing(report) == (
        "This relationship stands at 50 of 100, which is in the band of level 2, Partly in place, but "
        "Domain C keeps it at level 1, Informal."
    )
    report = report_of({"A": "0 0 0 0 4 4 4 4 4 4 4 4 4 4 4", "B": "4", "C": "4"}, {"A": 4})
    assert "but A-0, A-1, A-2 and 2 more keep it at level 3, In place." in sentences.standing(report)


def test_an_index_just_below_a_bound_is_not_rounded_into_the_next_band():
    tokens = " ".join(["3"] * 99 + ["2"] * 1)
    report = report_of({"A": " ".join(["2"] * 60 + ["3"] * 39 + ["2"])})
    assert 59.5 <= report.index < 60
    assert "stands at 59 of 100: level 2" in sentences.standing(report)
    assert "level 3" in sentences.standing(report_of({"A": tokens}))


def test_not_enough_answers():
    report = report_of({"A": "2 DK", "B": "0 DK", "C": "3 3"})
    assert sentences.opening(report) == (
        "There are not enough answers for an index or a level: 1 of 3 domains can be scored, and 3 are "
        "needed.",
        "On all 4 items that both sides rated, the answers are the same.",
        "Find out first about 2 items that apply and have no joint score, beginning with A-1.",
    )


def test_no_shared_rating():
    report = build(questionnaire([question("A-1")]), frame({FC: {"A-1": "3"}, EOC: {"A-1": "DK"}}))
    assert sentences.matrix(report) == (
        "There is no item that both sides rated, so their answers cannot be compared."
    )
    assert sentences.quadrants(report).startswith("There is no item that both sides rated")
    assert sentences.domains(report) == "No domain has enough answers for a score."
    assert sentences.next_step(report) == "Find out first about A-1: it applies and has no joint score."


@pytest.mark.parametrize(
    ("answers", "words"), [("3 3", "the same"), ("3 2", "close (one apart)"), ("4 1", "apart (two or more)")]
)
def test_one_shared_rating(answers, words):
    first, second = answers.split()
    report = build(questionnaire([question("A-1")]), frame({FC: {"A-1": first}, EOC: {"A-1": second}}))
    assert sentences.matrix(report) == f"On the one item that both sides rated, the answers are {words}."


def test_nothing_applies():
    report = report_of({"A": "NA NA"})
    assert sentences.opening(report)[0] == (
        "No item applies to this relationship, so there is no index and no level."
    )
    assert sentences.opening(report)[2] == "No item applies, so there is nothing to improve yet."


def test_all_in_place():
    report = report_of({"A": "4 3", "B": "3 4"})
    assert sentences.next_step(report) == (
        "Every item that applies has a joint score of 3 or more: keep it so."
    )
    assert sentences.domains(report).startswith("All 2 domains with a score stand at 88 of 100.")
    assert "keep it so" not in sentences.next_step(report_of({"A": "4 4 3 DK"}))


def test_equal_gaps_are_all_named():
    report = report_of({"A": "4/2 4/2 4/2", "B": "1/3 1/3 1/3", "C": "2 2 2"})
    assert sentences.domains(report).endswith(
        "The widest gaps on 3 or more items that both rated are in Domain A and Domain B: 50 points each."
    )


def test_a_wide_gap_on_few_items_is_not_the_widest_that_is_named():
    report = report_of({"A": "4/0", "B": "3/2 3/2 3/2"})
    assert "in Domain B: the fusion center stands 25 points higher" in sentences.domains(report)
    report = report_of({"A": "4/0", "B": "3 3 2/3"})
    assert "In no domain do the sides stand 20 points or more apart on 3 or more items" in sentences.domains(
        report
    )


def test_one_side_alone():
    report = worked(submitted=[EOC])
    assert sentences.opening(report) == (
        "This is the profile of the EOC alone: it rated 12 of 13 items.",
        "Highest is Domain DIS (55 of 100), lowest Domain GOV (40).",
        "It takes the answers of both sides to say something about the relationship.",
    )
    for figure in (sentences.matrix, sentences.quadrants):
        assert figure(report) == "It takes the answers of both sides to compare them."


def test_one_side_whose_answers_may_not_be_read():
    report = build(worked_questionnaire(), worked_frame().iloc[:0], submitted=[FC])
    assert sentences.opening(report)[:2] == (
        "One side has submitted its answers.",
        "The other side has not.",
    )
    assert not re.search(r"\d", " ".join(sentences.opening(report)))


def test_nobody_has_submitted():
    assert sentences.opening(worked(submitted=[]))[0] == "Neither side has submitted its answers yet."


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("2 2", "the index is higher by 25 points than in the cycle before"),
        ("3 3", "the index is the same as in the cycle before"),
        ("4 4", "the index is lower by 25 points than in the cycle before"),
    ],
)
def test_trend(before, words):
    items = questionnaire([question("A-1"), question("A-2")])
    cycles = [
        frame({side: dict(zip(("A-1", "A-2"), tokens.split(), strict=True)) for side in (FC, EOC)})
        for tokens in ("3 3", before)
    ]
    report = build(items, cycles[0], previous=cycles[1])
    assert f"On the 2 items in 1 domain scored in both cycles, {words};" in sentences.trend(report)
    assert f"the level was {report.trend.previous_level} then and is 3 now." in sentences.trend(report)
    assert "need not be the difference of the two printed indexes" in sentences.trend(report)


def test_no_trend():
    assert sentences.trend(worked()).startswith("It takes two complete cycles")


def test_own_halves_are_further_along_and_one_fact_is_seen_differently():
    items = [question("A-1", mirror="own"), question("A-2"), question("A-3"), question("A-4", mirror="own")]
    given = {FC: {"A-1": "3", "A-2": "1", "A-3": "2", "A-4": "0"}, EOC: {"A-1": "1", "A-2": "4", "A-3": "2"}}
    rows = build(questionnaire(items), frame(given | {EOC: given[EOC] | {"A-4": "DK"}})).items
    assert [sentences.difference(row) for _, row in rows.iterrows()] == [
        "By their own answers the fusion center is further along: fusion center 3, EOC 1.",
        "The two sides see it differently: fusion center 1, EOC 4.",
        "Both answered 2.",
        "",
    ]


def test_counts_in_sentences_are_those_of_the_report():
    """On random answers every number in the second sentence is what the items say."""
    rng = random.Random(8)
    for _ in range(60):
        items = random_items(rng)
        report = build(questionnaire_of(items), frame(random_answers(rng, items)), submitted=[FC, EOC])
        apart = report.items["difference"].dropna().abs()
        text = sentences.matrix(report)
        for words, count in (
            ("the same", int((apart == 0).sum())),
            (r"close \(one apart\)", int((apart == 1).sum())),
            (r"apart \(two or more\)", int((apart >= 2).sum())),
        ):
            said = re.search(rf"{words} on (\d+)", text)
            if said:
                assert int(said.group(1)) == count
            elif count:
                assert re.search(rf"(On all {count} items|On the one item) .* {words}\.", text)
        for sentence in (*sentences.opening(report), sentences.domains(report), sentences.quadrants(report)):
            assert sentence.endswith(".")
            assert "nan" not in sentence.lower().replace("governance", "")
            assert not re.search(r"overrate|underrate|fault|fail|poor", sentence)
