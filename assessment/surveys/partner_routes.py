"""Step 4, and as long as the survey is open: the partners, and which of them it asks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessment.access import Action
from assessment.directory import uploads
from assessment.directory.services import BadFields, ImportResult
from assessment.errors import Refused
from assessment.surveys import partner_lists
from assessment.surveys import partners as services
from assessment.surveys.forms import PartnerForm
from assessment.surveys.partner_entries import LEVELS, SECTORS
from assessment.surveys.partner_lists import SHOWN, Wanted
from assessment.surveys.setup_routes import find, page
from assessment.web import asks, clock, database, signed_in

blueprint = Blueprint("survey_partners", __name__)
blueprint.url_value_preprocessor(uploads.allow_files(Action.RUN_SURVEYS, "survey_partners.upload"))
LONGEST_SEARCH = 100


@blueprint.get("/surveys/<public_id>/partners")
@asks(Action.RUN_SURVEYS)
def partners(public_id: str) -> str:
    """Everybody to whom the center sends its products, and whom the survey asks."""
    return _page(public_id, PartnerForm(formdata=None))


def _page(public_id: str, form: PartnerForm) -> str:
    wanted = _wanted()
    with database().reading() as db:
        survey = find(db, public_id)
        return page(
            db,
            survey,
            "partners",
            form=form,
            wanted=wanted,
            found=partner_lists.find_partners(db, survey, wanted),
            totals=partner_lists.totals(db, survey),
            managers=services.managers(db, survey),
            sectors=SECTORS,
            levels=LEVELS,
            partial=bool(request.headers.get("HX-Request")),
        )


def _wanted() -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    text, only, number = (request.args.get(name, "") for name in ("text", "only", "page"))
    return Wanted(
        text=text.strip().replace("\0", "")[:LONGEST_SEARCH],
        only=only if only in SHOWN else "",
        page=max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1,
    )


@blueprint.post("/surveys/<public_id>/partners")
@asks(Action.RUN_SURVEYS)
def add(public_id: str) -> Any:
    """One partner by hand."""
    form = PartnerForm()
    if form.validate():
        try:
            with database().writing() as db:
                services.add_partner(db, find(db, public_id), form.cells(), clock().now(), signed_in().id)
        except BadFields as bad:
            form.take(bad)
        else:
            flash(f"{form.email.data.strip().lower()} is asked.", "success")
            return redirect(url_for(".partners", public_id=public_id))
    return _page(public_id, form), 422


@blueprint.post("/surveys/<public_id>/partners/several")
@asks(Action.RUN_SURVEYS)
def add_several(public_id: str) -> Response:
    """The EOC managers of the center's pairs, or all partners of the center."""
    group = {"managers": services.add_managers, "everyone": services.ask_everyone}.get(
        request.form.get("group", "")
    )
    if group is None:
        abort(400, "The form did not say whom to ask.")
    try:
        with database().writing() as db:
            count = group(db, find(db, public_id), clock().now(), signed_in().id)
        flash(f"{count:,} {'partner is' if count == 1 else 'partners are'} asked now.", "success")
    except Refused as refused:
        flash(refused.message, "error")
    return redirect(url_for(".partners", public_id=public_id))


@blueprint.post("/surveys/<public_id>/partners/<partner>")
@asks(Action.RUN_SURVEYS)
def switch(public_id: str, partner: str) -> Response:
    """Ask a partner, or not this time, or never again."""
    wish = request.form.get("asked")
    if wish not in ("yes", "no", "never"):
        abort(400, "The form did not say whether the partner shall be asked.")
    try:
        with database().writing() as db:
            survey = find(db, public_id)
            args = (clock().now(), signed_in().id)
            row = services.set_asked(db, survey, partner, wish == "yes", *args) if wish != "never" else None
            row = row or services.leave_out(db, survey, partner, clock().today(), *args)
            said = {"yes": "is asked", "no": "is not asked this time", "never": "is never asked again"}
            flash(f"{row.email} {said[wish]}.", "success")
    except Refused as refused:
        flash(refused.message, "error")
    back: dict[str, Any] = {name: request.form.get(name) or None for name in ("text", "only", "page")}
    return redirect(url_for(".partners", public_id=public_id, **back))


@blueprint.route("/surveys/<public_id>/partners/import", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def upload(public_id: str) -> Any:
    """Partners from a file."""
    with database().reading() as db:
        find(db, public_id)

    def take_in(db: Session, content: bytes | str, *args: Any, **kwargs: Any) -> ImportResult:
        return services.import_partners(db, find(db, public_id), content, *args, **kwargs)

    where = ("survey_partners.partners", {"public_id": public_id})
    return uploads.take(uploads.Upload("partners", "surveys/columns_partners.html", take_in, *where))
