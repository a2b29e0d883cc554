"""The network's tables as files, and the files that take longer: asked for, watched, fetched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from assessment import audit
from assessment.access import Action
from assessment.errors import NotFound, Refused
from assessment.exports import chromium, jobs
from assessment.models.exports import Export, ExportState
from assessment.web import asks, clock, database, library, settings, signed_in
from reports.export_makers import METHODS, PACKAGE, PDF, SCOPE_NAMES, asked_parameters
from reports.network_routes import asked_scope
from reports.product_routes import FORMATS

if TYPE_CHECKING:
    from reports.network_gathering import GatheredNetwork

blueprint = Blueprint("network_exports", __name__, template_folder="templates")
REFRESHED_EVERY_SECONDS = 2
RIGHTS_CHANGED = "What you may read has changed since this file was made. Delete it and ask for it again."


@blueprint.app_template_global("pdf_is_possible")
def pdf_is_possible() -> bool:
    """Whether there is a Chromium on this machine."""
    return chromium.find_chromium() is not None


@blueprint.app_template_global("methods_address")
def methods_address() -> str:
    """Where every number is explained, as it stands on paper."""
    return settings().base_url + METHODS


def _gathered(wanted: Any) -> GatheredNetwork:
    """The network as the page has it for whoever asks."""
    from reports.network_gathering import gather_network

    scope = asked_scope(*(wanted.get(name) for name in SCOPE_NAMES))
    return gather_network(database(), clock(), library(), signed_in(), wanted.get("cycle"), scope)


def _note(what: str, subject: str, detail: str) -> None:
    with database().writing() as db:
        audit.record(db, clock().now(), signed_in().id, what, subject, detail)


@blueprint.get("/reports/network/files/<kind>")
@asks(Action.READ_NETWORK)
def files(kind: str) -> Response:
    """Every table of the page in one format, with data dictionary and manifest."""
    from reports.network_exports import network_package, package_name
    from reports.network_reading import read_beside

    if kind not in FORMATS:
        raise NotFound
    found = _gathered(request.args)
    beside = read_beside(database(), clock(), library(), signed_in(), found)
    content = network_package(found, beside, kind, settings().marking, methods_address())
    _note("network exported", f"cycle {found.report.cycle}", f"{found.report.scope.key}, {kind}")
    return Response(content, mimetype="application/zip", headers=_saved_as(package_name(found, kind)))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@blueprint.get("/reports/exports")
@asks(Action.READ_NETWORK)
def exports() -> str:
    """What this person has asked for; with scripts the list renews itself while something is made."""
    with database().reading() as db:
        rows = jobs.of_person(db, signed_in(), clock().now())
    page = "list" if request.headers.get("HX-Request") else "page"
    return render_template(
        f"reports/exports/{page}.html",
        exports=rows,
        under_way=any(row.state in jobs.UNDER_WAY for row in rows),
        refresh=REFRESHED_EVERY_SECONDS,
    )


@blueprint.post("/reports/exports")
@asks(Action.READ_NETWORK)
def ask() -> BaseResponse:
    """Have the network's page printed, or all scopes packed."""
    from reports.network_words import scope_name

    found = _gathered(request.form)
    kind, cycle = request.form.get("kind"), found.cycle
    if kind == PDF:
        if not pdf_is_possible():
            raise Refused(chromium.MISSING)
        title = f"{cycle.title}, {scope_name(found.report.scope)}: the page as PDF"
        parameters = asked_parameters(cycle.code, found.report.scope, {})
    elif kind == PACKAGE and request.form.get("format") in FORMATS:
        title = f"{cycle.title}: every part of the network that you may read ({request.form['format']})"
        parameters = asked_parameters(cycle.code, None, {"format": request.form["format"]})
    else:
        raise NotFound
    with database().writing() as db:
        jobs.ask(db, signed_in(), kind, parameters, title, clock().now())
    return redirect(url_for("network_exports.exports"))


@blueprint.get("/reports/exports/files/<public_id>")
@asks(Action.READ_NETWORK)
def fetch(public_id: str) -> Response:
    """One's own file, where one may still read what is in it."""
    with database().reading() as db:
        row = jobs.find(db, signed_in(), public_id, clock().now())
    if row.state != ExportState.DONE:
        raise NotFound
    _check_rights(row)
    _note("export fetched", f"export {row.public_id}", row.title)
    headers = {**_saved_as(row.file_name), "Content-Length": str(row.size)}
    return Response(jobs.content(database(), row.id), mimetype=row.media_type, headers=headers)


def _check_rights(row: Export) -> None:
    maker = current_app.extensions["tandem.makers"].get(row.kind)
    if maker is None or maker.rights(signed_in(), json.loads(row.parameters)) != row.rights:
        raise Refused(RIGHTS_CHANGED)


@blueprint.post("/reports/exports/files/<public_id>/delete")
@asks(Action.READ_NETWORK)
def delete(public_id: str) -> BaseResponse:
    """Delete one's own file, or stop its making."""
    with database().writing() as db:
        jobs.remove(db, signed_in(), public_id, clock().now())
    flash("Deleted.", "success")
    return redirect(url_for("network_exports.exports"))
