"""The people of the demonstration: the accounts that the sign-in page names, and colleagues elsewhere.

All have one password and may sign in only where TANDEM_DEMO is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Role
from assessment.accounts import passwords
from assessment.accounts.services import NewPerson, fitting_centers
from assessment.errors import Refused
from assessment.models.people import PersonRow, PersonScope

PASSWORD = "tandem-demonstration"  # noqa: S105  it stands on the sign-in page
NAMED = (
    NewPerson("admin@demo.example", "Avery Stone", Role.ADMINISTRATOR),
    NewPerson("director@demo.example", "Jordan Ellis", Role.DIRECTOR, ["FC-CO"]),
    NewPerson("manager@demo.example", "Casey Morgan", Role.MANAGER, ["EOC-CO"]),
    NewPerson("staff@demo.example", "Riley Chen", Role.STAFF, ["EOC-CO"]),
    NewPerson("reviewer@demo.example", "Sam Porter", Role.REVIEWER),
    NewPerson("reviewer8@demo.example", "Taylor Brooks", Role.REVIEWER, regions=[8]),
)
COLLEAGUES = (
    NewPerson("morgan.hale@demo.example", "Morgan Hale", Role.DIRECTOR, ["FC-WY"]),
    NewPerson("priya.nair@demo.example", "Priya Nair", Role.STAFF, ["FC-WY"]),
    NewPerson("lee.sandoval@demo.example", "Lee Sandoval", Role.MANAGER, ["EOC-WY"]),
    NewPerson("dana.whitaker@demo.example", "Dana Whitaker", Role.STAFF, ["EOC-WY"]),
    NewPerson("robin.castle@demo.example", "Robin Castle", Role.DIRECTOR, ["FC-UT"]),
    NewPerson("jesse.lund@demo.example", "Jesse Lund", Role.MANAGER, ["EOC-UT"]),
    NewPerson("toni.marsh@demo.example", "Toni Marsh", Role.DIRECTOR, ["FC-KS"]),
    NewPerson("kai.brandt@demo.example", "Kai Brandt", Role.MANAGER, ["EOC-KS"]),
    NewPerson("noel.vega@demo.example", "Noel Vega", Role.DIRECTOR, ["FC-CA"]),
    NewPerson("ida.frost@demo.example", "Ida Frost", Role.MANAGER, ["EOC-CA"]),
    NewPerson("remy.okafor@demo.example", "Remy Okafor", Role.DIRECTOR, ["FC-TX"]),
    NewPerson("mel.haines@demo.example", "Mel Haines", Role.MANAGER, ["EOC-TX"]),
    NewPerson("cam.duarte@demo.example", "Cam Duarte", Role.STAFF, ["EOC-TX"]),
)
TITLES = {Role.DIRECTOR: "Director", Role.MANAGER: "Emergency manager"}


@dataclass(frozen=True)
class Team:
    """Who works on the forms of one center, whoever may submit first."""

    ids: tuple[int, ...]
    name: str
    title: str


def add_people(session: Session, now: datetime) -> None:
    """Add everybody; Refused where an address is taken by somebody real."""
    people = [*NAMED, *COLLEAGUES]
    taken = session.scalar(select(PersonRow.email).where(PersonRow.email.in_([p.email for p in people])))
    if taken:
        raise Refused(f"{taken} already has an account, and the demonstration needs this address.")
    password_hash = passwords.hash_password(PASSWORD)  # once for all: it is meant to be slow
    rows = [_row(session, person, password_hash, now) for person in people]
    session.add_all(rows)
    session.flush()
    for row in rows:
        audit.record(session, now, None, "person added", f"person {row.id}", f"{row.role}, demonstration")


def _row(session: Session, new: NewPerson, password_hash: str, now: datetime) -> PersonRow:
    return PersonRow(
        email=new.email,
        name=new.name,
        role=new.role.value,
        password_hash=password_hash,
        created_at=now,
        demonstration=True,
        centers=fitting_centers(session, new),
        scopes=[PersonScope(kind="region", value=str(region)) for region in new.regions],
    )


def teams(session: Session) -> dict[str, Team]:
    """Center code -> its people, whoever may submit first."""
    rows = session.scalars(select(PersonRow).where(PersonRow.demonstration).order_by(PersonRow.id)).all()
    members: dict[str, list[PersonRow]] = {}
    for row in sorted(rows, key=lambda row: row.role == Role.STAFF):
        for center in row.centers:
            members.setdefault(center.code, []).append(row)
    return {
        code: Team(tuple(row.id for row in group), group[0].name, TITLES.get(Role(group[0].role), "Staff"))
        for code, group in members.items()
    }
