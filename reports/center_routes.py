"""A center's page, its JSON and its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from assessment.access import Action
from assessment.api.endpoints import describes
from assessment.cycles.reading import note_center_view, note_export
from assessment.network.release import release_due
from assessment.web import asks, clock, database, library, settings, signed_in
from reports import api_shapes

if TYPE_CHECKING:
    from reports.center_gathering import GatheredCenter

blueprint = Blueprint("center_reports", __name__, template_folder="templates")


def _gathered(code: str) -> GatheredCenter:
    """The center's report for whoever asks; that answers of others were read is written down."""
    from reports.center_gathering import gather_center

    release_due(database(), clock())  # what a reviewer may read by name is fixed when a cycle closes
    with database().reading() as db:
        found = gather_center(db, library(), signed_in(), code, request.args.get("cycle"))
    shown = found.report.pairs.loc[found.report.pairs["joint"], "partner"].tolist()
    if shown:
        codes = found.center.code, found.cycle.code
        note_center_view(database(), signed_in(), *codes, shown, clock().now())
    return found


@blueprint.get("/reports/centers/<code>")
@asks(Action.READ_CENTER)
def page(code: str) -> str:
    """All pairs of one center: who is missing, whom to call first, what is common to them."""
    from reports.center_pages import center_page

    found = _gathered(code)
    fusion_center = found.center.kind == "fusion_center"

    def address(partner: str) -> str:
        first, second = (code, partner) if fusion_center else (partner, code)
        return url_for("reports.pair", fusion_center=first, eoc=second, cycle=found.cycle.code)

    return render_template("reports/center/page.html", **center_page(found, clock().today(), address))


@blueprint.get("/reports/centers/<code>/pairs.csv")
@asks(Action.READ_CENTER)
def pairs_csv(code: str) -> Response:
    """The table of pairs as a file."""
    from reports.center_exports import pairs_file

    found = _gathered(code)
    what = "center pairs exported", f"center {found.center.code}", f"cycle {found.cycle.code}"
    note_export(database(), signed_in(), what, [found.center.code], clock().now())
    name = f"{found.center.code}-{found.cycle.code}-pairs.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pairs_file(found, settings().marking), mimetype="text/csv", headers=headers)


@blueprint.get("/api/v1/reports/centers/<code>")
@asks(Action.READ_CENTER)
@describes(api_shapes.CENTER_REPORT)
def center_json(code: str) -> Response:
    """The same for programs."""
    return jsonify(_gathered(code).report.to_json())
