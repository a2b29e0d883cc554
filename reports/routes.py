"""The report pages and their JSON. Pandas and Plotly load with the first report, not at the start."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from assessment.access import Action, Role, may
from assessment.api.endpoints import describes
from assessment.cycles.reading import note_export, note_pair_view
from assessment.errors import NotFound
from assessment.network import sharing
from assessment.network.centers import facts_of
from assessment.network.release import release_due
from assessment.web import asks, clock, database, library, settings, signed_in
from questionnaires.definition import Side
from reports import api_shapes

blueprint = Blueprint("reports", __name__, template_folder="templates")


def _gathered(fusion_center: str, eoc: str) -> Any:
    """The pair's report for whoever asks; that it was read is written down."""
    from reports.gathering import gather_pair

    release_due(database(), clock())  # what a reviewer may read by name is fixed when a cycle closes
    with database().reading() as db:
        found = gather_pair(db, library(), signed_in(), fusion_center, eoc, request.args.get("cycle"))
    note_pair_view(database(), signed_in(), found.place, clock().now())
    return found


@blueprint.get("/reports/pairs/<fusion_center>/<eoc>")
@asks(Action.READ_PAIR)
def pair(fusion_center: str, eoc: str) -> str:
    """What the two sides, or one alone, read about their relationship."""
    from reports.gathering import openable_cycles
    from reports.pages import pair_page

    found = _gathered(fusion_center, eoc)
    with database().reading() as db:
        cycles = openable_cycles(db, signed_in(), fusion_center, eoc)
        inside = signed_in().role is not Role.REVIEWER
        shares = sharing.sharing_of(db, signed_in(), fusion_center, eoc) if inside else None
    page = pair_page(found, library(), signed_in(), today=clock().today(), cycles=cycles)
    both = (found.place.fusion_center, found.place.eoc)
    readable = [center for center in both if may(signed_in(), Action.READ_CENTER, facts_of(center))]
    return render_template("reports/pair.html", **page, sharing=shares, readable_centers=readable)


@blueprint.post("/reports/pairs/<fusion_center>/<eoc>/sharing")
@asks(Action.SHARE_PAIR)
def share(fusion_center: str, eoc: str) -> BaseResponse:
    """A center lets reviewers read the pair by name, or no longer."""
    release_due(database(), clock())  # it holds for cycles that close after it
    shared = request.form.get("shared") == "yes"
    with database().writing() as db:
        sharing.set_shared(db, signed_in(), fusion_center, eoc, shared, clock().now())
    flash("Your center shares this pair." if shared else "Your center no longer shares this pair.", "success")
    cycle = request.args.get("cycle")
    address = url_for("reports.pair", fusion_center=fusion_center, eoc=eoc, cycle=cycle)
    return redirect(f"{address}#sharing")


@blueprint.get("/reports/pairs/<fusion_center>/<eoc>/items.csv")
@asks(Action.READ_PAIR)
def pair_items(fusion_center: str, eoc: str) -> Response:
    """The item table as a file."""
    from reports.exports import items_csv

    found = _gathered(fusion_center, eoc)
    if not found.place.readable:
        raise NotFound
    what = "pair items exported", f"cycle pair {found.place.cycle_pair_id}", ""
    owners = {Side.FUSION_CENTER: fusion_center, Side.EOC: eoc}
    shown = [owners[side] for side in found.place.readable]  # before the reveal nobody else reads of it
    note_export(database(), signed_in(), what, shown, clock().now())
    name = f"{fusion_center}-{eoc}-{found.report.cycle}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(items_csv(found.report, settings().marking), mimetype="text/csv", headers=headers)


@blueprint.get("/api/v1/reports/pair/<fusion_center>/<eoc>")
@asks(Action.READ_PAIR)
@describes(api_shapes.PAIR)
def pair_json(fusion_center: str, eoc: str) -> Response:
    """The same report for programs; see the contract's ``pair`` object."""
    return jsonify(_gathered(fusion_center, eoc).report.to_json())


@blueprint.get("/methods")
@asks(Action.USE)
def methods() -> str:
    """Every score explained, with formula and source."""
    questionnaires = [questionnaire for questionnaire in library().all() if questionnaire.scoring]
    return render_template("reports/methods.html", questionnaires=questionnaires)


@blueprint.get("/glossary")
@asks(Action.USE)
def glossary() -> str:
    """The words of the field and of this tool."""
    from reports.glossary import TERMS

    return render_template("reports/glossary.html", terms=TERMS)
