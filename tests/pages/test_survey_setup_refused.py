"""What the steps of setting up a survey refuse and from whom, and that nothing else can be posted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessment.models.surveys import MessageTemplate, Partner
from assessment.surveys import own_questions
from questionnaires.library import Library
from tests.conftest import Network
from tests.director import asked, find, make, words
from tests.pages.setup_steps import SCHEDULE, STEPS, plan_of
from tests.read_only import read_only
from tests.signed_in import signed_in

pytestmark = pytest.mark.xdist_group("survey setup")  # plans that nothing may change
Planned = tuple[Network, str, str]


@pytest.fixture(scope="module")
def planned(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, library: Library
) -> Iterator[Planned]:
    """A survey of FC-CO and one of FC-WY being set up; for what is refused, so that nothing changes."""
    made: list[str] = []

    def furnish(network: Network) -> None:
        made.extend([make(network), make(network, fusion_center="FC-WY")])

    with read_only(tmp_path_factory.mktemp("planned"), sqlite_template, library, furnish) as network:
        yield network, made[0], made[1]


def test_each_step_is_there_for_its_director_alone(network: Network) -> None:
    public_id = make(network)
    for step in (*STEPS, "partners/import", "words/invitation", "preview"):
        path = f"/surveys/{public_id}/{step}"
        assert signed_in(network, "director").get(path).status_code == 200, step
        for name in ("wyoming", "analyst", "admin", "manager", "reviewer"):
            assert signed_in(network, name).get(path).status_code == 404, (name, step)


POSTS = [
    ("schedule", SCHEDULE | {"title": "Stolen"}),
    ("promise", {"mode": "anonymous", "floor": "5"}),
    ("questions", {"topics": ["T-01"]}),
    ("questions/own", {"wording": "Stolen?", "kind": "yes_no"}),
    ("questions/text", {"text": ""}),
    ("questions/own/remove", {"question": "OWN-01"}),
    ("partners", {"email": "stolen@x.example.gov"}),
    ("partners/several", {"group": "everyone"}),
    ("check", {"open_link": "y", "cap": "5"}),
    ("words/invitation", {"subject": "Stolen", "body": "{link} {opt_out}"}),
    ("test-message", {}),
    ("open", {}),
    ("send", {}),
    ("remind", {}),
    ("close", {}),
    ("copy", {}),
    ("share", {"shared": "yes"}),
    ("open-link", {}),
    ("open-link/end", {}),
    ("bounces", {"email": "ann@eoc.example.gov"}),
    ("messages/x", {"decision": "again"}),
]


@pytest.mark.parametrize(("step", "data"), POSTS, ids=[step for step, _ in POSTS])
def test_a_foreign_survey_is_not_there_for_any_form(planned: Planned, step: str, data: Any) -> None:
    network, public_id, own = planned
    before = plan_of(network, public_id)
    for name, form in (
        ("wyoming", f"/surveys/{own}/schedule"),
        ("analyst", "/work"),
        ("admin", "/cycles/new"),
    ):
        browser = signed_in(network, name)
        token = browser.token(form)
        answer = browser.client.post(
            f"/surveys/{public_id}/{step}", data=data | {"csrf_token": token}, base_url="http://localhost"
        )
        assert answer.status_code == 404, name
    assert plan_of(network, public_id) == before
    assert asked(network, public_id) == {"ann@eoc.example.gov", "ben@fire.example.gov"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_partner_of_another_center_cannot_be_reached_by_its_id(network: Network) -> None:
    own, theirs = make(network), make(network, "email\nwy@x.example.gov\n", fusion_center="FC-WY")
    with network.database.reading() as session:
        foreign = session.scalars(select(Partner).where(Partner.email == "wy@x.example.gov")).one().public_id
    director = network.browser("director")
    for survey in (own, theirs):
        answer = director.post(
            f"/surveys/{survey}/partners/{foreign}", {"asked": "never"}, form=f"/surveys/{own}/partners"
        )
        assert answer.status_code == 404
    with network.database.reading() as session:
        assert session.scalars(select(Partner).where(Partner.public_id == foreign)).one().opted_out_on is None


EVERY_COLUMN = {
    "id": "999",
    "public_id": "mine",
    "cycle_id": "1",
    "fusion_center_id": "2",
    "fusion_center": "FC-WY",
    "opened_at": "2026-01-01",
    "released_on": "2026-01-01",
    "shared_on": "2026-01-01",
    "shared_by_id": "1",
    "created_by_id": "1",
    "copied_from_id": "1",
    "open_link_hash": "x" * 64,
    "open_link_started": "99",
    "closed_at": "2026-01-01",
    "synthetic": "y",
    "code": "mine",
    "version": "9.9",
    "questionnaire_id": "worked-example",
    "own_questions": "mine",
    "opted_out_on": "2026-01-01",
}


@pytest.mark.parametrize(("step", "data"), POSTS[:10], ids=[step for step, _ in POSTS[:10]])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_form_reaches_a_column_that_it_does_not_show(network: Network, step: str, data: Any) -> None:
    public_id = make(network, own_questions=own_questions.add_question("", "Do you?", "yes_no"))
    names = [
        "id", "public_id", "cycle_id", "fusion_center_id", "opened_at", "released_on", "shared_on",
        "shared_by_id", "created_by_id", "copied_from_id", "open_link_hash", "open_link_started",
    ]  # fmt: skip

    def untouched() -> list[Any]:
        with network.database.reading() as session:
            survey = find(session, public_id)
            cycle = survey.cycle
            rest = [cycle.code, cycle.version, cycle.questionnaire_id, cycle.closed_at, cycle.synthetic]
            return [getattr(survey, name) for name in names] + rest

    before = untouched()
    form = step.split("/")[0]
    page = {"words": "words/invitation"}.get(form, form)
    extra = {name: value for name, value in EVERY_COLUMN.items() if name not in data}
    network.browser("director").post(
        f"/surveys/{public_id}/{step}", extra | data, form=f"/surveys/{public_id}/{page}"
    )
    assert untouched() == before


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("schedule", {"title": ""}, "Enter a title."),
        ("schedule", {"opens": "tomorrow"}, "Write a day as year-month-day"),
        ("schedule", {"closes": "2026-06-01"}, "would close on 2026-06-01, before it opens"),
        ("schedule", {"period_from": ""}, "Enter the first day of the period."),
        ("schedule", {"recurrence": "weekly"}, "Not a valid choice"),
        ("schedule", {"omb_control_number": "12"}, "four digits, a dash and four digits"),
        ("schedule", {"burden_minutes": "ten"}, "Write a whole number."),
        ("schedule", {"burden_minutes": "1000"}, "Enter 1 to 999 minutes."),
        ("promise", {"mode": "secret"}, "Not a valid choice"),
        ("promise", {"mode": ""}, "Choose anonymous or confidential."),
        ("promise", {"floor": "4"}, "Enter 5 to 100."),
        ("promise", {"introduction": "x" * 2001}, "At most 2,000 characters."),
        ("questions", {"topics": []}, "Choose at least one product type."),
        ("questions", {"topics": ["T-99"]}, "is not a valid choice"),
        ("check", {"reminder_1": "2026-08-01"}, "Reminders go out after the first day and by the last one"),
        ("check", {"reminder_1": "soon"}, "Write a day as year-month-day"),
        ("check", {"open_link": "y", "cap": "0"}, "Enter 1 to 100,000."),
        ("partners", {"email": "nobody"}, "is not an e-mail address"),
        ("partners", {"email": ""}, "Enter an e-mail address."),
        ("partners", {"email": "ann@eoc.example.gov"}, ""),
        ("questions/own", {"wording": "", "kind": "yes_no"}, "Enter the question."),
        (
            "questions/own",
            {"wording": "Which?", "kind": "single_choice", "choices": "One"},
            "Enter 2 to 20 choices",
        ),
        ("words/invitation", {"subject": "Hi", "body": "{{ config }}"}, "The text must hold {link}"),
        (
            "words/invitation",
            {"subject": "Hi {who}", "body": "{link} {opt_out}"},
            "{who} cannot be filled in",
        ),
        ("words/reminder", {"subject": "", "body": "{link} {opt_out}"}, "Enter a subject."),
    ],
)
def test_what_a_step_refuses_and_says(planned: Planned, step: str, data: dict[str, Any], said: str) -> None:
    network, public_id, _ = planned
    before = plan_of(network, public_id)
    usual = {
        "schedule": SCHEDULE,
        "promise": {"mode": "confidential", "floor": "10"},
        "partners": {
            "name": "Ann",
            "organization": "Larimer EOC",
            "sector": "eoc",
            "level": "county",
            "state": "CO",
        },
    }
    form = f"/surveys/{public_id}/{'questions' if step.startswith('questions') else step}"
    answer = signed_in(network, "director").post(
        f"/surveys/{public_id}/{step}", usual.get(step, {}) | data, form=form
    )
    assert answer.status_code == 422
    assert (said or "partner is asked already") in words(answer)
    assert "There is a problem" in words(answer)
    assert plan_of(network, public_id) == before
    with network.database.reading() as session:
        assert session.scalars(select(MessageTemplate)).all() == []
