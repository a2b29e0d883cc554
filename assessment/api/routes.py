"""The lists as JSON, and the document of the whole API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template

from assessment.access import Action
from assessment.api import list_shapes as shapes
from assessment.api import lists
from assessment.api.document import ERRORS, api_document, described_routes, path_of
from assessment.api.endpoints import Endpoint, describes
from assessment.api.limits import TIMES_A_PERSON
from assessment.api.scopes import MEANING, Scope
from assessment.database import Session
from assessment.web import asks, clock, database, settings, signed_in

blueprint = Blueprint("api", __name__)


def _answer(name: str, read: Callable[[Session, dict[str, Any], int], lists.Page]) -> Response:
    asked = dict(g.api_query)
    limit = asked.pop("limit", shapes.USUAL)
    with database().reading() as db:
        page = read(db, asked, limit)
    return jsonify({name: page.rows, "next": page.next})


CENTERS = Endpoint(
    "centers",
    "Every center",
    Scope.LISTS,
    shapes.rows_of("centers", shapes.CENTER_ROW),
    (*shapes.PAGING, shapes.OF_KIND, shapes.IN_STATE, shapes.IN_REGION, shapes.ACTIVE),
)


@blueprint.get("/api/v1/centers")
@asks(Action.USE)
@describes(CENTERS)
def centers() -> Response:
    """Every center."""
    return _answer("centers", lists.centers)


PAIRS = Endpoint(
    "pairs",
    "Every pair, and where its report is",
    Scope.LISTS,
    shapes.rows_of("pairs", shapes.PAIR_ROW),
    (
        *shapes.PAGING,
        shapes.code_of("fusion_center", "Only of this fusion center."),
        shapes.code_of("eoc", "Only of this EOC."),
        shapes.IN_STATE,
        shapes.IN_REGION,
        shapes.ACTIVE,
    ),
)


@blueprint.get("/api/v1/pairs")
@asks(Action.USE)
@describes(PAIRS)
def pairs() -> Response:
    """Every pair."""
    return _answer("pairs", lambda db, asked, limit: lists.pairs(db, signed_in(), asked, limit))


CYCLES = Endpoint(
    "cycles",
    "Every cycle, its state and how many have answered",
    Scope.LISTS,
    shapes.rows_of("cycles", shapes.CYCLE_ROW),
    (*shapes.PAGING, shapes.OF_CYCLE_STATE, shapes.code_of("questionnaire", "Only of this questionnaire.")),
)


@blueprint.get("/api/v1/cycles")
@asks(Action.USE)
@describes(CYCLES)
def cycles() -> Response:
    """Every cycle."""
    return _answer("cycles", lambda db, asked, limit: lists.cycles(db, clock().today(), asked, limit))


SURVEYS = Endpoint(
    "surveys",
    "The product surveys that you may watch, and how far they are",
    Scope.SURVEYS,
    shapes.rows_of("surveys", shapes.SURVEY_ROW),
    (
        *shapes.PAGING,
        shapes.code_of("cycle", "Only of this cycle."),
        shapes.code_of("fusion_center", "Only of this fusion center."),
    ),
)


@blueprint.get("/api/v1/surveys")
@asks(Action.WATCH_SURVEYS)
@describes(SURVEYS)
def surveys() -> Response:
    """The surveys that one may watch."""
    today = clock().today()
    return _answer("surveys", lambda db, asked, limit: lists.surveys(db, signed_in(), today, asked, limit))


PEOPLE = Endpoint(
    "people",
    "Who has an account, and for what; for administrators",
    Scope.PEOPLE,
    shapes.rows_of("people", shapes.PERSON_ROW),
    (*shapes.PAGING, shapes.OF_ROLE, shapes.ACTIVE),
)


@blueprint.get("/api/v1/people")
@asks(Action.MANAGE_PEOPLE)
@describes(PEOPLE)
def people() -> Response:
    """Who has an account."""
    return _answer("people", lists.people)


@blueprint.get("/api")
@asks(Action.USE)
def page() -> str:
    """How to use all this, for people."""
    return render_template(
        "api/page.html",
        endpoints=[(path_of(rule), endpoint) for rule, endpoint in described_routes(current_app)],
        meaning=MEANING,
        errors=ERRORS,
        limit=settings().api_per_minute,
        times=TIMES_A_PERSON,
        base_url=settings().base_url,
    )


DOCUMENT = Endpoint("document", "This document", None, {"type": "object"})


@blueprint.get("/api/v1/openapi.json")
@asks(Action.USE)
@describes(DOCUMENT)
def document() -> Response:
    """The whole API, as OpenAPI 3.1."""
    return jsonify(api_document(current_app, settings()))
