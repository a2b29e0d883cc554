"""The results of a product survey: who reads them, in which state, and that what is hidden stays hidden."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import select

from assessment.models.audit import AuditEvent
from tests.conftest import Network
from tests.furnished_once import furnished_once
from tests.product_world import SIX_AND_234, released, sheet

PAGE, JSON = "/reports/products/FC-CO", "/api/v1/reports/products/FC-CO"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # pure, or words


def six_and_234(network: Network) -> None:
    """234 others and six EOC officials, two of whom wrote something."""
    sheets = SIX_AND_234()
    sheets[0] = sheet("eoc", 5, "=HYPERLINK(1) call us first")
    sheets[9] = sheet("law_enforcement", 4, "Names <b>Pat Lee</b>, keep back")
    with network.database.writing() as session:
        released(session, network.library.get("product-usefulness"), sheets)


@pytest.fixture
def survey(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return furnished_once(network, tmp_path_factory, six_and_234)


@ON_SQLITE
def test_six_eoc_officials_beside_234_others_are_hidden_everywhere(survey: Network) -> None:
    director = survey.browser("director")
    found = director.client.get(JSON, base_url="http://localhost").get_json()
    assert found["responded"] == 240
    assert found["headline"]["usefulness"]["n"] == 240
    assert [group["usefulness"]["n"] for group in found["groups"]] == [None, None]
    assert all(group["usefulness"]["suppressed"] for group in found["groups"])
    assert found["difference"]["value"] is None
    page = director.client.get(PAGE, base_url="http://localhost").text
    assert "fewer than 10, or it would reveal such a group" in page
    groups = page[page.index('id="groups"') : page.index('id="needs"')]
    assert groups.count('"number">Hidden<') == 4 * 3  # share, interval and n of two groups and two questions
    assert "234" not in groups
    assert " 6 " not in groups


@pytest.mark.parametrize(
    ("database_url", "kind"),
    [*(("sqlite", kind) for kind in ("csv", "xlsx", "sav", "parquet")), ("postgresql", "csv")],
    indirect=["database_url"],  # a format knows no database
)
def test_files_hold_the_numbers_of_the_page_and_hide_what_it_hides(survey: Network, kind: str) -> None:
    director = survey.browser("director")
    answer = director.client.get(f"{PAGE}/results.{kind}", base_url="http://localhost")
    assert answer.status_code == 200
    values = {"csv": of_csv, "sav": of_sav, "parquet": of_parquet, "xlsx": of_xlsx}[kind](answer.data)
    expected = director.client.get(JSON, base_url="http://localhost").get_json()["headline"]["usefulness"]
    assert values["headline", "Usefulness", "top_two"] == pytest.approx(expected["top_two"], abs=1e-12)
    assert values["headline", "Usefulness", "n"] == 240
    assert values["groups", "EOC officials", "n"] == "hidden"
    assert values["groups", "Others", "n"] == "hidden"
    assert values["choices", "EOC or emergency management", "count"] == "hidden"
    assert values["choices", "Law enforcement", "count"] == "hidden"
    assert "HYPERLINK" not in str(values)


def _long(rows: list[dict[str, object]]) -> dict[tuple[str, str, str], object]:
    found: dict[tuple[str, str, str], object] = {}
    for row in rows:
        key = (str(row["table"]), str(row["row"]).split(" / ")[0], str(row["measure"]))
        found.setdefault(key, "hidden" if row["state"] == "hidden" else row["value"])
        if row["state"] == "hidden":
            assert row["value"] in (None, "", -99.0) or pd.isna(row["value"])
    return found


def of_csv(content: bytes) -> dict[tuple[str, str, str], object]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["marking"] for row in rows} == {"UNCLASSIFIED"}
    assert {row["n"] for row in rows} == {"240"}
    assert {row["version"] for row in rows} == {"1.0"}
    numbers = [row | {"value": float(row["value"]) if row["value"] else None} for row in rows]
    return _long(numbers)


def of_parquet(content: bytes) -> dict[tuple[str, str, str], object]:
    return _long(pd.read_parquet(io.BytesIO(content)).to_dict("records"))


def of_sav(content: bytes) -> dict[tuple[str, str, str], object]:
    import tempfile

    import pyreadstat

    with tempfile.NamedTemporaryFile(suffix=".sav") as file:
        file.write(content)
        file.flush()
        frame, meta = pyreadstat.read_sav(file.name, user_missing=True)
        as_missing, _ = pyreadstat.read_sav(file.name)
    assert meta.variable_value_labels["value"] == {-99.0: "Hidden"}
    for name in ("table", "measure", "state"):
        frame[name] = frame[name].map(meta.variable_value_labels[name])
    assert as_missing["value"][frame["state"] == "hidden"].isna().all()
    assert any("UNCLASSIFIED" in note for note in meta.notes)
    return _long(frame.to_dict("records"))


def of_xlsx(content: bytes) -> dict[tuple[str, str, str], object]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    assert {"about", "headline", "groups", "choices", "codebook"} <= set(book.sheetnames)
    names = {"4 or 5": "top_two", "Answers": "n", "Chosen by": "count"}
    found: dict[tuple[str, str, str], object] = {}
    for name in book.sheetnames:
        lines = list(book[name].values)
        assert "marking: UNCLASSIFIED" in str(lines[0][0])
        for line in lines[2:]:
            for title, value in zip(lines[1], line, strict=True):
                value = "hidden" if value == "Hidden" else value
                found.setdefault((name, str(line[0]), names.get(str(title), str(title))), value)
        assert all(cell.data_type != "f" for row in book[name].iter_rows() for cell in row)
    return found


def test_before_the_release_there_is_who_has_answered_and_no_number(network: Network) -> None:
    with network.database.writing() as session:
        main = network.library.get("product-usefulness")
        released(session, main, SIX_AND_234(), released_on=None, closes_on=date(2026, 6, 30))
    director = network.browser("director")
    found = director.client.get(JSON, base_url="http://localhost").get_json()
    assert (found["released"], found["responded"]) == (None, 240)
    assert found["headline"]["usefulness"] == {
        "top_two": None, "n": None, "low": None, "high": None, "suppressed": True,
    }  # fmt: skip
    page = director.client.get(PAGE, base_url="http://localhost").text
    assert "open until the end of 30 Jun 2026" in page
    assert "240 people have finished" in page
    assert director.client.get(f"{PAGE}/results.csv", base_url="http://localhost").status_code == 404


@ON_SQLITE
def test_states_without_numbers(network: Network) -> None:
    main = network.library.get("product-usefulness")
    with network.database.writing() as session:
        released(session, main, [], code="none", center="FC-CO")
        released(session, main, [sheet("eoc", 4)] * 9, code="few", center="FC-CO")
    director = network.browser("director")
    none = director.client.get(f"{PAGE}?cycle=none", base_url="http://localhost").text
    few = director.client.get(f"{PAGE}?cycle=few", base_url="http://localhost").text
    assert "Nobody answered this survey" in none
    assert "every number is hidden" in few
    assert "%" not in few[few.index('class="opening"') : few.index('id="answered"')]


READERS = {
    "director": 200,
    "analyst": 200,
    "admin": 200,
    "reviewer": 404,
    "wyoming": 404,
    "manager": 404,
}


def test_who_reads_the_results(survey: Network) -> None:
    for name, status in READERS.items():
        client = survey.browser(name).client
        for address in (PAGE, JSON, f"{PAGE}?cycle=products-co", f"{PAGE}/results.csv"):
            assert client.get(address, base_url="http://localhost").status_code == status, (name, address)
        absent = client.get("/reports/products/FC-NO", base_url="http://localhost")
        assert absent.status_code == 404, name
        assert client.get(f"{PAGE}?cycle=no", base_url="http://localhost").status_code == 404, name


def test_an_administrators_view_is_in_the_trail_and_a_directors_is_not(survey: Network) -> None:
    survey.browser("director").client.get(PAGE, base_url="http://localhost")
    survey.browser("admin").client.get(PAGE, base_url="http://localhost")
    with survey.database.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "survey results viewed")).all()
    assert [event.subject for event in events] == ["survey products-co of FC-CO"]


def test_a_reviewer_reads_what_was_shared_before_the_release(network: Network) -> None:
    main = network.library.get("product-usefulness")
    with network.database.writing() as session:
        released(session, main, SIX_AND_234(), shared_on=date(2026, 5, 2))
        released(session, main, SIX_AND_234(), code="late", shared_on=date(2026, 6, 12))
    client = network.browser("reviewer").client
    assert client.get(f"{PAGE}?cycle=products-co", base_url="http://localhost").status_code == 200
    assert client.get(f"{PAGE}?cycle=late", base_url="http://localhost").status_code == 404


def test_comments_show_when_the_director_says_so_and_never_before(survey: Network) -> None:
    director, address = survey.browser("director"), f"{PAGE}/comments?cycle=products-co"
    before = director.client.get(PAGE, base_url="http://localhost").text
    assert "call us first" not in before
    review = director.client.get(address, base_url="http://localhost").text
    assert "<b>Pat Lee" not in review
    assert "&lt;b&gt;Pat Lee" in review
    names = [part.split('"')[0] for part in review.split('name="comment-')[1:]]
    shown_first = review.index("call us first") < review.index("Pat Lee")
    kept, hidden = (names[0], names[2]) if shown_first else (names[2], names[0])
    form = {"csrf_token": director.token(address), f"comment-{kept}": "show", f"comment-{hidden}": "hide"}
    form["comment-" + "0" * 24] = "show"
    director.client.post(address, data=form, base_url="http://localhost")
    after = director.client.get(PAGE, base_url="http://localhost").text
    assert "call us first" in after
    assert "Pat Lee" not in after
    plain = director.client.get(f"{PAGE}/results.csv", base_url="http://localhost").text
    assert "call us first" not in plain
    asked = director.client.get(f"{PAGE}/results.csv?comments=yes", base_url="http://localhost").text
    assert "'=HYPERLINK(1) call us first" in asked
    assert "Pat Lee" not in asked


@ON_SQLITE
def test_no_number_is_parted_from_its_unit(survey: Network) -> None:
    """A line may not end between them, on a phone least of all."""
    page = survey.browser("director").client.get(PAGE, base_url="http://localhost").text
    assert "\xa0%" in page
    assert not re.findall(r"\d (?:%|points)", page)


@ON_SQLITE
def test_net_scores_have_one_unit(survey: Network) -> None:
    """On the chart, in its sentence and in its table: points, for a share less a share is no percentage."""
    page = survey.browser("director").client.get(PAGE, base_url="http://localhost").text
    types = page[page.index('id="types"') : page.index('id="effect"')]
    nets = set(re.findall(r"net ([^,]*), n", types)) | set(re.findall(r"\(([^()]*points)\)", types))
    cells = re.findall(r'<td class="number">([^<]*points)</td>', types)
    assert {net.encode().decode("unicode_escape") if "\\u" in net else net for net in nets} == set(cells)
    assert len(cells) == 1


def test_nobody_but_the_director_reviews_comments(survey: Network) -> None:
    for name in ("analyst", "admin", "wyoming", "reviewer"):
        client = survey.browser(name).client
        assert client.get(f"{PAGE}/comments", base_url="http://localhost").status_code == 404, name


def test_results_of_the_survey_before_stand_beside(network: Network) -> None:
    main = network.library.get("product-usefulness")
    with network.database.writing() as session:
        last_year = [sheet("eoc", 2 + place % 3) for place in range(40)]
        released(
            session, main, last_year, code="before", released_on=date(2025, 6, 10),
            opens_on=date(2025, 5, 1), closes_on=date(2025, 6, 10),
        )  # fmt: skip
        released(session, main, [sheet("other", 4 + place % 2) for place in range(60)])
    page = network.browser("director").client.get(PAGE, base_url="http://localhost").text
    said = "Usefulness: 100.0 % of 60 now, 32.5 % of 40 before, a change of +67.5 points (95 % interval"
    assert said.replace(" %", "\xa0%").replace(" points", "\xa0points") in page
    assert "Change since Products and information 2026" in page  # the title of the one before, not its code
    assert "how many people answered both times is not known" in page


def test_the_centers_page_leads_those_who_may_read_to_the_results(network: Network) -> None:
    main = network.library.get("product-usefulness")
    with network.database.writing() as session:
        shared = {"shared_on": date(2025, 5, 2), "opens_on": date(2025, 5, 1), "closes_on": date(2025, 6, 10)}
        released(session, main, SIX_AND_234(), "shared", released_on=date(2025, 6, 10), **shared)
        released(session, main, SIX_AND_234(), "own")
        released(session, main, SIX_AND_234(), "open", released_on=None, closes_on=date(2026, 6, 30))
    seen = {
        name: re.findall(
            r"/reports/products/FC-CO\?cycle=(\w+)",
            network.browser(name).client.get("/centers/FC-CO", base_url="http://localhost").text,
        )
        for name in ("director", "reviewer", "manager", "wyoming")
    }
    assert seen["director"] == ["own", "shared"]
    assert seen["reviewer"] == ["shared"]
    for name, cycles in seen.items():
        client = network.browser(name).client
        for cycle in ("shared", "own", "open"):
            page = client.get(f"{PAGE}?cycle={cycle}", base_url="http://localhost")
            assert (page.status_code == 200) >= (cycle in cycles), (name, cycle)
            assert cycle in cycles or page.status_code == 404 or "finished so far" in page.text, (name, cycle)
