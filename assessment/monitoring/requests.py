"""Every request has an id, is counted, and is one line of the log: by its route, never by its address.

An address may hold the secret of a link; a query string, what somebody looked for.
"""

from __future__ import annotations

import logging
import re
import time
from uuid import uuid4

from flask import Flask, Response, g, request

from assessment.monitoring.metrics import metrics

HEADER = "X-Request-ID"
ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNKNOWN = "none"  # the route of a request for a page that is not there
UNTOLD = ("health.healthz", "health.readyz")  # asked every few seconds

log = logging.getLogger("tandem.requests")


def watch_requests(app: Flask, proxies: int) -> None:
    """To be called before anything else looks at requests: what comes first is told of all."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = _id(trusted=proxies > 0)
        metrics().under_way.inc()

    @app.after_request
    def end(response: Response) -> Response:
        _tell(response)
        return response

    @app.teardown_request
    def over(_error: BaseException | None) -> None:
        if "began" in g:
            metrics().under_way.dec()


def _id(trusted: bool) -> str:
    """The one that our own proxy gave this request; a stranger's word is not taken."""
    given = request.headers.get(HEADER, "") if trusted else ""
    return given if ID.fullmatch(given) else uuid4().hex


def _tell(response: Response) -> None:
    if "began" not in g:  # the request could not even be read
        return
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else UNKNOWN
    method = request.method if request.method in METHODS else "other"
    response.headers[HEADER] = g.request_id
    metrics().requests.labels(route, method, response.status_code).inc()
    metrics().seconds.labels(route, method).observe(seconds)
    if request.endpoint in UNTOLD and response.status_code < 400:
        return
    said = {"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
    log.info("%(method)s %(route)s %(status)s %(ms)s ms", said, extra=said)
