"""Passkeys by a software authenticator: what is taken, and every way of lying that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from webauthn.helpers import bytes_to_base64url

from tests.accounts.soft_passkey import PRESENT, VERIFIED, SoftPasskey
from tests.conftest import PASSWORD, Browser, Network, email_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADD = "/account/factors/passkeys"
NOT_TAKEN = "This passkey was not accepted"


def text_of(answer: Any) -> str:
    return answer.get_data(as_text=True)


def asked(browser: Browser, path: str, form: str, **fields: str) -> dict[str, Any]:
    answer = browser.post(path, fields, form=form)
    assert answer.status_code == 200, text_of(answer)
    found: dict[str, Any] = answer.get_json()
    return found


def add(browser: Browser, passkey: SoftPasskey, name: str = "Blue key") -> Any:
    answer = passkey.create(asked(browser, f"{ADD}/options", ADD))
    return browser.post(ADD, {"name": name, "credential": answer})


def sign_in(browser: Browser, passkey: SoftPasskey, **fields: str) -> Any:
    answer = passkey.get(asked(browser, "/sign-in/passkey/options", "/sign-in"))
    return browser.post("/sign-in/passkey", {"credential": answer, **fields}, form="/sign-in")


def signed_in(browser: Browser) -> bool:
    return browser.get("/work").status_code == 200


@pytest.fixture
def passkey(network: Network) -> SoftPasskey:
    """The manager's."""
    made = SoftPasskey()
    answer = add(network.browser("manager"), made)
    assert answer.status_code == 200, text_of(answer)
    assert "Your recovery codes" in text_of(answer)
    return made


def test_a_passkey_alone_signs_in(network: Network, passkey: SoftPasskey) -> None:
    browser = network.browser()
    assert sign_in(browser, passkey, next="/cycles").location == "/cycles"
    assert signed_in(browser)
    assert "Manager Example" in text_of(browser.get("/account"))


def test_a_passkey_counts_after_the_password_too(network: Network, passkey: SoftPasskey) -> None:
    browser = network.browser()
    assert browser.sign_in(email_of("manager")).location == "/sign-in/second-factor"
    page = "/sign-in/second-factor"
    options = asked(browser, "/sign-in/passkey/options", page, second="1")
    assert [one["id"] for one in options["allowCredentials"]] == [passkey.id]
    done = browser.post(f"{page}/passkey", {"credential": passkey.get(options)}, form=page)
    assert done.location == "/work"
    assert signed_in(browser)


def test_it_shows_once_more_who_one_is(network: Network, passkey: SoftPasskey) -> None:
    browser = network.browser()
    sign_in(browser, passkey)
    network.clock.move(minutes=11)
    page = "/account/confirm"
    assert browser.get(ADD).location.startswith(page)
    options = asked(browser, f"{page}/passkey/options", page)
    fields = {"credential": passkey.get(options), "next": ADD}
    assert browser.post(f"{page}/passkey", fields, form=page).location == ADD
    assert browser.get(ADD).status_code == 200


@on_sqlite
def test_what_is_asked_of_the_browser(network: Network, passkey: SoftPasskey) -> None:
    browser = network.browser()
    sign_in(browser, passkey)
    made = asked(browser, f"{ADD}/options", ADD)
    assert made["rp"] == {"name": "Tandem", "id": "localhost"}
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert [one["id"] for one in made["excludeCredentials"]] == [passkey.id]
    signed = asked(network.browser(), "/sign-in/passkey/options", "/sign-in")
    assert signed["userVerification"] == "required"
    assert not signed.get("allowCredentials")  # who has which passkeys is told to nobody
    assert len(signed["challenge"]) > 40


def test_a_challenge_is_answered_once(network: Network, passkey: SoftPasskey) -> None:
    """Although the cookie that holds it can be brought back."""
    browser = network.browser()
    options = asked(browser, "/sign-in/passkey/options", "/sign-in")
    cookie = browser.client.get_cookie("tandem", domain="localhost")
    assert cookie is not None
    token = browser.token("/sign-in")
    passkey.counts, passkey.counter = False, 0
    with network.database.writing() as session:
        session.execute(text("UPDATE passkeys SET sign_count = 0"))
    fields = {"credential": passkey.get(options), "csrf_token": token}
    codes = []
    for _ in range(2):
        browser.client.set_cookie("tandem", cookie.value, domain="localhost")
        answer = browser.client.post("/sign-in/passkey", data=fields, base_url="http://localhost")
        codes.append(answer.status_code)
    assert codes == [302, 422]


@on_sqlite
def test_a_challenge_is_good_for_five_minutes_and_one_purpose(network: Network, passkey: SoftPasskey) -> None:
    browser = network.browser()
    options = asked(browser, "/sign-in/passkey/options", "/sign-in")
    network.clock.move(minutes=6)
    late = browser.post("/sign-in/passkey", {"credential": passkey.get(options)}, form="/sign-in")
    assert late.status_code == 422
    assert "That took too long" in text_of(late)
    browser.sign_in(email_of("manager"))
    page = "/sign-in/second-factor"
    options = asked(browser, "/sign-in/passkey/options", page)  # for a sign-in, not for a second factor
    other = browser.post(f"{page}/passkey", {"credential": passkey.get(options)}, form=page)
    assert other.status_code == 422
    assert not signed_in(browser)


def test_a_counter_that_does_not_go_up_tells_of_a_copy(network: Network, passkey: SoftPasskey) -> None:
    sign_in(network.browser(), passkey)
    copied = passkey.counter
    assert sign_in(network.browser(), passkey).status_code == 302
    passkey.counter = copied - 1
    for _ in range(2):
        answer = sign_in(network.browser(), passkey)
        assert answer.status_code == 422
        assert NOT_TAKEN in text_of(answer)
    with network.database.reading() as session:
        query = text("SELECT detail FROM audit_events WHERE action = 'sign-in failed'")
        assert "counter went back" in session.execute(query).scalars().all()[-1]
    assert sign_in(network.browser(), passkey).status_code == 302  # beyond the last one again


@on_sqlite
def test_a_counter_that_has_counted_may_not_stop_counting(network: Network, passkey: SoftPasskey) -> None:
    sign_in(network.browser(), passkey)
    passkey.counts, passkey.counter = False, 0
    assert sign_in(network.browser(), passkey).status_code == 422


LIES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:81"},
    "another scheme": {"origin": "https://localhost"},
    "another site": {"host": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "a frame of another site": {"cross_origin": True},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
@on_sqlite
def test_a_lie_signs_nobody_in_and_adds_nothing(
    network: Network, passkey: SoftPasskey, lie: dict[str, Any]
) -> None:
    liar = SoftPasskey(**lie)
    director = network.browser("director")
    assert add(director, liar).status_code == 422
    for name, value in lie.items():
        setattr(passkey, name, value)
    browser = network.browser()
    assert NOT_TAKEN in text_of(sign_in(browser, passkey))
    assert not signed_in(browser)
    with network.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM passkeys")).scalar_one() == 1


@on_sqlite
def test_another_key_under_a_known_name_is_not_taken(network: Network, passkey: SoftPasskey) -> None:
    forged = SoftPasskey(credential_id=passkey.credential_id, handle=passkey.handle, counter=100)
    assert sign_in(network.browser(), forged).status_code == 422


@on_sqlite
def test_what_is_not_taken_is_in_the_trail_where_it_names_somebodys_passkey(
    network: Network, passkey: SoftPasskey
) -> None:
    sign_in(network.browser(), SoftPasskey(handle="AAAA"))
    passkey.origin = "https://evil.example"
    sign_in(network.browser(), passkey)
    with network.database.reading() as session:
        query = text("SELECT subject, detail FROM audit_events WHERE action = 'sign-in failed'")
        found = session.execute(query).all()
    assert [tuple(row) for row in found] == [
        (f"person {network.person('manager').id}", "passkey: InvalidAuthenticationResponse")
    ]


@on_sqlite
def test_a_passkey_that_nobody_has_is_told_the_same(network: Network, passkey: SoftPasskey) -> None:
    stranger = sign_in(network.browser(), SoftPasskey(handle="AAAA"))
    passkey.handle = "AAAA"
    assert stranger.status_code == 422
    assert NOT_TAKEN in text_of(stranger)
    assert NOT_TAKEN in text_of(sign_in(network.browser(), passkey))


def test_somebody_elses_passkey_is_no_second_factor_of_mine(network: Network, passkey: SoftPasskey) -> None:
    mine = SoftPasskey()
    add(network.browser("director"), mine)
    browser, page = network.browser(), "/sign-in/second-factor"
    browser.sign_in(email_of("director"))
    options = asked(browser, "/sign-in/passkey/options", page, second="1")
    answer = browser.post(f"{page}/passkey", {"credential": passkey.get(options)}, form=page)
    assert answer.status_code == 422
    assert not signed_in(browser)


@on_sqlite
def test_somebody_elses_passkey_shows_not_who_i_am(network: Network, passkey: SoftPasskey) -> None:
    browser, page = network.browser("director"), "/account/confirm"
    network.clock.move(minutes=11)
    options = asked(browser, f"{page}/passkey/options", page)
    assert browser.post(f"{page}/passkey", {"credential": passkey.get(options)}, form=page).status_code == 422
    assert browser.get(ADD).status_code == 302


def test_a_passkey_belongs_to_one_person(network: Network, passkey: SoftPasskey) -> None:
    answer = add(network.browser("director"), passkey)
    assert answer.status_code == 422
    assert "in use already" in text_of(answer)


def test_removed_it_signs_in_no_more(network: Network, passkey: SoftPasskey) -> None:
    browser, other = network.browser(), network.browser("director")
    sign_in(browser, passkey)
    with network.database.reading() as session:
        public_id = session.execute(text("SELECT public_id FROM passkeys")).scalar_one()
    address = f"{ADD}/{public_id}/remove"
    assert other.post(address, {}, form="/account").status_code == 404
    assert browser.post(address, {}, form="/account/factors").status_code == 302
    assert sign_in(network.browser(), passkey).status_code == 422
    assert network.browser().sign_in(email_of("manager")).location == "/work"


@on_sqlite
def test_who_may_not_sign_in_may_not_by_passkey(network: Network, passkey: SoftPasskey) -> None:
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = false WHERE name LIKE 'Manager%'"))
    assert sign_in(network.browser(), passkey).status_code == 422


@on_sqlite
def test_a_form_that_was_kept_comes_through(network: Network, passkey: SoftPasskey) -> None:
    kept = {"kept": '[["note-GOV-1", "typed words"]]', "kept_path": "/responses/x/y"}
    wrong = sign_in(network.browser(), SoftPasskey(handle="AAAA"), **kept)
    assert "typed words" in text_of(wrong)
    assert "typed words" in text_of(sign_in(network.browser(), passkey, **kept))


@on_sqlite
def test_a_passkey_needs_a_name(network: Network) -> None:
    browser, passkey = network.browser("manager"), SoftPasskey()
    answer = add(browser, passkey, name=" ")
    assert answer.status_code == 422
    assert "Give the passkey a name" in text_of(answer)


def hostile(passkey: SoftPasskey, challenge: str) -> list[str]:
    good = json.loads(passkey.get({"challenge": challenge}))
    spoiled = [good | {"id": value} for value in (1, None, "", "\x00", "é", "A" * 30)]
    spoiled += [good | {"response": value} for value in ([], {}, "x", None)]
    for name in good["response"]:
        for value in (1, "", "!", "AAAA", None, [], {"a": 1}):
            spoiled.append(good | {"response": good["response"] | {name: value}})
    client = ['{"type": []}', "[]", '{"type": "webauthn.get", "challenge": 5, "origin": 7}', "\xff", "\ud800"]
    encoded = [bytes_to_base64url(one.encode("utf-8", "surrogatepass")) for one in client]
    spoiled += [good | {"response": good["response"] | {"clientDataJSON": one}} for one in encoded]
    texts = ["", "null", "[]", "{}", "0", '"x"', "[" * 5000, "{" * 100, "x" * 30_000, "\x00"]
    return [json.dumps(one) for one in spoiled] + texts


@on_sqlite
def test_hostile_answers_get_a_sentence(network: Network, passkey: SoftPasskey) -> None:
    browser, owner = network.browser(), network.browser()
    sign_in(owner, passkey)
    passkey.counter = 1000
    for answer in hostile(passkey, "AAAA"):
        asked(browser, "/sign-in/passkey/options", "/sign-in")
        tried = browser.post("/sign-in/passkey", {"credential": answer}, form="/sign-in")
        assert tried.status_code == 422, answer
        assert NOT_TAKEN in text_of(tried), answer
        asked(owner, f"{ADD}/options", ADD)
        added = owner.post(ADD, {"name": "x", "credential": answer})
        assert added.status_code == 422, answer
        assert "This passkey" in text_of(added), answer


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://127.0.0.1:5000", "They work at http://localhost:5000."),
        ("http://192.0.2.7:5000", "Passkeys need a site with a name"),
        ("https://tandem.example.gov", "They work at https://tandem.example.gov."),
    ],
)
@on_sqlite
def test_an_address_without_a_name_says_so(
    network: Network, make_app: Callable[..., Flask], base_url: str, said: str
) -> None:
    browser = Browser(make_app(base_url=base_url).test_client())
    here = "https://127.0.0.1" if base_url.startswith("https") else "http://127.0.0.1"

    def get(path: str) -> Any:
        return browser.client.get(path, base_url=here)

    page = text_of(get("/sign-in"))
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    fields = {"email": email_of("manager"), "password": PASSWORD, "csrf_token": token}
    assert browser.client.post("/sign-in", data=fields, base_url=here).status_code == 302
    assert said in text_of(get("/account/factors"))
    assert ("They work at" in page) is ("They work at" in said)


@on_sqlite
def test_at_localhost_they_work_although_the_base_url_is_a_number(
    network: Network, make_app: Callable[..., Flask]
) -> None:
    browser = Browser(make_app(base_url="http://127.0.0.1:5000").test_client())
    browser.sign_in(email_of("manager"))
    assert add(browser, SoftPasskey(origin="http://localhost:5000")).status_code == 200
