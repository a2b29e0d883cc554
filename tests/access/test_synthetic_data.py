"""Every page says where there is demonstration data, to those who have signed in and to everybody else."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from assessment.models.cycles import Cycle
from tests.conftest import Network

STRIP = "Synthetic demonstration data."


@pytest.mark.parametrize("name", ["director", "reviewer", None])
def test_pages_say_so_while_a_cycle_holds_some(network: Network, name: str | None) -> None:
    network.open()
    browser = network.browser(name)
    pages = ("/glossary", "/nothing-here", "/account") if name else ("/sign-in", "/nothing-here")
    for synthetic in (False, True, False):
        with network.database.writing() as session:
            session.execute(update(Cycle).values(synthetic=synthetic))
        for path in pages:
            assert (STRIP in browser.get(path).get_data(as_text=True)) is synthetic, path
