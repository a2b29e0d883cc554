"""Why can't I see it? In the words of one's role, and the same whether the thing is there or not."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape

from assessment.access import TABLE, Action, Role
from assessment.accounts.visible import PARTS, words_of
from tests.conftest import Network

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVERYBODY = {
    Role.ADMINISTRATOR: "admin",
    Role.DIRECTOR: "director",
    Role.MANAGER: "manager",
    Role.STAFF: "staff",
    Role.REVIEWER: "reviewer",
}
TOKENS = re.compile(r'name="csrf_token"[^>]*>')


@pytest.mark.parametrize("role", list(Role))
def test_it_says_what_the_table_says(network: Network, role: Role) -> None:
    page = network.browser(EVERYBODY[role]).get("/account/visible").get_data(as_text=True)
    for action in set(Action) - PARTS:
        assert (str(escape(words_of(action))) in page) == (role in TABLE[action]), action


def test_it_names_ones_own_centers_and_whom_to_ask(network: Network) -> None:
    page = network.browser("manager").get("/account/visible").get_data(as_text=True)
    assert "Colorado State EOC (EOC-CO)" in page
    assert "admin@example.gov" in page
    assert "EOC-WY" not in page
    assert "reviewer@example.gov" not in page


@pytest.mark.parametrize("name", ["manager", "director", "reviewer", "staff"])
def test_a_foreign_and_a_missing_address_are_answered_alike_and_lead_to_it(
    network: Network, name: str
) -> None:
    network.open()
    browser = network.browser(name)
    foreign = network.response_id("FC-WY", "EOC-WY", "eoc")
    answers = []
    for address in (
        f"/responses/{foreign}/GOV",
        "/responses/nothing-of-the-kind/GOV",
        "/reports/pairs/FC-WY/EOC-WY",
        "/reports/pairs/FC-WY/EOC-XX",
        "/reports/centers/EOC-WY" if name != "reviewer" else "/reports/centers/EOC-YY",
        "/reports/centers/EOC-XX",
        "/people",
        "/no/such/page",
    ):
        answer = browser.get(address)
        answers.append((answer.status_code, TOKENS.sub("", answer.get_data(as_text=True))))
    assert {status for status, _ in answers} == {404}
    first = answers[0][1]
    assert 'href="/account/visible"' in first
    nav = re.compile(r'\s*(class="usa-nav-link[^>]*|aria-current="page")')
    assert {nav.sub("", page) for _, page in answers} == {nav.sub("", first)}


def test_the_page_itself_knows_nothing_of_what_was_asked_for(network: Network) -> None:
    network.open()
    browser = network.browser("manager")
    before = browser.get("/account/visible").get_data(as_text=True)
    after = browser.get(
        "/account/visible?from=/reports/pairs/FC-WY/EOC-WY",
        headers={"Referer": "http://localhost/reports/pairs/FC-WY/EOC-WY"},
    ).get_data(as_text=True)
    assert TOKENS.sub("", before) == TOKENS.sub("", after)


def test_nobody_who_is_not_signed_in_is_told(network: Network) -> None:
    page = network.browser().get("/no/such/page").get_data(as_text=True)
    assert "/account/visible" not in page
