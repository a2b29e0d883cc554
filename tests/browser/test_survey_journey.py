"""A director's afternoon: a survey set up and sent, answered by phone and by file, and its results read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assessment.mail import transport_of
from assessment.settings import MailServer
from assessment.surveys.delivery import deliver
from assessment.surveys.routes import REFRESH_SECONDS
from questionnaires.library import Library
from tests.browser.axe import violations
from tests.browser.fingers import PHONE, Finger
from tests.browser.live import Site, running_site
from tests.browser.pictures import picture
from tests.mail_sink import LINK, Sink, mail_sink, text_of

PARTNERS = 40
SECTORS = ("eoc", "fire_ems", "fire_ems")
FILE = "email,name,organization,sector,level,state\n" + "".join(
    f"partner{n:02}@agency.example.gov,Partner {n},Agency {n},{SECTORS[n % 3]},county,CO\n"
    for n in range(PARTNERS)
)
MOST_ANSWERS = 63
SECONDS_A_TAP = 4  # to read a short item, decide and tap; a little more than the published 2.6 to 3.5
GIVEN = (
    "SELECT count(DISTINCT question || part) FROM survey_draft_answers"
    " WHERE status = 'answered' AND (option IS NULL OR part = '' OR part = option)"
)
HEADER = "fusion_center,respondent,question,part,value\n"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def mailing_site(tmp_path: Path, sqlite_template: Path, library: Library, sink: Sink) -> Iterator[Site]:
    file = tmp_path / "tandem.sqlite"
    shutil.copy(sqlite_template, file)
    server = MailServer(sink.host, sink.port)
    with running_site(tmp_path, f"sqlite:///{file}", library, mail_server=server) as site:
        yield site


def set_up(page: Page, file: Path) -> str:
    """The five steps, up to the last page; the survey's address."""
    page.goto("/surveys")
    page.get_by_role("link", name="Set up a survey").click()
    for step in ("promise", "questions", "partners"):
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_url(re.compile(f"/{step}$"))
    survey = page.url.removesuffix("/partners")
    page.goto(f"{survey}/partners/import")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("button", name=re.compile("^Import the ")).click()
    page.goto(f"{survey}/check")
    return survey


def fine(page: Page, file: Path) -> None:
    """A page on a phone is usable by everybody, and ``file`` is its picture."""
    picture(page, file)
    assert violations(page) == [], page.url
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


def answer_on_a_phone(site: Site, page: Page, token: str, results: Path) -> None:
    """Everything is answered, in about ten minutes, by pages that are usable by everybody."""
    finger = Finger(page)
    page.goto(f"/s/{token}")
    fine(page, results / "survey-start-390.png")
    with page.expect_navigation():
        finger.press("Start")
    while "Check and hand in" not in page.locator("h1").inner_text():
        finger.answer_page()
        fine(page, results / f"survey-{len(finger.pages):02}-390.png")
        with page.expect_navigation():
            finger.tap(page.locator(".answer-bar button"))
    fine(page, results / "survey-review-390.png")
    assert "All is answered" in page.inner_text("main")
    given = int(site.text(GIVEN))
    with page.expect_navigation():
        finger.press("Hand in your answers")
    assert page.locator("h1").inner_text() == "Thank you"
    fine(page, results / "survey-done-390.png")
    minutes = finger.taps * SECONDS_A_TAP / 60
    print(f"answers {given}, taps {finger.taps}, {minutes:.1f} minutes; {finger.pages}")  # noqa: T201
    assert 0 < given <= MOST_ANSWERS
    assert finger.taps <= 90
    assert minutes <= 10


def others(count: int) -> str:
    """Sheets as a paper form would give them: every second finds the products very useful."""
    lines = ""
    for n in range(1, count + 1):
        useful = 5 if n % 2 else 3
        given = {
            "P-01": "eoc" if n % 3 == 0 else "fire_ems",
            "P-02": "county",
            "P-03": "weekly",
            "P-05": "no",
        }
        given |= {"O-01": useful, "O-02": 4, "O-03": 4, "O-04": 3, "U-01": 4, "U-03": 4, "U-04": 4}
        for question, value in given.items():
            lines += f"FC-CO,partner{n:02}@agency.example.gov,{question},,{value}\n"
        for attribute in range(1, 13):
            for part in ("importance", "performance"):
                lines += f"FC-CO,partner{n:02}@agency.example.gov,A-{attribute:02},{part},4\n"
    return HEADER + lines


def test_a_director_runs_a_survey_in_an_afternoon(
    mailing_site: Site, sink: Sink, open_page: Callable[..., Page], tmp_path: Path, results: Path
) -> None:
    site, network = mailing_site, mailing_site.network
    partners = tmp_path / "partners.csv"
    partners.write_text(FILE, encoding="utf-8")
    page = open_page(site, "director")
    survey = set_up(page, partners)
    expect(page.get_by_text(f"an invitation to {PARTNERS} partners")).to_be_visible()
    picture(page, results / "survey-check-1280.png")
    page.get_by_role("button", name=f"Open and send {PARTNERS} invitations").click()
    page.clock.install()
    page.goto(survey)

    app = network.app
    settings = app.extensions["tandem.settings"]
    deliver(network.database, transport_of(settings), settings, network.clock)
    assert len(sink.mails) == PARTNERS
    mine = next(mail for mail in sink.mails if "partner00@" in str(mail["To"]))
    found = LINK.search(text_of(mine))
    assert found

    number = page.locator(".headline-number strong")
    expect(number).to_have_text("0")
    page.evaluate("window.notReloaded = true")
    answer_on_a_phone(site, open_page(site, **PHONE), found[1], results)
    page.clock.run_for(REFRESH_SECONDS * 1000)
    expect(number).to_have_text("1")
    assert page.evaluate("window.notReloaded") is True

    answers = tmp_path / "answers.csv"
    answers.write_text(others(PARTNERS - 1), encoding="utf-8")
    code = site.text("SELECT code FROM cycles")
    run = app.test_cli_runner().invoke
    imported = run(args=["answers", "import", str(answers), "--cycle", code, "--submit"])
    assert imported.exit_code == 0, imported.stderr
    closed = run(args=["cycles", "close", code])
    assert closed.exit_code == 0, closed.stderr

    page.goto(f"/reports/products/FC-CO?cycle={code}")
    expect(page.locator("main")).to_contain_text("very or extremely useful")
    picture(page, results / "survey-results-1280.png")
    report = json.loads(run(args=["report", "products", "FC-CO", "--cycle", code]).stdout)
    assert report["invited"] == report["responded"] == PARTNERS
    assert report["headline"]["usefulness"]["n"] == PARTNERS
    useful = 20 + 1  # every second of 39, and what the phone answered: the fourth point
    assert report["headline"]["usefulness"]["top_two"] == useful / PARTNERS
