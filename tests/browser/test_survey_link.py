"""A survey by its link: offline, in two windows, without scripts. test_survey_journey.py answers it all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from assessment.models.surveys import SurveyMode
from tests.browser.axe import violations
from tests.browser.fingers import PHONE
from tests.browser.live import Site
from tests.browser.pictures import picture
from tests.browser.test_every_page import DRAWN
from tests.surveys.world import World, make_world

ANN = "ann@example.gov"


def open_survey(site: Site, mode: SurveyMode = SurveyMode.ANONYMOUS) -> World:
    return make_world(site.network, mode)


def test_a_lost_connection_costs_no_answer(site: Site, open_page: Callable[..., Page]) -> None:
    world = open_survey(site)
    page = open_page(site, **PHONE)
    page.context.expect_error("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]
    page.goto(f"/s/{world.invite(ANN)}")
    with page.expect_navigation():
        page.get_by_role("button", name="Start").tap()
    page.context.set_offline(True)
    page.locator('input[name="q_P-01"] + label').first.tap()
    expect(page.locator("#status-P-01")).to_contain_text("Not saved, we keep trying")
    page.context.set_offline(False)
    expect(page.locator("#status-P-01")).to_contain_text("Saved")
    assert world.rows("SELECT option FROM survey_draft_answers") == [("eoc",)]


def test_a_survey_that_closes_meanwhile_says_so_on_the_page(
    site: Site, open_page: Callable[..., Page]
) -> None:
    world = open_survey(site)
    page = open_page(site, **PHONE)
    page.context.expect_error("409")  # type: ignore[attr-defined]
    page.goto(f"/s/{world.invite(ANN)}")
    with page.expect_navigation():
        page.get_by_role("button", name="Start").tap()
    site.network.clock.move(days=30)
    page.locator('input[name="q_P-01"] + label').first.tap()
    expect(page.get_by_role("alert").first).to_contain_text("What you had entered until then is kept")


def test_without_scripts_every_page_leads_on(site: Site, open_page: Callable[..., Page]) -> None:
    world = open_survey(site, SurveyMode.CONFIDENTIAL)
    page = open_page(site, java_script_enabled=False, viewport={"width": 320, "height": 700})
    page.goto(f"/s/{world.invite(ANN)}")
    page.get_by_role("button", name="Start").click()
    page.locator('input[name="q_P-01"] + label').first.click()
    page.locator('input[name="q_P-03"] + label').first.click()  # never
    page.get_by_role("button", name="Next").last.click()
    titles = []
    while page.locator("h1").inner_text() != "Check and hand in":
        titles.append(page.locator("h1").inner_text())
        page.locator(".answer-bar button").click()
    assert not any("Product" in title or "Overall" in title for title in titles)
    page.get_by_role("button", name="Hand in your answers").click()
    assert page.locator("h1").inner_text() == "Thank you"
    assert [r.completion for r in world.responses()] == ["complete"]


def test_two_windows_of_one_link_choose_which_answer_stands(
    site: Site, open_page: Callable[..., Page]
) -> None:
    world = open_survey(site, SurveyMode.CONFIDENTIAL)
    token = world.invite(ANN)
    phone, tablet = open_page(site, **PHONE), open_page(site)
    tablet.context.expect_error("409")  # type: ignore[attr-defined]
    for page in (phone, tablet):
        page.goto(f"/s/{token}")
        page.get_by_role("button", name="Start" if page is phone else "Go on with your answers").click()
    phone.locator('input[name="q_P-01"] + label').nth(0).tap()
    expect(phone.locator("#status-P-01")).to_contain_text("Saved")
    tablet.locator('input[name="q_P-01"] + label').nth(6).click()
    box = tablet.locator("[data-conflict-box]")
    expect(box).to_contain_text("EOC or emergency management")
    assert violations(tablet) == []
    box.get_by_role("button", name="Use this one").click()
    expect(tablet.locator("#status-P-01")).to_contain_text("Saved")
    assert world.rows("SELECT option FROM survey_draft_answers") == [("other",)]


def test_the_pages_of_a_link_that_takes_no_answers_pass_axe(
    site: Site, open_page: Callable[..., Page], results: Path
) -> None:
    world = open_survey(site)
    page = open_page(site)
    page.context.expect_error("404|410")  # type: ignore[attr-defined]
    token = world.invite(ANN)
    site.network.clock.move(days=30)
    for name, address in (("unknown", "/s/" + "a" * 32), ("closed", f"/s/{token}")):
        page.goto(address)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(DRAWN)
            assert violations(page) == [], (name, width)
            picture(page, results / f"survey-{name}-{width}.png")
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (name, width)


OWN_QUESTIONS = """
id: own-questions
version: '1.0'
title: Own questions
audience: respondents
sections:
- id: OWN
  title: A few more questions
  questions:
  - {id: OWN-01, type: yes_no, wording: {respondent: Do you read the weekly?}}
  - id: OWN-02
    type: short_text
    wording: {respondent: Which part of it first?}
    applies_when: {question: OWN-01, is: yes}
"""


def test_a_skip_takes_effect_on_the_page_at_once(site: Site, open_page: Callable[..., Page]) -> None:
    world = make_world(site.network, own_questions=OWN_QUESTIONS.replace("is: yes", "is: 'yes'"))
    page = open_page(site, **PHONE)
    token = world.invite(ANN)
    page.goto(f"/s/{token}")
    with page.expect_navigation():
        page.get_by_role("button", name="Start").tap()
    page.goto(f"/s/{token}/OWN")
    second = page.locator("#item-OWN-02")
    expect(second).to_have_count(0)
    page.locator('input[name="q_OWN-01"] + label').nth(0).tap()
    expect(second).to_be_visible()
    page.locator('input[name="q_OWN-01"] + label').nth(1).tap()
    expect(second).to_be_hidden()
    page.locator('input[name="q_OWN-01"] + label').nth(0).tap()
    expect(second).to_be_visible()
