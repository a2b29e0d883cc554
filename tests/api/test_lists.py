"""The lists: each shows what its page shows this person, in pages that fit together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from assessment.api.scopes import Scope
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from tests import director
from tests.api.conftest import Program, program_of
from tests.conftest import PAIRS, PEOPLE, Network, email_of
from tests.durability.test_statements import counted

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LISTS = ["centers", "pairs", "cycles", "surveys", "people"]


def whole(program: Program, name: str, limit: int = 200, **asked: Any) -> list[dict[str, Any]]:
    """All rows, by going from page to page."""
    rows: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        answer = program.get(f"/api/v1/{name}", query_string={"limit": limit, **asked, **after})
        assert answer.status_code == 200, answer.get_json()
        found = answer.get_json()
        assert len(found[name]) <= limit
        rows += found[name]
        if found["next"] is None:
            return rows
        assert len(found[name]) == limit
        after = {"after": found["next"]}


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_one_row_fit_together_to_the_whole(network: Network, name: str) -> None:
    for code in ("spring", "summer", "Autumn"):
        network.open(code)
    program = program_of(network, "admin")
    assert whole(program, name, limit=1) == whole(program, name)
    wanted = {"centers": 5, "pairs": 3, "cycles": 3, "surveys": 0, "people": len(PEOPLE)}
    assert len(whole(program, name)) == wanted[name]


def test_what_is_added_meanwhile_moves_nothing(network: Network) -> None:
    program = program_of(network, "admin", [Scope.LISTS])
    first = program.get("/api/v1/centers?limit=2").get_json()
    with network.database.writing() as session:
        session.add(Center(code="AA", name="AA", kind="eoc", level="city", state="CO", fema_region=8))
    rest = program.get(f"/api/v1/centers?after={first['next']}").get_json()
    codes = [row["code"] for row in first["centers"] + rest["centers"]]
    assert codes == sorted({"FC-CO", "FC-WY", "EOC-CO", "EOC-DEN", "EOC-WY"})


def test_filters_ask_for_what_they_say(network: Network) -> None:
    program = program_of(network, "admin")
    with network.database.writing() as session:
        session.scalars(select(Pair).order_by(Pair.id)).first().active = False  # type: ignore[union-attr]
        session.scalars(select(PersonRow).where(PersonRow.email == email_of("deputy"))).one().active = False
    network.open("spring")
    codes = [row["code"] for row in whole(program, "centers", kind="eoc", state="CO")]
    assert codes == ["EOC-CO", "EOC-DEN"]
    assert whole(program, "centers", region=9) == []
    inactive = whole(program, "pairs", active="false")
    assert [(row["fusion_center"]["code"], row["eoc"]["code"]) for row in inactive] == [PAIRS[0]]
    assert [row["eoc"]["code"] for row in whole(program, "pairs", fusion_center="FC-WY")] == ["EOC-WY"]
    assert [row["code"] for row in whole(program, "cycles", state="open")] == ["spring"]
    assert whole(program, "cycles", state="closed") == whole(program, "cycles", state="planned") == []
    people = whole(program, "people", role="manager", active="true")
    assert {row["email"] for row in people} == {email_of("manager"), email_of("denver")}


@pytest.mark.parametrize("state", ["planned", "open", "closed"])
@SQLITE
def test_the_state_that_is_asked_for_is_the_state_that_is_shown(network: Network, state: str) -> None:
    days = {"past": ("2026-01-05", "2026-02-01"), "now": ("2026-06-15", "2026-06-15")}
    days |= {"today is the last": ("2026-05-01", "2026-06-15"), "later": ("2026-06-16", "2026-07-01")}
    for number, (opens, closes) in enumerate(days.values()):
        network.open(f"c{number}", opens=_day(opens), closes=_day(closes))
    program = program_of(network, "admin")
    everything = whole(program, "cycles")
    assert whole(program, "cycles", state=state) == [row for row in everything if row["state"] == state]
    assert [row["state"] for row in everything] == ["closed", "open", "open", "planned"]


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "colour is not known here; there is limit, after, kind, state, region, active."),
        ("limit=0", "limit takes a whole number from 1 to 200."),
        ("limit=201", "limit takes a whole number from 1 to 200."),
        ("limit=ten", "limit takes a whole number from 1 to 200."),
        ("limit=²", "limit takes a whole number from 1 to 200."),
        ("limit=1&limit=2", "limit is there 2 times; give it once."),
        ("active=yes", "active takes one of true, false."),
        ("region=11", "region takes a whole number from 1 to 10."),
        ("state=co", "state takes one of"),
        ("after=" + "x" * 101, "after takes at most 100 characters."),
        ("after=%00", "after holds a character that nothing here has."),
    ],
)
def test_what_a_list_cannot_mean_is_named(network: Network, query: str, words: str) -> None:
    answer = network.browser("manager").get(f"/api/v1/centers?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(words)


def test_a_report_is_named_exactly_where_the_page_has_a_link(network: Network) -> None:
    for name, _, _ in PEOPLE:
        page = network.browser(name).get("/pairs").get_data(as_text=True)
        for row in whole(program_of(network, name, [Scope.LISTS]), "pairs"):
            codes = row["fusion_center"]["code"], row["eoc"]["code"]
            linked = f'href="/reports/pairs/{codes[0]}/{codes[1]}"' in page
            assert (row["report"] is not None) is linked, (name, codes)


@SQLITE
def test_people_and_surveys_are_there_for_those_who_have_the_pages(network: Network) -> None:
    for name, _, _ in PEOPLE:
        browser = network.browser(name)
        for path in ("people", "surveys"):
            page, api = browser.get(f"/{path}"), browser.get(f"/api/v1/{path}")
            assert page.status_code == api.status_code, (name, path)


def test_surveys_are_those_of_the_page(network: Network) -> None:
    director.make_open(network)
    plan = director.make(network, title="Products 2027")
    assert plan
    rows = {name: whole(program_of(network, name), "surveys") for name in ("director", "analyst", "admin")}
    assert sorted(row["state"] for row in rows["director"]) == ["open", "plan"]
    assert [row["state"] for row in rows["analyst"]] == [row["state"] for row in rows["admin"]] == ["open"]
    assert {row["state"]: row["finished"] for row in rows["director"]} == {"open": 0, "plan": None}
    assert whole(program_of(network, "wyoming"), "surveys") == []
    for name, found in rows.items():
        page = network.browser(name).get("/surveys").get_data(as_text=True)
        assert [title in page for title in ("Products 2026", "Products 2027")] == [
            title in {row["title"] for row in found} for title in ("Products 2026", "Products 2027")
        ]


@pytest.mark.parametrize("name", LISTS)
def test_a_longer_list_takes_no_more_statements(network: Network, name: str) -> None:
    network.open("spring")
    program = program_of(network, "admin")
    with counted(network.database.engine) as few:
        program.get(f"/api/v1/{name}?limit=1")
    with counted(network.database.engine) as many:
        program.get(f"/api/v1/{name}?limit=200")
    with counted(network.database.engine) as further:
        program.get(f"/api/v1/{name}?limit=1&after=B")
    assert len(many) <= len(few)  # the first one notes the day's first use
    assert len(further) <= len(few)
    assert len(many) <= 12
