"""Figures hold what the frames hold, nothing a user wrote becomes markup, and colours are the palette's."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from reports import figure_style, figures, pair_rows
from reports.pair import build
from tests.reports.builder import EOC, FC, question, questionnaire, worked_frame, worked_questionnaire
from tests.reports.page_states import CHECKLIST, ROOT, checklist_answers

PALETTE = json.loads((ROOT / "assets/palette.json").read_text(encoding="utf-8"))
HOSTILE = '<img src=x onerror=alert(1)> & <a href="javascript:1">x</a> </script>'


@pytest.fixture(scope="module")
def report():
    return build(CHECKLIST, checklist_answers(), previous=checklist_answers(seed=7), previous_cycle="2025")


def drawn(figure) -> dict:
    return json.loads(figures.as_json(figure))


def trace(figure, name) -> dict:
    return next(found for found in drawn(figure)["data"] if found.get("name") == name)


def texts(value) -> list[str]:
    """Every string in a figure's JSON."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in texts(part)]


def test_colours_are_those_of_the_palette():
    assert list(figure_style.LEVELS) == PALETTE["level"]
    assert list(figure_style.LEVEL_TEXT) == PALETTE["level_text"]
    assert PALETTE["side"] == figure_style.SIDE_COLOURS
    assert tuple(PALETTE["text"][name] for name in ("ink", "muted", "inverse")) == (
        figure_style.INK,
        figure_style.MUTED,
        figure_style.INVERSE,
    )
    surface = PALETTE["surface"]
    ours = (figure_style.PAGE, figure_style.SOFT, figure_style.LINE, figure_style.STRONG_LINE)
    assert ours == tuple(surface[name] for name in ("page", "soft", "line", "strong_line"))


def test_no_colour_is_drawn_that_the_palette_does_not_have(report):
    known = set(re.findall(r"#[0-9a-f]{6}", json.dumps(PALETTE)))
    drawings = [
        figures.dumbbell(report.domains, report.rules),
        figures.profile(report.domains, FC, report.rules),
        figures.answer_matrix(report.answer_matrix),
        figures.slopes(report.trend, "2025", "2026", report.rules),
    ]
    used = {text for figure in drawings for text in texts(drawn(figure)) if text.startswith("#")}
    assert used
    assert used <= known


def test_dumbbell_marks_stand_where_the_frame_says(report):
    figure = figures.dumbbell(report.domains, report.rules)
    for name, column in (("Fusion center", FC), ("EOC", EOC)):
        assert trace(figure, name)["x"] == pytest.approx(list(report.domains[column]))
    assert list(drawn(figure)["layout"]["yaxis"]["tickvals"]) == list(range(len(report.domains)))
    low, high = drawn(figure)["layout"]["yaxis"]["range"]
    assert low > high, "the first domain is on top"


def test_a_side_without_a_score_and_a_joint_score_that_does_not_count_are_not_drawn():
    report = build(worked_questionnaire(domain_coverage=0.85), worked_frame())
    domains = report.domains.assign(eoc=[np.nan, 55.0, 50.0])
    figure = figures.dumbbell(domains, report.rules)
    assert trace(figure, "EOC")["x"] == [None, 55.0, 50.0]
    assert trace(figure, "Joint score")["x"][0] is None, "GOV has a coverage of 5/6"
    assert trace(figure, "Joint score")["x"][1] == pytest.approx(60.41666667)
    bars = [x for found in drawn(figure)["data"] if found["mode"] == "lines" for x in found["x"]]
    assert 62.5 not in bars, "no bar where one end is missing"
    assert [a["y"] for a in drawn(figure)["layout"]["annotations"] if a["text"] == "not enough answers"] == [
        0
    ]


def test_bars_of_wide_gaps_are_set_apart():
    report = build(worked_questionnaire(), worked_frame())
    thin, wide = (found for found in drawn(figures.dumbbell(report.domains, report.rules))["data"][:2])
    assert wide["line"]["width"] > thin["line"]["width"]
    assert wide["y"] == [0, 0, None, 1, 1, None], "GOV and DIS are flagged"
    assert thin["y"] == [2, 2, None]


def test_bands_are_those_of_the_rules(report):
    shapes = drawn(figures.dumbbell(report.domains, report.rules))["layout"]["shapes"]
    assert [(s["x0"], s["x1"]) for s in shapes] == [(0, 20), (20, 40), (40, 60), (60, 80), (80, 100)]


def test_the_matrix_counts_items_and_leaves_empty_cells_empty(report):
    figure = drawn(figures.answer_matrix(report.answer_matrix))
    cells = [[count or 0 for count in row] for row in figure["data"][0]["z"]]
    assert cells == report.answer_matrix.to_numpy().tolist()
    labels = {(a["y"], a["x"]): a["text"] for a in figure["layout"]["annotations"]}
    assert sum(map(int, labels.values())) == report.agreement.items
    heavy = [s for s in figure["layout"]["shapes"] if s["line"]["width"] == 3]
    assert [(s["x0"], s["y0"]) for s in heavy] == [(n - 0.5, n - 0.5) for n in range(5)]


def test_counts_can_be_read_on_every_shade():
    def contrast(first, second):
        light = sorted(figure_style._luminance(figure_style._channels(c)) for c in (first, second))
        return (light[1] + 0.05) / (light[0] + 0.05)

    for place, level in enumerate(figure_style.LEVELS):
        assert contrast(figure_style.text_on(place / 4), level) >= 4.5


def test_slopes_lead_from_then_to_now_and_labels_keep_apart(report):
    figure = drawn(figures.slopes(report.trend, "2025", "2026", report.rules))
    assert figure["layout"]["xaxis"]["ticktext"] == ["2025", "2026"]
    ends = {}
    for found in figure["data"][:-1]:
        for start in range(0, len(found["y"]), 4):
            ends[found["hovertext"][start].split(":")[0]] = tuple(found["y"][start : start + 2])
    for row in report.trend.domains.to_dict("records"):
        assert ends[row["domain"]] == pytest.approx((row["previous"], row["current"]))
    assert figure["data"][-1]["y"][:2] == pytest.approx([report.trend.previous, report.trend.current])
    low, high = figure["layout"]["yaxis"]["range"]
    places = sorted(a["y"] for a in figure["layout"]["annotations"])
    step = (high - low) * 20 / 520
    assert min(np.diff(places)) >= step - 1e-9
    assert places[0] >= low
    assert places[-1] <= high + 1e-9


def test_the_profile_of_one_side_reads_no_other_column(report):
    own = report.domains[["title", EOC]]
    assert figures.as_json(figures.profile(own, EOC, report.rules)) == figures.as_json(
        figures.profile(report.domains, EOC, report.rules)
    )
    figure = drawn(figures.profile(report.domains, EOC, report.rules))
    assert [found["name"] for found in figure["data"]] == ["EOC"]
    assert "Fusion" not in json.dumps(figure)


def test_titles_of_users_stay_text(report):
    domains = report.domains.assign(title=HOSTILE, reportable=False)
    trend = report.trend
    hostile = type(trend)(
        HOSTILE, trend.items, trend.domain_count, 40.0, 50.0, 10.0, 1, trend.domains.assign(domain=HOSTILE)
    )
    drawings = [
        figures.dumbbell(domains, report.rules),
        figures.profile(domains, FC, report.rules),
        figures.slopes(hostile, HOSTILE, HOSTILE, report.rules),
        figures.answer_matrix(pd.DataFrame([[1]], index=[HOSTILE], columns=[HOSTILE])),
    ]
    for figure in drawings:
        for text in texts(drawn(figure)):
            assert re.findall(r"<(?!br>)", text) == [], text


def test_labels_say_letter_by_letter_what_was_written():
    assert html.unescape(figure_style.plain(HOSTILE)) == HOSTILE
    assert figure_style.plain("a\x00b\u202ec\nd") == "abc d"
    assert figure_style.wrapped("") == ""
    assert len(figure_style.wrapped("word " * 99).split("<br>")) == 3


def test_figures_bring_no_template_and_no_encoded_arrays(report):
    text = figures.as_json(figures.dumbbell(report.domains, report.rules))
    assert "template" not in json.loads(text)["layout"]
    assert "bdata" not in text
    assert "NaN" not in text


def numbers(table, column) -> list[float | None]:
    return [
        None if not re.match(r"[+−\d]", str(row[column])) else float(str(row[column]).replace("−", "-"))
        for row in table["rows"]
    ]


def test_each_table_says_what_its_figure_draws(report):
    figure, table = figures.dumbbell(report.domains, report.rules), pair_rows.domain_table(report)
    for column, name in ((1, "Fusion center"), (2, "EOC"), (3, "Joint score")):
        assert numbers(table, column) == pytest.approx(trace(figure, name)["x"], abs=0.1)
    own = pair_rows.own_domain_table(report, EOC)
    assert numbers(own, 1) == pytest.approx(list(report.domains[EOC]), abs=0.1)
    matrix = [row[1:] for row in pair_rows.matrix_table(report)["rows"]]
    assert matrix == report.answer_matrix.to_numpy().tolist()
    change = pair_rows.trend_table(report)
    assert numbers(change, 4)[:-1] == pytest.approx(list(report.trend.domains["change"]), abs=0.1)
    assert numbers(change, 4)[-1] == pytest.approx(report.trend.index_change, abs=0.1)


def test_numbers_never_cross_a_bound():
    """59.97 is no 60: 1,000 items of which the last hardly matters."""
    items = [question("DOM-01", weight=1000), question("DOM-02", weight=2)]
    asked = questionnaire(items)
    rows = [(side, "DOM-01", "answered", 2.4) for side in (FC, EOC)]
    report = build(
        asked,
        pd.DataFrame(
            [*((s, q, st, 2.0) for s, q, st, _ in rows)], columns=["side", "question", "status", "number"]
        ),
    )
    domains = report.domains.assign(fusion_center=59.97, eoc=19.96, joint=79.99, reportable=True, gap=19.97)
    shown = pair_rows.domain_table(type("R", (), {"domains": domains, "rules": report.rules})())["rows"][0]
    assert shown[1:5] == ["59.9", "19.9", "79.9", "+19.9"]
    hover = texts(drawn(figures.dumbbell(domains, report.rules)))
    assert "Domain DOM: Fusion center 59.9 of 100" in hover
    assert "\u00a059" in texts(drawn(figures.profile(domains, FC, report.rules)))
