"""Argon2id, by the library's current defaults."""

from __future__ import annotations

from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

SHORTEST = 12
LONGEST = 200
EASY = 10**8  # guesses that somebody who knows lists of passwords, names and words needs at most
LOOKED_AT = 72  # characters; more are not easier to guess
NONE = "!"  # in place of the hash: of somebody who has no password here, such as who is only invited

hasher = PasswordHasher()


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


def hash_of_nobody() -> str:
    """A hash by today's settings that no password has: to make a real one would slow every start."""
    salt, digest = (
        b64encode(bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len)
    )
    settings = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${settings}${salt}${digest}"


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right; without a stored hash it takes as long to say no."""
    known = stored if stored and stored != NONE else None
    try:
        return hasher.verify(known or hash_of_nobody(), password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)
