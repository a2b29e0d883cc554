"""Every answer type on the answering pages: shown, saved, refused, in conflict, kept in rows, read back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text
from werkzeug.datastructures import MultiDict

from assessment.responding.answer_files import import_answers
from assessment.responding.forms import posted_code, touched_answers
from assessment.responding.services import Moment, answers_hash, reopen_response
from assessment.responding.stored import load_form, stored_answers
from questionnaires import answers, routing
from questionnaires.definition import Question, Side
from tests.conftest import Network
from tests.posted_form import Pairs, posted_form, with_answers

FORM = ("FC-CO", "EOC-CO", "eoc")
PAGES = {"ONE": 1, "MANY": 3, "GRID": 2, "WORDS": 1}


class Form:
    """The EOC's form of the questionnaire that has every answer type."""

    def __init__(self, network: Network, name: str = "manager") -> None:
        self.network, self.browser = network, network.browser(name)
        self.id = network.response_id(*FORM)
        self.questionnaire = network.library.get("every-answer-type")

    def read(self, slug: str) -> str:
        answer = self.browser.get(f"/responses/{self.id}/{slug}")
        assert answer.status_code == 200, (slug, answer.status_code)
        return str(answer.get_data(as_text=True))

    def open(self, slug: str) -> Pairs:
        return posted_form(self.read(slug))

    def post(self, slug: str, pairs: Pairs, **kwargs: Any) -> Any:
        path = f"/responses/{self.id}/{slug}"
        return self.browser.client.post(path, data=MultiDict(pairs), base_url="http://localhost", **kwargs)

    def answer(self, slug: str, *given: tuple[str, str]) -> Any:
        return self.post(slug, with_answers(self.open(slug), *given, ("then", "next")))

    def save(self, pairs: Pairs, question: str, code: str) -> Any:
        """What the script posts: one code, whatever the inputs."""
        fields = dict(pairs)
        one = [(name, fields[name]) for name in ("csrf_token", "page", f"rev_{question}", f"was_{question}")]
        headers = {"X-Background-Save": "1"}
        return self.post("ONE", [*one, (f"q_{question}", code)], headers=headers)

    def rows(self, question: str) -> list[tuple[str, str, float | None, str | None, str, int]]:
        query = text(
            "SELECT part, a.status, number, option, text, revision FROM answers a JOIN responses r"
            " ON a.response_id = r.id WHERE r.public_id = :id AND question = :question ORDER BY part"
        )
        with self.network.database.reading() as session:
            found = session.execute(query, {"id": self.id, "question": question})
            return [tuple(row) for row in found]  # type: ignore[misc]

    def values(self) -> dict[str, Any]:
        with self.network.database.reading() as session:
            form = load_form(
                session,
                self.network.library,
                self.network.person("manager"),
                self.id,
                self.network.clock.today(),
            )
            return {q: stored.value for q, stored in stored_answers(session, form.response.id).items()}

    def fill(self) -> None:
        assert self.answer("ONE", *ONE).status_code == 302
        assert self.answer("MANY", *MANY).status_code == 302
        assert self.answer("GRID", ("q_ROW-1", "received"), ("q_ROW-3", "received")).status_code == 302
        assert self.answer("GRID-2", *GRID).status_code == 302
        assert self.answer("WORDS", *WORDS).status_code == 302


ONE = [("q_RATING", "2"), ("q_OFTEN", "DK"), ("q_SINGLE", "portal"), ("q_YESNO", "yes")]
MANY = [
    ("q_MULTI", "phone"),
    ("q_MULTI", "radio"),
    ("q_DUAL-1__importance", "3"),
    ("q_DUAL-1__performance", "DK"),
]
GRID = [
    ("q_ROW-1__usefulness", "2"),
    ("q_ROW-1__quality", "good"),
    ("q_ROW-3__usefulness", "DK"),
    ("q_ROW-3__quality", "DK"),
]
WORDS = [("q_SHORT", "the  hot line"), ("q_LONG", "one; two\r\nthree=4")]


@pytest.fixture
def form(network: Network) -> Form:
    network.open(questionnaire="every-answer-type")
    return Form(network)


def test_every_answer_is_kept_in_rows_of_one_revision(form: Form) -> None:
    form.fill()
    assert form.rows("MULTI") == [
        ("phone", "answered", None, "phone", "", 1),
        ("radio", "answered", None, "radio", "", 1),
    ]
    assert form.rows("DUAL-1") == [
        ("importance", "answered", 3.0, None, "", 1),
        ("performance", "do_not_know", None, None, "", 1),
    ]
    assert form.rows("ROW-2") == [
        ("quality", "not_applicable", None, None, "", 1),
        ("usefulness", "not_applicable", None, None, "", 1),
    ]
    assert form.rows("ROW-1") == [
        ("quality", "answered", 3.0, None, "", 2),
        ("usefulness", "answered", 2.0, None, "", 2),
    ]
    assert form.rows("YESNO") == [("", "answered", None, "yes", "", 1)]
    assert form.rows("SHORT") == [("", "answered", None, None, "the hot line", 1)]
    assert form.rows("LONG") == [("", "answered", None, None, "one; two\nthree=4", 1)]
    values = form.values()
    assert routing.missing_answers(form.questionnaire, Side.EOC, values) == []


def test_a_page_that_nobody_touched_changes_nothing(form: Form) -> None:
    form.fill()
    before = {question.id: form.rows(question.id) for question in form.questionnaire.questions}
    for slug in ("ONE", "MANY", "GRID", "GRID-2", "WORDS"):
        pairs = form.open(slug)
        assert touched_answers(MultiDict(pairs)) == [], slug
        assert form.post(slug, [*pairs, ("then", "stay")]).status_code == 302
    assert before == {question.id: form.rows(question.id) for question in form.questionnaire.questions}


def test_what_is_shown_is_what_was_chosen(form: Form) -> None:
    form.fill()
    for slug in ("ONE", "MANY", "GRID-2", "WORDS"):
        posted = MultiDict(form.open(slug))
        for question in form.questionnaire.questions:
            if f"rev_{question.id}" in posted:
                value = form.values().get(question.id, answers.UNANSWERED)
                shown = answers.parse(question, posted_code(posted, question.id))
                assert shown == value, question.id


def test_a_choice_taken_away_takes_its_row_and_the_last_one_leaves_a_blank(form: Form) -> None:
    form.answer("MANY", ("q_MULTI", "phone"), ("q_MULTI", "radio"))
    form.answer("MANY", ("q_MULTI", "radio"), ("q_MULTI", "portal"))
    assert [(part, revision) for part, *_, revision in form.rows("MULTI")] == [("portal", 2), ("radio", 2)]
    pairs = [pair for pair in form.open("MANY") if pair[0] != "q_MULTI"]
    form.post("MANY", pairs)
    assert form.rows("MULTI") == [("", "unanswered", None, None, "", 3)]
    form.answer("MANY", ("q_MULTI", "none"))
    assert form.rows("MULTI") == [("none", "answered", None, "none", "", 4)]


def test_half_a_dual_rating_is_kept_and_still_missing(form: Form) -> None:
    form.answer("MANY", ("q_DUAL-1__performance", "poor"))
    assert form.rows("DUAL-1") == [
        ("importance", "unanswered", None, None, "", 1),
        ("performance", "answered", 1.0, None, "", 1),
    ]
    missing = {
        one.question.id for one in routing.missing_answers(form.questionnaire, Side.EOC, form.values())
    }
    assert "DUAL-1" in missing


def test_going_on_without_a_box_is_did_not_receive_and_looking_is_nothing(form: Form) -> None:
    form.read("GRID")
    assert form.rows("ROW-1") == []
    answer = form.answer("GRID")
    assert answer.location.endswith("/WORDS")
    assert [status for _, status, *_ in form.rows("ROW-1")] == ["not_applicable", "not_applicable"]
    answer = form.answer("GRID", ("q_ROW-2", "received"))
    assert answer.location.endswith("/GRID-2")
    assert [status for _, status, *_ in form.rows("ROW-2")] == ["unanswered", "unanswered"]


def test_a_row_keeps_its_ratings_while_its_box_stays_ticked(form: Form) -> None:
    form.fill()
    form.answer("GRID", ("q_ROW-2", "received"))
    assert [number for _, _, number, *_ in form.rows("ROW-1")] == [3.0, 2.0]
    pairs = [pair for pair in form.open("GRID") if pair[0] != "q_ROW-1"]
    form.post("GRID", pairs)
    assert [status for _, status, *_ in form.rows("ROW-1")] == ["not_applicable", "not_applicable"]


@pytest.mark.parametrize(
    ("slug", "question", "given", "said"),
    [
        (
            "MANY",
            "MULTI",
            [("q_MULTI", "phone"), ("q_MULTI", "none")],
            "&#34;None of them&#34; goes with no other",
        ),
        ("MANY", "MULTI", [("q_MULTI", "fax")], "Choose of: phone, portal"),
        ("MANY", "DUAL-1", [("q_DUAL-1__importance", "9")], "part importance"),
        ("MANY", "DUAL-1", [("q_DUAL-1__weight", "1")], "It has the parts"),
        ("WORDS", "SHORT", [("q_SHORT", "x" * 21)], "has 21 characters and the limit is 20"),
        ("WORDS", "LONG", [("q_LONG", "x" * 200_000)], "has 200,000 characters and the limit is 1,000"),
        ("ONE", "YESNO", [("q_YESNO", "maybe")], "Choose one of: yes, no"),
    ],
)
def test_what_cannot_be_taken_is_said_at_the_question_and_stays(
    form: Form, slug: str, question: str, given: Pairs, said: str
) -> None:
    answer = form.answer(slug, *given)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert form.rows(question) == []
    if given[0][1] in ("phone", "x" * 21, "x" * 200_000):
        shown = MultiDict(posted_form(page))
        assert shown.getlist(given[0][0]) == [value for _, value in given]


def test_words_are_shown_as_words(form: Form) -> None:
    form.answer("WORDS", ("q_LONG", "</textarea><b>{{ config }}"), ("q_SHORT", '"><i>'))
    page = form.read("WORDS")
    assert "<b>{{" not in page
    assert dict(posted_form(page))["q_LONG"] == "</textarea><b>{{ config }}"
    assert dict(posted_form(page))["q_SHORT"] == '"><i>'


@pytest.mark.parametrize(
    ("question", "slug", "mine", "theirs", "shown"),
    [
        ("MULTI", "MANY", "phone;radio", "portal", ["Telephone; Radio", "Portal"]),
        ("DUAL-1", "MANY", "importance=1", "importance=3;performance=good", ["Importance: Essential"]),
        ("LONG", "WORDS", "my words", "their words", ["my words", "their words"]),
    ],
)
def test_two_people_on_one_item_see_both_answers(
    form: Form, network: Network, question: str, slug: str, mine: str, theirs: str, shown: list[str]
) -> None:
    other = Form(network, "staff")
    first, second = form.open(slug), other.open(slug)
    assert other.save(second, question, theirs).status_code == 200
    reply = form.save(first, question, mine)
    assert reply.status_code == 409
    item = reply.json["items"][question]
    assert item["theirs"] == {"raw": theirs, "text": ""}
    for words in shown:
        assert item["html"].count(words) == 1
    kept = form.values()[question]
    assert answers.code(form.questionnaire.by_id[question], kept) == theirs
    chosen = [*((n, v) for n, v in first if n not in (f"rev_{question}", f"was_{question}"))]
    chosen += [(f"rev_{question}", str(item["revision"])), (f"was_{question}", item["was"])]
    assert form.save(chosen, question, mine).status_code == 200


def test_saving_takes_as_many_statements_for_three_parts_as_for_one(form: Form) -> None:
    counts = []
    for code in ("phone", "phone;portal", "portal;phone;radio"):
        pairs = form.open("MANY")
        engine = form.network.database.engine
        seen: list[str] = []
        listener = lambda conn, cursor, statement, *rest, seen=seen: seen.append(statement)  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        assert form.save(pairs, "MULTI", code).status_code == 200
        event.remove(engine, "before_cursor_execute", listener)
        counts.append(len(seen))
    assert max(counts) - min(counts) <= 1  # an update beside the insert, once there is a row


def test_the_hash_covers_every_part(form: Form, network: Network) -> None:
    form.fill()
    with network.database.reading() as session:
        facts = load_form(session, network.library, network.person("manager"), form.id, network.clock.today())
        values = form.values()
        before = answers_hash(facts, values)
        for question, code in (
            ("MULTI", "phone"),
            ("DUAL-1", "importance=3;performance=poor"),
            ("LONG", "x"),
        ):
            changed = values | {question: answers.parse(facts.questionnaire.by_id[question], code)}
            assert answers_hash(facts, changed) != before


def test_submitted_the_receipt_says_every_answer_and_reopening_copies_every_row(
    form: Form, network: Network
) -> None:
    form.fill()
    signature = {"name": "Pat Example", "title": "Manager", "participants": "1"}
    path = f"/responses/{form.id}/submit"
    assert form.browser.post(path, signature, form="/work").status_code == 302
    receipt = form.browser.get(f"/responses/{form.id}/receipt").get_data(as_text=True)
    for words in (
        "Telephone; Radio",
        "Importance: Essential; Performance: No basis to judge",
        "Did not receive",
    ):
        assert words in receipt
    assert receipt.count("the hot line") == 1
    before = {q.id: form.rows(q.id) for q in form.questionnaire.questions}
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        form.id = reopen_response(
            session, network.library, network.person("admin"), form.id, "A test", moment
        )
    assert before == {q.id: form.rows(q.id) for q in form.questionnaire.questions}


def test_a_file_may_hold_every_type(form: Form, network: Network) -> None:
    codes = {
        "RATING": "1", "MULTI": "radio;phone", "DUAL-1": "performance=poor;importance=2", "ROW-1": "NA",
        "YESNO": "no", "LONG": "some words", "OFTEN": "3",
    }  # fmt: skip
    lines = ["fusion_center,eoc,side,question,value"]
    lines += [f"FC-CO,EOC-CO,eoc,{question},{code}" for question, code in codes.items()]
    moment = Moment(network.clock.now(), network.clock.today())
    for _ in range(2):  # a second time it finds the same answers
        with network.database.writing() as session:
            import_answers(session, network.library, "\n".join(lines), "spring", moment)
    by_id: dict[str, Question] = form.questionnaire.by_id
    values = form.values()
    assert values == {question: answers.parse(by_id[question], code) for question, code in codes.items()}
    assert len(form.rows("MULTI")) == len(form.rows("ROW-1")) == 2
