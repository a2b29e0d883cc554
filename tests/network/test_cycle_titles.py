"""Pages that compare two cycles call the earlier one by its title, never by its code."""

from __future__ import annotations

import html
import json
import re
from datetime import date

import pytest

from tests.conftest import Network
from tests.network.submitting import COLORADO, submit

BEFORE, NOW = "Readiness of winter", "Readiness of spring"


@pytest.fixture
def two_cycles(network: Network) -> Network:
    """The state's pair is complete in both, and lower now."""
    network.open("w-26", title=BEFORE, opens=date(2026, 1, 5))
    submit(network, COLORADO, value=3, cycle="w-26")
    network.open("s-26", title=NOW)
    submit(network, COLORADO, value=1, cycle="s-26")
    return network


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_center_and_a_pair_see_the_title_of_the_cycle_before(two_cycles: Network) -> None:
    browser = two_cycles.browser("director")
    of_center = browser.get("/reports/centers/FC-CO?cycle=s-26").get_data(as_text=True)
    assert f"points since {BEFORE}" in read(of_center)
    assert f"0 higher, 1 lower than in {BEFORE}." in read(of_center)
    assert f"In {BEFORE}</th>" in of_center
    of_pair = browser.get("/reports/pairs/FC-CO/EOC-CO?cycle=s-26").get_data(as_text=True)
    for page, chart in ((of_center, "center-slopes"), (of_pair, "slopes")):
        assert ends_of(page, chart) == ["Readiness of<br>winter", "Readiness of<br>spring"]
        assert "w-26" not in re.sub(r'(href|value)="[^"]*"', "", page)


def read(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)))


def ends_of(page: str, chart: str) -> list[str]:
    """What stands below the two ends of the lines."""
    found = re.search(rf'data-figure="{chart}">.*?"ticktext":\s*\[(.*?)\]', page, re.DOTALL)
    assert found, chart
    ends: list[str] = json.loads(f"[{found[1]}]")
    return ends
