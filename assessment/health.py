"""Whether the service can do its work, for whoever watches it."""

from __future__ import annotations

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from assessment.web import database, public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """200 when the database answers, 503 when not."""
    try:
        with database().reading() as db:
            db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="database does not answer"), 503
    return jsonify(status="ok"), 200
