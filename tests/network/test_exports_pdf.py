"""The PDF of the network page: what is on it, and that nothing but that page is served for it."""

from __future__ import annotations

import io
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader

from assessment.exports import chromium, jobs, one_page, worker
from assessment.exports.making import Making
from reports import export_makers
from tests.conftest import Network, email_of
from tests.furnished_once import furnished_once
from tests.network.asked_exports import LIST, NETWORK, ask, made, one_cycle

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = chromium.find_chromium()
WITH_CHROMIUM = pytest.mark.skipif(HERE is None, reason="there is no Chromium on the path")


@pytest.fixture
def wide(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return furnished_once(network, tmp_path_factory, one_cycle)


@ON_SQLITE
def test_without_chromium_the_page_says_so_and_offers_the_browser(
    wide: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = wide.browser("reviewer")
    monkeypatch.setattr(chromium, "NAMES", ("no-such-program",))
    page = browser.get(f"{NETWORK}?cycle=spring").get_data(as_text=True)
    assert "the server has no Chromium. Print the page from your browser" in page
    assert "Make a PDF" not in page
    answer = ask(browser, "network-pdf")
    assert answer.status_code == 409
    assert "There is no Chromium on the server" in answer.get_data(as_text=True)
    with wide.database.writing() as session:
        person = wide.person("reviewer")
        jobs.ask(session, person, "network-pdf", {"cycle": "spring"}, "PDF", wide.clock.now())
    made(wide)
    assert "Print the page from your browser." in browser.get(LIST).get_data(as_text=True)


@ON_SQLITE
@WITH_CHROMIUM
def test_the_pdf_is_the_page_with_what_it_is_of(wide: Network, make_app: Callable[..., Any]) -> None:
    app = make_app(base_url="https://tandem.example.gov")
    page = wide.browser("region8").get(f"{NETWORK}?cycle=spring&region=8").get_data(as_text=True)
    person = wide.person("region8")
    parameters = {"cycle": "spring", "region": "8"}
    told: list[float] = []
    maker = app.extensions["tandem.makers"]["network-pdf"]
    found = maker.make(Making(person, parameters, told.append))
    assert (found.name, found.media_type) == ("network-spring-region-8.pdf", "application/pdf")
    assert told
    paper = PdfReader(io.BytesIO(found.content))
    words = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    for said in (
        "UNCLASSIFIED",
        "FEMA Region 8",
        "2026-05-01 to 2026-06-30",
        "14 of 17 pairs have answered on both sides",
        "https://tandem.example.gov/methods",
        "Maturity",
    ):
        assert said in words, said
    for sheet in paper.pages:
        assert sheet.extract_text().count("UNCLASSIFIED") >= 2
    assert "Take it along" not in words, "what is for the screen only stays there"
    assert "Take it along" in page
    assert words.count("Score, of 100") == 1, "a chart's axis: it was drawn before the page was printed"
    assert "positive gap: fusion centers rate higher" not in words, "the table of a chart that is not there"
    links = {
        str(note.get_object().get("/A", {}).get("/URI", "")) for sheet in paper.pages for note in notes(sheet)
    }
    assert "https://tandem.example.gov/methods" in links
    assert not [link for link in links if "127.0.0.1" in link]


def notes(sheet: Any) -> Any:
    return sheet.get("/Annots", [])


@ON_SQLITE
@WITH_CHROMIUM
def test_a_page_that_cannot_be_shown_is_not_printed(wide: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever asked would have an error page as PDF."""
    monkeypatch.setattr(export_makers, "PAGE", "/reports/no-such-page")
    browser = wide.browser("reviewer")
    ask(browser, "network-pdf")
    made(wide)
    assert export_makers.NOT_SHOWN in browser.get(LIST).get_data(as_text=True)


@WITH_CHROMIUM
def test_what_takes_too_long_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "LONGEST_SECONDS", 0.0)
    with pytest.raises(chromium.Refused, match="took longer"):
        chromium.print_page("http://127.0.0.1:1/", lambda: None)


@WITH_CHROMIUM
def test_whoever_wants_it_no_more_ends_the_printing() -> None:
    def gone() -> None:
        raise worker.Abandoned

    with pytest.raises(worker.Abandoned):
        chromium.print_page("http://127.0.0.1:1/", gone)


@ON_SQLITE
def test_our_own_browser_gets_one_page_of_one_person_and_nothing_else(wide: Network) -> None:
    person = wide.person("region8")
    cookie = wide.browser("admin").client.get_cookie("tandem", domain="localhost")
    assert cookie is not None
    page = one_page.page_of(
        wide.app, person, NETWORK, {"cycle": "spring", "region": "8"}, "https://tandem.example.gov"
    )
    with one_page.served(page) as door:
        assert len(page.door) > 40
        content = got(door)
        assert "FEMA Region 8" in content
        assert 'href="https://tandem.example.gov/methods' in content
        assert got(f"{door}?region=9") == content, "the address decides nothing"
        assert got(door, Cookie=f"tandem={cookie.value}") == content
        site = door.removesuffix(page.door)
        for path in (
            NETWORK,
            f"{NETWORK}?region=9",
            "/",
            "/work",
            "/people",
            "/api/v1/reports/network",
            "/healthz",
        ):
            assert got(site + path, Cookie=f"tandem={cookie.value}") == "404", path
        assert got(f"{door}x") == "404"
        assert got(f"{site}/static/../reports/network") == "404"
        assert got(f"{site}/static/no-such-file") == "404"
        assert got(door, data=b"a=b") == "404"
        [style] = re.findall(r"/static/app-\w+\.css", content)[:1]
        assert "font-face" in got(site + style)
        assert page.was_shown
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(door, timeout=5)


def got(url: str, data: bytes | None = None, **headers: str) -> str:
    """The content less the form tokens in it, or the code where there is none."""
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.code)


@ON_SQLITE
def test_no_header_signs_anybody_in(wide: Network) -> None:
    stranger = wide.app.test_client()
    for header in ("tandem.on_behalf_of", "Tandem-On-Behalf-Of", "HTTP_TANDEM.ON_BEHALF_OF"):
        answer = stranger.get(NETWORK, headers={header: email_of("admin")}, base_url="http://localhost")
        assert answer.status_code == 302, header
