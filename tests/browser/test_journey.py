"""The main job: both sides complete the whole checklist, blind, and read what it says about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from questionnaires.definition import Question, Side
from tests.browser.live import Site
from tests.browser.paper import FORM, Paper
from tests.browser.pictures import picture
from tests.conftest import PASSWORD, email_of

REPORT = f"/reports/pairs/{FORM[0]}/{FORM[1]}?cycle=real"
API = f"/api/v1/reports/pair/{FORM[0]}/{FORM[1]}?cycle=real"
WORDS = {Side.FUSION_CENTER: "watch desk roster of May", Side.EOC: "duty officer binder of April"}


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email_of(name))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your work")).to_be_visible()


def rating(question: Question, number: int, side: Side) -> str:
    """Believable and different: the EOC is a step lower on every third item; a few are not known."""
    if not question.scale:
        return question.choices[0].code
    if number % 17 == 16:
        return "DK"
    base = (number * 7) % 4 + 1
    return str(base - 1 if side is Side.EOC and number % 3 == 0 else base)


def fill_in(paper: Paper) -> None:
    """All sections from the first to the last, an evidence note at the first item."""
    number = 0
    for page in paper.pages():
        expect(paper.page.get_by_role("heading", level=1)).to_have_text(page.title)
        for question in page.questions:
            code = "3" if number == 0 else rating(question, number, paper.side)
            paper.choose(question.id, code)
            if number == 0:
                paper.write(question.id, WORDS[paper.side])
            number += 1
        expect(paper.page.locator("[data-item] [data-status]")).to_contain_text(
            ["Saved"] * len(page.questions)
        )
        paper.go_on()


def submit(paper: Paper) -> None:
    page = paper.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and submit")
    paper.sign()
    page.get_by_role("button", name="Submit the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitted")
    digest = page.locator(".hash").inner_text()
    assert len(digest) == 64
    assert digest == paper.site.text("SELECT answers_hash FROM responses WHERE public_id = :id", id=paper.id)


def both_fill_in(site: Site, director: Page, manager: Page, results: Path) -> None:
    """The fusion center submits first; until the EOC has too, neither reads a word of the other."""
    for page, name, side in ((director, "director", Side.FUSION_CENTER), (manager, "manager", Side.EOC)):
        sign_in(page, name)
        picture(page, results / f"work-{name}.png")
        page.get_by_role("link", name="Start").first.click()
        if side is Side.EOC:
            assert_blind(page, Side.FUSION_CENTER)
            page.goto("/work")
            page.get_by_role("link", name="Start").first.click()
        paper = Paper(site, page, side, "real")
        fill_in(paper)
        submit(paper)
        picture(page, results / f"receipt-{name}.png")
        if side is Side.FUSION_CENTER:
            assert_blind(page, Side.EOC)
            picture(page, results / "own-profile.png")


def assert_blind(page: Page, other: Side) -> None:
    """No page and no JSON has the other side's words or numbers."""
    page.goto(REPORT)
    assert WORDS[other] not in page.content()
    answer = page.request.get(API).json()
    assert answer["index"] is None
    assert answer["status"] != "complete"
    shown = [item.get(other.value) for item in answer["items"]] + [
        d.get(other.value) for d in answer["domains"]
    ]
    assert all(value is None for value in shown)


def test_both_sides_complete_the_checklist_and_read_the_report(
    site: Site, open_page: Callable[..., Page], results: Path
) -> None:
    site.network.open("real", "cpg502-checklist", title="Checklist of 2026")
    director, manager = open_page(site), open_page(site)
    both_fill_in(site, director, manager, results)
    heads = []
    for page, name in ((director, "director"), (manager, "manager")):
        page.goto("/work")
        page.get_by_role("link", name="Read the report").first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert all(words in page.content() for words in WORDS.values()), "both notes can be read now"
        picture(page, results / f"report-{name}.png")
        answer = page.request.get(API).json()
        assert answer["status"] == "complete"
        heads.append((answer["index"], answer["level"]))
    assert heads[0] == heads[1]
    assert heads[0][0] is not None
