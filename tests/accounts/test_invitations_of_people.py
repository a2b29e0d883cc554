"""An administrator invites people, who set their own passwords: each link once, for one person."""

from __future__ import annotations

import logging
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

from assessment.access import Role
from assessment.accounts import passwords, services
from assessment.surveys.link_masking import MaskLinks
from tests.accounts.inviting import invite, page_of
from tests.accounts.letters import Post, path_in
from tests.conftest import PASSWORD, Network, email_of
from tests.mail_sink import text_of
from tests.survey_world import everything_stored

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

THEIRS = "seven green lanterns swing"
OTHER = "nine brown buckets rattle"


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


def test_without_a_password_it_takes_as_long_to_say_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is compared with wants the same work as a hash that is made today."""
    looked_at: list[str] = []

    class Hasher(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            looked_at.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Hasher(time_cost=2, memory_cost=16, parallelism=2))
    assert not passwords.matches(passwords.NONE, passwords.NONE)
    assert not passwords.matches(None, "")
    made_today = extract_parameters(passwords.hash_password(PASSWORD))
    assert [extract_parameters(hash_) for hash_ in looked_at] == [made_today] * 2


@SQLITE
def test_a_mail_scanner_that_opens_the_link_uses_nothing_up(network: Network, post: Post) -> None:
    invite(network)
    path = post.link()
    scanner = network.browser()
    codes = [
        scanner.client.open(path, method=method, base_url="http://localhost").status_code
        for method in ("GET", "HEAD", "OPTIONS", "GET")
    ]
    assert codes == [200] * 4
    assert network.browser().post(path, {"new": THEIRS}).status_code == 302


@SQLITE
def test_the_pages_behind_a_link_hand_nothing_on(network: Network, post: Post) -> None:
    invite(network)
    path = post.link()
    answer = network.browser("manager").get(path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.get_data(as_text=True)
    assert '<meta name="referrer" content="no-referrer">' in page
    assert path not in page, "the address stands nowhere in the page"
    assert "Manager Example" not in page, "whoever is signed in here is nobody there"


@SQLITE
def test_a_link_is_good_for_seven_days(network: Network, post: Post) -> None:
    invite(network)
    path = post.link()
    network.clock.move(days=6, hours=23)
    assert network.browser().get(path).status_code == 200
    network.clock.move(hours=1)
    answer = network.browser().get(path)
    assert answer.status_code == 410
    assert "too old" in answer.get_data(as_text=True)


def test_a_link_works_once(network: Network, post: Post) -> None:
    invite(network)
    path, first, second = post.link(), network.browser(), network.browser()
    token = second.token(path)
    assert first.post(path, {"new": THEIRS}).status_code == 302
    late = second.client.post(path, data={"new": OTHER, "csrf_token": token}, base_url="http://localhost")
    assert late.status_code == 410
    assert "used already" in late.get_data(as_text=True)
    assert network.browser().get(path).status_code == 410
    assert network.browser().sign_in("new@example.gov", OTHER).status_code == 422


def test_sent_again_the_older_link_is_dead_before_the_new_letter_goes_out(
    network: Network, post: Post
) -> None:
    invite(network)
    older = post.link()
    step(network, "invite")
    assert network.browser().get(older).status_code == 410
    newer = post.link()
    assert newer != older
    assert network.browser().post(newer, {"new": THEIRS}).status_code == 302


def test_withdrawn_the_link_is_dead_and_no_other_comes_until_they_are_invited_again(
    network: Network, post: Post
) -> None:
    invite(network)
    path = post.link()
    step(network, "withdraw")
    answer = network.browser().get(path)
    assert answer.status_code == 410
    assert "withdrawn" in answer.get_data(as_text=True)
    network.browser().post("/sign-in/forgot", {"email": "new@example.gov"})
    assert post.deliver() == []
    assert "Invitation withdrawn" in network.browser("admin").get("/people").get_data(as_text=True)
    step(network, "invite")
    assert network.browser().post(post.link(), {"new": THEIRS}).status_code == 302
    assert network.browser().sign_in("new@example.gov", THEIRS).status_code == 302


@SQLITE
def test_withdrawn_before_it_went_out_no_letter_comes(network: Network, post: Post) -> None:
    invite(network)
    step(network, "withdraw")
    assert post.deliver() == []


@SQLITE
def test_administrators_see_who_has_not_accepted_yet(network: Network, post: Post) -> None:
    invite(network)
    admin = network.browser("admin")
    assert "Invited, not accepted yet" in admin.get("/people?only=invited").get_data(as_text=True)
    assert "Director Example" not in admin.get("/people?only=invited").get_data(as_text=True)
    path = post.link()
    assert "the link is good until" in admin.get("/people").get_data(as_text=True)
    network.browser().post(path, {"new": THEIRS})
    assert "Pat Newcomer" not in admin.get("/people?only=invited").get_data(as_text=True)
    page = page_of(network)
    for name in ("invite", "withdraw"):
        admin.post(f"{page}/invitation", {"step": name}, form=page)
        assert "has accepted the invitation" in admin.get(page).get_data(as_text=True)
    assert post.deliver() == []


@SQLITE
@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "Use at least 12 characters"),
        ("password1234", "easy to guess"),
        ("new@example.gov", "easy to guess"),
        ("", "Enter a new password"),
    ],
)
def test_a_password_that_is_no_good_uses_nothing_up(
    network: Network, post: Post, password: str, said: str
) -> None:
    invite(network)
    path = post.link()
    answer = network.browser().post(path, {"new": password})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert network.browser().post(path, {"new": THEIRS}).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/invitation/" + "a" * 32,
        "/invitation/x",
        "/invitation/" + "é" * 32,
        "/invitation/" + "a" * 5000,
        "/invitation/%00" + "a" * 31,
        "/reset/' OR 1=1 --",
        "/reset/" + "A" * 31 + "=",
    ],
)
def test_garbage_is_not_there(network: Network, path: str) -> None:
    answer = network.browser().get(path)
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "not a link of ours" in page or ("%00" in path and "There is no page here" in page)


def test_a_link_for_one_purpose_is_none_for_another(network: Network, post: Post) -> None:
    invite(network)
    token = post.link().rsplit("/", 1)[1]
    for other in ("reset", "s", "opt-out"):
        assert network.browser().get(f"/{other}/{token}").status_code == 404
    network.browser().post("/sign-in/forgot", {"email": email_of("manager")})
    reset = post.link().rsplit("/", 1)[1]
    assert network.browser().get(f"/invitation/{reset}").status_code == 404
    token = network.browser().token("/sign-in")
    stranger = network.browser()
    token = stranger.token("/sign-in")
    answer = stranger.client.post(
        f"/invitation/{reset}", data={"new": THEIRS, "csrf_token": token}, base_url="http://localhost"
    )
    assert answer.status_code == 404
    assert network.browser().sign_in(email_of("manager")).status_code == 302


@SQLITE
def test_a_link_sets_the_password_of_its_own_person_only(network: Network, post: Post) -> None:
    invite(network)
    path, manager = post.link(), network.browser("manager")
    answer = manager.post(path, {"new": THEIRS, "email": email_of("manager"), "person_id": "1"})
    assert answer.status_code == 302
    assert manager.get("/work").status_code == 302, "this browser is nobody's until they sign in"
    assert network.browser().sign_in(email_of("manager")).status_code == 302, "their password is as it was"
    assert network.browser().sign_in("new@example.gov", THEIRS).status_code == 302


@SQLITE
def test_whoever_tries_many_links_is_slowed_down_and_a_good_one_still_opens(
    network: Network, post: Post
) -> None:
    invite(network)
    path, stranger = post.link(), network.browser()
    codes = [stranger.get(f"/invitation/{number:032d}").status_code for number in range(31)]
    assert codes == [404] * 30 + [429]
    assert stranger.get(path).status_code == 200


def test_the_secret_is_in_the_letter_alone(network: Network, post: Post) -> None:
    invite(network)
    path = post.link()
    token = path.rsplit("/", 1)[1]
    assert len(token) == 32, "192 bits"
    assert token not in everything_stored(network.database)
    network.browser().post(path, {"new": THEIRS})
    stored = everything_stored(network.database)
    assert token not in stored
    assert THEIRS not in stored


@pytest.mark.parametrize("path", ["/invitation/", "/reset/"])
def test_the_secret_is_masked_in_the_log(path: str) -> None:
    token = "Ab1_" * 8
    record = logging.LogRecord("x", logging.INFO, "", 0, f'"GET {path}{token}?a=1 HTTP/1.1" 200', (), None)
    MaskLinks().filter(record)
    assert record.getMessage() == f'"GET {path}...?a=1 HTTP/1.1" 200'


def test_whoever_signs_in_by_another_way_has_taken_their_place(network: Network) -> None:
    """As somebody invited does whom their organization's identity provider vouches for."""
    invite(network)
    path = Post(network.app).link()
    (row,) = Post(network.app).rows("SELECT id FROM people WHERE email = 'new@example.gov'")
    with network.database.writing() as session:
        services.start_sign_in(session, int(str(row[0])), network.clock.now())
    assert "Pat Newcomer" not in network.browser("admin").get("/people?only=invited").get_data(as_text=True)
    assert network.person("new").centers == {"EOC-WY"}
    assert network.browser().get(path).status_code == 410


def test_what_happened_stands_in_the_trail(network: Network, post: Post) -> None:
    invite(network)
    (row,) = post.rows("SELECT id FROM people WHERE email = 'new@example.gov'")
    step(network, "invite")
    network.browser().post(post.link(), {"new": THEIRS})
    events = post.rows(
        "SELECT action, person_id FROM audit_events WHERE subject = :subject ORDER BY id",
        subject=f"person {row[0]}",
    )
    (admin,) = post.rows("SELECT id FROM people WHERE email = :email", email=email_of("admin"))
    assert events == [
        ("person added", admin[0]),
        ("person invited", admin[0]),
        ("invitation sent again", admin[0]),
        ("invitation accepted", row[0]),
    ]
