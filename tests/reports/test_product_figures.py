"""Figures of a product survey: colours are the palette's, labels have the room that they need."""

import json

import pandas as pd
import pytest

from reports import product_figures
from reports.product_tables import CHANGE, COUNT, MEAN, POINTS, SHARE, Column, ResultTable, in_words
from reports.product_trend import Change
from tests.reports.page_states import ROOT

PALETTE = json.loads((ROOT / "assets/palette.json").read_text(encoding="utf-8"))
LINE = 18  # px that a line of a label takes on a page, at least


def test_colours_are_those_of_the_palette():
    assert list(product_figures.DIVERGING) == PALETTE["gap"][1:6]
    assert PALETTE["gap"][5] == product_figures.BAR


def choices(label: str) -> pd.DataFrame:
    rows = [{"label": label, "share": 0.5, "count": 10, "n": 20, "hidden": False}] * 8
    return pd.DataFrame(rows)


def test_rows_are_as_high_as_their_longest_label():
    long = "A tear line or a version that can be shared with everybody in the center"
    layout = product_figures.chosen(choices(long)).layout
    lines = layout.yaxis.ticktext[0].count("<br>") + 1
    assert lines == 3
    assert layout.height - product_figures.chosen(choices("Short")).layout.height >= 8 * (lines * LINE - 40)


def test_on_paper_a_label_has_one_line_and_the_chart_is_lower():
    layout = product_figures.chosen(choices("A tear line or a version that can be shared")).layout
    paper = layout.meta["paper"]
    assert [title.count("<br>") for title in layout.yaxis.ticktext] == [1] * 8
    assert [title.count("<br>") for title in paper["yaxis.ticktext"]] == [0] * 8
    assert 8 * LINE < paper["height"] < layout.height


def test_a_change_is_marked_in_points():
    change = Change("O-01", "", "share", "newcombe", 0.3, 0.5, 40, 50, 0.2, 0.001, 0.38)
    (trace,) = product_figures.changes([change]).data
    assert trace.hovertext == ("Change: +20.0\xa0points (+0.1 to +38.0\xa0points)",)


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (0.495, SHARE, "49.5\xa0%"),
        (0.71, POINTS, "+71.0\xa0points"),
        (-0.141, POINTS, "−14.1\xa0points"),
        (-0.0001, POINTS, "0.0\xa0points"),
        (0.125, CHANGE, "+0.13"),
        (3.335, MEAN, "3.34"),
        (1234, COUNT, "1,234"),
        (None, SHARE, None),
    ],
)
def test_numbers_in_words(value, kind, words):
    assert in_words(value, kind) == words


def test_both_ends_of_an_interval_stand_in_one_column():
    columns = (Column("a", "What"), Column("low", "Interval from", POINTS), Column("high", "to", POINTS))
    rows = (
        {"a": "x", "low": -0.354, "high": 0.096, "hidden": False},
        {"a": "y", "low": None, "high": None, "hidden": True},
        {"a": "z", "low": None, "high": None, "hidden": False},
    )
    page = ResultTable("t", "T", columns, rows).for_page()
    assert [column["label"] for column in page["columns"]] == ["What", "95\xa0% interval"]
    assert page["rows"] == [["x", "−35.4 to +9.6\xa0points"], ["y", "Hidden"], ["z", None]]
