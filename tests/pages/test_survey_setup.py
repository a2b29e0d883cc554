"""The guided flow in five steps, from the list to the open survey."""

from __future__ import annotations

import email
import io
from datetime import date
from email import policy
from typing import Any

import pytest
from sqlalchemy import func, select

from assessment.directory import uploads
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.models.surveys import Message, Partner, Survey
from assessment.surveys import own_questions
from tests.conftest import Browser, Network
from tests.director import PARTNERS, asked, find, make, make_open, words
from tests.pages.setup_steps import SCHEDULE, STEPS, plan_of

TOPICS = [f"T-0{number}" for number in range(1, 10)]


def the_survey(network: Network) -> Any:
    with network.database.reading() as session:
        return session.scalars(select(Survey)).one()


def test_the_whole_flow_from_the_list_to_the_open_survey(network: Network) -> None:
    director = network.browser("director")
    assert "No survey yet" in words(director.get("/surveys"))
    here = director.post("/surveys/new", SCHEDULE).location
    public_id = the_survey(network).public_id
    assert here == f"/surveys/{public_id}/promise"
    base = f"/surveys/{public_id}"
    assert director.post(here, {"mode": "confidential", "floor": "10"}).location == f"{base}/questions"
    assert director.post(f"{base}/questions", {"topics": TOPICS[:8]}).location == f"{base}/partners"
    person = {"email": "ann@eoc.example.gov", "sector": "eoc", "level": "county", "state": "CO"}
    assert director.post(f"{base}/partners", person).location == f"{base}/partners"
    director.post(f"{base}/partners/several", {"group": "managers"}, form=f"{base}/partners")
    director.post(f"{base}/check", {"reminder_1": "2026-06-22"})
    page = words(director.get(f"{base}/check"))
    assert "an invitation to 4 partners" in page
    assert "22 June 2026: a reminder to those who have not finished by then" in page
    assert "Not yet Partners, EOC officials included" in page
    with network.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0, "nothing before the last page"
    assert director.post(f"{base}/open", {}, form=f"{base}/check").location == base
    assert "with 4 invitations in the outbox" in words(director.get(base))
    survey = the_survey(network)
    assert survey.opened_at == network.clock.now()
    assert plan_of(network, public_id).topics == tuple(TOPICS[:8])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_typed_stays_in_a_form_that_was_not_taken(network: Network) -> None:
    public_id = make(network)
    page = network.browser("director").post(
        f"/surveys/{public_id}/schedule", SCHEDULE | {"title": "A title kept", "closes": "2026-01-01"}
    )
    assert 'value="A title kept"' in page.get_data(as_text=True)


def test_own_questions_one_by_one_and_as_text(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    base = f"/surveys/{public_id}/questions"
    for kind in own_questions.FREE_TYPES:
        data = {"wording": f"About {kind}?", "kind": kind, "choices": "One\nTwo"}
        assert director.post(f"{base}/own", data, form=base).status_code == 302
    page = words(director.get(base))
    assert all(f"About {kind}?" in page for kind in own_questions.FREE_TYPES)
    preview = words(director.get(f"/surveys/{public_id}/preview"))
    assert "About long_text?" in preview
    director.post(f"{base}/own/remove", {"question": "OWN-02"}, form=base)
    assert "About yes_no?" not in words(director.get(base))
    text = plan_of(network, public_id).own_questions
    faulty = text.replace("type: short_text", "type: essay").replace("id: OWN-06", "id: O-01")
    refused = director.post(f"{base}/text", {"text": faulty}, form=base)
    assert refused.status_code == 422
    assert "essay" in words(refused)
    assert plan_of(network, public_id).own_questions == text
    assert director.post(f"{base}/text", {"text": ""}, form=base).status_code == 302
    assert plan_of(network, public_id).own_questions == ""


def upload(browser: Browser, path: str, content: bytes, **fields: str) -> Any:
    data = {"file": (io.BytesIO(content), "partners.csv"), **fields}
    return browser.post(path, data, content_type="multipart/form-data")


def test_a_file_of_partners_is_shown_first_and_then_taken(network: Network) -> None:
    public_id = make(network, "")
    path = f"/surveys/{public_id}/partners/import"
    director = network.browser("director")
    shown = upload(director, path, PARTNERS.encode("cp1252"))
    assert "2 added, 0 changed, 0 unchanged." in words(shown)
    assert asked(network, public_id) == set()
    done = director.post(path, {"text": PARTNERS, "apply": "yes"})
    assert done.location == f"/surveys/{public_id}/partners"
    assert asked(network, public_id) == {"ann@eoc.example.gov", "ben@fire.example.gov"}
    bad = upload(director, path, b"email,name\nx,<script>alert(1)</script>\ny,Y\n")
    assert bad.status_code == 422
    assert 'Line 2, column email: "x" is not an e-mail address.' in words(bad)
    assert 'Line 3, column email: "y"' in words(bad)
    assert b"<script>alert" not in bad.data


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_larger_than_a_page_s_limit_is_told_so(network: Network, monkeypatch: Any) -> None:
    public_id = make(network, "")
    path = f"/surveys/{public_id}/partners/import"
    content = b"email\n" + b"x" * (5 * 1024 * 1024 + 1)
    answer = upload(network.browser("director"), path, content)
    assert "The file is larger than 5 MB." in words(answer)
    monkeypatch.setattr(uploads, "CARRIED_LIMIT", 10)
    again = upload(network.browser("director"), path, PARTNERS.encode())
    assert "Choose it once more." in words(again)


def test_partners_are_asked_or_not_or_never(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    base = f"/surveys/{public_id}/partners"
    with network.database.reading() as session:
        ids = {p.email: p.public_id for p in session.scalars(select(Partner))}
    ann, ben = ids["ann@eoc.example.gov"], ids["ben@fire.example.gov"]
    assert (
        director.post(f"{base}/{ann}", {"asked": "no", "text": "ann"}, form=base).location
        == f"{base}?text=ann"
    )
    assert asked(network, public_id) == {"ben@fire.example.gov"}
    director.post(f"{base}/{ben}", {"asked": "never"}, form=base)
    page = words(director.get(base))
    assert "Never, since 15 June 2026" in page
    assert "0 asked of 2 partners known; 1 not to be written to again" in page
    director.post(f"{base}/{ben}", {"asked": "yes"}, form=base)
    assert "asked not to be written to again" in words(director.get(base))
    director.post(f"{base}/several", {"group": "everyone"}, form=base)
    assert "1 partner is asked now" in words(director.get(base))
    for path, data in ((f"{base}/{ann}", {"asked": "perhaps"}), (f"{base}/several", {"group": "all"})):
        assert director.post(path, data, form=base).status_code == 400


def test_the_last_page_says_why_it_cannot_open_and_does_not(network: Network) -> None:
    public_id = make(network, "", federal_sponsor=True, sponsor="DHS")
    director = network.browser("director")
    base = f"/surveys/{public_id}"
    page = words(director.get(f"{base}/check"))
    assert "It cannot open yet:" in page
    assert "Nobody is asked yet. Add partners, or choose one open link." in page
    assert "A survey with a federal sponsor needs a current OMB control number before it opens." in page
    assert director.post(f"{base}/open", {}, form=f"{base}/check").location == f"{base}/check"
    assert "Nobody is asked yet" in words(director.get(f"{base}/check"))
    assert the_survey(network).opened_at is None


def test_page_one_shows_the_paperwork(network: Network) -> None:
    number = {"omb_control_number": "1103-0117", "omb_expires": date(2027, 1, 31), "burden_minutes": 9}
    public_id = make(network, sponsor="DHS I&A", federal_sponsor=True, **number)
    page = words(network.browser("director").get(f"/surveys/{public_id}/preview"))
    for said in (
        "Sponsored by DHS I&A.",
        "OMB control number 1103-0117, expires 31 January 2027.",
        "Answering is estimated to take 9 minutes.",
        "Answering is voluntary.",
    ):
        assert said in page


def test_without_a_mail_server_an_anonymous_survey_takes_the_open_link_only(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    base = f"/surveys/{public_id}"
    director.post(f"{base}/promise", {"mode": "anonymous", "floor": "10"})
    page = words(director.get(f"{base}/check"))
    assert "an anonymous survey then takes the open link only" in page
    assert "It cannot open yet" in page
    director.post(f"{base}/check", {"open_link": "y", "cap": "30"})
    shown = director.post(f"{base}/open", {}, form=f"{base}/check")
    assert shown.status_code == 200
    body = shown.get_data(as_text=True)
    link = body.split('id="open-link" value="')[1].split('"')[0]
    assert link.startswith("http://localhost/s/")
    assert len(link.rsplit("/", 1)[1]) == 32
    with network.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        survey = find(session, public_id)
        assert survey.open_link_hash not in link
    assert link.rsplit("/", 1)[1] not in director.get(base).get_data(as_text=True)


def test_a_test_message_goes_to_oneself_with_links_to_the_preview(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    base = f"/surveys/{public_id}"
    director.post(f"{base}/test-message", {}, form=f"{base}/check")
    assert "the test message is a file in the outbox folder" in words(director.get(f"{base}/check"))
    folder = network.app.extensions["tandem.settings"].instance / "outbox"
    (file,) = folder.iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert "director@example.gov" in str(mail["To"])
    text = mail.get_body(("plain",)).get_content()
    assert f"http://localhost{base}/preview" in text
    with network.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_the_words_of_messages_are_kept_and_ours_need_no_row(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    path = f"/surveys/{public_id}/words/invitation"
    changed = {"subject": "About {title}", "body": "Dear {name}\n{link}\n{opt_out}"}
    assert director.post(path, changed).location == f"/surveys/{public_id}/check"
    assert "About Products 2026" in words(director.get(f"/surveys/{public_id}/check"))
    assert "{{ config }}" not in director.get(path).get_data(as_text=True)
    assert director.get(f"/surveys/{public_id}/words/receipt").status_code == 404


def test_save_for_later_leads_back_to_the_list(network: Network) -> None:
    public_id = make(network)
    director = network.browser("director")
    answer = director.post(f"/surveys/{public_id}/schedule", SCHEDULE | {"title": "Later", "then": "later"})
    assert answer.location == "/surveys"
    assert "Being set up Later" in words(director.get("/surveys"))


def test_once_open_the_steps_say_so_and_take_nothing_binding(network: Network) -> None:
    public_id = make_open(network)
    director = network.browser("director")
    base = f"/surveys/{public_id}"
    for step in STEPS:
        assert "The survey has opened." in words(director.get(f"{base}/{step}"))
    token = f"{base}/schedule"
    for step, data in (
        ("promise", {"mode": "anonymous", "floor": "10"}),
        ("questions", {"topics": ["T-01"]}),
    ):
        refused = director.post(f"{base}/{step}", data, form=token)
        assert refused.status_code == 422
    for step, data in (
        ("questions/own", {"wording": "More?", "kind": "yes_no"}),
        ("questions/text", {"text": "x"}),
    ):
        assert director.post(f"{base}/{step}", data, form=token).status_code == 422
    assert director.post(token, {"closes": "2026-07-10", "recurrence": "none"}).location == base
    assert plan_of(network, public_id).closes == date(2026, 7, 10)
    refused = director.post(token, {"closes": "2026-06-01", "recurrence": "none", "title": "Else"})
    assert "before it opens" in words(refused)
    assert plan_of(network, public_id).title == "Products 2026"


def belong(network: Network, *codes: str) -> Browser:
    """The director's browser, now that they belong to these centers."""
    with network.database.writing() as session:
        director = session.scalars(select(PersonRow).where(PersonRow.email == "director@example.gov")).one()
        director.centers = list(session.scalars(select(Center).where(Center.code.in_(codes))))
    return network.browser("director")


def test_a_director_of_two_centers_says_which(network: Network) -> None:
    director = belong(network, "FC-CO", "FC-WY")
    assert "Choose a fusion center." in words(director.post("/surveys/new", SCHEDULE))
    refused = director.post("/surveys/new", SCHEDULE | {"fusion_center": "EOC-CO"})
    assert refused.status_code == 422
    assert director.post("/surveys/new", SCHEDULE | {"fusion_center": "FC-WY"}).status_code == 302
    assert plan_of(network, the_survey(network).public_id).fusion_center == "FC-WY"


def test_a_director_of_no_fusion_center_sets_up_none(network: Network) -> None:
    assert belong(network).get("/surveys/new").status_code == 404


def test_a_director_of_one_center_cannot_name_another(network: Network) -> None:
    network.browser("director").post("/surveys/new", SCHEDULE | {"fusion_center": "FC-WY"})
    assert plan_of(network, the_survey(network).public_id).fusion_center == "FC-CO"
