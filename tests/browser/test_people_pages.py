"""The person form in a browser: many centers found by typing, by hand without scripts, and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from assessment.directory import services
from tests.accounts.letters import Post
from tests.browser import axe
from tests.browser.live import Site
from tests.conftest import NOW


@pytest.fixture
def full_site(site: Site) -> Site:
    with site.network.database.writing() as session:
        services.seed(session, NOW)
    return site


def test_a_center_is_found_by_typing_and_chosen_by_keyboard(
    full_site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(full_site, "admin")
    page.goto("/people/new")
    page.get_by_label("E-mail").fill("pat@example.gov")
    page.get_by_label("Name", exact=True).fill("Pat Lee")
    page.get_by_label("Role").select_option("manager")
    expect(page.locator("[data-choice] input:visible")).to_have_count(0)
    page.get_by_label("Find a center by name or code").press_sequentially("colorado state")
    expect(page.locator("[data-choice-count]")).to_have_text("1 center fits")
    expect(page.locator("[data-choice]:visible")).to_have_count(1)
    assert axe.violations(page) == []
    page.keyboard.press("Enter")
    page.get_by_label("Colorado State EOC (EOC-CO)").press("Space")
    page.get_by_label("Find a center by name or code").fill("no such center")
    expect(page.locator("[data-choice]:visible")).to_have_count(0)
    page.get_by_label("Find a center by name or code").fill("")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Pat Lee is invited")).to_be_visible()
    assert full_site.network.person("pat").centers == {"EOC-CO"}


def test_without_scripts_and_on_a_phone_groups_are_opened_by_hand(
    full_site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(full_site, "admin", java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.goto("/people/new")
    page.get_by_label("E-mail").fill("pat@example.gov")
    page.get_by_label("Name", exact=True).fill("Pat Lee")
    page.get_by_label("Role").select_option("staff")
    page.get_by_text("EOCs in Region 8").click()
    page.get_by_text("Colorado State EOC (EOC-CO)").click()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Pat Lee is invited")).to_be_visible()
    page.get_by_role("link", name="Pat Lee").click()
    expect(page.get_by_label("Colorado State EOC (EOC-CO)")).to_be_checked()
    expect(page.get_by_label("Colorado State EOC (EOC-CO)")).to_be_visible()


def test_pages_behind_links_are_usable_by_everybody(site: Site, open_page: Callable[..., Page]) -> None:
    admin = site.network.browser("admin")
    fields = {"email": "pat@example.gov", "name": "Pat Lee", "role": "manager", "centers": ["EOC-WY"]}
    assert admin.post("/people/new", fields).status_code == 302
    path = Post(site.network.app).link()
    page = open_page(site)
    page.context.expect_error("status of 4")  # type: ignore[attr-defined]
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for address in (path, "/invitation/" + "a" * 32, "/sign-in/forgot"):
            page.goto(address)
            assert axe.violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto("/sign-in/forgot")
    page.get_by_label("E-mail").fill("pat@example.gov")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    assert axe.violations(page) == []
    page.goto(path)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    assert axe.violations(page) == []
    page.get_by_label("New password").fill("seven green lanterns swing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is set. Sign in with it.")).to_be_visible()
