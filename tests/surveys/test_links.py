"""The spent-link matrix: what a link is good for, half done, done, revoked, over, foreign, tampered."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from assessment.models.surveys import Invitation, SurveyMode
from assessment.surveys.links import invitation_hash, new_token
from tests.conftest import Network
from tests.surveys.world import FULL, World, make_world

ANN, BOB = "ann@example.gov", "bob@example.gov"


@pytest.fixture(params=list(SurveyMode))
def world(request: pytest.FixtureRequest, network: Network) -> World:
    return make_world(network, request.param)


def test_looking_spends_nothing_and_begins_nothing(world: World) -> None:
    token = world.invite(ANN)
    for _ in range(3):
        scanner = world.phone(token)
        assert scanner.get().status_code == 200
        assert scanner.browser.client.head(scanner.path(), base_url="http://localhost").status_code == 200
        assert scanner.get("P").location == scanner.path()
    assert world.drafts() == []
    asked = world.asked(ANN)
    assert (asked.opened_on, asked.started_on, asked.finished_on) == (world.moment.today, None, None)


def test_half_done_and_gone_on_with_in_a_new_window(world: World) -> None:
    token = world.invite(ANN)
    phone = world.phone(token)
    assert phone.start().location.endswith("/P")
    assert phone.save(phone.open("P"), "P", P_01="eoc").status_code == 200
    elsewhere = world.phone(token)
    assert "Go on with your answers" in elsewhere.get().get_data(as_text=True)
    assert elsewhere.start().location.endswith("/P")
    assert elsewhere.open("P")["q_P-01"] == "eoc"
    assert len(world.drafts()) == 1


def test_the_first_saved_answer_begins_the_sheet_without_the_start_button(world: World) -> None:
    token = world.invite(ANN)
    phone = world.phone(token)
    page = {"csrf_token": phone.browser.token(phone.path()), "page": "one"}
    assert phone.save(page, "P", P_01="eoc").status_code == 200
    assert phone.open("P")["q_P-01"] == "eoc"


def test_done_is_done_in_every_window_and_for_every_link_of_the_person(world: World) -> None:
    token, reminder = world.invite(ANN), world.invite(ANN, "reminder")
    phone = world.phone(token)
    phone.answer_all()
    assert phone.finish().location.endswith("/done")
    assert "Thank you" in phone.get("done").get_data(as_text=True)
    for spent in (token, reminder):
        other = world.phone(spent)
        assert other.get().status_code == 410
        assert "Your answers are in" in other.get().get_data(as_text=True)
        assert other.get("P").status_code == 410
        assert other.get("review").status_code == 410
    assert world.asked(ANN).finished_on == world.moment.today


def test_nothing_of_the_answers_is_shown_again_once_they_are_handed_in(world: World) -> None:
    phone = world.phone(world.invite(ANN))
    phone.answer_all(FULL | {"N-02": "Maps of the river."})
    phone.finish()
    for rest in ("", "done", "P", "N", "review"):
        assert "Maps of the river" not in phone.get(rest).get_data(as_text=True)


def test_a_page_left_open_cannot_write_after_the_end(world: World) -> None:
    token = world.invite(ANN)
    left_open = world.phone(token)
    left_open.start()
    fields = left_open.open("P")
    phone = world.phone(token)
    phone.answer_all()
    phone.finish()
    late = left_open.save(fields, "P", P_01="other")
    assert late.status_code == 409
    assert "handed in" in late.json["message"]
    assert left_open.post("start", {"csrf_token": fields["csrf_token"]}).status_code == 410


def test_a_revoked_link_says_so_and_the_other_of_the_same_person_works(world: World) -> None:
    token, other = world.invite(ANN), world.invite(ANN, "other")
    with world.network.database.writing() as session:
        session.execute(
            update(Invitation).where(Invitation.token_hash == invitation_hash(token)).values(revoked=True)
        )
    answer = world.phone(token).get()
    assert answer.status_code == 410
    assert "withdrawn" in answer.get_data(as_text=True)
    assert world.phone(other).get().status_code == 200


def test_when_the_days_are_over_the_link_says_so(world: World) -> None:
    token = world.invite(ANN)
    world.network.clock.move(days=30)
    answer = world.phone(token).get()
    assert answer.status_code == 410
    assert "The survey is closed" in answer.get_data(as_text=True)


def test_before_its_first_day_the_link_says_when(network: Network) -> None:
    world = make_world(network)
    token = world.invite(ANN)
    network.clock.move(days=-20)
    answer = world.phone(token).get()
    assert answer.status_code == 403
    assert "It opens on 1 June 2026" in answer.get_data(as_text=True)


def test_tampered_foreign_and_unknown_links_get_one_answer(world: World) -> None:
    token = world.invite(ANN)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    unknown = [changed, new_token(), token.upper(), token[:-1], token + "x", "a", "%00", "a" * 5000]
    pages = set()
    for secret in unknown:
        phone = world.phone(secret)
        for answer in (phone.get(), phone.get("P"), phone.get("done")):
            assert answer.status_code == 404
            pages.add(answer.get_data())
    assert len(pages) == 1


def test_a_survey_that_is_still_a_plan_is_unknown(world: World) -> None:
    token = world.invite(ANN)
    with world.network.database.writing() as session:
        session.get_one(type(world.survey()), world.survey_id).opened_at = None
    assert world.phone(token).get().status_code == 404


def test_a_link_opens_its_own_survey_only(network: Network) -> None:
    here = make_world(network, title="Here")
    there = make_world(network, fusion_center="FC-WY", title="There")
    token = here.invite(ANN)
    phone = here.phone(token)
    phone.answer_all()
    phone.finish()
    assert there.drafts() == []
    assert there.responses() == []
    other = there.phone(there.invite(ANN))
    page = other.get().get_data(as_text=True)
    assert "There" in page
    assert other.get().status_code == 200


def test_a_double_click_hands_in_once(world: World) -> None:
    phone = world.phone(world.invite(ANN))
    phone.answer_all()
    token = phone.browser.token(phone.path("review"))
    answers = [phone.post("finish", {"csrf_token": token}) for _ in range(3)]
    assert [answer.location.rsplit("/", 1)[-1] for answer in answers] == ["done"] * 3
    assert len(world.drafts()) + len(world.responses()) == 1


def test_in_a_confidential_survey_a_reminder_goes_on_with_the_first_links_answers(network: Network) -> None:
    world = make_world(network)
    phone = world.phone(world.invite(ANN))
    phone.start()
    phone.save(phone.open("P"), "P", P_01="eoc")
    reminded = world.phone(world.invite(ANN, "reminder"))
    reminded.start()
    assert reminded.open("P")["q_P-01"] == "eoc"
    assert [draft.partner_id is not None for draft in world.drafts()] == [True]


def test_in_an_anonymous_survey_it_goes_on_only_where_the_browser_has_the_draft(network: Network) -> None:
    world = make_world(network, SurveyMode.ANONYMOUS)
    first, second = world.invite(ANN), world.invite(ANN, "reminder")
    phone = world.phone(first)
    phone.start()
    phone.save(phone.open("P"), "P", P_01="eoc")
    same = world.phone(second, phone.browser)
    same.start()
    assert same.open("P")["q_P-01"] == "eoc"
    afresh = world.phone(second)
    afresh.start()
    assert "q_P-01" not in afresh.open("P")
    assert [draft.partner_id for draft in world.drafts()] == [None, None]


def test_on_a_shared_computer_nobody_is_shown_what_somebody_else_began(network: Network) -> None:
    world = make_world(network, SurveyMode.ANONYMOUS)
    anns = world.phone(world.invite(ANN))
    anns.start()
    anns.save(anns.open("P"), "P", P_01="eoc")
    bobs = world.phone(world.invite(BOB), anns.browser)
    assert "Go on with your answers" not in bobs.get().get_data(as_text=True)
    bobs.start()
    assert "q_P-01" not in bobs.open("P")
    assert anns.open("P")["q_P-01"] == "eoc"
