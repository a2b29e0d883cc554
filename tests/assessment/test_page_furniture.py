"""What the macros promise to people who read a page by ear, by keyboard or on paper."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, flash, render_template_string
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from assessment.assets import serve_static

ROOT = Path(__file__).resolve().parents[2]
Render = Callable[..., str]


class Elements(HTMLParser):
    """All start tags of a page as (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.found if "id" in attributes]


class Answer(Form):
    name = StringField("Name", [InputRequired("Enter your name.")], description="As on your badge.")
    note = TextAreaField("Note", [Optional()])
    level = RadioField("How far?", [InputRequired("Choose a level.")], choices=["None", "Some"])
    share = BooleanField("Share it", [InputRequired("Tick the box.")])


def failed_form() -> Answer:
    form = Answer(MultiDict())
    assert not form.validate()
    return form


@pytest.fixture
def render(tmp_path: Path) -> Render:
    app = Flask("assessment", root_path=str(ROOT / "assessment"), static_folder=None)
    app.secret_key = "for this test"
    serve_static(app, tmp_path)
    app.jinja_env.globals["csrf_token"] = lambda: "token-of-this-form"

    def rendered(source: str, flashes: list[tuple[str, str]] | None = None, **context: object) -> str:
        with app.test_request_context("/"):
            for category, message in flashes or []:
                flash(message, category)
            return render_template_string(source, **context)

    return rendered


PAGE = """{% extends "base.html" %}
{% block title %}Work{% endblock %}
{% block content %}<h1>Your work</h1>{% endblock %}"""
FORMS = '{% from "macros/forms.html" import error_summary, field %}'
REPORTS = '{% from "macros/reports.html" import data_table, figure, gap %}'


# the frame


def test_the_marking_stands_at_the_top_and_the_bottom(render: Render) -> None:
    page = render(PAGE, marking="UNCLASSIFIED//EXERCISE")
    assert page.count("UNCLASSIFIED//EXERCISE") == 2
    assert page.index("UNCLASSIFIED//EXERCISE") < page.index("<h1>") < page.rindex("UNCLASSIFIED//EXERCISE")
    assert render(PAGE).count(">UNCLASSIFIED<") == 2


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_data_is_labelled_where_it_is_synthetic(render: Render, synthetic: bool) -> None:
    assert ("Synthetic demonstration data." in render(PAGE, synthetic=synthetic)) is synthetic


def test_the_frame_needs_no_inline_style_or_script(render: Render) -> None:
    page = Elements(
        render(PAGE, person={"name": "Dana", "role": "Manager", "center": "EOC-CO"}, has_figures=True)
    )
    assert page.all("style") == []
    assert [attributes for _, attributes in page.found if "style" in attributes] == []
    assert [a for _, attributes in page.found for a in attributes if re.match(r"on|hx-on", a)] == []
    assert [script for script in page.all("script") if not script.get("src")] == []


def test_the_chart_files_load_only_where_there_are_figures(render: Render) -> None:
    with_figures = render("{% set has_figures = true %}" + PAGE)
    assert 'id="plotly.js-style-global" class="no-inline-styles"' in with_figures
    assert "charts.js" in with_figures
    assert "charts.js" not in render(PAGE)


def test_the_government_banner_is_not_ours_to_show(render: Render) -> None:
    assert "official website" not in render(PAGE).lower()


def test_signing_out_is_a_post_with_a_token(render: Render) -> None:
    page = Elements(render(PAGE, person={"name": "Dana", "role": "Manager", "center": "EOC-CO"}))
    (form,) = page.all("form")
    assert (form["method"], form["action"]) == ("post", "/sign-out")
    assert {"type": "hidden", "name": "csrf_token", "value": "token-of-this-form"} in page.all("input")
    assert Elements(render(PAGE)).all("form") == []


def test_the_current_page_is_named_in_the_navigation(render: Render) -> None:
    links = [("Work", "/work", True), ("Cycles", "/cycles", False)]
    page = Elements(render(PAGE, navigation=[{"label": a, "href": b, "current": c} for a, b, c in links]))
    assert [link["href"] for link in page.all("a") if link.get("aria-current") == "page"] == ["/work"]


def test_messages_are_announced_and_escaped(render: Render) -> None:
    page = render(PAGE, flashes=[("success", "Saved <b>"), ("error", "Not saved")])
    assert "Saved &lt;b&gt;" in page
    roles = {str(box["class"]).split()[1]: box["role"] for box in Elements(page).all("div") if "role" in box}
    assert roles == {"usa-alert--success": "status", "usa-alert--error": "alert"}


# forms


def test_a_control_is_described_by_its_hint_and_its_error(render: Render) -> None:
    page = Elements(render(FORMS + "{{ field(form.name, autocomplete='name') }}", form=failed_form()))
    (control,) = page.all("input")
    assert str(control["aria-describedby"]).split() == ["name-hint", "name-error"]
    assert set(str(control["aria-describedby"]).split()) <= set(page.ids)
    assert (control["aria-invalid"], control["autocomplete"]) == ("true", "name")
    assert [label["for"] for label in page.all("label")] == ["name"]


def test_a_control_without_hint_and_error_is_described_by_nothing(render: Render) -> None:
    page = Elements(render(FORMS + "{{ field(form.note) }}", form=Answer()))
    assert "aria-describedby" not in page.all("textarea")[0]


def test_options_are_a_group_with_the_question_as_its_name(render: Render) -> None:
    html = render(FORMS + "{{ field(form.level) }}", form=failed_form())
    page = Elements(html)
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1
    assert "How far?" in html
    assert page.all("fieldset")[0]["aria-describedby"] == "level-error"
    assert [option["id"] for option in page.all("input")] == ["level-0", "level-1"]


def test_each_error_in_the_summary_leads_to_its_control(render: Render) -> None:
    source = FORMS + "{{ error_summary(form) }}{% for f in form %}{{ field(f) }}{% endfor %}"
    html = render(source, form=failed_form())
    page = Elements(html)
    targets = [str(link["href"]).removeprefix("#") for link in page.all("a")]
    assert targets == ["name", "level-0", "share"]
    controls = {str(control["id"]) for control in page.all("input") if "id" in control}
    assert set(targets) <= controls
    assert page.all("div")[0]["tabindex"] == "-1"


def test_no_errors_no_summary(render: Render) -> None:
    assert render(FORMS + "{{ error_summary(form) }}{{ error_summary([]) }}", form=Answer()).strip() == ""


def test_errors_that_no_form_knows_can_be_listed(render: Render) -> None:
    errors = [{"text": "Line 900 <has> no code.", "href": "#file"}, {"text": "Nothing was written."}]
    html = render(FORMS + "{{ error_summary(errors) }}", errors=errors)
    assert "Line 900 &lt;has&gt; no code." in html
    assert [link["href"] for link in Elements(html).all("a")] == ["#file"]


# reports

COLUMNS = ["Region", {"label": "Mean", "numeric": True}]


def test_a_table_is_a_named_region_that_the_keyboard_reaches(render: Render) -> None:
    html = render(
        REPORTS + "{{ data_table('By region', columns, rows) }}", columns=COLUMNS, rows=[["One", 52]]
    )
    page = Elements(html)
    region = page.all("div")[0]
    assert (region["role"], region["aria-label"], region["tabindex"]) == ("region", "By region", "0")
    assert [heading["scope"] for heading in page.all("th")] == ["col", "col", "row"]
    assert page.all("td")[0]["class"] == "number"


def test_a_hidden_number_says_why_and_a_missing_one_is_read_out(render: Render) -> None:
    rows = [
        ["One", {"hidden": "fewer than 5 pairs"}],
        ["Two", None],
        ["Three", 0],
        ["Four", Markup("<b>7</b>")],
    ]
    html = render(REPORTS + "{{ data_table('By region', columns, rows) }}", columns=COLUMNS, rows=rows)
    assert "Hidden, fewer than 5 pairs" in html
    assert '<span class="usa-sr-only">none</span>' in html
    assert '<td class="number">0</td>' in html
    assert "<b>7</b>" in html


def test_an_empty_table_says_so(render: Render) -> None:
    html = render(
        REPORTS + "{{ data_table('By region', columns, [], empty='No region yet.') }}", columns=COLUMNS
    )
    assert '<td colspan="2">No region yet.</td>' in html


def test_a_figure_brings_its_sentence_its_picture_and_its_table(render: Render) -> None:
    source = REPORTS + "{{ figure('f1', 'Domains', 'Planning <is> low.', json, table) }}"
    table = {"caption": "Domains", "columns": COLUMNS, "rows": [["Planning", 12]]}
    html = render(source, json='{"data":[{"name":"</script>"}],"layout":{}}', table=table)
    page = Elements(html)
    (chart,) = [box for box in page.all("div") if "data-figure-target" in box]
    assert (chart["role"], chart["data-figure-target"]) == ("img", "f1")
    assert "Planning <is> low." in str(chart["aria-label"])
    assert "Planning &lt;is&gt; low." in html
    assert html.count("</script>") == 1
    assert len(page.all("details")) == len(page.all("table")) == 1


@pytest.mark.parametrize(
    ("value", "span", "step", "shown"),
    [
        (4, 4, 6, "+4"),
        (-4, 4, 0, "−4"),
        (0, 4, 3, "0"),
        (1, 4, 4, "+1"),
        (-2, 4, 1, "−2"),
        (250, 100, 6, "+250"),
    ],
)
def test_gaps_go_from_orange_to_blue_and_carry_their_sign(
    render: Render, value: float, span: float, step: int, shown: str
) -> None:
    html = render(REPORTS + "{{ gap(value, span) }}", value=value, span=span)
    assert html == f'<span class="gap gap--{step}">{shown}</span>'
