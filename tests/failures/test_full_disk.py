"""The disk is full: whoever saves is told so and keeps what they typed; with room again all goes on."""

from __future__ import annotations

import pytest

from assessment.failures import FULL
from questionnaires.definition import Side
from tests.answering_client import Sheet, fields_of, stored
from tests.conftest import Network
from tests.failures.doctors_word import of_doctor
from tests.failures.small_disk import SmallDisk

LONG = "agreed and exercised " * 90  # a note; a page of the database has room for two
MANY = 400  # saves for which there may be room in files that are there already


def save_until_refused(sheet: Sheet, network: Network) -> tuple[str, str]:
    """The answer and note that were refused, after all that were acknowledged are seen to be stored."""
    fields = sheet.open("GOV")
    for number in range(MANY):
        code, note = str(number % 5), f"{number} {LONG}".strip()
        reply = sheet.save(fields, "GOV-01", code, note)
        if reply.status_code != 200:
            assert (reply.status_code, reply.json) == (503, {"state": "unavailable", "message": FULL})
            assert int(reply.headers["Retry-After"]) > 0
            return code, note
        assert stored(network, sheet.id)["GOV-01"] == ("answered", float(code), note)
        item = reply.json["items"]["GOV-01"]
        fields |= {"rev_GOV-01": str(item["revision"]), "was_GOV-01": item["was"]}
    raise AssertionError("the disk is never full")


def test_nothing_is_half_saved_and_all_goes_on_when_there_is_room(
    on_small_disk: Network, disk: SmallDisk
) -> None:
    sheet = Sheet(on_small_disk, "manager", Side.EOC)
    disk.fill()
    refused = save_until_refused(sheet, on_small_disk)
    before = stored(on_small_disk, sheet.id)
    assert before.get("GOV-01", ())[2:] != (refused[1],)

    page = sheet.post("GOV", sheet.open("GOV") | {"q_GOV-02": "1", "note_GOV-02": LONG, "then": "next"})
    assert page.status_code == 503
    assert all(words in page.text for words in (FULL, LONG.strip(), "Answer to GOV-02"))
    assert stored(on_small_disk, sheet.id) == before
    if on_small_disk.database.is_sqlite:
        assert "Make room" in of_doctor(on_small_disk)["disk space"]

    disk.make_room()
    again = sheet.post("GOV", fields_of(page.text))
    assert again.status_code == 302
    assert stored(on_small_disk, sheet.id)["GOV-02"] == ("answered", 1.0, LONG.strip())
    sheet.fill()
    assert sheet.submit().status_code == 302
    assert set(of_doctor(on_small_disk)) <= {"disk space", "instance folder"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_limit_of_the_database_itself_is_told_as_a_full_disk(opened: Network) -> None:
    """Wherever no disk can be mounted, this is the one that looks at SQLite's own word for it."""
    sheet = Sheet(opened, "manager", Side.EOC)
    with opened.database.reading() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
    save_until_refused(sheet, opened)
