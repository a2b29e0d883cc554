"""Erasing a person: what goes, what stays, and who cannot be erased."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Table, select, text

from assessment import audit
from assessment.models.base import Base
from assessment.models.people import PersonRow
from assessment.models.responses import Answer
from assessment.privacy.erasure import PERSONAL
from tests.answering_client import Sheet, stored
from tests.conftest import Network, email_of


def public_id(network: Network, name: str) -> str:
    with network.database.reading() as session:
        found = session.scalar(select(PersonRow.public_id).where(PersonRow.email == email_of(name)))
    assert found
    return str(found)


def erase(network: Network, name: str, by: str = "admin") -> int:
    path = f"/people/{public_id(network, name)}/erase"
    return int(network.browser(by).post(path, {"sure": "y"}).status_code)


def everything_stored(network: Network) -> Iterator[tuple[str, str]]:
    """Every value of every table, as text."""
    with network.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(table.select()):
                for value in row:
                    yield table.name, str(value)


def cascading() -> set[tuple[str, str]]:
    tables: list[Table] = Base.metadata.sorted_tables
    return {
        (table.name, key.parent.name)
        for table in tables
        for key in table.foreign_keys
        if key.column.table.name == "people" and key.ondelete == "CASCADE"
    }


def test_every_table_about_one_person_is_in_the_list() -> None:
    named = {(column.class_.__tablename__, column.key) for column in PERSONAL}
    assert named == cascading()


def test_nothing_of_the_person_is_left_but_the_number(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.fill("2")
    sheet.submit(name="Manager Example")
    before = stored(network, sheet.id)
    assert erase(network, "manager") == 302
    left = [(table, v) for table, v in everything_stored(network) if "manager example" in v.lower()]
    assert not left
    assert not [v for _, v in everything_stored(network) if email_of("manager") in v]
    assert stored(network, sheet.id) == before
    with network.database.reading() as session:
        row = session.scalars(select(PersonRow).where(PersonRow.name == "Erased person")).one()
        assert (row.active, row.password_hash, row.centers) == (False, "!", [])
        assert session.scalar(select(Answer.changed_by_id).limit(1)) == row.id
        assert not audit.verify(session, network.app.extensions["tandem.settings"].audit_keys).problems
    trail = network.browser("admin").get("/audit").get_data(as_text=True)
    assert "erased Erased person" in trail
    assert "submitted FC-CO with EOC-CO" in trail


def test_an_erased_person_is_signed_out_and_cannot_sign_in(network: Network) -> None:
    browser = network.browser("manager")
    assert erase(network, "manager") == 302
    assert browser.get("/work").status_code == 302
    again = network.browser()
    assert again.sign_in(email_of("manager")).status_code == 422
    assert "Manager Example" not in network.browser("admin").get("/people").get_data(as_text=True)


def test_the_page_says_before_what_goes_and_what_stays(network: Network) -> None:
    network.open()
    Sheet(network, "manager", "eoc").fill("2")
    page = network.browser("admin").get(f"/people/{public_id(network, 'manager')}/erase")
    found = re.sub(r"\s+", " ", page.get_data(as_text=True))
    assert "Their sign-ins (1 now)" in found
    assert "1 form has answers on which this person has worked" in found
    assert "events of the audit trail" in found


def test_the_box_must_be_ticked(network: Network) -> None:
    path = f"/people/{public_id(network, 'manager')}/erase"
    reply = network.browser("admin").post(path, {})
    assert reply.status_code == 422
    assert "Tick the box" in reply.get_data(as_text=True)
    assert network.person("manager").name == "Manager Example"


def test_nobody_erases_themselves(network: Network) -> None:
    assert erase(network, "admin") == 422
    assert network.person("admin").name == "Admin Example"


def test_the_last_administrator_stays(network: Network) -> None:
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET role = 'administrator' WHERE email = 'reviewer@example.gov'"))
    assert erase(network, "admin", by="reviewer") == 302
    browser = network.browser("reviewer")
    page = browser.get(f"/people/{public_id(network, 'reviewer')}/erase").get_data(as_text=True)
    assert "cannot be erased" in page


def test_twice_is_refused(network: Network) -> None:
    number = public_id(network, "manager")
    admin = network.browser("admin")
    assert admin.post(f"/people/{number}/erase", {"sure": "y"}).status_code == 302
    page = admin.get(f"/people/{number}/erase").get_data(as_text=True)
    assert "erased already" in page


@pytest.mark.parametrize("name", ["director", "manager", "staff", "reviewer"])
def test_only_administrators_erase(network: Network, name: str) -> None:
    assert network.browser(name).get(f"/people/{public_id(network, 'denver')}/erase").status_code == 404


def test_one_s_own_data_as_a_file(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.fill("2", note="A secret remark")
    reply = sheet.browser.get("/account/data.json")
    content = reply.get_data(as_text=True)
    found = json.loads(content)
    assert found["account"]["email"] == email_of("manager")
    assert found["account"]["centers"] == ["EOC-CO"]
    assert [(f["eoc"], f["side"], f["cycle"]) for f in found["forms"]] == [("EOC-CO", "eoc", "spring")]
    assert len(found["sign_ins"]) == 1
    assert {"signed in", "answers changed", "own data fetched"} <= {e["action"] for e in found["events"]}
    assert all(event["by_you"] for event in found["events"])
    assert "remark" not in content
    assert "attachment" in reply.headers["Content-Disposition"]
    others = json.loads(network.browser("staff").get("/account/data.json").get_data(as_text=True))
    assert others["forms"] == []
    assert "answers changed" not in {event["action"] for event in others["events"]}


def test_no_secret_is_in_the_file(network: Network) -> None:
    browser = network.browser("manager")
    content = browser.get("/account/data.json").get_data(as_text=True)
    with network.database.reading() as session:
        secrets = [*session.scalars(text("SELECT password_hash FROM people"))]
        secrets += [*session.scalars(text("SELECT secret_hash FROM sign_ins"))]
    assert secrets
    assert not [secret for secret in secrets if secret in content]


def test_the_file_is_whole_however_many_events_there_are(network: Network) -> None:
    number = network.person("manager").id
    with network.database.writing() as session:
        for count in range(1201):
            audit.record(session, network.clock.now(), number, "signed in", f"person {number}", str(count))
    found = json.loads(network.browser("manager").get("/account/data.json").get_data(as_text=True))
    details = [event["detail"] for event in found["events"] if event["detail"]]
    assert details == [str(count) for count in range(1201)]
