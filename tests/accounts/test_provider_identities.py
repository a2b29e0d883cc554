"""Who somebody at the provider is here: a place is claimed once, then only issuer and subject count."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from assessment.accounts import provider_identities as identities
from tests.accounts.letters import Post
from tests.accounts.lying_provider import LyingProvider
from tests.accounts.travelling import (
    address_of,
    known,
    signed_in,
    there_and_back,
    trail,
    way_back,
    words_of,
)
from tests.conftest import NOW, Browser, Network, email_of
from tests.mail_sink import text_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(network: Network, statement: str, **values: Any) -> None:
    with network.database.writing() as session:
        session.execute(text(statement), values)


def count(network: Network, table: str) -> int:
    with network.database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def who(browser: Browser) -> str:
    """The address of who is signed in."""
    page = browser.get("/account")
    assert page.status_code == 200
    return words_of(page)


def test_an_address_counts_once_then_the_subject_alone(abroad: Network, lying: LyingProvider) -> None:
    lying.claims = {"email": "Director@Example.gov"}
    assert there_and_back(abroad.browser()).status_code == 302
    lying.claims = {"email": email_of("admin")}
    browser = abroad.browser()
    assert there_and_back(browser).status_code == 302
    assert email_of("director") in who(browser)
    lying.claims = {"email": None, "email_verified": False}
    assert there_and_back(abroad.browser()).status_code == 302
    assert count(abroad, "provider_identities") == 1
    assert len(trail(abroad, "identity provider linked")) == 1


def test_a_place_that_is_taken_is_refused(abroad: Network, lying: LyingProvider) -> None:
    there_and_back(abroad.browser())
    lying.claims = {"sub": "another"}
    browser = abroad.browser()
    page = there_and_back(browser)
    assert page.status_code == 403
    assert "another account at Example ID is linked to it" in words_of(page)
    assert not signed_in(browser)
    assert trail(abroad, "sign-in by provider failed")[-1][2] == "the place is taken"


def test_two_identities_at_once_claim_one_place_once(abroad: Network) -> None:
    def claim(subject: str) -> bool:
        try:
            with abroad.database.writing() as db:
                identities.claim_place(db, "https://a.example", subject, email_of("manager"), NOW)
        except identities.PlaceTaken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(claim, [f"subject {n}" for n in range(6)])) == 1
    assert count(abroad, "provider_identities") == 1


@pytest.mark.parametrize("why", ["inactive", "demonstration", "not there"])
def test_who_may_not_sign_in_is_told_what_a_stranger_is(
    abroad: Network, lying: LyingProvider, why: str
) -> None:
    if why == "inactive":
        run(
            abroad,
            "UPDATE people SET active = :no WHERE email = :email",
            no=False,
            email=email_of("director"),
        )
    if why == "demonstration":
        run(
            abroad,
            "UPDATE people SET demonstration = :yes WHERE email = :email",
            yes=True,
            email=email_of("director"),
        )
    if why == "not there":
        run(
            abroad,
            "UPDATE people SET email = 'x@example.gov' WHERE email = :email",
            email=email_of("director"),
        )
    browser = abroad.browser()
    page = there_and_back(browser)
    assert page.status_code == 403
    assert "nobody who may use Tandem has the address director@example.gov" in words_of(page)
    assert "No account was made" in words_of(page)
    assert not signed_in(browser)
    assert count(abroad, "provider_identities") == 0
    assert len(trail(abroad, "sign-in by provider failed")) == 1


@pytest.mark.parametrize("change", ["active = FALSE", "demonstration = TRUE"])
def test_who_is_linked_and_may_not_sign_in_any_more(
    abroad: Network, lying: LyingProvider, change: str
) -> None:
    first = abroad.browser()
    there_and_back(first)
    run(abroad, f"UPDATE people SET {change} WHERE email = :email", email=email_of("director"))
    assert not signed_in(first)
    page = there_and_back(abroad.browser())
    assert page.status_code == 403
    assert "You are not listed here" in words_of(page)


def test_another_issuer_is_another_identity(abroad: Network, lying: LyingProvider) -> None:
    with abroad.database.writing() as db:
        identities.claim_place(db, "https://a.example", "somebody", email_of("admin"), NOW)
    browser = abroad.browser()
    there_and_back(browser)
    assert email_of("director") in who(browser)


def test_a_letter_says_so(abroad: Network) -> None:
    there_and_back(abroad.browser())
    (mail,) = Post(abroad.app).deliver()
    assert mail["To"].addresses[0].addr_spec == email_of("director")
    assert "an account at Example ID was linked to your account in Tandem" in text_of(mail)
    assert "http://localhost/sign-in" in text_of(mail)
    there_and_back(abroad.browser())
    assert Post(abroad.app).deliver() == []


def test_the_session_is_another_after_signing_in(abroad: Network) -> None:
    """Nothing from before lives on, and whoever was signed in before in this browser is not any more."""
    browser = abroad.browser("manager")
    with browser.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        before = cookie["sign_in"]
    address = way_back(address_of(browser.post("/sign-in/provider", {}, form="/account")))
    browser.get(address)
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["sign_in"] != before
        cookie["sign_in"] = before
    assert not signed_in(browser)


def test_an_administrator_unlinks(abroad: Network, lying: LyingProvider) -> None:
    director = abroad.browser()
    there_and_back(director)
    admin = abroad.browser("admin")
    with abroad.database.reading() as db:
        query = "SELECT public_id FROM people WHERE email = :email"
        public_id = db.execute(text(query), {"email": email_of("director")}).scalar_one()
    page = admin.get(f"/people/{public_id}")
    assert "Account at Example ID Linked since" in words_of(page)
    path = f"/people/{public_id}/provider/unlink"
    assert admin.post(path, {}, form=f"/people/{public_id}").status_code == 302
    assert not signed_in(director)
    assert count(abroad, "provider_identities") == 0
    by, whose = abroad.person("admin").id, abroad.person("director").id
    ((person, subject, issuer),) = trail(abroad, "identity provider unlinked")
    assert (person, subject, issuer) == (by, f"person {whose}", lying.issuer)
    assert "Account at Example ID" not in words_of(admin.get(f"/people/{public_id}"))
    assert admin.post(path, {}, form=f"/people/{public_id}").status_code == 409
    assert admin.post("/people/nobody/provider/unlink", {}, form="/people").status_code == 404
    lying.claims = {"sub": "another"}
    assert there_and_back(abroad.browser()).status_code == 302


def link(browser: Browser) -> Any:
    page = browser.post("/account/provider/link", {}, form="/account")
    assert page.status_code == 200, words_of(page)
    return browser.get(way_back(address_of(page)))


def test_somebody_signed_in_links_an_account_without_an_address(
    abroad: Network, lying: LyingProvider
) -> None:
    """For providers that do not say whether an address is verified."""
    lying.claims = {"email": None, "email_verified": None}
    browser = abroad.browser("manager")
    assert "not linked to an account at Example ID yet" in words_of(browser.get("/account"))
    assert link(browser).location == "/account"
    assert "is linked. You can sign in with it" in words_of(browser.get("/account"))
    other = abroad.browser()
    assert there_and_back(other).status_code == 302
    assert email_of("manager") in who(other)


def test_an_account_of_somebody_else_is_not_linked(abroad: Network) -> None:
    there_and_back(abroad.browser())
    browser = abroad.browser("manager")
    link(browser)
    assert "is linked to somebody else here" in words_of(browser.get("/account"))
    assert count(abroad, "provider_identities") == 1


@ON_SQLITE
def test_linking_that_fails_leaves_one_signed_in(abroad: Network, lying: LyingProvider) -> None:
    lying.claims = {"nonce": "another"}
    browser = abroad.browser("manager")
    assert link(browser).location == "/account"
    assert "What Example ID said could not be trusted" in words_of(browser.get("/account"))
    assert count(abroad, "provider_identities") == 0


@ON_SQLITE
def test_linking_asks_again_who_one_is(abroad: Network) -> None:
    browser = abroad.browser("manager")
    token = browser.token("/account")
    abroad.clock.move(minutes=11)
    page = browser.client.post(
        "/account/provider/link", data={"csrf_token": token}, base_url="http://localhost"
    )
    assert page.status_code == 401
    assert "Is it you?" in words_of(page)


@ON_SQLITE
def test_linking_is_for_who_began_it(abroad: Network) -> None:
    """Signed in as somebody else when the provider sends back: nothing is linked."""
    browser = abroad.browser("manager")
    address = way_back(address_of(browser.post("/account/provider/link", {}, form="/account")))
    with browser.client.session_transaction() as cookie:
        cookie.pop("sign_in")
    assert browser.get(address).status_code == 400
    assert count(abroad, "provider_identities") == 0


@ON_SQLITE
def test_without_a_provider_nothing_is_there(
    make_app: Callable[..., Flask], abroad: Network, lying: LyingProvider
) -> None:
    app = make_app()
    network = Network(app, app.extensions["tandem.database"], abroad.library, abroad.clock)
    browser = network.browser("admin")
    assert "Example ID" not in browser.get("/account").get_data(as_text=True)
    for path in ("/sign-in/provider", "/sign-out/provider", "/account/provider/link"):
        assert browser.post(path, {}, form="/account").status_code == 404
    assert browser.get("/sign-in/provider/back?state=x&code=y").status_code == 404


@ON_SQLITE
def test_signing_out_there_where_the_provider_has_no_such_thing(
    abroad: Network, lying: LyingProvider
) -> None:
    lying.discovery = {"end_session_endpoint": None}
    browser = abroad.browser()
    there_and_back(browser)
    assert "Sign out here and at" not in words_of(browser.get("/account"))
    out = browser.post("/sign-out/provider", {}, form="/account")
    assert out.status_code == 302
    assert "At Example ID you may still be signed in" in words_of(browser.get("/sign-in"))
    assert not signed_in(browser)


@ON_SQLITE
def test_acr_values_go_along(make_app: Callable[..., Flask], abroad: Network, lying: LyingProvider) -> None:
    app = make_app(identity_provider=known(lying.issuer, acr_values="urn:acr.login.gov:auth-only"))
    network = Network(app, app.extensions["tandem.database"], abroad.library, abroad.clock)
    there_and_back(network.browser())
    assert lying.asked[-1]["acr_values"] == "urn:acr.login.gov:auth-only"
