"""An OpenID provider of our own that tells the truth unless a test says otherwise.

A test changes one thing: claims of the token, its header, how it is signed, what it sends the browser back
with, or what it answers at one of its addresses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "tandem", "a secret of tests"
Answer = Callable[[BaseHTTPRequestHandler], None]
Signer = Callable[[dict[str, Any], dict[str, Any]], str]
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


def encoded(part: Any) -> str:
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def truly(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, KEY, algorithms=["RS256", "PS256", "RS512"])


def with_another_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, OTHER_KEY, algorithms=["RS256"])


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{encoded(header | {'alg': 'none'})}.{encoded(claims)}."


def with_the_public_key(form: bytes) -> Signer:
    """HS256 with what everybody may know as the secret."""

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
        return f"{signed}.{encoded(hmac.new(form, signed.encode(), hashlib.sha256).digest())}"

    return sign


@dataclass
class LyingProvider:
    """Where it is, and what it lies about."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)  # instead of the true ones; None: left out
    about: dict[str, Any] | None = None  # what userinfo says; none: it has no such address
    header: dict[str, Any] = field(default_factory=dict)
    sign: Signer = truly
    back: dict[str, str | None] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # at the authorization endpoint
    redeemed: list[dict[str, str]] = field(default_factory=list)  # at the token endpoint
    paths: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        names = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/jwks",
            "end_session_endpoint": "/out",
        }
        if self.about is not None:
            names["userinfo_endpoint"] = "/userinfo"
        found = {"issuer": self.issuer} | {name: self.issuer + path for name, path in names.items()}
        return _without_none(found | self.discovery)

    def authorize(self, asked: dict[str, str]) -> str:
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        said = {"code": code, "state": asked["state"], "iss": self.issuer} | self.back
        return f"{asked['redirect_uri']}?{urlencode(_without_none(said))}"

    def redeem(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.redeemed.append(form)
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None:
            return 400, {"error": "invalid_grant"}
        challenge = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        true = {
            "iss": self.issuer,
            "sub": "somebody",
            "aud": CLIENT,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "email": "director@example.gov",
            "email_verified": True,
        }
        token = self.sign({"alg": "RS256", "kid": "one"} | self.header, _without_none(true | self.claims))
        found = {"access_token": "an access token", "token_type": "Bearer", "id_token": token}
        return 200, _without_none(found | self.token)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """Running on a port of its own."""
    lying = LyingProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lying))
    server.daemon_threads = True
    server.block_on_close = False
    lying.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield lying
    finally:
        server.shutdown()
        server.server_close()


def say(status: int, content: Any, kind: str = "application/json", **headers: str) -> Answer:
    """An answer with this content."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _handler(lying: LyingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            lying.paths.append(address.path)
            truth = {
                "/.well-known/openid-configuration": lambda: say(200, lying.document()),
                "/jwks": lambda: say(200, KeySet([KEY]).as_dict(private=False)),
                "/userinfo": lambda: say(200, lying.about),
                "/authorize": lambda: say(302, b"", Location=lying.authorize(_flat(address.query))),
            }
            answer = lying.answers.get(address.path) or truth.get(address.path, lambda: say(404, {}))()
            answer(self)

        def do_POST(self) -> None:
            lying.paths.append(self.path)
            form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
            form["authorization"] = self.headers.get("Authorization", "")
            answer = lying.answers.get(self.path) or say(*lying.redeem(form))
            answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
