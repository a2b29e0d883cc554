"""A second calculation, written from the text alone, agrees on random answer sets.

On 120 of them in `make test`, on a thousand in the long form; of trends on 40 and on 200.
"""

import random
from collections import Counter

import pandas as pd
import pytest

from reports.calculation import score_pairs
from reports.pair import build, plain
from tests.reports import reference
from tests.reports.builder import EOC, FC, checklist_like, frame, frames_of
from tests.reports.random_answers import questionnaire_of, random_answers, random_items

SETS = [120, pytest.param(1000, marks=pytest.mark.soak)]
TRENDS = [40, pytest.param(200, marks=pytest.mark.soak)]


def cases(count):
    rng = random.Random(502)
    for number in range(count):
        items = checklist_items() if number % 5 == 0 else random_items(rng)
        sides = rng.choices(((FC, EOC), (FC,), (EOC,), ()), (17, 1, 1, 1))[0]
        yield number, items, random_answers(rng, items, sides)


def checklist_items():
    return [
        (q.id, q.id.split("-")[0], "both" if q.shared else str(q.sides[0]), int(q.weight))
        for q in checklist_like().questions
    ]


def number(value):
    return None if value is None else pytest.approx(float(value), abs=1e-9)


def compare(report, expected, where):
    found = report.to_json()
    for name in ("status", "level", "level_name", "held_back_by"):
        assert found[name] == expected[name], (where, name)
    assert found["index"] == number(expected["index"]), where
    assert list(report.not_known) == expected["not_known"], where
    assert found["agreement"] == {
        k: v if k == "items" else number(v) for k, v in expected["agreement"].items()
    }
    compare_domains(report, found, expected, where)
    compare_items(report, found, expected, where)
    order = [(row["item"], row["priority"]) for row in found["improvements"]]
    assert order == [(item, number(priority)) for item, priority in expected["improvements"]], where
    assert list(report.find_first["item"]) == expected["find_first"], where


def compare_domains(report, found, expected, where):
    for row, wanted in zip(found["domains"], expected["domains"], strict=True):
        assert row["id"] == wanted["id"]
        assert row["reportable"] == wanted["reportable"], (where, row)
        for name in (FC, EOC, "joint", "coverage", "gap"):
            assert row[name] == number(wanted[name]), (where, row, name)
    if report.revealed:
        flags = [bool(row["perception_gap"]) for row in expected["domains"]]
        assert list(report.domains["perception_gap"]) == flags, where
        assert list(report.domains["gap_items"]) == [row["gap_items"] for row in expected["domains"]]


def compare_items(report, found, expected, where):
    for row, wanted in zip(found["items"], expected["items"], strict=True):
        for name in ("id", "state", "discuss", FC, EOC, "joint", "difference"):
            assert row[name] == wanted[name], (where, row, name)
    quadrants = [plain(value) for value in report.items["quadrant"]]
    assert quadrants == [row["quadrant"] for row in expected["items"]], where


@pytest.mark.parametrize("count", SETS)
def test_random_answer_sets(count):
    seen = Counter()
    for place, items, answers in cases(count):
        report = build(questionnaire_of(items), frame(answers), submitted=list(answers))
        expected = reference.report(items, answers)
        compare(report, expected, place)
        seen[expected["status"]] += 1
        seen[f"level {expected['level']}"] += 1
        seen["held back"] += bool(expected["held_back_by"])
        seen["not known"] += bool(expected["not_known"])
        seen["empty domain"] += any(d["coverage"] is None for d in expected["domains"]) and len(answers) == 2
        seen["kappa"] += expected["agreement"]["weighted_kappa"] is not None
    # The comparison is worth something only if the sets reach every corner of the method.
    for corner in ("complete", "insufficient", "one_sided", "not_started", "held back", "not known"):
        assert seen[corner] >= 0.03 * count, seen
    for corner in ("empty domain", "kappa", *(f"level {level}" for level in range(5))):
        assert seen[corner] >= 0.01 * count, seen


@pytest.mark.parametrize("count", TRENDS)
def test_trends_of_random_cycles(count):
    rng = random.Random(2012)
    shown = 0
    for _ in range(count):
        items = random_items(rng)
        before, now = random_answers(rng, items), random_answers(rng, items)
        report = build(questionnaire_of(items), frame(now), previous=frame(before), submitted=list(now))
        expected = reference.change(items, now, before)
        if expected is None:
            assert report.trend is None
            continue
        shown += 1
        found = (report.trend.items, report.trend.domain_count, report.trend.index_change)
        assert found == (*expected[:2], number(expected[2]))
    assert shown >= count / 4


def test_a_batch_equals_its_pairs_one_by_one():
    rng = random.Random(81)
    items = checklist_items()
    questionnaire = checklist_like()
    answers = {
        f"FC-{place:03}": random_answers(rng, items, rng.choices(((FC, EOC), (FC,)), (9, 1))[0])
        for place in range(40)
    }
    batch = score_pairs(questionnaire, frames_of(answers))
    for pair, given in answers.items():
        alone = score_pairs(questionnaire, frames_of({pair: given}))
        for name in ("items", "domains", "pairs"):
            together = getattr(batch, name)
            mine = together[together["pair"] == pair].reset_index(drop=True)
            pd.testing.assert_frame_equal(mine, getattr(alone, name), check_exact=True)
