"""Whatever a provider sends: it is either believed for a reason, or refused by one of two exceptions.

Forty of each kind in `make test`, a thousand in the long form.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.accounts.provider import (
    ALGORITHMS,
    LEEWAY,
    NotTrusted,
    Proof,
    Provider,
    checked_discovery,
)
from assessment.accounts.provider_answers import ProviderDown
from tests.accounts.lying_provider import CLIENT, KEY, encoded, truly
from tests.accounts.travelling import known

MANY = [40, pytest.param(1_000, marks=pytest.mark.soak)]
ISSUER = "https://login.example.gov"
PROOF = Proof("state", "nonce", "verifier")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "amr", "auth_time", "acr", "jti"]
)
ADDRESSES = st.sampled_from(
    [
        "https://login.example.gov/a",
        "http://login.example.gov/a",
        "https://elsewhere.example/a",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//login.example.gov",
        "https://[",
    ]
)
ENTRIES = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "token_endpoint_auth_methods_supported",
    "id_token_signing_alg_values_supported",
    "verify",
    "proxies",
    "issuer",
]


@pytest.mark.parametrize("count", MANY)
def test_a_discovery_is_fit_or_refused(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.dictionaries(st.sampled_from(ENTRIES), JSON | ADDRESSES) | JSON, st.booleans())
    def drawn(said: Any, named: bool) -> None:
        if isinstance(said, dict) and named:
            said["issuer"] = ISSUER
        try:
            found = checked_discovery(said, known(ISSUER))
        except ProviderDown:
            return
        assert found["id_token_signing_alg_values_supported"] == list(ALGORITHMS)
        assert "verify" not in found
        assert all(
            value.startswith("https://") for name, value in found.items() if name.endswith(("point", "uri"))
        )

    drawn()


@pytest.fixture(scope="module")
def provider() -> Provider:
    """With all that it would fetch in its hands."""
    found = Provider(known(ISSUER), "https://tandem.example.gov/back")
    entries = {name: f"{ISSUER}/{name}" for name in ENTRIES[:3]} | {"issuer": ISSUER}
    found.server_metadata = checked_discovery(entries, found.known)
    found.fetch_jwk_set = lambda force=False: {"keys": [KEY.as_dict(private=False)]}
    found._found_at = float("inf")
    return found


def come_back(provider: Provider, token: dict[str, Any]) -> Any:
    provider.fetch_access_token = lambda *_args, **_more: token
    with Flask("test").app_context():
        return provider.who_came_back("code", PROOF)


def true_claims() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "sub": "s", "aud": CLIENT, "nonce": "nonce", "iat": now, "exp": now + 300}


@pytest.mark.parametrize("count", MANY)
def test_claims_are_believed_for_a_reason(provider: Provider, count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.dictionaries(NAMES, JSON, max_size=3))
    def drawn(changes: dict[str, Any]) -> None:
        claims = true_claims() | changes
        try:
            found = come_back(provider, {"id_token": truly({"alg": "RS256", "kid": "one"}, claims)})
        except NotTrusted:
            return
        assert found.subject == claims["sub"]
        assert 0 < len(found.subject) <= 255
        assert claims["iss"] == ISSUER
        assert claims["aud"] == CLIENT or CLIENT in claims["aud"]
        assert claims["nonce"] == "nonce"
        assert claims["exp"] > time.time() - LEEWAY - 1

    drawn()


@pytest.mark.parametrize("count", MANY)
def test_no_other_token_is_believed(provider: Provider, count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: b.hex()) | JSON)
    def drawn(text: Any) -> None:
        with pytest.raises(NotTrusted):
            come_back(provider, {"id_token": text})

    drawn()


@pytest.mark.parametrize("count", MANY)
def test_a_header_changes_nothing(provider: Provider, count: int) -> None:
    """Signed by nobody: whatever the header says, it is not believed."""

    @settings(max_examples=count, deadline=None)
    @given(
        st.dictionaries(st.text(max_size=10), JSON, max_size=4),
        st.sampled_from(["alg", "kid", "crit", "jwk", "x5u"]),
        JSON,
    )
    def drawn(more: dict[str, Any], name: str, value: Any) -> None:
        whole = truly({"alg": "RS256", "kid": "one"}, true_claims())
        _, claims, signature = whole.split(".")
        header = encoded({"alg": "RS256", "kid": "one"} | more | {name: value})
        with pytest.raises(NotTrusted):
            come_back(provider, {"id_token": f"{header}.{claims}.{signature}"})

    drawn()
