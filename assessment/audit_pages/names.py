"""The names behind the numbers and codes of a page of events, looked up together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from assessment.access import Role
from assessment.audit_pages.sentences import sentence
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.models.audit import AuditEvent
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.models.responses import Response
from assessment.models.surveys import Survey

PROGRAM = "The program"
SOMEBODY = "Somebody"
BY_NOBODY_KNOWN = {"sign-in failed", "sign-in by provider failed", "password reset asked for"}
_PERSON = re.compile(r"\bperson (\d{1,18})\b")
_SIDES = {"fusion_center": "fusion center's form", "eoc": "EOC's form"}


@dataclass(frozen=True)
class Line:
    """An event as it is read."""

    number: int
    at: datetime
    who: str
    words: str  # goes on after who
    origin: str


@dataclass(frozen=True)
class Names:
    """What the numbers of some events stand for; ``person`` says how somebody is called to this reader."""

    person: Callable[[int], str]
    objects: Mapping[str, str]  # a subject of the trail -> in words

    def line(self, found: AuditEvent) -> Line:
        return Line(found.id, found.at, self._who(found), self._words(found), found.origin)

    def _who(self, found: AuditEvent) -> str:
        if found.person_id is not None:
            return self.person(found.person_id)
        return SOMEBODY if found.action in BY_NOBODY_KNOWN else PROGRAM

    def _words(self, found: AuditEvent) -> str:
        detail = _PERSON.sub(lambda match: self.person(int(match[1])), found.detail)
        return sentence(found.action, self._subject(found.subject), detail)

    def _subject(self, subject: str) -> str:
        if subject in self.objects:
            return self.objects[subject]
        match = _PERSON.fullmatch(subject)
        return self.person(int(match[1])) if match else subject


def names_of(session: Session, events: Sequence[AuditEvent], own_center: str = "") -> Names:
    """For administrators; with ``own_center`` for its leaders, who know only their own people by name."""
    people = {row.id: row for row in _people(session, events)}

    def person(number: int) -> str:
        row = people.get(number)
        if row is None:
            return f"person {number}"
        return _called(row, own_center) if own_center else f"{row.name} ({row.role})"

    return Names(person, _objects(session, {found.subject for found in events}))


def _people(session: Session, events: Sequence[AuditEvent]) -> Iterable[PersonRow]:
    numbers = {found.person_id for found in events if found.person_id is not None}
    texts = [text for found in events for text in (found.subject, found.detail)]
    numbers |= {int(number) for text in texts for number in _PERSON.findall(text)}
    query = select(PersonRow).where(PersonRow.id.in_(numbers)).options(selectinload(PersonRow.centers))
    return session.scalars(query)


def _called(row: PersonRow, own_center: str) -> str:
    """By name where they belong to the reader's center or to none; people of another center stay unnamed."""
    codes = [center.code for center in row.centers]
    if own_center in codes or row.role in (Role.ADMINISTRATOR, Role.REVIEWER):
        return f"{row.name} ({row.role})"
    return f"{SOMEBODY} of {', '.join(codes)}" if codes else SOMEBODY


def _objects(session: Session, subjects: set[str]) -> dict[str, str]:
    found = {subject: subject.removeprefix("pair ") for subject in subjects if subject.startswith("pair ")}
    found = {subject: words.replace(" ", " with ", 1) for subject, words in found.items()}
    for kind, query in (("response ", _responses), ("cycle pair ", _cycle_pairs), ("survey ", _surveys)):
        keys = [subject.removeprefix(kind) for subject in subjects if subject.startswith(kind)]
        if keys:
            found |= {f"{kind}{key}": words for key, words in query(session, keys)}
    return found


def _responses(session: Session, keys: list[str]) -> Iterable[tuple[str, str]]:
    query = _pairs_query(Response.public_id, Response.side).join(
        Response, Response.cycle_pair_id == CyclePair.id
    )
    for public_id, side, fusion_center, eoc, cycle in session.execute(
        query.where(Response.public_id.in_(keys))
    ):
        yield public_id, f"{fusion_center} with {eoc}, {_SIDES[side]}, cycle {cycle}"


def _cycle_pairs(session: Session, keys: list[str]) -> Iterable[tuple[str, str]]:
    numbers = [int(key) for key in keys if key.isdecimal()]
    query = _pairs_query(CyclePair.id).where(CyclePair.id.in_(numbers))
    for number, fusion_center, eoc, cycle in session.execute(query):
        yield str(number), f"{fusion_center} with {eoc} in cycle {cycle}"


def _pairs_query(*columns: object) -> Select:
    return with_centers(
        select(*columns, FUSION_CENTER.code, EOC.code, Cycle.code)  # type: ignore[call-overload]
        .select_from(CyclePair)
        .join(Cycle, Cycle.id == CyclePair.cycle_id)
        .join(Pair, Pair.id == CyclePair.pair_id)
    )


def _surveys(session: Session, keys: list[str]) -> Iterable[tuple[str, str]]:
    query = (
        select(Survey.public_id, Center.code, Cycle.code)
        .join(Center, Center.id == Survey.fusion_center_id)
        .join(Cycle, Cycle.id == Survey.cycle_id)
        .where(Survey.public_id.in_(keys))
    )
    for public_id, center, cycle in session.execute(query):
        yield public_id, f"survey {cycle} of {center}"
