"""Answering by link: saved as they go, skips, conflicts, long texts, the close meanwhile, the open link."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from assessment.errors import Refused
from assessment.models.surveys import SurveyMode
from assessment.surveys import answering
from assessment.surveys.browser_drafts import NO_BROWSER
from tests.answering_client import fields_of
from tests.conftest import Network
from tests.surveys.world import FULL, World, make_world

ANN = "ann@example.gov"
NEVER = {
    "P-01": "eoc",
    "P-02": "state",
    "P-03": "never",
    "P-05": "no",
    **{f"S-0{n}": "3" for n in range(1, 5)},
    "N-01": "not_on_list",
    "N-02": "Send them to us.",
}


def answers_of(world: World) -> dict[tuple[str, str], tuple[str, float | None, str | None, str]]:
    rows = world.rows("SELECT question, part, status, number, option, text FROM survey_answers")
    return {(q, part): (status, number, option, words) for q, part, status, number, option, words in rows}


def test_page_one_says_what_is_promised_before_anything_is_asked(network: Network) -> None:
    world = make_world(
        network,
        SurveyMode.ANONYMOUS,
        floor=12,
        introduction="We would like to do better.",
        sponsor="Department of Examples",
        omb_control_number="1234-5678",
        omb_expires=date(2027, 12, 31),
    )
    page = world.phone(world.invite(ANN)).get().get_data(as_text=True)
    for words in (
        "Your answers are anonymous.",
        "groups of 12 or more people",
        "What this does not cover",
        "think of the last 12 months",
        "OMB control number 1234-5678, expires 31 December 2027",
        "estimated to take 10 minutes",
        "We would like to do better.",
        "Colorado Information Analysis Center",
        "1 June 2025 to 31 May 2026",
        "30 June 2026",
        "Unclassified information only",
    ):
        assert words.lower() in page.lower(), words
    assert "Your work" not in page
    assert "/sign-in" not in page
    assert 'name="q_' not in page


def test_everything_answered_is_there_once_handed_in(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.answer_all()
    phone.finish()
    (response,) = confidential.responses()
    assert (response.completion, response.released, response.partner_id is not None) == (
        "complete",
        False,
        True,
    )
    found = answers_of(confidential)
    assert found["P-03", ""] == ("answered", None, "weekly", "")
    assert found["T-01", "quality"] == ("answered", 5.0, None, "")
    assert found["T-02", "usefulness"] == ("do_not_know", None, None, "")
    assert found["T-03", "quality"] == ("not_applicable", None, None, "")
    assert found["A-12", "importance"] == ("answered", 4.0, None, "")
    assert found["P-04", "hsin"] == ("answered", None, "hsin", "")
    assert found["N-02", ""] == ("answered", None, None, "More maps.")
    assert len(found) == 5 - 1 + 2 + 18 + 24 + 4 + 2 + 4 + 5 + 2
    assert confidential.drafts() == []


def test_who_received_nothing_is_led_past_what_only_readers_can_rate(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.answer_all(NEVER)
    phone.finish()
    assert {question for question, _ in answers_of(confidential)} == set(NEVER)


def test_answers_that_a_later_one_leads_past_are_no_part_of_the_sheet(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.answer_all()
    fields = phone.open("P")
    reply = phone.save(fields, "P", P_03="never")
    assert reply.json["progress"]["total"] < 33
    assert phone.get("A").location.endswith("/review")
    phone.finish()
    left = {question for question, _ in answers_of(confidential)}
    assert left == set(NEVER)


def test_an_answer_to_a_skipped_question_is_refused(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    fields = phone.open("P")
    phone.save(fields, "P", P_03="never")
    refused = phone.save(fields, "O", O_01="5")
    assert refused.status_code == 422
    assert "not asked after your other answers" in refused.json["items"]["O-01"]["message"]
    unknown = phone.save(fields, "O", X_01="5")
    assert unknown.status_code == 422
    assert confidential.rows("SELECT question FROM survey_draft_answers") == [("P-03",)]


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("P_01", "nobody", "is not an answer to P-01"),
        ("O_01", "6", "is not an answer to O-01"),
        ("A_01", "importance=9", "is not an answer to A-01"),
        ("N_01", "nothing;too_late", "goes with no other answer"),
    ],
)
def test_an_answer_that_is_not_offered_is_refused(
    confidential: World, question: str, code: str, said: str
) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    reply = phone.save(phone.open("P"), "P", **{question: code})
    assert reply.status_code == 422
    assert said in reply.json["items"][question.replace("_", "-")]["message"]
    assert confidential.rows("SELECT question FROM survey_draft_answers") == []


def test_two_hundred_kilobytes_are_refused_kindly_and_stay_in_the_form(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    words = "maps of the river " * 11_378
    fields = phone.open("N") | {"q_N-01": "too_late", "q_N-02": words}
    answer = phone.post("N", fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "has 204,803 characters and the limit is 1,000" in page
    assert words.strip() in page
    background = phone.save(phone.open("N"), "N", N_02=words)
    assert background.status_code == 422
    assert confidential.rows("SELECT question FROM survey_draft_answers") == [("N-01",)]


def test_two_windows_of_one_link_never_overwrite_each_other_unseen(confidential: World) -> None:
    token = confidential.invite(ANN)
    phone, tablet = confidential.phone(token), confidential.phone(token)
    phone.start()
    tablet.start()
    here, there = phone.open("P"), tablet.open("P")
    phone.save(here, "P", P_01="eoc")
    reply = tablet.save(there, "P", P_01="other")
    assert reply.status_code == 409
    item = reply.json["items"]["P-01"]
    assert "EOC or emergency management" in item["html"]
    assert phone.save(here, "P", P_01="executive").status_code == 200
    chosen = there | {"rev_P-01": str(item["revision"]), "was_P-01": item["was"]}
    assert tablet.save(chosen, "P", P_01="other").status_code == 409
    assert tablet.open("P")["q_P-01"] == "executive"


def test_without_scripts_a_conflict_is_a_page_with_a_choice(confidential: World) -> None:
    token = confidential.invite(ANN)
    phone, tablet = confidential.phone(token), confidential.phone(token)
    phone.start()
    tablet.start()
    here, there = phone.open("P"), tablet.open("P")
    phone.save(here, "P", P_01="eoc")
    answer = tablet.post("P", there | {"q_P-01": "other", "q_P-02": "city"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Two answers to this question" in page
    assert tablet.open("P")["q_P-02"] == "city"
    again = {**fields_of(page), "choose": "mine:P-01"}
    assert tablet.post("P", again).status_code == 200
    assert tablet.open("P")["q_P-01"] == "other"


def test_a_survey_that_closes_on_page_three_says_so_and_keeps_what_was_there(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    for slug in ("P", "YEAR"):
        phone.answer_page(slug, FULL)
    fields = phone.open("O")
    confidential.network.clock.move(days=30)
    late = phone.save(fields, "O", O_01="4")
    assert late.status_code == 409
    assert "The survey is closed. What you had entered until then is kept." in late.json["message"]
    button = phone.post("O", fields | {"q_O-01": "4"})
    assert button.status_code == 410
    assert "What you had entered until then is kept" in button.get_data(as_text=True)
    assert phone.get("O").status_code == 410
    assert len(confidential.drafts()) == 1


def test_whoever_leaves_questions_out_may_hand_in_all_the_same(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    empty = phone.post("finish", {"csrf_token": phone.open("P")["csrf_token"]})
    assert empty.status_code == 422
    assert "Nothing is answered yet" in empty.get_data(as_text=True)
    phone.save(phone.open("P"), "P", P_01="eoc")
    review = phone.get("review").get_data(as_text=True)
    assert "Go to the first open question" in review
    assert re.search(r"\d+ questions are not fully answered", review)
    assert phone.finish().location.endswith("/done")
    assert [r.completion for r in confidential.responses()] == ["complete"]


def test_a_form_whose_cookie_is_gone_loses_nothing(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    fields = phone.open("P")
    phone.browser.client.delete_cookie("tandem", domain="localhost")
    reply = phone.save(fields, "P", P_01="eoc")
    assert (reply.status_code, reply.json["state"]) == (409, "reload")
    page = phone.post("P", fields | {"q_P-01": "eoc"}).get_data(as_text=True)
    assert "What you typed is here" in page
    assert phone.post("P", fields_of(page)).status_code == 302
    assert phone.open("P")["q_P-01"] == "eoc"


def test_an_open_link_finds_the_draft_by_a_cookie_of_its_own(anonymous: World) -> None:
    token = anonymous.open_link()
    phone = anonymous.phone(token)
    started = phone.start()
    cookie = next(c for c in started.headers.getlist("Set-Cookie") if c.startswith("tandem_s_"))
    for words in ("HttpOnly", "Path=/s/", "SameSite=Lax"):
        assert words in cookie
    phone.save(phone.open("P"), "P", P_01="eoc")
    assert phone.open("P")["q_P-01"] == "eoc"
    other = anonymous.phone(token)
    other.start()
    assert "q_P-01" not in other.open("P")
    assert len(anonymous.drafts()) == 2
    assert anonymous.survey().open_link_started == 2


def test_somebody_else_at_the_same_browser_begins_afresh_and_sees_nothing(anonymous: World) -> None:
    phone = anonymous.phone(anonymous.open_link())
    phone.start()
    phone.save(phone.open("P"), "P", P_01="eoc")
    assert "Go on only if they are yours" in phone.get().get_data(as_text=True)
    phone.start(afresh="yes")
    assert "q_P-01" not in phone.open("P")
    phone.answer_all()
    phone.finish()
    assert "Thank you" in phone.get("done").get_data(as_text=True)
    assert "handed in from this browser" in phone.get().get_data(as_text=True)
    phone.start()
    assert "q_P-01" not in phone.open("P")
    assert anonymous.survey().open_link_started == 3


def test_an_open_link_takes_as_many_as_its_cap_and_lets_the_begun_ones_finish(anonymous: World) -> None:
    token = anonymous.open_link(cap=2)
    first, second, third = (anonymous.phone(token) for _ in range(3))
    first.start()
    second.start()
    assert third.get().status_code == 410
    assert "used as often" in third.get().get_data(as_text=True)
    assert first.save(first.open("P"), "P", P_01="eoc").status_code == 200
    first.answer_all()
    assert first.finish().location.endswith("/done")
    assert anonymous.survey().open_link_started == 2


def test_the_cap_holds_when_many_start_at_once(anonymous: World) -> None:
    token = anonymous.open_link(cap=5)

    def start(_: int) -> bool:
        try:
            with anonymous.network.database.writing() as session:
                answering.start(session, token, NO_BROWSER, anonymous.moment)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(start, range(20)))
    assert sum(done) == 5
    assert len(anonymous.drafts()) == 5


def test_two_links_of_one_person_started_at_once_make_one_draft(confidential: World) -> None:
    tokens = [confidential.invite(ANN, str(number)) for number in range(6)]

    def start(token: str) -> None:
        with confidential.network.database.writing() as session:
            answering.start(session, token, NO_BROWSER, confidential.moment)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, tokens))
    assert len(confidential.drafts()) == 1


def test_without_cookies_an_open_link_says_what_is_wrong_and_counts_nothing(anonymous: World) -> None:
    phone = anonymous.phone(anonymous.open_link())
    phone.start()
    fields = phone.open("P")
    name = f"tandem_s_{anonymous.public_id}"
    phone.browser.client.delete_cookie(name, domain="localhost", path="/s/")
    reply = phone.save(fields, "P", P_01="eoc")
    assert reply.status_code == 409
    assert "cookie" in reply.json["message"]
    assert len(anonymous.drafts()) == 1


def test_a_forged_cookie_opens_no_draft(anonymous: World) -> None:
    phone = anonymous.phone(anonymous.open_link())
    phone.start()
    phone.save(phone.open("P"), "P", P_01="eoc")
    name = f"tandem_s_{anonymous.public_id}"
    stranger = anonymous.phone(anonymous.open_token)
    genuine = phone.browser.client.get_cookie(name, domain="localhost", path="/s/")
    assert genuine is not None
    for value in ("", "x", genuine.value[:-2] + "zz", "WyIiLCIiXQ"):
        stranger.browser.client.set_cookie(name, value, domain="localhost", path="/s/")
        assert stranger.get("P").location == stranger.path()


def test_opening_and_saving_a_page_takes_as_many_statements_whatever_is_stored(confidential: World) -> None:
    phone = confidential.phone(confidential.invite(ANN))
    phone.start()
    first = statements(confidential, lambda: phone.save(phone.open("P"), "P", P_01="eoc"))
    phone.answer_all()
    for number in range(30):
        confidential.invite(f"p{number}@example.gov")
    assert statements(confidential, lambda: phone.save(phone.open("P"), "P", P_01="other")) == first
    assert first <= 20


def statements(world: World, act: Callable[[], Any]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = world.network.database.engine
    event.listen(engine, "before_cursor_execute", note)
    assert act().status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    return sum(not statement.startswith(("BEGIN", "PRAGMA")) for statement in seen)
