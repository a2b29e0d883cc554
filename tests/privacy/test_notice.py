"""The privacy notice, the banner before the sign-in, and the sentence on every page that takes words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from assessment.privacy.notice import Block, blocks
from assessment.settings import SettingsError, from_environment
from tests.conftest import Network

UNCLASSIFIED = "Unclassified information only."
EVIL = '<script>alert(1)</script> {{ 7 * 7 }} <a href="javascript:x">here</a>'


def words(app: Flask, path: str) -> str:
    reply = app.test_client().get(path, base_url="http://localhost")
    assert reply.status_code == 200, path
    return str(reply.get_data(as_text=True))


def test_anybody_reads_the_notice_and_every_page_leads_there(network: Network) -> None:
    page = words(network.app, "/privacy")
    assert "What you can do" in page
    assert "Get a file of your own data" not in page
    assert 'href="/privacy"' in words(network.app, "/sign-in")
    assert "Get a file of your own data" in network.browser("staff").get("/privacy").get_data(as_text=True)


def test_the_notice_says_of_each_secret_whether_it_can_be_read_back(network: Network) -> None:
    """Hashes cannot; the key of an authenticator app is read for each code, so it is said to be encrypted."""
    page = " ".join(words(network.app, "/privacy").split())
    assert "Hashes of your password and recovery codes, from which they cannot be read back" in page
    assert "The key of an authenticator app, encrypted: the tool has to read it" in page
    assert "None of them can be read back" not in page


def test_the_notice_says_how_long_answers_are_kept(network: Network, make_app: Callable[..., Flask]) -> None:
    assert "until those who run this tool remove them" in words(network.app, "/privacy")
    assert "3 years after" in " ".join(words(make_app(retention_years=3), "/privacy").split())


def test_a_site_s_own_notice_is_escaped(network: Network, make_app: Callable[..., Flask]) -> None:
    page = words(make_app(privacy_notice=f"# Our notice\n\nOne\ntwo.\n\n- {EVIL}\n- more"), "/privacy")
    assert "<h2>Our notice</h2>" in page
    assert "<p>One two.</p>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in page
    assert "javascript:x&#34;" in page or "javascript:x&quot;" in page


def test_the_parts_of_a_notice() -> None:
    found = blocks("## Title\nfirst\nsecond\n\n- a\n- b\n\n\nlast\n## End")
    assert found == [
        Block("heading", ("Title",)),
        Block("paragraph", ("first second",)),
        Block("list", ("a", "b")),
        Block("paragraph", ("last",)),
        Block("heading", ("End",)),
    ]


def test_the_banner_stands_before_the_sign_in(network: Network, make_app: Callable[..., Flask]) -> None:
    assert "use-banner" not in words(network.app, "/sign-in")
    page = words(make_app(use_banner=f"You may be watched.\n{EVIL}"), "/sign-in")
    assert "<p>You may be watched.</p>" in page
    assert "&lt;script&gt;" in page
    assert page.index("You may be watched") < page.index('name="password"')


def test_settings_of_privacy(tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("Ours.")
    base = {"TANDEM_INSTANCE": str(tmp_path / "instance")}
    found = from_environment(
        base
        | {
            "TANDEM_PRIVACY_NOTICE": str(file),
            "TANDEM_USE_BANNER": "One.\\nTwo.",
            "TANDEM_RETENTION_YEARS": "5",
        }
    )
    assert (found.privacy_notice, found.use_banner, found.retention_years) == ("Ours.", "One.\nTwo.", 5)
    assert from_environment(base).retention_years == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"TANDEM_PRIVACY_NOTICE": "/not/there"},
        {"TANDEM_USE_BANNER": "x" * 3001},
        {"TANDEM_RETENTION_YEARS": "-1"},
        {"TANDEM_RETENTION_YEARS": "soon"},
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        from_environment({"TANDEM_INSTANCE": str(tmp_path / "instance"), **wrong})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("manager", "/responses/{eoc}/GOV"),
        ("manager", "/responses/{eoc}/review"),
        ("admin", "/centers/import"),
        ("admin", "/pairs/import"),
        ("admin", "/people/import"),
        ("director", "/surveys/new"),
    ],
)
def test_pages_that_take_words_say_that_they_are_unclassified(network: Network, name: str, path: str) -> None:
    network.open()
    address = path.format(eoc=network.response_id("FC-CO", "EOC-CO", "eoc"))
    page: Any = network.browser(name).get(address)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    main = text[text.index("<main") : text.index("</main>")]
    assert UNCLASSIFIED in main
    assert text.count(">UNCLASSIFIED<") == 2
