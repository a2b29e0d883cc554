"""The network page's pictures: each draws what its table says, and its sentence is true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from questionnaires.library import BUILT_IN, Library
from reports import network_history, network_pictures, network_words
from reports.network import NATION, Numbers, Scope
from reports.network_history import Step
from reports.network_report import BASELINE_2011, NetworkReport, Place, groups_of, nobody, places_in
from reports.scoring import scoring_rules

QUESTIONNAIRE = Library([BUILT_IN]).get("cpg502-checklist")
RULES = scoring_rules(QUESTIONNAIRE)
HIDDEN = {"hidden": "fewer than 5 pairs"}
FULL: Numbers = {"n": 40, "mean": 47.25, "q1": 30.0, "median": 50.5, "q3": 61.75}


def nowhere(scope: Scope) -> None:
    return None


def index(**changes: Any) -> Numbers:
    return FULL | changes


def drawn(figure: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(figure)
    return found


def marks(figure: str) -> dict[str, tuple[Any, Any]]:
    """Words of each mark -> where it stands."""
    return {
        words: (x, y)
        for trace in drawn(figure)["data"]
        if trace.get("hovertext")
        for words, x, y in zip(trace["hovertext"], trace["x"], trace["y"], strict=True)
        if words
    }


# the index


def test_the_spread_draws_what_its_table_says() -> None:
    found = network_pictures.spread(index(), RULES)
    at = {words: x for words, (x, _) in marks(found["figure"]).items()}
    assert at == {
        "First quartile: 30.0 of 100": 30.0,
        "Third quartile: 61.8 of 100": 61.75,
        "Median: 50.5 of 100": 50.5,
        "Mean: 47.3 of 100": 47.25,
    }
    printed = [row[1] for row in found["table"]["rows"][1:]]
    assert sorted(words.split(": ")[1].split(" ")[0] for words in at) == sorted(printed)


def test_hidden_quartiles_are_not_drawn() -> None:
    found = network_pictures.spread(index(q1=None, median=None, q3=None, suppressed=True), RULES)
    assert list(marks(found["figure"])) == ["Mean: 47.3 of 100"]
    assert found["sentence"] == "The mean is 47.3; quartiles need at least 10 pairs."
    assert [row[1] for row in found["table"]["rows"][2:]] == [{"hidden": "fewer than 10 pairs"}] * 3


def test_a_hidden_index_has_no_chart_and_says_so() -> None:
    gone = dict.fromkeys(FULL) | {"suppressed": True}
    found = network_pictures.spread(gone, RULES)
    assert found["figure"] is None
    assert found["sentence"].startswith("The index is hidden")
    assert [row[1] for row in found["table"]["rows"]] == [HIDDEN] * 5


def test_where_nobody_has_an_index_nothing_is_called_hidden() -> None:
    found = network_pictures.spread(nobody(QUESTIONNAIRE)["index"], RULES)
    assert found["figure"] is None
    assert found["sentence"] == "No pair has an index."
    assert [row[1] for row in found["table"]["rows"]] == ["0", None, None, None, None]


def test_quartiles_on_one_number_make_no_range() -> None:
    same = index(q1=50.0, median=50.0, q3=50.0)
    assert network_words.spread(same, RULES) == "The middle half of the pairs stands at 50.0 of 100."


# a center's own place


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ([], ""),
        ([30.0], "Your pair stands in the lowest quarter of the nation."),
        ([30.01], "Your pair stands in the second quarter of the nation."),
        ([50.5], "Your pair stands in the second quarter of the nation."),
        ([61.0], "Your pair stands in the third quarter of the nation."),
        ([99.0], "Your pair stands in the highest quarter of the nation."),
        ([99.0, 70.0], "All 2 of your pairs with an index stand in the highest quarter of the nation."),
        (
            [1.0, 2.0, 99.0],
            "Of your 3 pairs with an index, 2 stand in the lowest and 1 in the highest quarter of the"
            " nation.",
        ),
    ],
)
def test_a_centers_pairs_stand_in_quarters(own: list[float], said: str) -> None:
    assert network_words.place(own, index()) == said


def test_without_quartiles_there_is_no_place() -> None:
    assert network_words.place([50.0], index(q1=None, median=None, q3=None)) == ""


# from cycle to cycle


def trend(previous: float | None, current: float | None, n: int | None = 30) -> Numbers:
    if previous is None or current is None:
        return dict.fromkeys(("n", "previous", "current", "change", "low", "high")) | {"suppressed": True}
    change = current - previous
    found = {"n": n, "previous": previous, "current": current, "change": change}
    return found | {"low": change - 1.0, "high": change + 1.0}


def step(number: int, trend: Numbers | None, reworded: bool = False) -> Step:
    return Step(f"Year {number}", f"Year {number + 1}", ("1.0", "1.1" if reworded else "1.0"), trend)


def test_each_change_is_a_line_of_its_own_and_a_hidden_one_is_a_gap() -> None:
    steps = [
        step(1, trend(40.0, 45.0)),
        step(2, trend(None, None)),
        step(3, trend(46.0, 44.0), reworded=True),
    ]
    found = network_pictures.history(steps, RULES)
    assert found
    figure = drawn(found["figure"])
    assert [trace["y"] for trace in figure["data"]] == [[40.0, 45.0], [46.0, 44.0]]
    assert [[round(x) for x in trace["x"]] for trace in figure["data"]] == [[0, 1], [2, 3]]
    assert figure["layout"]["xaxis"]["ticktext"] == ["Year 1", "Year 2", "Year 3", "Year 4"]
    assert {(note["text"], note["x"]) for note in figure["layout"]["annotations"]} == {
        ("hidden", 1.5),
        ("version 1.0 to 1.1", 2.5),
    }
    assert [(shape["x0"], shape["x1"]) for shape in figure["layout"]["shapes"]] == [(2.5, 2.5)]
    rows = found["table"]["rows"]
    assert rows[0][3:] == ["30", "40.0", "45.0", "+5.0", "+4.0 to +6.0"]
    assert rows[1][3:] == [HIDDEN] * 5
    assert rows[2][2] == "version 1.0 to 1.1"


def test_a_line_stays_inside_the_axis() -> None:
    for ends in ((0.0, 3.0), (98.0, 100.0), (50.0, 50.0)):
        found = network_pictures.history([step(1, trend(*ends))], RULES)
        assert found
        low, high = drawn(found["figure"])["layout"]["yaxis"]["range"]
        assert 0 <= low <= min(ends) <= max(ends) <= high <= 100


def test_without_a_shown_change_there_is_a_table_and_no_chart() -> None:
    found = network_pictures.history([step(1, trend(None, None)), step(2, None)], RULES)
    assert found
    assert found["figure"] is None
    assert found["sentence"] == "No change between two cycles is shown."
    assert found["table"]["rows"][1][3:] == ["0", None, None, None, None]
    assert network_pictures.history([], RULES) is None


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([step(1, None)], "There is no change to show yet."),
        ([step(1, trend(40.0, 45.0))], "is up in 1 of 1 change that is shown."),
        ([step(1, trend(45.0, 45.0))], "is unchanged in 1 of 1 change that is shown."),
        ([step(1, trend(45.0, 45.04))], "is unchanged in 1 of 1 change that is shown."),
        (
            [step(1, trend(45.0, 40.0)), step(2, trend(None, None)), step(3, trend(40.0, 41.0))],
            "is up in 1, down in 1 of 2 changes that are shown; 1 more is hidden.",
        ),
    ],
)
def test_the_sentence_counts_ups_and_downs(steps: list[Step], said: str) -> None:
    assert network_history.sentence(steps).endswith(said)


# the guide


def guidance(fusion_center: Numbers, eoc: Numbers) -> dict[str, Any]:
    places = [Place(8, "CO", "state", 20, 0, 0)]
    report = NetworkReport(
        cycle="c",
        questionnaire=QUESTIONNAIRE,
        released=None,
        scope=Scope(NATION),
        places=places,
        load_pairs=lambda: None,  # type: ignore[arg-type, return-value]
        numbers=nobody(QUESTIONNAIRE) | {"guidance": {"fusion_center": fusion_center, "eoc": eoc}},
        groups=[],
    )
    return network_pictures.guidance(report)


def said(not_seen: int | None, seen: int | None, used: int | None, n: int | None) -> Numbers:
    return {"not_seen": not_seen, "seen_not_used": seen, "used": used, "n": n}


def bars(figure: str) -> dict[tuple[str, float], float]:
    return {
        (trace["name"], y): x
        for trace in drawn(figure)["data"]
        for x, y in zip(trace["x"], trace["y"], strict=True)
    }


def test_the_two_groups_stand_apart_each_with_its_own_base() -> None:
    found = guidance(said(5, 5, 10, 20), said(0, 6, 6, 12))
    shares = bars(found["figure"])
    rows = sorted({row for _, row in shares})
    assert rows[1] - rows[0] == rows[3] - rows[2] == 1
    assert rows[2] - rows[1] > 1.5, "this cycle and 2011 do not look like one series"
    for row in rows:
        assert sum(share for (_, at), share in shares.items() if at == row) == pytest.approx(100)
    assert shares[("Used to plan", rows[0])] == 50
    assert ("Used to plan", rows[2]) not in shares
    assert shares[("Not said by the press", rows[2])] == pytest.approx(100 * 5 / 17)
    labels = drawn(found["figure"])["layout"]["yaxis"]["ticktext"]
    assert labels == ["Fusion centers, 20", "EOCs, 12", "Fusion centers, 17", "EOCs, 31"]


def test_the_counts_of_2011_are_those_of_the_press_and_the_headline_is_not_among_them() -> None:
    found = guidance(said(5, 5, 10, 20), said(0, 6, 6, 12))
    assert [row[1:] for row in found["table"]["rows"][2:]] == [[1, 11, None, 5, 17], [12, 15, None, 4, 31]]
    assert "83" not in json.dumps(found)
    assert BASELINE_2011["headline"] == "more than 83 %"


def test_hidden_counts_are_hatched_and_a_hidden_base_has_no_bar() -> None:
    found = guidance(said(None, 9, None, 20), said(None, None, None, None))
    shares = bars(found["figure"])
    rows = sorted({row for _, row in shares})
    assert len(rows) == 3, "no bar for the EOCs of this cycle"
    assert shares[("Hidden", rows[0])] == pytest.approx(55)
    words = [note["text"] for note in drawn(found["figure"])["layout"]["annotations"]]
    assert words.count("hidden") == 1
    assert found["table"]["rows"][1][1:] == [HIDDEN, HIDDEN, HIDDEN, None, HIDDEN]
    hatched = next(trace for trace in drawn(found["figure"])["data"] if trace["name"] == "Hidden")
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert not any(re.search(r"\d", words) for words in hatched["hovertext"])


def test_where_nobody_answered_it_says_so() -> None:
    found = guidance(said(0, 0, 0, 0), said(1, 2, 3, 6))
    words = [note["text"] for note in drawn(found["figure"])["layout"]["annotations"]]
    assert "nobody has answered" in words


# domains by region


def region(**means: float | None) -> Numbers:
    numbers = nobody(QUESTIONNAIRE)
    for domain in numbers["domains"]:
        mean = means.get(domain["id"], 50.0)
        domain |= {"n": 9, "mean": mean, "gap": None}
        if mean is None:
            domain |= {"n": None, "suppressed": True}
    return numbers | {"index": index()}


def heat(regions: dict[str, Numbers]) -> dict[str, Any]:
    found = network_pictures.region_heat(regions, QUESTIONNAIRE, RULES, lambda scope: f"/{scope.key}")
    assert found
    return found


def test_each_cell_says_its_number_shaded_by_its_band() -> None:
    found = heat({"8": region(REL=79.99, GOV=None), "9": region(REL=80.0)})
    first, second = found["rows"]
    assert first["cells"][0] == {"text": "79", "hidden": False, "level": 3, "higher": None}
    assert second["cells"][0]["level"] == 4
    assert first["cells"][1] == {"text": "hidden", "hidden": True, "level": None, "higher": None}
    assert (first["name"], first["href"]) == ("Region 8", "/region:8")
    assert found["titles"] == [section.title for section in QUESTIONNAIRE.domains]


def test_a_region_without_a_pair_is_empty_and_not_hidden() -> None:
    found = heat({"8": nobody(QUESTIONNAIRE)})
    assert {cell["text"] for cell in found["rows"][0]["cells"]} == {"\u2013"}
    assert not any(cell["hidden"] for cell in found["rows"][0]["cells"])
    assert found["sentence"].startswith("No mean of a region is shown")


def test_a_wide_gap_says_which_side_is_higher() -> None:
    numbers = region()
    numbers["domains"][0]["gap"], numbers["domains"][1]["gap"] = RULES.perception_gap, -RULES.perception_gap
    numbers["domains"][2]["gap"] = RULES.perception_gap - 0.01
    cells = heat({"8": numbers})["rows"][0]["cells"]
    assert [cell["higher"] for cell in cells[:4]] == ["fusion_center", "eoc", None, None]


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        (
            {"8": region(REL=31.0)},
            "The lowest mean shown is 31, in Region 8, Relationship and mutual awareness.",
        ),
        (
            {"8": region(REL=31.0, GOV=None), "9": region(REL=31.0)},
            "The lowest mean shown is 31, in Region 8, Relationship and mutual awareness and 1 more;"
            " 1 of 24 is hidden.",
        ),
    ],
)
def test_the_sentence_names_the_lowest(regions: dict[str, Numbers], said: str) -> None:
    assert heat(regions)["sentence"] == said


def test_who_may_read_no_region_gets_no_map_of_them() -> None:
    assert network_pictures.region_heat({}, QUESTIONNAIRE, RULES, nowhere) is None


# the state map


def state_map(address: Any, means: dict[str, float | None]) -> dict[str, Any]:
    places = [
        Place(8, "CO", "state", 6, 0, 1),
        Place(8, "WY", "state", 1, 1, 0),
        Place(9, "CA", "state", 2, 0, 0),
    ]
    keys = {f"region:{r}": {"index": index(mean=means.get(r), n=7)} for r in ("8", "9")}
    keys |= {f"state:{s}": {"index": index(mean=means.get(s), n=6)} for s in ("CO", "WY", "CA")}
    report = NetworkReport(
        cycle="c",
        questionnaire=QUESTIONNAIRE,
        released=None,
        scope=Scope(NATION),
        places=places_in(places, Scope(NATION)),
        load_pairs=lambda: None,  # type: ignore[arg-type, return-value]
        numbers=nobody(QUESTIONNAIRE),
        groups=groups_of(places, Scope(NATION), keys, None),
    )
    return network_pictures.state_map(report, places, address)


def test_a_tile_leads_to_its_state_where_the_reader_may_read_it() -> None:
    found = state_map(lambda s: f"/{s.value}" if s.value == "CO" else None, {"8": 40.0})
    tiles = drawn(found["figure"])["data"][-1]
    assert dict(zip([text[:2] for text in tiles["text"]], tiles["customdata"], strict=True)) == {
        "CA": None,
        "CO": "/CO",
        "WY": None,
    }
    assert [row[0] for row in found["table"]["rows"]] == ["CA", {"text": "CO", "href": "/CO"}, "WY"]


def test_the_map_says_where_there_are_no_colours() -> None:
    assert "the darker, the higher" in state_map(nowhere, {"8": 40.0})["sentence"]
    plain = state_map(nowhere, {})["sentence"]
    assert "No tile has a colour" in plain
    assert "darker" not in plain


def test_a_mean_of_zero_is_a_mean() -> None:
    found = state_map(nowhere, {"8": 40.0, "CO": 0.0})
    assert [row[-1] for row in found["table"]["rows"]] == ["not shown", "0, the state", "40, the region"]
