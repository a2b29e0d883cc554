"""The way to the provider and back: what waits on our side, for how long, and what is written of it."""

from __future__ import annotations

import json
import logging
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from assessment.accounts.provider_journeys import MOST_OF_PLACE
from assessment.accounts.provider_routes import FAILURES_AN_HOUR
from assessment.web import KEPT_LIMIT
from assessment.working.commands import work_of_the_application
from tests.accounts.lying_provider import LyingProvider
from tests.accounts.travelling import (
    address_of,
    set_out,
    there_and_back,
    trail,
    way_back,
)
from tests.conftest import NOW, Network

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(network: Network, statement: str, **values: Any) -> None:
    with network.database.writing() as session:
        session.execute(text(statement), values)


def count(network: Network, table: str) -> int:
    with network.database.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_next_leads_nowhere_else(abroad: Network) -> None:
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = there_and_back(abroad.browser(), bad)
        assert answer.location in ("/work", "/responses"), bad
    assert there_and_back(abroad.browser(), "/cycles?a=b").location == "/cycles?a=b"


def test_a_form_survives_the_journey(abroad: Network) -> None:
    """As large as a form may be, with whatever stands in it."""
    fields = [["note", "<b>\"'&\n" + "é" * 1000], ["big", "x" * 150_000], ["q", "1"], ["q", "2"]]
    kept = json.dumps(fields)
    assert len(kept) < KEPT_LIMIT
    page = there_and_back(abroad.browser(), kept=kept, kept_path="/responses/abc/GOV")
    assert page.status_code == 200
    assert 'action="/responses/abc/GOV"' in page.get_data(as_text=True)
    assert page.get_data(as_text=True).count('<input type="hidden" name="q"') == 2
    assert "x" * 150_000 in page.get_data(as_text=True)
    assert "&lt;b&gt;&#34;&#39;&amp;" in page.get_data(as_text=True)
    assert count(abroad, "provider_journeys") == 0


@ON_SQLITE
def test_a_form_survives_a_sign_in_that_failed(abroad: Network, lying: LyingProvider) -> None:
    lying.claims = {"nonce": "another"}
    page = there_and_back(abroad.browser(), kept='[["note", "typed"]]', kept_path="/responses/abc/GOV")
    assert page.status_code == 403
    assert 'value="/responses/abc/GOV"' in page.get_data(as_text=True)
    assert "typed" in page.get_data(as_text=True)


@ON_SQLITE
def test_a_form_is_sent_to_nobody_else(abroad: Network) -> None:
    page = there_and_back(abroad.browser(), kept='[["note", "typed"]]', kept_path="https://evil.example")
    assert page.status_code == 302
    assert page.location == "/work"


@ON_SQLITE
def test_three_tabs_come_back_a_fourth_does_not(abroad: Network) -> None:
    browser = abroad.browser()
    addresses = [address_of(set_out(browser)) for _ in range(4)]
    assert browser.get(way_back(addresses[0])).status_code == 400
    assert browser.get(way_back(addresses[1])).status_code == 302


def test_journeys_of_one_place_are_limited(abroad: Network) -> None:
    """And those that nobody came back from are gone when the next one begins."""
    with abroad.database.writing() as db:
        for number in range(MOST_OF_PLACE + 5):
            db.execute(
                text(
                    "INSERT INTO provider_journeys (state_hash, nonce, verifier, place, next_path, kept,"
                    " kept_path, started_at) VALUES (:hash, '', '', 'x', '', '', '', :at)"
                ),
                {"hash": str(number), "at": NOW},
            )
    set_out(abroad.browser())
    assert count(abroad, "provider_journeys") == MOST_OF_PLACE + 6
    run(
        abroad,
        "UPDATE provider_journeys SET place = (SELECT max(place) FROM provider_journeys WHERE place <> 'x')",
    )
    browser = abroad.browser()
    address = address_of(set_out(browser))
    assert count(abroad, "provider_journeys") == MOST_OF_PLACE
    assert browser.get(way_back(address)).status_code == 302
    abroad.clock.move(hours=2)
    set_out(abroad.browser())
    assert count(abroad, "provider_journeys") == 1


def test_a_form_nobody_comes_back_for_is_gone_within_two_hours(abroad: Network) -> None:
    """It may hold answers; the worker keeps the house once an hour."""
    set_out(abroad.browser(), kept='[["note", "typed"]]', kept_path="/responses/abc/GOV")
    with abroad.app.app_context():
        [task] = [task for task in work_of_the_application(Event()).tasks() if task.name == "forgetting"]
    task.run()
    assert count(abroad, "provider_journeys") == 1
    abroad.clock.move(minutes=61)
    task.run()
    assert count(abroad, "provider_journeys") == 0


@ON_SQLITE
def test_the_state_is_kept_as_a_hash_and_the_verifier_never_leaves(
    abroad: Network, lying: LyingProvider
) -> None:
    browser = abroad.browser()
    set_out(browser)
    cookie = browser.client.get_cookie("tandem", domain="localhost")
    assert cookie is not None
    with abroad.database.reading() as db:
        state_hash, verifier = db.execute(text("SELECT state_hash, verifier FROM provider_journeys")).one()
    with browser.client.session_transaction() as inside:
        (state,) = inside["provider_journeys"]
        assert verifier not in json.dumps(dict(inside))
    assert state_hash != state


def test_too_many_failures_of_one_place_are_not_all_written_down(abroad: Network) -> None:
    """Else whoever likes could make the trail as long as they like, which nobody can shorten."""
    stranger = abroad.browser()
    answers = [stranger.get(f"/sign-in/provider/back?state={n}").status_code for n in range(65)]
    assert answers == [400] * FAILURES_AN_HOUR + [429] * 5
    assert len(trail(abroad, "sign-in by provider failed")) == FAILURES_AN_HOUR
    assert there_and_back(abroad.browser()).status_code == 302
    abroad.clock.move(hours=1)
    assert stranger.get("/sign-in/provider/back?state=x").status_code == 400


@ON_SQLITE
def test_no_log_holds_a_code(abroad: Network, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("gunicorn.access")
    with caplog.at_level(logging.INFO, "gunicorn.access"):
        log.info('"GET %s HTTP/1.1" 302', "/sign-in/provider/back?code=SECRET&state=HIDDEN")
    assert caplog.messages == ['"GET /sign-in/provider/back?... HTTP/1.1" 302']
