"""Whoever acts for no center is led on from the page of their work by one step."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Network


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "address", "words"),
    [("reviewer", "/reports/network", "Read the network"), ("admin", "/cycles", "See the cycles")],
)
def test_the_next_step(network: Network, name: str, address: str, words: str) -> None:
    browser = network.browser(name)
    page = browser.get("/work").get_data(as_text=True)
    main = page.split("<main")[1].split("</main>")[0]
    buttons = re.findall(r'<a class="usa-button" href="([^"]+)">([^<]+)</a>', main)
    assert buttons == [(address, words)]
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_before_the_first_cycle_the_network_says_that_there_is_nothing_yet(network: Network) -> None:
    browser = network.browser("reviewer")
    page = browser.get("/reports/network")
    assert page.status_code == 200
    assert "Nothing to read yet" in page.get_data(as_text=True)
    assert browser.get("/reports/network?cycle=spring").status_code == 404
    network.open()
    assert "Nothing to read yet" not in browser.get("/reports/network").get_data(as_text=True)
