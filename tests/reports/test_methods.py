"""The methods page prints what the calculation does; the glossary has a place for every word."""

import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest
from flask import Flask, render_template

from reports.glossary import TERMS
from reports.intervals import wilson
from reports.pair import build
from reports.product_summaries import LEAST_ANSWERED, LEAST_FLOOR
from reports.response_rates import PARTIAL_FROM
from reports.suppression import suppress
from tests.reports.builder import worked_frame, worked_questionnaire
from tests.reports.page_states import CHECKLIST, page_app, words


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Flask:
    return page_app(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def methods(app) -> str:
    with app.test_request_context("/methods"):
        return render_template("reports/methods.html", questionnaires=[CHECKLIST])


def test_methods_print_the_rules_of_the_questionnaire(app, methods):
    text = words(methods)
    for level in CHECKLIST.scoring.levels:
        assert f"{level.level} {level.name} {level.meaning}" in text
    changed = replace(
        CHECKLIST, scoring=replace(CHECKLIST.scoring, weaker_side_factor=0.5, perception_gap=35.0)
    )
    with app.test_request_context("/methods"):
        other = words(render_template("reports/methods.html", questionnaires=[changed]))
    assert "Weaker-side factor k 0.5 " in other
    assert "Wide gap from 35 points" in other


def test_the_worked_example_on_the_page_is_the_calculation(methods):
    report = build(worked_questionnaire(), worked_frame())
    rows = [
        [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", methods, re.S)
    ]
    items = {row[0]: row for row in rows if re.fullmatch(r"[A-Z]{3}-\d\d", row[0])}
    for item in report.items.to_dict("records"):
        shown = items[item["item"]]
        assert shown[4] == (f"{item['joint']:.2f}" if item["joint"] == item["joint"] else "–none")
        gap = item["difference"]
        assert shown[5] == ("–none" if gap != gap else f"{gap:+g}".replace("-", "−") if gap else "0")
    domains = {row[0]: row for row in rows if re.fullmatch(r"[A-Z]{3}", row[0])}
    for domain in report.domains.to_dict("records"):
        numbers = [float(text) for text in domains[domain["id"]][1:4]]
        assert numbers == pytest.approx([domain["fusion_center"], domain["eoc"], domain["joint"]], abs=0.05)
        assert float(domains[domain["id"]][5]) == pytest.approx(domain["gap"])
    assert f"{report.index:.4f}" in methods
    assert f"{report.agreement.index:g}</strong>" in methods


def test_methods_name_their_sources_and_what_the_hash_covers(methods):
    text = words(methods)
    for saying in (
        "Frey",
        "Cohen, J. (1968)",
        "Shrout",
        "fewer than five pairs",
        "SHA-256",
        "answer at random get 60",
    ):
        assert saying in text


def test_every_term_has_a_place_of_its_own_and_links_to_terms_lead_there(app, methods):
    with app.test_request_context("/glossary"):
        page = render_template("reports/glossary.html", terms=TERMS)
    anchors = [term.anchor for term in TERMS]
    assert len(anchors) == len(set(anchors))
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []
    linked = re.findall(r'href="/glossary#([^"]+)"', methods)
    assert linked
    assert set(linked) <= set(anchors)
    assert [term.name.casefold() for term in TERMS] == sorted(term.name.casefold() for term in TERMS)


def test_methods_of_the_product_survey_agree_with_the_calculation(methods):
    text = words(methods[methods.index('<section id="products">') : methods.index('<section id="hiding">')])
    assert PARTIAL_FROM == 0.5
    assert "partial where at least half of what was shown" in text
    assert LEAST_ANSWERED == 8 / 12
    assert "at least two thirds of the attributes (8 of 12)" in text
    assert f"never under {LEAST_FLOOR})" in text
    assert "fewer than 10 respondents" in text
    hidden = suppress(pd.DataFrame({"people": [24, 6]}), 10)["people"].isna()
    assert hidden.all(), "the page's example: 6 stands beside 24 and both go"
    assert "the larger is hidden too" in text


def test_methods_name_what_the_product_survey_rests_on(methods):
    text = words(methods)
    for source in ("Wilson, E. B. (1927)", "Newcombe, R. G. (1998)", "Cronbach", "McDonald", "Benjamini, Y."):
        assert source in text[text.rindex("Sources") :], source
    for word in ("RR1 =", "RR2 =", "net score", "grand means", "Welch", "McNemar", "released once"):
        assert word in text, word


def test_the_formula_printed_for_an_interval_is_the_one_computed(methods):
    p, n, z = 0.4, 20, 1.959964
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    by_hand = [(middle + sign * half) / (1 + z * z / n) for sign in (-1, 1)]
    assert "(p + z² ÷ 2n ± z √(p (1 − p) ÷ n + z² ÷ 4n²)) ÷ (1 + z² ÷ n)" in methods
    assert list(wilson(8, 20)) == pytest.approx(by_hand, abs=1e-6)
