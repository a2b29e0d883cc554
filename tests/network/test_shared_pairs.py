"""A pair shared by name: the switch on its page, and which reviewers then read which of its cycles."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest

from assessment.cycles import services as cycles
from assessment.database import Database
from assessment.models.people import PersonRow, PersonScope
from assessment.network import frames, sharing
from questionnaires.definition import Side
from tests.conftest import PASSWORD_HASH, Network, email_of
from tests.network.submitting import COLORADO, DENVER, rows, submit

PAGE = "/reports/pairs/FC-CO/EOC-CO"
SWITCH = f"{PAGE}/sharing"
FORMS = [PAGE, f"{PAGE}/items.csv", "/api/v1/reports/pair/FC-CO/EOC-CO"]
GRANTS = {
    "region8": [("region", "8")],
    "colorado": [("state", "CO")],
    "region9": [("region", "9")],
    "wyoming-only": [("state", "WY")],
}


@pytest.fixture
def network(network: Network) -> Network:
    """The small network with reviewers of parts of the nation, and a cycle that one pair has answered."""
    with network.database.writing() as session:
        for name, grants in GRANTS.items():
            person = PersonRow(
                email=email_of(name),
                name=name,
                role="reviewer",
                password_hash=PASSWORD_HASH,
                created_at=network.clock.now(),
                scopes=[PersonScope(kind=kind, value=value) for kind, value in grants],
            )
            session.add(person)
    network.open()
    submit(network, COLORADO)
    return network


def switch(network: Network, name: str, shared: bool) -> Any:
    fields = {"shared": "yes" if shared else "no"}
    return network.browser(name).post(SWITCH, fields, form=PAGE)


def both_share(network: Network) -> None:
    for name in ("director", "manager"):
        assert switch(network, name, True).status_code == 302


def close(network: Network, cycle: str = "spring") -> None:
    with network.database.writing() as session:
        cycles.close_cycle(session, cycle, network.clock.now(), network.clock.today())


def page(network: Network, name: str) -> str:
    text = network.browser(name).get(PAGE).get_data(as_text=True)
    return " ".join(text[text.index('id="sharing"') :].split())


def status(network: Network, name: str, path: str = PAGE, **cycle: str) -> int:
    return network.browser(name).get(path, query_string=cycle).status_code


def test_the_page_says_who_shares_since_when_and_offers_the_switch(network: Network) -> None:
    before = page(network, "director")
    assert before.count("Not shared") == 2
    assert "Share for Colorado Information Analysis Center" in before
    assert switch(network, "director", True).location == f"{PAGE}#sharing"
    for reader in ("director", "manager", "analyst", "admin"):
        seen = page(network, reader)
        assert "Shared by Director Example since" in seen
        assert 'datetime="2026-06-15T16:00' in seen
        assert seen.count("Not shared") == 1
    assert "Stop sharing for Colorado Information Analysis Center" in page(network, "director")
    assert "Share for Colorado State EOC" in page(network, "manager")


def test_only_leaders_get_the_switch(network: Network) -> None:
    assert "<form" not in page(network, "analyst")
    assert "<form" not in page(network, "admin")


@pytest.mark.parametrize("name", ["analyst", "staff", "admin", "reviewer", "wyoming", "denver"])
def test_nobody_else_can_press_it(network: Network, name: str) -> None:
    browser = network.browser(name)
    answer = browser.post(SWITCH, {"shared": "yes"}, form="/work")
    assert answer.status_code == 404
    assert rows(network, "SELECT id FROM pair_shares") == []


def test_without_the_forms_token_nothing_is_shared(network: Network) -> None:
    director = network.browser("director")
    answer = director.client.post(SWITCH, data={"shared": "yes"}, base_url="http://localhost")
    assert answer.status_code == 400
    assert rows(network, "SELECT id FROM pair_shares") == []


def test_who_is_not_signed_in_shares_nothing(network: Network) -> None:
    answer = network.browser().post(SWITCH, {"shared": "yes"}, form="/sign-in")
    assert answer.status_code == 401
    assert rows(network, "SELECT id FROM pair_shares") == []


def test_a_pair_that_does_not_exist_is_not_shared(network: Network) -> None:
    answer = network.browser("director").post(
        "/reports/pairs/FC-CO/EOC-WY/sharing", {"shared": "yes"}, form="/work"
    )
    assert answer.status_code == 404


def test_each_change_is_in_the_trail_once(network: Network) -> None:
    for shared in (True, True, False, False, True):
        switch(network, "director", shared)
    trail = rows(
        network,
        "SELECT a.action, a.subject, p.name FROM audit_events a LEFT JOIN people p ON p.id = a.person_id"
        " WHERE a.action LIKE 'pair %shared by name' ORDER BY a.id",
    )
    on, off = "pair shared by name", "pair no longer shared by name"
    assert trail == [(action, "pair FC-CO EOC-CO", "Director Example") for action in (on, off, on)]
    kept = rows(network, "SELECT withdrawn_at IS NULL, withdrawn_by_id IS NULL FROM pair_shares ORDER BY id")
    assert [tuple(map(bool, row)) for row in kept] == [(False, False), (True, True)]


def test_two_leaders_of_a_center_press_at_once(network: Network) -> None:
    """The manager and the deputy of one EOC: one row, and neither gets an error."""
    url = network.database.engine.url.render_as_string(hide_password=False)
    databases = [Database(url), Database(url)]
    barrier, errors = Barrier(2), []

    def press(database: Database, name: str) -> None:
        person = network.person(name)
        barrier.wait(20)
        try:
            with database.writing() as session:
                sharing.set_shared(session, person, *COLORADO, True, network.clock.now())
        except Exception as error:
            errors.append(error)

    presses = [Thread(target=press, args=one) for one in zip(databases, ("manager", "deputy"), strict=True)]
    for one in presses:
        one.start()
    for one in presses:
        one.join(30)
    for database in databases:
        database.engine.dispose()
    assert errors == []
    assert len(rows(network, "SELECT id FROM pair_shares")) == 1


def test_shared_by_both_before_the_close_reviewers_in_scope_read_it_by_name(network: Network) -> None:
    both_share(network)
    everybody = ["reviewer", *GRANTS]
    assert {status(network, name) for name in everybody} == {404}, "the cycle is open yet"
    close(network)
    for path in FORMS:
        found = {name: status(network, name, path, cycle="spring") for name in everybody}
        inside, outside = ("reviewer", "region8", "colorado"), ("region9", "wyoming-only")
        assert found == dict.fromkeys(inside, 200) | dict.fromkeys(outside, 404), path
    report = network.browser("region8").get(FORMS[2]).get_json()
    assert report["status"] == "complete"
    assert report["index"] == pytest.approx(50)


def test_a_reviewers_page_has_no_switch(network: Network) -> None:
    both_share(network)
    close(network)
    text = network.browser("reviewer").get(PAGE).get_data(as_text=True)
    assert "Colorado State EOC" in text
    assert 'id="sharing"' not in text


def test_another_pair_of_a_sharing_center_stays_closed(network: Network) -> None:
    submit(network, DENVER)
    both_share(network)
    close(network)
    assert status(network, "reviewer", "/reports/pairs/FC-CO/EOC-DEN") == 404


@pytest.mark.parametrize("name", ["director", "manager"])
def test_withdrawn_by_either_it_is_closed_at_once(network: Network, name: str) -> None:
    both_share(network)
    close(network)
    assert status(network, "reviewer") == 200
    switch(network, name, False)
    for path in FORMS:
        assert status(network, "reviewer", path, cycle="spring") == 404
    assert status(network, name) == 200


def test_turned_on_after_the_close_it_does_not_open_that_cycle(network: Network) -> None:
    switch(network, "director", True)
    close(network)
    switch(network, "manager", True)
    assert status(network, "reviewer") == 404


def test_turned_on_after_the_last_day_it_does_not_open_that_cycle(network: Network) -> None:
    """Nobody has looked since the cycle ended, so nothing is released yet when the button is pressed."""
    network.clock.move(days=20)
    for name in ("director", "manager"):
        browser = network.browser(name)  # whose form is from a page that releases nothing
        assert browser.post(SWITCH, {"shared": "yes"}, form="/work").status_code == 302
    assert len(rows(network, "SELECT id FROM pair_shares")) == 2
    assert status(network, "reviewer") == 404


def second_cycle(network: Network) -> None:
    """An earlier cycle that was not shared, and one since, both complete."""
    close(network)
    both_share(network)
    network.open("summer", opens=date(2026, 6, 1), closes=date(2026, 7, 30))
    submit(network, COLORADO, value=3, cycle="summer")
    close(network, "summer")


def test_an_earlier_cycle_that_was_not_shared_stays_closed_beside_one_that_is(network: Network) -> None:
    second_cycle(network)
    assert status(network, "reviewer", cycle="summer") == 200
    assert status(network, "reviewer", cycle="spring") == 404


def test_the_report_says_nothing_of_an_earlier_cycle_that_was_not_shared(network: Network) -> None:
    second_cycle(network)
    browser = network.browser("reviewer")
    report = browser.get(FORMS[2], query_string={"cycle": "summer"}).get_json()
    assert report["index"] == pytest.approx(75)
    assert report["trend"] is None
    text = browser.get(PAGE, query_string={"cycle": "summer"}).get_data(as_text=True)
    assert "Cycle summer" in text
    assert "Cycle spring" not in text
    own = network.browser("director").get(FORMS[2], query_string={"cycle": "summer"}).get_json()
    assert own["trend"]["index_change"] == pytest.approx(25)


def test_without_a_cycle_a_reviewer_gets_the_latest_that_they_may_read(network: Network) -> None:
    second_cycle(network)
    network.open("autumn", opens=date(2026, 6, 10), closes=date(2026, 7, 30))
    for path in FORMS:
        assert status(network, "reviewer", path) == 200, path
        assert status(network, "region9", path) == 404
    assert network.browser("reviewer").get(FORMS[2]).get_json()["cycle"] == "summer"


def test_a_pair_that_answered_on_one_side_only_shows_a_reviewer_no_answers(network: Network) -> None:
    person = network.person("denver")
    director = network.person("director")
    submit(network, DENVER, Side.EOC)
    with network.database.writing() as session:
        for one in (person, director):
            sharing.set_shared(session, one, *DENVER, True, network.clock.now())
    close(network)
    answer = network.browser("reviewer").get("/api/v1/reports/pair/FC-CO/EOC-DEN?cycle=spring")
    report = answer.get_json()
    assert (answer.status_code, report["status"], report["index"]) == (200, "one_sided", None)
    assert all(item["eoc"] is None and item["fusion_center"] is None for item in report["items"])
    assert all(domain["eoc"] is None for domain in report["domains"])
    page = network.browser("reviewer").get("/reports/pairs/FC-CO/EOC-DEN?cycle=spring")
    assert page.status_code == 200
    assert network.browser("reviewer").get("/reports/pairs/FC-CO/EOC-DEN/items.csv").status_code == 404


def test_shared_pairs_lists_those_that_still_are(network: Network) -> None:
    both_share(network)
    close(network)

    def shared() -> int:
        with network.database.reading() as session:
            cycle = cycles.find_cycle(session, "spring")
            found = frames.shared_pairs(session, cycle.id)
            released = frames.released_pairs(session, cycle.id)
            assert found <= set(released["pair"][released["shared"].astype(bool)])
            assert released["shared"].sum() == 1
        return len(found)

    assert shared() == 1
    switch(network, "manager", False)
    assert shared() == 0


def test_own_pairs_are_those_of_ones_centers(network: Network) -> None:
    query = (
        "SELECT p.id FROM pairs p JOIN centers f ON f.id = p.fusion_center_id"
        " JOIN centers e ON e.id = p.eoc_id WHERE f.code = :code OR e.code = :code"
    )
    with network.database.reading() as session:
        for name, code in (("director", "FC-CO"), ("manager", "EOC-CO"), ("staff", "EOC-CO")):
            own = {pair for (pair,) in rows(network, query, code=code)}
            assert frames.own_pairs(session, network.person(name)) == own
            assert own
        assert frames.own_pairs(session, network.person("reviewer")) == frozenset()
