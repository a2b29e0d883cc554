"""The network's tables as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from assessment import audit
from assessment.access import Action
from assessment.errors import NotFound
from assessment.web import asks, clock, database, library, settings, signed_in
from reports.network_routes import asked_scope
from reports.product_routes import FORMATS

if TYPE_CHECKING:
    from reports.network_gathering import GatheredNetwork

blueprint = Blueprint("network_exports", __name__, template_folder="templates")


def _gathered() -> GatheredNetwork:
    """The network as the page has it for whoever asks."""
    from reports.network_gathering import gather_network

    scope = asked_scope(*(request.args.get(name) for name in ("region", "state", "level")))
    return gather_network(database(), clock(), library(), signed_in(), request.args.get("cycle"), scope)


@blueprint.get("/reports/network/files/<kind>")
@asks(Action.READ_NETWORK)
def files(kind: str) -> Response:
    """Every table of the page in one format, with data dictionary and manifest."""
    from reports.network_exports import network_package, package_name

    if kind not in FORMATS:
        raise NotFound
    found = _gathered()
    methods = settings().base_url + url_for("reports.methods")
    content = network_package(found, kind, settings().marking, methods)
    with database().writing() as db:
        what = f"{found.report.scope.key}, {kind}"
        audit.record(
            db, clock().now(), signed_in().id, "network exported", f"cycle {found.report.cycle}", what
        )
    headers = {"Content-Disposition": f'attachment; filename="{package_name(found, kind)}"'}
    return Response(content, mimetype="application/zip", headers=headers)
