"""The forms with which an administrator says who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from assessment.access import Role
from assessment.accounts.services import NewPerson
from assessment.directory.forms import KIND_WORDS
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.surveys.forms import CheckboxesField
from questionnaires.definition import Side


class PersonForm(FlaskForm):
    """Role and rights are read field by field, never poured into a row."""

    name = StringField("Name", [DataRequired("Enter a name."), Length(max=200)])
    role = SelectField(
        "Role",
        [InputRequired("Choose a role.")],
        choices=[
            SelectChoice("", "Choose"),  # nobody becomes an administrator because it stood there
            *[SelectChoice(role.value, role.value.capitalize()) for role in Role],
        ],
    )
    centers = CheckboxesField("Centers", description="For a director, a manager or staff.")
    regions = CheckboxesField(
        "FEMA regions",
        choices=[SelectChoice(str(n), f"Region {n}") for n in range(1, 11)],
        description="For a reviewer; without regions and states it is the nation.",
    )
    states = StringField("States", description="For a reviewer: two-letter codes with blanks between.")

    def fill(self, row: PersonRow) -> None:
        """What is kept of a person."""
        self.name.data, self.role.data = row.name, row.role
        self.centers.data = [center.code for center in row.centers]
        self.regions.data = [scope.value for scope in row.scopes if scope.kind == "region"]
        self.states.data = " ".join(scope.value for scope in row.scopes if scope.kind == "state")

    def said(self, email: str) -> NewPerson:
        """What the form says of whoever has this address."""
        return NewPerson(
            email=email,
            name=self.name.data or "",
            role=Role(self.role.data),
            centers=self.centers.data or [],
            regions=[int(region) for region in self.regions.data or []],
            states=(self.states.data or "").upper().split(),
        )


class NewPersonForm(PersonForm):
    email = EmailField("E-mail", [DataRequired("Enter an e-mail address."), Length(max=254)])


@dataclass(frozen=True)
class CenterGroup:
    """Centers of one kind in one FEMA region, as checkboxes under one heading."""

    title: str
    options: list[Any]

    @property
    def chosen(self) -> int:
        return sum(bool(option.checked) for option in self.options)


def offer_centers(form: PersonForm, session: Session) -> list[Center]:
    """Let every center be chosen; those centers, in the order in which they are shown."""
    order = Center.kind.desc(), Center.fema_region, Center.state, Center.name
    rows = list(session.scalars(select(Center).order_by(*order)))
    form.centers.choices = [SelectChoice(row.code, f"{row.name} ({row.code})") for row in rows]
    return rows


def groups_of(form: PersonForm, rows: Iterable[Center]) -> list[CenterGroup]:
    """The checkboxes of the form, by kind and region."""
    groups: dict[tuple[str, int], list[Any]] = {}
    for row, option in zip(rows, form.centers, strict=True):
        groups.setdefault((row.kind, row.fema_region), []).append(option)
    return [
        CenterGroup(f"{KIND_WORDS[Side(kind)]}s in Region {region}", options)
        for (kind, region), options in groups.items()
    ]
