"""The audit trail and the pages about privacy in a browser: axe, narrow screens, paper, without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from questionnaires.library import Library
from tests.answering_client import Sheet
from tests.browser.live import Site, running_site
from tests.browser.test_every_page import look

PAGES = {  # those with events; the others are the same without, and test_every_page.py looks at them
    "admin": ["/audit", "/audit?who=nobody+is+called+so"],
    "manager": ["/centers/EOC-CO/trail"],
}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Iterator[Site]:
    """A site in which something has happened."""
    folder = tmp_path_factory.mktemp("busy")
    file = folder / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with running_site(folder, f"sqlite:///{file}", library) as site:
        site.network.open()
        Sheet(site.network, "manager", "eoc").fill("2")
        yield site


@pytest.mark.parametrize("person", list(PAGES))
def test_the_pages_are_usable_by_everybody(busy: Site, open_page: Callable[..., Page], person: str) -> None:
    page = open_page(busy, person)
    problems: list[str] = []
    for address in PAGES[person]:
        page.goto(address)
        problems += look(page, address)
    assert not problems, "\n".join(problems)


def test_on_paper_there_is_the_list_and_nothing_to_click(busy: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(busy, "admin")
    page.goto("/audit")
    page.emulate_media(media="print")
    expect(page.get_by_role("cell", name="changed answers").first).to_be_visible()
    expect(page.locator("form.filter")).to_be_hidden()
    expect(page.locator(".usa-button").first).to_be_hidden()


def test_filters_work_by_keyboard_alone(busy: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(busy, "admin")
    page.goto("/audit")
    page.get_by_label("Who", exact=True).focus()
    page.keyboard.type("manager")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{busy.url}/audit?who=manager&action=&about=&since=&until=&origin=")
    expect(page.locator("tbody tr").first).to_contain_text("Manager Example")
    expect(page.locator("tbody")).not_to_contain_text("Admin Example")
