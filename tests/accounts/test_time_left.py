"""How long a sign-in lasts: asking is no visit, staying is one, and no sign-in lasts for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from assessment.settings import SettingsError, from_environment
from assessment.sign_in_limits import SignInLimits
from tests.conftest import Browser, Network, email_of

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def left(browser: Browser) -> dict[str, object]:
    found: dict[str, object] = browser.get("/account/time-left").get_json()
    return found


def test_asking_how_long_is_left_is_no_visit(network: Network) -> None:
    browser = network.browser("manager")
    assert left(browser)["idle"] == 8 * 3600
    network.clock.move(hours=7)
    assert (left(browser)["idle"], left(browser)["absolute"]) == (3600, 17 * 3600)
    network.clock.move(hours=1, minutes=1)
    assert left(browser) == {"state": "signed_out"}
    assert browser.get("/work").status_code == 302


@SQLITE
def test_staying_is_a_visit_however_short_ago_the_last_one_was(network: Network) -> None:
    browser = network.browser("manager")
    network.clock.move(minutes=2)
    answer = browser.post("/account/stay", {}, form="/account", headers={"X-Background-Save": "1"}).get_json()
    assert (answer["state"], answer["idle"]) == ("signed_in", 8 * 3600)
    assert answer["absolute"] == 24 * 3600 - 120
    network.clock.move(minutes=3)
    without_scripts = browser.post("/account/stay", {}, form="/account")
    assert (without_scripts.status_code, without_scripts.location) == (302, "/account")


@SQLITE
def test_nobody_stays_signed_in_beyond_the_absolute_limit(network: Network) -> None:
    browser = network.browser("manager")
    for _ in range(4):
        network.clock.move(hours=5, minutes=58)
        assert browser.get("/work").status_code == 200
    assert left(browser)["absolute"] == 480
    network.clock.move(minutes=8)
    assert left(browser) == {"state": "signed_out"}


@SQLITE
def test_staying_needs_a_form_of_ours_and_a_sign_in(network: Network) -> None:
    browser = network.browser("manager")
    headers = {"X-Background-Save": "1"}
    assert browser.client.post("/account/stay", base_url="http://localhost").status_code == 400
    stranger = network.browser()
    token = stranger.token("/sign-in")
    answer = stranger.client.post(
        "/account/stay", data={"csrf_token": token}, base_url="http://localhost", headers=headers
    )
    assert (answer.status_code, answer.get_json()["state"]) == (401, "signed_out")
    assert left(stranger) == {"state": "signed_out"}


@SQLITE
def test_the_limits_are_those_of_the_settings(network: Network, make_app: Callable[..., Flask]) -> None:
    limits = SignInLimits(timedelta(minutes=20), timedelta(hours=2))
    browser = Browser(make_app(sign_in_limits=limits).test_client())
    browser.sign_in(email_of("manager"))
    assert (left(browser)["idle"], left(browser)["absolute"], left(browser)["warn"]) == (1200, 7200, 400)
    network.clock.move(minutes=3)
    browser.get("/work")
    assert left(browser)["idle"] == 1200, "a short limit is kept more exactly than to five minutes"
    network.clock.move(minutes=20)
    assert browser.get("/work").status_code == 302


@SQLITE
def test_the_account_page_says_until_when(network: Network) -> None:
    page = network.browser("manager").get("/account").get_data(as_text=True)
    assert 'datetime="2026-06-16T16:00:00+00:00"' in page
    assert 'datetime="2026-06-16T00:00:00+00:00"' in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TANDEM_IDLE_MINUTES", "14", "a whole number from 15 to 1440"),
        ("TANDEM_IDLE_MINUTES", "never", "a whole number from 15 to 1440"),
        ("TANDEM_SESSION_HOURS", "0", "a whole number from 1 to 168"),
        ("TANDEM_SESSION_HOURS", "4", "longer than TANDEM_SESSION_HOURS allows"),
    ],
)
def test_limits_that_make_no_sense_stop_the_start(tmp_path: object, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        from_environment({"TANDEM_INSTANCE": str(tmp_path), name: value})


def test_the_limits_are_read_from_the_environment(tmp_path: object) -> None:
    said = {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_IDLE_MINUTES": "30", "TANDEM_SESSION_HOURS": "12"}
    limits = from_environment(said).sign_in_limits
    assert (limits.idle, limits.absolute) == (timedelta(minutes=30), timedelta(hours=12))
