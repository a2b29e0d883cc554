"""How often one may ask, and what the answer is to those who ask more often."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from assessment.api import limits
from assessment.models.tokens import ApiRequests
from tests.api.conftest import Program, program_of
from tests.conftest import Browser, Network, email_of

LIMIT = 5
LIST = "/api/v1/centers?limit=1"


@pytest.fixture
def limited(network: Network, make_app: Callable[..., Flask]) -> Network:
    """The same network behind two server processes, each with a limit of five a minute and token."""
    return Network(make_app(api_per_minute=LIMIT), network.database, network.library, network.clock)


def codes(program: Program | Browser, number: int) -> list[int]:
    return [program.get(LIST).status_code for _ in range(number)]


def test_a_token_may_ask_so_often_a_minute(limited: Network) -> None:
    program = program_of(limited, "manager")
    limited.clock.move(seconds=20)
    assert codes(program, LIMIT + 2) == [200] * LIMIT + [429] * 2
    answer = program.get(LIST)
    assert answer.headers["Retry-After"] == "40"
    assert answer.get_json()["error"] == (
        "There were too many requests with this token in this minute. Wait 40 seconds, then go on."
    )
    limited.clock.move(seconds=40)
    assert codes(program, 1) == [200]


def test_all_processes_count_together(limited: Network, make_app: Callable[..., Flask]) -> None:
    program = program_of(limited, "manager")
    other = Program(make_app(api_per_minute=LIMIT).test_client(), program.secret)
    assert codes(program, 3) + codes(other, 3) == [200] * LIMIT + [429]


def test_a_person_may_ask_twice_as_often_with_all_tokens_and_browsers(limited: Network) -> None:
    programs = [program_of(limited, "manager", days=days) for days in (1, 2, 3)]
    found = [code for program in programs for code in codes(program, LIMIT)]
    assert found == [200] * 2 * LIMIT + [429] * LIMIT
    browser = limited.browser("manager")
    assert codes(browser, 1) == [429]
    assert "from you" in browser.get(LIST).get_json()["error"]
    assert browser.get("/centers").status_code == 200  # pages are not the API
    assert codes(program_of(limited, "staff"), 1) == [200]


def test_wrong_tokens_from_one_address_are_slowed_down_and_a_good_one_passes(limited: Network) -> None:
    wrong = Program(limited.app.test_client(), "tandem_" + "0" * 48)
    found = codes(wrong, limits.WRONG_TOKENS + 2)
    assert found == [401] * limits.WRONG_TOKENS + [429] * 2
    assert wrong.get(LIST).headers["Retry-After"]
    assert codes(program_of(limited, "manager"), 1) == [200]
    limited.clock.move(minutes=1)
    assert codes(wrong, 1) == [401]


def test_what_was_counted_is_forgotten_and_names_no_address(limited: Network) -> None:
    program = program_of(limited, "manager")
    codes(program, 2)
    codes(Program(limited.app.test_client(), "tandem_" + "0" * 48), 1)
    limited.clock.move(minutes=5)
    codes(program, 1)
    with limited.database.reading() as session:
        rows = session.scalars(select(ApiRequests)).all()
    assert {row.minute for row in rows} == {int(limited.clock.now().timestamp()) // 60}
    assert not [row for row in rows if "127.0.0.1" in row.source or email_of("manager") in row.source]


def test_the_document_names_the_limit(limited: Network) -> None:
    words = program_of(limited, "manager").get("/api/v1/openapi.json").get_json()["info"]["description"]
    assert "At most 5 requests a minute with one token, 10 from one person." in words
