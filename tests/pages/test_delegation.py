"""A manager gives sections of the form to people of the center; they find them under Your work."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text

from questionnaires.definition import Side
from tests.answering_client import Sheet
from tests.conftest import Browser, Network


def public_id(network: Network, name: str) -> str:
    with network.database.reading() as session:
        query = text("SELECT public_id FROM people WHERE name = :name")
        return str(session.execute(query, {"name": f"{name.capitalize()} Example"}).scalar_one())


def place(network: Network, side: Side = Side.EOC) -> str:
    return f"/responses/{network.response_id('FC-CO', 'EOC-CO', side)}"


def give(browser: Browser, path: str, **sections: str) -> Any:
    """What the page holds, with these sections changed."""
    page = browser.get(f"{path}/people").get_data(as_text=True)
    shown = dict(re.findall(r'name="(shown_[^"]+)" value="([^"]*)"', page))
    fields = shown | {name.replace("shown_", "section_"): value for name, value in shown.items()}
    fields |= {f"section_{section}": whom for section, whom in sections.items()}
    return browser.post(f"{path}/people", fields)


def read(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def test_who_is_asked_finds_the_section_under_your_work(network: Network) -> None:
    network.open()
    path, staff = place(network), network.browser("staff")
    assert "You are asked to fill in" not in read(staff, "/work")
    answer = give(network.browser("manager"), path, DIS=public_id(network, "staff"))
    assert answer.status_code == 302
    work = read(staff, "/work")
    assert "You are asked to fill in" in work
    leads = re.search(r'href="([^"]+)">Dissemination</a>', work)
    assert leads
    assert staff.get(leads.group(1)).location.endswith(f"{path}/DIS")
    assert "You are asked to fill in this section" in read(staff, f"{path}/DIS")
    assert "You are asked to fill in" not in read(network.browser("deputy"), "/work")


def test_everybody_of_the_center_can_still_answer_and_sees_who_was_asked(network: Network) -> None:
    network.open()
    give(network.browser("manager"), place(network), DIS=public_id(network, "staff"))
    deputy = Sheet(network, "deputy", Side.EOC)
    assert "Staff Example is asked to fill in this section" in read(deputy.browser, deputy.path("DIS"))
    fields = deputy.open("DIS")
    assert deputy.save(fields, "DIS-01", "3").status_code == 200


def test_the_other_side_sees_nothing_of_it(network: Network) -> None:
    network.open()
    director = network.browser("director")
    own = place(network, Side.FUSION_CENTER)
    pages = ["/work", f"{own}/DIS", f"{own}/review", "/cycles/spring", "/reports/centers/FC-CO"]
    before = [re.sub(r'value="[^"]*"', "", read(director, page)) for page in pages]
    give(network.browser("manager"), place(network), DIS=public_id(network, "staff"))
    assert [re.sub(r'value="[^"]*"', "", read(director, page)) for page in pages] == before


def test_only_the_leaders_of_the_side_give_sections(network: Network) -> None:
    network.open()
    path = f"{place(network)}/people"
    for name in ("staff", "director", "analyst", "denver", "reviewer", "admin"):
        assert network.browser(name).get(path).status_code == 404, name
    token = network.browser("staff").token("/account")
    staff = network.browser("staff")
    token = staff.token("/account")
    fields = {"csrf_token": token, "section_DIS": public_id(network, "staff")}
    assert staff.client.post(path, data=fields, base_url="http://localhost").status_code == 404


def test_nobody_of_another_center_is_asked(network: Network) -> None:
    network.open()
    answer = give(network.browser("manager"), place(network), DIS=public_id(network, "analyst"))
    assert answer.status_code == 409
    assert "Choose people who act for Colorado State EOC." in answer.get_data(as_text=True)
    assert "Analyst" not in answer.get_data(as_text=True)


def test_a_page_open_for_long_takes_nothing_back_that_a_colleague_set_meanwhile(
    network: Network,
) -> None:
    network.open()
    path = place(network)
    manager, deputy = network.browser("manager"), network.browser("deputy")
    old = manager.get(f"{path}/people").get_data(as_text=True)
    give(deputy, path, GOV=public_id(network, "staff"))
    shown = dict(re.findall(r'name="(shown_[^"]+)" value="([^"]*)"', old))
    fields = shown | {name.replace("shown_", "section_"): value for name, value in shown.items()}
    fields["section_DIS"] = public_id(network, "deputy")
    assert manager.post(f"{path}/people", fields).status_code == 302
    page = read(manager, f"{path}/people")
    assert re.findall(r'name="shown_(?:GOV|DIS)" value="([^"]*)"', page) == [
        public_id(network, "staff"),
        public_id(network, "deputy"),
    ]


def test_who_no_longer_acts_for_the_center_is_not_asked_any_more(network: Network) -> None:
    network.open()
    path = place(network)
    give(network.browser("manager"), path, DIS=public_id(network, "staff"))
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = false WHERE name = 'Staff Example'"))
    assert "Staff Example" not in read(network.browser("manager"), f"{path}/DIS")
    assert "Staff Example" not in read(network.browser("manager"), f"{path}/people")


def test_it_is_written_down_by_number(network: Network) -> None:
    network.open()
    give(network.browser("manager"), place(network), DIS=public_id(network, "staff"))
    with network.database.reading() as session:
        rows = session.execute(text("SELECT detail FROM audit_events WHERE action = 'section given'")).all()
        staff = session.execute(text("SELECT id FROM people WHERE name = 'Staff Example'")).scalar_one()
    assert [row.detail for row in rows] == [f"DIS to person {staff}"]


def test_who_is_asked_gets_one_letter_however_many_sections(network: Network) -> None:
    network.open()
    manager = public_id(network, "manager")
    staff = public_id(network, "staff")
    give(network.browser("manager"), place(network), DIS=staff, GOV=staff, ACT=manager)
    with network.database.reading() as session:
        query = (
            "SELECT p.name FROM account_letters l JOIN people p ON l.person_id = p.id WHERE kind = 'sections'"
        )
        assert [row.name for row in session.execute(text(query))] == ["Staff Example"]


def test_a_submitted_form_gives_no_sections(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", Side.EOC)
    path, staff = place(network), public_id(network, "staff")
    sheet.fill()
    assert sheet.submit().status_code == 302
    answer = give(network.browser("deputy"), path, DIS=staff)
    assert answer.status_code == 409
    assert "takes no answers now" in answer.get_data(as_text=True)
