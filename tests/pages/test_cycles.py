"""Opening, watching, closing and reopening cycles."""

from __future__ import annotations

import re
from datetime import date

import pytest

from assessment.cycles import services
from assessment.cycles.services import CycleState, NewCycle, state_of
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from tests.answering_client import Sheet
from tests.conftest import NOW, Network

NEW = {
    "questionnaire": "cpg502-checklist 1.0",
    "title": "Checklist 2026",
    "code": "checklist-2026",
    "opens": "2026-06-01",
    "closes": "2026-06-30",
}


def test_a_cycle_asks_both_sides_of_every_active_pair(network: Network) -> None:
    admin = network.browser("admin")
    assert admin.post("/cycles/new", NEW).location == "/cycles/checklist-2026"
    page = admin.get("/cycles/checklist-2026").get_data(as_text=True)
    assert "0 of 3 pairs complete" in page
    work = network.browser("director").get("/work").get_data(as_text=True)
    assert "with Colorado State EOC" in work
    assert "with Denver City EOC" in work
    assert "Wyoming" not in work


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "has blanks"}, "letters, digits, dots and dashes"),
        ({"opens": "2026-07-01"}, "before it opens"),
        ({"closes": "soon"}, "Not a valid date"),
        ({"title": ""}, "Enter a title"),
    ],
)
def test_what_does_not_fit_is_refused_and_stays_in_the_form(
    network: Network, changes: dict[str, str], said: str
) -> None:
    answer = network.browser("admin").post("/cycles/new", NEW | changes)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in page
    assert 'value="checklist-2026"' in page or 'value="has blanks"' in page


def test_a_code_is_given_once(network: Network) -> None:
    admin = network.browser("admin")
    admin.post("/cycles/new", NEW)
    assert "already a cycle" in admin.post("/cycles/new", NEW).get_data(as_text=True)


def cycle(**values: object) -> Cycle:
    return Cycle(opens_on=date(2026, 6, 1), closes_on=date(2026, 6, 30), **values)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 5, 31), CycleState.PLANNED),
        (date(2026, 6, 1), CycleState.OPEN),
        (date(2026, 6, 30), CycleState.OPEN),
        (date(2026, 7, 1), CycleState.CLOSED),
    ],
)
def test_the_last_day_is_included(today: date, state: CycleState) -> None:
    assert state_of(cycle(), today) is state


def test_closed_by_hand_it_is_closed_on_its_days_too() -> None:
    assert state_of(cycle(closed_at=NOW), date(2026, 6, 10)) is CycleState.CLOSED


def test_the_day_ends_in_the_zone_of_the_settings(network: Network) -> None:
    """The 30th ends in Denver six hours after it ends in UTC."""
    network.open(closes=date(2026, 6, 15))
    sheet = Sheet(network, "manager", "eoc")
    network.clock.move(hours=13)  # 23:00 in Denver, past midnight in UTC
    sheet.browser = network.browser("manager")
    assert sheet.save(sheet.open("GOV"), "GOV-01", "1").status_code == 200
    network.clock.move(hours=2)
    sheet.browser = network.browser("manager")
    assert sheet.browser.get(sheet.path("GOV")).status_code == 302


def test_reopened_the_sides_go_on_where_they_were(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.save(sheet.open("GOV"), "GOV-01", "1")
    admin = network.browser("admin")
    admin.post("/cycles/spring/close", {}, form="/cycles/spring")
    assert sheet.browser.get(sheet.path("GOV")).status_code == 302
    admin.post("/cycles/spring/reopen", {"closes": "2026-07-15"}, form="/cycles/spring")
    assert sheet.open("GOV")["q_GOV-01"] == "1"


def test_closing_twice_and_reopening_into_the_past_are_refused(network: Network) -> None:
    network.open()
    today = date(2026, 6, 15)
    with network.database.writing() as session:
        services.close_cycle(session, "spring", NOW, today)
    with network.database.reading() as session:
        with pytest.raises(Refused, match="closed already"):
            services.close_cycle(session, "spring", NOW, today)
        with pytest.raises(Refused, match="is over"):
            services.reopen_cycle(session, "spring", date(2026, 6, 14), NOW, today)


def test_progress_says_how_far_and_never_what(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.save(sheet.open("GOV"), "GOV-01", "4", "SECRETNOTE")
    page = network.browser("admin").get("/cycles/spring").get_data(as_text=True)
    assert "Started, not submitted (1 of 13)" in page
    assert "SECRETNOTE" not in page
    mine = network.browser("director").get("/cycles/spring").get_data(as_text=True)
    assert "Started, not submitted (1 of 13)" in mine
    assert "Wyoming" not in mine
    heads = [re.findall(r'<th scope="row"[^>]*>(.*?)</th>', read) for read in (page, mine)]
    assert [len(set(found)) for found in heads] == [2, 2], "fusion centers; for a director their EOCs"
    assert heads[1] == ["Colorado State EOC", "Denver City EOC"]


def test_the_list_of_pairs_can_be_narrowed(network: Network) -> None:
    network.open()
    admin = network.browser("admin")
    found = admin.get("/cycles/spring?text=denver").get_data(as_text=True)
    assert "Denver City EOC" in found
    assert "Wyoming State EOC" not in found
    assert "No pair fits" in admin.get("/cycles/spring?text=%25").get_data(as_text=True)
    assert "No pair fits" in admin.get("/cycles/spring?only=complete").get_data(as_text=True)
    assert admin.get("/cycles/spring?page=99999999999").status_code == 200


def test_a_cycle_for_some_pairs_only(network: Network) -> None:
    new = NewCycle("few", "Few", "worked-example", date(2026, 6, 1), date(2026, 6, 30))
    with network.database.writing() as session, pytest.raises(Refused, match="FC-CO with EOC-WY"):
        services.open_cycle(
            session, network.library, NewCycle(**vars(new) | {"pairs": [("FC-CO", "EOC-WY")]}), NOW
        )
    network.open("few", pairs=[("FC-WY", "EOC-WY")])
    assert "Nothing to fill in now" in network.browser("manager").get("/work").get_data(as_text=True)
    network.open("some", centers=["FC-CO"])
    assert "0 of 2 pairs" in network.browser("admin").get("/cycles/some").get_data(as_text=True)
