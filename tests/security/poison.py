"""A site in which every word that somebody may write is hostile: names, titles, notes, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import String, text
from sqlalchemy.orm import Session

from assessment.models.base import Base
from tests.conftest import DEFINITIONS
from tests.security.hostile import MARK, PLACES, SHEETS

POISON = (
    f"{{{{7919*7907}}}}</script></textarea></title></option>--><{MARK} on{MARK}=1>\" {MARK}=\"1' {MARK}='1"
)
FORMULA = SHEETS[0]
PLACE = PLACES[-1]
CANARY = "canary-of-the-other-side"
ENDS = f"\" {MARK}=1 '>"  # for columns in which the whole does not fit
WORDS = {
    "centers": ["name", "city"],
    "cycles": ["title"],
    "people": ["name"],
    "partners": ["name", "organization"],
    "surveys": ["introduction", "sponsor"],
    "messages": ["reason"],
    "responses": ["signer_name", "signer_title", "reopen_reason"],
    "answers": ["text"],
    "survey_answers": ["text"],
    "survey_draft_answers": ["text"],
    "exports": ["title", "reason", "file_name"],
    "released_pairs": ["fusion_center_name", "eoc_name"],
}
IN_FILES = {("answers", "text"), ("survey_answers", "text"), ("centers", "name"), ("cycles", "title")}
SPOKEN = {
    *("title", "label", "anchor", "instruction", "name", "meaning", "ask", "pick", "introduction", "source"),
    *("help", "not_applicable", "do_not_know", "fusion_center", "eoc", "respondent", "improvement", "action"),
    *("why", "text"),
}


def poison_words(session: Session) -> None:
    """Put the poison behind every word of the site, as far as it fits, and a formula before some.

    Some names are nothing but the address of another machine.
    """
    for table, names in WORDS.items():
        for name in names:
            kind = Base.metadata.tables[table].columns[name].type
            length = kind.length if isinstance(kind, String) and kind.length else 5000
            first = f"{FORMULA} " if (table, name) in IN_FILES else ""
            last = POISON if length > len(POISON) + 20 else ENDS
            session.execute(
                text(
                    f"UPDATE {table} SET {name} = :first || SUBSTR(COALESCE({name}, ''), 1, :kept) || :last"
                ),
                {"kept": length - len(first) - len(last), "first": first, "last": last},
            )
    session.execute(
        text("UPDATE centers SET name = :word WHERE code IN ('EOC-DEN', 'EOC-WY')"), {"word": PLACE}
    )
    session.execute(text("UPDATE partners SET name = :word WHERE id % 2 = 1"), {"word": PLACE})


def mark_unrevealed(session: Session, responses: Iterable[str]) -> None:
    """Put a word of its own into the notes of these forms, to see on which pages it stands."""
    for public_id in responses:
        which = "response_id = (SELECT id FROM responses WHERE public_id = :id)"
        done = session.execute(
            text(f"UPDATE answers SET text = :word WHERE {which}"),
            {"word": f"{FORMULA} {CANARY} {POISON}", "id": public_id},
        )
        assert done.rowcount > 0


def hostile_definitions(folder: Path) -> Path:
    """A scored questionnaire with an answer of each type, each word of which is hostile."""
    document = _read("worked-example")
    every = _read("every-answer-type")
    document["id"] = "hostile"
    document["scales"] |= {name: scale for name, scale in every["scales"].items() if name != "simple"}
    document["rating_sets"] = every["rating_sets"]
    every["sections"][0]["questions"].pop(0)  # the rating, of which the worked example is made
    document["sections"] += every["sections"]
    file = folder / "hostile" / "1.0.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(_poisoned(document), allow_unicode=True, sort_keys=False))
    return folder


def _read(name: str) -> dict[str, Any]:
    (file,) = (DEFINITIONS / name).glob("1.0.yaml")
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found


def _poisoned(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _poisoned(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_poisoned(inner, key) for inner in value]
    return f"{value} {POISON}" if key in SPOKEN and isinstance(value, str | bool) else value
