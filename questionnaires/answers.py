"""Where text becomes a value and a value text: for forms, files, storage and people, whatever the type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from questionnaires.answer_types import (
    BETWEEN,
    HANDLERS,
    IS,
    RECEIVED_CODE,
    AnswerHandler,
    part_choices,
    part_code,
)
from questionnaires.answer_values import (
    DO_NOT_KNOW_CODE,
    MAX_TEXT,
    NOT_APPLICABLE_CODE,
    RESERVED_CODES,
    UNANSWERED,
    AnswerError,
    AnswerRow,
    AnswerStatus,
    AnswerValue,
    clean_text,
    compose,
    rows,
)
from questionnaires.definition import AnswerOption, Party, Question, Side

__all__ = [
    "DO_NOT_KNOW_CODE",
    "HANDLERS",
    "MAX_TEXT",
    "NOT_APPLICABLE_CODE",
    "RECEIVED_CODE",
    "RESERVED_CODES",
    "UNANSWERED",
    "AnswerError",
    "AnswerHandler",
    "AnswerRow",
    "AnswerStatus",
    "AnswerValue",
    "asks_evidence",
    "choices",
    "code",
    "codes",
    "compose",
    "file_values",
    "from_file",
    "given",
    "label",
    "needs_reason",
    "note",
    "parse",
    "part_choices",
    "require_asked",
    "rows",
    "takes_note",
]


def choices(question: Question) -> tuple[AnswerOption, ...]:
    """What a person may choose, in the order shown, *do not know* and *does not apply* last."""
    return HANDLERS[question.type].choices(question)


def parse(question: Question, raw: str, text: str = "") -> AnswerValue:
    """The value of ``raw``: "" unanswered, an option's code ("0" to "4", "not_seen"), "NA" or "DK".

    Several choices are "planning;training", the parts of a dual rating "importance=4;performance=DK";
    a row of a grid may also be "received", and where words are asked for, ``raw`` is the words. ``text``
    is the note. Raises AnswerError where the code is not offered or the words are too long.
    """
    words = _note(question, text)
    value = HANDLERS[question.type].parse(question, raw)
    return replace(value, text=words) if words else value


def code(question: Question, value: AnswerValue) -> str:
    """What forms hold, the inverse of ``parse``. Raises AnswerError for a value off the scale."""
    return HANDLERS[question.type].code(question, value)


def codes(question: Question, value: AnswerValue) -> frozenset[str]:
    """The codes that hold: of several choices each one, else the one code; "" where blank."""
    return HANDLERS[question.type].codes(question, value)


def label(question: Question, value: AnswerValue) -> str:
    """The answer in words, without its number: "In place", "Does not apply to us", "Not answered"."""
    return HANDLERS[question.type].label(question, value)


def takes_note(question: Question) -> bool:
    """Whether words may go with the answer; in a survey only where a question asks for words."""
    return bool(question.sides) and HANDLERS[question.type].takes_note


def note(question: Question, value: AnswerValue) -> str:
    """The words that go with an answer; "" where the words are the answer."""
    return value.text if takes_note(question) else ""


def file_values(question: Question, value: AnswerValue) -> tuple[tuple[str, str], ...]:
    """The answer as files hold it, as (part, code): a dual rating by its parts, all else with the part ""."""
    if not question.parts:
        return (("", code(question, value)),)
    return tuple((part.id, part_code(part, value.part(part.id))) for part in question.parts)


def from_file(question: Question, values: Mapping[str, str]) -> AnswerValue:
    """The inverse: part -> code. Raises AnswerError, also for a part that the question has not."""
    names = [part.id for part in question.parts] or [""]
    for name in values:
        if name not in names:
            known = ", ".join(names) if question.parts else "none; leave the part blank"
            raise AnswerError(f'"{name[:40]}" is not a part of {question.id}; it has: {known}.')
    if not question.parts:
        return parse(question, values.get("", ""))
    return parse(question, BETWEEN.join(f"{name}{IS}{raw}" for name, raw in values.items()))


def given(question: Question, value: AnswerValue) -> int:
    """How many of the ``question.answer_count`` answers were given, each of any kind."""
    if not question.parts:
        return int(value.status is not AnswerStatus.UNANSWERED)
    return sum(value.part(part.id).status is not AnswerStatus.UNANSWERED for part in question.parts)


def require_asked(question: Question, party: Party) -> None:
    """Raise AnswerError where ``question`` is not asked of ``party``."""
    if question.asked_of(party):
        return
    others = f", only of the {party.other.words}" if isinstance(party, Side) and question.sides else ""
    raise AnswerError(f"{question.id} is not asked of the {party.words}{others}. Leave it out.")


def needs_reason(value: AnswerValue) -> bool:
    """*Does not apply* without the reason that submitting asks for. *Did not receive* needs none."""
    return value.status is AnswerStatus.NOT_APPLICABLE and not value.text and not value.parts


def asks_evidence(question: Question, value: AnswerValue) -> bool:
    """A rating from which an evidence note is asked for (never demanded), whether or not it is there."""
    floor = question.scale.evidence_from if question.scale else None
    return floor is not None and value.number is not None and value.number >= floor


def _note(question: Question, text: str) -> str:
    words = clean_text(text)
    if words and not takes_note(question):
        raise AnswerError(f"{question.id} takes no note. Leave it out.")
    if len(words) > MAX_TEXT:
        raise AnswerError(
            f"The note to {question.id} has {len(words):,} characters and the limit is {MAX_TEXT:,}. "
            "Please shorten it and save again."
        )
    return words
