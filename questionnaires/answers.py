"""Where text becomes a value: the four states of an answer, and what each answer type can do.

A blank, *does not apply* and *do not know* are states of their own; none of them is ever a 0.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from questionnaires.definition import AnswerOption, AnswerType, Question, Side

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


_STATUS_CODES = {
    AnswerStatus.UNANSWERED: "",
    AnswerStatus.NOT_APPLICABLE: NOT_APPLICABLE_CODE,
    AnswerStatus.DO_NOT_KNOW: DO_NOT_KNOW_CODE,
}
_CODE_STATUSES = {code: status for status, code in _STATUS_CODES.items()}


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """One answer. ``number`` is a rating's, ``option`` a choice's; both are None unless ``answered``.

    ``text`` is what goes with it: an evidence note, or the reason for *does not apply*. It may stand
    beside a blank, so that a note written before the rating is not lost.
    """

    status: AnswerStatus
    number: float | None = None
    option: str | None = None
    text: str = ""


UNANSWERED = AnswerValue(status=AnswerStatus.UNANSWERED)


class AnswerError(ValueError):
    """An answer that cannot be taken; ``message`` is the sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AnswerHandler(Protocol):
    """Everything that an answer type must be able to do."""

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        """What may be chosen, in the order shown, the marks NA and DK last where they are offered."""

    def value(self, option: AnswerOption) -> AnswerValue:
        """The answer that choosing this point means."""

    def chosen(self, question: Question, value: AnswerValue) -> AnswerOption | None:
        """The point that an ``answered`` value stands for; None where there is no such point."""


class RatingHandler:
    """A point of a scale, held as its number."""

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        scale = question.scale
        marks = (
            AnswerOption(DO_NOT_KNOW_CODE, scale.do_not_know if scale else ""),
            AnswerOption(NOT_APPLICABLE_CODE, scale.not_applicable if scale else ""),
        )
        return question.choices + tuple(mark for mark in marks if mark.label)

    def value(self, option: AnswerOption) -> AnswerValue:
        return AnswerValue(AnswerStatus.ANSWERED, number=option.number)

    def chosen(self, question: Question, value: AnswerValue) -> AnswerOption | None:
        return next((option for option in question.choices if option.number == value.number), None)


class SingleChoiceHandler:
    """One of the question's own options, held as its code."""

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return question.choices

    def value(self, option: AnswerOption) -> AnswerValue:
        return AnswerValue(AnswerStatus.ANSWERED, option=option.code)

    def chosen(self, question: Question, value: AnswerValue) -> AnswerOption | None:
        return next((option for option in question.choices if option.code == value.option), None)


HANDLERS: dict[AnswerType, AnswerHandler] = {
    AnswerType.RATING: RatingHandler(),
    AnswerType.SINGLE_CHOICE: SingleChoiceHandler(),
}


def choices(question: Question) -> tuple[AnswerOption, ...]:
    """What a person may choose, in the order shown, *do not know* and *does not apply* last."""
    return HANDLERS[question.type].choices(question)


def parse(question: Question, raw: str, text: str = "") -> AnswerValue:
    """The value of ``raw``: "" unanswered, an option's code ("0" to "4", "not_seen"), "NA" or "DK".

    Raises AnswerError where the code is not offered or the text is too long.
    """
    words = clean_text(question, text)
    code_given = raw.strip()
    if not code_given:
        return replace(UNANSWERED, text=words)
    option = next((option for option in choices(question) if option.code == code_given), None)
    if option is None:
        raise AnswerError(_not_offered(question, code_given))
    status = _CODE_STATUSES.get(option.code)
    value = AnswerValue(status) if status else HANDLERS[question.type].value(option)
    return replace(value, text=words)


def code(question: Question, value: AnswerValue) -> str:
    """What files and forms hold, the inverse of ``parse``. Raises AnswerError for a value off the scale."""
    if value.status is not AnswerStatus.ANSWERED:
        return _STATUS_CODES[value.status]
    return _chosen(question, value).code


def label(question: Question, value: AnswerValue) -> str:
    """The answer in words, without its number: "In place", "Does not apply to us", "Not answered"."""
    if value.status is AnswerStatus.UNANSWERED:
        return "Not answered"
    if value.status is AnswerStatus.ANSWERED:
        return _chosen(question, value).label
    mark = _STATUS_CODES[value.status]
    return next((option.label for option in choices(question) if option.code == mark), mark)


def clean_text(question: Question, text: str) -> str:
    """The note with \\n as line end, outer blanks and invisible control characters removed.

    Raises AnswerError above MAX_TEXT characters. Control characters go because no database and no
    spreadsheet takes them all, and nobody who pasted one can see it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
    if len(words) > MAX_TEXT:
        raise AnswerError(
            f"The note to {question.id} has {len(words):,} characters and the limit is {MAX_TEXT:,}. "
            "Please shorten it and save again."
        )
    return words


def require_asked(question: Question, side: Side) -> None:
    """Raise AnswerError where ``question`` is not asked of ``side``."""
    if not question.asked_of(side):
        raise AnswerError(
            f"{question.id} is not asked of the {side.words}, only of the {side.other.words}. Leave it out."
        )


def needs_reason(value: AnswerValue) -> bool:
    """*Does not apply* without the reason that submitting asks for."""
    return value.status is AnswerStatus.NOT_APPLICABLE and not value.text


def asks_evidence(question: Question, value: AnswerValue) -> bool:
    """A rating from which an evidence note is asked for (never demanded), whether or not it is there."""
    floor = question.scale.evidence_from if question.scale else None
    return floor is not None and value.number is not None and value.number >= floor


def _chosen(question: Question, value: AnswerValue) -> AnswerOption:
    option = HANDLERS[question.type].chosen(question, value)
    if option is None:
        held = value.option if value.option is not None else value.number
        raise AnswerError(f"The stored answer {held!r} is not one of the answers of {question.id}.")
    return option


def _not_offered(question: Question, given: str) -> str:
    shown = given if len(given) <= 40 else given[:40] + "..."
    offered = ", ".join(option.code for option in choices(question))
    return f'"{shown}" is not an answer to {question.id}. Choose one of: {offered}; or leave it blank.'
