"""The Paperwork Reduction Act: what a survey with a federal sponsor must have, and what page one says.

Pure. A federal sponsor that asks the same questions of ten or more persons needs a current OMB control
number; a survey that a state's center runs for itself does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

OMB_NUMBER = re.compile(r"\d{4}-\d{4}")


@dataclass(frozen=True)
class Paperwork:
    """Who sponsors a survey, and the number under which it may ask."""

    sponsor: str = ""
    federal: bool = False
    number: str = ""
    expires: date | None = None
    minutes: int | None = None


def number_fault(number: str) -> str | None:
    """What is wrong with the form of a control number; nothing where there is none."""
    if not number or OMB_NUMBER.fullmatch(number):
        return None
    return "Write the OMB control number as four digits, a dash and four digits, such as 1103-0117."


def opening_faults(paperwork: Paperwork, today: date, closes: date) -> list[str]:
    """Sentences that say why a survey with this paperwork may not open; empty where it may."""
    faults = [fault] if (fault := number_fault(paperwork.number)) else []
    if not paperwork.federal:
        return faults
    if not paperwork.sponsor:
        faults.append("Name the federal sponsor.")
    if not paperwork.number:
        faults.append("A survey with a federal sponsor needs a current OMB control number before it opens.")
    if paperwork.expires is None:
        faults.append("Enter the day on which the OMB control number expires.")
    elif paperwork.expires < today:
        faults.append(f"The OMB control number expired on {_day(paperwork.expires)}. Enter a current one.")
    elif paperwork.expires < closes:
        faults.append(
            f"The OMB control number expires on {_day(paperwork.expires)}, before the survey closes on"
            f" {_day(closes)}. Close it earlier, or enter a number that lasts longer."
        )
    if paperwork.minutes is None:
        faults.append("Enter the burden in minutes that was approved with the OMB control number.")
    return faults


def statement(paperwork: Paperwork) -> list[str]:
    """What page one tells the respondent, a sentence each; empty where there is nothing to tell."""
    said = []
    if paperwork.sponsor:
        said.append(f"Sponsored by {paperwork.sponsor}.")
    if paperwork.number:
        until = f", expires {_day(paperwork.expires)}" if paperwork.expires else ""
        said.append(f"OMB control number {paperwork.number}{until}.")
    if paperwork.minutes is not None:
        said.append(f"Answering is estimated to take {paperwork.minutes} minutes.")
    if paperwork.number:
        said.append(
            "Answering is voluntary. An agency may not conduct or sponsor a collection of information, and"
            " nobody has to respond to one, unless it displays a currently valid OMB control number."
        )
    return said


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
