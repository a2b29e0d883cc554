"""The warning before a sign-in ends: in time, by keyboard, over several tabs, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import axe
from tests.browser.live import Site
from tests.conftest import PASSWORD, email_of

SOON = 21_000  # milliseconds after which a page asks first
AGAIN = 62_000  # and after which it has asked again, whatever it knows


def opened(page: Page, address: str = "/account") -> Page:
    """A page whose timers the test moves."""
    page.clock.install()
    page.goto(address)
    return page


def warning(page: Page) -> Locator:
    return page.get_by_role("alertdialog")


def test_before_the_idle_limit_one_key_is_enough_to_stay(site: Site, open_page: Callable[..., Page]) -> None:
    page = opened(open_page(site, "manager"))
    page.clock.fast_forward(SOON)
    expect(warning(page)).to_be_hidden()
    site.network.clock.move(hours=7, minutes=52)
    page.clock.fast_forward(8 * 3600 * 1000)
    expect(warning(page)).to_be_visible()
    expect(warning(page)).to_have_accessible_name("Are you still there?")
    expect(page.locator("#session-words")).to_contain_text("signed out in 8 minutes")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert axe.violations(page) == []
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    site.network.clock.move(hours=7, minutes=40)
    assert page.request.get("/account/time-left").json()["idle"] == 20 * 60


def test_whoever_stays_in_one_tab_stays_in_all(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    first, second = opened(context.new_page()), opened(context.new_page(), "/work")
    site.network.clock.move(hours=7, minutes=55)
    for page in (first, second):
        page.clock.fast_forward(SOON)
        expect(warning(page)).to_be_visible()
    second.get_by_role("button", name="Stay signed in").click()
    expect(warning(second)).to_be_hidden()
    first.clock.fast_forward(2_000)
    expect(warning(first)).to_be_hidden()


def test_a_visit_in_another_tab_is_enough(site: Site, open_context: Callable[..., BrowserContext]) -> None:
    context = open_context(site, "manager")
    page = opened(context.new_page())
    site.network.clock.move(hours=7, minutes=55)
    context.new_page().goto("/work")
    page.clock.fast_forward(SOON)
    page.wait_for_timeout(300)
    expect(warning(page)).to_be_hidden()


def test_at_the_absolute_limit_it_says_that_one_signs_in_again(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(site, "manager")
    for _ in range(3):
        site.network.clock.move(hours=7, minutes=57)
        page.goto("/work")
    opened(page)
    page.clock.fast_forward(SOON)
    expect(warning(page)).to_have_accessible_name("You must sign in again soon")
    expect(page.locator("#session-words")).to_contain_text("ends in 9 minutes and cannot be made longer")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    page.clock.fast_forward(AGAIN)
    page.wait_for_timeout(300)
    expect(warning(page)).to_be_hidden()
    site.network.clock.move(minutes=10)
    page.clock.fast_forward(AGAIN)
    expect(warning(page)).to_have_accessible_name("You are signed out")


def test_what_was_typed_survives_the_end_of_the_sign_in(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "admin")
    context.expect_error("status of 400")  # type: ignore[attr-defined]
    page = opened(context.new_page(), "/people/new")
    page.get_by_label("E-mail").fill("typed@example.gov")
    page.get_by_label("Name", exact=True).fill("Typed Before")
    page.get_by_label("Role").select_option("reviewer")
    page.get_by_text("Region 8", exact=True).click()
    site.network.clock.move(hours=9)
    page.clock.fast_forward(SOON)
    expect(warning(page)).to_have_accessible_name("You are signed out")
    assert axe.violations(page) == []
    with context.expect_page() as new:
        page.get_by_role("link", name="Sign in, in a new tab").click()
    tab = new.value
    tab.get_by_label("E-mail").fill(email_of("admin"))
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    page.clock.fast_forward(AGAIN)
    expect(warning(page)).to_be_hidden()
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_text("Typed Before is invited")).to_be_visible()
    assert site.network.person("typed").regions == {8}


def test_the_warning_fits_the_narrowest_screen(site: Site, open_page: Callable[..., Page]) -> None:
    page = opened(open_page(site, "manager", viewport={"width": 320, "height": 480}))
    site.network.clock.move(hours=7, minutes=55)
    page.clock.fast_forward(SOON)
    box = warning(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_a_connection_nothing_is_said(
    site: Site, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(site, "manager")
    context.expect_error("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]
    page = opened(context.new_page())
    context.set_offline(True)
    page.clock.fast_forward(SOON)
    page.wait_for_timeout(300)
    expect(warning(page)).to_be_hidden()


def test_without_scripts_the_account_page_says_until_when(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "manager", java_script_enabled=False)
    page.goto("/account")
    expect(page.get_by_text("Here you stay signed in until")).to_be_visible()
