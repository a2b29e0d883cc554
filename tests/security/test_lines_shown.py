"""The security checklist, what is shown: scripts stored and reflected, charts, spreadsheets, templates."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from reports.sheets import plain_sheet, workbook
from reports.table_files import csv_file
from tests.director import make
from tests.security.crawl import BASE, pages
from tests.security.hostile import MARK, MARKUP, SHEETS, TEMPLATES
from tests.security.pages_read import look_at, page_of
from tests.security.poison import FORMULA, POISON
from tests.security.site import ROLES, Site
from tests.security.sources import callers, templates

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
RUNS = re.compile(r"\s*[=+@\t\r-]")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


@SQLITE
def test_01_stored_xss(site: Site) -> None:
    """Every word that somebody may write is hostile; every page of every role shows them as words."""
    poisoned, found = 0, []
    for role in ROLES:
        for address, answer in pages(site, role):
            poisoned += MARK.encode() in answer.data
            found += [f"{address} as {role}: {fault}" for fault in look_at(answer, address)]
    assert not found, "\n".join(found)
    assert poisoned > 60  # else nothing was tried


@SQLITE
def test_01_stored_xss_in_own_questions_and_letters(site: Site) -> None:
    """A director's question, its choices, letters and the introduction, as partners see them."""
    public_id = make(site.network, introduction=POISON)
    director = site.network.browser("director")
    start = f"/surveys/{public_id}"
    question = {"wording": f"Why? {POISON}", "kind": "single_choice", "choices": f"a {POISON}\r\nb {POISON}"}
    assert director.post(f"{start}/questions/own", question, form=f"{start}/questions").status_code == 302
    words = {"subject": f"Hello {POISON}", "body": f"{POISON} {{link}} {{opt_out}} {{privacy}}"}
    assert director.post(f"{start}/words/invitation", words).status_code == 302
    for step in ("questions", "check", "preview", "words/invitation"):
        answer = director.get(f"{start}/{step}")
        assert answer.status_code == 200, step
        assert MARK in answer.get_data(as_text=True), step
        assert not look_at(answer, step)
    site.restore()


def test_01_stored_xss_nothing_goes_round_the_escaping() -> None:
    """One function makes HTML of data, without what HTML reads; no template switches escaping off."""
    assert callers("Markup") == {"assessment/assets.py"}
    assert callers("render_template_string") == set()
    around = re.compile(
        r"\|\s*safe\b|autoescape\s+false|\|\s*tojson|<script(?![^>]*(src=|application/json))|\son(?!ly)\w+=|style="
    )
    assert {name: around.findall(body) for name, body in templates().items() if around.search(body)} == {}


@SQLITE
@pytest.mark.parametrize("what", ["/centers/import", "/pairs/import", "partners"])
def test_02_reflected_xss_in_import_results(site: Site, what: str) -> None:
    """A file's cells, header and name come back on the page that lists what is wrong with them."""
    role = "director" if what == "partners" else "admin"
    path = f"/surveys/{make(site.network)}/partners/import" if what == "partners" else what
    browser = site.network.browser(role)
    for content in _files():
        data = {"file": (io.BytesIO(content.encode()), f'"><{MARK}>.csv')}
        answer = browser.post(path, data, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert MARK in answer.get_data(as_text=True)
        assert not look_at(answer, path)
    site.restore()


def _files() -> Iterator[str]:
    yield from (f"{word},name\n1,2\n" for word in MARKUP if "\n" not in word)
    cells = ",".join('"' + word.replace('"', '""') + '"' for word in MARKUP[:6])
    yield f"code,name,kind,level,state,fema_region\n{cells}\n"
    yield f"email,name,organization,sector,level,state\n{cells}\n"


@SQLITE
def test_02_reflected_xss_in_query_strings(site: Site) -> None:
    """Every page with every name that any link or form of the site has in its address, and hostile values."""
    names = _query_names(site)
    assert {"cycle", "text", "page", "region", "next"} <= names
    found = []
    for role in (None, "admin", "director"):
        client = site.browser(role)
        for rule in site.network.app.url_map.iter_rules():
            if rule.arguments or "GET" not in (rule.methods or ()):
                continue
            value = "".join((MARKUP[1], MARKUP[3], MARKUP[12]))
            answer = client.get(rule.rule, query_string=dict.fromkeys(names, value), base_url=BASE)
            assert answer.status_code < 500
            found += [f"{rule.rule}: {fault}" for fault in look_at(answer, rule.rule)]
    assert not found, "\n".join(found)


def _query_names(site: Site) -> set[str]:
    names = {"next", "page", "sort", "order", "error", "message"}
    for role in ("admin", "director"):
        for address, answer in pages(site, role):
            if answer.mimetype == "text/html":
                page = page_of(answer, address)
                names |= set(re.findall(r"[?&]([a-z_]+)=", " ".join(page.links)))
                names |= {f.name for form in page.forms if form.method == "get" for f in form.fields}
    return names


@SQLITE
def test_03_charts(site: Site) -> None:
    """Words in charts are data, and not even the few tags that the chart library reads are left in them."""
    strings = [
        (address, word)
        for role in ("admin", "director", "manager", "reviewer")
        for address, answer in pages(site, role)
        if answer.mimetype == "text/html"
        for island in re.findall(
            r'<script type="application/json"[^>]*>(.*?)</script>', answer.get_data(as_text=True), re.S
        )
        for word in _strings(json.loads(island))
    ]
    assert len(strings) > 100
    ours = {"<b>", "</b>", "<br>", "<i>", "</i>", "<extra></extra>", "<extra>", "</extra>"}
    tags = {(a, tag) for a, word in strings for tag in re.findall(r"<[^>]*>?", word) if tag not in ours}
    assert {tag for _, tag in tags if MARK in tag or "script" in tag or "href" in tag} == set(), tags


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


FORMULAS = [
    *SHEETS,
    "=1+1",
    "-2+3",
    "+1",
    "@SUM(A1)",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\t@x",
    "＝1",
    "%0A=1",
]


def test_05_formula_injection_in_files() -> None:
    """In cells and in headers, in CSV and in workbooks; numbers stay numbers and no character is lost."""
    rows = [[word, 5, -5, -0.25] for word in FORMULAS]
    about = {"cycle": "=2+5", "=note": "x"}
    content = csv_file(["=head", "n", "m", "o"], rows, about).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline="")):
        assert [cell for cell in row if RUNS.match(cell) and not NUMBER.fullmatch(cell)] == []
    for word in FORMULAS:
        assert word.strip() in content.replace('""', '"'), word
    target = io.BytesIO()
    with workbook(target) as book:
        plain_sheet(book, "=sheet", ["=head", "n", "m", "o"], rows, about)
    cells = [cell for row in load_workbook(target).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell.value for cell in cells if cell.data_type == "s" and RUNS.match(str(cell.value))]
    assert [cell.value for cell in cells if cell.data_type == "n" and cell.value is not None][:3] == [
        5,
        -5,
        -0.25,
    ]


@SQLITE
def test_05_formula_injection_in_every_file_of_the_site(site: Site) -> None:
    """Notes, names, comments and titles that begin a formula, through every address that gives a CSV file."""
    files = formulas = 0
    for role in ("admin", "director", "manager", "reviewer"):
        for address, answer in pages(site, role):
            if answer.mimetype != "text/csv":
                continue
            files += 1
            for row in csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"), newline="")):
                assert [c for c in row if RUNS.match(c) and not NUMBER.fullmatch(c)] == [], address
                formulas += sum(FORMULA in cell for cell in row)
    assert files >= 3
    assert formulas > 20  # else nothing was tried


@SQLITE
def test_06_template_injection(site: Site) -> None:
    """What an operator writes is text with a fixed list of placeholders, whatever stands in braces."""
    public_id = make(site.network)
    director = site.network.browser("director")
    for word in (
        *TEMPLATES,
        "{name.__class__}",
        "{0}",
        "{name!r}",
        "{link.__init__.__globals__}",
        "%(name)s",
    ):
        body = f"{word} {{link}} {{opt_out}} {{privacy}}"
        answer = director.post(f"/surveys/{public_id}/words/invitation", {"subject": word, "body": body})
        assert answer.status_code in (302, 422), word
        shown = director.get(f"/surveys/{public_id}/check").get_data(as_text=True)
        assert "62615533" not in shown
        assert "<class" not in shown
        assert "SECRET_KEY" not in shown
    site.restore()


def test_06_template_injection_no_template_is_made_of_text() -> None:
    assert callers("render_template_string", "from_string", "format_map") == set()
