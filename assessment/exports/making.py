"""What makes files: functions that are registered under a kind when the application is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assessment.access import Person

Parameters = Mapping[str, str]


class Abandoned(Exception):
    """Nobody waits for the file any more: it was deleted, another worker has it, or this one stops."""


@dataclass(frozen=True)
class Made:
    """A finished file."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Making:
    """One file to be made, with the rights of this person and of nobody else.

    ``progress`` takes a share of 1, and raises Abandoned; call it often.
    """

    person: Person
    parameters: Parameters
    progress: Callable[[float], None]


@dataclass(frozen=True)
class Maker:
    """``rights`` says as a short text what the content depends on in what this person may read, and raises
    NotFound where they may not have it at all. A file made with other rights than its owner has by now is
    not handed out. ``make`` may refuse with a sentence."""

    rights: Callable[[Person, Parameters], str]
    make: Callable[[Making], Made]


Makers = Mapping[str, Maker]
