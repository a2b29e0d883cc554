"""Where the identity provider alone says who somebody is: no password, no link that sets one, no passkey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from assessment.accounts.provider_routes import WITH_A_PASSWORD
from tests.accounts.lying_provider import LyingProvider
from tests.accounts.travelling import known, signed_in, there_and_back, words_of
from tests.conftest import PASSWORD, Network, email_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def alone(make_app: Callable[..., Flask], abroad: Network, lying: LyingProvider) -> Network:
    """The same people, without local passwords."""
    app = make_app(identity_provider=known(lying.issuer), local_passwords=False)
    return Network(app, app.extensions["tandem.database"], abroad.library, abroad.clock)


def test_the_sign_in_page_has_the_provider_and_no_password(alone: Network) -> None:
    page = alone.browser().get("/sign-in")
    assert "Sign in with Example ID" in words_of(page)
    for gone in ('type="password"', "Forgotten password", "passkey"):
        assert gone not in page.get_data(as_text=True)


def test_nobody_signs_in_with_a_password(alone: Network) -> None:
    browser = alone.browser()
    form = {"email": email_of("director"), "password": PASSWORD}
    answer = browser.post("/sign-in", form)
    assert answer.status_code == 404
    assert not signed_in(browser)


@pytest.mark.parametrize(("method", "endpoint"), sorted(WITH_A_PASSWORD))
def test_what_takes_a_password_is_not_there(
    abroad: Network, alone: Network, method: str, endpoint: str
) -> None:
    """And it is there where passwords are: the names in the list are names of handlers."""

    def answer(network: Network) -> Any:
        rules = network.app.url_map.iter_rules(endpoint)
        (path,) = [rule.rule for rule in rules if method in (rule.methods or ())]
        browser = network.browser()
        assert there_and_back(browser).status_code == 302
        form = {"csrf_token": browser.token("/account")}
        return browser.client.open(path, method=method, data=form, base_url="http://localhost")

    assert answer(alone).status_code == 404
    assert answer(abroad).status_code != 404


@pytest.mark.parametrize("path", ["/sign-in/forgot", f"/reset/{'a' * 32}", f"/invitation/{'a' * 32}"])
def test_links_that_set_a_password_are_not_there(alone: Network, path: str) -> None:
    assert alone.browser().get(path).status_code == 404


def test_the_account_has_no_password(alone: Network) -> None:
    browser = alone.browser()
    there_and_back(browser)
    page = browser.get("/account")
    assert "Your account at Example ID" in words_of(page)
    for gone in ("Your password", "Password now", "Second factors"):
        assert gone not in words_of(page)


def test_a_form_that_is_kept_goes_along(alone: Network) -> None:
    """Posted by who is not signed in any more: the page that keeps it offers the provider alone."""
    browser = alone.browser()
    page = browser.client.post("/responses/x/y", data={"note": "typed <here>"}, base_url="http://localhost")
    assert page.status_code == 401
    assert 'type="password"' not in page.get_data(as_text=True)
    assert "typed &lt;here&gt;" in page.get_data(as_text=True)
