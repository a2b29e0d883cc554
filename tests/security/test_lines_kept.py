"""The security checklist, what is kept: anonymity, small cells, the other side, logs, files."""

from __future__ import annotations

import io
import logging
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, insert, text

from assessment.models.base import Base
from assessment.models.exports import Export
from assessment.models.surveys import SurveyMode
from assessment.settings import from_environment
from tests.conftest import PASSWORD, Network
from tests.product_world import SIX_AND_234, released, sheet
from tests.security.crawl import BASE, pages
from tests.security.poison import CANARY
from tests.security.site import Site, unrevealed
from tests.survey_world import everything_stored
from tests.surveys.world import make_world

SQLITE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ALONE
def test_17_anonymity(network: Network) -> None:
    """An anonymous answer has no time, no order, no name, no address; its link is nowhere."""
    world = make_world(network, SurveyMode.ANONYMOUS)
    token = world.open_link(10)
    phone = world.phone(token)
    phone.answer_all()
    page = phone.get("review").get_data(as_text=True)
    hidden = re.findall(r'<input type="hidden"[^>]*value="([^"]*)"', page)
    assert token not in " ".join(hidden)
    assert phone.finish().status_code == 302
    world.close()  # until then a finished sheet waits among the others
    stored = everything_stored(network.database)
    assert "127.0.0.1" not in stored
    assert token not in stored
    for table in ("survey_responses", "survey_answers"):
        columns = Base.metadata.tables[table].columns
        assert not [c.name for c in columns if isinstance(c.type, DateTime)], table
    assert world.rows("SELECT DISTINCT partner_id, respondent FROM survey_responses") == [(None, None)]
    ids = [response.id for response in world.responses()]
    assert ids
    assert all(re.fullmatch(r"[0-9a-zA-Z_-]{16,}", str(one)) for one in ids)
    origins = world.rows("SELECT DISTINCT origin FROM audit_events WHERE person_id IS NULL")
    assert {row[0] for row in origins} <= {"", "command line"}  # never an address


@ALONE
def test_18_small_cells(network: Network) -> None:
    """Six of 240: the six are hidden, and so are the 234, from which and the total the six would follow."""
    main = network.library.get("product-usefulness")
    with network.database.writing() as db:
        released(db, main, SIX_AND_234(), code="large")
        released(db, main, [sheet("eoc", 5) for _ in range(8)], code="few")
    director = network.browser("director")
    large = director.get("/api/v1/reports/products/FC-CO?cycle=large").get_json()
    assert large["responded"] == 240
    assert large["headline"]["usefulness"]["top_two"] is not None
    assert [group["usefulness"]["top_two"] for group in large["groups"]] in ([], [None], [None, None])
    few = director.get("/api/v1/reports/products/FC-CO?cycle=few").get_json()
    assert few["headline"]["usefulness"]["top_two"] is None
    assert [one["usefulness"] for one in few["product_types"] if one["usefulness"] is not None] == []


@SQLITE
def test_24_side_confusion(site: Site) -> None:
    """Before the reveal no page, JSON, file or error of one side holds a word of the other."""
    network, hidden = site.network, unrevealed(site.network)
    seen = {
        role: _with_canary(site, role)
        for role in ("staff", "manager", "director", "denver", "reviewer", "admin")
    }
    assert seen["staff"], "their own words"
    assert seen["manager"]
    assert seen["director"], "the other pair's form, which is theirs"
    assert all("EOC-DEN" in path or hidden[0] in path or "/reports/" in path for path in seen["director"])
    assert seen["denver"] == seen["reviewer"] == seen["admin"] == []
    for who, public_id in (("denver", hidden[0]), ("director", hidden[1]), ("admin", hidden[1])):
        browser = network.browser(who)
        form = {"q_GOV-01": "1", "rev_GOV-01": "0", "note_GOV-01": "x"}
        for headers in ({}, {"X-Background-Save": "1"}):
            answer = browser.post(f"/responses/{public_id}/GOV", form, form="/account", headers=headers)
            assert answer.status_code == 404
            assert CANARY.encode() not in answer.data


def _with_canary(site: Site, who: str) -> list[str]:
    paths = [
        "/api/v1/reports/pair/FC-CO/EOC-DEN",
        "/api/v1/reports/pair/FC-CO/EOC-CO",
        "/api/v1/reports/network",
    ]
    extra = [(path, site.browser(who).get(path, base_url=BASE)) for path in paths]
    return [path for path, answer in (*pages(site, who), *extra) if CANARY.encode() in answer.data]


@ALONE
def test_25_attestation(network: Network) -> None:
    """A signature covers the very answers: none is taken after it; reopened it is void."""
    network.open()
    public_id = network.response_id("FC-CO", "EOC-CO", "eoc")
    manager = network.browser("manager")
    first = _submitted(network, manager, public_id, "3")
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    late = manager.post(f"/responses/{public_id}/GOV", {"q_GOV-01": "0", "rev_GOV-01": "1"}, form="/account")
    assert late.status_code == 409
    assert _hash(network, public_id) == first
    again = manager.post(
        f"/responses/{public_id}/submit", {"name": "M", "title": "", "participants": "1"}, form="/account"
    )
    assert again.status_code in (302, 409, 422)
    assert _hash(network, public_id) == first
    admin = network.browser("admin")
    assert (
        admin.post(
            f"/responses/{public_id}/reopen", {"reason": "One answer was for another center."}
        ).status_code
        == 302
    )
    newer = network.response_id("FC-CO", "EOC-CO", "eoc")
    assert newer != public_id
    assert _hash(network, newer) is None
    assert _submitted(network, manager, newer, "2") != first


def _submitted(network: Network, browser: Any, public_id: str, rating: str) -> str:
    from assessment.responding.answer_files import import_answers
    from assessment.responding.services import Moment

    questions = network.library.get("worked-example").questions
    lines = [f"FC-CO,EOC-CO,eoc,{q.id},{rating},note" for q in questions if q.asked_of("eoc")]  # type: ignore[arg-type]
    content = "\n".join(["fusion_center,eoc,side,question,value,note", *lines])
    with network.database.writing() as db:
        moment = Moment(network.clock.now(), network.clock.today())
        import_answers(db, network.library, content, "spring", moment, replace=True)
    form = {"name": "Manager Example", "title": "Manager", "participants": "2", "confirm": "y"}
    answer = browser.post(f"/responses/{public_id}/submit", form, form=f"/responses/{public_id}/review")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(_hash(network, public_id))


def _hash(network: Network, public_id: str) -> Any:
    with network.database.reading() as db:
        query = "SELECT answers_hash FROM responses WHERE public_id = :id"
        return db.execute(text(query), {"id": public_id}).scalar_one()


@ALONE
def test_25_attestation_nobody_signs_for_both_sides(network: Network) -> None:
    """Who belongs to both centers of a pair acts for neither."""
    network.open()
    staff, other = network.browser("staff"), network.response_id("FC-CO", "EOC-CO", "fusion_center")
    own = network.response_id("FC-CO", "EOC-CO", "eoc")
    assert staff.get(f"/responses/{own}/GOV").status_code == 200
    with network.database.writing() as db:
        ids = "SELECT p.id, c.id FROM people p, centers c WHERE p.email LIKE 'staff@%' AND c.code = 'FC-CO'"
        db.execute(text(f"INSERT INTO person_centers (person_id, center_id) {ids}"))
    for public_id in (own, other):
        assert staff.get(f"/responses/{public_id}/GOV").status_code == 404
        assert staff.post(f"/responses/{public_id}/submit", {"name": "S"}, form="/account").status_code == 404


@ALONE
def test_28_secrets_in_logs_and_the_trail(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    """Passwords, links, tokens, cookies and answers are in neither, also where something fails."""
    caplog.set_level(logging.DEBUG)
    network.open()
    world = make_world(network)
    token = world.invite("ann@eoc.example.gov")
    network.browser().get(f"/s/{token}")
    network.browser().sign_in("staff@example.gov", "my wrong secret phrase")
    staff = network.browser("staff")
    public_id = network.response_id("FC-CO", "EOC-CO", "eoc")
    staff.post(f"/responses/{public_id}/GOV", {"q_GOV-01": "3", "note_GOV-01": CANARY, "rev_GOV-01": "0"})
    network.app.config["PROPAGATE_EXCEPTIONS"] = False
    network.app.view_functions["health.healthz"] = _failing(token)
    network.app.test_client().get(f"/s/{token}", base_url=BASE)
    cookie = staff.client.get_cookie("tandem", domain="localhost").value
    with network.database.reading() as db:
        trail = str(db.execute(text("SELECT * FROM audit_events")).all())
    for secret in (PASSWORD, "my wrong secret phrase", token, CANARY, cookie):
        assert secret not in trail
        assert secret not in caplog.text.replace(f"GET /s/{token}", "")


def _failing(token: str) -> Any:
    def fail() -> None:
        raise RuntimeError(f"GET /s/{token}")

    return fail


@ALONE
def test_30_exports_on_disk(network: Network, tmp_path: Path) -> None:
    """A file is its owner's, for a day, under a random name, and in no folder that others read."""
    now = network.clock.now()
    with network.database.writing() as db:
        owner = network.person("reviewer").id
        about = {"kind": "network", "parameters": "{}", "title": "Network", "public_id": "a" * 16}
        db.execute(insert(Export).values(person_id=owner, asked_at=now, expires_at=now, **about))
    for who in ("director", "staff", "admin"):
        answer = network.browser(who).get(f"/reports/exports/files/{'a' * 16}")
        assert answer.status_code == 404, who
        gone = network.browser(who).post(f"/reports/exports/files/{'a' * 16}/delete", {}, form="/account")
        assert gone.status_code == 404, who
    folder = tmp_path / "instance"
    made = from_environment({"TANDEM_INSTANCE": str(folder)})
    assert stat.S_IMODE(made.instance.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir() if f.is_file()} == {0o600}


HEAD = "email,name,organization,sector,level,state"


@SQLITE
def test_31_import_of_people(site: Site) -> None:
    """No column of a file gives rights without the right to; formula text stays the text that it is."""
    for who in ("director", "manager", "staff", "reviewer"):
        browser = site.network.browser(who)
        assert browser.get("/people/import").status_code == 404
        assert (
            browser.post(
                "/people/import", _file("email,name,role\na@b.gov,A,administrator\n"), form="/account"
            ).status_code
            == 404
        )
    from tests.director import make

    path = f"/surveys/{make(site.network)}/partners/import"
    director = site.network.browser("director")
    refused = director.post(path, _file(f"{HEAD},role\nm@eoc.example.gov,M,,,,,administrator\n"))
    assert refused.status_code == 422
    assert "role" in refused.get_data(as_text=True)
    taken = director.post(
        path, {"text": f'{HEAD}\nm@eoc.example.gov,"=HYPERLINK(1)",-5,,,\n', "apply": "yes"}
    )
    assert taken.status_code == 302
    with site.network.database.reading() as db:
        query = text("SELECT name, organization FROM partners WHERE email = 'm@eoc.example.gov'")
        assert tuple(db.execute(query).one()) == ("=HYPERLINK(1)", "-5")
    site.restore()


def _file(content: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(content.encode()), "people.csv")}
