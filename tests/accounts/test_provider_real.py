"""Signing in at a certified OpenID provider that runs as a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from assessment.provider_settings import identity_provider
from tests.accounts.real_provider import AtTheProvider, client, real_provider
from tests.accounts.travelling import address_of, known, set_out, signed_in, trail, words_of
from tests.conftest import Browser, FixedClock, Library, Network, add_network

OURS = "http://localhost"
KEY = RSAKey.generate_key(2048, private=True)
SECRET = "a secret with + and % and : in it"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    clients = [
        client(OURS, client_id="tandem", client_secret=SECRET),
        client(
            OURS,
            client_id="with-a-key",
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [KEY.as_dict(private=False)]},
        ),
    ]
    with real_provider(clients) as running:
        yield running


@pytest.fixture
def abroad(make_app: Callable[..., Flask], issuer: str, library: Library, clock: FixedClock) -> Network:
    return _network(make_app(identity_provider=known(issuer, client_secret=SECRET)), library, clock)


def _network(app: Flask, library: Library, clock: FixedClock) -> Network:
    database = app.extensions["tandem.database"]
    with database.writing() as session:
        add_network(session)
    return Network(app, database, library, clock)


def come_in(browser: Browser, name: str, next_path: str = "", **fields: str) -> object:
    """The whole way, as somebody the provider knows by this name."""
    page = set_out(browser, next_path, **fields)
    assert page.status_code == 200, words_of(page)
    return browser.get(AtTheProvider().sign_in(address_of(page), name, OURS))


def test_the_way_there_and_back(abroad: Network) -> None:
    browser = abroad.browser()
    answer = come_in(browser, "director", "/reports/network")
    assert (answer.status_code, answer.location) == (302, "/reports/network"), words_of(answer)
    page = browser.get("/account")
    assert "director@example.gov" in words_of(page)
    director = abroad.person("director").id
    assert trail(abroad, "signed in") == [(director, f"person {director}", "provider")]
    linked = trail(abroad, "identity provider linked")
    assert [(person, subject) for person, subject, _ in linked] == [(director, f"person {director}")]


def test_who_has_a_key_needs_no_secret(
    make_app: Callable[..., Flask], issuer: str, library: Library, clock: FixedClock, tmp_path: Path
) -> None:
    """private_key_jwt, with the settings as they stand in the environment."""
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.as_pem(private=True))
    found = identity_provider(
        {
            "TANDEM_OIDC_ISSUER": issuer,
            "TANDEM_OIDC_CLIENT_ID": "with-a-key",
            "TANDEM_OIDC_PRIVATE_KEY": str(file),
        }
    )
    network = _network(make_app(identity_provider=found), library, clock)
    browser = network.browser()
    assert come_in(browser, "manager").status_code == 302
    assert signed_in(browser)


def test_an_address_that_is_not_verified_signs_nobody_in(abroad: Network) -> None:
    browser = abroad.browser()
    answer = come_in(browser, "unverified")
    assert answer.status_code == 403
    assert "has not verified your e-mail address" in words_of(answer)
    assert not signed_in(browser)


def test_who_is_not_listed_is_told_so_and_gets_no_account(abroad: Network) -> None:
    browser = abroad.browser()
    answer = come_in(browser, "stranger")
    assert answer.status_code == 403
    assert "You are not listed here" in words_of(answer)
    assert "stranger@example.gov" in words_of(answer)
    assert not signed_in(browser)
    with abroad.database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM people").scalar() == 9


def test_signing_out_there_too(abroad: Network) -> None:
    browser = abroad.browser()
    page = set_out(browser)
    somebody = AtTheProvider()
    browser.get(somebody.sign_in(address_of(page), "director", OURS))
    out = browser.post("/sign-out/provider", {}, form="/account")
    assert not signed_in(browser)
    address = address_of(out)
    asked = parse_qs(urlsplit(address).query)
    assert asked["client_id"] == ["tandem"]
    assert asked["post_logout_redirect_uri"] == [f"{OURS}/sign-in"]
    assert len(asked["state"][0]) >= 22
