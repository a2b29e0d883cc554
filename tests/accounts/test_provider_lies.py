"""What an identity provider may say and is not believed: each ends with a sentence, nobody is signed in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text

from assessment.accounts.provider import FRESH, PAUSE
from tests.accounts.lying_provider import (
    KEY,
    OTHER_KEY,
    LyingProvider,
    say,
    truly,
    unsigned,
    with_another_key,
    with_the_public_key,
)
from tests.accounts.travelling import (
    address_of,
    set_out,
    signed_in,
    there_and_back,
    trail,
    way_back,
    words_of,
)
from tests.conftest import Network

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = int(time.time())
FAILED = "sign-in by provider failed"

LIES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong nonce": ({"claims": {"nonce": "another"}}, "nonce"),
    "no nonce": ({"claims": {"nonce": None}}, "nonce"),
    "wrong audience": ({"claims": {"aud": "another client"}}, "aud"),
    "wrong audiences": ({"claims": {"aud": ["another", "client"]}}, "aud"),
    "no audience": ({"claims": {"aud": None}}, "aud"),
    "for us and another, by another": ({"claims": {"aud": ["tandem", "x"], "azp": "x"}}, "azp"),
    "for us and another, by nobody": ({"claims": {"aud": ["tandem", "x"]}}, "azp"),
    "wrong issuer": ({"claims": {"iss": "https://elsewhere.example"}}, "iss"),
    "no issuer": ({"claims": {"iss": None}}, "iss"),
    "expired": ({"claims": {"exp": NOW - 600, "iat": NOW - 900}}, "exp"),
    "never expires": ({"claims": {"exp": None}}, "exp"),
    "expiry in words": ({"claims": {"exp": "tomorrow"}}, "exp"),
    "not yet valid": ({"claims": {"nbf": NOW + 3600}}, "not yet valid"),
    "issued in the future": ({"claims": {"iat": NOW + 3600}}, "in the future"),
    "issued never": ({"claims": {"iat": None}}, "iat"),
    "no subject": ({"claims": {"sub": None}}, "sub"),
    "empty subject": ({"claims": {"sub": ""}}, "sub"),
    "subject is a list": ({"claims": {"sub": ["somebody"]}}, "sub"),
    "subject too long": ({"claims": {"sub": "x" * 256}}, "subject"),
    "unverified e-mail": ({"claims": {"email_verified": False}}, "unverified e-mail"),
    "e-mail verified in words": ({"claims": {"email_verified": "true"}}, "unverified e-mail"),
    "e-mail not said to be verified": ({"claims": {"email_verified": None}}, "unverified e-mail"),
    "no e-mail": ({"claims": {"email": None}}, "no e-mail"),
    "e-mail is a list": ({"claims": {"email": ["director@example.gov"]}}, "no e-mail"),
    "alg none": ({"sign": unsigned}, "alg"),
    "HS256 with the public key": ({"sign": with_the_public_key(KEY.as_pem(private=False))}, "alg"),
    "HS256 with the public numbers": ({"sign": with_the_public_key(KEY.as_dict()["n"].encode())}, "alg"),
    "a key that is not published": ({"sign": with_another_key}, "signature"),
    "a key of another name": ({"header": {"kid": "two"}}, "kid"),
    "a key that comes with the token": (
        {"sign": with_another_key, "header": {"jwk": OTHER_KEY.as_dict(private=False)}},
        "",
    ),
    "a key that the token says where to fetch": (
        {"sign": with_another_key, "header": {"jku": "https://elsewhere.example/jwks"}},
        "signature",
    ),
    "signature cut off": ({"sign": lambda h, c: truly(h, c).rsplit(".", 1)[0] + "."}, "signature"),
    "claims changed after signing": ({"sign": lambda h, c: _changed(truly(h, c))}, "signature"),
    "wrong hash of the access token": ({"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "at_hash"),
    "no token of identity": ({"token": {"id_token": None}}, "no id_token"),
    "a token that is none": ({"token": {"id_token": "garbage"}}, ""),
    "a token of ten points": ({"token": {"id_token": "a.b.c.d.e.f.g.h.i.j"}}, ""),
    "a token that is a number": ({"token": {"id_token": 5}}, "no id_token"),
    "a token of a megabyte": ({"token": {"id_token": "a" * 200_000}}, ""),
    "lasts for a word": ({"token": {"expires_in": "soon"}}, ""),
    "answer of another issuer": ({"back": {"iss": "https://elsewhere.example"}}, "another issuer"),
    "no code": ({"back": {"code": None}}, "no code"),
    "a code of its own": ({"back": {"code": "invented"}}, "invalid_grant"),
    "a code of 5,000": ({"back": {"code": "x" * 5000}}, "no code"),
    "denied": ({"back": {"code": None, "error": "access_denied"}}, "access_denied"),
    "an error of its own": ({"back": {"error": "<script>alert(1)</script>\n" * 20}}, "said no"),
}


def _changed(token: str) -> str:
    header, claims, signature = token.split(".")
    return f"{header}.{claims[:-4]}{'AAAA' if claims[-4:] != 'AAAA' else 'BBBB'}.{signature}"


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in(abroad: Network, lying: LyingProvider, lie: str) -> None:
    changes, reason = LIES[lie]
    for name, value in changes.items():
        setattr(lying, name, value)
    browser = abroad.browser()
    page = there_and_back(browser, "/methods")
    assert page.status_code in (400, 403), words_of(page)
    assert "Example ID" in words_of(page)
    assert "<script>alert" not in page.get_data(as_text=True)
    assert not signed_in(browser)
    (event,) = trail(abroad, FAILED)
    assert event[:2] == (None, "identity provider")
    assert reason in event[2]
    assert trail(abroad, "signed in") == []


@pytest.mark.parametrize("truth", ["as it is", "keys by another algorithm", "one audience in a list"])
def test_the_truth_signs_in(abroad: Network, lying: LyingProvider, truth: str) -> None:
    """Else a lie would fail for nothing."""
    if truth == "keys by another algorithm":
        lying.header = {"alg": "PS256"}
    if truth == "one audience in a list":
        lying.claims = {"aud": ["tandem"]}
    browser = abroad.browser()
    page = there_and_back(browser, "/methods")
    assert (page.status_code, page.location) == (302, "/methods"), words_of(page)
    assert signed_in(browser)
    director = abroad.person("director").id
    assert trail(abroad, "signed in") == [(director, f"person {director}", "provider")]
    assert trail(abroad, FAILED) == []


def test_what_is_asked_of_the_provider(abroad: Network, lying: LyingProvider) -> None:
    there_and_back(abroad.browser())
    (asked,) = lying.asked
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email"
    assert asked["redirect_uri"] == "http://localhost/sign-in/provider/back"
    assert asked["code_challenge_method"] == "S256"
    assert "acr_values" not in asked
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    (redeemed,) = lying.redeemed
    assert redeemed["authorization"].startswith("Basic ")
    assert "client_secret" not in redeemed


def test_what_comes_back_twice_finds_nothing(abroad: Network, lying: LyingProvider) -> None:
    browser = abroad.browser()
    address = way_back(address_of(set_out(browser)))
    assert browser.get(address).status_code == 302
    browser.post("/sign-out", {}, form="/account")
    again = browser.get(address)
    assert again.status_code == 400
    assert "Begin again" in words_of(again)
    assert not signed_in(browser)
    assert len(lying.redeemed) == 1


def test_a_code_that_was_used_is_used(abroad: Network, lying: LyingProvider) -> None:
    """The same code with a fresh state: the provider refuses it, and so do we."""
    browser = abroad.browser()
    first = way_back(address_of(set_out(browser)))
    code = first.split("code=")[1].split("&")[0]
    browser.get(first)
    browser.post("/sign-out", {}, form="/account")
    lying.back = {"code": code}
    assert there_and_back(browser).status_code == 403
    assert not signed_in(browser)


@pytest.mark.parametrize("state", [None, "", "invented", "ü", "x" * 5000])
def test_a_state_that_is_not_this_browsers(abroad: Network, lying: LyingProvider, state: str | None) -> None:
    browser = abroad.browser()
    lying.back = {"state": state}
    page = there_and_back(browser)
    assert page.status_code == 400
    assert "Begin again" in words_of(page)
    assert not signed_in(browser)
    assert lying.redeemed == []
    assert trail(abroad, FAILED) == [(None, "identity provider", "unknown state")]


def test_somebody_elses_way_back_signs_nobody_in(abroad: Network, lying: LyingProvider) -> None:
    """Whoever begins a sign-in and has another browser finish it (login CSRF)."""
    attacker, victim = abroad.browser(), abroad.browser()
    address = way_back(address_of(set_out(attacker)))
    assert victim.get(address).status_code == 400
    assert not signed_in(victim)
    assert lying.redeemed == []


def test_who_takes_more_than_an_hour_begins_again(abroad: Network, lying: LyingProvider) -> None:
    browser = abroad.browser()
    address = way_back(address_of(set_out(browser)))
    abroad.clock.move(minutes=61)
    assert browser.get(address).status_code == 400
    assert not signed_in(browser)


def test_userinfo_of_somebody_else_is_not_believed(abroad: Network, lying: LyingProvider) -> None:
    lying.claims = {"email": None, "email_verified": None}
    lying.about = {"sub": "another", "email": "director@example.gov", "email_verified": True}
    browser = abroad.browser()
    assert there_and_back(browser).status_code == 403
    assert not signed_in(browser)
    lying.about = {"sub": "somebody", "email": "director@example.gov", "email_verified": True}
    assert there_and_back(browser).status_code == 302
    assert signed_in(browser)


def test_address_and_its_verification_come_from_one_place(abroad: Network, lying: LyingProvider) -> None:
    lying.claims = {"email": "director@example.gov", "email_verified": None}
    lying.about = {"sub": "somebody", "email": "someone@example.gov", "email_verified": True}
    assert there_and_back(abroad.browser()).status_code == 403


def slowly(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def hang_up(handler: Any) -> None:
    handler.connection.close()


def never(handler: Any) -> None:
    time.sleep(3)


HUGE = say(200, b'{"issuer": "' + b"x" * 2_000_000 + b'"}')
DISCOVERY = "/.well-known/openid-configuration"
TROUBLES = {
    "an error": say(500, {"error": "server_error"}),
    "garbage": say(200, b"\xff\xfe<html>", "text/html"),
    "a list": say(200, ["issuer"]),
    "a number": say(200, 5),
    "nothing": say(200, b""),
    "deep nesting": say(200, b"[" * 50_000),
    "two megabytes": HUGE,
    "elsewhere": say(302, b"", Location="http://127.0.0.1:1/"),
    "slowly": slowly,
    "never": never,
    "hangs up": hang_up,
}


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on: what is asked before must be answered, on a busy machine too."""
    monkeypatch.setattr("assessment.accounts.provider_answers.WHOLE_SECONDS", 0.25)
    monkeypatch.setattr("assessment.accounts.provider_answers.READ_SECONDS", 0.4)


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/jwks", "/userinfo"])
def test_a_provider_in_trouble_costs_nobody_a_page(
    abroad: Network, lying: LyingProvider, path: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying.about, lying.claims = {}, {"email": None}
    lying.answers = {path: TROUBLES[trouble]}
    browser = abroad.browser()
    if path == DISCOVERY:
        be_impatient(monkeypatch)
    page = set_out(browser, kept='[["a", "b"]]', kept_path="/responses/x/y")
    if path != DISCOVERY:
        be_impatient(monkeypatch)
        page = browser.get(way_back(address_of(page)))
    assert page.status_code in (403, 502), words_of(page)
    assert "Example ID" in words_of(page)
    assert "[[&#34;a&#34;, &#34;b&#34;]]" in page.get_data(as_text=True)
    assert not signed_in(browser)
    assert len(trail(abroad, FAILED)) == 1


DISCOVERIES = {
    "another issuer": {"issuer": "https://elsewhere.example"},
    "no token endpoint": {"token_endpoint": None},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "another way to say it": {"authorization_endpoint": 'https://a.example/" onload="x'},
    "not over TLS": {"token_endpoint": "http://elsewhere.example/token"},
    "a number": {"jwks_uri": 5},
    "a file": {"jwks_uri": "file:///etc/passwd"},
}


@pytest.mark.parametrize("discovery", DISCOVERIES)
def test_a_discovery_that_is_not_fit_is_not_used(
    abroad: Network, lying: LyingProvider, discovery: str
) -> None:
    lying.discovery = DISCOVERIES[discovery]
    page = set_out(abroad.browser())
    assert page.status_code == 502
    assert "cannot be reached just now" in words_of(page)
    assert lying.paths == [DISCOVERY]


def test_discovery_makes_no_settings(abroad: Network, lying: LyingProvider) -> None:
    """Authlib hands what discovery says to its session, where some names are settings."""
    lying.discovery = {
        "id_token_signing_alg_values_supported": ["none", "HS256"],
        "verify": False,
        "proxies": {"http": "http://127.0.0.1:1"},
        "client_id": "another",
        "client_secret": "another",
        "scope": "everything",
        "code_challenge_method": "plain",
        "response_type": "token",
        "_loaded_at": 1,
        "jwks": {"keys": []},
    }
    assert there_and_back(abroad.browser()).status_code == 302
    assert lying.asked[0]["scope"] == "openid email"
    assert lying.asked[0]["code_challenge_method"] == "S256"
    lying.sign = unsigned
    assert there_and_back(abroad.browser()).status_code == 403


def test_a_provider_that_changes_its_key(abroad: Network, lying: LyingProvider) -> None:
    """Its new key has a new name, at which ours are fetched again."""
    there_and_back(abroad.browser())
    new = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"}, private=True)
    lying.header = {"kid": "two"}
    lying.sign = lambda header, claims: jwt.encode(header, claims, new, algorithms=["RS256"])
    lying.answers = {"/jwks": say(200, {"keys": [new.as_dict(private=False)]})}
    assert there_and_back(abroad.browser()).status_code == 302
    assert lying.paths.count("/jwks") == 2
    assert lying.paths.count(DISCOVERY) == 1


def test_an_old_discovery_stands_in_while_the_provider_is_down(abroad: Network, lying: LyingProvider) -> None:
    there_and_back(abroad.browser())
    found = abroad.app.extensions["tandem.provider"]
    found._found_at -= FRESH
    lying.answers = {DISCOVERY: say(500, {})}
    assert there_and_back(abroad.browser()).status_code == 302
    assert there_and_back(abroad.browser()).status_code == 302
    assert lying.paths.count(DISCOVERY) == 2  # the second try waits a while
    found._failed_at -= PAUSE
    lying.answers = {}
    assert there_and_back(abroad.browser()).status_code == 302
    assert lying.paths.count(DISCOVERY) == 3


def test_after_a_failure_the_next_try_waits(abroad: Network, lying: LyingProvider) -> None:
    lying.answers = {DISCOVERY: say(500, {})}
    for _ in range(3):
        assert set_out(abroad.browser()).status_code == 502
    assert lying.paths.count(DISCOVERY) == 1


def test_no_letter_is_taken_for_another(abroad: Network, lying: LyingProvider) -> None:
    """The sign of the kelvin is a k when it is made small."""
    with abroad.database.writing() as session:
        session.execute(text("UPDATE people SET email = 'kate@example.gov' WHERE email LIKE 'director@%'"))
    lying.claims = {"email": "\N{KELVIN SIGN}ate@example.gov"}
    assert there_and_back(abroad.browser()).status_code == 403
    lying.claims = {"email": "Kate@example.gov"}
    assert there_and_back(abroad.browser()).status_code == 302


def test_a_provider_that_is_down(abroad: Network, lying: LyingProvider) -> None:
    found = abroad.app.extensions["tandem.provider"]
    found.known = type(found.known)("http://127.0.0.1:9", "tandem", "Example ID", "x")
    page = set_out(abroad.browser(), "/methods")
    assert page.status_code == 502
    assert "Example ID cannot be reached just now" in words_of(page)
    assert 'value="/methods"' in page.get_data(as_text=True)
    assert trail(abroad, FAILED) == [(None, "identity provider", "provider down")]
