"""Whoever looks for a name need not mind capital letters, of whatever alphabet, on either database."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import text

from tests.conftest import Browser, Network

LISTS = [
    ("/people", "Élan Ñandú"),
    ("/centers", "Peñasco Île"),
    ("/pairs", "Peñasco Île"),
    ("/cycles/spring", "Peñasco Île"),
]


@pytest.fixture
def browser(network: Network) -> Browser:
    network.open()
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET name = 'Élan Ñandú' WHERE email LIKE 'staff@%'"))
        session.execute(text("UPDATE centers SET name = 'Peñasco Île' WHERE code = 'EOC-DEN'"))
    return network.browser("admin")


def found(browser: Browser, address: str, words: str) -> str:
    page = browser.get(address, query_string={"text": words})
    assert page.status_code == 200
    return html.unescape(re.sub("<input[^>]*>", "", page.get_data(as_text=True)))


def test_searching_takes_capital_letters_for_small_ones(browser: Browser) -> None:
    for address, name in LISTS:
        for words in (name, name.upper(), name.lower(), name[:4].swapcase()):
            assert name in found(browser, address, words), (address, words)
        for words in ("Elan", "Penasco", "%", "Ñ%", "Ñ_"):  # other letters, and signs of a pattern
            assert name not in found(browser, address, words), (address, words)
