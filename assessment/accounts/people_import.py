"""Several people from a file: all of them are invited, or nobody is. What a cell says stays text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import TABLE, Action, Role
from assessment.accounts import people, services
from assessment.accounts.services import NewPerson
from assessment.directory import csv_files
from assessment.directory.csv_files import Line, Problem, quoted
from assessment.directory.services import ImportResult
from assessment.directory.states import NAMES
from assessment.directory.states import REGIONS as FEMA_REGIONS
from assessment.directory.uploads import Upload
from assessment.errors import NotFound, Refused
from assessment.models.people import PersonRow
from assessment.surveys.messages import deliverable

REQUIRED = ("name", "email", "role")
OPTIONAL = ("centers", "regions", "states")
REGIONS = [str(region) for region in FEMA_REGIONS]
ROLES = ", ".join(role.value for role in Role)
MOST_PEOPLE = 1000


def import_people(
    session: Session, content: bytes | str, now: datetime, by: int | None = None, dry_run: bool = False
) -> ImportResult:
    """Invite the people of a file; BadLines with all its problems, and nothing is written.

    ``by`` none: the command line, or a dry run. Whoever else asks must have the right to manage people now.
    """
    if by is not None:
        _refuse_without_the_right(session, by)
    file = csv_files.read(content, REQUIRED, OPTIONAL)
    if len(file.lines) > MOST_PEOPLE:
        many = f"The file has more than {MOST_PEOPLE:,} people. Split it into several files."
        raise csv_files.bad_lines([Problem(0, "", many)])
    problems = [*file.problems, *_twice(file.lines)]
    for line in file.lines:
        problems += _faults(session, line)
    if problems:
        raise csv_files.bad_lines(problems)
    everybody = [_said(line) for line in file.lines]
    if not dry_run:
        for said in everybody:
            people.invite_person(session, said, now, by)
        audit.record(session, now, by, "people imported", "people", f"{len(everybody):,} invited")
    return ImportResult([_words(said) for said in everybody], [], 0)


def _refuse_without_the_right(session: Session, by: int) -> None:
    row = session.get(PersonRow, by)
    if row is None or not row.active or Role(row.role) not in TABLE[Action.MANAGE_PEOPLE]:
        raise NotFound


def _said(line: Line) -> NewPerson:
    """What a line says of a person; for a line that has no faults."""
    cells = line.cells
    return NewPerson(
        email=cells["email"],
        name=cells["name"],
        role=Role(cells["role"].lower()),
        centers=_several(line, "centers"),
        regions=[int(region) for region in _several(line, "regions")],
        states=[state.upper() for state in _several(line, "states")],
    )


def _several(line: Line, column: str) -> list[str]:
    """The values of a cell that holds several, with blanks or semicolons between them."""
    return line.cells.get(column, "").replace(";", " ").split()


def _twice(lines: list[Line]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for line in lines:
        email = line.cells["email"].lower()
        if email in first:
            yield Problem(line.number, "email", f"{quoted(email)} stands in line {first[email]} already.")
        first.setdefault(email, line.number)


def _faults(session: Session, line: Line) -> Iterator[Problem]:
    """What is wrong with a line by itself, by column."""
    cells, number = line.cells, line.number
    if not cells["name"] or len(cells["name"]) > 200 or not cells["name"].isprintable():
        yield Problem(number, "name", "write a name of 1 to 200 characters.")
    fault = _email_fault(session, cells["email"])
    if fault:
        yield Problem(number, "email", fault)
    if cells["role"].lower() not in set(Role):
        yield Problem(number, "role", f"{quoted(cells['role'])} is none of {ROLES}.")
        return
    wrong_places = [*_wrong(line, "regions", REGIONS), *_wrong(line, "states", NAMES)]
    yield from wrong_places
    if wrong_places:
        return
    said = _said(line)
    for column, check in (
        ("centers", lambda: services.fitting_centers(session, said)),
        ("regions", lambda: services.fitting_scopes(said)),
    ):
        try:
            check()
        except Refused as refused:
            yield Problem(number, column, refused.message)


def _email_fault(session: Session, email: str) -> str:
    try:
        deliverable(email)
        services.usable_email(session, email)
    except ValueError:
        return f"{quoted(email)} is not an e-mail address."
    except Refused as refused:
        return refused.message
    return ""


def _wrong(line: Line, column: str, known: Iterable[str]) -> Iterator[Problem]:
    for value in _several(line, column):
        if value.upper() not in known:
            yield Problem(line.number, column, f"{quoted(value)} is none of {', '.join(sorted(known))}.")


def _words(said: NewPerson) -> str:
    places = [*said.centers, *(f"Region {region}" for region in said.regions), *said.states]
    return f"{said.name}, {said.email}: {said.role.value}" + (f" for {', '.join(places)}" if places else "")


PEOPLE = Upload("people", "accounts/columns_people.html", import_people, "people.index")
