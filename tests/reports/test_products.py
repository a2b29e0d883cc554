"""The products report: against a plain recomputation, its rules one by one, and readers who subtract."""

import json
import random
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest

from reports.products import EFFECT, NEEDS, SATISFACTION, build, importance_performance
from tests.reports import product_reference
from tests.reports.survey_answers import SURVEY, all_rated, frame, person, random_people

DAY = date(2026, 11, 2)


def report(people, **more):
    return build(SURVEY, frame(people), **({"released": DAY} | more))


def close(expected):
    """The same structure with every float approximate."""
    if isinstance(expected, dict):
        return {key: close(value) for key, value in expected.items()}
    if isinstance(expected, list):
        return [close(value) for value in expected]
    return pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected


@pytest.mark.parametrize("count", [24, pytest.param(300, marks=pytest.mark.soak)])
def test_a_second_calculation_agrees_on_random_surveys(count):
    """In the long form 300 surveys."""
    rng = random.Random(5)
    seen = Counter()
    for _ in range(count):
        floor = rng.choice([5, 10])
        size, eoc, blank = rng.choice([3, 12, 25, 60]), rng.choice([0, 0.15, 0.5]), rng.choice([0, 0.1])
        people = random_people(rng, size, eoc=eoc, blank=blank)
        found = build(SURVEY, frame(people, rng), floor=floor, released=DAY).to_json()
        expected = product_reference.products(people, floor)
        for name in ("headline", "attributes", "product_types", "quality_score", "groups", "difference"):
            assert found[name] == close(expected[name]), name
        assert {k: v for k, v in found["reliability"].items() if k != "omega"} == close(
            expected["reliability"]
        )
        seen["group hidden"] += "suppressed" in found["groups"][0]["usefulness"]
        seen["group shown"] += found["groups"][0]["usefulness"]["top_two"] is not None
        seen["no eoc"] += found["difference"] is None
        seen["all hidden"] += "suppressed" in found["headline"]["usefulness"]
        seen["quality hidden"] += "suppressed" in found["quality_score"]
        seen["alpha"] += found["reliability"]["alpha"] is not None
        seen["types partly hidden"] += 0 < sum("suppressed" in t for t in found["product_types"]) < 9
        json.dumps(found, allow_nan=False)
    for corner in ("group hidden", "group shown", "no eoc", "all hidden", "quality hidden", "alpha"):
        assert seen[corner] >= 2, seen
    assert seen["types partly hidden"] >= 2, seen


def test_the_object_of_the_contract_key_by_key():
    people = [all_rated(O_01="4", O_02="3", P_01="eoc" if n < 12 else "fire_ems") for n in range(30)]
    found = report(people, cycle="2026", fusion_center="FC-CO", invited=60, partials=2).to_json()
    assert list(found) == [
        *("cycle", "fusion_center", "released", "invited", "responded", "response_rate", "headline"),
        *("attributes", "product_types", "quality_score", "reliability", "groups", "difference"),
    ]
    assert (found["cycle"], found["fusion_center"], found["released"]) == ("2026", "FC-CO", "2026-11-02")
    assert (found["invited"], found["responded"]) == (60, 30)
    assert found["response_rate"] == {"definition": "AAPOR RR2", "value": 0.5}
    assert list(found["headline"]) == ["usefulness", "quality"]
    assert list(found["headline"]["usefulness"]) == ["top_two", "n", "low", "high"]
    assert list(found["attributes"][0]) == ["id", "importance", "performance", "n", "quadrant"]
    assert found["product_types"][0] == {"id": "T-01", "usefulness": None, "quality": None, "n": 0}
    assert [group["group"] for group in found["groups"]] == ["eoc", "other"]
    assert found["difference"]["value"] == 0
    assert json.loads(json.dumps(found)) == found


def test_rates_stand_side_by_side_and_an_open_link_has_none():
    people = [person(O_01="4")] * 20
    found = report(people, invited=50, partials=5)
    assert (found.rates.rr1, found.rates.rr2) == (0.3, 0.4)
    for more in ({"open_link": True, "invited": 50}, {}, {"invited": 10}):
        assert report(people, **more).to_json()["response_rate"]["value"] is None
    assert report(people, open_link=True, invited=50).invited is None


def test_six_eoc_officials_beside_others_are_both_hidden():
    people = [person(P_01="eoc", O_01="5")] * 6 + [person(P_01="other", O_01="3")] * 234
    found = report(people).to_json()
    hidden = {"top_two": None, "n": None, "low": None, "high": None, "suppressed": True}
    assert [group["usefulness"] for group in found["groups"]] == [hidden, hidden]
    assert found["difference"] == {"value": None, "low": None, "high": None, "suppressed": True}
    assert found["headline"]["usefulness"]["n"] == 240


def test_who_left_the_profile_blank_is_one_of_the_others():
    people = [person(P_01="eoc", O_01="5")] * 12 + [person(P_01="other", O_01="3")] * 12
    people += [person(O_01="2")] * 3
    shown = [group["usefulness"]["n"] for group in report(people).to_json()["groups"]]
    assert shown == [12, 15]  # 27 in all: nothing is left over


def test_valid_answers_decide_not_members():
    people = [person(P_01="eoc", O_01="5", O_02="DK" if n < 4 else "5") for n in range(12)]
    people += [person(P_01="other", O_01="3", O_02="3")] * 20
    groups = report(people).groups.set_index(["measure", "group"])
    assert not groups.loc["usefulness", "hidden"].any()
    assert groups.loc["quality", "hidden"].all()
    assert report(people).headline.set_index("measure").loc["quality", "no_basis"] == 4


def test_nobody_is_not_hidden_but_nothing():
    found = report([person(P_01="other", O_01="3")] * 15).to_json()
    assert found["groups"][0]["usefulness"] == {"top_two": None, "n": 0, "low": None, "high": None}
    assert found["groups"][1]["usefulness"]["n"] == 15
    assert found["difference"] is None


def test_before_its_release_all_is_hidden_but_completeness():
    people = [all_rated(O_01="4", O_02="3", U_02=("planning",), T_01=("4", "5"))] * 40
    before = build(SURVEY, frame(people), invited=80)
    found = before.to_json()
    assert (found["released"], found["responded"], found["response_rate"]["value"]) == (None, 40, 0.5)
    objects = [*found["headline"].values(), *found["attributes"], *found["product_types"]]
    objects += [found["quality_score"], found["reliability"], found["difference"]]
    objects += [group["usefulness"] for group in found["groups"]]
    for each in objects:
        assert each["suppressed"] is True
        assert {value for key, value in each.items() if key not in ("id", "suppressed")} == {None}
    for rows in (before.ratings, before.distributions, before.choices):
        names = [n for n in rows.select_dtypes("number").columns if n != "number"]
        assert rows["hidden"].all()
        assert rows[names].isna().all(axis=None)


def test_eight_of_twelve_count_for_the_quality_score_and_seven_do_not():
    def rated(count, points):
        return person(**{f"A_{n:02}": ("4", points) for n in range(1, count + 1)})

    people = [rated(12, "4")] * 10 + [rated(8, "2")] * 2 + [rated(7, "1")] * 3
    found = report(people)
    assert found.to_json()["quality_score"] == {"mean": pytest.approx(44 / 12), "n": 12}
    assert found.quality_score.of_100 == pytest.approx(25 * (44 / 12 - 1))


def test_the_twelve_means_never_give_the_few_whom_the_quality_score_leaves_out():
    """The twelve means times their n, less twelve times the score and its n, are the ratings of the rest."""
    few = person(**{f"A_{n:02}": ("4", "1") for n in range(1, 6)})
    for left_out in range(14):
        found = report([all_rated("4")] * 20 + [few] * left_out)
        shown = not found.quality_score.hidden
        assert shown == (left_out == 0 or left_out >= 10)
        if shown:
            rows = found.ratings[found.ratings["part"] == "performance"]
            total = float((rows["mean"] * rows["n"].astype(float)).sum())
            rest = total - 12 * found.quality_score.n * found.quality_score.mean
            assert rest == pytest.approx(5 * left_out)


def test_readers_who_subtract_find_no_small_group():
    """Whole less a shown group, at every mix of group sizes; where all is shown, all parts are large."""
    for eoc in (0, 1, 6, 9, 10, 14):
        for other in (0, 3, 9, 10, 30):
            people = [person(P_01="eoc", O_01="5", O_02="2")] * eoc
            people += [person(P_01="law_enforcement", O_01="3", O_02="4")] * other
            if not people:
                continue
            found = report(people)
            for measure, whole in found.headline.set_index("measure").iterrows():
                parts = found.groups[found.groups["measure"] == measure]
                shown = [int(n) for n in parts["n"].dropna()]
                known = shown + ([] if pd.isna(whole["n"]) else [int(whole["n"])])
                known += [int(whole["n"]) - n for n in shown if not pd.isna(whole["n"])]
                assert all(n == 0 or n >= 10 for n in known), (eoc, other)
                if pd.isna(whole["n"]):
                    assert not [n for n in shown if n]


def test_nothing_shown_rests_on_fewer_than_the_floor():
    rng = random.Random(7)
    for size in (4, 9, 14, 30):
        found = report(random_people(rng, size), floor=7)
        for rows, names in ((found.ratings, ["mean", "top_two", "net"]), (found.choices, ["count", "share"])):
            shown = rows[(rows[names].fillna(0) != 0).any(axis=1)]
            assert (shown["n"] >= 7).all()
            assert (rows["n"].dropna().isin(range(1, 7))).sum() == 0
        for part in ("importance", "performance"):
            rests = found.attributes.loc[found.attributes[part].notna(), f"{part}_n"]
            assert (rests >= 7).all()


def test_a_skipped_answer_counts_nowhere():
    never = all_rated("1", P_03="never", O_01="1", U_03="1", S_05="1", S_01="5", P_05="no", U_05="1")
    people = [all_rated("4", P_03="weekly", O_01="5", U_03="4", S_05="4", S_01="2")] * 10 + [never] * 10
    found = report(people)
    rows = found.ratings.set_index(["question", "part"])["n"]
    assert (rows["O-01", ""], rows["U-03", ""], rows["S-05", ""], rows["S-01", ""]) == (10, 10, 10, 20)
    assert rows["A-01", "performance"] == 10
    assert rows["U-05", ""] == 0
    assert found.quality_score.n == 10
    assert found.responded == 20


def test_effect_satisfaction_and_needs():
    people = [person(U_03="5", O_03="2", N_01=("too_late", "too_many"))] * 9
    people += [person(U_03="2", O_03="4", N_01=("nothing",))] * 11 + [person(U_03="DK")] * 2
    found = report(people)
    assert found.rating(EFFECT)["top_two"] == 9 / 20
    assert found.rating(SATISFACTION)["top_two"] == 11 / 20
    needs = found.chosen(NEEDS)
    assert list(needs["option"][:3]) == ["nothing", "too_late", "too_many"]
    assert list(needs["count"][:3]) == [11, 9, 9]
    assert (needs["n"] == 20).all()  # each person once, however many options
    assert needs["share"].iloc[0] == 0.55


def test_distributions_show_zeros_inside_a_shown_base():
    found = report([person(O_01="4")] * 12)
    rows = found.distributions[found.distributions["question"] == "O-01"]
    assert list(rows["count"]) == [0, 0, 0, 12, 0]
    assert next(iter(rows["label"])) == "Not at all useful"
    assert not rows["hidden"].any()


def test_reliability_needs_ten_complete_cases_whatever_the_floor():
    rng = random.Random(3)
    people = random_people(rng, 7, blank=0) + [person(O_01="4")] * 5
    for each in people[:7]:
        each |= {(f"A-{n:02}", "performance"): str(rng.randint(1, 5)) for n in range(1, 13)}
        each["P-03", ""] = "daily"
    assert report(people, floor=5).to_json()["reliability"] == {"alpha": None, "omega": None, "n": 7}
    assert report(people).to_json()["reliability"]["suppressed"] is True


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (None, ["concentrate_here", "keep_up", "low_priority", "possible_overkill", None]),
        (3.0, ["concentrate_here", "keep_up", "concentrate_here", "keep_up", None]),
    ],
)
def test_quadrants(cut, expected):
    rows = [("a", 5, 2), ("b", 5, 5), ("c", 3, 2), ("d", 3, 5), ("e", 4, np.nan)]
    given = pd.DataFrame(rows, columns=["attribute", "importance", "performance"])
    found = importance_performance(given, cut)
    assert list(found["quadrant"].where(found["quadrant"].notna(), None)) == expected
    pd.testing.assert_frame_equal(found.drop(columns="quadrant"), given)


def test_at_the_line_is_high_also_where_floating_point_falls_short():
    values = [0.1 + 0.2, 0.3, 0.3]
    frame_ = pd.DataFrame({"attribute": list("abc"), "importance": values, "performance": values})
    assert set(importance_performance(frame_)["quadrant"]) == {"keep_up"}
    assert list(importance_performance(frame_.iloc[:0])["quadrant"]) == []


def test_the_order_of_rows_and_the_kind_of_columns_do_not_matter():
    rng = random.Random(5)
    people = random_people(rng, 40)
    rows = frame(people)
    mixed = rows.sample(frac=1, random_state=1).astype(
        dict.fromkeys(("question", "part", "status", "option"), "category")
    )
    numbered = mixed.assign(respondent=mixed["respondent"].str[1:].astype(int))
    one = build(SURVEY, rows, released=DAY).to_json()
    assert build(SURVEY, numbered, released=DAY).to_json() == close(one)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": 6.0}, "6 is not a rating of O-01"),
        ({"status": "maybe"}, "'maybe' is not an answer status"),
        ({"respondent": "R1"}, "Two rows give one answer"),
    ],
)
def test_a_frame_that_is_not_sound_is_refused(change, message):
    rows = frame([person(O_01="4"), person(O_01="5")])
    for name, value in change.items():
        rows.loc[0, name] = value
    with pytest.raises(ValueError, match=message):
        build(SURVEY, rows, released=DAY)


def test_what_is_asked_of_the_floor_and_the_columns():
    with pytest.raises(ValueError, match="at least 5"):
        report([person(O_01="4")], floor=4)
    with pytest.raises(ValueError, match="no column part, option"):
        build(SURVEY, frame([person(O_01="4")]).drop(columns=["part", "option"]))


def test_an_empty_survey_has_a_report():
    found = report([]).to_json()
    assert found["responded"] == 0
    assert found["headline"]["usefulness"]["n"] == 0
    assert found["quality_score"] == {"mean": None, "n": 0}
