"""A side fills in its form: page by page, with and without scripts, alone and beside a colleague."""

from __future__ import annotations

import pytest

from tests.answering_client import Sheet, fields_of, stored
from tests.conftest import Browser, Network, email_of


@pytest.fixture
def sheet(network: Network) -> Sheet:
    network.open()
    return Sheet(network, "manager", "eoc")


def test_every_change_is_saved_in_the_background_and_acknowledged(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("GOV")
    reply = sheet.save(fields, "GOV-01", "0", "nothing yet")
    assert reply.status_code == 200
    assert reply.json["items"]["GOV-01"]["state"] == "saved"
    assert reply.json["progress"] == {"answered": 1, "total": 13}
    assert stored(network, sheet.id) == {"GOV-01": ("answered", 0.0, "nothing yet")}


def test_without_scripts_the_save_button_saves_what_was_touched_only(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("GOV") | {"q_GOV-01": "3", "note_GOV-02": "only a note", "then": "next"}
    answer = sheet.post("GOV", fields)
    assert answer.status_code == 302
    assert answer.location.endswith("/DIS")
    assert stored(network, sheet.id) == {
        "GOV-01": ("answered", 3.0, ""),
        "GOV-02": ("unanswered", None, "only a note"),
    }


def test_going_on_another_device_starts_where_the_first_left_off(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("DIS")
    for question in ("DIS-01", "DIS-02", "DIS-03", "DIS-04"):
        fields = sheet.open("DIS")
        sheet.save(fields, question, "2")
    elsewhere = network.browser("manager").get(f"/responses/{sheet.id}")
    assert elsewhere.location.endswith("/ACT")


def test_colleagues_on_different_items_never_notice_each_other(network: Network, sheet: Sheet) -> None:
    other = Sheet(network, "staff", "eoc")
    first, second = sheet.open("GOV"), other.open("GOV")
    assert sheet.save(first, "GOV-01", "1").status_code == 200
    assert other.save(second, "GOV-02", "2").status_code == 200
    answer = sheet.post("GOV", first | {"q_GOV-03": "3", "then": "stay"})
    assert answer.status_code == 302
    assert {q: number for q, (_, number, _) in stored(network, sheet.id).items()} == {
        "GOV-01": 1.0,
        "GOV-02": 2.0,
        "GOV-03": 3.0,
    }


def test_on_the_same_item_the_second_is_shown_both_and_nothing_is_overwritten(
    network: Network, sheet: Sheet
) -> None:
    other = Sheet(network, "staff", "eoc")
    first, second = sheet.open("GOV"), other.open("GOV")
    sheet.save(first, "GOV-01", "1", "mine first")
    reply = other.save(second, "GOV-01", "4", "<b>mine second</b>")
    assert reply.status_code == 409
    item = reply.json["items"]["GOV-01"]
    assert item["state"] == "conflict"
    assert "Manager Example" in item["html"]
    assert "mine first" in item["html"]
    assert "&lt;b&gt;mine second&lt;/b&gt;" in item["html"]
    assert stored(network, sheet.id)["GOV-01"] == ("answered", 1.0, "mine first")
    chosen = second | {"rev_GOV-01": str(item["revision"]), "was_GOV-01": item["was"]}
    assert other.save(chosen, "GOV-01", "4", "mine second").status_code == 200
    assert stored(network, sheet.id)["GOV-01"] == ("answered", 4.0, "mine second")


@pytest.mark.parametrize(("choose", "expected"), [("mine", 4.0), ("theirs", 1.0)])
def test_without_scripts_a_conflict_is_a_page_with_a_choice(
    network: Network, sheet: Sheet, choose: str, expected: float
) -> None:
    other = Sheet(network, "staff", "eoc")
    first, second = sheet.open("GOV"), other.open("GOV")
    sheet.save(first, "GOV-01", "1")
    answer = other.post("GOV", second | {"q_GOV-01": "4", "q_GOV-02": "2"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Two answers to GOV-01" in page
    assert stored(network, sheet.id)["GOV-01"][1] == 1.0
    assert stored(network, sheet.id)["GOV-02"][1] == 2.0
    again = fields_of(page) | {"choose": f"{choose}:GOV-01"}
    assert other.post("GOV", again).status_code == 200
    assert stored(network, sheet.id)["GOV-01"][1] == expected


def test_a_second_save_of_one_page_whose_first_reply_was_lost_is_no_conflict(
    network: Network, sheet: Sheet
) -> None:
    fields = sheet.open("GOV")
    sheet.save(fields, "GOV-01", "1")
    assert sheet.save(fields, "GOV-01", "2").status_code == 200
    assert stored(network, sheet.id)["GOV-01"][1] == 2.0


def test_a_stale_page_of_the_same_person_is_shown_what_it_would_overwrite(
    network: Network, sheet: Sheet
) -> None:
    old = sheet.open("GOV")
    sheet.save(sheet.open("GOV"), "GOV-01", "3")
    assert sheet.save(old, "GOV-01", "1").status_code == 409
    assert stored(network, sheet.id)["GOV-01"][1] == 3.0


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("GOV-01", "7", "is not an answer to GOV-01"),
        ("GOV-01", "-1", "is not an answer to GOV-01"),
        ("DIS-05", "2", "is not asked of the EOC"),
        ("NOPE-1", "2", "not in the questionnaire"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_a_sentence(
    network: Network, sheet: Sheet, question: str, answer: str, said: str
) -> None:
    fields = sheet.open("GOV") | {f"rev_{question}": "0", f"was_{question}": "x"}
    one = {k: v for k, v in fields.items() if k.endswith(question) or k in ("csrf_token", "page")}
    reply = sheet.post("GOV", one | {f"q_{question}": answer}, headers={"X-Background-Save": "1"})
    assert reply.status_code == 422
    assert said in reply.json["items"][question]["message"]
    assert stored(network, sheet.id) == {}


def test_a_hundred_thousand_characters_are_refused_kindly_and_stay_in_the_form(
    network: Network, sheet: Sheet
) -> None:
    long_text = "evidence " * 11_112
    answer = sheet.post("GOV", sheet.open("GOV") | {"note_GOV-01": long_text, "q_GOV-02": "3"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "has 100,007 characters and the limit is 2,000" in page
    assert fields_of(page)["note_GOV-01"].strip() == long_text.strip()
    assert stored(network, sheet.id) == {"GOV-02": ("answered", 3.0, "")}


def test_a_closed_cycle_takes_no_answer_and_says_so(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("GOV")
    network.clock.move(days=30)
    sheet.browser.sign_in(email_of("manager"))
    background = sheet.save(fields | {"csrf_token": csrf(sheet.browser)}, "GOV-01", "3")
    assert background.status_code == 409
    assert "is closed" in background.json["message"]
    button = sheet.post("GOV", fields | {"csrf_token": csrf(sheet.browser), "note_GOV-01": "keep this"})
    assert button.status_code == 409
    assert "keep this" in button.get_data(as_text=True)
    assert stored(network, sheet.id) == {}


def csrf(browser: Browser) -> str:
    return browser.token("/work")


def test_an_ended_sign_in_costs_no_answer(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("GOV")
    network.clock.move(hours=9)
    background = sheet.save(fields, "GOV-01", "3")
    assert background.status_code == 401
    assert background.json["state"] == "signed_out"
    answer = sheet.post("GOV", fields | {"q_GOV-01": "3", "note_GOV-01": "kept <i>"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "signed out before this was saved" in page
    signed_in = sheet.browser.client.post(
        "/sign-in",
        data=fields_of(page) | {"email": email_of("manager"), "password": "correct horse battery"},
        base_url="http://localhost",
    )
    go_on = signed_in.get_data(as_text=True)
    assert "not saved yet" in go_on
    assert stored(network, sheet.id) == {}
    assert sheet.post("GOV", fields_of(go_on)).status_code == 302
    assert stored(network, sheet.id) == {"GOV-01": ("answered", 3.0, "kept <i>")}


def test_what_somebody_typed_is_not_saved_in_another_persons_name(network: Network, sheet: Sheet) -> None:
    fields = sheet.open("GOV")
    network.clock.move(hours=9)
    page = sheet.post("GOV", fields | {"q_GOV-01": "3"}).get_data(as_text=True)
    signed_in = sheet.browser.client.post(
        "/sign-in",
        data=fields_of(page) | {"email": email_of("denver"), "password": "correct horse battery"},
        base_url="http://localhost",
    )
    answer = sheet.post("GOV", fields_of(signed_in.get_data(as_text=True)))
    assert answer.status_code == 404
    assert stored(network, sheet.id) == {}
