"""Argon2id, by the library's current defaults."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200

hasher = PasswordHasher()
_nobody = hasher.hash("a password that nobody has")


def hash_password(password: str) -> str:
    return hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right; without a stored hash it takes as long to say no."""
    try:
        return hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)
