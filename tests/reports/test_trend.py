"""Change since the previous cycle: which items and domains count, and by which rules."""

from dataclasses import replace

import pytest

from questionnaires.definition import Side
from reports.pair import build
from reports.trend import same_items
from tests.reports.builder import EOC, FC, frame, question, questionnaire


def both(**answers):
    """A1="2/3" as answers of the two sides to A-1; a single token is the answer of both."""
    given = {FC: {}, EOC: {}}
    for name, token in answers.items():
        first, _, second = token.partition("/")
        item = f"{name[0]}-{name[1:]}"
        given[FC][item], given[EOC][item] = first, second or first
    return frame(given)


def tiny(version="1.0", **weights):
    names = weights or dict.fromkeys(("A1", "A2", "B1", "B2"), 1)
    items = [question(f"{name[0]}-{name[1:]}", weight=weight) for name, weight in names.items()]
    return questionnaire(items, version=version, domain_coverage=0.5, index_coverage=0.5)


def trend(now, before, **more):
    return build(tiny(), now, previous=before, previous_cycle="2025", **more).trend


def test_change_on_items_with_a_score_in_both_cycles():
    found = trend(both(A1="3", A2="DK", B1="2", B2="2"), both(A1="2", A2="4", B1="1", B2="DK"))
    assert (found.previous_cycle, found.items, found.domain_count) == ("2025", 2, 2)
    assert (found.previous, found.current, found.index_change) == (37.5, 62.5, 25.0)


def test_the_change_is_not_that_of_the_printed_indexes():
    before, now = both(A1="2", A2="4", B1="1", B2="1"), both(A1="3", A2="DK", B1="1", B2="1")
    printed = build(tiny(), now).index - build(tiny(), before).index
    assert printed == 0.0
    assert trend(now, before).index_change == 12.5


def test_a_domain_without_a_common_item_drops_out_of_both():
    found = trend(both(A1="3", A2="3", B1="DK", B2="4"), both(A1="2", A2="2", B1="0", B2="DK"))
    assert (found.items, found.domain_count, found.index_change) == (2, 1, 25.0)
    assert list(found.domains["domain"]) == ["A"]


def test_without_a_common_item_there_is_no_trend():
    assert trend(both(A1="3", A2="DK", B1="3", B2="DK"), both(A1="DK", A2="3", B1="DK", B2="3")) is None


@pytest.mark.parametrize("weak", ["now", "before"])
def test_both_cycles_must_be_complete(weak):
    good, bad = both(A1="3", A2="3", B1="3", B2="3"), both(A1="3", A2="DK", B1="DK", B2="DK")
    bad.loc[bad["question"] == "A-1", "status"] = "do_not_know"
    assert trend(bad if weak == "now" else good, bad if weak == "before" else good) is None


def test_one_sided_cycles_have_no_trend():
    good = both(A1="3", A2="3", B1="3", B2="3")
    assert trend(good, good, submitted=[FC]) is None
    assert trend(good, good, previous_submitted=[EOC]) is None
    assert trend(good, good).index_change == 0.0


def test_later_weights_score_both_cycles():
    now, before = both(A1="4", A2="2", B1="2", B2="2"), both(A1="2", A2="2", B1="2", B2="2")
    later = tiny("1.1", A1=3, A2=1, B1=1, B2=1)
    found = build(later, now, previous=before, previous_questionnaire=tiny()).trend
    assert found.index_change == pytest.approx((100 * 14 / 16 - 50) / 2)


def test_only_items_asked_alike_are_common():
    now, before = tiny("1.1"), tiny()
    section = now.sections[0]
    reworded = replace(section.questions[0], wording=dict.fromkeys(Side, "Something else"))
    now = replace(
        now, sections=(replace(section, questions=(reworded, section.questions[1])), now.sections[1])
    )
    assert same_items(now, before) == ["A-2", "B-1", "B-2"]
    found = build(
        now,
        both(A1="4", A2="3", B1="2", B2="2"),
        previous=both(A1="0", A2="2", B1="2", B2="2"),
        previous_questionnaire=before,
    ).trend
    assert (found.items, found.index_change) == (3, 12.5)


def test_helps_and_actions_may_change():
    now = questionnaire([replace(question("A-1"), action="New", why="New", weight=2)], version="1.1")
    assert same_items(now, questionnaire([question("A-1")])) == ["A-1"]


def test_another_questionnaire_has_no_common_items():
    assert same_items(replace(tiny(), id="other"), tiny()) == []


def test_items_in_another_order_and_with_newcomers():
    before, now = tiny(), tiny("1.1", B2=1, B1=1, C1=1, A2=1, A1=1)
    answers = {"A1": "1", "A2": "2", "B1": "3", "B2": "4"}
    found = build(
        now,
        both(**(answers | {"A1": "2", "C1": "4"})),
        previous=both(**answers),
        previous_questionnaire=before,
    ).trend
    assert (found.items, found.domain_count, found.index_change) == (4, 2, 6.25)


def test_trend_in_json():
    report = build(
        tiny(),
        both(A1="3", A2="3", B1="3", B2="3"),
        previous=both(A1="2", A2="3", B1="3", B2="3"),
        previous_cycle="2025",
    )
    assert report.to_json()["trend"] == {"previous_cycle": "2025", "items": 4, "index_change": 6.25}
    assert report.trend.previous_level == 3
