"""What is said of one center, from a line of a file or from a form, and what is wrong with it.

Pure: whether it fits what is already in the directory is for ``plans``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assessment.directory.csv_files import quoted
from assessment.directory.states import FEMA_REGION, NAMES, REGIONS
from assessment.models.directory import EocLevel, FusionCenterLevel
from questionnaires.definition import Side

REQUIRED = ("code", "name", "kind", "level", "state", "fema_region")
OPTIONAL = ("city", "confidence")
PAIR_COLUMNS = ("fusion_center", "eoc")

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
RESERVED = {"new", "import"}  # addresses of pages beside those of the centers
LONGEST = {"name": 200, "city": 100}
CONFIDENCE = {
    "": "Entered or checked here",
    "V": "Seen on a published DHS list",
    "V2": "Existence seen in a public source",
    "H": "General knowledge, high confidence",
    "M": "General knowledge, medium confidence",
}
LEVELS = {
    Side.FUSION_CENTER: [level.value for level in FusionCenterLevel],
    Side.EOC: [level.value for level in EocLevel],
}


@dataclass(frozen=True)
class CenterEntry:
    """A center as it shall be. None: nothing is said, what is there stays."""

    code: str
    name: str
    kind: str
    level: str
    state: str
    fema_region: int
    city: str | None = None
    confidence: str | None = None


Faults = dict[str, str]  # column -> what is wrong in it


def center_entry(cells: Mapping[str, str]) -> CenterEntry | Faults:
    """The entry of these cells, or for each bad column the sentence that says why."""
    faults = {}
    for column, find_fault in _RULES.items():
        if column in cells and (fault := find_fault(cells)):
            faults[column] = fault
    if faults:
        return faults
    return CenterEntry(
        code=cells["code"],
        name=cells["name"],
        kind=cells["kind"].casefold(),
        level=cells["level"].casefold(),
        state=cells["state"].upper(),
        fema_region=int(cells["fema_region"]),
        city=cells.get("city"),
        confidence=cells["confidence"].upper() if "confidence" in cells else None,
    )


def kind_of_level(level: str) -> str:
    """Fusion centers and EOCs have no level in common, so the level says the kind; empty for neither."""
    return next((kind.value for kind, levels in LEVELS.items() if level in levels), "")


def _code_fault(cells: Mapping[str, str]) -> str | None:
    code = cells["code"]
    if not code:
        return "is empty. Each center needs a code."
    if not CODE.fullmatch(code):
        return (
            f"{quoted(code)} cannot be a code. Use letters, digits, dots and dashes, 40 at most, no blanks."
        )
    if code.casefold() in RESERVED:
        return f"{quoted(code)} is the address of a page here. Choose another code."
    return None


def _name_fault(cells: Mapping[str, str]) -> str | None:
    return _text_fault("name", cells["name"]) if cells["name"] else "is empty. Each center needs a name."


def _city_fault(cells: Mapping[str, str]) -> str | None:
    return _text_fault("city", cells["city"])


def _text_fault(column: str, text: str) -> str | None:
    if len(text) > LONGEST[column]:
        return f"{quoted(text)} has {len(text)} characters, more than {LONGEST[column]}. Shorten it."
    if not text.isprintable():
        return f"{quoted(text)} holds a line break or another character that cannot be shown. Take it away."
    return None


def _kind_fault(cells: Mapping[str, str]) -> str | None:
    if cells["kind"].casefold() in LEVELS:
        return None
    return f"{quoted(cells['kind'])} is not a kind. Use {_choice([kind.value for kind in LEVELS])}."


def _level_fault(cells: Mapping[str, str]) -> str | None:
    level, kind = cells["level"].casefold(), cells["kind"].casefold()
    if kind not in LEVELS:
        return (
            None if kind_of_level(level) else f"{quoted(cells['level'])} is not a level. Use {_all_levels()}."
        )
    fitting = LEVELS[Side(kind)]
    if level in fitting:
        return None
    article = "a fusion center" if kind == Side.FUSION_CENTER else "an EOC"
    return f"{quoted(cells['level'])} is not a level of {article}. Use {_choice(fitting)}."


def _all_levels() -> str:
    return _choice([level for levels in LEVELS.values() for level in levels])


def _state_fault(cells: Mapping[str, str]) -> str | None:
    if cells["state"].upper() in NAMES:
        return None
    return (
        f"{quoted(cells['state'])} is not a state or territory. Use its two-letter postal code, such as CO."
    )


def _region_fault(cells: Mapping[str, str]) -> str | None:
    text, state = cells["fema_region"], cells["state"].upper()
    if text not in [str(region) for region in REGIONS]:
        return f"{quoted(text)} is not a FEMA region. Use a number from 1 to 10."
    if FEMA_REGION.get(state, int(text)) != int(text):
        return f"{NAMES[state]} lies in FEMA region {FEMA_REGION[state]}, not {text}."
    return None


def _confidence_fault(cells: Mapping[str, str]) -> str | None:
    if cells["confidence"].upper() in CONFIDENCE:
        return None
    marks = _choice([mark for mark in CONFIDENCE if mark])
    return f"{quoted(cells['confidence'])} is not a mark. Use {marks}, or leave it empty."


def _choice(values: list[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


_RULES: dict[str, Callable[[Mapping[str, str]], str | None]] = {
    "code": _code_fault,
    "name": _name_fault,
    "kind": _kind_fault,
    "level": _level_fault,
    "state": _state_fault,
    "fema_region": _region_fault,
    "city": _city_fault,
    "confidence": _confidence_fault,
}
