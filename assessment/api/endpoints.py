"""What a route of the API says of itself: its scope, its parameters and its answer.

The guard reads it (a route under /api/ that says nothing is not served), and the OpenAPI document is made of
it, so that neither can say anything else than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from assessment.api.scopes import Scope

Schema = dict[str, Any]  # JSON Schema, draft 2020-12
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Parameter:
    """A parameter of the address, in its path or its query.

    ``read`` makes a value of the text, or raises ValueError with the rest of the sentence *name* ...; without
    it the handler gets the text, and says itself what it cannot mean.
    """

    name: str
    description: str
    schema: Schema
    read: Callable[[str], Any] = str


@dataclass(frozen=True)
class Endpoint:
    """A route of the API: what it gives, which scope opens it, what it takes."""

    name: str  # in the document: what generated programs call it
    summary: str
    scope: Scope | None  # None: any token
    answer: Schema | str  # a schema, or the name of one of the document
    query: Sequence[Parameter] = ()
    path: Sequence[Parameter] = ()
    schemas: Mapping[str, Schema] = field(default_factory=dict)  # named ones that the answer refers to


def describes(endpoint: Endpoint) -> Callable[[View], View]:
    """Mark a handler of the API with what it says of itself."""

    def mark(view: View) -> View:
        view.endpoint = endpoint  # type: ignore[attr-defined]
        return view

    return mark


def read_query(endpoint: Endpoint, given: MultiDict[str, str]) -> dict[str, Any]:
    """The values of the query by name; BadRequest with a sentence that names what is wrong."""
    known = {parameter.name: parameter for parameter in endpoint.query}
    values: dict[str, Any] = {}
    for name, texts in given.lists():
        if name not in known:
            raise BadRequest(_unknown(name, list(known)))
        if len(texts) > 1:
            raise BadRequest(f"{name} is there {len(texts)} times; give it once.")
        if "\0" in texts[0]:
            raise BadRequest(f"{name} holds a character that nothing here has.")
        try:
            values[name] = known[name].read(texts[0])
        except ValueError as error:
            raise BadRequest(f"{name} {error}") from error
    return values


def _unknown(name: str, known: list[str]) -> str:
    shown = name[:40].encode("unicode_escape").decode("ascii")
    if not known:
        return f"{shown} is not known here; this address takes no parameters."
    return f"{shown} is not known here; there is {', '.join(known)}."


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 6 and low <= int(text) <= high):
            raise ValueError(f"takes a whole number from {low} to {high}.")
        return int(text)

    return read


def one_of(values: Sequence[str]) -> Callable[[str], str]:
    """Reads one of these words."""

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"takes one of {', '.join(values)}.")
        return text

    return read


def text_of(longest: int) -> Callable[[str], str]:
    """Reads a text that is not too long."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"takes at most {longest} characters.")
        return text

    return read
