"""The page on which a director or manager gives the sections of a form to people of the center."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from assessment.access import Action
from assessment.errors import Refused
from assessment.responding import delegation
from assessment.responding.delegation import Colleague
from assessment.responding.services import Moment
from assessment.responding.stored import FormFacts
from assessment.web import asks, clock, database, library, signed_in

blueprint = Blueprint("delegation", __name__)
FIELD, SHOWN = "section_", "shown_"


def _moment() -> Moment:
    return Moment(clock().now(), clock().today())


@blueprint.get("/responses/<public_id>/people")
@asks(Action.DELEGATE)
def people(public_id: str) -> str:
    """Who is asked to fill in which section."""
    return _page(public_id)


def _page(public_id: str, message: str = "") -> str:
    with database().reading() as db:
        form = delegation.form_to_give(db, library(), signed_in(), public_id, _moment())
        return render_template(
            "responding/people.html",
            form=FlaskForm(),
            facts=form,
            message=message,
            colleagues=delegation.colleagues(db, form.own_center),
            rows=_rows(db, form),
        )


def _rows(session: Session, form: FormFacts) -> list[dict[str, Any]]:
    """Each section with who has it, and whom the person chose where the page is shown again."""
    given = delegation.given(session, form)
    rows = []
    for section in delegation.sections_of(form):
        now = given[section.id].public_id if section.id in given else ""
        chosen = request.form.get(FIELD + section.id, now)
        rows.append({"id": section.id, "title": section.title, "now": now, "chosen": chosen})
    return rows


@blueprint.post("/responses/<public_id>/people")
@asks(Action.DELEGATE)
def give(public_id: str) -> Any:
    """Give sections to people; what was not changed on the page stays as somebody else may have set it."""
    wanted = {
        name.removeprefix(FIELD): value
        for name, value in request.form.items()
        if name.startswith(FIELD) and value != request.form.get(SHOWN + name.removeprefix(FIELD), "")
    }
    try:
        with database().writing() as db:
            asked = delegation.give(db, library(), signed_in(), public_id, wanted, _moment())
            names = _asked(db, public_id, asked)
    except Refused as refused:
        return _page(public_id, refused.message), 409
    flash(_said(names) if wanted else "Nothing was changed.", "success")
    return redirect(url_for("responding.review", public_id=public_id))


def _asked(session: Session, public_id: str, asked: dict[str, list[str]]) -> list[Colleague]:
    form = delegation.form_to_give(session, library(), signed_in(), public_id, _moment())
    return [person for person in delegation.colleagues(session, form.own_center) if person.public_id in asked]


def _said(people: list[Colleague]) -> str:
    if not people:
        return "Saved."
    names = [person.name for person in people]
    joined = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    return f"Saved. {joined} will find it under Your work."
