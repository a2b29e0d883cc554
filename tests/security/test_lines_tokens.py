"""The security checklist, ways in: redirects, hosts, forged and guessed tokens."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from assessment.accounts import links
from assessment.models.account_links import Purpose
from assessment.surveys.links import new_token, opt_out_token
from assessment.web import local_path
from tests.conftest import PASSWORD, Network
from tests.security.crawl import BASE
from tests.security.hostile import MARK
from tests.security.pages_read import look_at
from tests.security.site import Site
from tests.security.sources import modules
from tests.survey_world import everything_stored

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ELSEWHERE = [
    f"//{MARK}.example",
    f"///{MARK}.example",
    f"////{MARK}.example/%2e%2e",
    f"/\\{MARK}.example",
    f"\\\\{MARK}.example",
    f"/\t/{MARK}.example",
    f"/\n/{MARK}.example",
    f"https:{MARK}.example",
    f"https:/{MARK}.example",
    f"https://{MARK}.example",
    f"HTTPS://{MARK}.example",
    f"javascript:{MARK}()",
    f"data:text/html,{MARK}",
    f" //{MARK}.example",
    f"\u2028//{MARK}.example",
    f"http://localhost@{MARK}.example",
    f"http:localhost@{MARK}.example",
    f"{MARK}.example",
    f"/%09/{MARK}.example/..//",
    f"//localhost@{MARK}.example",
    f"/\0/{MARK}.example",
    f"http://{MARK}.example#localhost",
    "?next=//x",
    "../work",
    "\ud800",
]


def leaves(target: str) -> bool:
    """Whether a browser, for which a back-slash is a slash, would leave the site for this Location."""
    plain = re.sub(r"[\x00-\x20]", "", target).replace("\\", "/")
    return not plain.startswith("/") or plain.startswith("//")


@SQLITE
@pytest.mark.parametrize("target", ELSEWHERE)
def test_13_open_redirect(site: Site, target: str) -> None:
    sent = target.encode("utf-8", "replace").decode()
    stranger = site.network.browser()
    form = {"email": "staff@example.gov", "password": PASSWORD, "next": sent, "kept_path": sent, "kept": "[]"}
    answer = stranger.post("/sign-in", form)
    if answer.status_code == 302:
        assert not leaves(answer.location), answer.location
    else:  # the way on is a path of ours: the kept form is shown, to be sent there
        assert not look_at(answer, "/sign-in")
    answer = stranger.get("/sign-in", query_string={"next": sent})
    assert answer.status_code == 302
    assert not leaves(answer.location), answer.location
    admin = site.network.browser("admin")
    form = {"active": "yes", "next": sent}
    answer = admin.post("/pairs/FC-CO/EOC-CO/active", form, form="/pairs/add")
    assert answer.status_code == 302
    assert not leaves(answer.location), answer.location
    site.restore()


def test_13_open_redirect_a_way_on_is_a_path_here() -> None:
    assert {local_path(target, "/work") for target in ELSEWHERE} <= {"/work", f"/%09/{MARK}.example/..//"}
    assert local_path("/responses/abc/GOV?page=2#q", "/work") == "/responses/abc/GOV?page=2#q"


HOSTS = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "localhost@evil.example",
    "127.0.0.1.evil.example",
    "",
]


@ALONE
def test_14_host_header(network: Network, make_app: Callable[..., Flask]) -> None:
    """Another host is not answered, named directly or by a proxy header, trusted or not."""
    for proxies in (0, 1):
        app = make_app(proxies=proxies, base_url="https://tandem.example.gov")
        for host in HOSTS:
            for path in ("/sign-in", "/sign-in/forgot", "/healthz"):
                answer = app.test_client().get(path, headers={"Host": host})
                assert answer.status_code == 400, (proxies, host, path)
                forwarded = {"Host": "tandem.example.gov", "X-Forwarded-Host": host or "evil"}
                forwarded["X-Forwarded-Proto"] = "https"
                answer = app.test_client().get(path, headers=forwarded)
                assert answer.status_code == (400 if proxies else 200), (proxies, host, path)
                assert b"evil" not in answer.data
    trusting = make_app(proxies=1).test_client()
    answer = trusting.get("/sign-in", headers={"Host": "localhost", "X-Forwarded-Prefix": "//evil.example"})
    assert b"evil" not in answer.data


def test_14_host_header_builds_no_link() -> None:
    """Links in letters come from TANDEM_BASE_URL; nothing asks Flask for a whole address."""
    import ast

    for name, tree in modules().items():
        source = ast.unparse(tree)
        assert "_external=True" not in source, name
        assert not re.search(r"request\.(url|base_url|url_root|host_url|root_url)\b", source), name


def _session(app: Flask, **changes: Any) -> URLSafeTimedSerializer:
    own = SecureCookieSessionInterface().get_signing_serializer(app)
    assert own is not None
    return URLSafeTimedSerializer(
        changes.get("key", app.secret_key),
        salt=changes.get("salt", SecureCookieSessionInterface.salt),
        serializer=SecureCookieSessionInterface.serializer,
        signer_kwargs={"key_derivation": "hmac", "digest_method": SecureCookieSessionInterface.digest_method},
    )


@ALONE
def test_15_forged_tokens_of_a_session(network: Network) -> None:
    """Without our signature, with that of another purpose, or with a secret that we did not make: nobody."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps({"sign_in": 1}).encode()).rstrip(b"=").decode()
    forged = [
        f"{head}.{body}.",
        f"{body}..",
        body,
        _session(network.app, key="another key that is long enough").dumps({"sign_in": "x"}),
        _session(network.app, salt="another purpose").dumps({"sign_in": "x"}),
        _session(network.app).dumps({"sign_in": "x" * 43}),
        _session(network.app).dumps({"sign_in": "' OR 1=1 --"}),
        _session(network.app).dumps({"person": 1, "role": "administrator"}),
    ]
    for cookie in forged:
        client = network.app.test_client()
        client.set_cookie("tandem", cookie, domain="localhost")
        answer = client.get("/people", base_url=BASE)
        assert answer.status_code == 302, cookie
        assert answer.location.startswith("/sign-in")


@ALONE
def test_15_forged_tokens_of_other_purposes_and_people(network: Network) -> None:
    """A link for one purpose opens nothing else; one of another partner, or changed by a letter, is none."""
    now = network.clock.now()
    with network.database.writing() as db:
        token = links.make(db, network.person("staff").id, Purpose.INVITATION, now)
    stranger = network.browser()
    assert stranger.get(f"/invitation/{token}").status_code == 200
    for path in (
        f"/reset/{token}",
        f"/s/{token}",
        f"/opt-out/{token}",
        f"/invitation/{token[:-1]}",
        f"/invitation/{token}x",
    ):
        assert stranger.get(path).status_code in (404, 410), path
    key = network.app.extensions["tandem.settings"].secret_key
    ours = opt_out_token("partner-a", key)
    for forged in (
        ours.replace("partner-a", "partner-b"),
        f"{ours}x",
        ours[:-1],
        "partner-a.",
        opt_out_token("partner-a", "k"),
    ):
        assert stranger.get(f"/opt-out/{forged}").status_code in (404, 410, 429), forged
    for header in (
        "Bearer x",
        f"Bearer {head_of_nothing()}",
        f"bearer {token}",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer \0",
        "Bearer ",
    ):
        answer = network.app.test_client().get(
            "/api/v1/reports/network", headers={"Authorization": header}, base_url=BASE
        )
        assert answer.status_code == 401, header


def head_of_nothing() -> str:
    """A token in the usual form that says that it is not signed."""
    parts = [json.dumps({"alg": "none", "typ": "JWT"}), json.dumps({"sub": "1", "role": "administrator"})]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


@ALONE
def test_16_brute_force_of_links(network: Network) -> None:
    """192 random bits, kept as a hash; who tries many is slowed down, and a good link always passes."""
    from tests.surveys.world import make_world

    world = make_world(network)
    good = world.invite("ann@eoc.example.gov")
    with network.database.writing() as db:
        reset = links.make(db, network.person("staff").id, Purpose.RESET, network.clock.now())
    assert all(len(token) == 32 for token in (good, reset, new_token()))  # 24 bytes
    stored = everything_stored(network.database)
    assert good not in stored
    assert reset not in stored
    stranger = network.browser()
    codes = [stranger.get(f"/s/{new_token()}").status_code for _ in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429
    assert stranger.get(f"/s/{good}").status_code == 200


@ALONE
def test_16_brute_force_of_passwords(network: Network) -> None:
    """Each guess waits longer; the owner, elsewhere, signs in all the while."""
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    thief = network.browser()
    form = {"email": "staff@example.gov", "password": "wrong wrong wrong"}
    codes = [thief.post("/sign-in", form, environ_base=elsewhere).status_code for _ in range(8)]
    assert codes[:2] == [422, 422]
    assert codes[-1] == 429
    right = thief.post(
        "/sign-in", {"email": "staff@example.gov", "password": PASSWORD}, environ_base=elsewhere
    )
    assert right.status_code == 429
    assert network.browser().sign_in("staff@example.gov").status_code == 302
