"""Challenges for passkeys, in this browser's signed session: one at a time, for one purpose, five minutes.

That a challenge is answered only once is written down where the answer counts (``factor_passkeys``).
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from flask import request, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge

from assessment.accounts.factor_passkeys import CHALLENGE_LASTS, PasskeyRefused, Site, site_of
from assessment.web import clock, settings

KEY = "passkey"
TOO_LATE = "That took too long. Try once more."


class Purpose(StrEnum):
    SIGN_IN = "sign in"
    SECOND_FACTOR = "second factor"
    CONFIRM = "confirm"
    ADD = "add"


def new_challenge(purpose: Purpose) -> bytes:
    challenge = generate_challenge()
    session[KEY] = [purpose.value, bytes_to_base64url(challenge), int(clock().now().timestamp())]
    return challenge


def take_challenge(purpose: Purpose) -> bytes:
    """The challenge that this browser was given for this; PasskeyRefused where there is none any more."""
    kept = session.pop(KEY, None)
    if not isinstance(kept, list) or kept[0] != purpose.value:
        raise PasskeyRefused(TOO_LATE, "no challenge")
    if clock().now().timestamp() - kept[2] > CHALLENGE_LASTS.total_seconds():
        raise PasskeyRefused(TOO_LATE, "an old challenge")
    return base64url_to_bytes(kept[1])


def passkey_site() -> Site:
    """PasskeyRefused where there can be no passkeys."""
    site = site_of(settings())
    if site is None:
        raise PasskeyRefused(no_passkeys_here())
    return site


def no_passkeys_here() -> str:
    """Why passkeys do not work at the address in the browser; "" where they do."""
    site = site_of(settings())
    if site is None:
        return (
            "Passkeys need a site with a name, and the address of this one is a number."
            " An administrator can give it a name (TANDEM_BASE_URL)."
        )
    if (urlsplit(f"//{request.host}").hostname or "") == site.host:
        return ""
    return f"Passkeys need a site with a name. They work at {site.origin}."
