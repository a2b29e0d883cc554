"""Two passkeys in a browser: told apart, renamed, and the pages for it usable by everybody."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from assessment.models.factors import Passkey
from tests.browser import axe
from tests.browser.live import Site
from tests.conftest import NOW


def test_a_passkey_is_renamed(site: Site, open_context: Callable[..., BrowserContext]) -> None:
    network = site.network
    context = open_context(site, "manager")  # before there is a second factor to ask for
    context.expect_error("status of 422")  # type: ignore[attr-defined]
    page = context.new_page()
    with network.database.writing() as session:
        for number, name in enumerate(("Blue key", "Office laptop")):
            session.add(
                Passkey(
                    person_id=network.person("manager").id,
                    credential_id=f"key-{number}",
                    public_key=b"x",
                    sign_count=0,
                    transports="",
                    name=name,
                    added_at=NOW,
                )
            )
    page.goto("/account/factors")
    assert axe.violations(page) == []
    page.get_by_role("link", name="Rename").first.click()
    expect(page.get_by_label("Name")).to_have_value("Blue key")
    assert axe.violations(page) == []
    page.get_by_label("Name").fill("office laptop")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("alert")).to_contain_text("You have another passkey of this name")
    assert axe.violations(page) == []
    page.get_by_label("Name").fill("Ring")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("The passkey is called Ring.")).to_be_visible()


def test_the_network_before_the_first_cycle(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "reviewer")
    page.goto("/work")
    page.get_by_role("link", name="Read the network").click()
    expect(page.get_by_role("heading", name="Nothing to read yet")).to_be_visible()
    assert axe.violations(page) == []
