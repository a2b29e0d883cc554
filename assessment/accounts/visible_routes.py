"""The page that answers "Why can't I see it?": the same whatever was asked for."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from assessment.access import Action, Role
from assessment.accounts.visible import visible_to
from assessment.models.account_links import AccountInvitation
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.web import asks, database, settings, signed_in

blueprint = Blueprint("visible", __name__)

MOST_NAMED = 5  # administrators


@blueprint.get("/account/visible")
@asks(Action.USE)
def why() -> str:
    """What I may see and do, what not and why, and who can change it."""
    person = signed_in()
    waiting = select(AccountInvitation.person_id).where(AccountInvitation.accepted_at.is_(None))
    asked = (
        select(PersonRow.name, PersonRow.email)
        .where(PersonRow.role == Role.ADMINISTRATOR.value, PersonRow.active, PersonRow.id.not_in(waiting))
        .order_by(PersonRow.name, PersonRow.id)
        .limit(MOST_NAMED)
    )
    if not settings().demo:
        asked = asked.where(PersonRow.demonstration.is_(False))
    names = select(Center.name, Center.code).where(Center.code.in_(person.centers)).order_by(Center.code)
    with database().reading() as db:
        centers = [f"{row.name} ({row.code})" for row in db.execute(names)]
        administrators = db.execute(asked).all()
    found = visible_to(person, centers)
    return render_template("accounts/visible.html", found=found, administrators=administrators)
