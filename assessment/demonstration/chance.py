"""Chance that can be repeated: the same seed and subject give the same numbers, on every Python. Pure."""

from __future__ import annotations

from random import Random


def chance(seed: int, *subject: object) -> Random:
    """The random numbers of one subject; what else is drawn elsewhere does not move them."""
    return Random(" ".join(map(str, (seed, *subject))))  # noqa: S311  believable numbers, no secrets
