"""What is written down, and that no answer, password, token or remark is in it or in the logs."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assessment.audit_pages.sentences import PHRASES
from tests.answering_client import Sheet
from tests.conftest import PASSWORD, Network, email_of
from tests.network.submitting import COLORADO, submit

MARKER = "Zebra47"
SHARED = "pairs that are shared by name"  # a detail
SOURCES = [*Path("assessment").rglob("*.py"), *Path("reports").rglob("*.py")]
CALL = re.compile(r"audit\.record\((?P<arguments>.*?)\n?\)", re.DOTALL)


def trail(network: Network, columns: str = "action, subject, detail") -> list[Any]:
    with network.database.reading() as session:
        return list(session.execute(text(f"SELECT {columns} FROM audit_events ORDER BY id")))


def actions(network: Network) -> list[str]:
    return [row[0] for row in trail(network, "action")]


def test_every_action_in_the_source_has_a_phrase() -> None:
    """By the second or third argument that is plain text; what is put together is asked for below."""
    found: set[str] = set()
    for file in SOURCES:
        for call in CALL.finditer(file.read_text()):
            words = re.findall(r'(?<!f)"([a-zA-Z][^"{}]*)"', call["arguments"])
            found |= set(words[:1])
    unknown = (
        found
        - set(PHRASES)
        - {"directory", "demonstration", "people", "an e-mail address", "taken", "unknown state", SHARED}
    )
    assert len(found) > 40
    assert not unknown


def test_signing_in_and_out(network: Network) -> None:
    browser = network.browser("manager")
    browser.post("/sign-out", {}, form="/work")
    number = network.person("manager").id
    found = trail(network, "action, person_id, origin")
    assert found == [("signed in", number, "127.0.0.1"), ("signed out", number, "127.0.0.1")]


@pytest.fixture
def shared(network: Network) -> Network:
    """A revealed pair that both centers share by name, in a cycle that has closed."""
    for leader in ("manager", "director"):
        browser = network.browser(leader)
        browser.post("/reports/pairs/FC-CO/EOC-CO/sharing", {"shared": "yes"}, form="/work")
    network.open()
    submit(network, COLORADO)
    with network.database.writing() as session:
        session.execute(text("UPDATE cycles SET closes_on = '2026-06-14'"))
    return network


@pytest.mark.parametrize(("name", "times"), [("admin", 3), ("director", 1), ("reviewer", 1)])
def test_views_of_a_pair(shared: Network, name: str, times: int) -> None:
    network = shared
    browser = network.browser(name)
    before = actions(network).count("pair report viewed")
    for _ in range(3):
        assert browser.get("/reports/pairs/FC-CO/EOC-CO?cycle=spring").status_code == 200
        network.clock.move(minutes=10)
    assert actions(network).count("pair report viewed") - before == times
    network.clock.move(minutes=61)
    browser.get("/reports/pairs/FC-CO/EOC-CO?cycle=spring")
    assert actions(network).count("pair report viewed") - before == times + 1


@pytest.mark.parametrize(("name", "times"), [("admin", 0), ("director", 0), ("reviewer", 1)])
def test_a_reviewer_s_look_at_a_network_with_pairs_by_name(shared: Network, name: str, times: int) -> None:
    browser = shared.browser(name)
    for path in ("/reports/network", "/reports/network/graph", "/reports/network"):
        assert browser.get(path).status_code == 200
    found = [row for row in trail(shared, "action, subject, centers") if row[0] == "network viewed"]
    assert len(found) == times
    assert all(subject == "cycle spring" and len(centers.split()) == 2 for _, subject, centers in found)


def test_before_the_reveal_a_look_at_the_pair_s_page_is_nothing(network: Network) -> None:
    network.open()
    network.browser("manager").get("/reports/pairs/FC-CO/EOC-CO?cycle=spring")
    network.browser("admin").get("/reports/pairs/FC-CO/EOC-CO?cycle=spring")
    assert "pair report viewed" not in actions(network)


def test_files_of_a_pair(network: Network) -> None:
    network.open()
    for leader, side in (("manager", "eoc"), ("director", "fusion_center")):
        sheet = Sheet(network, leader, side)
        sheet.fill("2")
        sheet.submit()
    browser = network.browser("manager")
    assert browser.get("/reports/pairs/FC-CO/EOC-CO/items.csv?cycle=spring").status_code == 200
    assert browser.get("/reports/centers/EOC-CO/pairs.csv?cycle=spring").status_code == 200
    assert {"pair items exported", "center pairs exported"} <= set(actions(network))


def test_the_command_line_is_written_down_too(network: Network) -> None:
    network.open()
    for leader, side in (("manager", "eoc"), ("director", "fusion_center")):
        sheet = Sheet(network, leader, side)
        sheet.fill("2")
        sheet.submit()
    runner = network.app.test_cli_runner()
    said = runner.invoke(args=["report", "pair", "FC-CO", "EOC-CO", "--cycle", "spring"])
    assert said.exit_code == 0, said.output
    said = runner.invoke(
        args=["report", "pair", "FC-CO", "EOC-CO", "--cycle", "spring", "--as", email_of("manager")]
    )
    assert said.exit_code == 0, said.output
    manager = network.person("manager").id
    rows = trail(network, "action, person_id, detail, origin")
    viewed = [tuple(row[1:]) for row in rows if row[0] == "pair report viewed"]
    assert viewed == [(None, "", "command line"), (None, f"as person {manager}", "command line")]


def planted(network: Network, caplog: pytest.LogCaptureFixture) -> str:
    """Everything in the trail and in the log, as one text."""
    stored = "\n".join(" ".join(map(str, row)) for row in trail(network, "*"))
    return stored + "\n" + caplog.text


def test_no_answer_password_or_remark_is_in_the_trail_or_the_log(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.save(sheet.open("GOV"), "GOV-01", "3", note=f"{MARKER} a note")
    sheet.save(sheet.open("GOV"), "GOV-02", f"{MARKER} no option")
    sheet.fill("2", note=f"{MARKER} a note")
    sheet.submit(name=f"{MARKER} Name", title=f"{MARKER} Title", participants="3")
    admin = network.browser("admin")
    admin.post(f"/responses/{sheet.id}/reopen", {"reason": f"{MARKER} reason"})
    browser = network.browser()
    browser.sign_in(f"{MARKER}@example.gov", f"{MARKER} password")
    browser.sign_in(email_of("manager"), f"{MARKER} password")
    browser.sign_in(email_of("manager"), PASSWORD)
    browser.get("/s/" + MARKER * 6)
    browser.get(f"/audit?who={MARKER}")
    admin.get(f"/audit?who={MARKER}")
    admin.get(f"/audit/events.csv?about={MARKER}&origin={MARKER}")
    admin.get(f"/audit/check?link={MARKER}")
    found = planted(network, caplog)
    assert {"answers changed", "submitted", "reopened", "sign-in failed"} <= set(actions(network))
    lines = [line for line in found.splitlines() if MARKER.lower() in line.lower()]
    assert not lines
    assert PASSWORD not in found


def test_nothing_of_a_sign_in_s_secret_is_written_down(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = network.browser("manager")
    browser.get("/account")
    with browser.client.session_transaction(base_url="http://localhost") as kept:
        secret = kept["sign_in"]
    found = planted(network, caplog)
    assert secret not in found
    cookie = browser.client.get_cookie("tandem", domain="localhost")
    assert cookie is None or cookie.value not in found
