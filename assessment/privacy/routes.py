"""The privacy notice, one's own data as a file, and erasing a person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, stream_with_context, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired

from assessment import audit
from assessment.access import Action
from assessment.errors import AnswersRemoved, Refused
from assessment.privacy import erasure, notice
from assessment.privacy.own_data import own_data
from assessment.web import asks, clock, database, in_api, public, settings, signed_in

blueprint = Blueprint("privacy", __name__)


@blueprint.app_errorhandler(AnswersRemoved)
def removed(found: AnswersRemoved) -> Any:
    """In place of a page that would show single answers of a cycle past its period."""
    if not in_api():
        return render_template("privacy/removed.html", found=found, report=found.report)
    if found.report is not None:
        return jsonify(found.report)
    return jsonify(error=found.message), 410


class ErasureForm(FlaskForm):
    """There is no way back, so it is said twice."""

    sure = BooleanField(
        "I have read what goes and what stays. Erase this person.",
        [InputRequired("Tick the box to say that this person shall be erased.")],
    )


@blueprint.get("/privacy")
@public
def privacy() -> str:
    """What is kept of people, why, for how long, and what they can do about it."""
    own_words = settings().privacy_notice
    return render_template(
        "privacy/notice.html",
        blocks=notice.blocks(own_words) if own_words else None,
        years=settings().retention_years,
    )


@blueprint.get("/account/data")
@asks(Action.USE)
def data() -> str:
    """What is in the file of one's own data, before it is fetched."""
    return render_template("privacy/data.html")


@blueprint.get("/account/data.json")
@asks(Action.USE)
def data_file() -> Response:
    """What the tool holds of whoever asks."""
    person, now = signed_in(), clock().now()
    with database().writing() as db:
        audit.record(db, now, person.id, "own data fetched", f"person {person.id}")
    pieces = stream_with_context(own_data(database(), person.id, now))
    headers = {"Content-Disposition": f'attachment; filename="my-data-{clock().today()}.json"'}
    return Response(pieces, mimetype="application/json", headers=headers)


@blueprint.route("/people/<public_id>/erase", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def erase(public_id: str) -> Any:
    """What goes and what stays; then, where it is wanted, erase."""
    form, status = ErasureForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return _erased(public_id)
            except Refused as refused:
                form.form_errors = [refused.message]
    with database().reading() as db:
        found = erasure.footprint(db, public_id)
        obstacle = erasure.obstacle(db, found.row, signed_in().id)
        return render_template("privacy/erase.html", form=form, found=found, obstacle=obstacle), status


def _erased(public_id: str) -> Any:
    with database().writing() as db:
        erasure.erase(db, public_id, settings().secret_key, clock().now(), signed_in().id)
    flash("The person is erased. What their center has answered is as it was.", "success")
    return redirect(url_for("people.index"))
