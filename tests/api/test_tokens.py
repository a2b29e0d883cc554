"""Access tokens: who may make them, what they open, and when they open nothing any more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from assessment.access import Role
from assessment.accounts.people import set_active
from assessment.api.scopes import Scope
from assessment.models.audit import AuditEvent
from assessment.models.people import PersonRow
from assessment.models.tokens import AccessToken
from tests.api.conftest import Program, program_of
from tests.conftest import PASSWORD, Network, email_of

FORM = {"name": "nightly copy", "scopes": ["lists:read"], "days": "30"}
SECRET = re.compile(r"tandem_[0-9a-f]{48}")


def test_a_token_is_shown_once_and_only_its_hash_is_kept(network: Network) -> None:
    browser = network.browser("manager")
    made = browser.post("/account/tokens", FORM).get_data(as_text=True)
    secrets = set(SECRET.findall(made))
    assert len(secrets) == 1
    secret = secrets.pop()
    with network.database.reading() as session:
        row = session.scalars(select(AccessToken)).one()
    assert secret not in [str(value) for value in vars(row).values()]
    assert row.ending == secret[-4:]
    later = browser.get("/account/tokens").get_data(as_text=True)
    assert secret not in later
    assert f"Ends in {secret[-4:]}" in later
    assert Program(network.app.test_client(), secret).get("/api/v1/centers").status_code == 200


def test_every_token_that_is_not_good_gets_the_same_answer(network: Network) -> None:
    program = program_of(network, "manager", days=1)
    other = program_of(network, "manager", days=2)
    with network.database.writing() as session:
        public_id = session.scalar(select(AccessToken.public_id).order_by(AccessToken.id.desc()))
    network.browser("manager").post(f"/account/tokens/{public_id}/revoke", {}, form="/account/tokens")
    network.clock.move(days=1, minutes=1)
    unknown = Program(network.app.test_client(), "tandem_" + "0" * 48)
    answers = [one.get("/api/v1/centers") for one in (program, other, unknown)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.get_data() for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {
        "Bearer realm=Tandem, error=invalid_token"
    }
    assert set(answers[0].get_json()) == {"error", "code"}


def test_nobody_gets_401_with_a_challenge_and_a_sentence(network: Network) -> None:
    answer = network.browser().get("/api/v1/centers")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer realm=Tandem"
    assert answer.get_json()["error"].startswith("Sign in, or send a token")


def test_a_bad_token_is_not_helped_by_a_good_sign_in(network: Network) -> None:
    browser = network.browser("manager")
    assert browser.get("/api/v1/centers").status_code == 200
    answer = browser.get("/api/v1/centers", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_a_token_opens_no_page(network: Network) -> None:
    program = program_of(network, "admin")
    assert program.get("/people").status_code == 302
    assert program.get("/account/tokens").status_code == 302


def test_a_token_dies_with_its_person(network: Network) -> None:
    program = program_of(network, "manager")
    assert program.get("/api/v1/centers").status_code == 200
    with network.database.writing() as session:
        session.execute(update(PersonRow).where(PersonRow.email == email_of("manager")).values(active=False))
    assert program.get("/api/v1/centers").status_code == 401


def test_a_token_does_not_come_back_with_its_person(network: Network) -> None:
    program = program_of(network, "manager")
    with network.database.reading() as session:
        public_id = session.scalar(select(PersonRow.public_id).where(PersonRow.email == email_of("manager")))
    for active in (False, True):
        with network.database.writing() as session:
            set_active(session, public_id, active, network.clock.now(), network.person("admin").id)
    assert program.get("/api/v1/centers").status_code == 401


def test_a_new_password_ends_the_tokens_that_were_made_with_the_old_one(network: Network) -> None:
    program = program_of(network, "manager")
    form = {"old": PASSWORD, "new": "four words nobody would guess"}
    assert network.browser("manager").post("/account/password", form, form="/account").status_code == 302
    assert program.get("/api/v1/centers").status_code == 401


def test_who_signed_in_some_time_ago_shows_once_more_who_they_are(network: Network) -> None:
    browser = network.browser("manager")
    network.clock.move(minutes=30)
    asked = browser.post("/account/tokens", FORM)
    assert asked.status_code == 401
    page = asked.get_data(as_text=True)
    assert not SECRET.search(page)
    assert "nightly copy" in page  # nothing typed is lost
    with network.database.reading() as session:
        assert session.scalar(select(AccessToken.id)) is None


def test_a_token_has_what_its_person_has_at_that_moment(network: Network) -> None:
    network.open()
    program = program_of(network, "director", [Scope.REPORTS])
    report = "/api/v1/reports/pair/FC-CO/EOC-CO?cycle=spring"
    assert program.get(report).status_code == 200
    with network.database.writing() as session:
        row = session.scalars(select(PersonRow).where(PersonRow.email == email_of("director"))).one()
        row.centers = []
        row.role = Role.REVIEWER.value
    assert program.get(report).status_code == 404


def test_what_a_token_was_not_made_for_is_403_and_what_is_not_its_persons_404(network: Network) -> None:
    network.open()
    lists = program_of(network, "manager", [Scope.LISTS])
    foreign = "/api/v1/reports/pair/FC-WY/EOC-WY?cycle=spring"
    nowhere = "/api/v1/reports/pair/FC-XX/EOC-XX?cycle=spring"
    answers = [lists.get(path) for path in (foreign, nowhere)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].get_data() == answers[1].get_data()
    assert "error=insufficient_scope" in answers[0].headers["WWW-Authenticate"]
    reports = program_of(network, "manager", [Scope.REPORTS])
    answers = [reports.get(path) for path in (foreign, nowhere)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].get_data() == answers[1].get_data()


def events(network: Network) -> list[tuple[Any, ...]]:
    with network.database.reading() as session:
        query = select(AuditEvent.action, AuditEvent.subject, AuditEvent.detail, AuditEvent.origin)
        return [tuple(row) for row in session.execute(query.order_by(AuditEvent.id)) if "token" in row.action]


def test_making_using_and_revoking_are_in_the_trail_and_no_secret_is(network: Network) -> None:
    browser = network.browser("manager")
    secret = SECRET.findall(browser.post("/account/tokens", FORM).get_data(as_text=True))[0]
    program = Program(network.app.test_client(), secret)
    for _ in range(3):
        program.get("/api/v1/centers")
    with network.database.reading() as session:
        public_id = session.scalar(select(AccessToken.public_id))
    browser.post(f"/account/tokens/{public_id}/revoke", {}, form="/account/tokens")
    found = events(network)
    person = f"person {network.person('manager').id}"
    assert [(action, subject) for action, subject, *_ in found] == [
        ("token made", person),
        ("token used", person),
        ("token revoked", person),
    ]
    assert all(public_id in row[2] and row[3] == "127.0.0.1" for row in found)
    assert secret not in str(found)
    assert secret[-12:] not in str(found)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": " "}, "Enter a name."),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["people:read"]}, "is not a valid choice"),
        ({"days": "366"}, "Not a valid choice"),
        ({"days": ""}, "Not a valid choice"),
        ({"name": "x" * 101}, "Use at most 100 characters"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wish_that_cannot_be_is_refused_with_a_sentence(network: Network, changes: Any, words: str) -> None:
    answer = network.browser("manager").post("/account/tokens", {**FORM, **changes})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert not SECRET.search(page)
    with network.database.reading() as session:
        assert session.scalar(select(AccessToken.id)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_that_is_sent_twice_makes_one_token(network: Network) -> None:
    browser = network.browser("manager")
    assert browser.post("/account/tokens", FORM).status_code == 200
    again = browser.post("/account/tokens", FORM)
    assert again.status_code == 422
    assert "You have a token named nightly copy" in again.get_data(as_text=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_revokes_anothers_token(network: Network) -> None:
    program = program_of(network, "manager")
    with network.database.reading() as session:
        public_id = session.scalar(select(AccessToken.public_id))
    admin = network.browser("admin")
    answer = admin.post(f"/account/tokens/{public_id}/revoke", {}, form="/account/tokens")
    assert answer.status_code == 404
    assert program.get("/api/v1/centers").status_code == 200
