"""The pages of the directory: who sees what, and what a form says."""

from __future__ import annotations

import re
from itertools import product

from sqlalchemy import select

from assessment.directory import services
from assessment.models.audit import AuditEvent
from assessment.models.directory import Center, Pair
from tests.conftest import NOW, Network
from tests.directory_pages import center, pair_active, words
from tests.signed_in import signed_in

NEW_CENTER = {"code": "EOC-NM", "name": "New Mexico EOC", "level": "state", "state": "NM", "city": "Santa Fe"}
EDITING = [
    "/centers/new",
    "/centers/FC-CO/edit",
    "/centers/import",
    "/pairs/import",
    "/pairs/add",
]


READING = ["/centers", "/centers/FC-CO", "/pairs"]


def test_everybody_with_an_account_reads_the_directory(network: Network) -> None:
    for who, path in product(["admin", "director", "manager", "staff", "reviewer"], READING):
        response = signed_in(network, who).get(path)
        assert response.status_code == 200, (who, path)
        assert "Colorado Information Analysis Center" in words(response), (who, path)


def test_nobody_reads_it_without_one(network: Network) -> None:
    for path in (*READING, *EDITING):
        response = network.browser().get(path)
        assert response.status_code == 302, path
        assert response.location.startswith("/sign-in?next="), path


def test_only_an_administrator_edits(network: Network) -> None:
    for who in ("director", "manager", "staff", "reviewer"):
        nothing_to_edit(network, who)


def nothing_to_edit(network: Network, who: str) -> None:
    browser = network.browser(who)
    for path in EDITING:
        assert browser.get(path).status_code == 404, who
        assert browser.post(path, NEW_CENTER, form="/centers").status_code == 404, who
    response = browser.post("/pairs/FC-CO/EOC-CO/active", {"active": "no"}, form="/centers")
    assert response.status_code == 404, who
    assert pair_active(network, "FC-CO", "EOC-CO") is True, who
    for page in READING:
        body = browser.get(page).get_data(as_text=True)
        assert "/edit" not in body, who
        assert "/import" not in body, who
        assert "/active" not in body, who


EVERY_CENTER = {"FC-CO", "FC-WY", "EOC-CO", "EOC-DEN", "EOC-WY"}
SEARCHES: dict[str, set[str]] = {
    "": EVERY_CENTER,
    "text=denver": {"EOC-DEN"},
    "text=fc-": {"FC-CO", "FC-WY"},
    "text=%25": set(),
    "text=%00": EVERY_CENTER,
    "kind=eoc&state=CO": {"EOC-CO", "EOC-DEN"},
    "region=9": set(),
    "only=inactive": set(),
    "kind=x'--&state=ZZ&region=a&only=b&page=-1": EVERY_CENTER,
}


def test_centers_are_found_by_name_code_and_filter(network: Network) -> None:
    for query, found in SEARCHES.items():
        response = signed_in(network, "staff").get(f"/centers?{query}")
        codes = set(re.findall(r'href="/centers/([A-Z-]+)"', response.get_data(as_text=True)))
        assert codes == found, query
        limited = bool(found) and "page" not in query and query not in ("", "text=%00")
        count = f"{len(found)} {'center' if len(found) == 1 else 'centers'}"
        assert count + (" found" if limited else "") in words(response), query
        assert found or "No center fits." in words(response), query


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


def test_an_unknown_code_is_not_found(network: Network) -> None:
    browser = network.browser("admin")
    for code in ("FC-XX", "fc-co", "FC-CO%27"):
        assert browser.get(f"/centers/{code}").status_code == 404, code
        assert browser.get(f"/centers/{code}/edit").status_code == 404, code
        response = browser.post(f"/pairs/{code}/EOC-CO/active", {"active": "no"}, form="/pairs")
        assert response.status_code == 404, code


LINKED: dict[str, set[str]] = {
    "admin": {"FC-CO/EOC-CO", "FC-CO/EOC-DEN", "FC-WY/EOC-WY"},
    "director": {"FC-CO/EOC-CO", "FC-CO/EOC-DEN"},
    "manager": {"FC-CO/EOC-CO"},
    "reviewer": set(),
}


def test_reports_are_linked_only_where_they_may_be_read(network: Network) -> None:
    for who, linked in LINKED.items():
        for path, expected in (
            ("/pairs", linked),
            ("/centers/EOC-CO", linked & {"FC-CO/EOC-CO"}),
        ):
            body = signed_in(network, who).get(path).get_data(as_text=True)
            assert set(re.findall(r'href="/reports/pairs/([^"?]+)', body)) == expected, (who, path)


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


BAD_FORMS: list[tuple[dict[str, str], str]] = [
    ({"code": "eoc-co"}, "There is already a center EOC-CO. Choose another code."),
    ({"code": "EOC NM"}, '"EOC NM" cannot be a code. Use letters, digits, dots and dashes'),
    ({"code": ""}, "Enter a code."),
    ({"name": ""}, "Enter a name."),
    ({"name": "x" * 201}, "has 201 characters, more than 200. Shorten it."),
    ({"city": "a\u202eb"}, "holds a line break or another character that cannot be shown."),
    ({"level": ""}, "Choose a kind and level."),
    ({"state": "ZZ"}, "Not a valid choice."),
]


def test_a_bad_form_says_why_at_its_field_and_keeps_what_was_typed(network: Network) -> None:
    for changes, sentence in BAD_FORMS:
        response = signed_in(network, "admin").post("/centers/new", NEW_CENTER | changes)
        assert response.status_code == 422, changes
        text = words(response)
        assert text.count(sentence) == 2, (changes, "in the summary and at the field")
        assert f'href="#{next(iter(changes))}"' in response.get_data(as_text=True), changes
        kept = 'value="Santa Fe"' in response.get_data(as_text=True)
        assert kept or "city" in changes, changes
        assert center(network, "EOC-NM") is None, changes


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


BAD_PAIRS = {
    ("FC-CO", "EOC-CO"): "FC-CO with EOC-CO is already an active pair.",
    ("", "EOC-CO"): "Choose a fusion center.",
    ("EOC-CO", "FC-CO"): "Not a valid choice.",
}


def test_a_pair_that_cannot_be_says_why(network: Network) -> None:
    for codes, sentence in BAD_PAIRS.items():
        data = dict(zip(("fusion_center", "eoc"), codes, strict=True))
        response = signed_in(network, "admin").post("/pairs/add", data)
        assert response.status_code == 422, codes
        assert sentence in words(response), codes


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
