"""The pages of the audit trail: what administrators find, and what a center's leaders do."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from assessment import audit
from tests.answering_client import Sheet
from tests.conftest import Browser, Network


def words(browser: Browser, path: str) -> str:
    reply = browser.get(path)
    assert reply.status_code == 200, path
    text = re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True))
    return re.sub(r"\s+", " ", text)


def table(browser: Browser, path: str = "/audit") -> str:
    """The words of the table of events alone."""
    page = browser.get(path).get_data(as_text=True)
    found = re.search(r"<tbody>.*</tbody>", page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(0))) if found else ""


@pytest.fixture
def revealed(network: Network) -> Network:
    network.open()
    for name, side in (("manager", "eoc"), ("director", "fusion_center")):
        sheet = Sheet(network, name, side)
        sheet.fill("2")
        sheet.submit()
        network.clock.move(minutes=1)
    return network


def test_an_administrator_reads_who_did_what(revealed: Network) -> None:
    admin = revealed.browser("admin")
    found = table(admin)
    assert "Manager Example (manager) submitted FC-CO with EOC-CO, EOC&#39;s form, cycle spring" in found
    assert "changed answers of FC-CO with EOC-CO, fusion center&#39;s form, cycle spring: GOV-01" in found
    assert "Admin Example (administrator) signed in" in found


def test_the_newest_come_first_and_older_ones_by_key(network: Network) -> None:
    with network.database.writing() as session:
        for number in range(120):
            audit.record(
                session, network.clock.now(), None, "centers imported", "directory", f"no. {number:03}"
            )
    admin = network.browser("admin")
    seen: list[str] = []
    path = "/audit?action=centers+imported"
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen += re.findall(r"no\. (\d{3})", page)
        older = re.search(r'href="([^"]*before=\d+[^"]*)"', page)
        path = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == [f"{number:03}" for number in reversed(range(120))]


def test_filters(revealed: Network) -> None:
    admin = revealed.browser("admin")
    found = table(admin, "/audit?who=director")
    assert "Director Example" in found
    assert "Manager Example" not in found
    assert "EOC&#39;s form" not in table(admin, "/audit?about=FC-CO&action=submitted")
    assert "fusion center&#39;s form" in table(admin, "/audit?about=fc-co&action=submitted")
    assert "opened cycle spring" in table(admin, "/audit?about=spring")
    assert "The program" in table(admin, "/audit?who=command+line")
    assert "No event fits" in words(admin, "/audit?since=2027-01-01")
    assert "No event fits" in words(admin, "/audit?until=2025-01-01")
    assert "submitted" in table(admin, "/audit?since=2026-06-15&until=2026-06-15")
    assert "submitted" in table(admin, "/audit?origin=127.")
    assert "No event fits" in words(admin, "/audit?origin=10.")


@pytest.mark.parametrize(
    "query",
    [
        "since=9999-12-31&until=9999-12-31",
        "until=0001-01-01&since=0001-01-01",
        "before=99999999999999999999",
        "before=-1&since=yesterday&action=%00&who=%25&about=_%27--&origin=%22",
    ],
)
def test_what_an_address_cannot_mean_is_left_out(network: Network, query: str) -> None:
    assert network.browser("admin").get(f"/audit?{query}").status_code == 200
    assert network.browser("manager").get(f"/centers/EOC-CO/trail?{query}").status_code == 200


def test_the_file_holds_what_is_filtered_and_is_an_event_itself(revealed: Network) -> None:
    with revealed.database.writing() as session:
        audit.record(session, revealed.clock.now(), None, "centers imported", "directory", "=1+1")
    admin = revealed.browser("admin")
    content = admin.get("/audit/events.csv?action=centers+imported").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert [row["detail"] for row in rows] == ["'=1+1"]
    assert "limited by action" in table(admin, "/audit?action=audit+trail+exported")
    everything = admin.get("/audit/events.csv").get_data(as_text=True)
    assert len(everything.splitlines()) > 10


def test_looking_at_the_trail_is_an_event_once_an_hour(network: Network) -> None:
    admin = network.browser("admin")
    for minutes in (0, 10, 55):
        network.clock.move(minutes=minutes)
        admin.get("/audit")
    assert table(admin).count("opened the audit trail") == 2


def test_the_check_says_whether_the_trail_is_whole(network: Network) -> None:
    admin = network.browser("admin")
    link = re.search(r"\d+:[0-9a-f]{64}", words(admin, "/audit"))
    found = words(admin, "/audit/check")
    assert "none changed, removed or reordered" in found
    assert link
    assert link.group(0) in found
    assert "none changed" in words(admin, f"/audit/check?link={link.group(0)}")
    assert "is not there" in words(admin, f"/audit/check?link=7:{'0' * 64}")


@pytest.mark.parametrize("name", ["director", "manager", "staff", "reviewer", None])
@pytest.mark.parametrize("path", ["/audit", "/audit/events.csv", "/audit/check"])
def test_the_whole_trail_is_for_administrators(network: Network, name: str | None, path: str) -> None:
    assert network.browser(name).get(path).status_code == (404 if name else 302)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("manager", True), ("admin", True), ("staff", False), ("director", False), ("reviewer", False)],
)
def test_a_center_s_part_is_for_its_leaders(network: Network, name: str, allowed: bool) -> None:
    browser = network.browser(name)
    assert browser.get("/centers/EOC-CO/trail").status_code == (200 if allowed else 404)
    shown = "Who looked at or changed our data" in browser.get("/centers/EOC-CO").get_data(as_text=True)
    assert shown is allowed


def test_a_center_reads_nothing_of_what_the_other_side_does_before_the_reveal(network: Network) -> None:
    network.open()
    manager, before = network.browser("manager"), None
    for step in (lambda: None, lambda: other.fill("2"), lambda: other.submit()):
        step()
        shown = manager.get("/centers/EOC-CO/trail").get_data(as_text=True)
        page = re.sub(r'name="csrf_token"[^>]*', "", shown)
        assert before is None or page == before
        other, before = Sheet(network, "director", "fusion_center"), page


def test_a_center_reads_who_looked_at_its_pair(revealed: Network) -> None:
    report = "/reports/pairs/FC-CO/EOC-CO?cycle=spring"
    for name in ("admin", "director", "admin", "director"):
        assert revealed.browser(name).get(report).status_code == 200
    found = table(revealed.browser("manager"), "/centers/EOC-CO/trail")
    viewed = "opened the report of FC-CO with EOC-CO in cycle spring"
    assert found.count(f"Admin Example (administrator) {viewed}") == 2  # each time
    assert found.count(f"Somebody of FC-CO {viewed}") == 1  # once an hour
    assert "Director" not in found
    assert "EOC&#39;s form" in found
    assert "fusion center&#39;s form" not in found
    assert "Wyoming" not in found


def test_the_pages_of_a_center_go_on_from_a_moment(network: Network) -> None:
    with network.database.reading() as session:
        from assessment.directory.services import find_center

        center = find_center(session, "EOC-CO").id
    for number in range(60):
        with network.database.writing() as session:
            now = network.clock.now()
            audit.record(session, now, None, "center changed", "center EOC-CO", f"no. {number:03}", [center])
        network.clock.move(seconds=number % 2)
    manager = network.browser("manager")
    first = manager.get("/centers/EOC-CO/trail").get_data(as_text=True)
    older = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert older
    second = manager.get(older.group(1).replace("&amp;", "&")).get_data(as_text=True)
    seen = [*re.findall(r"no\. (\d{3})", first), *re.findall(r"no\. (\d{3})", second)]
    assert sorted(seen) == [f"{number:03}" for number in range(60)]


def test_an_altered_list_of_centers_is_found(network: Network) -> None:
    from sqlalchemy import text

    with network.database.writing() as session:
        audit.record(session, network.clock.now(), None, "center changed", "center X", "", [1, 2])
    for statement in (
        "DELETE FROM audit_centers WHERE center_id = 2",
        "UPDATE audit_centers SET center_id = 3",
    ):
        with network.database.writing() as session:
            session.execute(text(statement))
        with network.database.reading() as session:
            found = audit.verify(session, network.app.extensions["tandem.settings"].audit_keys)
        assert "does not fit the trail" in found.problems[0]


def rows_of(network: Network, query: str) -> list[Any]:
    from sqlalchemy import text

    with network.database.reading() as session:
        return list(session.execute(text(query)))


def test_a_save_names_the_questions_it_changed(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    fields = sheet.open("GOV")
    sheet.save(fields, "GOV-01", "3")
    sheet.save(sheet.open("GOV"), "GOV-01", "3")  # the same again changes nothing
    found = rows_of(network, "SELECT subject, detail FROM audit_events WHERE action = 'answers changed'")
    assert found == [(f"response {sheet.id}", "GOV-01")]
