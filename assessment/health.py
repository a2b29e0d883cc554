"""Whether the service can do its work, for whoever watches it. Strangers read this: it gives no reasons."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from assessment.monitoring.readiness import answers, why_not_ready
from assessment.web import database, public

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """200 when the database answers, 503 when not."""
    if not answers(database()):
        return jsonify(status="database does not answer"), 503
    return jsonify(status="ok"), 200


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """200 when requests may be sent here, 503 when not; why not stands in the log."""
    reason = why_not_ready(database())
    if reason:
        log.warning("Not ready. %s", reason)
        return jsonify(status="not ready", message="Tandem is not ready; try again in a moment."), 503
    return jsonify(status="ready"), 200
