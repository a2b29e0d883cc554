"""Cycles past their period: what goes, what stays, and that pages say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app import create_app
from assessment import audit
from assessment.models.audit import AuditEvent
from assessment.models.responses import Answer
from assessment.models.surveys import Partner, SurveyAnswer, SurveyPartner
from assessment.privacy import retention
from assessment.privacy.retention import STEPS, due, last_day
from questionnaires.library import Library
from tests.access.databases import Databases, finish
from tests.conftest import (
    BACKENDS,
    Browser,
    FixedClock,
    Network,
    add_network,
    settings_in,
)
from tests.made_once import hurry
from tests.network.submitting import COLORADO, DENVER, WYOMING, submit
from tests.product_world import released, sheet
from tests.survey_world import add_partners, add_survey

PAIR = "/reports/pairs/FC-CO/EOC-CO?cycle=spring"
PRODUCTS = "/reports/products/FC-CO?cycle=products-co"


@dataclass(frozen=True)
class Past:
    """Databases with a closed cycle and a released survey, of three years and a month ago."""

    databases: Databases
    library: Library

    def opened(self, name: str) -> Network:
        """The network that stands in this database, of whose cycles two years are kept."""
        network = self.over(name, retention_years=2)
        network.clock.move(days=365 * 2 + 60)
        return network

    def over(self, name: str, **changes: Any) -> Network:
        settings = replace(settings_in(self.databases.folder, self.databases.url(name)), **changes)
        app = create_app(settings, library=self.library)
        database = app.extensions["tandem.database"]
        hurry(database)
        network = Network(app, database, self.library, FixedClock(settings.timezone))
        app.extensions["tandem.clock"] = network.clock
        app.config["TESTING"] = True
        return network

    def copy(self, name: str) -> str:
        copied = f"{name}_{len(self.databases.made)}"
        self.databases.copy(name, copied)
        return copied


@pytest.fixture(scope="module", params=BACKENDS)
def past(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    library: Library,
) -> Iterator[Past]:
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else ""
    found = Past(Databases(tmp_path_factory.mktemp("past"), sqlite_template, server), library)
    found.databases.empty("past")
    network = found.over("past")
    with network.database.writing() as session:
        add_network(session)
    network.open()
    for pair in (COLORADO, DENVER, WYOMING):
        submit(network, pair)
    with network.database.writing() as session:
        survey = released(
            session,
            network.library.get("product-usefulness"),
            [sheet("eoc", 2 + n % 3, "A remark") for n in range(12)],
        )
        add_partners(session, survey, range(3))
    finish(network)
    yield found
    found.databases.drop()


@pytest.fixture
def old(past: Past) -> Iterator[Network]:
    """That network in a copy of its own; two years are kept."""
    network = past.opened(past.copy("past"))
    yield network
    network.database.engine.dispose()


@pytest.fixture(scope="module")
def reduced(past: Past) -> Iterator[Network]:
    """The same after the run, for tests that only look."""
    network = past.opened(past.copy("past"))
    reduce(network)
    yield network
    network.database.engine.dispose()


@pytest.fixture(scope="module")
def looking(reduced: Network) -> Callable[[str], Browser]:
    """A browser of each person, who signs in once."""
    return cache(reduced.browser)


def reduce(network: Network) -> list[Any]:
    keep = network.app.extensions["tandem.aggregates"]
    return list(retention.run(network.database, network.clock, 2, keep))


def command(network: Network, *words: str, **more: Any) -> Any:
    return network.app.test_cli_runner().invoke(args=["retention", *words], **more)


def left(network: Network) -> dict[str, int]:
    with network.database.reading() as session:
        counts = {
            step.table: session.scalar(select(func.count()).select_from(step.model)) or 0 for step in STEPS
        }
    return {table: count for table, count in counts.items() if count}


def test_the_period_counts_from_the_last_day() -> None:
    assert last_day(date(2028, 6, 15), 2) == date(2026, 6, 15)
    assert last_day(date(2028, 2, 29), 1) == date(2027, 2, 28)
    assert last_day(date(2028, 2, 29), 4) == date(2024, 2, 28)


def test_without_a_period_nothing_is_due(old: Network) -> None:
    with old.database.reading() as session:
        assert not due(session, old.clock.today(), 0)
        assert not due(session, old.clock.today(), 3)
        assert [cycle.code for cycle in due(session, old.clock.today(), 2)] == ["products-co", "spring"]


def test_the_plan_says_what_would_go_and_removes_nothing(old: Network) -> None:
    before = left(old)
    said = command(old, "plan").output
    assert "products-co, closed on 2026-06-10: 12 survey_responses" not in said
    assert "12 survey_responses" in said
    assert f"spring, closed on 2026-06-30: {before['answers']} answers" in said
    assert left(old) == before


def test_a_run_asks_first(old: Network) -> None:
    before = left(old)
    found = command(old, "run", input="n\n")
    assert found.exit_code == 1
    assert "Nothing was removed" in found.output
    assert left(old) == before
    done = command(old, "run", "--yes")
    assert done.exit_code == 0, done.output
    assert not left(old)
    assert "No cycle is past its period" in command(old, "run", "--yes").output


def test_the_aggregates_stay_and_are_the_same(old: Network) -> None:
    addresses = ["/api/v1/reports/network?cycle=spring", "/api/v1/reports/network?cycle=spring&region=8"]
    reviewer, admin = old.browser("reviewer"), old.browser("admin")
    before = [reviewer.get(address).json for address in addresses]
    products = admin.get("/api/v1/" + PRODUCTS[1:]).json
    reduce(old)
    assert [reviewer.get(address).json for address in addresses] == before
    assert before[0]["pairs"]["complete"] == 3
    assert admin.get("/api/v1/" + PRODUCTS[1:]).json == products
    assert products["responded"] == 12
    assert reviewer.get("/reports/network?cycle=spring").status_code == 200


def test_aggregates_that_nobody_has_looked_at_are_kept_too(reduced: Network) -> None:
    found = reduced.browser("reviewer").get("/api/v1/reports/network?cycle=spring").json
    assert found["released"] == "2026-06-30"
    assert found["pairs"]["complete"] == 3


def test_a_newer_way_of_calculating_does_not_take_them_away(
    reduced: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = reduced.browser("reviewer")
    before = reviewer.get("/api/v1/reports/network?cycle=spring").json
    for module in ("reports.network_gathering", "reports.network_reading"):
        monkeypatch.setattr(f"{module}.CALCULATION", "99")
    assert reviewer.get("/api/v1/reports/network?cycle=spring").json == before


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("admin", PAIR),
        ("manager", PAIR),
        ("director", PAIR),
        ("manager", "/reports/centers/EOC-CO?cycle=spring"),
        ("admin", "/reports/centers/FC-CO?cycle=spring"),
        ("director", PRODUCTS),
        ("admin", PRODUCTS),
        ("manager", "/responses/{form}/receipt"),
        ("manager", "/responses/{form}/GOV"),
        ("manager", "/responses/{form}"),
        ("director", "/surveys/{survey}"),
        ("director", "/surveys/{survey}/partners"),
    ],
)
def test_pages_of_a_reduced_cycle_say_so(
    reduced: Network, looking: Callable[[str], Browser], name: str, address: str
) -> None:
    with reduced.database.reading() as session:
        survey = session.execute(text("SELECT public_id FROM surveys")).scalar_one()
    path = address.format(form=reduced.response_id("FC-CO", "EOC-CO", "eoc"), survey=survey)
    page = looking(name).get(path)
    assert page.status_code == 200
    assert "The answers of this cycle are removed" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    "address", ["/work", "/cycles", "/cycles/spring", "/centers/FC-CO", "/surveys", "/audit", "/"]
)
@pytest.mark.parametrize("name", ["admin", "manager", "director", "reviewer"])
def test_no_other_page_fails(looking: Callable[[str], Browser], name: str, address: str) -> None:
    assert looking(name).get(address).status_code in (200, 302, 404)


def test_the_pages_of_the_cycles_say_so_and_offer_no_reopening(old: Network) -> None:
    admin = old.browser("admin")
    for code in ("spring", "products-co"):
        assert "Reopen the cycle" in admin.get(f"/cycles/{code}").get_data(as_text=True)
    reduce(old)
    for code in ("spring", "products-co"):
        page = admin.get(f"/cycles/{code}").get_data(as_text=True)
        assert "single answers of this cycle were removed" in page
        assert "Reopen the cycle" not in page


def test_results_of_a_survey_are_shown_as_they_were_released(reduced: Network) -> None:
    page = reduced.browser("director").get(PRODUCTS).get_data(as_text=True)
    assert "Results as they were released" in page
    assert "<dd>12</dd>" in page


def test_whose_it_is_not_learns_nothing_of_the_removal(reduced: Network) -> None:
    form = reduced.response_id("FC-CO", "EOC-CO", "eoc")
    for name, address in (
        ("wyoming", PAIR),
        ("director", f"/responses/{form}/receipt"),
        ("wyoming", PRODUCTS),
    ):
        assert reduced.browser(name).get(address).status_code == 404


def test_programs_are_told_too(reduced: Network) -> None:
    reply = reduced.browser("admin").get("/api/v1/reports/pair/FC-CO/EOC-CO?cycle=spring")
    assert reply.status_code == 410
    assert "were removed on" in reply.json["error"]
    runner = reduced.app.test_cli_runner()
    said = runner.invoke(args=["report", "pair", "FC-CO", "EOC-CO", "--cycle", "spring"])
    assert (said.exit_code, "were removed on" in said.output) == (1, True)
    again = runner.invoke(args=["cycles", "reopen", "spring", "--closes", "2030-01-01"])
    assert (again.exit_code, "were removed on" in again.output) == (1, True)


def test_names_and_notes_go_with_the_answers(old: Network) -> None:
    with old.database.writing() as session:
        session.execute(text("UPDATE responses SET signer_name = 'Pat Example', reopen_reason = 'A reason'"))
    reduce(old)
    with old.database.reading() as session:
        stored = session.execute(text("SELECT signer_name, reopen_reason, status FROM responses")).all()
    assert set(stored) == {(None, None, "submitted")}


def test_partners_of_other_surveys_and_those_who_opted_out_stay(old: Network) -> None:
    with old.database.writing() as session:
        session.execute(text("UPDATE partners SET opted_out_on = '2026-06-01' WHERE name = 'Partner 0'"))
        later = add_survey(session, 0, "later", opens_on=date(2028, 6, 1), closes_on=date(2028, 12, 31))
        first = session.scalars(select(Partner).where(Partner.name == "Partner 1")).one()
        session.add(SurveyPartner(survey_id=later.id, partner_id=first.id))
        add_partners(session, later, [7])
        session.add(Partner(fusion_center_id=later.fusion_center_id, email="new@agency.example", name="New"))
    reduce(old)
    with old.database.reading() as session:
        names = set(session.scalars(select(Partner.name)))
    assert names == {"Partner 0", "Partner 1", "Partner 7", "New"}


def test_a_run_that_is_stopped_is_gone_on_with(old: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 5)
    keep = old.app.extensions["tandem.aggregates"]
    for most in (1, 4, 9):
        calls = iter(range(most))
        runs = retention.run(old.database, old.clock, 2, keep, lambda calls=calls: next(calls, None) is None)
        assert not list(runs)
    begun = left(old)
    assert begun["survey_answers"] > 0
    page = old.browser("director").get(PRODUCTS).get_data(as_text=True)
    assert "The answers of this cycle are removed" in page
    assert "begun, not finished" in command(old, "plan").output
    assert [done.code for done in reduce(old)] == ["products-co", "spring"]
    assert not left(old)
    with old.database.reading() as session:
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == "cycle products-co").order_by(AuditEvent.id)
        ).all()
    assert [action for action in actions if "reduc" in action] == ["cycle reduction begun", "cycle reduced"]


def test_a_change_since_a_reduced_cycle_stays_and_later_ones_are_not_told(old: Network) -> None:
    opens, closes = date(2028, 7, 1), date(2028, 9, 30)
    old.open("summer", opens=opens, closes=closes)
    for pair in (COLORADO, DENVER):
        submit(old, pair, value=3, cycle="summer")
    reduce(old)
    manager = old.browser("manager")
    found = manager.get("/api/v1/reports/pair/FC-CO/EOC-CO?cycle=summer").json
    assert found["trend"] is None
    assert found["index"] == 75
    old.clock.move(days=60)
    assert old.browser("reviewer").get("/reports/network?cycle=summer").status_code == 200
    assert old.browser("manager").get("/reports/centers/EOC-CO?cycle=summer").status_code == 200


def test_the_worker_does_it_by_itself(old: Network) -> None:
    found = old.app.test_cli_runner().invoke(args=["mail", "deliver"])
    assert found.exit_code == 0, found.output
    assert not left(old)


def test_the_trail_says_what_went_and_stays_whole(old: Network) -> None:
    with old.database.reading() as session:
        answers = session.scalar(select(func.count()).select_from(Answer))
        sheets = session.scalar(select(func.count()).select_from(SurveyAnswer))
    reduce(old)
    with old.database.reading() as session:
        details = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "cycle reduced")).all()
        assert not audit.verify(session, old.app.extensions["tandem.settings"].audit_keys).problems
    assert any(f"{answers} answers" in detail for detail in details)
    assert any(f"{sheets} survey_answers" in detail for detail in details)


def test_nothing_typed_is_left_anywhere(reduced: Network) -> None:
    with reduced.database.reading() as session:
        kept = session.execute(text("SELECT report FROM kept_results")).scalars().all()
    assert kept
    assert not [report for report in kept if "remark" in json.dumps(report)]
