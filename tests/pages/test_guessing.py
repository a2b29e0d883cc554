"""Guessing passwords gets slower and slower; nobody is locked out of their own account by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from assessment.accounts import tries
from tests.conftest import PASSWORD, Network, email_of

HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
MANAGER, DEPUTY = email_of("manager"), email_of("deputy")


def try_it(network: Network, email: str, password: str, address: str = HOME) -> Any:
    browser = network.browser()
    return browser.post(
        "/sign-in", {"email": email, "password": password}, environ_base={"REMOTE_ADDR": address}
    )


def fail(network: Network, times: int, email: str = MANAGER, address: str = HOME) -> list[int]:
    return [try_it(network, email, "not the password", address).status_code for _ in range(times)]


def test_after_some_wrong_passwords_one_has_to_wait_and_may_then_go_on(network: Network) -> None:
    assert fail(network, tries.FREE + 2) == [422] * tries.FREE + [429] * 2
    refused = try_it(network, MANAGER, PASSWORD)  # the right one too, or guessing would not be slower
    assert refused.status_code == 429
    assert "Wait 1 minute, then try again" in refused.get_data(as_text=True)
    assert 0 < int(refused.headers["Retry-After"]) <= 31
    network.clock.move(seconds=31)
    assert try_it(network, MANAGER, PASSWORD).status_code == 302


def test_each_further_wrong_one_doubles_the_wait_up_to_a_quarter_of_an_hour(network: Network) -> None:
    fail(network, tries.FREE)
    waits = []
    for _ in range(8):
        wait = int(try_it(network, MANAGER, "wrong again").headers["Retry-After"]) - 1
        waits.append(wait)
        network.clock.move(seconds=wait + 1)
        assert fail(network, 1) == [422]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_right_password_starts_the_count_anew(network: Network) -> None:
    fail(network, tries.FREE - 1)
    assert try_it(network, MANAGER, PASSWORD).status_code == 302
    assert fail(network, tries.FREE) == [422] * tries.FREE


def test_the_owner_signs_in_while_somebody_elsewhere_guesses(network: Network) -> None:
    fail(network, tries.FREE + 1, address=ELSEWHERE)
    assert try_it(network, MANAGER, PASSWORD, HOME).status_code == 302


def test_a_colleague_behind_the_same_address_signs_in(network: Network) -> None:
    fail(network, tries.FREE + 1)
    assert try_it(network, DEPUTY, PASSWORD).status_code == 302


def test_an_address_that_nobody_has_is_treated_alike(network: Network) -> None:
    assert fail(network, tries.FREE + 1, "nobody@example.gov") == fail(network, tries.FREE + 1)
    answers = [try_it(network, email, "x" * 12) for email in ("nobody@example.gov", MANAGER)]
    assert answers[0].headers["Retry-After"] == answers[1].headers["Retry-After"]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> int:
    """The wide counts are reached soon."""
    monkeypatch.setattr(tries, "WIDE", 12)
    return 12


def test_guesses_from_many_places_are_slowed_but_not_where_the_owner_signed_in_before(
    network: Network, short: int
) -> None:
    assert try_it(network, MANAGER, PASSWORD, HOME).status_code == 302
    for place in range(short):
        fail(network, 1, address=f"203.0.113.{place}")
    assert fail(network, 1, address="203.0.113.200") == [429]
    assert try_it(network, MANAGER, PASSWORD, HOME).status_code == 302
    network.clock.move(minutes=16)
    assert fail(network, 1, address="203.0.113.200") == [422]


def test_one_password_tried_on_many_accounts_is_slowed_and_those_known_there_pass(
    network: Network, short: int
) -> None:
    assert try_it(network, DEPUTY, PASSWORD).status_code == 302
    for number in range(short):
        fail(network, 1, f"person{number}@example.gov")
    assert fail(network, 1) == [429]
    assert try_it(network, DEPUTY, PASSWORD).status_code == 302


def test_many_tries_at_once_are_as_many_tries(network: Network) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: fail(network, 1)[0], range(tries.FREE * 3)))
    assert found.count(422) == tries.FREE
    assert found.count(429) == tries.FREE * 2


def test_failures_are_in_the_trail_and_no_address_that_was_typed(network: Network) -> None:
    fail(network, 1)
    fail(network, 1, "secret.name@example.gov")
    with network.database.reading() as session:
        rows = session.execute(
            text(
                "SELECT person_id, subject, detail, origin FROM audit_events WHERE action = 'sign-in failed'"
            )
        ).all()
        stored = str(session.execute(text("SELECT * FROM sign_in_tries")).all())
    person = network.person("manager").id
    assert [tuple(row) for row in rows] == [
        (None, f"person {person}", "", HOME),
        (None, "an address that nobody has", "", HOME),
    ]
    assert "example.gov" not in stored
    assert HOME not in stored


def test_old_counts_are_dropped_and_known_places_kept(network: Network) -> None:
    fail(network, 1, address=ELSEWHERE)
    assert try_it(network, MANAGER, PASSWORD).status_code == 302
    network.clock.times.append(network.clock.now() + tries.KEPT + timedelta(hours=1))
    fail(network, 1, DEPUTY)
    with network.database.reading() as session:
        kept = session.execute(text("SELECT count(*) FROM sign_in_tries")).scalar_one()
    assert kept == 2  # the manager's known place, and the deputy's try


def test_the_password_is_not_checked_while_others_wait_to_save(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assessment.accounts import passwords

    matches = passwords.matches

    def check(stored: str | None, password: str) -> bool:
        with network.database.writing() as session:  # somebody saves meanwhile
            session.execute(text("UPDATE people SET name = name"))
        return matches(stored, password)

    monkeypatch.setattr(passwords, "matches", check)
    assert try_it(network, MANAGER, PASSWORD).status_code == 302
