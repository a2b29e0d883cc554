"""What programs that watch may ask, at an address of its own that strangers do not reach (decision 28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.wrappers import Request, Response

from assessment.monitoring.queues import Queues
from assessment.monitoring.readiness import NO_DATABASE, answers, why_not_ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Watched:
    """Requests that came in at the port for watching are answered here, all others by the pages.

    Where a request came in says its socket. Nothing that a request holds, and no header of a proxy, counts.
    """

    def __init__(self, app: Flask, port: int) -> None:
        self.app, self.port = app, port
        self.pages: WSGIApplication = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _port_of(environ) != self.port:
            return self.pages(environ, start_response)
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        views = {"/metrics": self._metrics, "/healthz": self._healthz, "/readyz": self._readyz}
        view = views.get(request.path)
        if view is None or request.method not in ("GET", "HEAD"):
            return Response("There are /metrics, /healthz and /readyz here.\n", 404)
        return view()

    def _metrics(self) -> Response:
        parts = self.app.extensions
        queues = CollectorRegistry()
        queues.register(Queues(parts["tandem.database"], parts["tandem.clock"], parts["tandem.settings"]))
        text = generate_latest(parts["tandem.metrics"].registry()) + generate_latest(queues)
        return Response(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _healthz(self) -> Response:
        well = answers(self.app.extensions["tandem.database"])
        return Response("ok\n" if well else f"{NO_DATABASE}\n", 200 if well else 503)

    def _readyz(self) -> Response:
        reason = why_not_ready(self.app.extensions["tandem.database"])
        return Response(f"{reason or 'ready'}\n", 503 if reason else 200)


def _port_of(environ: WSGIEnvironment) -> int | None:
    """Of this machine's end of the connection; None for a file (unix:)."""
    name = environ["gunicorn.socket"].getsockname()
    return name[1] if isinstance(name, tuple) else None
