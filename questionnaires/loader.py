"""From a definition file to a Questionnaire: YAML, then shape, then meaning, then frozen objects.

A definition may come from anybody, so reading it is bounded: size, depth, no references, no Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from questionnaires.build import build
from questionnaires.definition import Questionnaire
from questionnaires.draft import WHOLE, Problem, element_at
from questionnaires.validation import find_problems

__all__ = ["DefinitionError", "Problem", "check_text", "load", "loads"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
LONGEST_NUMBER = 50  # characters; Python says no number of thousands of digits in words

_TEXT = "tag:yaml.org,2002:str"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast


class DefinitionError(ValueError):
    """A definition that may not be used; ``problems`` are all of its faults."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{problem.element}: {problem.message}" for problem in problems))
        self.problems = problems


def load(path: Path) -> Questionnaire:
    """The questionnaire in the file ``<id>/<version>.yaml``. Raises DefinitionError with every fault."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DefinitionError([_too_large()])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DefinitionError([Problem(WHOLE, f"The file cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise DefinitionError([Problem(WHOLE, "The file is not UTF-8 text. Save it as UTF-8.")]) from error
    document, problems = check_text(text)
    problems += _place_problems(path, document)
    if problems:
        raise DefinitionError(problems)
    return build(document)


def loads(text: str) -> Questionnaire:
    """The questionnaire in ``text``, wherever it is kept. Raises DefinitionError with every fault."""
    document, problems = check_text(text)
    if problems:
        raise DefinitionError(problems)
    return build(document)


def check_text(text: str) -> tuple[Any, list[Problem]]:
    """The document in ``text`` (None where it is no YAML) and all that is wrong with it."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return None, [_too_large()]
    try:
        _refuse_bombs(text)
        root = yaml.compose(text, Loader=_Loader)
        if root is None:
            return None, [Problem(WHOLE, "The file is empty.")]
        findings = list(_name_problems(root, []))
        document = yaml.SafeLoader("").construct_document(root)
    except yaml.YAMLError as error:
        return None, [Problem(WHOLE, _yaml_sentence(error))]
    except (ValueError, OverflowError) as error:
        return None, [Problem(WHOLE, f"The file holds a value that cannot be read: {error}.")]
    problems = [Problem(element_at(document, path), message) for path, message in findings]
    return document, problems + find_problems(document)


def _too_large() -> Problem:
    return Problem(WHOLE, f"The file is larger than {MAX_BYTES // 1000:,} kB, the limit for a questionnaire.")


def _place_problems(path: Path, document: Any) -> Iterator[Problem]:
    """The file's place must agree with what it says, or a version could stand in for another."""
    if not isinstance(document, dict):
        return
    own = [document.get("id"), document.get("version")]
    if not all(isinstance(part, str) for part in own):
        return
    place = path.absolute()  # not resolved: mounted files are often links to a folder of another name
    if [place.parent.name, place.name] != [own[0], f"{own[1]}.yaml"]:
        yield Problem(
            WHOLE,
            f"The file must be {own[0]}/{own[1]}.yaml, as its id and version say; "
            f"it is {place.parent.name}/{place.name}.",
        )


def _refuse_bombs(text: str) -> None:
    """Look at the stream of YAML events before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal("references (& and *) are not allowed; write the text out", event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _refusal(f"blocks are nested more than {MAX_DEPTH} deep", event)


def _refusal(sentence: str, event: yaml.Event) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=sentence, problem_mark=event.start_mark)  # type: ignore[arg-type]


def _name_problems(node: yaml.Node, path: list[str | int]) -> Iterator[tuple[list[str | int], str]]:
    """Names given twice in one block, which YAML takes without a word.

    Names become text here, whatever they look like (a field called ``on`` is not true), and so do the
    words that YAML takes for something else.
    """
    if isinstance(node, yaml.SequenceNode):
        for place, entry in enumerate(node.value):
            yield from _name_problems(entry, [*path, place])
    elif isinstance(node, yaml.MappingNode):
        yield from _mapping_problems(node, path)
    elif _is_text_after_all(node):
        node.tag = _TEXT


def _mapping_problems(node: yaml.MappingNode, path: list[str | int]) -> Iterator[tuple[list[str | int], str]]:
    lines: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        key.tag = _TEXT
        line = key.start_mark.line + 1
        if key.value in lines:
            yield path, f'"{key.value}" is given twice, in line {lines[key.value]} and in line {line}.'
        lines.setdefault(key.value, line)
        yield from _name_problems(value, [*path, key.value])


def _is_text_after_all(node: yaml.Node) -> bool:
    """What YAML 1.1 takes for something else: a label "No", a date, the hour 10:30, a number without end."""
    match node.tag.rpartition(":")[2]:
        case "bool":
            return node.value.lower() not in ("true", "false")
        case "int":
            return ":" in node.value or len(node.value) > LONGEST_NUMBER
        case "float":
            return not _is_finite(node.value)
        case kind:
            return kind == "timestamp"


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace("_", "")))
    except ValueError:
        return False


def _yaml_sentence(error: yaml.YAMLError) -> str:
    parts = [getattr(error, "context", None), getattr(error, "problem", None)]
    problem = ", ".join(part for part in parts if part) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    place = f"in line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
    return f"The file cannot be read {place}: {problem}."
