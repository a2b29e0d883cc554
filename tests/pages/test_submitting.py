"""Submitting, the reveal, and reopening."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.answering_client import Sheet, stored
from tests.conftest import Network

REPORT = "/api/v1/reports/pair/FC-CO/EOC-CO"


@pytest.fixture
def eoc(network: Network) -> Sheet:
    network.open()
    return Sheet(network, "manager", "eoc")


@pytest.fixture
def fusion_center(network: Network, eoc: Sheet) -> Sheet:
    return Sheet(network, "director", "fusion_center")


def rows(network: Network, query: str, **values: object) -> list[tuple[object, ...]]:
    with network.database.reading() as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def test_submitting_waits_for_every_answer_and_for_reasons(network: Network, eoc: Sheet) -> None:
    eoc.fill("3", GOV_01="NA")
    fields = eoc.open("GOV")
    eoc.save(fields, "GOV-01", "NA", "")
    answer = eoc.submit()
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Reason needed" in page
    assert "#item-GOV-01" in page
    assert rows(network, "SELECT status FROM responses WHERE public_id = :id", id=eoc.id) == [("draft",)]


def test_a_submission_has_a_receipt_with_signature_and_hash(network: Network, eoc: Sheet) -> None:
    eoc.fill("3")
    answer = eoc.submit()
    assert answer.location.endswith("/receipt")
    page = eoc.browser.get(answer.location).get_data(as_text=True)
    ((digest,),) = rows(network, "SELECT answers_hash FROM responses WHERE public_id = :id", id=eoc.id)
    assert str(digest) in page
    assert "Pat Example" in page
    assert "Waiting for the other side" in page


def test_a_second_click_finds_the_receipt_and_changes_nothing(network: Network, eoc: Sheet) -> None:
    eoc.fill("3")
    first, second = eoc.submit(), eoc.submit(name="Somebody Else")
    assert first.location == second.location
    query = "SELECT signer_name FROM responses WHERE public_id = :id"
    assert rows(network, query, id=eoc.id) == [("Pat Example",)]
    assert len(rows(network, "SELECT id FROM audit_events WHERE action = 'submitted'")) == 1


def test_staff_fill_in_and_do_not_submit(network: Network, eoc: Sheet) -> None:
    eoc.fill("3")
    staff = Sheet(network, "staff", "eoc")
    assert "submits for Colorado State EOC" in staff.browser.get(staff.path("review")).get_data(as_text=True)
    assert staff.submit().status_code == 404


def test_nothing_can_be_changed_after_submitting(network: Network, eoc: Sheet) -> None:
    eoc.fill("3")
    fields = eoc.open("GOV")
    eoc.submit()
    reply = eoc.save(fields, "GOV-01", "1")
    assert reply.status_code == 409
    assert "has submitted this form" in reply.json["message"]
    assert stored(network, eoc.id)["GOV-01"][1] == 3.0


def test_a_signature_needs_all_its_parts(eoc: Sheet) -> None:
    eoc.fill("3")
    for missing in ("name", "title", "participants"):
        answer = eoc.submit(**{missing: ""})
        assert answer.status_code == 422, missing
        assert "There is a problem" in answer.get_data(as_text=True), missing


def test_before_the_reveal_each_side_reads_only_its_own_profile(
    network: Network, eoc: Sheet, fusion_center: Sheet
) -> None:
    eoc.fill("4", note="our secret evidence")
    eoc.submit()
    own = eoc.browser.get(REPORT).json
    assert own["status"] == "one_sided"
    assert own["index"] is None
    assert {item["eoc"] for item in own["items"] if item["id"] != "DIS-05"} == {4}
    assert {item["fusion_center"] for item in own["items"]} == {None}
    other = fusion_center.browser.get(REPORT).json
    assert other["status"] == "one_sided"
    assert {item["eoc"] for item in other["items"]} <= {None}
    assert {domain["eoc"] for domain in other["domains"]} <= {None}


def test_both_sides_see_the_joint_report_once_both_have_submitted(
    network: Network, eoc: Sheet, fusion_center: Sheet
) -> None:
    eoc.fill("2")
    eoc.submit()
    fusion_center.fill("4")
    fusion_center.submit()
    first, second = eoc.browser.get(REPORT).json, fusion_center.browser.get(REPORT).json
    assert first == second
    assert first["status"] == "complete"
    assert first["agreement"]["index"] == 50.0
    staff = network.browser("analyst").get(REPORT)
    assert staff.json == first


def test_a_pair_that_is_not_mine_is_the_same_as_one_that_is_not_there(network: Network, eoc: Sheet) -> None:
    for name in ("denver", "wyoming", "reviewer"):
        stranger = network.browser(name)
        foreign, nowhere = stranger.get(REPORT), stranger.get("/api/v1/reports/pair/FC-XX/EOC-XX")
        assert foreign.status_code == nowhere.status_code == 404, name
        assert foreign.get_data() == nowhere.get_data(), name


def test_closed_with_one_side_it_stays_that_sides_alone(
    network: Network, eoc: Sheet, fusion_center: Sheet
) -> None:
    eoc.fill("3")
    eoc.submit()
    admin = network.browser("admin")
    admin.post("/cycles/spring/close", {}, form="/cycles/spring")
    assert {item["eoc"] for item in eoc.browser.get(REPORT).json["items"]} == {3, None}
    seen = fusion_center.browser.get(REPORT).json
    assert seen["status"] == "one_sided"
    assert {item["eoc"] for item in seen["items"]} <= {None}
    assert admin.get(REPORT).json["items"] == [] or {
        item["eoc"] for item in admin.get(REPORT).json["items"]
    } == {None}


def reopen(network: Network, sheet: Sheet, reason: str = "A wrong answer") -> str:
    admin = network.browser("admin")
    path = f"/responses/{sheet.id}/reopen"
    assert admin.post(path, {"reason": reason}).status_code == 302
    return network.response_id("FC-CO", "EOC-CO", sheet.side.value)


def test_reopening_voids_the_signature_and_hides_the_joint_report(
    network: Network, eoc: Sheet, fusion_center: Sheet
) -> None:
    eoc.fill("2")
    eoc.submit()
    fusion_center.fill("3")
    fusion_center.submit()
    newer = reopen(network, eoc)
    assert newer != eoc.id
    assert fusion_center.browser.get(REPORT).json["status"] == "one_sided"
    assert eoc.browser.get(f"/responses/{eoc.id}").location.endswith(newer)
    events = rows(network, "SELECT subject, detail FROM audit_events WHERE action = 'reopened'")
    assert events == [(f"response {eoc.id}", "")]  # why is kept with the edition
    old = stored(network, eoc.id)
    eoc.id = newer
    assert stored(network, newer) == old
    eoc.save(eoc.open("GOV"), "GOV-01", "4")
    assert eoc.submit().location.endswith("/receipt")
    assert eoc.browser.get(REPORT).json["status"] == "complete"
    receipt = eoc.browser.get(eoc.path("receipt")).get_data(as_text=True)
    assert "A wrong answer" in receipt
    assert "Its signature is void" in receipt


@pytest.mark.parametrize("both_read", [True, False])
def test_a_report_that_both_had_read_says_that_it_was_changed_after_the_reveal(
    network: Network, eoc: Sheet, fusion_center: Sheet, both_read: bool
) -> None:
    for sheet in (eoc, fusion_center):
        sheet.fill("2")
        sheet.submit()
    readers = (eoc, fusion_center) if both_read else (eoc,)
    for sheet in readers:
        sheet.browser.get(REPORT)
    network.clock.move(minutes=5)
    eoc.id = reopen(network, eoc)
    eoc.save(eoc.open("GOV"), "GOV-01", "4")
    eoc.submit()
    page = fusion_center.browser.get("/reports/pairs/FC-CO/EOC-CO").get_data(as_text=True)
    assert ("changed after the reveal" in page.lower()) is both_read


def test_nobody_submits_both_sides(network: Network, eoc: Sheet, fusion_center: Sheet) -> None:
    """A person whose center changed between the two submissions is stopped at the second."""
    eoc.fill("2")
    eoc.submit()
    with network.database.writing() as session:
        session.execute(
            text(
                "UPDATE person_centers SET center_id = (SELECT id FROM centers WHERE code = 'FC-CO')"
                " WHERE person_id = (SELECT id FROM people WHERE email = 'manager@example.gov')"
            )
        )
    path = f"/responses/{fusion_center.id}"
    assert eoc.browser.get(f"{path}/GOV").status_code == 404
    assert eoc.browser.post(f"{path}/submit", {"name": "x"}, form="/work").status_code == 404
    report = eoc.browser.get(REPORT).json
    assert {item["eoc"] for item in report["items"]} <= {None}
