"""Small words of JSON Schema (draft 2020-12), of which the schemas of the API are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assessment.api.endpoints import Schema

NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
YES_NO: Schema = {"type": "boolean"}
DATE: Schema = {"type": "string", "format": "date"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
SUPPRESSED: Schema = {
    "const": True,
    "description": "There where a number of this object is hidden or not out yet.",
}

WORD = r"^[^\x00]*$"  # PostgreSQL keeps no text with such a character, and nothing here has one


def word(longest: int) -> Schema:
    """A text in an address."""
    return {"type": "string", "maxLength": longest, "pattern": WORD}


def choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    if set(schema) <= {"type", "minimum", "maximum", "format", "description"} and isinstance(
        schema["type"], str
    ):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def named(name: str) -> Schema:
    """A schema that stands in the document under this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(properties: dict[str, Schema], optional: Sequence[str] = (), **more: Any) -> Schema:
    """An object with exactly these keys, all of them there but the optional ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        **more,
    }


def hideable(properties: dict[str, Schema], **more: Any) -> Schema:
    """An object whose numbers may be hidden: then they are null and ``suppressed`` is there."""
    return thing({**properties, "suppressed": SUPPRESSED}, optional=["suppressed"], **more)
