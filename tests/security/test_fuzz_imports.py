"""Every import takes files that nobody would make by accident: refused in sentences, whole or not at all."""

from __future__ import annotations

import io
import re
import secrets
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from sqlalchemy import text

from tests.security import hostile
from tests.security.pages_read import look_at
from tests.security.site import ASIDE, Site
from tests.security.test_fuzz_forms import examples_of

FEW, MANY = 12, 600

CENTERS = ("code", "name", "kind", "level", "state", "fema_region", "city")
PAIRS = ("fusion_center", "eoc")
PARTNERS = ("email", "name", "organization", "sector", "level", "state")
PEOPLE = ("email", "name", "role", "centers", "regions", "states")
CHECKLIST = ("fusion_center", "eoc", "side", "question", "value", "note")
SURVEY = ("fusion_center", "respondent", "question", "part", "value")

GOOD = [
    "FC-CO",
    "EOC-CO",
    "EOC-DEN",
    "FC-WY",
    "eoc",
    "fusion_center",
    "primary",
    "state",
    "CO",
    "8",
    "GOV-01",
    "3",
    "NA",
    "DK",
    "ann@eoc.example.gov",
    "Ann",
    "county",
    "T-01",
    "usefulness",
    "quality",
    "1",
    "P-01",
    "staff",
    "FC-NEW",
    "",
    "N-02",
    "email;hsin",
]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',;"\r\n') else cell


@st.composite
def files(draw: Any, columns: tuple[str, ...]) -> bytes:
    """The bytes of a file: mostly the right columns, seldom the right values, now and then no text."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=300))  # type: ignore[no-any-return]
    header = list(columns)
    if draw(st.integers(0, 3)) == 0:
        header = draw(st.lists(st.one_of(st.sampled_from(columns), hostile.values), max_size=8))
    good, cell = st.sampled_from(GOOD), hostile.values
    cells = st.one_of(good, good, good, cell)
    lines = draw(
        st.lists(st.lists(cells, min_size=max(0, len(header) - 1), max_size=len(header) + 1), max_size=6)
    )
    comma, end = draw(st.sampled_from([(",", "\n"), (";", "\r\n"), (",", "\r"), ("\t", "\n")]))
    make_cell = draw(st.sampled_from([quoted, quoted, quoted, str]))
    content = end.join(comma.join(make_cell(cell) for cell in line) for line in [header, *lines])
    kind = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]))
    if kind.startswith("utf-8"):
        return hostile.as_sent(content)
    return content.encode(kind, "replace")


def page_faults(site: Site, role: str, path: str, content: bytes) -> Iterator[str]:
    """The same file as a preview and, where that is good, to be taken."""
    browser = site.browser(role)
    token = _token(browser, path)
    for apply in ("", "yes"):
        site.writes.forget()
        data = {"csrf_token": token, "apply": apply, "file": (io.BytesIO(content), "a.csv")}
        answer = browser.post(
            path, data=data, content_type="multipart/form-data", base_url="http://localhost"
        )
        written = set(site.writes.kept) - set(ASIDE)
        if answer.status_code not in (200, 302, 422):
            yield f"{answer.status_code} for apply={apply!r}"
        if (answer.status_code == 422 or not apply) and written:
            yield f"refused, and written to {written}"
        yield from look_at(answer, path)
        if answer.status_code == 422:
            return
        if written:
            site.restore()


def _token(browser: Any, path: str) -> str:
    page = browser.get(path, base_url="http://localhost").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, path
    return found.group(1)


def command_faults(site: Site, cycle: str, content: bytes, folder: Path) -> Iterator[str]:
    """The command either takes the file, or ends with status 1 and sentences; never with a trace."""
    file = folder / "answers.csv"
    file.write_bytes(content)
    site.writes.forget()
    run = site.network.app.test_cli_runner().invoke(
        args=["answers", "import", str(file), "--cycle", cycle, "--submit"]
    )
    written = set(site.writes.kept) - set(ASIDE)
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        yield f"{type(run.exception).__name__}: {run.exception}"
    if "Traceback" in run.output or any(c in run.output for c in "\x1b\0\x07\u202e"):
        yield f"it says {run.output[:300]!r}"
    if run.exit_code != 0 and written:
        yield f"refused, and written to {written}"
    if written:
        site.restore()


def problems_of(site: Site, columns: tuple[str, ...], examples: int, faults: Any) -> list[str]:
    found: list[str] = []

    @examples_of(examples)
    @seed(secrets.randbits(64) if examples == MANY else zlib.crc32(repr(columns).encode()))
    @given(files(columns))
    def attempt(content: bytes) -> None:
        if found:
            return
        try:
            found.extend(f"{fault}\n    {content[:400]!r}" for fault in faults(content))
        except Exception as error:  # the application raises in tests what it would answer with 500
            site.restore()
            found.append(f"{type(error).__name__}: {str(error)[:300]}\n    {content[:400]!r}")

    attempt()
    return found


def plan_and_open_survey(site: Site) -> tuple[str, str]:
    """The public id of a survey that is being planned, and the code of one that is open."""
    plan = "SELECT public_id FROM surveys WHERE opened_at IS NULL"
    open_one = (
        "SELECT code FROM cycles WHERE id IN (SELECT cycle_id FROM surveys"
        " WHERE opened_at IS NOT NULL AND released_on IS NULL)"
    )
    with site.network.database.reading() as db:
        return str(db.execute(text(plan)).scalar()), str(db.execute(text(open_one)).scalar())


def every_import(site: Site, folder: Path, examples: int) -> list[str]:
    survey, world = plan_and_open_survey(site)
    pages = {
        "/centers/import": ("admin", CENTERS),
        "/pairs/import": ("admin", PAIRS),
        "/people/import": ("admin", PEOPLE),
        f"/surveys/{survey}/partners/import": ("director", PARTNERS),
    }
    known = {r.rule for r in site.network.app.url_map.iter_rules() if r.rule.endswith("/import")}
    assert len(known) == len(pages), f"say here how the files of {known} look"
    found = []
    for path, (role, columns) in pages.items():
        found += problems_of(site, columns, examples, lambda c, p=path, r=role: page_faults(site, r, p, c))  # type: ignore[misc]
    for cycle, columns in (("spring", CHECKLIST), (world, SURVEY)):
        found += problems_of(site, columns, examples, lambda c, y=cycle: command_faults(site, y, c, folder))  # type: ignore[misc]
    return found


def test_hostile_files_in_every_import(site: Site, tmp_path: Path) -> None:
    problems = every_import(site, tmp_path, FEW)
    site.restore()
    assert not problems, "\n".join(problems)


@pytest.mark.soak
def test_many_hostile_files_in_every_import(site: Site, tmp_path: Path) -> None:
    problems = every_import(site, tmp_path, MANY)
    site.restore()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "content",
    [
        b"fusion_center,eoc,side,question,value\nFC-CO,EOC-CO,eoc,GOV-01,"
        + b"x" * 200_000,  # longer than csv takes
        b'fusion_center,eoc,side,question,value\n"' + b"x" * 200_000,
        b"fusion_center,eoc,side,question,value\n\xff\xfe\x00",
        b"fusion_center,eoc,side,question,value\n" + b"\0" * 10,
        b"fusion_center,eoc,side,question,value\r\r\n\rFC-CO",
        b"\xef\xbb\xbf" * 3,
    ],
)
def test_files_that_no_reader_of_csv_takes(site: Site, tmp_path: Path, content: bytes) -> None:
    _, world = plan_and_open_survey(site)
    for cycle, head in (
        ("spring", content),
        (world, content.replace(b"fusion_center,eoc,side", b"fusion_center,respondent,part")),
    ):
        assert list(command_faults(site, cycle, head, tmp_path)) == []
    site.restore()
