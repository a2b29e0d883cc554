"""Changing second factors: who is asked again, what ends, who is told; where one is required."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from assessment.accounts import tries
from assessment.settings import SettingsError, from_environment
from tests.accounts.factor_steps import (
    KEY,
    SETUP,
    actions,
    add_app,
    code_of,
    pending,
    public_id,
    second,
    signed_in,
    text_of,
)
from tests.accounts.letters import Post
from tests.conftest import PASSWORD, Browser, Network, email_of
from tests.mail_sink import text_of as mail_text

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def enrolled(network: Network) -> tuple[str, list[str]]:
    """The manager has an app; its key and the recovery codes."""
    return add_app(network, network.browser("manager"))


def test_adding_and_removing_ends_the_other_sign_ins(network: Network) -> None:
    laptop, phone = network.browser("manager"), network.browser("manager")
    add_app(network, laptop)
    assert not signed_in(phone)
    assert signed_in(laptop)
    other = pending(network)
    laptop.post("/account/factors/app/remove", {}, form="/account/factors")
    assert other.get("/sign-in/second-factor").status_code == 302  # one that was waiting ends too
    assert network.browser().sign_in(email_of("manager")).location == "/work"
    with network.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM recovery_codes")).scalar_one() == 0


@on_sqlite
def test_an_old_sign_in_is_asked_for_the_password_first(network: Network) -> None:
    browser = network.browser("manager")
    network.clock.move(minutes=11)
    asked = browser.get("/account/factors/app")
    assert asked.location == "/account/confirm?next=/account/factors/app"
    wrong = browser.post("/account/confirm", {"password": "not mine", "next": "/account/factors/app"})
    assert wrong.status_code == 422
    assert browser.get("/account/factors/app").status_code == 302
    right = browser.post("/account/confirm", {"password": PASSWORD, "next": "/account/factors/app"})
    assert right.location == "/account/factors/app"
    assert browser.get("/account/factors/app").status_code == 200
    network.clock.move(minutes=11)
    assert browser.get("/account/factors/app").status_code == 302


@on_sqlite
def test_what_was_asked_for_meanwhile_is_kept(network: Network) -> None:
    browser = network.browser("manager")
    add_app(network, browser)
    token = browser.token("/account/factors")
    network.clock.move(minutes=11)
    held = browser.client.post(
        "/account/factors/app/remove", data={"csrf_token": token}, base_url="http://localhost"
    )
    assert held.status_code == 401
    assert "What you were about to do is kept" in text_of(held)
    carried = {"kept": "[]", "kept_path": "/account/factors/app/remove", "password": PASSWORD}
    done = browser.post("/account/confirm", carried)
    assert 'action="/account/factors/app/remove"' in text_of(done)


@on_sqlite
def test_guesses_at_the_password_there_are_counted(network: Network) -> None:
    browser = network.browser("manager")
    found = [
        browser.post("/account/confirm", {"password": f"guess {n}"}).status_code
        for n in range(tries.FREE + 1)
    ]
    assert found == [422] * tries.FREE + [429]


def test_it_is_in_the_trail_and_nothing_secret_is(network: Network, enrolled: tuple[str, list[str]]) -> None:
    second(pending(network), code="000000")
    second(pending(network), code=code_of(network, enrolled[0]))
    assert [a for a in actions(network) if a != "signed in"] == [
        "authenticator app added",
        "recovery codes made",
        "sign-in failed",
    ]
    with network.database.reading() as session:
        trail = str(session.execute(text("SELECT action, subject, detail FROM audit_events")).all())
    assert enrolled[0] not in trail
    assert not any(code in trail for code in enrolled[1])


def test_the_person_is_told_by_mail(network: Network) -> None:
    add_app(network, network.browser("manager"))
    (mail,) = Post(network.app).deliver()
    assert mail["Subject"] == "Your second factors for Tandem were changed"
    assert "manager@example.gov" in mail["To"]
    assert "Dear Manager Example" in mail_text(mail)


def test_an_administrator_removes_lost_factors(network: Network, enrolled: tuple[str, list[str]]) -> None:
    Post(network.app).deliver()  # what adding it said
    admin, manager = network.browser("admin"), network.browser()
    manager.sign_in(email_of("manager"))
    second(manager, code=code_of(network, enrolled[0]))
    address = f"/people/{public_id(network, 'manager')}/factors/remove"
    assert admin.post(address, {}, form="/people/new").status_code == 302
    assert not signed_in(manager)
    assert network.browser().sign_in(email_of("manager")).location == "/work"
    assert "second factors removed" in actions(network)
    (mail,) = Post(network.app).deliver()
    assert email_of("manager") in mail["To"]
    assert admin.post(address, {}, form="/people/new").status_code == 404


@on_sqlite
def test_the_command_line_helps_the_only_administrator(network: Network) -> None:
    add_app(network, network.browser("admin"))
    run = network.app.test_cli_runner().invoke
    done = run(args=["users", "remove-factors", "Admin@Example.gov"])
    assert done.exit_code == 0, done.output
    assert network.browser().sign_in(email_of("admin")).location == "/work"
    assert actions(network).count("second factors removed") == 1
    again = run(args=["users", "remove-factors", "admin@example.gov"])
    assert again.exit_code == 1
    assert "Nobody with the address admin@example.gov has a second factor." in again.output


@on_sqlite
def test_administrators_see_who_has_one(network: Network, enrolled: tuple[str, list[str]]) -> None:
    admin = network.browser("admin")
    rows = re.findall(r"<tr.*?</tr>", text_of(admin.get("/people")), re.DOTALL)
    having = [row for row in rows if re.search(r"<td[^>]*>\s*Yes\s*</td>", row)]
    assert len(having) == 1
    assert email_of("manager") in having[0]
    page = text_of(admin.get(f"/people/{public_id(network, 'manager')}"))
    assert "An authenticator app; 10 recovery codes left" in page
    assert "Remove the second factors" in page
    assert "Remove the second factors" not in text_of(admin.get(f"/people/{public_id(network, 'staff')}"))


@on_sqlite
def test_looking_without_a_body_is_no_try(network: Network, enrolled: tuple[str, list[str]]) -> None:
    """HEAD needs no token of a form, so it must do nothing."""
    browser = pending(network)
    code = {"code": code_of(network, enrolled[0])}
    address = "/sign-in/second-factor"
    assert browser.client.head(address, data=code, base_url="http://localhost").status_code == 200
    assert not signed_in(browser)


@on_sqlite
def test_nobody_else_removes_them(network: Network, enrolled: tuple[str, list[str]]) -> None:
    address = f"/people/{public_id(network, 'manager')}/factors/remove"
    for name in ("director", "staff", "reviewer"):
        assert network.browser(name).post(address, {}, form="/account").status_code == 404
    assert pending(network)


@on_sqlite
def test_an_account_that_many_use_takes_none(network: Network) -> None:
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET demonstration = true"))
    settings = network.app.extensions["tandem.settings"]
    network.app.extensions["tandem.settings"] = replace(settings, demo=True)
    browser = network.browser("manager")
    page = text_of(browser.get("/account/factors/app"))
    key, setup = KEY.findall(page)[0].replace(" ", ""), SETUP.findall(page)[0]
    answer = browser.post("/account/factors/app", {"setup": setup, "code": code_of(network, key)})
    assert answer.status_code == 409
    assert "others sign in with them too" in text_of(answer)


@pytest.fixture
def strict(network: Network, make_app: Callable[..., Flask]) -> Network:
    """The same network where a second factor is required."""
    app = make_app(second_factor_required=True)
    return replace(network, app=app, database=app.extensions["tandem.database"])


def test_where_it_is_required_one_comes_to_it_first(strict: Network) -> None:
    browser = strict.browser("manager")
    for path in ("/", "/work", "/cycles", "/account"):
        assert browser.get(path).location == "/account/factors", path
    assert browser.get("/api/v1/reports/network").status_code == 403
    assert "Set one up before you go on" in text_of(browser.get("/account/factors"))
    add_app(strict, browser)
    assert signed_in(browser)


@on_sqlite
def test_what_was_typed_before_it_was_required_is_kept(network: Network, strict: Network) -> None:
    network.open()
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc')}/GOV"
    browser = network.browser("manager")
    token = browser.token(address)
    cookie = browser.client.get_cookie("tandem", domain="localhost")
    there = Browser(strict.app.test_client())
    assert cookie is not None
    there.client.set_cookie("tandem", cookie.value, domain="localhost")
    fields = {"csrf_token": token, "note-GOV-1": "typed words"}
    answer = there.client.post(address, data=fields, base_url="http://localhost")
    assert answer.status_code == 403
    assert "typed words" in text_of(answer)


@on_sqlite
def test_signing_out_is_always_possible(strict: Network) -> None:
    browser = strict.browser("manager")
    assert browser.post("/sign-out", {}, form="/account/factors").status_code == 302
    assert browser.get("/account/factors").status_code == 302


def test_a_setting_that_is_neither_stops_the_start(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="takes offered or required"):
        from_environment({"TANDEM_INSTANCE": str(tmp_path), "TANDEM_SECOND_FACTOR": "yes"})
