"""The sentences of the network page hold for none, one, all, ties and hidden numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from questionnaires.library import BUILT_IN, Library
from reports import network_words
from reports.network import NATION, Scope
from reports.network_report import NetworkReport, groups_of, nobody, not_released, places_of

QUESTIONNAIRE = Library([BUILT_IN]).get("cpg502-checklist")


def report(statuses: list[str], released: bool = True, **numbers: Any) -> NetworkReport:
    pairs = pd.DataFrame({"status": statuses, "region": 8, "state": "CO", "eoc_level": "state"})
    places = places_of(pairs)
    start = nobody(QUESTIONNAIRE) if released else not_released(QUESTIONNAIRE)
    scope = Scope(NATION)
    return NetworkReport(
        cycle="c",
        questionnaire=QUESTIONNAIRE,
        released=date(2026, 3, 1) if released else None,
        scope=scope,
        places=places,
        load_pairs=lambda: pairs,
        numbers=start | numbers,
        groups=groups_of(places, scope, {}, []),
    )


def index(n: int | None, mean: float | None) -> dict[str, Any]:
    return {"n": n, "mean": mean, "median": None, "q1": None, "q3": None}


DONE, HALF, NONE = "complete", "one_sided", "not_started"


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ([DONE], "The one pair has answered on both sides."),
        ([DONE, DONE], "All 2 pairs have answered on both sides."),
        ([NONE], "The one pair has not answered on both sides."),
        ([NONE, HALF], "None of 2 pairs have answered on both sides; 1 more waits for one side."),
        ([DONE, HALF, HALF], "1 of 3 pairs has answered on both sides; 2 more wait for one side."),
        ([DONE, DONE, NONE], "2 of 3 pairs have answered on both sides."),
    ],
)
def test_who_has_answered(statuses: list[str], sentence: str) -> None:
    assert network_words.opening(report(statuses))[0] == sentence


def test_before_the_release_there_is_no_number() -> None:
    first, second, third = network_words.opening(report([DONE, NONE, HALF], released=False))
    assert first.startswith("1 of 3 pairs has answered")
    assert second.startswith("Numbers are released when the cycle closes")
    assert third == "Next: remind the 2 pairs that still have a side to come."
    assert network_words.opening(report([DONE], released=False))[2].startswith("Nothing is left to do")


@pytest.mark.parametrize(
    ("statuses", "found", "trend", "words"),
    [
        ([NONE], index(0, None), None, "no numbers"),
        ([DONE] * 3, index(None, None), None, "are hidden"),
        ([DONE] * 6, index(6, 59.97), None, "is 59.9 of 100 over 6 pairs."),
        ([DONE] * 6, index(6, 50.0), {"change": 2.44, "n": 5}, "up 2.4 points in the 5 pairs"),
        ([DONE] * 6, index(6, 50.0), {"change": -2.44, "n": 5}, "down 2.4 points in the 5 pairs"),
        ([DONE] * 6, index(6, 50.0), {"change": 0.0, "n": 5}, "unchanged in the 5 pairs"),
        ([DONE] * 6, index(6, 50.0), {"change": None, "n": None}, "over 6 pairs."),
    ],
)
def test_where_the_network_stands(statuses: list[str], found: Any, trend: Any, words: str) -> None:
    assert words in network_words.opening(report(statuses, index=found, trend=trend))[1]


def test_what_comes_next_is_the_lowest_item_with_its_action() -> None:
    items = [
        {"id": "REL-01", "n": 9, "mean": 2.0, "difference": 0.0},
        {"id": "REL-02", "n": 9, "mean": 1.0, "difference": 0.0},
        {"id": "REL-03", "n": None, "mean": None, "difference": None, "suppressed": True},
    ]
    sentence = network_words.opening(report([DONE] * 9, index=index(9, 40.0), items=items))[2]
    assert sentence.startswith("Next: the lowest common item, REL-02, has a mean of 1.0 of 4.")
    assert QUESTIONNAIRE.by_id["REL-02"].action.rstrip(".") in sentence


def level(number: int, count: int | None) -> dict[str, Any]:
    return {"level": number, "name": "x", "count": count}


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([0, 0, 0], "The counts by level are hidden or not there yet."),
        ([None, None, 0], "The counts by level are hidden or not there yet."),
        ([7, 0, 6], "Of the counts shown, the largest is 7 pairs at level 0."),
        ([7, 7, 0], "Of the counts shown, the largest is 7 pairs at level 0 and level 1."),
        ([7, None, None], "Of the counts shown, the largest is 7 pairs at level 0; 2 counts are hidden."),
    ],
)
def test_levels_in_words(counts: list[int | None], sentence: str) -> None:
    numbers = [level(place, count) for place, count in enumerate(counts)]
    assert network_words.levels(report([DONE] * 13, levels=numbers)) == sentence


def domain(name: str, gap: float | None) -> dict[str, Any]:
    return {"id": name, "gap": gap, "mean": 50.0, "n": 9}


def test_the_widest_gap_says_which_side_sees_it_better() -> None:
    gaps = network_words.wide_gaps(report([DONE], domains=[domain("REL", 3.0), domain("GOV", -20.0)]))
    assert "where the EOCs rate 20.0 points higher" in gaps
    none = network_words.wide_gaps(report([DONE], domains=[domain("REL", None)]))
    assert none == "No domain shows both sides' means."
    same = network_words.wide_gaps(report([DONE], domains=[domain("REL", 0.0)]))
    assert same == "Both sides see every shown domain the same on average."
