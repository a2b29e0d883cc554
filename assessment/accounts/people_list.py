"""Reading accounts for administrators: a page at a time, which goes on from a person, not from a count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from assessment.models.account_links import AccountInvitation
from assessment.models.people import PersonRow

PAGE = 50
LONGEST = 100  # characters of a search, and of the key of a page


@dataclass(frozen=True)
class Wanted:
    """Which people to show; an empty value does not limit."""

    text: str = ""  # part of a name or an address
    only: str = ""  # a name of ONLY
    after: str = ""  # the public id of the last one of the page before

    @property
    def limited(self) -> bool:
        return bool(self.text or self.only)

    @property
    def first(self) -> Wanted:
        """The first page of the same list."""
        return replace(self, after="")

    @property
    def address(self) -> dict[str, str]:
        """The query of this page."""
        values = {"text": self.text, "only": self.only, "after": self.after}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Found:
    """One page of people, how many fit in all, and the page after it if there is one."""

    people: Sequence[PersonRow]
    total: int
    more: Wanted | None


def _invited() -> ColumnElement[bool]:
    """Who has not accepted yet; a withdrawn invitation has made its account inactive."""
    waiting = exists().where(
        AccountInvitation.person_id == PersonRow.id, AccountInvitation.accepted_at.is_(None)
    )
    return and_(PersonRow.active, waiting)


ONLY: dict[str, ColumnElement[bool]] = {
    "active": and_(PersonRow.active, ~_invited()),
    "invited": _invited(),
    "inactive": ~PersonRow.active,
}


def wanted(args: Mapping[str, str]) -> Wanted:
    """What an address asks for; what it cannot mean is left out."""
    text, after = (args.get(name, "").strip().replace("\0", "")[:LONGEST] for name in ("text", "after"))
    only = args.get("only", "")
    return Wanted(text, only if only in ONLY else "", after)


def find(session: Session, wanted: Wanted) -> Found:
    """People by name, with what they act for: as many statements for many as for few."""
    conditions = [
        *([called(wanted.text)] if wanted.text else []),
        *([ONLY[wanted.only]] if wanted.only else []),
    ]
    total = session.scalar(select(func.count()).select_from(PersonRow).where(*conditions)) or 0
    query = select(PersonRow).where(*conditions, *_after(session, wanted.after))
    query = query.order_by(PersonRow.name, PersonRow.id).limit(PAGE + 1)
    whole = selectinload(PersonRow.centers), selectinload(PersonRow.scopes)
    rows = session.scalars(query.options(*whole)).all()
    people, rest = rows[:PAGE], rows[PAGE:]
    return Found(people, total, replace(wanted, after=people[-1].public_id) if rest else None)


def _after(session: Session, public_id: str) -> list[ColumnElement[bool]]:
    key = public_id and session.scalar(select(PersonRow).where(PersonRow.public_id == public_id))
    if not key:
        return []
    later = or_(PersonRow.name > key.name, PersonRow.id > key.id)
    return [and_(PersonRow.name >= key.name, later)]


def called(text: str) -> ColumnElement[bool]:
    """Whose name or address holds this, in whatever case; signs of a pattern stand for themselves."""
    return or_(*[column.icontains(text, autoescape=True) for column in (PersonRow.name, PersonRow.email)])
