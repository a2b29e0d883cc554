"""The document says what the code does: every route, parameter and field, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from reports import api_shapes
from reports.maturity import PairStatus
from reports.network_values import GUIDANCE
from reports.scoring import ItemState
from tests.api.conftest import Program
from tests.api.demonstration import ROLES, demonstration, program
from tests.conftest import Network

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
METHODS = {"GET", "HEAD", "OPTIONS"}


def document(network: Network) -> dict[str, Any]:
    found: dict[str, Any] = network.browser("manager").get("/api/v1/openapi.json").get_json()
    return found


@SQLITE
def test_every_route_of_the_api_is_in_the_document(network: Network) -> None:
    paths = document(network)["paths"]
    found = {}
    for rule in network.app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            assert rule.methods is not None
            assert rule.methods <= METHODS, f"{rule.rule} takes more than GET"
            path = rule.rule.replace("<", "{").replace(">", "}")
            found[path] = dict.fromkeys(rule.arguments, "path")
    assert set(paths) == set(found), "describe the new route with assessment.api.endpoints.describes"
    for path, arguments in found.items():
        places = {one["name"]: one["in"] for one in paths[path]["get"]["parameters"]}
        assert {name: place for name, place in places.items() if place == "path"} == arguments, path


@SQLITE
def test_a_route_that_describes_nothing_is_not_served(network: Network) -> None:
    view = network.app.view_functions["api.centers"]
    described = view.endpoint  # type: ignore[attr-defined]
    try:
        del view.endpoint  # type: ignore[attr-defined]
        assert network.browser("admin").get("/api/v1/centers").status_code == 404
    finally:
        view.endpoint = described  # type: ignore[attr-defined]


@SQLITE
def test_it_is_openapi_3_1(network: Network) -> None:
    found = document(network)
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(found)] == []
    names = [operation["get"]["operationId"] for operation in found["paths"].values()]
    assert len(names) == len(set(names))
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for operation in found["paths"].values():
        assert operation["get"]["security"] if "security" in operation["get"] else found["security"]
        assert {"200", "400", "401", "403", "404", "429", "503"} <= set(operation["get"]["responses"])


@SQLITE
def test_nobody_who_is_not_signed_in_reads_it(network: Network) -> None:
    assert network.browser().get("/api/v1/openapi.json").status_code == 401


def test_words_that_are_written_out_are_those_of_the_code() -> None:
    assert set(api_shapes.STATUS["enum"]) == {str(status) for status in PairStatus}
    assert set(api_shapes.ITEM_STATE["enum"]) == {str(state) for state in ItemState}
    assert api_shapes.GUIDANCE == GUIDANCE


@SQLITE
def test_the_page_names_every_path(network: Network) -> None:
    page = network.browser("staff").get("/api").get_data(as_text=True)
    for path in document(network)["paths"]:
        assert path in page


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("api")
    file = folder / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with demonstration(folder, f"sqlite:///{file}", pairs=12, cycles=2, respondents=12) as app:
        yield app


class Reader:
    """Reads addresses and compares each answer with the document; keeps what does not fit."""

    def __init__(self, reader: Program) -> None:
        self.reader = reader
        self.document = reader.get("/api/v1/openapi.json").get_json()
        self.problems: list[str] = []
        self.read: dict[str, int] = {}

    def get(self, path: str, address: str) -> Any:
        answer = self.reader.get(address)
        responses = self.document["paths"][path]["get"]["responses"]
        if str(answer.status_code) not in responses:
            self.problems.append(f"{address}: {answer.status_code}")
            return None
        if answer.status_code == 200:
            self.read[path] = self.read.get(path, 0) + 1
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        whole = {**schema, "components": self.document["components"]}
        checker = Draft202012Validator(whole, format_checker=FormatChecker())
        for error in checker.iter_errors(answer.get_json()):
            self.problems.append(f"{address}: {list(error.absolute_path)} {error.message[:200]}")
        return answer.get_json() if answer.status_code == 200 else None


PAIR = "/api/v1/reports/pair/{fusion_center}/{eoc}"
SCOPES = ["", "&region=8", "&state=CO", "&level=county", "&state=ZZ", "&region=nine", "&region=99"]


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_has_exactly_the_fields_of_the_document(shown: Flask, role: str) -> None:
    reader = Reader(program(shown, role))
    lists = {}
    for name in ("centers", "pairs", "cycles", "surveys", "people"):
        lists[name] = reader.get(f"/api/v1/{name}", f"/api/v1/{name}")
    reports = [row["report"] for row in lists["pairs"]["pairs"] if row["report"]][:4]
    for cycle in [row["code"] for row in lists["cycles"]["cycles"]]:
        for report in [*reports, "/api/v1/reports/pair/FC-CO/EOC-CO"]:
            reader.get(PAIR, f"{report}?cycle={cycle}")
        for center in ("FC-CO", "EOC-CO"):
            reader.get("/api/v1/reports/centers/{code}", f"/api/v1/reports/centers/{center}?cycle={cycle}")
        products = "/api/v1/reports/products/"
        reader.get(products + "{fusion_center}", f"{products}FC-CO?cycle={cycle}")
        for scope in SCOPES:
            reader.get("/api/v1/reports/network", f"/api/v1/reports/network?cycle={cycle}{scope}")
    assert not reader.problems, "\n".join(reader.problems)
    read = set(reader.read)
    assert {"/api/v1/centers", "/api/v1/pairs", "/api/v1/cycles", "/api/v1/reports/network"} <= read
    if role in ("administrator", "director"):
        assert {PAIR, "/api/v1/reports/centers/{code}", "/api/v1/reports/products/{fusion_center}"} <= read


@SQLITE
def test_errors_are_json_whatever_goes_wrong(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = network.browser("manager")
    answers = {
        400: browser.get("/api/v1/centers?limit=0"),
        401: network.browser().get("/api/v1/centers"),
        404: browser.get("/api/v1/nothing/here"),
        405: browser.client.post("/api/v1/centers", base_url="http://localhost"),
    }
    large = {"data": "a=" + "x" * 70_000, "content_type": "application/x-www-form-urlencoded"}
    answers[413] = browser.get("/api/v1/centers", **large)
    monkeypatch.setitem(network.app.config, "TESTING", False)
    monkeypatch.setitem(network.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("assessment.api.lists.centers", lambda *args: 1 / 0)
    answers[500] = browser.get("/api/v1/centers")
    for code, answer in answers.items():
        assert answer.status_code == code
        assert answer.mimetype == "application/json"
        found = json.loads(answer.get_data())
        assert found["code"] == code
        assert found["error"].endswith((".", "..."))
        assert " page" not in found["error"]
    assert answers[405].headers["Allow"]
