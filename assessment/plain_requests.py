"""Requests without the one character that PostgreSQL cannot keep, and that nobody can type."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.datastructures.structures import iter_multi_items

NUL = "\0"


class PlainValues(ImmutableMultiDict[str, Any]):
    """The names and values of a query or a form; files are left as they are."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__([(_plain(name), _plain(value)) for name, value in iter_multi_items(mapping or ())])


def _plain(value: Any) -> Any:
    return value.replace(NUL, "") if isinstance(value, str) else value


class PlainRequest(Request):
    """What the application takes for a request."""

    parameter_storage_class = PlainValues
