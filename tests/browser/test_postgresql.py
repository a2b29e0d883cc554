"""A short visit on PostgreSQL: sign in, answer, see that it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine

from questionnaires.definition import Side
from questionnaires.library import Library
from tests.browser.live import Site, running_site
from tests.browser.paper import Paper
from tests.browser.test_journey import sign_in
from tests.conftest import clear_tables


@pytest.fixture
def postgres_site(tmp_path: Path, postgres_server: str, library: Library) -> Iterator[Site]:
    with running_site(tmp_path, postgres_server, library) as site:
        yield site
    engine = create_engine(postgres_server)
    with engine.begin() as connection:
        clear_tables(connection)
    engine.dispose()


def test_answers_are_saved_on_postgresql_too(postgres_site: Site, open_page: Callable[..., Page]) -> None:
    postgres_site.network.open()
    page = open_page(postgres_site)
    sign_in(page, "manager")
    page.get_by_role("link", name="Start").click()
    paper = Paper(postgres_site, page, Side.EOC)
    paper.choose("GOV-01", "3")
    paper.says("GOV-01", "Saved")
    paper.go_on()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dissemination")
    assert paper.stored() == {"GOV-01": ("answered", 3.0, "")}
