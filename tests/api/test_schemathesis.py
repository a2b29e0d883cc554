"""schemathesis reads the document and asks everything that it allows, and what it does not, by role."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from assessment.api import guarding, lists, tokens
from tests.api.demonstration import ROLES, demonstration, program, secret_of
from tests.demonstration_forms import CLOCK

# Checks that are off, and why. All others are on.
EXCEPTIONS: dict[str, str] = {}


@pytest.fixture(autouse=True)
def probes_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """schemathesis 4.32 hands settings of sockets to the probes for ignored tokens, which have none here."""
    send = WSGITransport.send

    def without_sockets(self: WSGITransport, case: Any, **kwargs: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            kwargs.pop(name, None)
        return send(self, case, **kwargs)

    monkeypatch.setattr(WSGITransport, "send", without_sockets)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("api")
    file = folder / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    with demonstration(folder, f"sqlite:///{file}", pairs=8, cycles=2, respondents=12) as app:
        yield app


# Of the application's code, among which schemathesis draws: read once for all.
LITERALS: dict[Flask, Any] = {}
PHASES = ("examples", "coverage", "fuzzing", "stateful")


def configuration(examples: int, phases: Collection[str], seconds: int | None = None) -> SchemathesisConfig:
    wanted: dict[str, Any] = {
        "seed": 5,
        "generation": {"max-examples": examples, "database": "none"},
        "checks": {name: {"enabled": False} for name in EXCEPTIONS},
        "phases": {name: {"enabled": name in phases} for name in PHASES},
    }
    return SchemathesisConfig.from_dict(wanted | ({"max-time": seconds} if seconds else {}))


def problems_of(app: Flask, role: str, config: SchemathesisConfig) -> tuple[list[str], int]:
    """What schemathesis does not like, and how many requests it made."""
    headers = {"Authorization": f"Bearer {secret_of(app, role)}", "Accept-Encoding": "identity"}
    config.projects.default.update(headers=headers)
    schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config, headers=headers)
    schema._constants_pool_cache = LITERALS.get(app)
    found: dict[str, str] = {}
    asked = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found[f"error {event}"] = str(getattr(event, "value", None) or getattr(event, "exception", ""))
        if not isinstance(event, events.ScenarioFinished):
            continue
        asked += len(event.recorder.cases)
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    case = event.recorder.cases[case_id].value
                    failure = check.failure_info.failure
                    line = f"{case.method} {case.formatted_path} {case.query} {check.name}: {failure.message}"
                    found.setdefault(f"{event.label} {check.name} {failure.title}", line)
    LITERALS[app] = schema._constants_pool_cache
    return list(found.values()), asked


def test_the_api_does_what_its_document_says(shown: Flask) -> None:
    """Every value that the document allows and what lies just outside, by somebody who finds most things."""
    problems, asked = problems_of(
        shown, "administrator", configuration(3, ["examples", "coverage", "fuzzing"])
    )
    assert not problems, "\n\n".join(problems)
    assert asked > 500


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_it_does_so_for_every_role(shown: Flask, role: str) -> None:
    problems, asked = problems_of(shown, role, configuration(2, ["examples", "fuzzing"]))
    assert not problems, "\n\n".join(problems)
    assert asked > 20


def test_a_field_that_the_document_does_not_name_is_seen(
    shown: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_short", lambda center: {"code": center.code, "name": 1})
    problems, _ = problems_of(shown, "region", configuration(1, ["examples", "fuzzing"]))
    assert any("response_schema_conformance" in problem for problem in problems)


def test_a_route_that_lets_anybody_in_is_seen(shown: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "has_token", lambda: False)
    admin = program(shown, "administrator")
    with shown.extensions["tandem.database"].reading() as session:
        found = tokens.find_holder(session, admin.secret, CLOCK.now(), True)
    assert found is not None
    monkeypatch.setattr("assessment.web._look_up", lambda secret: found.person)
    problems, _ = problems_of(shown, "staff", configuration(1, ["examples", "fuzzing"]))
    assert any("ignored_auth" in problem for problem in problems)


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_it_does_so_for_long(shown: Flask, role: str) -> None:
    problems, asked = problems_of(shown, role, configuration(100, PHASES, seconds=600))
    assert not problems, "\n\n".join(problems)
    assert asked > 1000
