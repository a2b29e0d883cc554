"""What an answer is, whatever its type: four states, perhaps in parts, and the rows it is kept as.

A blank, *does not apply* and *do not know* are states of their own; none of them is ever a 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_TEXT = 2000
NOT_APPLICABLE_CODE = "NA"
DO_NOT_KNOW_CODE = "DK"
RESERVED_CODES = frozenset({NOT_APPLICABLE_CODE, DO_NOT_KNOW_CODE})


class AnswerStatus(StrEnum):
    """What a person has said to a question."""

    ANSWERED = "answered"
    NOT_APPLICABLE = "not_applicable"
    DO_NOT_KNOW = "do_not_know"
    UNANSWERED = "unanswered"


STATUS_CODES = {
    AnswerStatus.UNANSWERED: "",
    AnswerStatus.NOT_APPLICABLE: NOT_APPLICABLE_CODE,
    AnswerStatus.DO_NOT_KNOW: DO_NOT_KNOW_CODE,
}
CODE_STATUSES = {code: status for status, code in STATUS_CODES.items()}


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """One answer. ``number`` is a rating's, ``option`` a choice's; both are None unless ``answered``.

    ``text`` is what goes with it: an evidence note, the reason for *does not apply*, or the words
    themselves of a question that asks for words. It may stand beside a blank, so that a note written
    before the rating is not lost.

    ``parts`` holds what is answered in several: each chosen option, or each rating, by its name and in
    the order of the names, so that equal answers are equal. Make such an answer with ``in_parts``.
    """

    status: AnswerStatus
    number: float | None = None
    option: str | None = None
    text: str = ""
    parts: tuple[tuple[str, AnswerValue], ...] = ()

    def part(self, name: str) -> AnswerValue:
        """That part; a blank where there is none."""
        return next((value for own, value in self.parts if own == name), UNANSWERED)


UNANSWERED = AnswerValue(status=AnswerStatus.UNANSWERED)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as tables and frames hold it: one row, or one for each of its parts."""

    part: str
    status: AnswerStatus
    number: float | None = None
    option: str | None = None
    text: str = ""


class AnswerError(ValueError):
    """An answer that cannot be taken; ``message`` is the sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def in_parts(parts: Mapping[str, AnswerValue]) -> AnswerValue:
    """The whole of several parts; without any, a blank.

    It is blank until every part has an answer of some kind, and has the status of its parts where they
    all have the same one.
    """
    statuses = {value.status for value in parts.values()} or {AnswerStatus.UNANSWERED}
    if AnswerStatus.UNANSWERED in statuses:
        status = AnswerStatus.UNANSWERED
    else:
        status = statuses.pop() if len(statuses) == 1 else AnswerStatus.ANSWERED
    return AnswerValue(status, parts=tuple(sorted(parts.items())))


def rows(value: AnswerValue) -> tuple[AnswerRow, ...]:
    """The rows that hold ``value``: one with the part "", or one for each of its parts. Never none."""
    named = value.parts or (("", value),)
    return tuple(AnswerRow(part, own.status, own.number, own.option, own.text) for part, own in named)


def compose(found: Iterable[AnswerRow]) -> AnswerValue:
    """The answer of all rows of one question, in any order: the inverse of ``rows``."""
    values = {
        row.part: AnswerValue(AnswerStatus(row.status), row.number, row.option, row.text) for row in found
    }
    return values[""] if "" in values else in_parts(values)


def clean_text(text: str) -> str:
    """Words with \\n as line end, outer blanks and invisible control characters removed.

    Control characters go because no database and no spreadsheet takes them all, and nobody who pasted
    one can see it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
