"""Each request has an id, is counted under its route, and is one line of the log that holds no answer."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from assessment.monitoring.logs import without_words, write_logs
from assessment.responding import services
from tests.answering_client import Sheet
from tests.conftest import Network

WORDS = "words that nobody may read in a log"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it does not matter


@pytest.fixture(params=["json", "plain"])
def logged(request: pytest.FixtureRequest, app: Flask) -> Iterator[io.StringIO]:
    """What a process of the server would write."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    write_logs(app, request.param)
    stream = io.StringIO()
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def value(app: Flask, name: str, **labels: str) -> float:
    return app.extensions["tandem.metrics"].registry().get_sample_value(name, labels) or 0.0


@pytest.fixture
def sheet(network: Network) -> Sheet:
    network.open()
    return Sheet(network, "manager", "eoc")


@on_sqlite
def test_a_failing_save_is_logged_with_its_place_and_without_what_was_typed(
    sheet: Sheet, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet.browser.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    fields = sheet.open("GOV")

    def fail(*arguments: Any) -> None:
        touched = arguments[4]
        try:
            int(touched[0].text)
        except ValueError as error:
            raise KeyError(touched[0].text) from error

    monkeypatch.setattr(services, "save_answers", fail)
    reply = sheet.save(fields, "GOV-01", "3", WORDS)
    assert reply.status_code == 500
    written = logged.getvalue()
    assert "in fail" in written
    assert "builtins.ValueError" in written
    assert "builtins.KeyError" in written
    assert WORDS not in written
    assert reply.headers["X-Request-ID"] in written


@on_sqlite
def test_a_line_names_the_route_and_never_the_address(network: Network, logged: io.StringIO) -> None:
    browser = network.browser()
    browser.get("/s/a-secret-of-a-link?who=somebody")
    browser.get("/nowhere/a-secret-of-a-link?who=somebody")
    browser.get("/sign-in?next=/somewhere")
    for hidden in ("a-secret-of-a-link", "somebody", "nowhere", "somewhere", "127.0.0.1"):
        assert hidden not in logged.getvalue()
    assert "/sign-in" in logged.getvalue()


@on_sqlite
@pytest.mark.parametrize("logged", ["json"], indirect=True)
def test_a_line_is_one_json_object(network: Network, logged: io.StringIO) -> None:
    reply = network.browser().get("/sign-in", headers={"X-Request-ID": "given-by-a-stranger"})
    (line,) = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {name: line[name] for name in ("level", "logger", "method", "route", "status")} == {
        "level": "INFO",
        "logger": "tandem.requests",
        "method": "GET",
        "route": "/sign-in",
        "status": 200,
    }
    assert line["request_id"] == reply.headers["X-Request-ID"] != "given-by-a-stranger"
    assert line["ms"] > 0


@on_sqlite
@pytest.mark.parametrize(
    ("given", "taken"),
    [("0af7651916cd43dd", True), ("short", False), ("two lines\tor so", False), ("x" * 65, False)],
)
def test_an_id_is_taken_from_our_own_proxy_where_it_is_one(
    make_app: Callable[..., Flask], given: str, taken: bool
) -> None:
    client = make_app(proxies=1).test_client()
    ids = {client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] for _ in range(2)}
    assert (ids == {given}) is taken
    assert len(ids) == (1 if taken else 2)


@on_sqlite
def test_who_meets_a_fault_of_ours_is_shown_the_id_under_which_the_log_tells_of_it(
    network: Network, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    """No other error page has it: there is nothing in the log to look for."""
    app, browser = network.app, network.browser("manager")
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    for called in ("assessment.directory.listing.find_centers", "assessment.api.lists.centers"):
        monkeypatch.setattr(called, lambda *_args: 1 / 0)
    page, answer = browser.get("/centers"), browser.get("/api/v1/centers")
    assert (page.status_code, answer.status_code) == (500, 500)
    assert f"<code>{page.headers['X-Request-ID']}</code>" in page.text
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    faults = [line for line in logged.getvalue().split("ZeroDivisionError") if "Exception on" in line]
    assert len(faults) == 2
    assert page.headers["X-Request-ID"] in faults[0]
    assert answer.headers["X-Request-ID"] in faults[1]
    missing = browser.get("/nowhere")
    assert missing.headers["X-Request-ID"] not in missing.text
    assert "request_id" not in browser.get("/api/v1/nowhere").json


def test_saves_conflicts_and_submissions_are_counted(network: Network, sheet: Sheet) -> None:
    def saves(outcome: str) -> float:
        return value(network.app, "tandem_saves_total", questionnaire="checklist", outcome=outcome)

    other = Sheet(network, "staff", "eoc")
    first, second = sheet.open("GOV"), other.open("GOV")
    sheet.save(first, "GOV-01", "1")
    sheet.save(first, "GOV-02", "NA", "does not apply")
    other.save(second, "GOV-01", "4")
    sheet.save(first, "GOV-03", "not an answer")
    assert [saves(outcome) for outcome in ("saved", "conflict", "refused")] == [2, 1, 1]
    route = "/responses/<public_id>/<slug>"
    assert value(network.app, "tandem_requests_total", route=route, method="POST", status="200") == 2
    assert value(network.app, "tandem_requests_total", route=route, method="POST", status="409") == 1
    assert value(network.app, "tandem_request_seconds_count", route=route, method="POST") == 4
    assert value(network.app, "tandem_requests_under_way") == 0


@on_sqlite
def test_what_strangers_make_up_does_not_make_up_labels(app: Flask) -> None:
    client = app.test_client()
    for number in range(5):
        client.open(f"/made-up-{number}", method=f"MADE{number}")
    names = {
        (sample.labels["route"], sample.labels["method"])
        for metric in app.extensions["tandem.metrics"].registry().collect()
        for sample in metric.samples
        if sample.name == "tandem_requests_total"
    }
    assert names == {("none", "other")}


def test_what_led_to_an_error_is_told_without_words() -> None:
    try:
        try:
            raise ValueError(WORDS)
        finally:
            {}[WORDS]
    except KeyError as error:
        told = without_words(error)
    assert told.index("builtins.ValueError") < told.index("which led to") < told.index("builtins.KeyError")
    assert WORDS not in told
