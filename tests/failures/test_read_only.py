"""What is stored can be read and not changed: reading goes on, saving says why it cannot, and later can."""

from __future__ import annotations

import pytest

from assessment.failures import READ_ONLY
from questionnaires.definition import Side
from tests.answering_client import Sheet, fields_of, stored
from tests.conftest import Network
from tests.failures.conftest import ReadOnly
from tests.failures.doctors_word import of_doctor
from tests.failures.small_disk import SmallDisk
from tests.surveys.world import make_world

TYPED = 'reviewed <with> the other side\r\nin "January"'


def test_pages_are_read_saves_are_told_and_can_be_sent_again(opened: Network, read_only: ReadOnly) -> None:
    sheet = Sheet(opened, "manager", Side.EOC)
    fields = sheet.open("GOV")
    newcomer = Sheet(opened, "deputy", Side.EOC)
    opened.clock.move(minutes=30)  # by now a visit would be noted
    read_only.begin()
    assert sheet.open("GOV")["was_GOV-01"] == fields["was_GOV-01"]
    assert newcomer.browser.get("/work").status_code == 200
    reply = sheet.save(fields, "GOV-01", "3")
    assert (reply.status_code, reply.json["message"]) == (503, READ_ONLY)
    page = sheet.post("GOV", fields | {"q_GOV-02": "1", "note_GOV-02": TYPED, "then": "next"})
    assert (page.status_code, READ_ONLY in page.text) == (503, True)
    assert of_doctor(opened)["saving"].startswith(READ_ONLY)
    assert stored(opened, sheet.id) == {}
    again = fields_of(page.text)
    assert sheet.post("GOV", again).status_code == 503
    read_only.end()
    assert sheet.post("GOV", again).status_code == 302
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    wanted = {"GOV-01": ("answered", 3.0, ""), "GOV-02": ("answered", 1.0, TYPED.replace("\r\n", "\n"))}
    assert stored(opened, sheet.id) == wanted
    assert "saving" not in of_doctor(opened)


def test_a_respondent_s_page_comes_back_and_tells_nobody_where_it_was(
    opened: Network, read_only: ReadOnly
) -> None:
    world = make_world(opened)
    phone = world.phone(world.invite("ann@example.gov"))
    phone.start()
    fields = phone.open("P")
    read_only.begin()
    reply = phone.save(fields, "P", P_01="eoc")
    assert (reply.status_code, reply.json["message"]) == (503, READ_ONLY)
    page = phone.post("P", fields | {"q_P-01": "eoc", "then": "next"})
    assert (page.status_code, page.headers["Referrer-Policy"]) == (503, "no-referrer")
    assert "Answer to P-01" in page.text
    read_only.end()
    assert phone.post("P", fields_of(page.text)).status_code < 400
    assert world.rows("SELECT question, option FROM survey_draft_answers WHERE option IS NOT NULL") == [
        ("P-01", "eoc")
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_whole_disk_that_is_read_only(on_small_disk: Network, disk: SmallDisk) -> None:
    sheet = Sheet(on_small_disk, "manager", Side.EOC)
    fields = sheet.open("GOV")
    on_small_disk.database.engine.dispose()
    disk.read_only()
    reply = sheet.save(fields, "GOV-01", "3")
    assert (reply.status_code, reply.json["state"]) == (503, "unavailable")
    page = on_small_disk.browser().get("/healthz")
    assert page.status_code == 503
    said = of_doctor(on_small_disk)
    assert "Read-only file system" in said["instance folder"]
    assert {"database", "saving"} & set(said)
    disk.writable()
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    assert stored(on_small_disk, sheet.id) == {"GOV-01": ("answered", 3.0, "")}
