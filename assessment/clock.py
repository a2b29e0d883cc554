"""The time, as something that is handed in: days are whole days of the zone that the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    zone: ZoneInfo

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Today in the zone in which cycles open and close."""
        return self.now().astimezone(self.zone).date()
