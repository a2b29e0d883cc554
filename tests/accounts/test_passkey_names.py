"""Passkeys have names, so that somebody with two security keys tells them apart."""

from __future__ import annotations

import re
from html import escape

import pytest
from sqlalchemy import text

from tests.accounts.factor_steps import actions, text_of
from tests.accounts.soft_passkey import SoftPasskey
from tests.accounts.test_passkeys import ADD, add
from tests.conftest import Browser, Network

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/account/factors"


@pytest.fixture
def owner(network: Network) -> Browser:
    """The manager, who has two keys."""
    browser = network.browser("manager")
    for name in ("Blue key", "Office laptop"):
        assert add(browser, SoftPasskey(), name).status_code in (200, 302)
    return browser


def names(network: Network) -> list[str]:
    with network.database.reading() as session:
        return list(session.execute(text("SELECT name FROM passkeys ORDER BY id")).scalars())


def address(network: Network, name: str) -> str:
    with network.database.reading() as session:
        found = session.execute(text("SELECT public_id FROM passkeys WHERE name = :name"), {"name": name})
        return f"{ADD}/{found.scalar_one()}"


def test_the_owner_gives_another_name(network: Network, owner: Browser) -> None:
    elsewhere = network.browser("director")
    page = address(network, "Blue key")
    assert f'href="{page}"' in text_of(owner.get(PAGE))
    assert 'value="Blue key"' in text_of(owner.get(page))
    done = owner.post(page, {"name": " <b>Key</b> & ring "})
    assert (done.status_code, done.location) == (302, PAGE)
    assert names(network) == ["<b>Key</b> & ring", "Office laptop"]
    shown = text_of(owner.get(PAGE))
    assert escape("<b>Key</b> & ring") in shown
    assert "<b>Key" not in shown
    assert actions(network).count("passkey renamed") == 1
    assert elsewhere.get("/work").status_code == 200


@on_sqlite
def test_no_sign_in_ends_and_no_event_comes_of_the_same_name(network: Network, owner: Browser) -> None:
    """What a passkey is called changes nothing of who may sign in."""
    owner.get(PAGE)
    page = address(network, "Blue key")
    assert owner.post(page, {"name": "Blue key"}).status_code == 302
    assert "passkey renamed" not in actions(network)
    assert owner.get("/work").status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the passkey a name."),
        (" \t ", "Give the passkey a name."),
        ("office LAPTOP ", "You have another passkey of this name. Choose a name that tells them apart."),
        ("x" * 101, "longer than 100"),
    ],
)
def test_a_name_that_tells_nothing_is_refused(network: Network, owner: Browser, name: str, said: str) -> None:
    answer = owner.post(address(network, "Blue key"), {"name": name})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert names(network) == ["Blue key", "Office laptop"]
    assert "passkey renamed" not in actions(network)


def test_nobody_elses(network: Network, owner: Browser) -> None:
    page, other = address(network, "Blue key"), network.browser("director")
    assert other.get(page).status_code == 404
    assert other.post(page, {"name": "Mine"}, form="/account").status_code == 404
    assert names(network) == ["Blue key", "Office laptop"]


@on_sqlite
def test_who_signed_in_long_ago_is_asked_first(network: Network, owner: Browser) -> None:
    page = address(network, "Blue key")
    network.clock.move(minutes=11)
    assert owner.get(page).location == f"/account/confirm?next={page}"


@on_sqlite
def test_a_second_of_the_same_name_gets_a_number(network: Network, owner: Browser) -> None:
    """It is on the device already when its name comes here, so it is not refused."""
    for _ in range(2):
        assert add(owner, SoftPasskey(), "blue KEY").status_code == 302
    assert names(network)[2:] == ["blue KEY (2)", "blue KEY (3)"]
    long = "k" * 100
    for _ in range(2):
        assert add(owner, SoftPasskey(), long).status_code == 302
    assert names(network)[-1] == "k" * 96 + " (2)"
    assert len(set(re.findall(r'id="passkey-(\d+)"', text_of(owner.get(PAGE))))) == 6
