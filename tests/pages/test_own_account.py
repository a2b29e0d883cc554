"""My account: where I am signed in, signing out elsewhere, a new password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from assessment.accounts import tries
from tests.conftest import PASSWORD, Browser, Network, email_of

NEW = "quite another battery"


def change(browser: Browser, old: str = PASSWORD, new: str = NEW) -> Any:
    return browser.post("/account/password", {"old": old, "new": new}, form="/account")


def test_it_shows_where_i_am_signed_in_and_nobody_else(network: Network) -> None:
    network.browser("deputy")
    phone, laptop = network.browser("manager"), network.browser("manager")
    page = laptop.get("/account").get_data(as_text=True)
    assert page.count("Last used") == 2
    assert page.count("This browser") == 1
    network.clock.move(hours=9)  # idle for too long
    assert phone.get("/account").status_code == 302


def test_i_can_sign_out_everywhere_but_here(network: Network) -> None:
    phone, laptop, deputy = (network.browser(name) for name in ("manager", "manager", "deputy"))
    assert laptop.post("/account/sign-ins/end", {}, form="/account").status_code == 302
    assert phone.get("/work").status_code == 302
    assert laptop.get("/work").status_code == 200
    assert deputy.get("/work").status_code == 200


def test_a_new_password_ends_every_other_sign_in(network: Network) -> None:
    phone, laptop = network.browser("manager"), network.browser("manager")
    assert change(laptop).status_code == 302
    assert phone.get("/work").status_code == 302
    assert laptop.get("/work").status_code == 200
    again = network.browser()
    assert again.sign_in(email_of("manager")).status_code == 422
    assert again.sign_in(email_of("manager"), NEW).status_code == 302


def test_without_the_old_password_nothing_changes(network: Network) -> None:
    browser = network.browser("manager")
    answer = change(browser, old="not my password")
    assert answer.status_code == 422
    assert "This is not your password" in answer.get_data(as_text=True)
    assert network.browser().sign_in(email_of("manager")).status_code == 302


def test_a_short_new_password_is_refused_and_the_old_one_stays(network: Network) -> None:
    answer = change(network.browser("manager"), new="short")
    assert answer.status_code == 422
    assert "Use at least 12 characters" in answer.get_data(as_text=True)
    assert network.browser().sign_in(email_of("manager")).status_code == 302


def test_whoever_found_an_open_browser_cannot_guess_the_password_there(network: Network) -> None:
    browser = network.browser("manager")
    found = [change(browser, old=f"guess number {number}").status_code for number in range(tries.FREE + 1)]
    assert found == [422] * tries.FREE + [429]


def test_the_demonstration_keeps_its_passwords(network: Network) -> None:
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET demonstration = true"))
    settings = network.app.extensions["tandem.settings"]
    network.app.extensions["tandem.settings"] = replace(settings, demo=True)
    answer = change(network.browser("manager"))
    assert answer.status_code == 409
    assert "keep their password" in answer.get_data(as_text=True)


def test_it_is_written_down(network: Network) -> None:
    browser = network.browser("manager")
    change(browser)
    browser.post("/account/sign-ins/end", {}, form="/account")
    with network.database.reading() as session:
        actions = session.execute(text("SELECT action FROM audit_events ORDER BY id")).scalars().all()
    assert actions == ["signed in", "password changed", "signed out elsewhere"]
