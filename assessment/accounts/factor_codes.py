"""Ten codes on paper, each good once, for whoever has lost their telephone or key."""

from __future__ import annotations

import secrets
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.accounts import factors, passwords
from assessment.errors import Refused
from assessment.models.factors import RecoveryCode

HOW_MANY = 10
LENGTH = 12  # of 30 signs: 58 bits, behind Argon2id and the throttle
SIGNS = "abcdefghjkmnpqrstuvwxyz2345679"  # none that looks like another
SALT_BYTES = 16


def make(session: Session, person_id: int, now: datetime) -> list[str]:
    """Ten new codes, to be shown once; those from before are good no more."""
    factors.hold(session, person_id)
    if not factors.has_factor(session, person_id):
        raise Refused("Recovery codes stand in for an app or a passkey. Add one of these first.")
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    salt = secrets.token_bytes(SALT_BYTES)
    codes = ["".join(secrets.choice(SIGNS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    session.add_all(
        RecoveryCode(person_id=person_id, salt=salt, code_hash=_hash(code, salt), made_at=now)
        for code in codes
    )
    audit.record(session, now, person_id, "recovery codes made", f"person {person_id}")
    return [in_groups(code) for code in codes]


def in_groups(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def hash_of(session: Session, person_id: int, typed: str) -> str:
    """What this code would be kept as; it takes long, and needs no transaction that writes."""
    code = "".join(sign for sign in typed.lower() if sign.isalnum())
    if len(code) != LENGTH:
        return ""
    salt = session.scalar(select(RecoveryCode.salt).where(RecoveryCode.person_id == person_id).limit(1))
    return _hash(code, salt) if salt else ""


def take(session: Session, person_id: int, code_hash: str, now: datetime) -> bool:
    """Whether it is one of theirs and nobody has used it yet; from now on somebody has."""
    if not code_hash:
        return False
    unused = update(RecoveryCode).where(
        RecoveryCode.person_id == person_id,
        RecoveryCode.code_hash == code_hash,
        RecoveryCode.used_at.is_(None),
    )
    taken = unused.values(used_at=now).returning(RecoveryCode.id)
    if session.execute(taken.execution_options(synchronize_session=False)).first() is None:
        return False
    audit.record(session, now, person_id, "recovery code used", f"person {person_id}")
    factors.tell(session, person_id, now)
    return True


def _hash(code: str, salt: bytes) -> str:
    """Argon2id at the settings of passwords; the ten share a salt, so that looking costs one hash."""
    hasher = passwords.hasher
    raw = hash_secret_raw(
        code.encode(), salt, hasher.time_cost, hasher.memory_cost, hasher.parallelism, 32, Type.ID
    )
    return raw.hex()
