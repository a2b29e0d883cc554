"""One page of the application, served to a browser of our own on this machine, for one person.

The browser has no sign-in: whoever knows the address, which is random, gets this page as that person reads
it, and the static files that belong to it, until the block ends. There is no way from it to anything else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from assessment.access import Person
from assessment.assets import URL_PREFIX
from assessment.exports.making import Parameters
from assessment.web import ON_BEHALF_OF

HOST = "127.0.0.1"
OK = 200
MEANWHILE = "/meanwhile"  # what a browser waits for until it has been answered the page
LONGEST_WAIT = 60.0  # seconds
LINK = re.compile(rb'(<a\b[^>]*\bhref=")(?=/(?!/))')
NOT_PASSED_ON = ("HTTP_COOKIE", "HTTP_ACCEPT_ENCODING", ON_BEHALF_OF)
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, eq=False)
class OnePage:
    """The application as far as this page."""

    application: Application
    person: Person
    path: str
    query: str
    base_url: str  # where the links on the page lead, in place of here
    door: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(32)}")
    statuses: list[int] = field(default_factory=list)  # of the page, each time it was asked for
    _answered: Event = field(default_factory=Event)

    @property
    def was_shown(self) -> bool:
        return bool(self.statuses) and set(self.statuses) == {OK}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        reads = environ.get("REQUEST_METHOD") in ("GET", "HEAD")
        inside = {name: value for name, value in environ.items() if name not in NOT_PASSED_ON}
        if reads and asked.startswith(URL_PREFIX):
            return self.application(inside, start_response)
        if reads and secrets.compare_digest(asked.encode(), self.door.encode()):
            return self._page(inside)(environ, start_response)
        if reads and secrets.compare_digest(asked.encode(), (self.door + MEANWHILE).encode()):
            self._answered.wait(LONGEST_WAIT)
            return Response(status=204)(environ, start_response)
        return Response("Not here.", 404)(environ, start_response)

    def _page(self, environ: dict[str, Any]) -> Response:
        address = f"{self.path}?{self.query}"
        environ |= {"PATH_INFO": self.path, "QUERY_STRING": self.query, ON_BEHALF_OF: self.person}
        environ |= {"RAW_URI": address, "REQUEST_URI": address}
        found = Response.from_app(self.application, environ, buffered=True)
        self.statuses.append(found.status_code)
        base = self.base_url.rstrip("/").encode()
        self._answered.set()
        found.set_data(LINK.sub(lambda match: match[1] + base, found.get_data()))
        return found


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request: the address is a secret."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def served(page: OnePage) -> Iterator[str]:
    """The page's address while the block runs."""
    server = make_server(HOST, 0, page, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}{page.door}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def page_of(
    application: Application, person: Person, path: str, arguments: Parameters, base_url: str
) -> OnePage:
    """``arguments`` are those of the address."""
    return OnePage(application, person, path, urlencode(sorted(arguments.items())), base_url)
