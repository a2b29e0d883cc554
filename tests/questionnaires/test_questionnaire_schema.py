"""``schema.json`` is a schema, says what every field is for, and knows all that the code knows."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from questionnaires.answers import HANDLERS
from questionnaires.definition import RESPONDENT, AnswerType, Audience, Mirror, OperatingState, Side
from questionnaires.routing import OPERATORS
from questionnaires.shape import SCHEMA_FILE

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
QUESTION = SCHEMA["$defs"]["question"]["properties"]


def fields(schema: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """All fields that a file may have, with their schemas."""
    found = []
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            found.append((f"{path}.{name}", field))
            found += fields(field, f"{path}.{name}")
        found += fields(schema.get("items"), path)
        for name, part in schema.get("$defs", {}).items():
            found += fields(part, name)
    return found


def test_it_is_a_schema_of_the_draft_it_names():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


def test_every_field_says_what_it_is_to_an_editor():
    described = fields(SCHEMA)
    assert len(described) > 60
    for path, field in described:
        own = SCHEMA["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
        assert {"title", "description"} & set(own | field), path


def test_unknown_fields_are_refused_wherever_a_file_has_fields():
    blocks = [SCHEMA, *SCHEMA["$defs"].values()]
    with_fields = [block for block in blocks if "properties" in block]
    open_blocks = [block["title"] for block in with_fields if block.get("additionalProperties") is not False]
    assert open_blocks == ["Condition"]  # there the closed set of forms refuses them


def test_every_answer_type_is_in_the_schema_and_has_a_handler():
    assert set(QUESTION["type"]["enum"]) == set(map(str, AnswerType)) == set(map(str, HANDLERS))


@pytest.mark.parametrize(("field", "kind"), [("mirror", Mirror), ("state", OperatingState)])
def test_closed_sets_are_those_of_the_code(field: str, kind: type[StrEnum]):
    assert QUESTION[field]["enum"] == [str(member) for member in kind]


def test_audiences_are_those_of_the_code():
    assert SCHEMA["properties"]["audience"]["enum"] == [str(member) for member in Audience]


def test_sides_and_operators_are_those_of_the_code():
    assert list(QUESTION["wording"]["properties"]) == [*map(str, Side), str(RESPONDENT)]
    condition = SCHEMA["$defs"]["condition"]
    assert set(condition["properties"]) - {"question"} == OPERATORS
    assert {form["required"][-1] for form in condition["oneOf"]} == OPERATORS
