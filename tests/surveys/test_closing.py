"""The close: what is kept, what is released, in which batches sheets move, and what comes too late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, insert, update

from assessment.cycles.services import close_cycle, reopen_cycle
from assessment.models.surveys import SurveyDraft, SurveyMode, SurveyResponse
from assessment.surveys import answering, closing, drafts
from assessment.surveys.browser_drafts import NO_BROWSER
from assessment.surveys.links import draft_hash, new_token
from questionnaires import answers
from tests.conftest import Network
from tests.surveys.world import FULL, World, make_world


def put_draft(world: World, given: dict[str, str], finished: bool = False) -> int:
    """A draft with these answers, as nobody in particular has left it."""
    questionnaire = world.questionnaire
    with world.network.database.writing() as session:
        draft = SurveyDraft(survey_id=world.survey_id, draft_hash=draft_hash(new_token()), finished=finished)
        session.add(draft)
        session.flush()
        for question, code in given.items():
            value = answers.parse(questionnaire.by_id[question], code)
            drafts.write(session, draft, question, value, None, "page")
        return draft.id


def finish(world: World, email: str, given: dict[str, str]) -> None:
    """Answer with a personal link and hand in, in the transactions of the pages."""
    token = world.tokens.get(email) or world.invite(email)
    database, questionnaire = world.network.database, world.questionnaire
    with database.writing() as session:
        link = answering.start(session, token, NO_BROWSER, world.moment)
        assert link.draft is not None
        for question, code in given.items():
            value = answers.parse(questionnaire.by_id[question], code)
            drafts.write(session, link.draft, question, value, None, "page")
    with database.writing() as session:
        assert answering.finish(session, world.network.library, token, NO_BROWSER, world.moment)
    closing.move_finished(database, world.survey_id)


def state(world: World) -> tuple[int, int, int]:
    """(drafts, sheets, released sheets)"""
    responses = world.responses()
    return len(world.drafts()), len(responses), sum(response.released for response in responses)


def test_an_anonymous_survey_moves_ten_at_once_and_never_fewer(anonymous: World) -> None:
    sizes = []
    for number in range(23):
        finish(anonymous, f"p{number}@example.gov", {"P-01": "eoc"})
        sizes.append(state(anonymous)[:2])
    assert sizes[8:11] == [(9, 0), (0, 10), (1, 10)]
    assert sizes[-1] == (3, 20)
    anonymous.close()
    assert state(anonymous) == (0, 23, 23)


def test_a_confidential_survey_moves_each_sheet_at_once_with_its_partner(confidential: World) -> None:
    finish(confidential, "ann@example.gov", {"P-01": "eoc"})
    (response,) = confidential.responses()
    assert (response.partner_id, response.released) == (
        confidential.asked("ann@example.gov").partner_id,
        False,
    )


def test_half_answered_counts_as_partial_and_less_as_a_break_off(anonymous: World) -> None:
    """A dual rating counts as two: the twelve attributes are 24 of the answers asked for."""
    questionnaire = anonymous.questionnaire
    values = {q: answers.parse(questionnaire.by_id[q], code) for q, code in FULL.items()}
    _, total = drafts.given_and_asked(questionnaire, values)
    assert total == 5 + 18 + 24 + 5 + 4 + 5 + 2
    single = [q for q in FULL if q[0] in "PUOSN"]
    assert len(single) == 21
    below = dict.fromkeys([*single, "A-01", "A-02", "A-03", "A-04", "A-05"])
    put_draft(anonymous, {q: FULL[q] for q in below})  # 21 + 10 = 31 of 63
    put_draft(anonymous, {q: FULL[q] for q in below} | {"A-06": "importance=4"})  # 32 of 63
    put_draft(anonymous, {"P-01": "eoc"})
    put_draft(anonymous, {"P-01": "eoc"}, finished=True)
    put_draft(anonymous, {})
    anonymous.close()
    assert sorted(r.completion for r in anonymous.responses()) == ["complete", "partial"]
    assert state(anonymous) == (0, 2, 2)
    assert anonymous.rows("SELECT count(*) FROM survey_draft_answers") == [(0,)]
    kept = anonymous.rows(
        "SELECT count(*) FROM survey_answers WHERE question = 'A-06' AND status = 'answered'"
    )
    assert kept == [(1,)]


def test_a_partial_sheet_keeps_nothing_of_what_was_skipped(anonymous: World) -> None:
    put_draft(anonymous, {**FULL, "P-03": "never"})
    anonymous.close()
    questions = {question for (question,) in anonymous.rows("SELECT DISTINCT question FROM survey_answers")}
    assert not questions & {"P-04", "O-01", "A-01", "U-01", "T-01", "S-05"}
    assert {"P-03", "S-01", "N-02"} <= questions


def test_closing_is_done_once_however_often_and_by_however_many(anonymous: World) -> None:
    for _ in range(12):
        put_draft(anonymous, {"P-01": "eoc"}, finished=True)
    anonymous.network.clock.move(days=30)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: anonymous.release(), range(6)))
    assert state(anonymous) == (0, 12, 12)
    released = anonymous.rows("SELECT detail FROM audit_events WHERE action = 'results released'")
    assert released == [("12 answer sheets, 0 of them partial",)]


def test_nothing_is_released_before_the_close(anonymous: World) -> None:
    put_draft(anonymous, {"P-01": "eoc"}, finished=True)
    anonymous.release()
    assert state(anonymous) == (1, 0, 0)
    assert anonymous.survey().released_on is None


def test_the_day_of_the_release_is_the_last_day_however_late_somebody_looks(anonymous: World) -> None:
    anonymous.network.clock.move(days=100)
    anonymous.release()
    assert str(anonymous.survey().released_on) == "2026-06-30"


def test_closed_by_hand_the_day_is_that_day(anonymous: World) -> None:
    with anonymous.network.database.writing() as session:
        close_cycle(session, anonymous.code, anonymous.moment.now, anonymous.moment.today)
    anonymous.network.clock.move(days=3)
    anonymous.release()
    assert str(anonymous.survey().released_on) == "2026-06-15"


def test_a_failure_in_the_middle_leaves_everything_as_it_was(anonymous: World) -> None:
    for _ in range(12):
        put_draft(anonymous, {"P-01": "eoc", "P-02": "city"}, finished=True)
    anonymous.network.clock.move(days=30)
    engine = anonymous.network.database.engine

    def fail(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE FROM survey_drafts"):
            raise RuntimeError("pulled the plug")

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError):
        anonymous.release()
    event.remove(engine, "before_cursor_execute", fail)
    assert state(anonymous) == (12, 0, 0)
    anonymous.release()
    assert state(anonymous) == (0, 12, 12)


def reopen(world: World) -> None:
    with world.network.database.writing() as session:
        moment = world.moment
        closes = moment.today.replace(day=28)
        reopen_cycle(session, world.code, closes, moment.now, moment.today)


def late(world: World, count: int) -> None:
    world.close()
    reopen(world)
    for number in range(count):
        finish(world, f"late{number}@example.gov", {"P-01": "eoc"})
    world.network.clock.move(days=30)
    world.release()


def test_what_is_left_to_close_is_known_without_looking_at_each_survey(confidential: World) -> None:
    def left() -> list[int]:
        with confidential.network.database.reading() as session:
            return list(closing.left_to_close(session, confidential.moment.today))

    assert left() == []
    confidential.network.clock.move(days=30)
    assert left() == [confidential.survey_id]
    confidential.release()
    assert left() == []
    reopen(confidential)
    put_draft(confidential, {"P-01": "eoc"})
    confidential.network.clock.move(days=30)
    assert left() == [confidential.survey_id]


def test_late_answers_of_a_reopened_cycle_are_kept_and_never_released(confidential: World) -> None:
    finish(confidential, "ann@example.gov", {"P-01": "eoc"})
    late(confidential, 2)
    assert state(confidential) == (0, 3, 1)
    assert str(confidential.survey().released_on) == "2026-06-30"


def test_ten_late_answers_of_an_anonymous_survey_are_kept_apart(anonymous: World) -> None:
    for _ in range(12):
        put_draft(anonymous, {"P-01": "eoc"}, finished=True)
    late(anonymous, 11)
    assert state(anonymous) == (0, 23, 12)


def test_fewer_late_ones_would_point_to_their_authors_and_are_not_kept(anonymous: World) -> None:
    for _ in range(12):
        put_draft(anonymous, {"P-01": "eoc"}, finished=True)
    late(anonymous, 3)
    assert state(anonymous) == (0, 12, 12)


def test_a_survey_that_was_only_planned_is_never_released(network: Network) -> None:
    world = make_world(network, SurveyMode.ANONYMOUS)
    with network.database.writing() as session:
        session.execute(update(type(world.survey())).values(opened_at=None))
    world.close()
    assert world.survey().released_on is None


def test_the_order_and_the_names_of_the_sheets_are_new_after_the_close(anonymous: World) -> None:
    for number in range(20):
        finish(anonymous, f"p{number}@example.gov", {"N-02": f"{number}"})
    before = {response.id for response in anonymous.responses()}
    anonymous.close()
    after = anonymous.rows("SELECT response_id FROM survey_answers")
    assert not before & {row[0] for row in after}
    assert len(after) == 20


def test_no_draft_is_lost_when_people_finish_while_others_are_moved(anonymous: World) -> None:
    tokens = {f"p{number}@example.gov": "" for number in range(24)}
    for email in tokens:
        anonymous.invite(email)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda email: finish(anonymous, email, {"N-02": email}), tokens))
    anonymous.close()
    words = sorted(words for (words,) in anonymous.rows("SELECT text FROM survey_answers"))
    assert words == sorted(tokens)


def test_ids_of_sheets_are_random(anonymous: World) -> None:
    with anonymous.network.database.writing() as session:
        for _ in range(3):
            session.execute(
                insert(SurveyResponse).values(survey_id=anonymous.survey_id, completion="complete")
            )
    ids = sorted(response.id for response in anonymous.responses())
    assert len(set(ids)) == 3
    assert all(len(one) == 24 for one in ids)
