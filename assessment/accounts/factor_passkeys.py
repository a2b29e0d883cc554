"""Passkeys (WebAuthn, by the webauthn package): what a browser is asked, and what its answer is worth.

A passkey here always verifies its user (a PIN, a finger, a face), so it is both factors in one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from assessment import audit
from assessment.access import Person
from assessment.accounts import factors
from assessment.models.factors import Passkey, UsedChallenge
from assessment.models.people import PersonRow
from assessment.settings import LOOPBACK, Settings

CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_ANSWER = 20_000  # characters of JSON
MOST = 20  # passkeys of one person
PORTS = {"http": 80, "https": 443}


class PasskeyRefused(Exception):
    """An answer that is not taken; ``sentence`` is for the person, ``why`` for the audit trail.

    ``person_id``: whose passkey it was said to be, where anybody's.
    """

    def __init__(self, sentence: str, why: str = "", person_id: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.why, self.person_id = sentence, why, person_id


NOT_TAKEN = "This passkey was not accepted. Try once more, or go on without it."


@dataclass(frozen=True)
class Site:
    """The name that passkeys are bound to, and the one origin from which they are taken."""

    host: str
    origin: str


def site_of(settings: Settings) -> Site | None:
    """None where the base URL is a number of another machine, for which there are no passkeys.

    A number of this machine also answers to localhost, which is a name.
    """
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    if _is_number(host):
        if host not in LOOPBACK:
            return None
        host = "localhost"
    port = parts.port or PORTS[parts.scheme]
    shown = "" if port == PORTS[parts.scheme] else f":{port}"
    return Site(host, f"{parts.scheme}://{host}{shown}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def creation_options(site: Site, person: Person, row: PersonRow, session: Session, challenge: bytes) -> Any:
    """What the browser is asked to make; it refuses a device that has a passkey of this person already."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Tandem",
        user_name=person.email,
        user_id=row.public_id.encode(),
        user_display_name=person.name,
        challenge=challenge,
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(session, person.id),
    )
    return options_to_json_dict(options)


def request_options(site: Site, session: Session, challenge: bytes, person_id: int | None = None) -> Any:
    """What the browser is asked to sign; without a person, with any passkey for this site."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_milliseconds(),
        allow_credentials=_descriptors(session, person_id) if person_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _milliseconds() -> int:
    return int(CHALLENGE_LASTS.total_seconds() * 1000)


def _descriptors(session: Session, person_id: int) -> list[PublicKeyCredentialDescriptor]:
    rows = session.scalars(select(Passkey).where(Passkey.person_id == person_id))
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(row.credential_id),
            transports=[AuthenticatorTransport(name) for name in row.transports.split()] or None,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class NewPasskey:
    """A verified public key that nothing is kept of yet."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: str


def read_new(site: Site, challenge: bytes, answer: str) -> NewPasskey:
    """What the browser has made; PasskeyRefused where any part of it does not fit."""
    _refuse_long(answer)
    try:
        credential = parse_registration_credential_json(answer)
        _refuse_frames(credential.response.client_data_json)
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # whatever the package trips over in a hostile answer, the answer is at fault
        raise PasskeyRefused("This passkey could not be added. Try once more.", _why(error)) from error
    transports = " ".join(transport.value for transport in credential.response.transports or [])
    key_id = bytes_to_base64url(found.credential_id)
    return NewPasskey(key_id, found.credential_public_key, found.sign_count, transports[:100])


def add(
    session: Session,
    person_id: int,
    new: NewPasskey,
    name: str,
    challenge: bytes,
    secret: str,
    now: datetime,
) -> None:
    """Keep a passkey, under a name that no other of theirs has.

    PasskeyRefused where it is here already, whoever has it, or the challenge was used.
    """
    factors.hold(session, person_id)
    _use_up(session, challenge, now)
    if len(_descriptors(session, person_id)) >= MOST:
        raise PasskeyRefused(f"You have {MOST} passkeys. Remove one before you add another.")
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == new.credential_id)):
        raise PasskeyRefused("This passkey is in use already. Make a new one, or use another device.")
    session.add(
        Passkey(
            person_id=person_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            transports=new.transports,
            name=factors.name_apart(name, factors.passkey_names(session, person_id)),
            added_at=now,
        )
    )
    factors.changed(session, person_id, "passkey added", secret, now)


@dataclass(frozen=True)
class Signed:
    """A challenge that was signed by a passkey which is known here."""

    passkey_id: int
    person_id: int
    sign_count: int


def read_signed(
    session: Session, site: Site, challenge: bytes, answer: str, person_id: int | None = None
) -> Signed:
    """Whose passkey has signed; PasskeyRefused where it is none of ours, or not of this person."""
    _refuse_long(answer)
    try:
        credential = parse_authentication_credential_json(answer)
        _refuse_frames(credential.response.client_data_json)
    except Exception as error:  # as above
        raise PasskeyRefused(NOT_TAKEN, _why(error)) from error
    query = select(Passkey, PersonRow.public_id).join(PersonRow, PersonRow.id == Passkey.person_id)
    found = session.execute(query.where(Passkey.credential_id == credential.id)).first()
    if found is None or person_id not in (None, found.Passkey.person_id):
        raise PasskeyRefused(NOT_TAKEN, "not a passkey of theirs", person_id)
    handle = credential.response.user_handle
    whose = found.Passkey.person_id
    if handle != found.public_id.encode() and (person_id is None or handle is not None):
        raise PasskeyRefused(NOT_TAKEN, "made for another account", whose)
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=found.Passkey.public_key,
            credential_current_sign_count=0,  # compared when it is written down, by ``use``
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise PasskeyRefused(NOT_TAKEN, _why(error), whose) from error
    return Signed(found.Passkey.id, whose, verified.new_sign_count)


def use(session: Session, signed: Signed, challenge: bytes, now: datetime) -> None:
    """Count the signature, once. A counter that does not go up tells of a copy; most passkeys count nothing
    and always say 0.
    """
    _use_up(session, challenge, now)
    forward = update(Passkey).where(Passkey.id == signed.passkey_id)
    if signed.sign_count:
        forward = forward.where(Passkey.sign_count < signed.sign_count)
    else:
        forward = forward.where(Passkey.sign_count == 0)
    counted = forward.values(sign_count=signed.sign_count, last_used_at=now).returning(Passkey.id)
    if session.execute(counted.execution_options(synchronize_session=False)).first() is None:
        raise PasskeyRefused(NOT_TAKEN, "its counter went back: there may be a copy", signed.person_id)


def _use_up(session: Session, challenge: bytes, now: datetime) -> None:
    """A challenge is answered once, however often a browser's cookie is brought back."""
    session.execute(delete(UsedChallenge).where(UsedChallenge.used_at < now - 2 * CHALLENGE_LASTS))
    try:
        with session.begin_nested():
            session.add(UsedChallenge(challenge_hash=hashlib.sha256(challenge).hexdigest(), used_at=now))
    except IntegrityError:
        raise PasskeyRefused(NOT_TAKEN, "answered a challenge once more") from None


def _refuse_long(answer: str) -> None:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused(NOT_TAKEN, "too long")


def _refuse_frames(client_data: bytes) -> None:
    """Pages of ours stand in no frame of another site."""
    if parse_client_data_json(client_data).cross_origin:
        raise ValueError("asked for from a frame of another site")


def _why(error: Exception) -> str:
    """The kind of error, for the audit trail; never what the browser sent."""
    return type(error).__name__


def note_refused(session: Session, now: datetime, person_id: int, why: str) -> None:
    """A signature, said to be by a passkey of this person, that was not taken."""
    audit.record(session, now, None, "sign-in failed", f"person {person_id}", f"passkey: {why}")
