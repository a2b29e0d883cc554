"""A forgotten password: asking tells nobody who is here, the link works once, everybody else is out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, text

from assessment.access import Role
from assessment.accounts import links, links_outbox, links_throttle, services
from assessment.accounts.services import NewPerson
from assessment.models.account_links import LetterKind
from tests.accounts.letters import Post, path_in
from tests.accounts.test_second_factors import add_app, code_of, second
from tests.conftest import PASSWORD, Browser, Network, email_of
from tests.mail_sink import text_of
from tests.survey_world import everything_stored

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = "seven green lanterns swing"
OTHER = "nine brown buckets rattle"
TOKENS = re.compile(r'(name="csrf_token"[^>]*>|value="[^"]{60,}")')


def ask(network: Network, email: str = email_of("manager"), **headers: str) -> object:
    return network.browser().post("/sign-in/forgot", {"email": email}, headers=headers)


@dataclass
class Everybody:
    """An address of each kind that must not be told from the others."""

    known: str = email_of("manager")
    unknown: str = "nobody@example.gov"
    inactive: str = email_of("denver")
    demonstration: str = email_of("staff")
    invited: str = "invited@example.gov"
    withdrawn: str = "withdrawn@example.gov"
    no_address: str = "not an address"
    hostile: str = "' or 1=1 --@example.gov"


@pytest.fixture
def everybody(network: Network, post: Post) -> Everybody:
    people = Everybody()
    admin = network.browser("admin")
    for email in (people.invited, people.withdrawn):
        fields = {"email": email, "name": "Pat New", "role": "manager", "centers": ["EOC-WY"]}
        assert admin.post("/people/new", fields).status_code == 302
    post.deliver()
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = (email <> :it)"), {"it": people.inactive})
        session.execute(text("UPDATE people SET demonstration = (email = :it)"), {"it": people.demonstration})
        session.execute(
            text(
                "UPDATE account_invitations SET withdrawn_at = invited_at WHERE person_id IN"
                " (SELECT id FROM people WHERE email = :it)"
            ),
            {"it": people.withdrawn},
        )
    return people


def test_asking_says_and_does_the_same_for_every_address(network: Network, everybody: Everybody) -> None:
    """By the statements and not by the clock: what is the same work takes the same time."""
    engine = network.database.engine
    pages, works = set(), set()
    for email in vars(everybody).values():
        browser = network.browser()
        token = browser.token("/sign-in/forgot")
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        answer = browser.client.post(
            "/sign-in/forgot", data={"email": email, "csrf_token": token}, base_url="http://localhost"
        )
        event.remove(engine, "before_cursor_execute", note)
        shown = answer.get_data(as_text=True).replace(_escaped(email), "ADDRESS")
        pages.add((answer.status_code, TOKENS.sub("", shown), len(answer.headers)))
        works.add(tuple(statements))
    assert len(pages) == 1, pages
    assert len(works) == 1, works
    assert not any("FROM people" in statement for statement in next(iter(works)))


def _escaped(email: str) -> str:
    from markupsafe import escape

    return str(escape(email))


def test_only_who_has_an_account_to_sign_in_to_gets_a_letter(
    network: Network, everybody: Everybody, post: Post
) -> None:
    for email in vars(everybody).values():
        ask(network, email)
    letters = {str(mail["To"]).split("<")[1].rstrip(">"): path_in(mail) for mail in post.deliver()}
    assert set(letters) == {everybody.known, everybody.invited}
    assert letters[everybody.known].startswith("/reset/")
    assert letters[everybody.invited].startswith("/invitation/"), "somebody invited is invited again"
    assert post.rows("SELECT address FROM account_letters WHERE address <> ''") == []
    assert everybody.unknown not in everything_stored(network.database)


@SQLITE
def test_a_demonstration_gives_no_resets_even_where_it_runs(
    network: Network, make_app: Callable[..., Flask], everybody: Everybody
) -> None:
    ask(network, everybody.demonstration)
    assert Post(make_app(demo=True)).deliver() == []


def test_the_new_password_signs_in_and_everybody_else_is_out(network: Network, post: Post) -> None:
    elsewhere = network.browser("manager")
    ask(network)
    path = post.link()
    browser = network.browser()
    page = browser.get(path).get_data(as_text=True)
    assert "Manager Example" in page
    assert email_of("manager") in page
    answer = browser.post(path, {"new": NEW})
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert elsewhere.get("/work").status_code == 302
    assert browser.get("/work").status_code == 302, "they sign in anew"
    assert browser.sign_in(email_of("manager")).status_code == 422, "the old one is no good"
    assert browser.sign_in(email_of("manager"), NEW).status_code == 302
    (mail,) = post.deliver()
    assert mail["Subject"] == "Your password for Tandem was changed"
    assert NEW not in text_of(mail)
    assert "/reset/" not in text_of(mail)


@SQLITE
def test_who_waits_for_a_second_factor_is_out_too(network: Network, post: Post) -> None:
    (row,) = post.rows("SELECT id FROM people WHERE email = :email", email=email_of("manager"))
    with network.database.writing() as session:
        session.execute(
            text("INSERT INTO pending_sign_ins (secret_hash, person_id, started_at) VALUES ('x', :id, :at)"),
            {"id": row[0], "at": "2026-06-15 15:59:00.000000"},
        )
    ask(network)
    network.browser().post(post.link(), {"new": NEW})
    assert post.rows("SELECT 1 FROM pending_sign_ins") == []


@SQLITE
def test_a_second_factor_stays_asked(network: Network, post: Post) -> None:
    key, _codes = add_app(network, network.browser("manager"))
    post.deliver()
    ask(network)
    browser = network.browser()
    browser.post(post.link(), {"new": NEW})
    browser.sign_in(email_of("manager"), NEW)
    assert browser.get("/work").status_code == 302, "the password alone is half of it"
    second(browser, code=code_of(network, key))
    assert browser.get("/work").status_code == 200


def test_the_link_is_good_for_an_hour_and_once(network: Network, post: Post) -> None:
    ask(network)
    old = post.link()
    network.clock.move(minutes=59)
    assert network.browser().get(old).status_code == 200
    network.clock.move(minutes=1)
    late = network.browser().get(old)
    assert late.status_code == 410
    assert "too old" in late.get_data(as_text=True)
    ask(network)
    path = post.link()
    assert network.browser().post(path, {"new": NEW}).status_code == 302
    again = network.browser().get(path)
    assert again.status_code == 410
    assert "used already" in again.get_data(as_text=True)


def test_another_link_asked_for_is_the_end_of_the_one_before(network: Network, post: Post) -> None:
    ask(network)
    first = post.link()
    ask(network)
    second = post.link()
    assert network.browser().get(first).status_code == 410
    assert network.browser().get(second).status_code == 200


def test_a_password_changed_in_the_meantime_is_the_end_of_the_link(network: Network, post: Post) -> None:
    ask(network)
    path = post.link()
    answer = network.browser("manager").post("/account/password", {"old": PASSWORD, "new": OTHER}, "/account")
    assert answer.status_code == 302
    assert network.browser().get(path).status_code == 410
    (mail,) = post.deliver()
    assert mail["Subject"] == "Your password for Tandem was changed"


@SQLITE
def test_a_link_of_somebody_who_was_made_inactive_is_dead(network: Network, post: Post) -> None:
    ask(network)
    path, browser = post.link(), network.browser()
    token = browser.token(path)
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = FALSE WHERE email = :e"), {"e": email_of("manager")})
    assert browser.get(path).status_code == 410
    form = {"new": NEW, "csrf_token": token}
    assert browser.client.post(path, data=form, base_url="http://localhost").status_code == 410


@SQLITE
def test_letters_asked_for_long_ago_are_not_sent(network: Network, post: Post) -> None:
    ask(network)
    network.clock.move(hours=1)
    assert post.deliver() == []


@SQLITE
def test_five_an_hour_for_one_address_whoever_asks_and_wherever(network: Network, post: Post) -> None:
    for email in (email_of("manager"), "nobody@example.gov"):
        codes = [ask(network, spelled).status_code for spelled in [email, email.upper(), f" {email}"] * 2]  # type: ignore[attr-defined]
        assert codes == [200] * links_throttle.FOR_ONE + [429]
    assert len(post.deliver()) == links_throttle.FOR_ONE
    network.clock.move(hours=1)
    assert ask(network).status_code == 200  # type: ignore[attr-defined]


@SQLITE
def test_one_address_of_the_network_cannot_ask_for_everybody(network: Network, post: Post) -> None:
    with network.database.writing() as session:
        now, key = network.clock.now(), "a key for tests that is long enough"
        for number in range(links_throttle.FROM_ONE):
            assert not links_throttle.wait_for(session, f"{number}@example.gov", "127.0.0.1", key, now)
    answer = ask(network)
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert int(answer.headers["Retry-After"]) <= 3601  # type: ignore[attr-defined]
    assert post.deliver() == []


@SQLITE
def test_the_host_header_never_matters(network: Network, make_app: Callable[..., Flask]) -> None:
    app = make_app(base_url="https://tandem.example.gov", proxies=1)
    browser = Browser(app.test_client())
    token = browser.token("/sign-in/forgot")
    form = {"email": email_of("manager"), "csrf_token": token}
    for headers in (
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Host": "tandem.example.gov.evil.example"},
        {"Host": "tandem.example.gov@evil.example"},
    ):
        refused = browser.client.post(
            "/sign-in/forgot", data=form, headers=headers, base_url="http://localhost"
        )
        assert refused.status_code == 400, headers
    assert Post(app).deliver() == []
    browser.client.post("/sign-in/forgot", data=form, base_url="http://localhost:1234")
    (mail,) = Post(app).deliver()
    assert "https://tandem.example.gov/reset/" in text_of(mail)
    assert "localhost" not in text_of(mail) + mail["Message-ID"]


@SQLITE
def test_the_trail_says_that_it_was_asked_for_sent_and_done(network: Network, post: Post) -> None:
    ask(network)
    network.browser().post(post.link(), {"new": NEW})
    (row,) = post.rows("SELECT id FROM people WHERE email = :email", email=email_of("manager"))
    events = post.rows("SELECT action, subject, person_id FROM audit_events ORDER BY id")
    assert events == [
        ("password reset asked for", "an e-mail address", None),
        ("password reset sent", f"person {row[0]}", None),
        ("password reset", f"person {row[0]}", row[0]),
    ]
    assert email_of("manager") not in str(post.rows("SELECT subject, detail FROM audit_events"))


def test_of_two_who_send_the_form_at_once_one_has_set_it(network: Network, post: Post) -> None:
    ask(network)
    token = post.link().rsplit("/", 1)[1]
    now, purpose = network.clock.now(), links.Purpose.RESET
    with network.database.writing() as session:
        links.use(session, token, purpose, "first", now)
    with pytest.raises(links.LinkEnded), network.database.writing() as session:
        links.use(session, token, purpose, "second", now)
    assert post.rows("SELECT 1 FROM people WHERE password_hash = 'first'") == [(1,)]


@SQLITE
def test_a_worker_that_died_leaves_no_letter_in_hand(network: Network) -> None:
    with network.database.writing() as session:
        new = NewPerson("late@example.gov", "Late", Role.MANAGER, ["EOC-WY"])
        person = services.add_person(session, new, NEW, network.clock.now())
        links.queue(session, LetterKind.CHANGED, network.clock.now(), person_id=person.id)
        claimed = links_outbox.claim(session, "gone", network.clock.now(), True)
    assert isinstance(claimed, links_outbox.Claimed)
    network.clock.move(minutes=16)
    post = Post(network.app)
    assert post.deliver() == [], "nobody knows whether it went out, so it is not sent twice"
    assert post.rows("SELECT state, claimed_by FROM account_letters") == [("uncertain", None)]


@SQLITE
def test_what_is_long_over_is_forgotten(network: Network, post: Post) -> None:
    ask(network)
    post.deliver()
    network.clock.move(days=31)
    ask(network)
    post.deliver()
    assert post.rows("SELECT count(*) FROM account_letters") == [(1,)]
    assert post.rows("SELECT count(*) FROM account_links") == [(1,)]


@SQLITE
def test_the_sign_in_page_leads_there(network: Network, make_app: Callable[..., Flask]) -> None:
    assert 'href="/sign-in/forgot"' in network.browser().get("/sign-in").get_data(as_text=True)
    switched_off = make_app(local_passwords=False).test_client().get("/sign-in", base_url="http://localhost")
    assert "/sign-in/forgot" not in switched_off.get_data(as_text=True)


def test_waiting_grows_to_a_limit() -> None:
    waits = [links_outbox.wait_after(tries) for tries in (1, 2, 3, 20)]
    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=1)]
