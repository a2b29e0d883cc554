"""The security checklist, amounts and surroundings: parsers, too much of everything, helpers, packages."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

import assessment
import questionnaires
import reports
from assessment.directory.csv_files import MAX_BYTES
from questionnaires.loader import DefinitionError, loads
from tests.conftest import PASSWORD, Network
from tests.director import make
from tests.security.crawl import BASE
from tests.security.site import Site
from tests.security.sources import ROOT, callers, calls, importers

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUESTION = "- {id: A, type: rating, wording: {respondent: x}}"
DEFINITIONS = {
    "aliases": "a: &a [1,2]\nb: *a",
    "billion laughs": "a: &a [x]\n" + "\n".join(f"b{n}: [*a,*a,*a]" for n in range(9)),
    "depth": "[" * 5000 + "]" * 5000,
    "open depth": "{a: " * 5000,
    "python tag": "!!python/object/apply:os.system [exit 1]",
    "own tag": "!evil x",
    "binary": "id: !!binary AAAA",
    "size": "title: " + "x" * 1_100_000,
    "many sections": "sections:\n"
    + "\n".join(f"- {{id: S{n}, title: x, questions: []}}" for n in range(2000)),
    "many questions": "sections:\n- id: S\n  title: x\n  questions:\n" + f"  {QUESTION}\n" * 5000,
    "expression": "id: __import__('os').system('exit 1')\nversion: '1'",
    "numbers": "version: " + "9" * 100_000,
    "dates": "version: 9999-99-99",
    "infinity": "version: .inf\nid: .nan",
    "octal": "version: 0o7777777\nid: 0x" + "f" * 9000,
    "control": "title: 'a\x07b'",
    "surrogate": "title: \ud800",
    "merge": "<<: {a: 1}\nid: x",
    "duplicate": "id: a\nid: b",
    "two documents": "id: a\n---\nid: b",
    "list": "- 1",
    "word": "x",
    "long condition": "sections: [{id: S, show_if: " + "not " * 3000 + "A}]",
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_26_definitions_are_hostile(name: str) -> None:
    """Refused with sentences, soon, and without running anything."""
    start = time.perf_counter()
    with pytest.raises(DefinitionError) as refused:
        loads(DEFINITIONS[name])
    assert time.perf_counter() - start < 20
    assert refused.value.problems
    assert "Traceback" not in str(refused.value)


@SQLITE
def test_26_definitions_on_the_page_of_own_questions(site: Site) -> None:
    """The same texts as far as the page takes them: 422, and the text is still there."""
    public_id = make(site.network)
    director = site.network.browser("director")
    for name, content in DEFINITIONS.items():
        sent = content.encode("utf-8", "replace").decode()
        answer = director.post(
            f"/surveys/{public_id}/questions/text", {"text": sent}, form=f"/surveys/{public_id}/questions"
        )
        assert answer.status_code == (413 if len(content) > 200_000 else 422), name
    site.restore()


def test_26_nothing_that_is_read_is_run() -> None:
    assert {
        module for module, called, _ in calls() if called in ("eval", "exec", "compile", "__import__")
    } == set()
    assert importers("pickle", "marshal", "shelve", "dill", "jsonpickle") == set()
    assert callers("unsafe_load", "full_load", "load_all") == set()


def _modules() -> Iterator[ModuleType]:
    for package in (assessment, questionnaires, reports):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


EVIL = [
    "a",
    "A1-",
    "0",
    "9.",
    " ",
    "\t ",
    "(",
    "{",
    "[a",
    "a@",
    "a.",
    "<a ",
    "-",
    "_a",
    "\\",
    '"',
    "a,",
    "://",
    "é",
    "\n",
    "DETAIL:",
    "/s/",
]


def _patterns() -> Iterator[tuple[re.Pattern[Any], str]]:
    """Every pattern of ours with each way in which its module uses it."""
    for module in _modules():
        source = inspect.getsource(module)
        for name, found in vars(module).items():
            if isinstance(found, re.Pattern):
                for way in set(
                    re.findall(rf"\b{name}\.(fullmatch|match|search|sub|findall|finditer|split)\(", source)
                ):
                    yield found, way


def test_26_regular_expressions_end_soon() -> None:
    """Each pattern of ours over long texts made to send it astray (ReDoS)."""
    patterns, slow = list(_patterns()), []
    assert len(patterns) >= 8
    for pattern, way in patterns:
        use = pattern.fullmatch if way == "fullmatch" else pattern.match if way == "match" else pattern.search
        for piece in EVIL:
            long = piece * 4000 + "!\x00"
            start = time.process_time()
            use(long.encode() if isinstance(pattern.pattern, bytes) else long)  # type: ignore[arg-type]
            if time.process_time() - start > 3:
                slow.append((pattern.pattern, way, piece))
    assert not slow


@ALONE
def test_27_too_much_of_everything(network: Network) -> None:
    """Ten megabytes, a hundred thousand fields, nests of JSON, endless numbers: a sentence, and soon."""
    network.open()
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc')}/GOV"
    staff = network.browser("staff")
    token = staff.token(address)
    bodies = {
        "one text": "note_GOV-01=" + "x" * 10_000_000,
        "many fields": "&".join(f"q_{n}=1" for n in range(20_000)),
        "same field": "q_GOV-01=1&" * 15_000,
        "no names": "&" * 60_000,
        "long name": "q_" + "x" * 60_000 + "=1",
    }
    for name, body in bodies.items():
        start = time.perf_counter()
        sent = f"csrf_token={token}&{body}"
        answer = staff.client.post(
            address, data=sent, content_type="application/x-www-form-urlencoded", base_url=BASE
        )
        assert answer.status_code in (302, 413, 422), name
        assert time.perf_counter() - start < 20, name
    for kept in (
        "[" * 90_000,
        '[["a","\\ud800"]]',
        '[["a",' * 20_000,
        "{}",
        "1e999",
        "[[1,2,3]]",
        '[[["a"],{}]]',
        "null",
    ):
        form = {"email": "staff@example.gov", "password": PASSWORD, "kept": kept, "kept_path": "/work"}
        assert network.browser().post("/sign-in", form).status_code in (200, 302), kept[:20]


ENDLESS = ["9" * 25, "-1", "0", "1e99", "٣", "²", "x" * 5000, "\x00", "2026-99-99", "99999999999999999999"]
PARAMETERS = ("page", "region", "state", "level", "before", "from", "to", "who", "text", "q", "layout")
LONG_LISTS = [
    *(
        "/centers",
        "/pairs",
        "/audit",
        "/people",
        "/cycles/winter",
        "/reports/network",
        "/reports/network/graph",
    ),
    *("/reports/products/FC-CO", "/reports/products/FC-CO/comments", "/reports/centers/FC-CO"),
]


@ALONE
def test_27_endless_parameters(network: Network) -> None:
    """Numbers that no database takes, and words longer than any page."""
    network.open("winter", closes=date(2026, 6, 1))
    for role in ("admin", "director"):
        client = network.browser(role).client
        for path in LONG_LISTS:
            for value in ENDLESS:
                answer = client.get(path, query_string=dict.fromkeys(PARAMETERS, value), base_url=BASE)
                assert answer.status_code < 500, (path, value[:20])


def test_27_floors_of_the_parsers() -> None:
    """CVE-2023-46136 and CVE-2023-25577 (multipart), CVE-2025-27516 (Jinja's sandbox)."""
    for name, floor in (
        ("Werkzeug", (3, 1, 0)),
        ("Flask", (3, 1, 0)),
        ("Jinja2", (3, 1, 6)),
        ("PyYAML", (6, 0, 0)),
    ):
        assert tuple(int(n) for n in re.findall(r"\d+", version(name))[:3]) >= floor, name
    assert MAX_BYTES <= 8 * 1024 * 1024


HELPERS = [
    "/debug",
    "/console",
    "/_debug_toolbar",
    "/metrics",
    "/admin",
    "/graphql",
    "/.env",
    "/.git/config",
    "/server-status",
    "/env",
    "/actuator",
    "/test",
    "/dev",
    "/seed",
    "/reset-db",
    "/benchmark",
    "/instance/secret_key",
    "/static/../app.py",
    "/__debugger__",
    "/swagger",
    "/docs",
    "/wp-login.php",
    "/?__debugger__=yes&cmd=resource&f=debugger.js",
    "/openapi.json",
    "/phpinfo.php",
]


@ALONE
def test_29_debug_and_helpers(network: Network, make_app: Any) -> None:
    """None of the usual ones is there, for anybody, and nothing switches debugging on."""
    for role in (None, "admin"):
        client = network.browser(role).client
        for path in HELPERS:
            answer = client.get(path, base_url=BASE)
            assert answer.status_code in (302, 400, 404), path
            assert b"Werkzeug" not in answer.data
            assert b"SECRET" not in answer.data
        for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"):
            assert client.open("/work", method=method, base_url=BASE).status_code == 405, method
    assert not make_app().debug


@ALONE
def test_29_debug_a_failure_shows_nothing(app: Flask) -> None:
    """What went wrong is in the log; the page says a sentence."""
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    def fail() -> None:
        raise RuntimeError("the inside of it")

    fail.asked_action = None  # type: ignore[attr-defined]
    app.view_functions["health.healthz"] = fail
    rule = next(r for r in app.url_map.iter_rules() if r.rule == "/healthz")
    app.view_functions[rule.endpoint] = fail
    answer = app.test_client().get("/healthz", base_url=BASE)
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.data
    assert b"inside of it" not in answer.data
    assert b"Traceback" not in answer.data


def test_29_debug_the_test_pages_are_not_shipped() -> None:
    assert importers("tests", "benchmarks", "flask_debugtoolbar") == set()
    assert callers("app.run", "set_trace", "breakpoint") == set()


def test_32_dependencies() -> None:
    """Every package is pinned, page assets by hash; the audit and the bill of materials have a command."""
    pins = [
        line
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert pins
    assert [line for line in pins if "==" not in line] == []
    lock = json.loads((ROOT / "package-lock.json").read_text())
    without = [
        name
        for name, found in lock["packages"].items()
        if name and "integrity" not in found and not found.get("link")
    ]
    assert without == []
    makefile = (ROOT / "Makefile").read_text()
    assert "tests/audit_packages.py" in makefile
    assert "cyclonedx-py" in makefile
