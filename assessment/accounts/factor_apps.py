"""Codes of an authenticator app: RFC 6238 with its defaults (SHA-1, six digits, thirty seconds)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from assessment.accounts import factors
from assessment.errors import Refused
from assessment.models.factors import AuthenticatorApp

DRIFT = 1  # steps that the clock of a telephone may be off
SETTING_UP_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Setup:
    """A new key on its way into an app; it counts once a code has shown that it arrived."""

    key: str
    sealed: str  # the same for the form, so that nothing is kept of a key that nobody confirms
    address: str  # otpauth://, what the QR code holds

    @property
    def in_groups(self) -> str:
        """For typing: four letters and digits at a time."""
        return " ".join(self.key[at : at + 4] for at in range(0, len(self.key), 4))

    @property
    def picture(self) -> str:
        """The QR code as the address of an SVG picture."""
        return segno.make(self.address, error="m", micro=False).svg_data_uri(scale=5, light="#fff")


def new_setup(secret_key: str, person_id: int, email: str, now: datetime, key: str = "") -> Setup:
    key = key or pyotp.random_base32()
    address = pyotp.TOTP(key).provisioning_uri(name=email, issuer_name="Tandem")
    return Setup(key, _seal(secret_key, f"set up {person_id} {key}", now), address)


def set_up_again(secret_key: str, person_id: int, email: str, sealed: str, now: datetime) -> Setup | None:
    """The key that a form carries; none where the form is too old, somebody else's or made up."""
    words = _unseal(secret_key, sealed, now, SETTING_UP_LASTS).split(" ")
    if words[:2] != ["set", "up"] or words[2:3] != [str(person_id)]:
        return None
    return new_setup(secret_key, person_id, email, now, key=words[3])


def step_of(key: str, code: str, now: datetime) -> int | None:
    """Which thirty seconds the code is of; none where it is not right now, nor a step before or after."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return pyotp.TOTP(key).verify_and_get_timecode(digits, for_time=now, valid_window=DRIFT)
    except OTPVerificationError:
        return None


def add(
    session: Session, person_id: int, setup: Setup, step: int, secret_key: str, secret: str, now: datetime
) -> None:
    """Keep the key of an app that has shown a code; Refused where there is one already."""
    factors.hold(session, person_id)
    if session.get(AuthenticatorApp, person_id) is not None:
        raise Refused("You have an authenticator app already. Remove it before you add another.")
    sealed = _seal(secret_key, f"app {person_id} {setup.key}", now)
    session.add(
        AuthenticatorApp(
            person_id=person_id, encrypted_key=sealed, added_at=now, last_step=step, last_used_at=now
        )
    )
    factors.changed(session, person_id, "authenticator app added", secret, now)


def take(session: Session, person_id: int, code: str, secret_key: str, now: datetime) -> bool:
    """Whether the code is right, and later than any that was taken before: each counts once."""
    row = session.get(AuthenticatorApp, person_id)
    words = _unseal(secret_key, row.encrypted_key, now).split(" ") if row else []
    if words[:2] != ["app", str(person_id)]:
        return False
    step = step_of(words[2], code, now)
    if step is None:
        return False
    once = update(AuthenticatorApp).where(
        AuthenticatorApp.person_id == person_id, AuthenticatorApp.last_step < step
    )
    taken = once.values(last_step=step, last_used_at=now).returning(AuthenticatorApp.person_id)
    return session.execute(taken.execution_options(synchronize_session=False)).first() is not None


def _box(secret_key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"tandem authenticator apps").derive(
        secret_key.encode()
    )
    return Fernet(urlsafe_b64encode(derived))


def _seal(secret_key: str, text: str, now: datetime) -> str:
    return _box(secret_key).encrypt_at_time(text.encode(), int(now.timestamp())).decode()


def _unseal(secret_key: str, sealed: str, now: datetime, lasts: timedelta | None = None) -> str:
    """ "" where it was not sealed with this key, or too long ago."""
    try:
        box, token = _box(secret_key), sealed.encode()
        if lasts is None:
            return box.decrypt(token).decode()
        return box.decrypt_at_time(token, int(lasts.total_seconds()), int(now.timestamp())).decode()
    except InvalidToken:
        return ""
