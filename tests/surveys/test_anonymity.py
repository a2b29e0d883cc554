"""In an anonymous survey nothing joins a person to an answer: not the tables, the logs or the pages."""

from __future__ import annotations

import logging
import random

import pytest
from sqlalchemy import insert, select, text, update

from assessment.models.surveys import (
    Invitation,
    SurveyAnswer,
    SurveyDraft,
    SurveyDraftAnswer,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.surveys import answering
from assessment.surveys.browser_drafts import NO_BROWSER
from assessment.surveys.link_masking import MaskLinks
from assessment.surveys.links import invitation_hash
from tests.conftest import Network, email_of
from tests.surveys import curious
from tests.surveys.world import World, make_world

PEOPLE = 30
BY_CHANCE = 10  # of 30; a random join has 1 on average, and 10 with a chance of 1 in 10 million
AUDIT = "SELECT action, subject, detail FROM audit_events ORDER BY id"


def invite_all(world: World) -> list[str]:
    """Thirty people, asked in one order; they answer in another."""
    emails = [f"person{number:02}@example.gov" for number in range(PEOPLE)]
    for email in emails:
        world.invite(email)
    random.Random(7).shuffle(emails)
    return emails


def secret_words(email: str) -> str:
    """What somebody writes: the test knows whose words they are, the tables do not."""
    return f"words {random.Random(email).random()}"


def answer_with_pages(world: World, email: str) -> None:
    phone = world.phone(world.tokens[email])
    phone.start()
    phone.save(phone.open("P"), "P", P_01=random.Random(email).choice(["eoc", "other", "executive"]))
    phone.save(phone.open("N"), "N", N_02=secret_words(email))
    assert phone.finish().location.endswith("/done")


def partner_ids(world: World) -> dict[str, int]:
    return {str(email): int(number) for email, number in world.rows("SELECT email, id FROM partners")}


def truth_of(world: World) -> dict[int, str]:
    """Partner id -> the id of their sheet, which only the words tell."""
    ids = partner_ids(world)
    owners = {secret_words(email): partner for email, partner in ids.items()}
    rows = world.rows("SELECT text, response_id FROM survey_answers WHERE question = 'N-02'")
    return {owners[words]: sheet for words, sheet in rows}


def known_order(world: World, emails: list[str]) -> list[int]:
    ids = partner_ids(world)
    return [ids[email] for email in emails]


def test_the_curious_administrator_joins_nobody_to_an_answer(anonymous: World) -> None:
    emails = invite_all(anonymous)
    for email in emails:
        answer_with_pages(anonymous, email)
    anonymous.close()
    truth = truth_of(anonymous)
    assert len(truth) == PEOPLE
    matched, how = curious.best(anonymous.network.database, known_order(anonymous, emails), truth)
    assert matched < BY_CHANCE, how


def answer_naively(world: World, email: str) -> None:
    """As a program does that thinks of names only: no partner beside the sheet, written as it comes."""
    token = world.tokens[email]
    with world.network.database.writing() as session:
        link = answering.start(session, token, NO_BROWSER, world.moment)
        assert link.draft is not None
        session.execute(
            insert(SurveyDraftAnswer).values(
                draft_id=link.draft.id, question="N-02", status="answered", text=secret_words(email)
            )
        )
    with world.network.database.writing() as session:
        draft = session.scalars(select(SurveyDraft)).one()
        session.execute(
            update(SurveyPartner)
            .where(
                SurveyPartner.partner_id.in_(
                    select(Invitation.partner_id).where(Invitation.token_hash == invitation_hash(token))
                )
            )
            .values(finished_on=world.moment.today)
        )
        sheet = SurveyResponse(survey_id=world.survey_id, completion="complete")
        session.add(sheet)
        session.flush()
        session.execute(
            insert(SurveyAnswer).values(
                response_id=sheet.id, question="N-02", status="answered", text=secret_words(email)
            )
        )
        session.delete(draft)


def test_the_same_attack_finds_nearly_everybody_where_sheets_are_written_as_they_come(
    anonymous: World,
) -> None:
    emails = invite_all(anonymous)
    for email in emails:
        answer_naively(anonymous, email)
    truth = truth_of(anonymous)
    matched, how = curious.best(anonymous.network.database, known_order(anonymous, emails), truth)
    assert matched >= PEOPLE - 1, how


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql_it_finds_them_by_the_transaction_number_alone(anonymous: World) -> None:
    """Without knowing the order: the trial that joined 30 of 30."""
    emails = invite_all(anonymous)
    for email in emails:
        answer_naively(anonymous, email)
    ways = dict(curious.attack(anonymous.network.database, known_order(anonymous, emails)))
    guess = ways["survey_partners.the_xmin to survey_responses.the_xmin, equal"]
    assert guess == truth_of(anonymous)


def test_when_a_few_come_after_the_last_batch_all_lie_in_one_after_the_close(anonymous: World) -> None:
    emails = invite_all(anonymous)[:23]
    for email in emails:
        answer_with_pages(anonymous, email)
    anonymous.close()
    truth = truth_of(anonymous)
    matched, how = curious.best(anonymous.network.database, known_order(anonymous, emails), truth)
    assert matched < BY_CHANCE, how
    if not anonymous.network.database.is_sqlite:
        numbers = anonymous.rows("SELECT count(DISTINCT xmin::text) FROM survey_responses")
        assert numbers == [(1,)]


def test_no_sheet_and_no_draft_holds_a_partner_a_name_or_a_time(anonymous: World) -> None:
    anonymous.invite("ann@example.gov")
    answer_with_pages(anonymous, "ann@example.gov")
    for table in (SurveyDraft, SurveyDraftAnswer, SurveyResponse, SurveyAnswer):
        types = {column.name: str(column.type) for column in table.__table__.columns}
        assert not any("DATE" in kind or "TIME" in kind for kind in types.values()), types
    anonymous.close()
    assert [(r.partner_id, r.respondent) for r in anonymous.responses()] == [(None, None)]


def test_no_audit_row_and_no_log_line_says_who_answered_what_when(
    anonymous: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = anonymous.rows(AUDIT)
    for email in (emails := invite_all(anonymous)[:12]):
        answer_with_pages(anonymous, email)
    assert anonymous.rows(AUDIT) == before
    anonymous.close()
    assert anonymous.rows(AUDIT)[len(before) :] == [
        ("results released", "survey products-co-2026 of FC-CO", "12 answer sheets, 0 of them partial")
    ]
    for email in emails:
        assert anonymous.tokens[email] not in caplog.text
        assert secret_words(email) not in caplog.text
        assert email not in caplog.text


def test_no_table_holds_a_link_or_an_address_of_the_network(anonymous: World) -> None:
    emails = invite_all(anonymous)[:3]
    for email in emails:
        answer_with_pages(anonymous, email)
    everything = curious.whole_text(anonymous.network.database)
    assert "127.0.0.1" not in everything
    for email in emails:
        assert anonymous.tokens[email] not in everything


def test_whoever_is_signed_in_meanwhile_leaves_no_trace_of_answering(network: Network) -> None:
    world = make_world(network, SurveyMode.ANONYMOUS)
    token = world.invite(email_of("manager"))
    manager = network.browser("manager")
    seen = world.rows("SELECT * FROM sign_ins")
    network.clock.move(hours=2)
    phone = world.phone(token, manager)
    phone.start()
    page = phone.get("P").get_data(as_text=True)
    phone.save(phone.open("P"), "P", P_01="eoc")
    phone.finish()
    assert "Manager Example" not in page
    assert "Sign out" not in page
    assert world.rows("SELECT * FROM sign_ins") == seen


def test_pages_behind_a_link_hand_their_address_to_nobody(anonymous: World) -> None:
    phone = anonymous.phone(anonymous.invite("ann@example.gov"))
    phone.start()
    for answer in (phone.get(), phone.get("P"), phone.get("review"), phone.get("x"), phone.post("P", {})):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
    for rest in ("", "P", "review"):
        page = phone.get(rest).get_data(as_text=True)
        assert '<meta name="referrer" content="no-referrer">' in page
    assert anonymous.phone("a" * 32).get().headers["Referrer-Policy"] == "no-referrer"


def test_a_failing_page_names_no_link_and_no_answer_in_the_log(
    anonymous: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = anonymous.network.app
    app.config["PROPAGATE_EXCEPTIONS"] = False
    phone = anonymous.phone(anonymous.invite("ann@example.gov"))
    phone.start()
    fields = phone.open("N")
    words = "my own words"  # by name below: a traceback shows the lines of this file

    def fail(*_: object, **__: object) -> None:
        with anonymous.network.database.writing() as session:
            session.execute(
                text("INSERT INTO survey_answers (response_id, text) VALUES ('x', :words)"),
                {"words": f"two lines\nof {words}"},
            )

    monkeypatch.setattr(answering, "save", fail)
    assert phone.save(fields, "N", N_02=words).status_code == 500
    assert "Exception on /s/.../N" in caplog.text
    assert phone.token not in caplog.text
    assert words not in caplog.text


@pytest.mark.parametrize("name", ["werkzeug", "gunicorn.error", "gunicorn.access"])
def test_access_logs_carry_no_link(anonymous: World, caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.INFO, logger=name)
    logger = logging.getLogger(name)
    logger.propagate = True
    logger.info('127.0.0.1 - - "%s %s HTTP/1.1" %d', "GET", "/s/abcdefgh/P?x=1", 200)
    logger.info('"GET /opt-out/abcdefgh.ijkl HTTP/1.1" 200 "http://localhost/s/abcdefgh/review"')
    assert "abcdefgh" not in caplog.text
    assert "/s/.../P?x=1" in caplog.text
    assert sum(isinstance(known, MaskLinks) for known in logger.filters) == 1


def test_gunicorn_writes_no_access_log(anonymous: World) -> None:
    from serving import Server

    app = anonymous.network.app
    assert Server(app, app.extensions["tandem.settings"]).cfg.accesslog is None
