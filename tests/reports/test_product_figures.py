"""Figures of a product survey: colours are the palette's, labels have the room that they need."""

import json

import pandas as pd

from reports import product_figures
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
