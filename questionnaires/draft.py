"""A definition file as it was read, before anybody knows that it is sound: its parts and their names.

A part is named as its author would: by its id where it has one, else by its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from questionnaires.definition import RESPONDENT, Side

WHOLE = "questionnaire"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a definition: the part that has it, by id, and a sentence."""

    element: str
    message: str


@dataclass(frozen=True)
class DraftQuestion:
    """A question of the file. ``data`` may lack fields, but what is there has the right shape.

    ``written`` are the fields that its author wrote, misshapen ones included.
    """

    element: str
    data: dict[str, Any]
    written: frozenset[str]

    @property
    def id(self) -> str | None:
        return self.data.get("id")

    @property
    def parties(self) -> frozenset[str]:
        """Whom it is asked of."""
        return frozenset(self.data.get("wording", {}))

    @property
    def type(self) -> str:
        return str(self.data.get("type", ""))

    def is_rating(self) -> bool:
        return self.data.get("type") == "rating"


@dataclass(frozen=True)
class Draft:
    """A document whose misshapen values have been taken out; what is left can be read without care.

    ``raw`` is the same document with them, to tell what is missing from what is misshapen.
    """

    document: dict[str, Any]
    raw: Any

    @cached_property
    def sections(self) -> list[tuple[str, dict[str, Any]]]:
        sections = self.document.get("sections", [])
        return [(element_at(self.raw, ["sections", i]), section) for i, section in enumerate(sections)]

    @cached_property
    def questions(self) -> list[DraftQuestion]:
        return [
            self._question(["sections", i, "questions", j], question)
            for i, (_, section) in enumerate(self.sections)
            for j, question in enumerate(section.get("questions", []))
        ]

    def _question(self, path: list[str | int], data: dict[str, Any]) -> DraftQuestion:
        raw = value_at(self.raw, path)
        written = frozenset(raw) if isinstance(raw, dict) else frozenset()
        return DraftQuestion(element_at(self.raw, path), data, written)

    @cached_property
    def scales(self) -> dict[str, dict[str, Any]]:
        scales: dict[str, dict[str, Any]] = self.document.get("scales", {})
        return scales

    @cached_property
    def rating_sets(self) -> dict[str, dict[str, Any]]:
        sets: dict[str, dict[str, Any]] = self.document.get("rating_sets", {})
        return sets

    @cached_property
    def scoring(self) -> dict[str, Any] | None:
        return self.document.get("scoring")

    @cached_property
    def levels(self) -> list[tuple[str, dict[str, Any]]]:
        levels = (self.scoring or {}).get("levels", [])
        return [(f"level {place}", level) for place, level in enumerate(levels)]

    @cached_property
    def elements(self) -> list[str]:
        """The names of all parts in file order; those of one name stand at the first."""
        names = [WHOLE, *(f"scale {name}" for name in self.scales)]
        names += [*(f"rating set {name}" for name in self.rating_sets), "scoring"]
        names += [element for element, _ in self.levels]
        for i, (element, section) in enumerate(self.sections):
            names.append(element)
            for j in range(len(section.get("questions", []))):
                names.append(element_at(self.raw, ["sections", i, "questions", j]))
        return list(dict.fromkeys(names))

    @cached_property
    def scored(self) -> list[DraftQuestion]:
        return [question for question in self.questions if is_scored(question.data, self.scoring is not None)]

    @cached_property
    def scored_numbers(self) -> list[float]:
        """The points of the scale of the scored questions; empty where that is not known."""
        names = [question.data.get("scale") for question in self.scored]
        scale = next((self.scales[name] for name in names if name in self.scales), {})
        return scale_numbers(scale)


def is_scored(question: dict[str, Any], has_rules: bool) -> bool:
    """Whether a question counts: as it says, else a rating of a questionnaire that has scoring rules."""
    return bool(question.get("scored", has_rules and question.get("type") == "rating"))


def party_words(party: str) -> str:
    """Whom a key of ``wording`` stands for, in a sentence, without its article."""
    return RESPONDENT.words if party == RESPONDENT else Side(party).words


def scale_numbers(scale: dict[str, Any]) -> list[float]:
    """The points of a scale; empty where one of them is not known."""
    options = scale.get("options", [])
    return [option["number"] for option in options] if all("number" in o for o in options) else []


def option_code(option: dict[str, Any]) -> str | None:
    """The code of a point or choice: its own, else its number."""
    if "code" in option:
        return str(option["code"])
    return f"{option['number']:g}" if "number" in option else None


def own_path(path: Sequence[str | int]) -> list[str | int]:
    """The path of the part that ``path`` leads to or into; empty for the whole file."""
    match list(path):
        case ["sections", int(), "questions", int(), *_]:
            return list(path[:4])
        case ["scoring", "levels", int(), *_]:
            return list(path[:3])
        case ["sections", int(), *_] | ["scales" | "rating_sets", str(), *_]:
            return list(path[:2])
        case ["scoring", *_]:
            return list(path[:1])
    return []


def element_at(document: Any, path: Sequence[str | int]) -> str:
    """The name of that part: "REL-01", "scale practice", "level 2"."""
    own = own_path(path)
    match own:
        case ["sections", _, "questions", int() as place]:
            return _own_id(document, own) or f"question {place + 1} of {element_at(document, own[:2])}"
        case ["sections", int() as place]:
            return _own_id(document, own) or f"section {place + 1}"
        case ["scales", str() as scale]:
            return f"scale {scale}"
        case ["rating_sets", str() as rating_set]:
            return f"rating set {rating_set}"
        case ["scoring", "levels", int() as place]:
            return f"level {place}"
        case ["scoring"]:
            return "scoring"
    return WHOLE


def value_at(document: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document


def _own_id(document: Any, path: Sequence[str | int]) -> str | None:
    part = value_at(document, path)
    own = part.get("id") if isinstance(part, dict) else None
    return own if isinstance(own, str) and own else None
