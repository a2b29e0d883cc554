"""What a service says when it cannot do what was asked."""

from __future__ import annotations

from datetime import date
from typing import Any


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what to put there."""


class NotFound(Exception):
    """Not there, or not this person's: the same answer for both."""


class Refused(Exception):
    """It cannot be done; ``message`` is the sentence for the person, who has lost nothing."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AnswersRemoved(Refused):
    """The answers of a cycle are past their period; what was released of many together is still there."""

    def __init__(self, code: str, title: str, on: date, report: dict[str, Any] | None = None) -> None:
        super().__init__(f"The answers of {title} were removed on {on}, as agreed; the aggregates stay.")
        self.code, self.title, self.on, self.report = code, title, on, report


class BadLines(Exception):
    """A file that was not taken: every bad line with its number, column and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems
