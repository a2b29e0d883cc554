"""The identity provider: what it says of itself, the way there, and who it says has come back.

Authlib speaks the protocol; here stands what is let through. Nothing that the provider says of itself widens
it: which signatures count, whose tokens, and where to ask, is decided by the settings and this file.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import is_secure_transport
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import current_app
from joserfc.errors import JoseError
from requests import RequestException
from urllib3.exceptions import HTTPError

from assessment.accounts.provider_answers import ProviderDown, ProviderSession
from assessment.provider_settings import IdentityProvider

WAY_BACK = "/sign-in/provider/back"
SCOPE = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60  # seconds by which two clocks may differ
FRESH = 3600  # seconds for which what was discovered is good
PAUSE = 10  # seconds after a failed discovery before the next
LONGEST_SUBJECT = 255
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")
# What the protocol's error codes of OAuth 2.0 and OpenID Connect mean to somebody who waits for a page.
BUSY = ("temporarily_unavailable", "server_error")


class NotTrusted(Exception):
    """What came back does not prove who somebody is; ``reason`` is for the audit trail, without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Asserted:
    """Whom the provider says it has signed in: for always by issuer and subject, by e-mail only at first."""

    issuer: str
    subject: str
    claims: dict[str, Any]
    token: dict[str, Any]


@dataclass(frozen=True)
class Proof:
    """What the answer to one request must fit; made new for each."""

    state: str
    nonce: str
    verifier: str


class Provider(FlaskOAuth2App):
    """Authlib's client of one provider, with its discovery kept for a while and its answers checked."""

    client_cls = ProviderSession
    server_metadata: dict[str, Any]

    def __init__(self, known: IdentityProvider, redirect_uri: str) -> None:
        super().__init__(
            FlaskIntegration("provider"),
            "provider",
            client_id=known.client_id,
            client_secret=known.private_key or known.client_secret,
            client_auth_methods=[PrivateKeyJWT(), ("client_secret_basic", _basic)],
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
        )
        self.known, self.redirect_uri = known, redirect_uri
        self._found_at = self._failed_at = float("-inf")

    def load_server_metadata(self) -> dict[str, Any]:
        """What discovery said, at most an hour old; an older word stands in while the provider is down."""
        now = time.monotonic()
        if now - self._found_at >= FRESH and now - self._failed_at >= PAUSE:
            try:
                self.server_metadata, self._found_at = self._discover(), now
            except ProviderDown:
                self._failed_at = time.monotonic()
                if not self.server_metadata:
                    raise
        if not self.server_metadata:
            raise ProviderDown("it did not answer a moment ago")
        return self.server_metadata

    def _discover(self) -> dict[str, Any]:
        address = self.known.issuer.rstrip("/") + "/.well-known/openid-configuration"
        with _trouble_is(ProviderDown), self._get_session() as session:
            response = session.request("GET", address, withhold_token=True)
            response.raise_for_status()
            return checked_discovery(response.json(), self.known)

    def way_there(self, proof: Proof) -> str:
        """The address at the provider to which the browser goes."""
        more = {"acr_values": self.known.acr_values} if self.known.acr_values else {}
        with _trouble_is(ProviderDown):
            made = self.create_authorization_url(
                self.redirect_uri, state=proof.state, nonce=proof.nonce, code_verifier=proof.verifier, **more
            )
        return str(made["url"])

    def who_came_back(self, code: str, proof: Proof) -> Asserted:
        """Trade the code for a token, and believe it only where everything about it fits."""
        self.load_server_metadata()
        with _trouble_is(NotTrusted):
            token = self.fetch_access_token(
                self.redirect_uri, code=code, code_verifier=proof.verifier, grant_type="authorization_code"
            )
            if not isinstance(token.get("id_token"), str):
                raise NotTrusted("no id_token")
            claims = self.parse_id_token(token, proof.nonce, _claims_asked(self.known), leeway=LEEWAY)
        return Asserted(self.known.issuer, _subject(claims), dict(claims), dict(token))

    def verified_email(self, asserted: Asserted) -> str:
        """The address of whom came back, as we list it; NotTrusted where the provider has not verified it.

        From the token, or else from the provider's page about the person, never half from each. Beyond ASCII
        nothing is made small: the sign of the kelvin would become a k, and the address somebody else's.
        """
        claims = asserted.claims
        if "email" not in claims:
            claims = self._about(asserted)
        email = claims.get("email")
        if not isinstance(email, str) or not 3 <= len(email) <= 254 or not email.isprintable():
            raise NotTrusted("no e-mail address")
        if claims.get("email_verified") is not True:
            raise NotTrusted("unverified e-mail address")
        return email.lower() if email.isascii() else email

    def _about(self, asserted: Asserted) -> dict[str, Any]:
        address = self.load_server_metadata().get("userinfo_endpoint")
        if not address:
            return {}
        with _trouble_is(NotTrusted):
            response = self.get(address, token=asserted.token)
            response.raise_for_status()
            about = response.json()
            if about["sub"] != asserted.subject:
                raise NotTrusted("userinfo of somebody else")
            return dict(about)

    def way_out(self, back: str, state: str) -> str | None:
        """The address at which one signs out at the provider; none where it has no such thing."""
        if not self.load_server_metadata().get("end_session_endpoint"):
            return None
        with _trouble_is(ProviderDown):
            made = self.create_logout_url(back, state=state, client_id=self.known.client_id)
        return str(made["url"])

    @property
    def may_have_way_out(self) -> bool:
        """Whether it is worth offering, without asking the provider."""
        return not self.server_metadata or "end_session_endpoint" in self.server_metadata


def provider_of(known: IdentityProvider | None, base_url: str) -> Provider | None:
    """The provider of the settings; people come back to an address built from TANDEM_BASE_URL alone."""
    return Provider(known, base_url + WAY_BACK) if known else None


def provider() -> Provider | None:
    """This application's provider, where one is set."""
    return current_app.extensions.get("tandem.provider")


def checked_discovery(said: Any, known: IdentityProvider) -> dict[str, Any]:
    """The few entries that we use, each fit for it; of others Authlib would make settings."""
    if not isinstance(said, dict) or said.get("issuer") != known.issuer:
        named = said.get("issuer") if isinstance(said, dict) else None
        raise ProviderDown(f"it calls itself {str(named)[:100]!r}, not {known.issuer!r}")
    found = {name: said[name] for name in (*NEEDED, *OPTIONAL) if said.get(name)}
    missing = [name for name in NEEDED if name not in found]
    unfit = [name for name, address in found.items() if not _fit(address, known.issuer)]
    if missing or unfit:
        raise ProviderDown(f"its discovery names no fit {', '.join(missing or unfit)}")
    return {
        "issuer": known.issuer,
        **found,
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_method": _authentication(said, known),
        "authorization_response_iss_parameter_supported": bool(
            said.get("authorization_response_iss_parameter_supported")
        ),
    }


def _fit(address: object, issuer: str) -> bool:
    """Over TLS, but for a provider on this machine; nothing in it that could mean more than an address."""
    if not isinstance(address, str) or not address.isascii() or not address.isprintable():
        return False
    secure = address.startswith("https://" if issuer.startswith("https://") else ("https://", "http://"))
    return secure and is_secure_transport(address) and not set(" \"'<>\\#") & set(address)


def _authentication(said: dict[str, Any], known: IdentityProvider) -> str:
    """How we say who we are; basic unless the provider takes only the other form."""
    if known.private_key:
        return PrivateKeyJWT.name
    offered = said.get("token_endpoint_auth_methods_supported")
    if isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered:
        return "client_secret_post"
    return "client_secret_basic"


def _basic(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> tuple[Any, ...]:
    """Our name and secret as RFC 6749, section 2.3.1 has it; Authlib leaves out the encoding of either."""
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _claims_asked(known: IdentityProvider) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": known.issuer},
        "aud": {"essential": True, "value": known.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }


def _subject(claims: dict[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotTrusted("no usable subject")
    return subject


@contextmanager
def _trouble_is(kind: Callable[[str], Exception]) -> Iterator[None]:
    """Whatever the libraries make of what the provider sends, as one of our two exceptions.

    All of it is input from outside: any exception here means that it cannot be used, never a page with 500.
    """
    try:
        yield
    except (ProviderDown, NotTrusted):
        raise
    except (RequestException, HTTPError) as error:
        raise ProviderDown(f"it does not answer as it should ({type(error).__name__})") from error
    except JoseError as error:
        raise kind(_words(f"{error.error}: {error.description}")) from error
    except AuthlibBaseError as error:
        raise kind(_words(str(error.error))) from error
    except Exception as error:
        current_app.logger.warning("The identity provider's answer: %s", type(error).__name__, exc_info=True)
        raise kind(f"not understood ({type(error).__name__})") from error


def _words(text: str) -> str:
    """Words of a library or of the provider, fit for one line of the trail."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]
