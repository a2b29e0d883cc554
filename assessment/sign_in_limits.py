"""How long a sign-in lasts: without a visit, and at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SEEN_EVERY = timedelta(minutes=5)  # how exactly the last visit is kept: reading does not write each time
WARNED_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class SignInLimits:
    """A manager is called away for a shift; what was typed is kept in any case."""

    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(hours=24)

    @property
    def seen_every(self) -> timedelta:
        """A short limit is kept more exactly."""
        return min(SEEN_EVERY, self.idle / 10)

    @property
    def warned_before(self) -> timedelta:
        """How long before its end people are told."""
        return min(WARNED_BEFORE, self.idle / 3)


DEFAULT = SignInLimits()
