"""The pages of the directory: who sees what, what a form says, and how a file comes in."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from assessment.directory import services, uploads
from assessment.models.audit import AuditEvent
from assessment.models.directory import Center, Pair
from tests.conftest import NOW, Browser, Network

HEADER = "code,name,kind,level,state,fema_region\n"
NEW_CENTER = {"code": "EOC-NM", "name": "New Mexico EOC", "level": "state", "state": "NM", "city": "Santa Fe"}
EDITING = [
    "/centers/new",
    "/centers/FC-CO/edit",
    "/centers/import",
    "/pairs/import",
    "/pairs/add",
]


def words(response: Any) -> str:
    """The text of a page as it is read, without tags."""
    body = response.get_data(as_text=True)
    text = re.sub(r"<[^>]+>", " ", body.split("<main", 1)[1].split("</main>")[0])
    return re.sub(r"\s+", " ", html.unescape(text))


def upload(browser: Browser, path: str, text: str | bytes, **fields: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    data = {"file": (io.BytesIO(content), "file.csv"), **fields}
    return browser.post(path, data, content_type="multipart/form-data")


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', response.get_data(as_text=True))
    assert found, f"no field {name}"
    return html.unescape(found.group(1))


def center(network: Network, code: str) -> Center | None:
    with network.database.reading() as session:
        return session.scalar(select(Center).where(Center.code == code))


def pair_active(network: Network, fusion_center: str, eoc: str) -> bool | None:
    with network.database.reading() as session:
        query = select(Pair).where(Pair.fusion_center.has(code=fusion_center), Pair.eoc.has(code=eoc))
        row = session.scalar(query)
        return row.active if row else None


@pytest.mark.parametrize("path", ["/centers", "/centers/FC-CO", "/pairs"])
@pytest.mark.parametrize("who", ["admin", "director", "manager", "staff", "reviewer"])
def test_everybody_with_an_account_reads_the_directory(network: Network, who: str, path: str) -> None:
    response = network.browser(who).get(path)
    assert response.status_code == 200
    assert "Colorado Information Analysis Center" in words(response)


@pytest.mark.parametrize("path", ["/centers", "/centers/FC-CO", "/pairs", *EDITING])
def test_nobody_reads_it_without_one(network: Network, path: str) -> None:
    response = network.browser().get(path)
    assert response.status_code == 302
    assert response.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("who", ["director", "manager", "staff", "reviewer"])
def test_only_an_administrator_edits(network: Network, who: str) -> None:
    browser = network.browser(who)
    for path in EDITING:
        assert browser.get(path).status_code == 404
        assert browser.post(path, NEW_CENTER, form="/centers").status_code == 404
    response = browser.post("/pairs/FC-CO/EOC-CO/active", {"active": "no"}, form="/centers")
    assert response.status_code == 404
    assert pair_active(network, "FC-CO", "EOC-CO") is True
    for page in ("/centers", "/centers/FC-CO", "/pairs"):
        body = browser.get(page).get_data(as_text=True)
        assert "/edit" not in body
        assert "/import" not in body
        assert "/active" not in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"FC-CO", "FC-WY", "EOC-CO", "EOC-DEN", "EOC-WY"}),
        ("text=denver", {"EOC-DEN"}),
        ("text=fc-", {"FC-CO", "FC-WY"}),
        ("text=%25", set()),
        ("text=%00", {"FC-CO", "FC-WY", "EOC-CO", "EOC-DEN", "EOC-WY"}),
        ("kind=eoc&state=CO", {"EOC-CO", "EOC-DEN"}),
        ("region=9", set()),
        ("only=inactive", set()),
        ("kind=x'--&state=ZZ&region=a&only=b&page=-1", {"FC-CO", "FC-WY", "EOC-CO", "EOC-DEN", "EOC-WY"}),
    ],
)
def test_centers_are_found_by_name_code_and_filter(network: Network, query: str, found: set[str]) -> None:
    response = network.browser("staff").get(f"/centers?{query}")
    codes = set(re.findall(r'href="/centers/([A-Z-]+)"', response.get_data(as_text=True)))
    assert codes == found
    limited = bool(found) and "page" not in query and query not in ("", "text=%00")
    count = f"{len(found)} {'center' if len(found) == 1 else 'centers'}"
    assert count + (" found" if limited else "") in words(response)
    if not found:
        assert "No center fits." in words(response)


def test_the_list_comes_in_pages_that_keep_the_filter(network: Network) -> None:
    with network.database.writing() as session:
        services.seed(session, NOW)
    browser = network.browser("staff")
    first = browser.get("/centers?kind=fusion_center").get_data(as_text=True)
    assert first.count('scope="row"') == 50
    assert 'href="/centers?kind=fusion_center&amp;page=2"' in first
    second = browser.get("/centers?kind=fusion_center&page=2").get_data(as_text=True)
    assert second.count('scope="row"') == 30


def test_the_filter_works_without_scripts_and_with_them(network: Network) -> None:
    body = network.browser("staff").get("/centers").get_data(as_text=True)
    form = re.search(r'<form class="filter".*?</form>', body, re.S)
    assert form
    assert 'method="get" action="/centers"' in form[0]
    assert 'type="submit"' in form[0]
    assert 'hx-select="#found"' in form[0]
    assert 'id="found"' in body


def test_an_empty_directory_says_what_to_do(network: Network) -> None:
    browser = network.browser("admin")
    with network.database.writing() as session:
        session.execute(Pair.__table__.delete())
        session.execute(Center.metadata.tables["person_centers"].delete())
        session.execute(Center.__table__.delete())
    assert "No centers yet Add them one by one, or import a file" in words(browser.get("/centers"))
    assert "No pairs yet" in words(browser.get("/pairs"))


def test_a_center_shows_its_facts_and_pairs(network: Network) -> None:
    text = words(network.browser("staff").get("/centers/FC-CO"))
    assert "Fusion center , primary State Colorado (CO) FEMA region 8 City Not given" in text
    assert "2 pairs" in text
    assert "Denver City EOC (EOC-DEN)" in text


@pytest.mark.parametrize("code", ["FC-XX", "fc-co", "FC-CO%27"])
def test_an_unknown_code_is_not_found(network: Network, code: str) -> None:
    browser = network.browser("admin")
    assert browser.get(f"/centers/{code}").status_code == 404
    assert browser.get(f"/centers/{code}/edit").status_code == 404
    response = browser.post(f"/pairs/{code}/EOC-CO/active", {"active": "no"}, form="/pairs")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("who", "linked"),
    [
        ("admin", {"FC-CO/EOC-CO", "FC-CO/EOC-DEN", "FC-WY/EOC-WY"}),
        ("director", {"FC-CO/EOC-CO", "FC-CO/EOC-DEN"}),
        ("manager", {"FC-CO/EOC-CO"}),
        ("reviewer", set()),
    ],
)
def test_reports_are_linked_only_where_they_may_be_read(network: Network, who: str, linked: set[str]) -> None:
    browser = network.browser(who)
    for path, expected in (
        ("/pairs", linked),
        ("/centers/EOC-CO", linked & {"FC-CO/EOC-CO"}),
    ):
        body = browser.get(path).get_data(as_text=True)
        assert set(re.findall(r'href="/reports/pairs/([^"?]+)', body)) == expected


def test_a_center_is_added(network: Network) -> None:
    browser = network.browser("admin")
    response = browser.post("/centers/new", NEW_CENTER)
    assert response.status_code == 302
    assert response.location == "/centers/EOC-NM"
    row = center(network, "EOC-NM")
    assert row
    assert (row.kind, row.level, row.fema_region, row.city, row.confidence) == (
        "eoc",
        "state",
        6,
        "Santa Fe",
        "",
    )
    assert "EOC-NM is in the directory now." in words(browser.get(response.location))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "eoc-co"}, "There is already a center EOC-CO. Choose another code."),
        ({"code": "EOC NM"}, '"EOC NM" cannot be a code. Use letters, digits, dots and dashes'),
        ({"code": ""}, "Enter a code."),
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 201}, "has 201 characters, more than 200. Shorten it."),
        ({"city": "a\u202eb"}, "holds a line break or another character that cannot be shown."),
        ({"level": ""}, "Choose a kind and level."),
        ({"state": "ZZ"}, "Not a valid choice."),
    ],
)
def test_a_bad_form_says_why_at_its_field_and_keeps_what_was_typed(
    network: Network, changes: dict[str, str], sentence: str
) -> None:
    response = network.browser("admin").post("/centers/new", NEW_CENTER | changes)
    assert response.status_code == 422
    text = words(response)
    assert text.count(sentence) == 2  # in the summary and at the field
    assert f'href="#{next(iter(changes))}"' in response.get_data(as_text=True)
    assert 'value="Santa Fe"' in response.get_data(as_text=True) or "city" in changes
    assert center(network, "EOC-NM") is None


def test_a_center_is_changed_and_its_code_stays(network: Network) -> None:
    browser = network.browser("admin")
    changes = {
        "name": "Colorado EOC",
        "level": "state",
        "state": "CO",
        "city": "",
        "active": "y",
        "code": "X",
    }
    response = browser.post("/centers/EOC-CO/edit", changes)
    assert response.location == "/centers/EOC-CO"
    row = center(network, "EOC-CO")
    assert row
    assert row.name == "Colorado EOC"
    assert center(network, "X") is None
    with network.database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "center changed")).one()
        assert event.subject == "center EOC-CO"
        assert event.detail == 'name "Colorado State EOC" -> "Colorado EOC"'
        assert event.person_id == network.person("admin").id


def test_the_mark_of_the_seed_goes_when_somebody_has_checked(network: Network) -> None:
    with network.database.writing() as session:
        services.find_center(session, "EOC-CO").confidence = "M"
    browser = network.browser("admin")
    assert "medium confidence (M). Check name and city" in words(browser.get("/centers/EOC-CO"))
    form = {"name": "Colorado State EOC", "level": "state", "state": "CO", "active": "y"}
    browser.post("/centers/EOC-CO/edit", form)
    assert "(M)" in words(browser.get("/centers/EOC-CO"))
    browser.post("/centers/EOC-CO/edit", form | {"checked": "y"})
    assert "Entered or checked here" in words(browser.get("/centers/EOC-CO"))
    assert 'name="checked"' not in browser.get("/centers/EOC-CO/edit").get_data(as_text=True)


def test_a_center_in_a_pair_keeps_its_kind_on_the_page_too(network: Network) -> None:
    form = {"name": "Colorado State EOC", "level": "primary", "state": "CO", "active": "y"}
    response = network.browser("admin").post("/centers/EOC-CO/edit", form)
    assert response.status_code == 422
    assert "EOC-CO is an EOC in the directory and cannot change its kind" in words(response)


def test_a_center_that_becomes_inactive_takes_its_pairs_along(network: Network) -> None:
    browser = network.browser("admin")
    form = {"name": "Colorado Information Analysis Center", "level": "primary", "state": "CO"}
    response = browser.post("/centers/FC-CO/edit", form)
    text = words(browser.get(response.location))
    assert "Its 2 active pairs are not active any more." in text
    assert "This center is not active. No new cycle asks it." in text
    assert pair_active(network, "FC-CO", "EOC-CO") is False
    assert pair_active(network, "FC-WY", "EOC-WY") is True


def test_a_pair_is_added(network: Network) -> None:
    browser = network.browser("admin")
    assert '<option selected value="FC-WY">' in browser.get("/pairs/add?fusion_center=FC-WY").get_data(
        as_text=True
    )
    response = browser.post("/pairs/add", {"fusion_center": "FC-WY", "eoc": "EOC-DEN"})
    assert response.location == "/centers/FC-WY"
    assert pair_active(network, "FC-WY", "EOC-DEN") is True


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        (("FC-CO", "EOC-CO"), "FC-CO with EOC-CO is already an active pair."),
        (("", "EOC-CO"), "Choose a fusion center."),
        (("EOC-CO", "FC-CO"), "Not a valid choice."),
    ],
)
def test_a_pair_that_cannot_be_says_why(network: Network, codes: tuple[str, str], sentence: str) -> None:
    data = dict(zip(("fusion_center", "eoc"), codes, strict=True))
    response = network.browser("admin").post("/pairs/add", data)
    assert response.status_code == 422
    assert sentence in words(response)


def test_a_pair_is_switched_off_and_on(network: Network) -> None:
    browser = network.browser("admin")
    path, form = "/pairs/FC-CO/EOC-CO/active", "/centers/FC-CO"
    for _ in range(2):  # a second click says the same
        response = browser.post(path, {"active": "no", "next": "/centers/FC-CO"}, form=form)
        assert response.location == "/centers/FC-CO"
        assert pair_active(network, "FC-CO", "EOC-CO") is False
    browser.post(path, {"active": "yes"}, form=form)
    assert pair_active(network, "FC-CO", "EOC-CO") is True
    assert browser.post(path, {"active": "perhaps"}, form=form).status_code == 400
    assert browser.post(path, {"active": "no", "next": "//example.org"}, form=form).location == "/pairs"
    with network.database.reading() as session:
        of_pair = AuditEvent.subject == "pair FC-CO EOC-CO"
        actions = session.scalars(select(AuditEvent.action).where(of_pair).order_by(AuditEvent.id))
        assert list(actions) == ["pair made inactive", "pair made active", "pair made inactive"]


def test_a_pair_of_an_inactive_center_stays_off(network: Network) -> None:
    browser = network.browser("admin")
    browser.post("/centers/EOC-DEN/edit", {"name": "Denver City EOC", "level": "city", "state": "CO"})
    response = browser.post("/pairs/FC-CO/EOC-DEN/active", {"active": "yes"}, form="/pairs")
    assert "EOC-DEN is not active. Make it active on its page first." in words(browser.get(response.location))
    assert pair_active(network, "FC-CO", "EOC-DEN") is False


def test_a_file_is_shown_first_and_imported_then(network: Network) -> None:
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,<b>New</b> & Mexico,eoc,state,NM,6\nEOC-CO,Colorado EOC,eoc,state,CO,8\n"
    shown = upload(browser, "/centers/import", text)
    assert shown.status_code == 200
    assert "1 added, 1 changed, 0 unchanged." in words(shown)
    assert "EOC-NM: <b>New</b> & Mexico" in words(shown)
    assert "<b>New" not in shown.get_data(as_text=True)
    assert 'EOC-CO: name "Colorado State EOC" -> "Colorado EOC"' in words(shown)
    assert center(network, "EOC-NM") is None
    carried = {"text": hidden(shown, "text"), "apply": hidden(shown, "apply")}
    done = browser.post("/centers/import", carried, content_type="multipart/form-data")
    assert done.location == "/centers"
    assert "The file is imported: 1 added, 1 changed, 0 unchanged." in words(browser.get("/centers"))
    row = center(network, "EOC-NM")
    assert row
    assert row.name == "<b>New</b> & Mexico"


def test_the_second_step_checks_everything_again(network: Network) -> None:
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,5\n"
    response = browser.post(
        "/centers/import", {"text": text, "apply": "yes"}, content_type="multipart/form-data"
    )
    assert response.status_code == 422
    assert "Line 2, column fema_region: New Mexico lies in FEMA region 6, not 5." in words(response)
    assert center(network, "EOC-NM") is None


def test_bad_lines_are_listed_escaped_and_the_count_is_whole(network: Network) -> None:
    lines = "".join(f"EOC-{n},x,eoc,<i>{n},CO,8\n" for n in range(250))
    response = upload(network.browser("admin"), "/centers/import", HEADER + lines)
    text = words(response)
    assert response.status_code == 422
    assert "The file was not taken, and nothing was changed. It has 250 problems." in text
    assert 'Line 2, column level: "<i>0" is not a level of an EOC.' in text
    assert "<i>" not in response.get_data(as_text=True)
    assert text.count(" is not a level of an EOC.") == uploads.PROBLEMS_SHOWN
    assert "And 50 more." in text


def test_a_file_without_news_has_nothing_to_confirm(network: Network) -> None:
    response = upload(network.browser("admin"), "/pairs/import", "fusion_center,eoc\nFC-CO,EOC-CO\n")
    assert "Nothing: all of it is there already." in words(response)
    assert 'name="apply"' not in response.get_data(as_text=True)


def test_pairs_come_in_by_file(network: Network) -> None:
    browser = network.browser("admin")
    shown = upload(browser, "/pairs/import", "fusion_center;eoc\r\nFC-WY;EOC-DEN\r\n")
    assert "FC-WY with EOC-DEN" in words(shown)
    browser.post("/pairs/import", {"text": hidden(shown, "text"), "apply": "yes"})
    assert pair_active(network, "FC-WY", "EOC-DEN") is True


def test_no_file_chosen_is_a_sentence(network: Network) -> None:
    response = network.browser("admin").post("/centers/import", {})
    assert response.status_code == 422
    assert words(response).count("Choose a file.") == 2


@pytest.mark.parametrize(
    ("megabytes", "status", "sentence"),
    [
        (3, 422, "is not an EOC"),
        (6, 422, "The file is larger than 5 MB. Split it into several files."),
        (9, 413, "What was sent is larger than this page accepts."),
    ],
)
def test_a_large_file_is_refused_kindly(network: Network, megabytes: int, status: int, sentence: str) -> None:
    line = "FC-CO,FC-WY\n"
    text = "fusion_center,eoc\n" + line * 2 + f'FC-CO,"{" " * 1000}"\n' * (megabytes * 1024 * 1024 // 1010)
    response = upload(network.browser("admin"), "/pairs/import", text)
    assert response.status_code == status
    assert sentence.replace("is not an EOC", "FC-WY is a fusion center. Name an EOC here.") in words(response)


def test_a_long_file_is_chosen_a_second_time(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CARRIED_LIMIT", 50)
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,6\n"
    shown = upload(browser, "/centers/import", text)
    assert "Choose it once more." in words(shown)
    assert 'name="text"' not in shown.get_data(as_text=True)
    assert upload(browser, "/centers/import", text, apply="yes").location == "/centers"
    assert center(network, "EOC-NM")


def test_others_may_not_send_more_than_elsewhere(network: Network) -> None:
    """The larger limit is the administrator's alone, so that nobody else fills the server's memory."""
    for who, status in (("admin", 422), ("staff", 404)):
        browser = network.browser(who)
        data = {"text": "x" * 3_000_000, "csrf_token": browser.token("/centers")}
        response = browser.client.post("/pairs/import", data=data, content_type="multipart/form-data")
        assert response.status_code == status
    too_much = network.browser().client.post("/pairs/import", data=data, content_type="multipart/form-data")
    assert too_much.status_code == 413
