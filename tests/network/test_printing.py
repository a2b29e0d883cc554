"""What Chromium prints is the page, however busy the machine is, and never the leaf that led it there."""

from __future__ import annotations

import io
import multiprocessing
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.request import urlopen

import pytest
from pypdf import PdfReader
from werkzeug.wrappers import Response

from assessment.access import Person, Role
from assessment.exports import chromium
from assessment.exports.one_page import MEANWHILE, OnePage, served

READER = Person(1, "A", "a@example.gov", Role.REVIEWER)
PATIENCE = 30  # seconds
TIMES, OTHERS = 20, 6


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return Response("<h1>Printed page</h1>", mimetype="text/html")(environ, start_response)


def test_who_waits_meanwhile_is_answered_when_the_page_has_been() -> None:
    answered: list[int] = []
    with served(OnePage(page, READER, "/page", "", "https://tandem.example.gov")) as address:
        waiting = threading.Thread(target=lambda: answered.append(urlopen(address + MEANWHILE).status))
        waiting.start()
        waiting.join(0.3)
        assert answered == []
        assert urlopen(address).status == 200
        waiting.join(PATIENCE)
        assert answered == [204]


def test_the_start_waits_and_names_the_page_as_it_is() -> None:
    start = chromium.start_of("http://127.0.0.1:1/a-door?scope=\"'<script>")
    assert f"{MEANWHILE}" in start
    assert "<script>" not in start.replace("<script>location.replace(document.links[0].href)</script>", "")
    assert "scope=&quot;&#x27;&lt;script&gt;" in start


def busy() -> None:
    while True:
        sum(range(10_000))


@pytest.mark.soak
def test_it_is_the_page_on_a_busy_machine() -> None:
    """One in three was empty before its start waited."""
    others = [multiprocessing.Process(target=busy, daemon=True) for _ in range(OTHERS)]
    for other in others:
        other.start()
    try:
        for _ in range(TIMES):
            with served(OnePage(page, READER, "/page", "", "https://tandem.example.gov")) as address:
                content = chromium.print_page(address, lambda: None)
            assert "Printed page" in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    finally:
        for other in others:
            other.kill()
