"""Signing in and out, cookies, hosts, where one is sent; and the pages for people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from assessment.accounts import passwords
from assessment.web import local_path
from tests.conftest import PASSWORD, Browser, Network, email_of


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(network: Network) -> None:
    browser = network.browser()
    wrong = browser.sign_in(email_of("manager"), "not the password")
    unknown = browser.sign_in("nobody@example.gov", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    said = "The e-mail address or the password is not right"
    assert said in wrong.get_data(as_text=True)
    assert said in unknown.get_data(as_text=True)


def test_signing_in_leads_to_where_one_wanted_to_be(network: Network) -> None:
    browser = network.browser()
    asked = browser.get("/cycles?page=1")
    assert asked.location == "/sign-in?next=/cycles?page%3D1" or "next=" in asked.location
    page = asked.location
    fields = {"email": email_of("manager"), "password": PASSWORD, "next": "/cycles?page=1"}
    assert browser.post("/sign-in", fields, form=page).location == "/cycles?page=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/ok\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "work",
        "",
        None,
        " //evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(target: str | None) -> None:
    assert local_path(target, "/work") == "/work"


def test_signing_out_ends_the_sign_in_on_the_server_too(network: Network) -> None:
    browser = network.browser("manager")
    stolen = browser.client.get_cookie("tandem", domain="localhost")
    assert stolen is not None
    browser.post("/sign-out", {}, form="/work")
    thief = network.browser()
    thief.client.set_cookie("tandem", stolen.value, domain="localhost")
    assert thief.get("/work").status_code == 302


def test_a_sign_in_ends_when_idle_and_at_the_latest_after_a_day(network: Network) -> None:
    browser = network.browser("manager")
    for _ in range(3):
        network.clock.move(hours=7)
        assert browser.get("/work").status_code == 200
    network.clock.move(hours=4)
    assert browser.get("/work").status_code == 302


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(network: Network) -> None:
    cookie = network.browser().sign_in(email_of("manager")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_behind_https_the_cookie_is_secure_and_browsers_are_told_to_stay(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app(base_url="https://tandem.example.gov").test_client()
    answer = client.get("/sign-in", base_url="https://tandem.example.gov")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_host_name_gets_400(app: Flask, host: str) -> None:
    assert app.test_client().get("/sign-in", base_url=f"http://{host}").status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:5000", "[::1]:5000"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_loopback_names_are_answered(app: Flask, host: str) -> None:
    assert app.test_client().get("/healthz", base_url=f"http://{host}").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_says_what_browsers_may_do(network: Network) -> None:
    headers = network.browser("manager").get("/work").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_accounts_sign_in_only_where_the_demonstration_is_on(
    network: Network, make_app: Callable[..., Flask], demo: bool
) -> None:
    with network.database.writing() as session:
        session.execute(
            text("UPDATE people SET demonstration = :yes WHERE name LIKE 'Manager%'"), {"yes": True}
        )
    browser = Browser(make_app(demo=demo).test_client())
    assert (browser.sign_in(email_of("manager")).status_code == 302) is demo
    assert ("tandem-demonstration" in network.browser().get("/sign-in").get_data(as_text=True)) is False


def test_an_old_hash_is_renewed_at_the_next_sign_in(network: Network) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET password_hash = :old"), {"old": old})
    network.browser().sign_in(email_of("manager"))
    with network.database.reading() as session:
        query = text("SELECT password_hash FROM people WHERE email = :email")
        new = session.execute(query, {"email": email_of("manager")}).scalar_one()
    assert new != old
    assert passwords.matches(new, PASSWORD)


NEW_PERSON = {
    "email": "new@example.gov",
    "name": "New Person",
    "role": "manager",
    "centers": ["EOC-WY"],
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": email_of("staff")}, "already has an account"),
        ({"role": "director"}, "acts for fusion centers; EOC-WY is not one"),
        ({"role": "reviewer"}, "acts for no center"),
        ({"role": "manager", "centers": []}, "name at least one"),
        ({"role": "staff", "centers": ["EOC-WY", "FC-WY"]}, "nobody acts for both"),
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"states": "CO"}, "Only a reviewer has regions or states"),
    ],
)
def test_rights_that_do_not_fit_are_refused_with_a_sentence(
    network: Network, changes: dict[str, object], said: str
) -> None:
    answer = network.browser("admin").post("/people/new", NEW_PERSON | changes)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    with network.database.reading() as session:
        assert not session.execute(text("SELECT id FROM people WHERE email = 'new@example.gov'")).all()


def test_changing_somebodys_rights_ends_their_sign_ins(network: Network) -> None:
    manager, admin = network.browser("manager"), network.browser("admin")
    with network.database.reading() as session:
        query = text("SELECT public_id FROM people WHERE email = :email")
        public_id = session.execute(query, {"email": email_of("manager")}).scalar_one()
    fields = {"name": "Manager Example", "role": "manager", "centers": ["EOC-WY"]}
    assert admin.post(f"/people/{public_id}", fields).status_code == 302
    assert manager.get("/work").status_code == 302
    assert network.person("manager").centers == {"EOC-WY"}


def test_the_last_administrator_stays_one(network: Network) -> None:
    admin = network.browser("admin")
    with network.database.reading() as session:
        query = text("SELECT public_id FROM people WHERE email = :email")
        public_id = session.execute(query, {"email": email_of("admin")}).scalar_one()
    answer = admin.post(f"/people/{public_id}", {"name": "Admin", "role": "reviewer"})
    assert answer.status_code == 422
    assert "only administrator" in answer.get_data(as_text=True)
