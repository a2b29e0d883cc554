"""An administrator invites people, who set their own passwords: each link once, for one person."""

from __future__ import annotations

import pytest
from flask import Flask

from assessment.access import Role
from assessment.accounts import passwords
from tests.accounts.letters import Post, path_in
from tests.conftest import Network
from tests.mail_sink import text_of

NEW = {"email": "new@example.gov", "name": "Pat Newcomer", "role": "manager", "centers": ["EOC-WY"]}
THEIRS = "seven green lanterns swing"
OTHER = "nine brown buckets rattle"


@pytest.fixture
def post(app: Flask) -> Post:
    return Post(app)


def invite(network: Network, **changes: object) -> None:
    answer = network.browser("admin").post("/people/new", NEW | changes)
    assert answer.status_code == 302, answer.get_data(as_text=True)


def page_of(network: Network, email: str = "new@example.gov") -> str:
    (row,) = Post(network.app).rows("SELECT public_id FROM people WHERE email = :email", email=email)
    return f"/people/{row[0]}"


def step(network: Network, name: str) -> None:
    page = page_of(network)
    assert network.browser("admin").post(f"{page}/invitation", {"step": name}, form=page).status_code == 302


def test_somebody_invited_sets_a_password_and_signs_in_with_their_rights(
    network: Network, post: Post
) -> None:
    invite(network)
    (mail,) = post.deliver()
    assert mail["To"] == "Pat Newcomer <new@example.gov>"
    assert "Admin Example has made an account for you" in text_of(mail)
    assert "manager for Wyoming State EOC" in text_of(mail)
    path, browser = path_in(mail), network.browser()
    page = browser.get(path).get_data(as_text=True)
    for shown in ("Pat Newcomer", "new@example.gov", "Manager", "Wyoming State EOC"):
        assert shown in page
    answer = browser.post(path, {"new": THEIRS})
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert browser.get("/work").status_code == 302, "a password that is set is no sign-in"
    assert browser.sign_in("new@example.gov", THEIRS).status_code == 302
    assert browser.get("/work").status_code == 200
    person = network.person("new")
    assert (person.role, person.centers) == (Role.MANAGER, {"EOC-WY"})


def test_nobody_signs_in_before_the_link_is_used(network: Network, post: Post) -> None:
    invite(network)
    browser = network.browser()
    for password in ("", "!", THEIRS):
        assert browser.sign_in("new@example.gov", password).status_code == 422
    assert not passwords.matches(passwords.NONE, passwords.NONE)
