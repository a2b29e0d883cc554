"""Browsers are told to come back over TLS alone: by pages and files, for hosts below ours where it is set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from assessment.settings import SettingsError, from_environment

NAME = "Strict-Transport-Security"
YEAR = "max-age=31536000"
ADDRESSES = ("/sign-in", "/nothing-is-here", "/healthz", "{static}")


def answers(app: Flask, base_url: str) -> list[TestResponse]:
    static = app.jinja_env.globals["asset"]("app.css")
    assert static.startswith("/static/"), "page assets are not built: run make assets"
    return [app.test_client().get(path.format(static=static), base_url=base_url) for path in ADDRESSES]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("base_url", "subdomains", "said"),
    [
        ("http://localhost", True, None),
        ("https://tandem.example.gov", False, YEAR),
        ("https://tandem.example.gov", True, f"{YEAR}; includeSubDomains"),
    ],
)
def test_pages_and_files_say_so_exactly_behind_tls(
    make_app: Callable[..., Flask], base_url: str, subdomains: bool, said: str | None
) -> None:
    app = make_app(base_url=base_url, hsts_subdomains=subdomains)
    for answer in answers(app, base_url):
        assert answer.headers.get(NAME) == said, answer.request.path
        assert len(answer.headers.getlist(NAME)) <= 1


def test_hosts_below_ours_are_left_out_unless_it_is_set(tmp_path: Path) -> None:
    known = {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_BASE_URL": "https://tandem.example.gov"}
    assert from_environment(known).transport_security == YEAR
    told = known | {"TANDEM_HSTS_SUBDOMAINS": "1"}
    assert from_environment(told).transport_security == f"{YEAR}; includeSubDomains"
    with pytest.raises(SettingsError, match="TANDEM_HSTS_SUBDOMAINS is 'all'; it takes 1 or 0"):
        from_environment(known | {"TANDEM_HSTS_SUBDOMAINS": "all"})
