"""Which pairs a reader of the network may open by name, and the numbers that were released of them."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text

from assessment.cycles.services import close_cycle, find_cycle, reopen_cycle
from assessment.network import frames
from assessment.network.opened import openable_pairs
from assessment.network.sharing import set_shared
from assessment.responding.services import Moment, reopen_response
from questionnaires.definition import Side
from reports.calculation import score_pairs
from reports.opened_pairs import opened_pairs
from tests.conftest import PAIRS, Network
from tests.network.submitting import COLORADO, DENVER, WYOMING, submit


def share(network: Network, shared: bool = True, *names: str) -> None:
    with network.database.writing() as session:
        for name in names or ("director", "manager"):
            person = network.person(name)
            set_shared(session, person, *COLORADO, shared, network.clock.now())


def close(network: Network, cycle: str = "spring") -> None:
    with network.database.writing() as session:
        close_cycle(session, cycle, network.clock.now(), network.clock.today())


def opened(network: Network, name: str, cycle: str = "spring") -> set[tuple[str, str]]:
    with network.database.reading() as session:
        found = frames.released_pairs(session, find_cycle(session, cycle).id).set_index("pair")
        ids = openable_pairs(session, network.person(name), find_cycle(session, cycle).id)
    return {(found.at[pair, "fusion_center"], found.at[pair, "eoc"]) for pair in ids}


@pytest.fixture
def spring(network: Network) -> Network:
    """Colorado's state EOC and Denver are complete, Colorado is shared, Wyoming waits for its EOC."""
    network.open()
    submit(network, COLORADO, Side.FUSION_CENTER, value=4)
    submit(network, COLORADO, Side.EOC, value=1)
    submit(network, DENVER, value=3)
    submit(network, WYOMING, Side.FUSION_CENTER)
    share(network)
    return network


def test_before_the_release_nothing_is_open(spring: Network) -> None:
    assert opened(spring, "director") == opened(spring, "reviewer") == set()


def test_each_opens_their_own_a_reviewer_what_is_shared_an_administrator_none(spring: Network) -> None:
    close(spring)
    found = {name: opened(spring, name) for name in ("director", "analyst", "manager", "denver", "wyoming")}
    assert found == {
        "director": {COLORADO, DENVER},
        "analyst": {COLORADO, DENVER},
        "manager": {COLORADO},
        "denver": {DENVER},
        "wyoming": set(),
    }
    assert opened(spring, "reviewer") == {COLORADO}
    assert opened(spring, "admin") == set()


def test_what_opens_here_opens_as_a_report(spring: Network) -> None:
    close(spring)
    for name in ("director", "manager", "denver", "wyoming", "reviewer"):
        browser = spring.browser(name)
        joint = set()
        for pair in PAIRS:
            answer = browser.get(f"/api/v1/reports/pair/{'/'.join(pair)}?cycle=spring")
            if answer.status_code == 200 and answer.get_json()["status"] == "complete":
                joint.add(pair)
        assert opened(spring, name) == joint, name


def test_a_share_that_is_taken_back_closes_it_for_the_reviewer_alone(spring: Network) -> None:
    close(spring)
    share(spring, False, "manager")
    assert opened(spring, "reviewer") == set()
    assert COLORADO in opened(spring, "director")


def test_a_share_after_the_close_opens_nothing(spring: Network) -> None:
    share(spring, False)
    close(spring)
    share(spring)
    assert opened(spring, "reviewer") == set()


@pytest.mark.parametrize(("region", "expected"), [("8", {COLORADO}), ("9", set())])
def test_a_reviewer_of_another_region_opens_none(spring: Network, region: str, expected: object) -> None:
    with spring.database.writing() as session:
        session.execute(
            text(
                "INSERT INTO person_scopes (person_id, kind, value)"
                " SELECT id, 'region', :region FROM people WHERE role = 'reviewer'"
            ),
            {"region": region},
        )
    close(spring)
    assert opened(spring, "reviewer") == expected


def test_a_side_that_is_reopened_closes_the_pair(spring: Network) -> None:
    close(spring)
    moment = Moment(spring.clock.now(), spring.clock.today())
    form = spring.response_id(*COLORADO, "eoc")
    with spring.database.writing() as session:
        reopen_cycle(session, "spring", date(2026, 12, 31), moment.now, moment.today)
        reopen_response(session, spring.library, spring.person("admin"), form, "a slip", moment)
    assert opened(spring, "director") == {DENVER}
    assert opened(spring, "reviewer") == set()


def numbers(network: Network, pairs: set[int] | frozenset[int]) -> pd.DataFrame:
    with network.database.reading() as session:
        return opened_pairs(session, network.library, find_cycle(session, "spring"), pairs)


def test_its_numbers_are_those_of_the_released_answers(spring: Network) -> None:
    close(spring)
    with spring.database.reading() as session:
        cycle = find_cycle(session, "spring")
        frame = frames.network_frame(session, cycle.id)
        everything = score_pairs(spring.library.get("worked-example"), frame)
        ids = openable_pairs(session, spring.person("director"), cycle.id)
    found = numbers(spring, ids)
    wanted = everything.pairs[everything.pairs["pair"].isin(ids)]
    for name in ("pair", "index", "level", "items", "apart"):
        assert found[name].tolist() == wanted[name].tolist(), name
    domains = everything.domains.astype({"domain": object}).set_index(["domain", "pair"])
    for domain in everything.plan.domains:
        for name in ("joint", "gap"):
            assert found[f"{name}:{domain}"].tolist() == pytest.approx(domains.loc[domain][name].tolist())
    apart = dict(zip(found["pair"], found["wide"], strict=True))
    by_gap = found.set_index("pair")[[c for c in found if c.startswith("gap:")]].abs().max(axis=1)
    assert by_gap.max() == pytest.approx(75)
    assert {pair for pair, wide in apart.items() if wide} == {by_gap.idxmax()}


def test_of_pairs_that_are_not_complete_or_not_asked_there_is_nothing(spring: Network) -> None:
    close(spring)
    with spring.database.reading() as session:
        found = frames.released_pairs(session, find_cycle(session, "spring").id)
    wyoming = set(found.loc[found["eoc"] == "EOC-WY", "pair"])
    assert numbers(spring, wyoming).empty
    assert numbers(spring, frozenset()).columns.tolist()[:7] == [
        "pair",
        "index",
        "level",
        "status",
        "items",
        "apart",
        "wide",
    ]
