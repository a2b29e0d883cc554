"""Asking for a long export, watching and fetching it; what its file holds for whom."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import text

from assessment.exports import chromium, jobs, worker
from assessment.exports.making import Made
from reports.packages import verify
from tests.conftest import Network
from tests.furnished_once import furnished_once
from tests.network.asked_exports import LIST, NETWORK, address, ask, made, makers, one_cycle
from tests.network.packages import TABLES
from tests.network.submitting import rows

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def wide(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return furnished_once(network, tmp_path_factory, one_cycle)


def packed(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_all_parts_that_one_may_read_and_no_other(wide: Network) -> None:
    wanted = {
        "region8": {"nation", "region-8", "state-CO", "state-UT", "state-WY"},
        "california": {"nation", "state-CA"},
        "director": {"nation"},
        "admin": {
            "nation", "region-8", "region-9", "state-CA", "state-CO", "state-UT", "state-WY",
            "level-city", "level-county", "level-state",
        },
    }  # fmt: skip
    for name, folders in wanted.items():
        browser = wide.browser(name)
        assert ask(browser).location == LIST
        assert made(wide) == 1
        answer = browser.get(address(browser))
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        assert answer.headers["Cache-Control"] == "no-store"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert "network-spring-all-csv.zip" in answer.headers["Content-Disposition"]
        files = packed(answer.data)
        assert {file.partition("/")[0] for file in files if "/" in file} == folders, name
        assert verify(answer.data) == []
        for folder in folders:
            kind, _, value = folder.partition("-")
            scope = f"&{kind}={value}" if value else ""
            alone = packed(browser.get(f"{NETWORK}/files/csv?cycle=spring{scope}").data)
            assert {f"{folder}/{file}": content for file, content in alone.items()} == {
                file: content for file, content in files.items() if file.startswith(f"{folder}/")
            }


@ON_SQLITE
@pytest.mark.parametrize("kind", ["xlsx", "sav", "parquet"])
def test_the_archive_of_all_parts_comes_in_each_format(wide: Network, kind: str) -> None:
    browser = wide.browser("region8")
    ask(browser, format=kind)
    made(wide)
    content = browser.get(address(browser)).data
    assert verify(content) == []
    assert sum(name.endswith(f".{kind}") for name in packed(content)) == 5 * (
        1 if kind == "xlsx" else len(TABLES)
    )
    manifest = json.loads(packed(content)["manifest.json"])
    assert (manifest["marking"], manifest["n"], manifest["cycle"]) == ("UNCLASSIFIED", 19, "spring")
    assert manifest["scope"] == "5 scopes, a folder each"


@ON_SQLITE
def test_a_part_that_is_missing_from_the_archive_is_found(wide: Network) -> None:
    browser = wide.browser("region8")
    ask(browser)
    made(wide)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in packed(browser.get(address(browser)).data).items():
            if not name.startswith("region-8/"):
                archive.writestr(name, content)
    problems = verify(output.getvalue())
    assert "region-8/index.csv is missing." in problems
    assert "region-8/manifest.json is missing." in problems


def test_nobody_else_finds_it(wide: Network) -> None:
    director = wide.browser("director")
    ask(director)
    made(wide)
    there = address(director)
    for name in ("analyst", "manager", "admin", "reviewer"):
        browser = wide.browser(name)
        assert browser.get(there).status_code == 404, name
        assert browser.post(f"{there}/delete", {}, form=LIST).status_code == 404, name
        assert "No files yet" in browser.get(LIST).get_data(as_text=True), name
    assert wide.browser().get(there).status_code == 302
    assert director.get(there).status_code == 200


def grant(network: Network, name: str, kind: str, value: str) -> None:
    """Other rights, by somebody who goes past the application: the sign-in stays."""
    change = "UPDATE person_scopes SET kind = :kind, value = :value WHERE person_id = :person"
    with network.database.writing() as session:
        session.execute(text(change), {"kind": kind, "value": value, "person": network.person(name).id})


def test_who_may_read_less_by_now_does_not_get_what_was_made_before(wide: Network) -> None:
    browser = wide.browser("region8")
    ask(browser)
    made(wide)
    there = address(browser)
    assert browser.get(there).status_code == 200
    grant(wide, "region8", "region", "9")
    answer = browser.get(there)
    assert answer.status_code == 409
    assert "What you may read has changed" in answer.get_data(as_text=True)
    grant(wide, "region8", "region", "8")
    assert browser.get(there).status_code == 200


def test_who_may_not_read_the_scope_any_more_finds_nothing(
    wide: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "find_chromium", lambda: "/bin/true")
    maker = replace(makers(wide)["network-pdf"], make=lambda _: Made("a.pdf", "application/pdf", b"%PDF-1"))
    makers(wide)["network-pdf"] = maker
    browser = wide.browser("region8")
    ask(browser, "network-pdf", region="8")
    made(wide)
    there = address(browser)
    assert browser.get(there).data == b"%PDF-1"
    grant(wide, "region8", "region", "9")
    assert browser.get(there).status_code == 404


def test_what_was_asked_for_with_a_right_that_is_lost_is_not_made(wide: Network) -> None:
    browser = wide.browser("region8")
    with wide.database.writing() as session:
        jobs.ask(
            session, wide.person("region8"), "network-pdf", {"cycle": "spring", "region": "8"}, "PDF",
            wide.clock.now(),
        )  # fmt: skip
    grant(wide, "region8", "state", "CA")
    made(wide)
    assert worker.NOT_YOURS in browser.get(LIST).get_data(as_text=True)


@ON_SQLITE
def test_nothing_is_asked_for_that_one_may_not_read(wide: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_chromium", lambda: "/bin/true")
    for name, fields in (
        ("region8", {"region": "9"}),
        ("director", {"region": "8"}),
        ("staff", {"state": "CO"}),
        ("reviewer", {"cycle": "nowhere"}),
    ):
        assert ask(wide.browser(name), "network-pdf", **fields).status_code == 404, (name, fields)
    assert ask(wide.browser("reviewer"), format="exe").status_code == 404
    assert ask(wide.browser("reviewer"), "everything").status_code == 404
    assert rows(wide, "SELECT id FROM exports") == []


@ON_SQLITE
def test_the_list_renews_itself_only_while_something_is_made(wide: Network) -> None:
    browser = wide.browser("reviewer")
    ask(browser)
    page = browser.get(LIST).get_data(as_text=True)
    assert "Waiting" in page
    assert f'hx-get="{LIST}"' in page
    part = browser.get(LIST, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.strip().startswith('<div id="exports"')
    assert "<html" not in part
    made(wide)
    page = browser.get(LIST).get_data(as_text=True)
    assert "hx-get" not in page
    assert "Ready" in page
    assert "deleted on" in page


@ON_SQLITE
def test_its_owner_deletes_it(wide: Network) -> None:
    browser = wide.browser("reviewer")
    ask(browser)
    made(wide)
    there = address(browser)
    assert browser.post(f"{there}/delete", {}, form=LIST).location == LIST
    assert browser.get(there).status_code == 404
    assert "No files yet" in browser.get(LIST).get_data(as_text=True)
    assert rows(wide, "SELECT export_id FROM export_pieces") == []


@ON_SQLITE
def test_what_is_not_ready_or_expired_is_not_there(wide: Network) -> None:
    browser = wide.browser("reviewer")
    ask(browser)
    [(public_id,)] = rows(wide, "SELECT public_id FROM exports")
    assert browser.get(f"{LIST}/files/{public_id}").status_code == 404
    made(wide)
    assert browser.get(f"{LIST}/files/{public_id}").status_code == 200
    wide.clock.move(hours=25)
    again = wide.browser("reviewer")
    assert again.get(f"{LIST}/files/{public_id}").status_code == 404
    assert "No files yet" in again.get(LIST).get_data(as_text=True)


@ON_SQLITE
def test_asking_and_fetching_are_written_down(wide: Network) -> None:
    browser = wide.browser("region8")
    ask(browser)
    made(wide)
    browser.get(address(browser))
    query = "SELECT action, subject, person_id FROM audit_events WHERE action LIKE 'export %' ORDER BY id"
    [(public_id,)] = rows(wide, "SELECT public_id FROM exports")
    mine = (f"export {public_id}", wide.person("region8").id)
    assert rows(wide, query) == [("export asked for", *mine), ("export fetched", *mine)]


def test_the_command_for_the_mail_makes_what_waits(wide: Network) -> None:
    browser = wide.browser("reviewer")
    ask(browser)
    result = wide.app.test_cli_runner().invoke(args=["mail", "deliver"])
    assert result.exit_code == 0, result.output
    assert verify(browser.get(address(browser)).data) == []
