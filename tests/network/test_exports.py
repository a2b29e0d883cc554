"""The network's files, read back with the numbers of the JSON."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from assessment.models.directory import Center
from assessment.models.people import PersonRow
from reports.packages import verify
from tests.conftest import Network, email_of
from tests.furnished_once import furnished_once
from tests.network.exported import change_of, domain, json_of
from tests.network.packages import ABOUT, KINDS, TABLES, digits, files_of, read_back, spss
from tests.network.submitting import rows
from tests.network.wide import FORMULA, add_wide_network, answered_cycle
from tests.read_only import made_once_for_a_file
from tests.signed_in import signed_in

ON_SQLITE = pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # where databases do not differ
pytestmark = pytest.mark.xdist_group("exports")  # one network to read
SCOPES = ["", "&region=8", "&region=9", "&state=UT", "&level=county"]


def two_cycles(network: Network) -> None:
    add_wide_network(network)
    answered_cycle(network, "spring", date(2026, 5, 1), seed=1)
    answered_cycle(network, "summer", date(2026, 6, 1), seed=2)


@pytest.fixture
def wide(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of the test's own."""
    return furnished_once(network, tmp_path_factory, two_cycles)


def three_cycles(network: Network) -> None:
    """The same and one cycle more; all of FC-CA's pairs but four are the analyst's too."""
    two_cycles(network)
    answered_cycle(network, "autumn", date(2026, 6, 10), seed=3)
    with network.database.writing() as session:
        analyst = session.query(PersonRow).filter_by(email=email_of("analyst")).one()
        analyst.centers.append(session.query(Center).filter_by(code="EOC-14").one())


read = made_once_for_a_file(three_cycles)

Package = Callable[..., bytes]


@pytest.fixture(scope="module")
def package(read: Network) -> Package:
    """Archives of that network, each fetched once."""
    return functools.cache(functools.partial(fetched, read))


def fetched(
    network: Network, kind: str, scope: str = "", name: str = "reviewer", cycle: str = "summer"
) -> bytes:
    answer = signed_in(network, name).get(f"/reports/network/files/{kind}?cycle={cycle}{scope}")
    assert answer.status_code == 200
    return answer.data  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_comes_back_with_the_numbers_of_the_json(
    read: Network, package: Package, kind: str, tmp_path: Path
) -> None:
    numbers_come_back(read, package, kind, tmp_path)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_format_comes_back_from_postgresql(wide: Network, tmp_path: Path) -> None:
    """One is enough: a format knows no database."""
    numbers_come_back(wide, functools.partial(fetched, wide), "csv", tmp_path)


def numbers_come_back(network: Network, package: Package, kind: str, tmp_path: Path) -> None:
    hidden = shown = 0
    for scope in SCOPES:
        wanted = signed_in(network, "admin").get(f"/api/v1/reports/network?cycle=summer{scope}").get_json()
        content = package(kind, scope, "admin")
        assert verify(content) == []
        found = digits(json_of(read_back(content, kind, tmp_path)))
        assert found == {name: digits(wanted[name]) for name in found}, scope
        hidden += str(wanted).count("suppressed")
        shown += wanted["trend"]["change"] is not None
    assert hidden > 20
    assert shown


@pytest.mark.parametrize("kind", KINDS)
def test_changes_and_regions_are_those_of_the_pages_of_each_cycle_and_region(
    read: Network, package: Package, kind: str, tmp_path: Path
) -> None:
    shown = []
    for name in ("reviewer", "region8", "director"):
        browser = signed_in(read, name)
        tables = read_back(package(kind, name=name, cycle="autumn"), kind, tmp_path)
        trends = [
            browser.get(f"/api/v1/reports/network?cycle={cycle}").get_json()["trend"]
            for cycle in ("summer", "autumn")
        ]
        found = digits([change_of(row) for row in tables["changes"].to_dict("records")])
        assert found == digits([without(trend, "previous_cycle") for trend in trends]), name
        assert list(tables["changes"]["before"]) == ["Cycle spring", "Cycle summer"]
        readable = {"reviewer": ["8", "9"], "region8": ["8"], "director": []}[name]
        by_region = tables["domains_by_region"]
        assert sorted(set(by_region["fema_region"])) == [int(region) for region in readable], name
        for region in readable:
            page = browser.get(f"/api/v1/reports/network?cycle=autumn&region={region}").get_json()
            part = by_region[by_region["fema_region"] == int(region)]
            assert digits([domain(row) for row in part.to_dict("records")]) == digits(page["domains"])
        shown.append(trends[0]["change"] is not None)
    assert by_region.empty
    assert shown == [True, True, False], "of the director's benchmark this is hidden"


def without(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != name}


@pytest.mark.parametrize("kind", KINDS)
def test_a_center_reads_its_own_benchmark_in_the_file_too(
    read: Network, package: Package, kind: str, tmp_path: Path
) -> None:
    """Who has pairs of their own may find more hidden: here all but four are the analyst's."""
    summer = "/api/v1/reports/network?cycle=summer"
    for name in ("director", "manager", "staff", "analyst"):
        wanted = signed_in(read, name).get(summer).get_json()
        found = digits(json_of(read_back(package(kind, name=name), kind, tmp_path)))
        assert found == {part: digits(wanted[part]) for part in found}, name
    assert signed_in(read, "reviewer").get(summer).get_json()["index"]["mean"]
    assert wanted["index"] == dict.fromkeys(("n", "mean", "median", "q1", "q3")) | {"suppressed": True}


@pytest.mark.parametrize("kind", ["csv", "sav", "parquet"])
def test_every_line_says_what_it_is_of(package: Package, kind: str, tmp_path: Path) -> None:
    for name, frame in read_back(package(kind, "&region=8"), kind, tmp_path).items():
        assert list(frame)[: len(ABOUT)] == ABOUT, name
        for line in frame.to_dict("records"):
            assert line["marking"] == "UNCLASSIFIED"
            assert (line["cycle"], line["scope"], line["n"]) == ("summer", "FEMA Region 8", 14)
            assert (line["released"], line["period"]) == ("2026-06-15", "2026-06-01 to 2026-06-30")
            assert (line["questionnaire"], str(line["version"])) == ("cpg502-checklist", "1.0")


def test_every_sheet_of_the_workbook_says_what_it_is_of(package: Package) -> None:
    book = load_workbook(io.BytesIO(files_of(package("xlsx", "&region=8"))["network.xlsx"]))
    assert book.sheetnames == ["about", *TABLES, "data_dictionary"]
    for sheet in book:
        line = str(sheet["A1"].value)
        for words in ("marking: UNCLASSIFIED", "scope: FEMA Region 8", "period: 2026-06-01 to", "n: 14"):
            assert words in line, sheet.title


@pytest.mark.parametrize("kind", KINDS)
def test_the_manifest_says_what_is_in_the_archive(package: Package, kind: str, tmp_path: Path) -> None:
    content = package(kind, "&region=8")
    files = files_of(content)
    manifest = json.loads(files.pop("manifest.json"))
    entries = manifest.pop("files")
    assert manifest == {
        "marking": "UNCLASSIFIED",
        "synthetic": False,
        "cycle": "summer",
        "scope": "FEMA Region 8",
        "released": "2026-06-15",
        "period": "2026-06-01 to 2026-06-30",
        "questionnaire": "cpg502-checklist",
        "version": "1.0",
        "n": 14,
        "methods": "http://localhost/methods",
    }
    assert {entry["name"]: entry["sha256"] for entry in entries} == {
        name: hashlib.sha256(file).hexdigest() for name, file in files.items()
    }
    counted = {entry["name"]: entry["rows"] for entry in entries}
    tables = read_back(content, kind, tmp_path)
    dictionary = pd.read_csv(io.BytesIO(files["data_dictionary.csv"]))
    assert counted.pop("data_dictionary.csv") == len(dictionary)
    if kind == "xlsx":
        book = load_workbook(io.BytesIO(files["network.xlsx"]))
        assert counted == {"network.xlsx": sum(sheet.max_row - 2 for sheet in book)}
    else:
        assert counted == {f"{name}.{kind}": len(frame) for name, frame in tables.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_dictionary_describes_every_column_and_no_other(
    package: Package, kind: str, tmp_path: Path
) -> None:
    content = package(kind)
    dictionary = pd.read_csv(io.BytesIO(files_of(content)["data_dictionary.csv"]))
    described = {name: list(part["column"]) for name, part in dictionary.groupby("table", sort=False)}
    assert described.pop("(every table)") == ABOUT
    tables = read_back(content, kind, tmp_path)
    leading = 0 if kind == "xlsx" else len(ABOUT)
    assert described == {name: list(frame)[leading:] for name, frame in tables.items()}
    assert dictionary["description"].str.len().min() > 8


def test_spss_says_hidden_with_its_missing_value_code_and_not_there_without(
    package: Package, tmp_path: Path
) -> None:
    files = files_of(package("sav"))
    frame, meta = spss(files["groups.sav"], tmp_path / "groups.sav", user_missing=True)
    hidden = frame["state"] == "hidden"
    assert hidden.any()
    assert (frame.loc[hidden, "mean"] == -99).all()
    assert (frame.loc[hidden, "pairs"] == -99).all()
    assert frame.loc[~hidden, "mean"].gt(0).any()
    assert meta.variable_value_labels["mean"] == {-99.0: "Hidden"}
    assert meta.missing_ranges["mean"] == [{"lo": -99.0, "hi": -99.0}]
    assert meta.column_names_to_labels["mean"] == "Mean index, 0-100."
    first = files_of(package("sav", cycle="spring"))
    trend, _ = spss(first["trend.sav"], tmp_path / "trend.sav", user_missing=True)
    assert set(trend["state"]) == {"none"}
    assert trend["value"].isna().all()


def test_no_spreadsheet_runs_a_name(package: Package, tmp_path: Path) -> None:
    files = files_of(package("csv", "&region=9"))
    assert set(pd.read_csv(io.BytesIO(files["pairs.csv"]))["fusion_center_name"]) == {f"'{FORMULA}"}
    book = load_workbook(io.BytesIO(files_of(package("xlsx", "&region=9"))["network.xlsx"]))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert sum(cell.value == f"'{FORMULA}" for cell in cells) == 5
    kept = read_back(package("parquet", "&region=9"), "parquet", tmp_path)["pairs"]
    assert set(kept["fusion_center_name"]) == {FORMULA}, "no spreadsheet opens this one"


def test_before_the_release_there_is_only_who_has_answered(network: Network, tmp_path: Path) -> None:
    add_wide_network(network)
    answered_cycle(network, "spring", date(2026, 5, 1), close=False)
    content = fetched(network, "csv", cycle="spring")
    assert json.loads(files_of(content)["manifest.json"])["released"] is None
    tables = read_back(content, "csv", tmp_path)
    assert tables["completeness"].iloc[0][["expected", "complete"]].tolist() == [22, 19]
    assert tables["common_gaps"].empty
    for name in ("index", "levels", "domains", "items"):
        assert set(tables[name]["state"]) == {"hidden"}, name
    assert tables["index"]["value"].isna().all()


REFUSED = [
    ("region8", "&region=9"),
    ("region8", "&state=CA"),
    ("region9", "&region=8"),
    ("california", "&region=9"),
    ("director", "&region=8"),
    ("manager", "&state=CO"),
    ("staff", "&level=county"),
    ("region8", "&level=county"),
    ("reviewer", "&region=4"),
    ("reviewer", "&state=TX"),
]


@pytest.fixture
def either(database_url: str, request: pytest.FixtureRequest) -> Network:
    """A network to read, on each database."""
    found: Network = request.getfixturevalue("read" if database_url.startswith("sqlite") else "wide")
    return found


def test_files_are_for_who_may_read_the_page(either: Network) -> None:
    for kind in KINDS:
        for name, scope in REFUSED:
            answer = signed_in(either, name).get(f"/reports/network/files/{kind}?cycle=summer{scope}")
            assert answer.status_code == 404, (kind, name, scope)
        assert signed_in(either, "region8").get(f"/reports/network/files/{kind}?region=8").status_code == 200
        assert either.browser().get(f"/reports/network/files/{kind}").status_code == 302
    reviewer = signed_in(either, "reviewer")
    for path in ("pdf?cycle=summer", "exe", "csv?cycle=nowhere", "csv?region=eight"):
        assert reviewer.get(f"/reports/network/files/{path}").status_code == 404, path


def test_a_reviewer_of_one_region_has_no_number_of_another_in_the_nations_file(
    package: Package, tmp_path: Path
) -> None:
    tables = read_back(package("csv", name="region8"), "csv", tmp_path)
    groups = tables["groups"].set_index(["breakdown", "value"])
    assert groups.loc[("fema_region", "9"), "state"] == "hidden"
    assert pd.isna(groups.loc[("fema_region", "9"), "mean"])
    assert groups.loc[("fema_region", "8"), "state"] == "shown"


@ON_SQLITE
def test_each_file_is_written_down_and_no_store_keeps_it(wide: Network) -> None:
    answer = wide.browser("region8").get("/reports/network/files/sav?cycle=summer&region=8")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/zip"
    assert "network-summer-region-8-sav.zip" in answer.headers["Content-Disposition"]
    found = rows(
        wide, "SELECT person_id, subject, detail FROM audit_events WHERE action = 'network exported'"
    )
    assert found == [(wide.person("region8").id, "cycle summer", "region:8, sav")]


def repacked(content: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The archive as another program packs it after something was changed in it."""
    files = files_of(content)
    change(files)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, file in files.items():
            archive.writestr(name, file)
    return output.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wrong_with_a_package_is_said_file_by_file(package: Package, kind: str) -> None:
    content = package(kind)
    name = "network.xlsx" if kind == "xlsx" else f"domains.{kind}"

    def other_rows(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        entry = next(entry for entry in manifest["files"] if entry["name"] == name)
        entry["rows"] += 1
        files["manifest.json"] = json.dumps(manifest).encode()

    def found(change: Callable[[dict[str, bytes]], object]) -> str:
        return " ".join(verify(repacked(content, change)))

    sealed = "The archive's own checksum does not fit"
    assert found(lambda _files: None).startswith(sealed)
    assert found(lambda files: files.pop(name)).startswith(f"{name} is missing.")
    assert f"{name} is not the file" in found(lambda files: files.update({name: files[name][:-40]}))
    assert f"{name} is not the file" in found(lambda files: files.update({name: files[name] + b" "}))
    assert "rows, the manifest says" in found(other_rows)
    assert "extra.csv is not in the manifest." in found(lambda files: files.update({"extra.csv": b"a"}))
    assert "manifest.json is missing" in found(lambda files: files.pop("manifest.json"))
