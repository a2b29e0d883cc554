"""Where systemd listens for the server, people who ask while it restarts wait, and are answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.durability.serving_process import ALONE, HOST, PATIENCE, Server

WATCHED = "TANDEM_METRICS"


@pytest.fixture
def listening() -> Iterator[list[socket.socket]]:
    """For the pages, and for those who watch."""
    found = [socket.create_server((HOST, 0)) for _ in range(2)]
    yield found
    for one in found:
        one.close()


def port_of(one: socket.socket) -> int:
    return int(one.getsockname()[1])


def ask(port: int, path: str) -> int:
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def server_at(tmp_path: Path, sockets: list[socket.socket], watched: int) -> Server:
    url = f"sqlite:///{tmp_path / 'tandem.sqlite'}"
    settings = {WATCHED: f"{HOST}:{watched}", "PORT": "1"}  # nobody may listen at that one
    server = Server(tmp_path, url, port_of(sockets[0]), ALONE, **settings)
    server.sockets = sockets
    return server


def test_who_asks_while_the_server_restarts_is_answered(
    tmp_path: Path, listening: list[socket.socket]
) -> None:
    pages, watched = (port_of(one) for one in listening)
    server = server_at(tmp_path, listening, watched)
    try:
        server.start()
        assert [ask(pages, "/metrics"), ask(watched, "/metrics"), ask(watched, "/sign-in")] == [404, 200, 404]
        server.stop()
        replies: list[int] = []
        asking = [
            threading.Thread(target=lambda path=path: replies.append(ask(pages, path)), daemon=True)
            for path in ("/sign-in", "/healthz")
        ]
        for one in asking:
            one.start()
        server.start()
        for one in asking:
            one.join(PATIENCE)
        assert replies == [200, 200]
    finally:
        server.end_now()


def test_a_place_to_watch_at_that_is_not_handed_over_is_said(
    tmp_path: Path, listening: list[socket.socket]
) -> None:
    server = server_at(tmp_path, listening[:1], port_of(listening[1]))
    try:
        with pytest.raises(AssertionError, match=rf"ListenStream={HOST}:{port_of(listening[1])} "):
            server.start()
        assert "Traceback" not in server.logged()
    finally:
        server.end_now()
