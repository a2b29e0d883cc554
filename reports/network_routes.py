"""The network page and its JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from assessment.access import Action
from assessment.api.endpoints import describes
from assessment.cycles.reading import note_network_view
from assessment.errors import NotFound
from assessment.network import stored
from assessment.web import asks, clock, database, library, signed_in
from reports import api_shapes

if TYPE_CHECKING:
    from reports.network import Scope
    from reports.network_gathering import GatheredNetwork

blueprint = Blueprint("network_reports", __name__, template_folder="templates")


def asked_scope(region: str | None, state: str | None, level: str | None = None) -> Scope:
    """The scope that an address or a command names; NotFound where it can be none."""
    from reports.network import NATION, Scope

    if state:
        return Scope("state", state.upper())
    if region:
        if not region.isdecimal():
            raise NotFound
        return Scope("region", str(int(region)))
    return Scope("level", level) if level else Scope(NATION)


def _gathered() -> GatheredNetwork:
    from reports.network_gathering import gather_network

    scope = asked_scope(*(request.args.get(name) for name in ("region", "state", "level")))
    cycle = request.args.get("cycle")
    return gather_network(database(), clock(), library(), signed_in(), cycle, scope)


@blueprint.get("/reports/network")
@asks(Action.READ_NETWORK)
def page() -> str:
    """Where the network stands: how many have answered, and what was released of it."""
    from reports.network_pages import network_page
    from reports.network_reading import read_beside

    with database().reading() as db:
        cycles = stored.checklist_cycles(db)
    if not cycles and not request.args:
        return render_template("reports/network/none_yet.html")
    found = _gathered()
    beside = read_beside(database(), clock(), library(), signed_in(), found)
    if beside.opened:
        note_network_view(database(), signed_in(), found.cycle, clock().now())
    addresses = _scope_address(found.cycle.code), _pair_address(found.cycle.code)
    context = network_page(found, beside, signed_in(), cycles, *addresses)
    return render_template("reports/network/page.html", **context)


def _scope_address(cycle: str) -> Callable[[Scope], str | None]:
    def address(scope: Scope) -> str:
        place: dict[str, Any] = {scope.kind: scope.value} if scope.value else {}
        return url_for("network_reports.page", cycle=cycle, **place)

    return address


def _pair_address(cycle: str) -> Callable[[str, str], str]:
    def address(fusion_center: str, eoc: str) -> str:
        return url_for("reports.pair", fusion_center=fusion_center, eoc=eoc, cycle=cycle)

    return address


@blueprint.get("/reports/network/graph")
@asks(Action.READ_NETWORK)
def graph() -> str:
    """Who is linked with whom, and of the pairs that this reader may open how they stand."""
    from assessment.network.opened import states_of_fusion_centers
    from reports.network_graph_pages import Wanted, graph_page
    from reports.opened_pairs import pairs_open_to

    found = _gathered()
    with database().reading() as db:
        opened = pairs_open_to(db, library(), found.cycle, signed_in())
        homes = states_of_fusion_centers(db)
    if len(opened):
        note_network_view(database(), signed_in(), found.cycle, clock().now())
    page = graph_page(found, opened, homes, Wanted.of(request.args), _pair_address(found.cycle.code))
    return render_template("reports/network/graph.html", **page)


@blueprint.get("/api/v1/reports/network")
@asks(Action.READ_NETWORK)
@describes(api_shapes.NETWORK)
def network_json() -> Response:
    """The same for programs; see the contract's ``network`` object."""
    return jsonify(_gathered().report.to_json())
