"""Argon2id, by the library's current defaults."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
EASY = 10**8  # guesses that somebody who knows lists of passwords, names and words needs at most
LOOKED_AT = 72  # characters; more are not easier to guess
NONE = "!"  # in place of the hash: of somebody who has no password here, such as who is only invited

hasher = PasswordHasher()
_nobody = hasher.hash("a password that nobody has")


def fault(password: str, *own_words: str) -> str:
    """What is wrong with a new password, as a sentence; "" where nothing is (NIST SP 800-63B: length, and no
    common or expected one; no rules of composition)."""
    from zxcvbn import zxcvbn  # its lists are large, and few people choose a password at a time

    if not SHORTEST <= len(password) <= LONGEST:
        return f"The password has {len(password)} characters; use {SHORTEST} to {LONGEST}."
    found = zxcvbn(password[:LOOKED_AT], user_inputs=["tandem", *(word for word in own_words if word)])
    if found["guesses"] < EASY:
        return "This password is easy to guess: it is a common one, or made of common parts. Use a few words."
    return ""


def hash_password(password: str) -> str:
    return hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right; without a stored hash it takes as long to say no."""
    known = stored if stored and stored != NONE else None
    try:
        return hasher.verify(known or _nobody, password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)
