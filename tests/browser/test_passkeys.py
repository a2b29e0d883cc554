"""Passkeys in Chromium with a virtual authenticator, at a name: an IP address takes none."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from questionnaires.library import Library
from tests.browser.live import Site, running_site
from tests.browser.test_every_page import look
from tests.conftest import PASSWORD, email_of

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(tmp_path: Path, sqlite_template: Path, library: Library) -> Iterator[Site]:
    """A site that people reach at localhost."""
    file = tmp_path / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with running_site(tmp_path, f"sqlite:///{file}", library) as site:
        yield Site(site.network, f"http://localhost:{urlsplit(site.url).port}")


class Device:
    """A virtual authenticator of one page."""

    def __init__(self, page: Page, **changes: Any) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | changes})
        self.id = made["authenticatorId"]

    @property
    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def take_over(self, credential: dict[str, Any]) -> None:
        """A copy of a passkey of another device."""
        values = {"authenticatorId": self.id, "credential": credential}
        self.cdp.send("WebAuthn.addCredential", values)

    def verify(self, yes: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})


Opened = tuple[Page, Device]


@pytest.fixture
def open_device(open_context: Callable[..., BrowserContext]) -> Callable[..., Opened]:
    def make(site: Site, person: str | None = None, **changes: Any) -> Opened:
        page = open_context(site, person).new_page()
        return page, Device(page, **changes)

    return make


def add(page: Page, name: str = "Office laptop") -> None:
    page.goto("/account/factors")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()


def sign_out(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_passkey_is_added_signs_in_alone_and_is_removed(
    named: Site, open_device: Callable[..., Opened]
) -> None:
    page, device = open_device(named, "manager")
    add(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    (made,) = device.credentials
    assert made["isResidentCredential"]
    assert made["rpId"] == "localhost"
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile("/work$"))
    assert named.text("SELECT method FROM sign_ins") == "passkey"
    page.goto("/account/factors")
    expect(page.get_by_text("Office laptop")).to_contain_text("last used")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed")).to_be_visible()
    page.context.expect_error("422")  # type: ignore[attr-defined]
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey was not accepted").first).to_be_visible()


def test_the_password_and_then_the_passkey_by_keyboard(
    named: Site, open_device: Callable[..., Opened]
) -> None:
    page, _ = open_device(named, "manager")
    add(page)
    page.get_by_role("link", name="I have them").click()
    sign_out(page)
    page.get_by_label("E-mail").fill(email_of("manager"))
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use your passkey").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/work$"))


def test_a_copy_is_found_out_when_both_have_been_used(
    named: Site, open_device: Callable[..., Opened]
) -> None:
    page, device = open_device(named, "manager")
    add(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    copied = device.credentials[0]
    thief, other = open_device(named)
    thief.goto("/sign-in")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile("/work$"))
    assert device.credentials[0]["signCount"] > copied["signCount"]
    other.take_over(copied)
    thief.context.expect_error("422")  # type: ignore[attr-defined]
    thief.get_by_role("button", name="Sign in with a passkey").click()
    expect(thief.get_by_text("This passkey was not accepted").first).to_be_visible()


def test_who_is_not_verified_is_told_and_stays_where_they_are(
    named: Site, open_device: Callable[..., Opened]
) -> None:
    page, device = open_device(named, "manager")
    device.verify(False)
    add(page)
    expect(page.get_by_role("alert").filter(has_text="No passkey was used")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Office laptop")
    device.verify(True)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def test_a_device_takes_one_passkey_of_a_person(named: Site, open_device: Callable[..., Opened]) -> None:
    page, _ = open_device(named, "manager")
    add(page)
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("10 of 10")).to_be_visible()
    add(page, "The same again")
    expect(page.get_by_role("alert").filter(has_text="has a passkey of yours already")).to_be_visible()


def test_without_scripts_an_app_or_a_recovery_code_does(
    named: Site, open_context: Callable[..., BrowserContext]
) -> None:
    page = open_context(named, "manager", java_script_enabled=False).new_page()
    page.goto("/account/factors/passkeys")
    expect(page.get_by_role("button", name="Add the passkey")).not_to_be_visible()
    expect(page.get_by_text("An authenticator app needs none of these")).to_be_visible()
    page.goto("/account/factors/app")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    stranger = open_context(named, java_script_enabled=False).new_page()
    stranger.goto("/sign-in")
    expect(stranger.get_by_role("button", name="Sign in with a passkey")).not_to_be_visible()


def test_at_a_number_the_page_says_where_passkeys_work(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(site, "manager")
    page.goto("/account/factors")
    port = urlsplit(site.url).port
    expect(page.get_by_text(f"They work at http://localhost:{port}.")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_have_count(0)


def test_the_pages_in_between_are_usable_by_everybody(
    named: Site, open_device: Callable[..., Opened]
) -> None:
    """Those that stand at no address of their own, or only for a moment."""
    page, _ = open_device(named, "manager")
    page.goto("/account/factors")
    problems = look(page, "no factors")
    add(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    problems += look(page, "recovery codes")
    page.goto("/account/factors")
    problems += look(page, "factors")
    page.context.expect_error("422")  # type: ignore[attr-defined]
    page.get_by_role("link", name="Rename").click()
    expect(page.get_by_role("heading", name="Name a passkey")).to_be_visible()
    problems += look(page, "name of a passkey")
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    problems += look(page, "name of a passkey, with an error")
    named.network.clock.move(minutes=11)
    page.goto("/account/factors/app")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    problems += look(page, "is it you")
    page.get_by_role("button", name="Go on").click()
    problems += look(page, "is it you, with an error")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Add an authenticator app")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Add the app").click()
    problems += look(page, "app, with an error")
    sign_out(page)
    page.get_by_label("E-mail").fill(email_of("manager"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    problems += look(page, "second factor")
    assert not problems, "\n".join(problems)


def test_recovery_codes_on_paper(named: Site, open_device: Callable[..., Opened]) -> None:
    page, _ = open_device(named, "manager")
    add(page)
    expect(page.get_by_role("button", name="Print the codes")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print the codes")).not_to_be_visible()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    expect(page.locator(".recovery-codes li").last).to_be_visible()
    expect(page.get_by_text("Codes from before are good no more")).to_be_visible()
