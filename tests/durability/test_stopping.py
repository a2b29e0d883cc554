"""A server that is told to stop finishes the save in hand; processes make way for others and lose nothing."""

from __future__ import annotations

import http.client
import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from tests.durability.crowd import Crowd
from tests.durability.mail_process import wait_until
from tests.durability.serving_process import HOST, STOPPING, Reply, free_port, serving

ALONE = "--without-worker"
SAVES = 15
COUNT = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


def metrics(port: int) -> dict[str, float]:
    with urlopen(f"http://{HOST}:{port}/metrics", timeout=10) as answer:
        return {name: float(value) for name, value in COUNT.findall(answer.read().decode())}


def test_a_save_under_way_is_finished_before_the_server_stops(
    make_crowd: Callable[[int], Crowd], database_url: str, tmp_path: Path
) -> None:
    crowd, watched = make_crowd(1), free_port()
    form = crowd.forms[0]
    slug, question = crowd.questions[form.side][0]
    replies: list[Reply] = []
    with serving(tmp_path, database_url, ALONE, TANDEM_METRICS=f"{HOST}:{watched}") as server:
        visitor = crowd.visitor(server.port, form)
        fields = visitor.open(slug)
        save = threading.Thread(
            target=lambda: replies.append(visitor.save(slug, fields, question, "3", "said in time")),
            daemon=True,
        )
        with crowd.database.writing() as session:  # in its way
            lock = "UPDATE responses SET status = status WHERE public_id = :id"
            session.execute(text(lock), {"id": form.response_id})
            save.start()
            wait_until(lambda: metrics(watched)["tandem_requests_under_way"] == 1, "the save did not begin")
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: '"Handling signal: term"' in server.logged(), "the server is not told to stop")
            assert server.process.poll() is None
            assert replies == []
        save.join(STOPPING)
        assert server.process.wait(STOPPING) == 0
    assert replies[0].status == 200
    assert replies[0].json["items"][question]["state"] == "saved"
    assert crowd.stored(form)[question].text == "said in time"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_processes_that_make_way_lose_no_request_and_no_count(
    make_crowd: Callable[[int], Crowd], database_url: str, tmp_path: Path
) -> None:
    """Each process ends after some five requests; what all of them counted is still there."""
    crowd, watched = make_crowd(1), free_port()
    form = crowd.forms[0]
    slug, question = crowd.questions[form.side][0]
    few = {"TANDEM_METRICS": f"{HOST}:{watched}", "TANDEM_REQUESTS_PER_PROCESS": "5", "TANDEM_PROXIES": "1"}
    with serving(tmp_path, database_url, ALONE, **few) as server:
        visitor = crowd.visitor(server.port, form)
        fields = visitor.open(slug)
        for number in range(SAVES):
            reply = visitor.save(slug, fields, question, str(number % 5), f"note {number}")
            assert reply.status == 200
        counted = metrics(watched)
        processes = {line["process"] for line in requests_in(server.logged())}
        metrics_are_not_served_where_the_pages_are(server.port, watched)
    assert len(processes) >= 3
    assert counted['tandem_saves_total{outcome="saved",questionnaire="checklist"}'] == SAVES
    assert counted["tandem_requests_under_way"] == 0
    assert crowd.stored(form)[question].text == f"note {SAVES - 1}"


def requests_in(log: str) -> list[dict]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == "tandem.requests"]


def metrics_are_not_served_where_the_pages_are(port: int, watched: int) -> None:
    """Whatever a stranger says of the host, and of the port that a proxy was asked at."""
    for headers in (
        {},
        {"Host": f"{HOST}:{watched}"},
        {"X-Forwarded-Host": f"{HOST}:{watched}", "X-Forwarded-Port": str(watched)},
    ):
        assert ask(port, "/metrics", headers) == 404
    assert ask(watched, "/metrics", {"Host": "10.1.2.3"}) == 200
    assert ask(watched, "/readyz", {"Host": "10.1.2.3"}) == 200
    assert ask(watched, "/sign-in", {}) == 404


def ask(port: int, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
