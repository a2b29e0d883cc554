"""What of the trail is asked for: the filters of the page and of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONGEST = 100
LARGEST_NUMBER = 2**62
FIRST_YEAR = 1
LAST_YEAR = 9999  # the last day of it is beyond what some zones can say


@dataclass(frozen=True)
class Wanted:
    """Which events to show; an empty value does not limit."""

    who: str = ""  # part of a name or an address; "command line" for what no person did
    action: str = ""
    about: str = ""  # a center, a pair, a cycle, a survey, a person's address
    since: date | None = None
    until: date | None = None  # that day included
    origin: str = ""  # how the address begins, or which program
    before: int = 0  # only what is older than the event of this number

    @property
    def filters(self) -> dict[str, str]:
        """What limits, as an address says it."""
        since, until = (day.isoformat() if day else "" for day in (self.since, self.until))
        values = {"who": self.who, "action": self.action, "about": self.about, "origin": self.origin}
        return {name: value for name, value in {**values, "since": since, "until": until}.items() if value}

    def older_than(self, number: int) -> Wanted:
        return replace(self, before=number)

    def address(self, before: int) -> dict[str, Any]:
        """The query of the next page of the same list."""
        return {**self.filters, "before": before}

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From the beginning of the first day to the end of the last, in the zone of the pages."""
        days = self.since, self.until and self.until + timedelta(days=1)
        since, until = (datetime.combine(day, time.min, zone) if day else None for day in days)
        return since, until


def wanted(args: Mapping[str, Any]) -> Wanted:
    """What an address asks for; what it cannot mean is left out."""
    who, action, about, origin = (_words(args.get(name, "")) for name in ("who", "action", "about", "origin"))
    since, until = (_day(args.get(name, "")) for name in ("since", "until"))
    return Wanted(who, action, about, since, until, origin, _number(args.get("before", "")))


def moment(text: str) -> datetime | None:
    """The moment that an address names; none where it names none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo and FIRST_YEAR < found.year < LAST_YEAR else None


def _words(text: str) -> str:
    return text.strip().replace("\0", "")[:LONGEST]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if FIRST_YEAR < found.year < LAST_YEAR else None


def _number(text: str) -> int:
    return min(int(text), LARGEST_NUMBER) if text.isascii() and text.isdigit() and len(text) < 19 else 0
