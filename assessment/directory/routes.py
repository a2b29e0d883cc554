"""The pages of the directory: centers and pairs, to see and to edit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice

from assessment.access import Action, may
from assessment.directory import listing, services, uploads
from assessment.directory.entries import CONFIDENCE
from assessment.directory.forms import CenterForm, EditCenterForm, PairForm
from assessment.directory.listing import Wanted
from assessment.directory.services import BadFields
from assessment.directory.states import NAMES, REGIONS
from assessment.models.directory import Center
from assessment.network.centers import facts_of, has_report
from assessment.surveys import results
from assessment.web import asks, clock, database, local_path, signed_in
from questionnaires.definition import Side

blueprint = Blueprint("directory", __name__)
blueprint.url_value_preprocessor(
    uploads.allow_files(Action.EDIT_DIRECTORY, "directory.upload_centers", "directory.upload_pairs")
)
LONGEST_SEARCH = 100


@blueprint.get("/centers")
@asks(Action.USE)
def centers() -> str:
    """Every center, by name."""
    wanted = _wanted()
    with database().reading() as db:
        found = listing.find_centers(db, wanted)
        return _list_page("directory/centers.html", wanted, found, counts=listing.kinds(db))


@blueprint.get("/pairs")
@asks(Action.USE)
def pairs() -> str:
    """Every pair, by its fusion center."""
    wanted = _wanted()
    with database().reading() as db:
        found = listing.find_pairs(db, wanted)
        return _list_page("directory/pairs.html", wanted, found, readable=_readable(found.rows))


def _list_page(template: str, wanted: Wanted, found: listing.Found, **more: Any) -> str:
    return render_template(
        template, wanted=wanted, found=found, states=NAMES, regions=REGIONS, may_edit=_may_edit(), **more
    )


def _wanted() -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    args = request.args
    return Wanted(
        text=args.get("text", "").strip().replace("\0", "")[:LONGEST_SEARCH],
        kind=_one_of(args.get("kind", ""), [side.value for side in Side]),
        state=_one_of(args.get("state", ""), NAMES),
        region=int(_one_of(args.get("region", ""), [str(region) for region in REGIONS]) or 0),
        only=_one_of(args.get("only", ""), ("active", "inactive")),
        page=_page_number(args.get("page", "1")),
    )


def _one_of(value: str, allowed: Any) -> str:
    return value if value in allowed else ""


def _page_number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _may_edit() -> bool:
    return may(signed_in(), Action.EDIT_DIRECTORY)


def _readable(lines: Any) -> set[tuple[str, str]]:
    """The pairs whose report page this person may open."""
    person = signed_in()
    return {
        (line.fusion_center.code, line.eoc.code)
        for line in lines
        if may(person, Action.READ_PAIR, line.facts)
    }


@blueprint.get("/centers/<code>")
@asks(Action.USE)
def center(code: str) -> str:
    """One center, its pairs, and the results of its surveys that this person may read."""
    with database().reading() as db:
        row = services.find_center(db, code)
        lines = listing.pairs_of(db, row)
        surveys = results.surveys_of(db, signed_in(), code, clock().today())
        return render_template(
            "directory/center.html",
            center=row,
            pairs=lines,
            readable=_readable(lines),
            survey_results=[survey for survey in surveys if survey.readable],
            has_report=has_report(db, signed_in(), row),
            states=NAMES,
            confidence=CONFIDENCE,
            may_edit=_may_edit(),
            may_read_trail=may(signed_in(), Action.READ_CENTER_TRAIL, facts_of(row)),
        )


@blueprint.route("/centers/new", methods=["GET", "POST"])
@asks(Action.EDIT_DIRECTORY)
def new_center() -> Any:
    """Add a center."""
    form = CenterForm()
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                code = services.add_center(db, form.cells(), clock().now(), signed_in().id).code
        except BadFields as bad:
            form.take(bad)
        else:
            flash(f"{code} is in the directory now. Add it to a pair so that a cycle asks it.", "success")
            return redirect(url_for(".center", code=code))
    return render_template("directory/center_form.html", form=form, center=None), _status()


@blueprint.route("/centers/<code>/edit", methods=["GET", "POST"])
@asks(Action.EDIT_DIRECTORY)
def edit_center(code: str) -> Any:
    """Change what is said of a center; its code stays."""
    form = EditCenterForm()
    with database().reading() as db:
        row = services.find_center(db, code)
    if request.method != "POST":
        _fill(form, row)
    if not row.confidence:
        del form.checked
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                args = (form.cells(), form.active.data, clock().now(), signed_in().id)
                switched_off = services.change_center(db, code, *args)
        except BadFields as bad:
            form.take(bad)
        else:
            flash(f"{code} is saved.{_switched_off(switched_off)}", "success")
            return redirect(url_for(".center", code=code))
    return render_template("directory/center_form.html", form=form, center=row), _status()


def _fill(form: EditCenterForm, row: Center) -> None:
    for field in (form.name, form.level, form.state, form.city, form.active):
        field.data = getattr(row, field.name)


def _switched_off(pairs: int) -> str:
    if not pairs:
        return ""
    words = "Its active pair is" if pairs == 1 else f"Its {pairs} active pairs are"
    return f" {words} not active any more. Cycles that have asked a pair go on."


def _status() -> int:
    return 200 if request.method != "POST" else 422


@blueprint.route("/pairs/add", methods=["GET", "POST"])
@asks(Action.EDIT_DIRECTORY)
def add_pair() -> Any:
    """Make a pair of two centers."""
    form = PairForm()
    with database().reading() as db:
        for field, side in ((form.fusion_center, Side.FUSION_CENTER), (form.eoc, Side.EOC)):
            known = [
                SelectChoice(code, f"{name} ({code})") for code, name in listing.active_centers(db, side)
            ]
            field.choices = [SelectChoice("", "Choose"), *known]
    if request.method != "POST":
        form.fusion_center.data, form.eoc.data = request.args.get("fusion_center"), request.args.get("eoc")
    if form.validate_on_submit():
        codes = form.fusion_center.data, form.eoc.data
        try:
            with database().writing() as db:
                services.add_pair(db, *codes, clock().now(), signed_in().id)
        except BadFields as bad:
            form.take(bad)
        else:
            flash(f"{codes[0]} with {codes[1]} is a pair now. The next cycle asks both sides.", "success")
            return redirect(url_for(".center", code=codes[0]))
    return render_template("directory/pair_form.html", form=form), _status()


@blueprint.post("/pairs/<fusion_center>/<eoc>/active")
@asks(Action.EDIT_DIRECTORY)
def switch_pair(fusion_center: str, eoc: str) -> Any:
    """Ask a pair in later cycles, or no longer."""
    if request.form.get("active") not in ("yes", "no"):
        abort(400, "The form did not say whether the pair shall be active.")
    active = request.form["active"] == "yes"
    try:
        with database().writing() as db:
            services.set_pair_active(db, fusion_center, eoc, active, clock().now(), signed_in().id)
    except BadFields as bad:
        flash(bad.message, "error")
    else:
        words = "active again; the next cycle asks it" if active else "not active; no new cycle asks it"
        flash(f"{fusion_center} with {eoc} is {words}.", "success")
    return redirect(local_path(request.form.get("next"), url_for(".pairs")))


@blueprint.route("/centers/import", methods=["GET", "POST"])
@asks(Action.EDIT_DIRECTORY)
def upload_centers() -> Any:
    """Centers from a file."""
    return uploads.take(uploads.CENTERS)


@blueprint.route("/pairs/import", methods=["GET", "POST"])
@asks(Action.EDIT_DIRECTORY)
def upload_pairs() -> Any:
    """Pairs from a file."""
    return uploads.take(uploads.PAIRS)
