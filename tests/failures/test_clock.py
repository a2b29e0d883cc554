"""The clock jumps back: whoever is here goes on, nothing is lost or released anew, and the doctor says it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from assessment import audit
from assessment.models.network import NetworkRelease
from assessment.network.release import release_due
from questionnaires.definition import Side
from tests.answering_client import Sheet, stored
from tests.conftest import Network
from tests.failures.doctors_word import of_doctor

HOURS_BACK, DAYS_BACK = -3, -3


def releases(network: Network) -> list[tuple[object, ...]]:
    with network.database.reading() as session:
        return [
            tuple(row) for row in session.execute(select(NetworkRelease.cycle_id, NetworkRelease.released_at))
        ]


def test_whoever_is_here_goes_on_and_can_submit(opened: Network) -> None:
    sheet = Sheet(opened, "manager", Side.EOC)
    fields = sheet.open("GOV")
    assert sheet.save(fields, "GOV-01", "3").status_code == 200
    opened.clock.move(hours=HOURS_BACK)
    assert sheet.save(fields, "GOV-01", "1").status_code == 200
    assert stored(opened, sheet.id) == {"GOV-01": ("answered", 1.0, "")}
    newcomer = Sheet(opened, "deputy", Side.EOC)
    newcomer.fill()
    assert newcomer.submit().status_code == 302
    with opened.database.reading() as session:
        assert not audit.verify(session, opened.app.extensions["tandem.settings"].audit_keys).problems


def test_what_was_released_stays_as_it_was(opened: Network) -> None:
    early = Sheet(opened, "manager", Side.EOC)
    early.fill()
    assert early.submit().status_code == 302
    opened.clock.move(days=(date(2026, 7, 1) - opened.clock.today()).days)
    release_due(opened.database, opened.clock)
    before = releases(opened)
    assert len(before) == 1
    opened.clock.move(days=DAYS_BACK)
    late = Sheet(opened, "director", Side.FUSION_CENTER)
    late.fill()
    assert late.submit().status_code == 302
    release_due(opened.database, opened.clock)
    opened.clock.move(days=-DAYS_BACK)
    release_due(opened.database, opened.clock)
    assert releases(opened) == before
    assert stored(opened, late.id)["GOV-01"] == ("answered", 2.0, "")


def test_the_doctor_says_that_the_clock_went_back(opened: Network) -> None:
    assert "clock" not in of_doctor(opened)
    opened.clock.move(days=40_000)
    opened.browser("manager")
    assert "set back" in of_doctor(opened)["clock"]
    opened.clock.move(days=-40_000)
