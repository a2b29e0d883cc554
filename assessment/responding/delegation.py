"""Giving sections of a side's form to people of its center.

It says who is asked to fill in what, and takes nothing from the others: a form must get done when somebody
is called away. The other side never sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Action, Person, Role, may
from assessment.accounts import links
from assessment.errors import NotFound, Refused
from assessment.models.account_links import LetterKind
from assessment.models.delegations import Delegation
from assessment.models.directory import Center
from assessment.models.people import PersonCenter, PersonRow
from assessment.models.responses import Response
from assessment.responding.services import Moment
from assessment.responding.stored import FormFacts, load_form
from questionnaires.definition import Section
from questionnaires.library import Library

CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)


@dataclass(frozen=True)
class Colleague:
    """Somebody who may fill in the form of a center."""

    id: int
    public_id: str
    name: str
    email: str


def form_to_give(
    session: Session, library: Library, person: Person, public_id: str, moment: Moment, lock: bool = False
) -> FormFacts:
    """The form for whoever may give its sections to people; NotFound for everybody else."""
    form = load_form(session, library, person, public_id, moment.today, lock=lock)
    if not may(person, Action.DELEGATE, form.pair, form.side):
        raise NotFound
    return form


def sections_of(form: FormFacts) -> list[Section]:
    """The sections that ask this side something, whatever is answered."""
    return [
        section
        for section in form.questionnaire.sections
        if any(question.asked_of(form.side) for question in section.questions)
    ]


def colleagues(session: Session, center: Center) -> list[Colleague]:
    """Who acts for a center, by name."""
    rows = session.execute(
        select(PersonRow.id, PersonRow.public_id, PersonRow.name, PersonRow.email)
        .join(PersonCenter, PersonCenter.person_id == PersonRow.id)
        .where(PersonCenter.center_id == center.id, PersonRow.active, PersonRow.role.in_(CENTER_ROLES))
        .order_by(PersonRow.name, PersonRow.id)
    )
    return [Colleague(*row) for row in rows]


def given(session: Session, form: FormFacts) -> dict[str, Colleague]:
    """Section -> who was asked to fill it in, while they act for the center."""
    rows = session.execute(
        select(Delegation.section, PersonRow.id, PersonRow.public_id, PersonRow.name, PersonRow.email)
        .join(PersonRow, Delegation.person_id == PersonRow.id)
        .join(PersonCenter, PersonCenter.person_id == PersonRow.id)
        .where(
            Delegation.cycle_pair_id == form.response.cycle_pair_id,
            Delegation.side == form.side.value,
            PersonCenter.center_id == form.own_center.id,
            PersonRow.active,
        )
    )
    return {row.section: Colleague(row.id, row.public_id, row.name, row.email) for row in rows}


def give(
    session: Session,
    library: Library,
    person: Person,
    public_id: str,
    wanted: Mapping[str, str],
    moment: Moment,
) -> dict[str, list[str]]:
    """Give each section to the colleague of this public id, or to nobody ("").

    Returns who is asked anew for which sections: {public id: [section ids]}; Refused for a form that takes no
    answers, a section that it does not have, or somebody who does not act for the center.
    """
    form = form_to_give(session, library, person, public_id, moment, lock=True)
    if not form.answerable:
        raise Refused("This form takes no answers now, so nobody can be asked to fill it in.")
    people = {colleague.public_id: colleague for colleague in colleagues(session, form.own_center)}
    _refuse_unknown(form, wanted, people)
    now = given(session, form)
    before = {section: colleague.public_id for section, colleague in now.items()}
    asked: dict[str, list[str]] = {}
    for section, whom in wanted.items():
        if before.get(section, "") == whom:
            continue
        _put(session, form, section, people.get(whom), person, moment)
        if whom:
            asked.setdefault(whom, []).append(section)
    for whom in asked:
        if people[whom].id != person.id:
            links.queue(session, LetterKind.SECTIONS, moment.now, person_id=people[whom].id)
    return asked


def _refuse_unknown(form: FormFacts, wanted: Mapping[str, str], people: Collection[str]) -> None:
    if not set(wanted) <= {section.id for section in sections_of(form)}:
        raise Refused("The form has no such section.")
    if not set(wanted.values()) <= {"", *people}:
        raise Refused(f"Choose people who act for {form.own_center.name}.")


def _put(
    session: Session, form: FormFacts, section: str, whom: Colleague | None, by: Person, moment: Moment
) -> None:
    place = {"cycle_pair_id": form.response.cycle_pair_id, "side": form.side.value, "section": section}
    session.execute(delete(Delegation).filter_by(**place))
    if whom:
        session.add(Delegation(**place, person_id=whom.id, given_by_id=by.id, given_at=moment.now))
    detail = f"{section} to person {whom.id}" if whom else f"{section} to nobody in particular"
    subject, centers = f"response {form.response.public_id}", [form.own_center.id]
    audit.record(session, moment.now, by.id, "section given", subject, detail, centers)


def given_to(session: Session, person: Person, public_ids: Sequence[str]) -> dict[str, set[str]]:
    """Form -> the sections of it that this person was asked to fill in."""
    rows = session.execute(
        select(Response.public_id, Delegation.section)
        .join(
            Delegation,
            (Delegation.cycle_pair_id == Response.cycle_pair_id) & (Delegation.side == Response.side),
        )
        .where(Delegation.person_id == person.id, Response.public_id.in_(public_ids))
    )
    found: dict[str, set[str]] = {}
    for public_id, section in rows:
        found.setdefault(public_id, set()).add(section)
    return found
