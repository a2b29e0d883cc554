"""The shape of a definition file: ``schema.json`` applied, every fault as a sentence for its author."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from questionnaires.draft import Draft, Problem, element_at, own_path, value_at

SCHEMA_FILE = Path(__file__).with_name("schema.json")

_TYPE_WORDS = {
    "object": "a block of fields",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_VALUE_IS_FINE = {"required", "not", "additionalProperties"}  # faults that leave what is known usable


def check(document: Any) -> tuple[list[Problem], Draft]:
    """All faults of shape, and the document without the values that have one."""
    errors = sorted(_errors(document), key=lambda error: _sortable(error.absolute_path))
    problems = [
        Problem(_element(document, error), sentence) for error in errors for sentence in _sentences(error)
    ]
    return list(dict.fromkeys(problems)), Draft(_without_faults(document, errors), document)


def _errors(document: Any) -> list[ValidationError]:
    """A value of the wrong type has that error only: whatever else it lacks follows from it."""
    errors = list(_validator().iter_errors(document))
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    return [e for e in errors if e.validator == "type" or tuple(e.absolute_path) not in mistyped]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _sortable(path: Sequence[str | int]) -> list[str]:
    return [f"{step:06d}" if isinstance(step, int) else step for step in path]


def _element(document: Any, error: ValidationError) -> str:
    path = list(error.absolute_path)
    return element_at(document, [*path, str(error.instance)] if _is_of_a_name(error) else path)


def _is_of_a_name(error: ValidationError) -> bool:
    """A fault of a field's name, not of its value."""
    return "propertyNames" in error.absolute_schema_path


def _sentences(error: ValidationError) -> Iterator[str]:
    """What is wrong, what is there, what to write. More than one where one error stands for several."""
    name = "Its name" if _is_of_a_name(error) else _field(list(error.absolute_path))
    schema: Any = error.schema
    wanted: Any = error.validator_value
    value: Any = error.instance
    match error.validator:
        case "required":
            yield from (f'"{field}" is missing.' for field in wanted if field not in value)
        case "additionalProperties":
            known = schema.get("properties", {})
            yield from (_unknown_field(field, list(known)) for field in value if field not in known)
        case "oneOf" | "not":
            yield schema.get("description") or wanted["description"]
        case "pattern":
            yield f"{name} {schema['patternErrorMessage']}; it is {_shown(value)}."
        case _:
            yield f"{name} {_demand(str(error.validator), wanted, value)}."


def _demand(validator: str, wanted: Any, value: Any) -> str:
    match validator:
        case "type":
            types = wanted if isinstance(wanted, list) else [wanted]
            words = " or ".join(_TYPE_WORDS[name] for name in types)
            hint = "; put it in quotes" if "string" in types and not _is_nothing_or_many(value) else ""
            return f"must be {words}; it is {_shown(value)}{hint}"
        case "enum":
            return f"must be one of {', '.join(wanted)}; it is {_shown(value)}"
        case "const":
            return f"must be {_shown(wanted)}; it is {_shown(value)}"
        case "minimum":
            return f"must be {wanted} or more; it is {_shown(value)}"
        case "maximum":
            return f"must be {wanted} or less; it is {_shown(value)}"
        case "exclusiveMinimum":
            return f"must be more than {wanted}; it is {_shown(value)}"
        case "maxLength":
            return f"has {len(value):,} characters and the limit is {wanted:,}"
        case "minItems" | "minProperties":
            return f"needs {wanted} {'entry' if wanted == 1 else 'entries'} or more; it has {len(value)}"
        case "maxItems":
            return f"has {len(value)} entries and the limit is {wanted}"
        case "uniqueItems":
            return "holds the same entry twice"
    return f"does not fit the schema ({validator})"


def _unknown_field(field: str, known: list[str]) -> str:
    close = difflib.get_close_matches(field, known, n=1)
    advice = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(known)}."
    return f'There is no field "{field}" here; {advice}'


def _field(path: list[str | int]) -> str:
    """The path below the part that the problem is named after: "wording.eoc", "options[2].label"."""
    below = path[len(own_path(path)) :]
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in below).lstrip(".")
    return f'"{text}"' if text else "It"


def _is_nothing_or_many(value: Any) -> bool:
    return value is None or isinstance(value, dict | list)


def _shown(value: Any) -> str:
    """A value in the words of the file, cut short."""
    if isinstance(value, dict):
        return _TYPE_WORDS["object"]
    if isinstance(value, list):
        return _TYPE_WORDS["array"]
    if value is None:
        return "empty"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text if len(text) <= 60 else text[:60] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def _without_faults(document: Any, errors: list[ValidationError]) -> dict[str, Any]:
    """A copy in which no value has a fault of shape, so that rules of meaning can go on with the rest.

    A field goes; an entry of a list stays as an empty one, so that the others keep their places.
    """
    if not isinstance(document, dict):
        return {}
    sound = copy.deepcopy(document)
    for error in errors:
        if error.validator == "additionalProperties":
            _remove_unknown_fields(value_at(sound, list(error.absolute_path)), error)
    for error in sorted(errors, key=lambda error: -len(error.absolute_path)):
        path = list(error.absolute_path)
        if not path or error.validator in _VALUE_IS_FINE or _is_of_a_name(error):
            continue
        parent = value_at(sound, path[:-1])
        if isinstance(parent, list):
            parent[int(path[-1])] = {}
        else:
            parent.pop(path[-1], None)
    return sound


def _remove_unknown_fields(part: dict[str, Any], error: ValidationError) -> None:
    schema: Any = error.schema
    for field in set(part) - set(schema.get("properties", {})):
        del part[field]
