"""One more pair submits in an open cycle: that pair is computed anew, and nothing else.

Two things are watched, in a network of three pairs and in one of fifty: which forms' answers are read, and
how many pairs are scored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from assessment.cycles import services as cycles
from assessment.models.directory import Center, Pair
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment
from questionnaires.definition import Side
from reports import calculation, center, network_gathering, opened_pairs, pair
from tests.answering_client import Sheet
from tests.conftest import Browser, Network
from tests.durability.test_statements import counted
from tests.network.submitting import COLORADO, DENVER, WYOMING, rows, submit

CLOSED, OPEN = "earlier", "spring"
MORE = 47
PAGE, GRAPH, NUMBERS = "/reports/network", "/reports/network/graph", "/api/v1/reports/network"
REPORT = f"/reports/pairs/{COLORADO[0]}/{COLORADO[1]}?cycle={OPEN}"
READERS = ("reviewer", "admin", "director", "manager", "staff")
READS_RATINGS = re.compile(r"SELECT\b[^;]*\banswers\.number\b[^;]*\bFROM\b[^;]*\banswers\b", re.DOTALL)
SCORING = (center, network_gathering, opened_pairs, pair)


@dataclass
class Work:
    """``forms``: the whole numbers that statements were given which read ratings. ``scored``: of how many
    pairs scores were computed, at each time."""

    forms: set[int] = field(default_factory=set)
    scored: list[int] = field(default_factory=list)


@pytest.fixture
def watched(network: Network, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    found: list[Work] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if READS_RATINGS.search(statement):
            values = parameters.values() if isinstance(parameters, dict) else parameters
            found[-1].forms |= {value for value in values if type(value) is int}

    def score(questionnaire: Any, frame: Any, *, pairs: Any, **kwargs: Any) -> Any:
        found[-1].scored += [len(pairs)] if len(pairs) else []
        return calculation.score_pairs(questionnaire, frame, pairs=pairs, **kwargs)

    @contextmanager
    def watch() -> Iterator[Work]:
        found.append(Work())
        for module in SCORING:
            monkeypatch.setattr(module, "score_pairs", score)
        event.listen(network.database.engine, "before_cursor_execute", note)
        try:
            yield found[-1]
        finally:
            event.remove(network.database.engine, "before_cursor_execute", note)
            monkeypatch.undo()

    return watch


def more_pairs(network: Network, count: int) -> None:
    """Other EOCs of Wyoming's fusion center."""
    with network.database.writing() as session:
        fusion_center = session.query(Center).filter_by(code="FC-WY").one()
        for number in range(count):
            code = f"EOC-{number}"
            eoc = Center(code=code, name=code, kind="eoc", level="county", state="WY", fema_region=8)
            session.add(Pair(fusion_center=fusion_center, eoc=eoc))


def all_answer(network: Network, cycle: str, count: int) -> None:
    """Each of the other pairs submits both sides."""
    asked = network.library.get("worked-example").questions
    lines = [
        f"FC-WY,EOC-{number},{side},{question.id},{(number + len(question.id)) % 5}"
        for number in range(count)
        for side in Side
        for question in asked
        if side in question.sides
    ]
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        text = "\n".join(["fusion_center,eoc,side,question,value", *lines])
        import_answers(session, network.library, text, cycle, moment, submit=True)


@pytest.fixture(params=[0, MORE])
def years(network: Network, request: pytest.FixtureRequest) -> Network:
    """A closed cycle whose numbers were read; an open one in which one side of one pair is missing."""
    more_pairs(network, request.param)
    network.open(CLOSED, opens=date(2026, 4, 1))
    for value, which in enumerate((COLORADO, DENVER, WYOMING)):
        submit(network, which, value=value + 1, cycle=CLOSED)
    all_answer(network, CLOSED, request.param)
    with network.database.writing() as session:
        cycles.close_cycle(session, CLOSED, network.clock.now(), network.clock.today())
    network.open(OPEN)
    for which in (DENVER, WYOMING):
        submit(network, which, cycle=OPEN)
    all_answer(network, OPEN, request.param)
    submit(network, COLORADO, Side.FUSION_CENTER, cycle=OPEN)
    for cycle in (CLOSED, OPEN):
        network_of(network.browser(READERS[0]), cycle)
    return network


def network_of(browser: Browser, cycle: str) -> Any:
    """The page, and what it says in JSON."""
    assert browser.get(PAGE, query_string={"cycle": cycle}).status_code == 200
    return browser.get(NUMBERS, query_string={"cycle": cycle}).get_json()


def forms_of(network: Network, *codes: str) -> set[int]:
    """The ids of the pair's forms in these cycles."""
    query = (
        "SELECT r.id, c.code FROM responses r JOIN cycle_pairs cp ON r.cycle_pair_id = cp.id"
        " JOIN cycles c ON cp.cycle_id = c.id JOIN pairs p ON cp.pair_id = p.id"
        " JOIN centers e ON p.eoc_id = e.id WHERE e.code = :eoc"
    )
    return {int(str(key)) for key, code in rows(network, query, eoc=COLORADO[1]) if code in codes}


def kept(network: Network) -> list[tuple[object, ...]]:
    query = "SELECT cycle_id, scope, calculation, numbers FROM network_numbers ORDER BY cycle_id, scope"
    return rows(network, query)


def filled(network: Network) -> Sheet:
    sheet = Sheet(network, "manager", Side.EOC, COLORADO)
    sheet.fill()
    return sheet


def test_handing_in_reads_this_form_and_scores_nothing(years: Network, watched: Any) -> None:
    sheet = filled(years)
    token = sheet.browser.token("/work")
    signature = {"name": "Pat Example", "title": "Manager", "participants": "3", "csrf_token": token}
    with watched() as work:
        assert sheet.post("submit", signature).status_code == 302
    assert work.forms & forms_of(years, OPEN)
    assert work.forms <= forms_of(years, OPEN) | {years.person("manager").id}
    assert work.scored == []


def test_the_network_reads_no_answers_and_what_is_kept_stays(years: Network, watched: Any) -> None:
    then = {name: network_of(years.browser(name), CLOSED) for name in READERS}
    before, asked = kept(years), len(rows(years, "SELECT id FROM pairs"))
    assert before
    filled(years).submit()
    for name in READERS:
        browser = years.browser(name)
        with watched() as work:
            now = network_of(browser, OPEN)
            assert browser.get(GRAPH, query_string={"cycle": OPEN}).status_code == 200
            assert browser.get(f"{PAGE}/files/csv", query_string={"cycle": OPEN}).status_code == 200
        assert (work.forms, work.scored) == (set(), []), name
        counts = {"expected": asked, "complete": asked, "one_sided": 0, "not_started": 0}
        assert now["pairs"] == counts
        assert now["index"]["n"] is None
    with watched() as work:
        assert {name: network_of(years.browser(name), CLOSED) for name in ("reviewer", "admin")} == {
            name: then[name] for name in ("reviewer", "admin")
        }
    assert (work.forms, work.scored) == (set(), [])
    assert {name: network_of(years.browser(name), CLOSED) for name in READERS} == then
    assert kept(years) == before


def test_its_report_is_computed_of_its_own_answers(years: Network, watched: Any) -> None:
    filled(years).submit()
    browser = years.browser("manager")
    with watched() as work:
        assert browser.get(REPORT).status_code == 200
    assert work.forms == forms_of(years, OPEN, CLOSED)
    assert work.scored == [1, 1], "now, and in the cycle before"


def test_the_watch_sees_a_network_that_is_computed(years: Network, watched: Any) -> None:
    """Closing the cycle is when all of its pairs are scored, once, with those before for the trend."""
    filled(years).submit()
    with years.database.writing() as session:
        cycles.close_cycle(session, OPEN, years.clock.now(), years.clock.today())
    pairs = len(rows(years, "SELECT id FROM pairs"))
    with watched() as work:
        network_of(years.browser("reviewer"), OPEN)
    assert work.scored == [pairs, pairs]
    with watched() as work:
        network_of(years.browser("admin"), OPEN)
    assert (work.forms, work.scored) == (set(), [])


def test_who_has_answered_takes_as_many_statements_with_fifty_pairs_as_with_three(network: Network) -> None:
    taken = []
    for cycle, more in ((CLOSED, 0), (OPEN, MORE)):
        more_pairs(network, more)
        network.open(cycle)
        all_answer(network, cycle, more)
        browser = network.browser("reviewer")
        with counted(network.database.engine) as statements:
            found = network_of(browser, cycle)
        assert found["pairs"]["expected"] == 3 + more
        taken.append(len(statements))
    assert taken[0] == taken[1], statements
