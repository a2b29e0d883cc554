"""What `flask doctor` says of the work beside the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assessment.models.account_links import AccountLetter
from assessment.models.exports import Export
from assessment.models.people import PersonRow
from assessment.models.surveys import SurveyMode
from assessment.working.turns import Ended, write_down
from assessment.working.waiting import Queue, queues, state_of_work
from tests.conftest import NOW, Network
from tests.survey_world import add_survey

MINUTE = timedelta(minutes=1)


def state(network: Network, minutes: float = 0, keeps_copies: bool = False) -> tuple[bool, str]:
    with network.database.reading() as session:
        found = state_of_work(session, NOW + minutes * MINUTE, keeps_copies)
    return found.ok, found.sentence


def tell(network: Network, minutes: float = 0, trouble: str = "") -> None:
    with network.database.writing() as session:
        write_down(session, {"messages": Ended(NOW + minutes * MINUTE, trouble)})


def ask_for_a_file(network: Network) -> None:
    with network.database.writing() as session:
        person = session.scalars(select(PersonRow.id)).first()
        export = {"asked_at": NOW, "expires_at": NOW + timedelta(days=1)}
        session.add(Export(person_id=person, kind="network", parameters="{}", title="Network", **export))


def test_nobody_has_run_one_and_nothing_waits(network: Network) -> None:
    assert state(network) == (True, "No worker has run on this database yet, and nothing waits for one.")


def test_what_waits_for_long_with_nobody_at_work_is_a_fault(network: Network) -> None:
    ask_for_a_file(network)
    assert state(network, 15)[0], "a worker may be about to start"
    found = state(network, 16)
    assert found == (False, "No worker has run on this database yet, and 1 files wait. Start one: flask work")
    tell(network, 12)
    assert state(network, 16) == (True, "A worker last ran on 2026-06-15 at 16:12 UTC."), "it is being made"
    assert state(network, 18)[0] is False


def test_a_worker_that_is_there_but_gets_nowhere_is_a_fault(network: Network) -> None:
    tell(network)
    tell(network, 10, "The mail server at mail.example.gov does not answer.")
    assert state(network, 10)[0], "that may pass"
    tell(network, 20, "The mail server at mail.example.gov does not answer.")
    ok, sentence = state(network, 20)
    assert not ok
    assert sentence.endswith("Messages: The mail server at mail.example.gov does not answer.")
    tell(network, 21)
    assert state(network, 21) == (True, "A worker last ran less than a minute ago.")


@pytest.mark.parametrize("keeps_copies", [False, True])
def test_messages_letters_and_files_are_counted_once_they_are_due(
    network: Network, keeps_copies: bool
) -> None:
    ask_for_a_file(network)
    with network.database.writing() as session:
        session.add(
            AccountLetter(kind="reset", address="a@example.gov", asked_at=NOW, not_before=NOW + 2 * MINUTE)
        )
        survey = add_survey(session, 3)
        survey.mode = SurveyMode.ANONYMOUS.value
        for number, message in enumerate(queued(session, survey)):
            message.not_before = NOW + number * MINUTE
    with network.database.reading() as session:
        now = queues(session, NOW, keeps_copies)
        later = queues(session, NOW + 2 * MINUTE, keeps_copies)
    none = Queue("messages", 0, None)
    assert now == [none if keeps_copies else Queue("messages", 1, NOW), Queue("letters", 0, None), files()]
    assert later == [
        none if keeps_copies else Queue("messages", 3, NOW),
        Queue("letters", 1, NOW + 2 * MINUTE),
        files(),
    ]


def files() -> Queue:
    return Queue("files", 1, NOW)


def queued(session, survey):  # type: ignore[no-untyped-def]
    from assessment.models.surveys import Message, MessageKind, SurveyPartner

    partners = session.scalars(select(SurveyPartner.partner_id).where(SurveyPartner.survey_id == survey.id))
    kind = next(iter(MessageKind)).value
    rows = [Message(survey_id=survey.id, partner_id=p, kind=kind, not_before=NOW) for p in partners]
    session.add_all(rows)
    session.flush()
    return rows
