"""Which identity provider people may sign in at, from the environment; a wrong setting stops the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from assessment.errors import SettingsError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SMALLEST_KEY = 2048  # bits
LONGEST_NAME = 60
LONGEST_ISSUER = 255  # as long as the column that keeps it
NAMES = ("CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE", "PRIVATE_KEY", "NAME", "ACR_VALUES")


@dataclass(frozen=True)
class IdentityProvider:
    """A provider, and by which of the two ways we say to it who we are: a secret, or a key of ours."""

    issuer: str
    client_id: str
    name: str  # as on the button: "Sign in with ..."
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)  # PEM
    acr_values: str = ""  # how sure the provider is to make itself, in its own words


def identity_provider(environ: Mapping[str, str]) -> IdentityProvider | None:
    """The provider of TANDEM_OIDC_*; none where no issuer is named."""
    values = {name: (environ.get(f"TANDEM_OIDC_{name}") or "").strip() for name in NAMES}
    issuer = (environ.get("TANDEM_OIDC_ISSUER") or "").strip()
    if not issuer:
        named = [f"TANDEM_OIDC_{name}" for name, value in values.items() if value]
        if named:
            raise SettingsError(f"{named[0]} is set and TANDEM_OIDC_ISSUER is not; set both or neither.")
        return None
    if not values["CLIENT_ID"]:
        raise SettingsError("TANDEM_OIDC_CLIENT_ID is missing; it is the name the provider knows us by.")
    secret, key = _secret(values), _private_key(values["PRIVATE_KEY"])
    if bool(secret) == bool(key):
        raise SettingsError(
            "TANDEM_OIDC_CLIENT_SECRET (or _CLIENT_SECRET_FILE) and TANDEM_OIDC_PRIVATE_KEY: set one of them,"
            " whichever the provider asks for."
        )
    name = _name(values["NAME"], issuer)
    return IdentityProvider(_issuer(issuer), values["CLIENT_ID"], name, secret, key, values["ACR_VALUES"])


def local_passwords(environ: Mapping[str, str], provider: IdentityProvider | None, demo: bool) -> bool:
    """Whether people may sign in with a password of ours; without a provider there is no other way."""
    text = environ.get("TANDEM_LOCAL_PASSWORDS") or "1"
    if text not in ("0", "1"):
        raise SettingsError(f"TANDEM_LOCAL_PASSWORDS is {text!r}; it takes 1 or 0.")
    if text == "0" and provider is None:
        raise SettingsError(
            "TANDEM_LOCAL_PASSWORDS is 0 and TANDEM_OIDC_ISSUER is not set: nobody could sign in."
        )
    if text == "0" and demo:
        raise SettingsError(
            "TANDEM_LOCAL_PASSWORDS is 0 and TANDEM_DEMO is 1: the demonstration's accounts sign in with a"
            " password."
        )
    return text == "1"


def _issuer(text: str) -> str:
    """As the provider writes it, to the last character: tokens carry it in this form."""
    try:
        parts = urlsplit(text)
        whole = parts.hostname and parts.port != 0
    except ValueError:
        raise SettingsError(_issuer_advice(text)) from None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= LONGEST_ISSUER
    if not whole or not plain or parts.query or parts.fragment or parts.username or parts.password:
        raise SettingsError(_issuer_advice(text))
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError(f"TANDEM_OIDC_ISSUER is {text!r}; it must begin with https://.")
    return text


def _issuer_advice(text: str) -> str:
    return f"TANDEM_OIDC_ISSUER is {text!r}; write it as the provider does, like https://login.example.gov."


def _secret(values: Mapping[str, str]) -> str:
    """The client secret, from its own variable or from the file that another names."""
    file = values["CLIENT_SECRET_FILE"]
    if not file:
        return values["CLIENT_SECRET"]
    if values["CLIENT_SECRET"]:
        raise SettingsError("TANDEM_OIDC_CLIENT_SECRET and TANDEM_OIDC_CLIENT_SECRET_FILE: set one of them.")
    secret = _read("TANDEM_OIDC_CLIENT_SECRET_FILE", file).strip()
    if not secret:
        raise SettingsError(f"TANDEM_OIDC_CLIENT_SECRET_FILE: the file {file} is empty.")
    return secret


def _private_key(file: str) -> str:
    """The PEM text of the key that this file holds."""
    if not file:
        return ""
    text = _read("TANDEM_OIDC_PRIVATE_KEY", file)
    try:
        key = RSAKey.import_key(text)
        bits = key.raw_value.key_size
        fits = key.is_private and bits >= SMALLEST_KEY
    except (JoseError, ValueError, TypeError):
        fits = False
    if not fits:
        raise SettingsError(
            f"TANDEM_OIDC_PRIVATE_KEY: the file {file} holds no private RSA key of {SMALLEST_KEY} bits or"
            " more in PEM form, without a passphrase."
        )
    return text


def _read(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{name}: the file {file} cannot be read ({reason}).") from None


def _name(text: str, issuer: str) -> str:
    """What people call the provider; its host where nothing is said."""
    name = text or urlsplit(issuer).hostname or issuer
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(f"TANDEM_OIDC_NAME takes up to {LONGEST_NAME} characters, such as Login.gov.")
    return name
