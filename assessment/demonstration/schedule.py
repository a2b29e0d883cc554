"""The cycles of the demonstration, counted from today, and when people worked on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

OPENED_AGO = timedelta(days=24)
STILL_OPEN = timedelta(days=28)
CLOSED_AGO = timedelta(days=243)  # about eight months
LENGTH = timedelta(days=45)
AN_ANSWER = timedelta(seconds=40)
SATURDAY = 5
ROUNDS = {1: "first", 2: "second"}


@dataclass(frozen=True)
class PlannedCycle:
    """One cycle to be; ``age`` 0 is the open one, 1 the last one closed, and so on back."""

    code: str
    title: str
    opens: date
    closes: date
    age: int

    def last_day(self, today: date) -> date:
        """The last day on which somebody may have worked; today's work is told apart from it."""
        return min(self.closes, today - timedelta(days=1))


def plan_cycles(today: date, count: int) -> list[PlannedCycle]:
    """``count`` cycles, the oldest first. Two that open in one year are its first and second round."""
    days = [_days(today, age) for age in reversed(range(count))]
    in_year = Counter(opens.year for opens, _ in days)
    seen: Counter[int] = Counter()
    found = []
    for (opens, closes), age in zip(days, reversed(range(count)), strict=True):
        seen[opens.year] += 1
        code, title = f"checklist-{opens.year}", f"Coordination checklist {opens.year}"
        if in_year[opens.year] > 1:
            turn = seen[opens.year]
            code, title = f"{code}-{turn}", f"{title}, {ROUNDS[turn]} round"
        found.append(PlannedCycle(code, title, opens, closes, age))
    return found


def _days(today: date, age: int) -> tuple[date, date]:
    if age == 0:
        return today - OPENED_AGO, today + STILL_OPEN
    closes = _years_before(today - CLOSED_AGO, age - 1)
    return closes - LENGTH, closes


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February of a year that has none
        return day.replace(year=day.year - years, day=28)


@dataclass(frozen=True)
class Sittings:
    """When one side worked: a morning, an afternoon of the same or a later day, and the signature."""

    first: datetime
    second: datetime
    signed: datetime

    def answered_at(self, place: int, count: int) -> datetime:
        """When the answer at this place of ``count`` was given: the first half at the first sitting."""
        half = count // 2
        return self.first + AN_ANSWER * place if place < half else self.second + AN_ANSWER * (place - half)


def sittings(opens: date, last_day: date, zone: ZoneInfo, rng: Random) -> Sittings:
    """Two sittings within office hours of the working days from ``opens`` to ``last_day``."""
    days = [opens + timedelta(days=number) for number in range((last_day - opens).days + 1)]
    days = [day for day in days if day.weekday() < SATURDAY]
    begin = rng.randrange(len(days))
    end = min(begin + rng.randint(0, 7), len(days) - 1)
    second = _moment(days[end], 13, rng, zone)
    return Sittings(
        first=_moment(days[begin], 8, rng, zone),
        second=second,
        signed=second + timedelta(minutes=rng.randint(50, 110)),
    )


def _moment(day: date, hour: int, rng: Random, zone: ZoneInfo) -> datetime:
    start = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return start + timedelta(minutes=rng.randint(0, 90), seconds=rng.randint(0, 59))
