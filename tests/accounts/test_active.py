"""Making an account inactive and active again: at once, never the last administrator, never oneself."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from assessment.accounts import people
from assessment.errors import Refused
from tests.accounts.letters import Post
from tests.conftest import Network, email_of

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def page_of(network: Network, name: str) -> str:
    email = email_of(name)
    (row,) = Post(network.app).rows("SELECT public_id FROM people WHERE email = :email", email=email)
    return f"/people/{row[0]}"


def switch(network: Network, name: str, active: str, by: str = "admin") -> str:
    """What the page says afterwards."""
    page, browser = page_of(network, name), network.browser(by)
    token = browser.token(page)
    answer = browser.client.post(
        f"{page}/active", data={"active": active, "csrf_token": token}, base_url="http://localhost"
    )
    assert answer.status_code == 302
    said: str = browser.get(page).get_data(as_text=True)
    return said


def test_whoever_is_made_inactive_is_out_at_once_and_stays_out(network: Network, post: Post) -> None:
    manager = network.browser("manager")
    network.browser().post("/sign-in/forgot", {"email": email_of("manager")})
    link = post.link()
    assert "cannot sign in any more" in switch(network, "manager", "no")
    assert manager.get("/work").status_code == 302
    assert network.browser().sign_in(email_of("manager")).status_code == 422
    assert network.browser().get(link).status_code == 410
    assert "can sign in again" in switch(network, "manager", "yes")
    assert manager.get("/work").status_code == 302, "the old sign-in does not come back"
    assert network.browser().get(link).status_code == 410, "nor does the link"
    assert network.browser().sign_in(email_of("manager")).status_code == 302
    (row,) = post.rows("SELECT id FROM people WHERE email = :email", email=email_of("manager"))
    asked = (
        "SELECT action FROM audit_events WHERE subject = :subject AND action LIKE 'person made%' ORDER BY id"
    )
    found = post.rows(asked, subject=f"person {row[0]}")
    assert found == [("person made inactive",), ("person made active",)]


def test_nobody_locks_themselves_out(network: Network) -> None:
    assert "cannot make your own account inactive" in switch(network, "admin", "no")
    assert network.browser().sign_in(email_of("admin")).status_code == 302


@SQLITE
def test_the_page_offers_no_button_for_oneself(network: Network) -> None:
    browser = network.browser("admin")
    assert "Make the account inactive" not in browser.get(page_of(network, "admin")).get_data(as_text=True)
    assert "Make the account inactive" in browser.get(page_of(network, "staff")).get_data(as_text=True)


def test_an_administrator_who_was_only_invited_does_not_count(network: Network) -> None:
    admin = network.browser("admin")
    fields = {"email": "second@example.gov", "name": "Second", "role": "administrator"}
    assert admin.post("/people/new", fields).status_code == 302
    public_id = page_of(network, "admin").rsplit("/", 1)[1]
    with pytest.raises(Refused, match="only administrator who can sign in"), network.database.writing() as db:
        people.set_active(db, public_id, False, network.clock.now(), by=network.person("staff").id)
    answer = admin.post(f"/people/{public_id}", {"name": "Admin", "role": "reviewer"})
    assert answer.status_code == 422
    assert "only administrator" in answer.get_data(as_text=True)


def test_of_two_administrators_who_switch_each_other_off_at_once_one_stays(network: Network) -> None:
    with network.database.writing() as session:
        session.execute(
            text("UPDATE people SET role = 'administrator' WHERE email = :e"),
            {"e": email_of("reviewer")},
        )
    ids = {name: page_of(network, name).rsplit("/", 1)[1] for name in ("admin", "reviewer")}
    numbers = {name: network.person(name).id for name in ids}
    at_once, said = threading.Barrier(2), []

    def go(mine: str, theirs: str) -> None:
        at_once.wait()
        try:
            with network.database.writing() as db:
                people.set_active(db, ids[theirs], False, network.clock.now(), by=numbers[mine])
        except Refused as refused:
            said.append(refused.message)

    threads = [
        threading.Thread(target=go, args=pair) for pair in (("admin", "reviewer"), ("reviewer", "admin"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    active = Post(network.app).rows("SELECT 1 FROM people WHERE role = 'administrator' AND active")
    assert len(active) == 1
    assert len(said) == 1


@SQLITE
@pytest.mark.parametrize("step", ["active", "invitation"])
def test_a_form_that_says_nothing_sensible_changes_nothing(network: Network, step: str) -> None:
    browser, page = network.browser("admin"), page_of(network, "staff")
    for value in ("", "maybe", "1"):
        answer = browser.post(f"{page}/{step}", {"active": value, "step": value}, form=page)
        assert answer.status_code == 400
    missing = browser.post(f"/people/nobody/{step}", {"active": "no", "step": "invite"}, form=page)
    assert missing.status_code == 404


@SQLITE
def test_who_was_never_invited_cannot_be_invited_again(network: Network) -> None:
    browser, page = network.browser("admin"), page_of(network, "staff")
    browser.post(f"{page}/invitation", {"step": "invite"}, form=page)
    assert "was not invited by mail" in browser.get(page).get_data(as_text=True)


@SQLITE
def test_who_is_invited_again_can_come_even_if_made_inactive_in_between(network: Network, post: Post) -> None:
    fields = {"email": email_of("late"), "name": "Late", "role": "manager", "centers": ["EOC-WY"]}
    assert network.browser("admin").post("/people/new", fields).status_code == 302
    first = post.link()
    switch(network, "late", "no")
    assert network.browser().get(first).status_code == 410
    page, admin = page_of(network, "late"), network.browser("admin")
    admin.post(f"{page}/invitation", {"step": "invite"}, form=page)
    assert network.browser().get(post.link()).status_code == 200
