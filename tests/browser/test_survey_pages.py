"""The director's pages of surveys: usable by everybody, the count that rises, the steps by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from assessment.models.surveys import (
    Completion,
    Message,
    Partner,
    Recurrence,
    Survey,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.surveys import own_questions, partners
from assessment.surveys.routes import REFRESH_SECONDS
from questionnaires.library import Library
from tests.browser.live import Site, sqlite_site
from tests.browser.test_every_page import look
from tests.conftest import NOW
from tests.director import TODAY, find, make, make_open

SECTORS = ["eoc", "fire_ems", "law_enforcement", "public_health"]
MANY = "email,name,organization,sector,level,state\n" + "".join(
    f"person{n}@agency-with-a-long-name.example.gov,Person {n},Agency {n},{SECTORS[n % 4]},county,CO\n"
    for n in range(60)
)
REFRESH = REFRESH_SECONDS * 1000  # milliseconds; the tests move the page's timers
STATES = {0: "uncertain", 1: "bounced", 2: "failed"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("surveys")
    with sqlite_site(folder, sqlite_template, library) as site:
        yield site


def under_way(site: Site, public_id: str) -> None:
    """Messages in every state, and people at every point."""
    with site.network.database.writing() as session:
        survey = find(session, public_id)
        mine = select(SurveyPartner).where(SurveyPartner.survey_id == survey.id)
        for place, row in enumerate(session.scalars(mine.order_by(SurveyPartner.partner_id)).all()):
            row.finished_on = TODAY if place < 20 else None
            session.add(
                Message(
                    survey_id=survey.id,
                    partner_id=row.partner_id,
                    kind="invitation",
                    state=STATES.get(place, "sent"),
                    not_before=NOW,
                    reason="550 5.1.1 There is no such user" if place < 3 else "",
                )
            )
            if place < 20:
                session.add(SurveyResponse(survey_id=survey.id, completion=Completion.COMPLETE.value))


def surveys(site: Site) -> dict[str, str]:
    """A full plan, an empty one, open ones of both kinds, a closed one: name -> public id."""
    network = site.network
    own = own_questions.add_question(
        "", "Do you read the weekly summary?", "single_choice", ["Yes", "No, never"]
    )
    reminders = (date(2026, 6, 22), date(2026, 6, 29))
    found = {
        "plan": make(network, MANY, own_questions=own, reminders=reminders, recurrence=Recurrence.YEARLY),
        "empty": make(network, "", fusion_center="FC-WY", federal_sponsor=True, sponsor="DHS"),
        "open": make_open(network, MANY, title="Confidential"),
        "anonymous": make_open(network, MANY, title="Anonymous", mode=SurveyMode.ANONYMOUS, open_link_cap=50),
        "closed": make_open(network, MANY, title="Closed"),
    }
    for name in ("open", "anonymous", "closed"):
        under_way(site, found[name])
    with network.database.writing() as session:
        survey = find(session, found["closed"])
        survey.cycle.opens_on, survey.cycle.closes_on = date(2026, 4, 1), date(2026, 5, 1)
        survey.released_on, survey.shared_on = date(2026, 5, 1), date(2026, 4, 2)
        out = session.scalars(select(Partner).order_by(Partner.id)).first()
        assert out is not None
        partners.opt_out(session, out.public_id, TODAY)
    return found


STEPS = [
    "schedule",
    "promise",
    "questions",
    "partners",
    "partners/import",
    "check",
    "words/invitation",
    "preview",
]


def test_every_page_of_the_director_is_usable_by_everybody(
    site: Site, open_page: Callable[..., Page]
) -> None:
    found = surveys(site)
    addresses = ["/surveys", "/cycles", "/cycles/products-co-2026-2"]
    addresses += [f"/surveys/{found['plan']}/{step}" for step in STEPS]
    addresses += [
        f"/surveys/{found['open']}/{step}" for step in ("schedule", "promise", "questions", "partners")
    ]
    addresses += [f"/surveys/{found[name]}" for name in ("open", "anonymous", "closed")]
    page = open_page(site, "director")
    problems: list[str] = []
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        problems += look(page, address)
    assert not problems, "\n".join(problems)


def test_a_plan_with_everything_missing_says_so_in_a_way_everybody_can_use(
    site: Site, open_page: Callable[..., Page]
) -> None:
    with site.network.database.reading() as session:
        survey = session.scalars(select(Survey).where(Survey.sponsor == "DHS")).first()
    public_id = survey.public_id if survey else surveys(site)["empty"]
    page = open_page(site, "wyoming")
    problems = []
    for step in ("partners", "check"):
        page.goto(f"/surveys/{public_id}/{step}")
        problems += look(page, step)
    page.goto(f"/surveys/{public_id}/promise")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("Smallest group shown").fill("2")
    page.context.expect_error("status of 422")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    problems += look(page, "promise with an error")
    assert not problems, "\n".join(problems)


def test_the_count_rises_without_reloading_and_stops_at_the_close(
    site: Site, open_page: Callable[..., Page]
) -> None:
    public_id = make_open(site.network, MANY, title="Rising")
    page = open_page(site, "director")
    page.clock.install()
    page.goto(f"/surveys/{public_id}")
    number = page.locator(".headline-number strong")
    expect(number).to_have_text("0")
    page.evaluate("window.notReloaded = true")
    with site.network.database.writing() as session:
        survey = find(session, public_id)
        session.add(SurveyResponse(survey_id=survey.id, completion=Completion.COMPLETE.value))
    page.clock.run_for(REFRESH)
    expect(number).to_have_text("1")
    assert page.evaluate("window.notReloaded") is True
    with site.network.database.writing() as session:
        find(session, public_id).cycle.closed_at = NOW
    page.clock.run_for(REFRESH)
    expect(page.locator("#progress[hx-trigger]")).to_have_count(0)


def test_from_new_to_the_last_page_with_the_keyboard_alone(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(site, "director")
    page.goto("/surveys/new")
    for step in ("promise", "questions", "partners"):
        button = page.get_by_role("button", name="Save and go on")
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"/{step}$"))
    page.get_by_role("link", name="Go on").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/check$"))
    expect(page.get_by_role("heading", name="Open the survey")).to_be_visible()
