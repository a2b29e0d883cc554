"""The pair report's page in every state: what it says, and what it must not say."""

import json
import re
from dataclasses import replace

import pytest
from flask import Flask

from assessment.access import Role
from reports.pages import pair_page
from reports.pair_rows import matrix_table
from tests.reports.page_states import (
    ADMINISTRATOR,
    CHECKLIST,
    DIRECTOR,
    EOC,
    FC,
    LIBRARY,
    MANAGER,
    REVIEWER,
    TODAY,
    checklist_answers,
    context,
    gathered,
    page_app,
    rendered,
    states,
    words,
)

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&"
JOINT = ("complete", "complete-eoc", "held-back", "insufficient", "changed", "synthetic")
OWN = ("own-profile", "own-closed")


pytestmark = pytest.mark.xdist_group("pair pages")  # they are made once


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    return page_app(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def pages(app) -> dict[str, str]:
    return {name: rendered(app, found, person) for name, (found, person) in states().items()}


# every state


@pytest.mark.parametrize(
    ("name", "sayings"),
    [
        (
            "complete",
            [
                "This relationship stands at 54 of 100",
                "This pair's level",
                "Start here",
                "index is higher by",
            ],
        ),
        (
            "held-back",
            [
                "What holds the level back",
                "REL-01",
                "not known; every critical item must be known",
                "joint score 1.00; every critical item needs at least 2",
                "every domain needs at least 60",
                "The index is here",
                "This pair's level",
            ],
        ),
        ("insufficient", ["No index and no level", "9 are needed", "Find out first about 42 items"]),
        (
            "own-profile",
            [
                "Your own profile: waiting for the other side",
                "Until then nobody there sees your answers",
                "The cycle closes after 30 Nov 2026",
                "the profile of the EOC alone",
            ],
        ),
        (
            "own-closed",
            [
                "One-sided: the cycle has closed",
                "before Colorado State EOC had submitted",
                "the other side reads nothing of it",
            ],
        ),
        ("waiting", ["One of the two sides has submitted", "started, not submitted", "Continue"]),
        ("waiting-start", ["not started", "Start"]),
        (
            "waiting-reopened",
            [
                "reopened, not submitted again",
                "Changed after the reveal",
                "Correct it and submit it again",
            ],
        ),
        ("waiting-closed", ["The cycle has closed", "there is no joint report"]),
        ("waiting-administrator", ["submitted", "not started"]),
        ("nothing", ["Neither side has submitted"]),
        ("changed", ["Changed after the reveal", "corrected (edition 2)"]),
        ("synthetic", ["Synthetic answers", "made up for demonstration"]),
    ],
)
def test_each_state_says_what_it_is(pages, name, sayings):
    text = words(pages[name])
    assert [saying for saying in sayings if saying not in text] == []


def test_what_belongs_to_one_state_stands_in_no_other(pages):
    for name, page in pages.items():
        text = words(page)
        assert ("Every answer in this cycle is made up" in text) == (name == "synthetic")
        assert ("Changed after the reveal" in text) == (name in ("changed", "waiting-reopened"))
        assert ("No index and no level" in text) == (name == "insufficient")
        assert ("Agreement index" in text or "agreement index" in text) == (name in JOINT)
        assert ("data-figure-target" in page) == (name in (*JOINT, *OWN))


def test_no_page_needs_inline_style_or_script(pages):
    for page in pages.values():
        assert re.findall(r"\sstyle=|<style|\son\w+=|hx-on|javascript:", page) == []
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
        assert [attributes for attributes in scripts if 'type="application/json"' not in attributes] == []


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(pages):
    for name, page in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), name
        assert [link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids] == [], name


# the order and content of a joint report


def test_the_report_opens_with_the_sentences_then_index_then_picture(pages):
    marks = [
        "This relationship stands",
        'id="standing"',
        'data-figure-target="dumbbell"',
        'id="start"',
        'id="talk"',
        'data-figure-target="answer-matrix"',
        'id="quadrants"',
        'id="agreement"',
        'data-figure-target="slopes"',
        'id="items"',
        'id="find-out"',
        'id="coverage"',
        'id="overall"',
    ]
    places = [pages["complete"].index(mark) for mark in marks]
    assert places == sorted(places)


def test_an_insufficient_report_says_early_what_to_find_out(pages):
    page = pages["insufficient"]
    assert page.index('id="find-out"') < page.index('data-figure-target="dumbbell"')


def test_the_first_five_improvements_stand_open_and_all_are_there():
    page = context("complete")
    found = states()["complete"][0].report
    assert [item["id"] for item in page["improvements"]] == list(found.improvements["item"])
    assert page["first"] == 5


def test_items_to_talk_about_show_both_answers_anchors_and_notes(app):
    frame = checklist_answers()
    mine = (frame["question"] == "REL-01") & (frame["side"] == FC)
    theirs = (frame["question"] == "REL-01") & (frame["side"] == EOC)
    frame.loc[mine, ["status", "number", "text"]] = ["answered", 4.0, "roster at the desk"]
    frame.loc[theirs, ["status", "number", "text"]] = ["answered", 1.0, "one phone number"]
    text = words(rendered(app, gathered(frame=frame), DIRECTOR))
    start = text.index("Neither answer is wrong")
    talk = text[start : text.index("How the answers meet", start)]
    for saying in (
        "the fusion center is further along: fusion center 4, EOC 1",
        "roster at the desk",
        "one phone number",
        "In place, tested or used in the last 12 months",
        "depends on one person",
    ):
        assert saying in talk


def test_same_facts_are_seen_differently_and_own_halves_are_further_along(pages):
    text = words(pages["complete"])
    assert "The two sides see it differently" in text
    assert "overrat" not in text


def test_whoever_is_higher_explains(pages):
    def heading(reader, name):
        person = {"fc": DIRECTOR, "eoc": MANAGER, "none": ADMINISTRATOR}[reader]
        page = pair_page(gathered(), LIBRARY, person, today=TODAY)
        return next(q["heading"] for q in page["quadrants"] if q["name"] == name)

    assert heading("fc", "fusion_center_higher") == heading("eoc", "eoc_higher") == "Explain"
    assert heading("fc", "eoc_higher") == heading("eoc", "fusion_center_higher") == "Listen"
    assert heading("none", "eoc_higher") == "The EOC explains"


def test_quadrants_hold_every_item_that_both_rated_once():
    page, report = context("complete"), states()["complete"][0].report
    listed = [item["id"] for quadrant in page["quadrants"] for item in quadrant["items"]]
    assert sorted(listed) == sorted(report.items.loc[report.items["difference"].notna(), "item"])


def test_agreement_says_that_chance_gives_sixty_and_shows_kappa_only_from_twenty_items(pages):
    assert "answer at random get 60" in words(pages["complete"])
    assert "weighted kappa" in words(pages["complete"])
    assert "weighted kappa" not in words(pages["insufficient"]), "6 items"


def test_each_reader_reads_statements_in_their_own_wording():
    for person, side in ((DIRECTOR, FC), (MANAGER, EOC)):
        page = pair_page(gathered(), LIBRARY, person, today=TODAY)
        for item in page["items"]:
            question = CHECKLIST.by_id[item["id"]]
            assert item["statement"] == question.wording.get(side, next(iter(question.wording.values())))
        assert page["extras"][0]["wording"] == CHECKLIST.by_id[page["extras"][0]["id"]].wording[side]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", lambda row: True),
        ("?domain=GOV", lambda row: row["domain"] == "GOV"),
        ("?state=unknown", lambda row: row["state"] == "unknown"),
        ("?discuss=1", lambda row: row["discuss"]),
        ("?domain=GOV&state=scored", lambda row: row["domain"] == "GOV" and row["state"] == "scored"),
        ("?domain=%22%3E%3Cb%3E", lambda row: False),
    ],
)
def test_items_are_filtered_by_the_address(app, query, kept):
    found, person = states()["complete"]
    page = rendered(app, found, person, query)
    wanted = [f"item-{row['id']}" for row in context("complete")["items"] if kept(row)]
    assert re.findall(r'<tr id="(item-[^"]+)"', page) == wanted
    assert f"{len(wanted)} of 59 items" in words(page)
    assert "<b>" not in page[page.index('id="items"') : page.index('id="item-results"')]


# blind


def other_sides() -> list:
    """The EOC's answers stay, the fusion center's differ in everything."""
    frames = []
    for number in (0.0, 4.0):
        frame = checklist_answers()
        theirs = (frame["side"] == FC) & (frame["status"] == "answered") & frame["number"].notna()
        frame.loc[theirs, "number"] = number
        frame.loc[frame["side"] == FC, "text"] = f"SECRET{number}"
        frames.append(frame)
    return frames


def test_one_sided_pages_are_the_same_whatever_the_other_side_answered(app):
    pages = [rendered(app, gathered([EOC], [EOC], frame, leaky=True), MANAGER) for frame in other_sides()]
    assert pages[0] == pages[1]
    assert "SECRET" not in pages[0]


def test_an_own_profile_names_no_item_and_no_number_of_the_other_side(pages):
    found = states()["own-profile"][0].report
    theirs = set(found.items.loc[found.items["asked"] == FC, "item"])
    assert theirs
    page = pages["own-profile"]
    assert [item for item in theirs if item in page] == []
    assert "Joint score" not in page
    assert "Difference" not in page
    figure = json.loads(re.search(r'data-figure="profile">(.*?)</script>', page, re.S).group(1))
    assert [trace["name"] for trace in figure["data"]] == ["EOC"]


@pytest.mark.parametrize("name", [name for name in states() if name.startswith(("waiting", "nothing"))])
def test_who_may_read_nothing_reads_no_answer(pages, name):
    page = pages[name]
    assert "item-" not in page
    assert "items.csv" not in page
    assert re.search(r"\b(REL|GOV)-\d", page) is None


def test_how_far_a_side_is_is_for_those_who_may_see_progress(pages):
    assert "not started" not in words(pages["nothing-reviewer"])
    assert "not started" in words(pages["nothing"])


@pytest.mark.parametrize(("person", "link"), [(MANAGER, True), (ADMINISTRATOR, False), (REVIEWER, False)])
def test_the_way_on_is_for_those_who_may_answer(app, person, link):
    page = rendered(app, gathered([FC], []), person)
    assert ("/responses/public-eoc" in page) is link


def test_whoever_belongs_to_both_sides_gets_no_way_on(app):
    both = replace(MANAGER, role=Role.MANAGER, centers=frozenset({"FC-CO", "EOC-CO"}))
    page = rendered(app, gathered([FC], []), both)
    assert "/responses/" not in page


# numbers and words


@pytest.mark.parametrize(("index", "printed"), [(59.97, "59"), (60.0, "60"), (59.4, "59"), (19.999, "19")])
def test_the_index_is_never_printed_across_a_bound(index, printed):
    found = gathered()
    page = pair_page(
        replace(found, report=replace(found.report, index=index)), LIBRARY, DIRECTOR, today=TODAY
    )
    assert page["standing"]["index"] == printed


def test_the_matrix_adds_up_to_the_items_that_both_rated():
    report = states()["complete"][0].report
    assert sum(sum(row[1:]) for row in matrix_table(report)["rows"]) == report.agreement.items


def test_what_people_wrote_stays_text(app):
    frame = checklist_answers(notes={FC: HOSTILE, EOC: HOSTILE})
    found = gathered(
        frame=frame,
        names=(HOSTILE, HOSTILE),
        cycle={"title": HOSTILE, "code": "c-1"},
        previous=checklist_answers(seed=7),
    )
    page = rendered(app, found, DIRECTOR)
    assert "<img" not in page.replace('<img src="/static/logo.svg"', "")
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    for figure in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S):
        drawn = json.dumps(json.loads(figure), ensure_ascii=False)
        assert not re.search(r"<(?!br>|extra></extra>|/extra>)", drawn), drawn


def test_closed_or_open_goes_by_the_day(app):
    found = gathered([EOC], [EOC])
    last, after = found.place.cycle.closes_on, found.place.cycle.closes_on.replace(month=12, day=1)
    assert pair_page(found, LIBRARY, MANAGER, today=last)["cycle_state"] == "open"
    assert pair_page(found, LIBRARY, MANAGER, today=after)["cycle_state"] == "closed"


def test_cycles_can_be_switched_and_the_current_one_is_named(pages):
    assert 'cycle=checklist-2026" aria-current="page"' in pages["complete"]
    assert re.search(r'cycle=checklist-2025">Checklist 2025', pages["complete"])
