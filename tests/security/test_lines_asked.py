"""The security checklist, what is asked for: the database, files, other machines, other people's things."""

from __future__ import annotations

import io
import re
import secrets
import socket
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from werkzeug.wrappers import Response

from app import CONTENT_SECURITY_POLICY
from assessment.access import Person, Role
from assessment.exports import chromium
from assessment.exports.one_page import OnePage, served
from tests.director import make
from tests.security.crawl import BASE, cut_off, pages
from tests.security.hostile import DATABASE, MARK, PLACES
from tests.security.poison import PLACE
from tests.security.site import Site
from tests.security.sources import ROOT, callers, calls, importers
from tests.surveys.world import make_world

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
LISTS = {
    "/centers": ("text", "kind", "state", "region", "only", "page"),
    "/pairs": ("text", "kind", "state", "region", "only", "page"),
    "/cycles/spring": ("text", "only", "page"),
    "/reports/network": ("cycle", "region", "state"),
}


def test_04_sql_injection(site: Site) -> None:
    """In each filter and in each variable part of addresses; whatever is asked, the database is as before."""
    admin = site.browser("admin")
    before = _people(site)
    for path, names in LISTS.items():
        for name in (*names, "sort", "order"):
            for value in (*DATABASE, "1' AND SLEEP(5)--", "id; SELECT pg_sleep(5)", "1,(SELECT 1)"):
                answer = admin.get(
                    path, query_string={name: value, "cycle": "winter"} | {name: value}, base_url=BASE
                )
                assert answer.status_code in (200, 404), (path, name, value)
    for value in DATABASE:
        for path in (f"/centers/{value}", f"/cycles/{value}", f"/people/{value}", f"/responses/{value}"):
            assert admin.get(path, base_url=BASE).status_code in (302, 404), path
        assert site.browser(None).get(f"/s/{value}", base_url=BASE).status_code in (404, 429)
    assert _people(site) == before


def _people(site: Site) -> int:
    with site.network.database.reading() as db:
        return int(db.execute(text("SELECT COUNT(*) FROM people")).scalar_one())


def test_04_sql_injection_the_character_that_no_database_keeps(site: Site) -> None:
    """A NUL in a filter, a name, a note, an address or a file is left out or refused, and breaks nothing."""
    network = site.network
    admin, staff = network.browser("admin"), network.browser("staff")
    for path in LISTS:
        answer = admin.get(path, query_string={"text": "a\0b", "state": "\0", "q": "\0"})
        assert answer.status_code in (200, 404), path
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc')}/GOV"
    form = {"q_GOV-02": "3", "note_GOV-02": "wo\0rds", "rev_GOV-02": "99"}
    assert staff.post(address, form).status_code in (302, 409, 422)
    title = {"code": "nul", "title": "A\0B", "questionnaire": "worked-example 1.0", "opens": "2026-06-15"}
    assert admin.post("/cycles/new", {**title, "closes": "2026-07-15"}).status_code == 302
    assert network.browser().post("/sign-in", {"email": "a\0@b", "password": "\0"}).status_code == 422
    assert admin.get("/cycles/nul").status_code == 200
    site.restore()


def test_04_sql_injection_signs_of_a_pattern_stand_for_themselves(site: Site) -> None:
    """A search for a per cent sign, an underline or a backslash finds what has one, not everything."""
    admin = site.browser("admin")
    for sign in ("%", "_", "\\", "%%%", "[a-z]"):
        answer = admin.get("/centers", query_string={"text": sign}, base_url=BASE)
        assert b"FC-WY" not in answer.data, sign


def test_04_sql_injection_statements_are_never_put_together_from_words() -> None:
    """Each call of text() with anything but a plain string stands here with its reason."""
    pieced = {
        module
        for module, called, call in calls()
        if called.rsplit(".", 1)[-1] in ("text", "exec_driver_sql", "literal_column")
        and call.args
        and type(call.args[0]).__name__ in ("JoinedStr", "BinOp")
        and not module.startswith("assessment/demonstration/")
    }
    of_constants = {"assessment/database.py", "assessment/audit.py", "assessment/schema.py"}
    of_names_of_tables = {"assessment/operations/moving.py"}
    assert pieced <= of_constants | of_names_of_tables, pieced


@SQLITE
def test_07_no_path_of_a_request_opens_a_file(site: Site) -> None:
    """Ways out of a folder, in each variable part of each address."""
    wanted = ["../" * n + "etc/passwd" for n in (1, 4, 9)]
    wanted += [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "....//etc/passwd",
        "secret_key",
    ]
    for role in (None, "admin", "director"):
        client = site.browser(role)
        for rule in site.network.app.url_map.iter_rules():
            if not rule.arguments or "GET" not in (rule.methods or ()):
                continue
            for way in (*wanted, *PLACES):
                answer = client.get(re.sub(r"<[^>]+>", lambda _: way, rule.rule), base_url=BASE)
                assert answer.status_code < 500, (rule.rule, way)
                assert b"root:" not in answer.data
    for way in (*wanted, "../app.py", "..\\app.py", "%2e%2e/app.py", "//etc/passwd", "..%5capp.py"):
        answer = site.browser("admin").get(f"/static/{way}", base_url=BASE)
        assert b"root:" not in answer.data
        assert b"create_app" not in answer.data


@SQLITE
def test_07_what_strangers_may_ask_for_is_a_list(site: Site) -> None:
    """And no rule takes a path, which may hold slashes."""
    app = site.network.app
    public = {
        rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "asked_action", "none") is None
    }
    assert public <= {
        "accounts",
        "account_links",
        "provider",
        "second_factor",
        "survey",
        "health",
        "privacy",
        "sign_in_time",
    }
    assert not [
        rule.rule for rule in app.url_map.iter_rules() if "<path:" in rule.rule or "<any" in rule.rule
    ]
    assert callers("send_file", "send_from_directory", "safe_join") == set()


def _bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
        archive.writestr("../../../outside.txt", b"outside")
    return target.getvalue()


UPLOADS = {
    "bomb.xlsx": _bomb(),
    "entities.xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "old.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "page.html": f"<script>{MARK}()</script>".encode(),
    "../../outside.csv": b"%PDF-1.7",
    "utf16.csv": "code,name".encode("utf-16"),
    "utf32.csv": "code,name".encode("utf-32"),
    "nul.csv": b"code,name,kind,level,state,fema_region\nA\0B,x,eoc,state,CO,8\n",
    "broken.csv": b'code,"name\n' + b"\xff\xfe\x81" * 50,
    "wide.csv": b",".join(b"c%d" % n for n in range(50_000)),
    "long.csv": b"code,name,kind,level,state,fema_region\n" + b"x" * 200_000 + b",x,eoc,state,CO,8\n",
    "empty.csv": b"",
    "quotes.csv": b'"' * 99_999,
}


@SQLITE
@pytest.mark.parametrize("name", UPLOADS)
def test_08_file_upload(site: Site, name: str) -> None:
    """Refused by what is in it, whatever it is called; nothing of it stays, nothing is unpacked."""
    before = _files(site)
    admin = site.network.browser("admin")
    for path in ("/centers/import", "/pairs/import", "/people/import"):
        data = {"file": (io.BytesIO(UPLOADS[name]), name, "text/csv")}
        answer = admin.post(path, data, content_type="multipart/form-data")
        assert answer.status_code == 422, path
        assert len(answer.data) < 300_000
    assert _files(site) == before
    assert not (ROOT / "outside.csv").exists()


def _files(site: Site) -> set[str]:
    folder = site.network.app.extensions["tandem.settings"].instance
    return {str(found) for found in folder.rglob("*") if ".sqlite" not in found.name}


def test_08_file_upload_no_archive_or_xml_is_read() -> None:
    """The command that checks an export's archive reads it where it is, and unpacks nothing."""
    assert (
        importers("tarfile", "shutil.unpack_archive", "xml", "lxml", "openpyxl", "pickle", "marshal") == set()
    )
    assert (
        callers(
            "extractall", "unpack_archive", "extract", "read_excel", "read_pickle", "read_xml", "read_html"
        )
        == set()
    )


@SQLITE
def test_08_file_upload_files_are_handed_out_to_keep(site: Site) -> None:
    kept = 0
    for role in ("admin", "director", "reviewer"):
        for address, answer in pages(site, role):
            if (
                answer.mimetype not in ("text/html", "application/json", "text/plain")
                and answer.status_code == 200
            ):
                kept += 1
                assert answer.headers["Content-Disposition"].startswith("attachment"), address
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert kept


class Canary(BaseHTTPRequestHandler):
    """Another service of this machine, which nobody should ask."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        pass


def test_09_pdf_printing_reaches_nothing_else() -> None:
    """A page of ours that holds what an attacker would want in it reads no file and asks no other service."""
    if chromium.find_chromium() is None:
        pytest.skip("there is no Chromium")
    canary = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=canary.serve_forever, daemon=True).start()
    other = f"http://127.0.0.1:{canary.server_port}"
    hostile = "".join(
        f'<iframe src="{a}"></iframe><img src="{a}"><link rel="stylesheet" href="{a}">'
        f'<object data="{a}"></object>'
        f'<script src="{a}"></script><embed src="{a}"><style>@import "{a}"</style>'
        for a in (f"{other}/x", "file:///etc/passwd", "http://169.254.169.254/", "http://example.com/")
    )
    hostile += f"<script>fetch('{other}/f')</script>"
    assert "Printed page" in printed(hostile)
    # Where it asks to go elsewhere, what is printed is the page or nothing.
    for elsewhere in ("file:///etc/passwd", f"{other}/refresh"):
        assert "root:" not in printed(f"{hostile}<meta http-equiv='refresh' content='0;url={elsewhere}'>")
    canary.shutdown()
    assert Canary.asked == []


def printed(hostile: str) -> str:
    """The words of the PDF of a page that holds this."""

    def application(environ: Any, start: Any) -> Any:
        page = Response(f"<h1>Printed page</h1>{hostile}", mimetype="text/html")
        page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return page(environ, start)

    reader = Person(1, "A", "a@example.gov", Role.REVIEWER)
    with served(OnePage(application, reader, "/page", "", "https://tandem.example.gov")) as address:
        content = chromium.print_page(address, lambda: None)
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_09_pdf_printing_knows_no_other_host() -> None:
    rules = chromium.only_from("http://127.0.0.1:5000/page?key=1")
    assert rules == "--host-resolver-rules=MAP 127.0.0.1:5000 127.0.0.1:5000, MAP * ~NOTFOUND"
    assert "--no-proxy-server" in chromium.OPTIONS
    assert importers("weasyprint", "reportlab", "pdfkit", "xhtml2pdf") == set()


@SQLITE
def test_10_ssrf(site: Site) -> None:
    """No page asks another machine for anything, whatever address somebody has put into a name."""
    with site.network.database.reading() as db:
        for table in ("centers", "partners"):
            named = db.execute(text(f"SELECT COUNT(*) FROM {table} WHERE name = :word"), {"word": PLACE})
            assert named.scalar_one() > 0
    seen = [answer for role in ("admin", "director") for _, answer in pages(site, role)]
    assert len(seen) > 40
    assert sum(PLACE.encode() in answer.data for answer in seen) > 10
    assert site.connected == []


@SQLITE
def test_what_connects_on_a_walk_is_noticed(site: Site) -> None:
    """Else the test above would show nothing."""
    asked: list[Any] = []
    with cut_off(asked), pytest.raises(AssertionError, match="somebody connects"):
        socket.create_connection(("127.0.0.1", 9))
    assert asked == [("127.0.0.1", 9)]


def test_10_ssrf_who_talks_to_other_machines_is_a_list() -> None:
    """There are no webhooks and no remote images: mail to its server, and sign-in to the one provider set.

    The serving process is handed sockets to listen at, and opens none.
    """
    talking = importers(
        "requests",
        "urllib.request",
        "urllib3",
        "http.client",
        "httpx",
        "aiohttp",
        "socket",
        "smtplib",
        "ftplib",
    )
    assert {name.partition("provider")[0] for name in talking} <= {
        "assessment/mail.py",
        "assessment/accounts/",
        "serving.py",
    }, talking


@SQLITE
def test_11_object_of_another(site: Site) -> None:
    """Each address of a survey, a response, an export: for a stranger to it as for one that is not there."""
    network = site.network
    survey, draft = make_world(network).public_id, make(network)
    response = network.response_id("FC-CO", "EOC-CO", "eoc")
    foreign = [
        ("wyoming", survey),
        ("wyoming", draft),
        ("denver", response),
        ("director", response),
        ("reviewer", response),
    ]
    tried = 0
    for who, public_id in foreign:
        browser = network.browser(who)
        token = browser.token("/account")
        for rule in network.app.url_map.iter_rules():
            if "public_id" not in rule.arguments or rule.endpoint.startswith("own_account"):
                continue
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answers = [
                    browser.client.open(
                        re.sub(r"<[^>]+>", "GOV", rule.rule.replace("<public_id>", one)),
                        method=method,
                        data={"csrf_token": token} if method == "POST" else None,
                        base_url=BASE,
                    )
                    for one in (public_id, secrets.token_urlsafe(12))
                ]
                tried += 1
                codes = {answer.status_code for answer in answers}
                assert codes in ({404}, {400}), (who, method, rule.rule)  # 400: the form itself is not one
                same = {re.sub(rb'name="csrf_token"[^>]*', b"", answer.data) for answer in answers}
                assert len(same) == 1, (who, method, rule.rule)
    site.restore()
    assert tried > 150


@SQLITE
def test_12_bulk_enumeration(site: Site) -> None:
    """Ids in addresses are random; people are listed for administrators alone."""
    with site.network.database.reading() as db:
        ids = [
            str(row[0])
            for row in db.execute(text("SELECT public_id FROM people UNION SELECT public_id FROM responses"))
        ]
    assert len(set(ids)) == len(ids)
    assert min(map(len, ids)) >= 16  # 96 bits
    assert not [r.rule for r in site.network.app.url_map.iter_rules() if "<int" in r.rule]
    for role in ("director", "manager", "staff", "reviewer"):
        assert site.browser(role).get("/people", base_url=BASE).status_code == 404
        for address, answer in pages(site, role):
            if not address.startswith(("/account", "/surveys", "/people")):
                assert b"wyoming@example.gov" not in answer.data, (role, address)


@SQLITE
def test_12_bulk_enumeration_by_the_words_of_an_answer(site: Site) -> None:
    """A wrong password and a forgotten one get the same answer for somebody and for nobody."""
    for path, more in (("/sign-in", {"password": "wrong wrong wrong"}), ("/sign-in/forgot", {})):
        bodies = set()
        for email in ("staff@example.gov", "nobody@example.gov"):
            browser = site.network.browser()
            answer = browser.post(path, {"email": email, **more}, follow_redirects=True)
            plain = answer.get_data(as_text=True).replace(email, "")
            bodies.add(re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", plain))
        assert len(bodies) == 1, path
    site.restore()
