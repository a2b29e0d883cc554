"""Watching a survey: numbers, groups, messages, what to do next, and what an anonymous one never says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from assessment.models.surveys import (
    Completion,
    Message,
    MessageState,
    Partner,
    Survey,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.surveys import plans
from assessment.surveys.watching import counts, groups, rates, unfinished
from tests.conftest import NOW, Network
from tests.director import TODAY, find, make, make_open, words
from tests.pages.test_cycles import NEW

SECTORS = ["eoc"] * 12 + ["fire_ems"] * 8
MANY = "email,sector\n" + "".join(f"p{n:02}@x.example.gov,{sector}\n" for n, sector in enumerate(SECTORS))


def go_on(network: Network, public_id: str, finished: int = 5, **states: int) -> None:
    """Some open, start and finish; their messages are in these states, the rest sent."""
    wanted = [state for state, number in states.items() for _ in range(number)]
    with network.database.writing() as session:
        survey = find(session, public_id)
        rows = session.scalars(
            select(SurveyPartner)
            .where(SurveyPartner.survey_id == survey.id)
            .order_by(SurveyPartner.partner_id)
        ).all()
        for place, row in enumerate(rows):
            row.opened_on = TODAY if place < finished + 4 else None
            row.started_on = TODAY if place < finished + 2 else None
            row.finished_on = TODAY if place < finished else None
            state = wanted[place] if place < len(wanted) else "sent"
            session.add(
                Message(
                    survey_id=survey.id,
                    partner_id=row.partner_id,
                    kind="invitation",
                    state=state,
                    not_before=NOW,
                    sent_at=NOW,
                    reason="550 No such user <b>here</b>" if state == "failed" else "",
                )
            )
        session.add_all(
            SurveyResponse(survey_id=survey.id, completion=Completion.COMPLETE.value) for _ in range(finished)
        )


def test_the_numbers_of_a_confidential_survey(network: Network) -> None:
    public_id = make_open(network, MANY)
    go_on(network, public_id, failed=1, bounced=1, uncertain=1)
    page = words(network.browser("director").get(f"/surveys/{public_id}"))
    assert "5 finished answers." in page
    for said in ("Asked 20", "Sent 17", "Came back 2 1 uncertain", "Opened the link 9", "Started 7"):
        assert said in page
    assert "Response rate: 25.0 % of 20 invited (AAPOR RR1: finished answers; RR2," in page
    assert "Sector: EOC or emergency management 12 5 41.7 %" in page
    assert "Sector: Fire/EMS Hidden, fewer than 10" in page
    assert "15 people have not finished." in page
    assert "Who has not finished (15)" in page
    assert "p05@x.example.gov" in page


def test_an_anonymous_survey_names_nobody_who_has_or_has_not_finished(network: Network) -> None:
    public_id = make_open(network, MANY, mode=SurveyMode.ANONYMOUS, open_link_cap=50)
    go_on(network, public_id)
    for path in (f"/surveys/{public_id}", f"/surveys/{public_id}/progress"):
        page = words(network.browser("director").get(path))
        assert "5 finished answers." in page
        assert "@x.example.gov" not in page
        assert "Who has not finished" not in page
        assert "EOC or emergency management" not in page
    with network.database.reading() as session:
        survey = find(session, public_id)
        assert groups(session, survey) == []
        assert unfinished(session, survey) == []


def test_names_and_messages_are_for_the_director_and_numbers_for_those_who_watch(network: Network) -> None:
    public_id = make_open(network, MANY)
    go_on(network, public_id, failed=1)
    for name in ("analyst", "admin"):
        page = words(network.browser(name).get(f"/surveys/{public_id}"))
        assert "5 finished answers." in page
        assert "@x.example.gov" not in page
        assert "Close the survey now" not in page
    for name in ("wyoming", "manager", "staff", "reviewer"):
        assert network.browser(name).get(f"/surveys/{public_id}").status_code == 404
        assert network.browser(name).get(f"/surveys/{public_id}/progress").status_code == 404


def test_the_numbers_renew_themselves_while_it_is_open_and_not_after(network: Network) -> None:
    public_id = make_open(network, MANY)
    director = network.browser("director")
    path = f"/surveys/{public_id}/progress"
    body = director.get(path).get_data(as_text=True)
    assert f'hx-get="{path}"' in body
    assert 'hx-trigger="every 5s"' in body
    assert "<html" not in body
    director.post(f"/surveys/{public_id}/close", {}, form=f"/surveys/{public_id}")
    assert "hx-get" not in director.get(path).get_data(as_text=True)


def test_a_plan_has_no_page_to_watch_but_the_way_back_to_its_steps(network: Network) -> None:
    public_id = make(network)
    answer = network.browser("director").get(f"/surveys/{public_id}")
    assert answer.location == f"/surveys/{public_id}/schedule"
    assert network.browser("analyst").get(f"/surveys/{public_id}").status_code == 404
    assert network.browser("admin").get(f"/surveys/{public_id}").status_code == 404


def test_who_is_not_invited_yet_is_invited_and_nobody_twice(network: Network) -> None:
    public_id = make_open(network)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    assert "2 partners have no invitation yet." in words(director.get(here))
    director.post(f"{here}/send", {}, form=here)
    assert "2 invitations are in the outbox." in words(director.get(here))
    director.post(f"{here}/send", {}, form=here)
    assert "Everybody asked has one already." in words(director.get(here))
    with network.database.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 2


def test_reminders_go_to_those_who_have_not_finished(network: Network) -> None:
    public_id = make_open(network, MANY)
    go_on(network, public_id)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    director.post(f"{here}/remind", {}, form=here)
    assert "There is nobody to remind now" in words(director.get(here)), "all had a message today"
    network.clock.move(days=2)
    director = network.browser("director")
    director.post(f"{here}/remind", {}, form=here)
    assert "15 reminders are in the outbox." in words(director.get(here))


@pytest.mark.parametrize("act", ["send", "remind", "close", "open-link"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_sent_by_a_plan_or_by_a_closed_survey(network: Network, act: str) -> None:
    plan, closed = make(network), make_open(network)
    director = network.browser("director")
    director.post(f"/surveys/{closed}/close", {}, form=f"/surveys/{closed}")
    for public_id, said in ((plan, "The survey is not open yet."), (closed, "The survey is closed.")):
        director.post(f"/surveys/{public_id}/{act}", {}, form=f"/surveys/{plan}/schedule")
        assert said in words(director.get("/surveys"))
    with network.database.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_closing_releases_and_prepares_the_next(network: Network) -> None:
    from assessment.models.surveys import Recurrence

    public_id = make_open(network, recurrence=Recurrence.YEARLY)
    director = network.browser("director")
    director.post(f"/surveys/{public_id}/close", {}, form=f"/surveys/{public_id}")
    with network.database.reading() as session:
        assert find(session, public_id).released_on == TODAY
    page = words(director.get("/surveys"))
    assert "Products 2027" in page
    assert "Prepared from an earlier survey; nothing is sent before you open it." in page


def test_a_copy_says_what_changes_and_is_a_plan(network: Network) -> None:
    public_id = make_open(network)
    director = network.browser("director")
    location = director.post(f"/surveys/{public_id}/copy", {}, form=f"/surveys/{public_id}").location
    page = words(director.get(location))
    assert "What changes from Products 2026" in page
    assert "15 Jun 2026 to 6 Jul 2026 → becomes 15 Jun 2027 to 6 Jul 2027" in page
    with network.database.reading() as session:
        assert plans.is_draft(find(session, location.split("/")[2]))


def test_sharing_is_shown_with_name_and_day(network: Network) -> None:
    public_id = make_open(network)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    director.post(f"{here}/share", {"shared": "yes"}, form=here)
    assert "Director Example turned this on, on 15 June 2026." in words(director.get(here))
    director.post(f"{here}/share", {"shared": "no"}, form=here)
    assert "Reviewers do not read the results." in words(director.get(here))
    director.post(f"{here}/close", {}, form=here)
    director.post(f"{here}/share", {"shared": "yes"}, form=here)
    assert "Sharing holds for surveys that close after it is turned on, and this one has closed." in words(
        director.get(here)
    )


def message_of(network: Network, state: str) -> str:
    with network.database.reading() as session:
        return session.scalars(select(Message).where(Message.state == state)).one().public_id


def test_a_message_of_unknown_fate_waits_for_a_person(network: Network) -> None:
    public_id = make_open(network, MANY)
    go_on(network, public_id, uncertain=1, failed=1)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    body = director.get(here)
    assert "550 No such user <b>here</b>" in words(body), "the server's words are text"
    assert b"<b>here</b>" not in body.data
    message = message_of(network, "uncertain")
    director.post(f"{here}/messages/{message}", {"decision": "sent"}, form=here)
    assert "It counts as sent." in words(director.get(here))
    director.post(f"{here}/messages/{message}", {"decision": "sent"}, form=here)
    assert "that can be done where it is uncertain" in words(director.get(here))
    director.post(f"{here}/messages/{message_of(network, 'failed')}", {"decision": "again"}, form=here)
    assert "It is sent once more." in words(director.get(here))


@pytest.mark.parametrize(("mode", "shown"), [(SurveyMode.ANONYMOUS, False), (SurveyMode.CONFIDENTIAL, True)])
def test_a_reminder_that_failed_tells_who_has_not_finished(
    network: Network, mode: SurveyMode, shown: bool
) -> None:
    public_id = make_open(network, MANY, mode=mode)
    go_on(network, public_id)
    with network.database.writing() as session:
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        last.kind, last.round, last.state = "reminder", 1, MessageState.FAILED.value
    page = words(network.browser("director").get(f"/surveys/{public_id}"))
    assert "Reminder 1 0 0 0 1 0 0 0" in page
    assert ("Messages that need you" in page) is shown


def test_a_message_of_another_survey_is_not_there(network: Network) -> None:
    own, other = make_open(network), make_open(network, MANY, fusion_center="FC-WY")
    go_on(network, other, uncertain=1)
    message = message_of(network, "uncertain")
    answer = network.browser("director").post(
        f"/surveys/{own}/messages/{message}", {"decision": "sent"}, form=f"/surveys/{own}"
    )
    assert answer.status_code == 404
    assert message_of(network, "uncertain") == message


def test_a_bounce_that_came_back_to_a_person_is_noted(network: Network) -> None:
    public_id = make_open(network, MANY)
    go_on(network, public_id)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    for address, said in (
        ("nobody@x.example.gov", "No message of this survey was sent"),
        ("", "Enter the address."),
    ):
        director.post(f"{here}/bounces", {"email": address}, form=here)
        assert said in words(director.get(here))
    director.post(f"{here}/bounces", {"email": "P07@x.example.gov", "reason": "gone"}, form=here)
    assert "No reminder goes to that address." in words(director.get(here))
    with network.database.reading() as session:
        row = session.scalars(select(Message).join(Partner).where(Partner.email == "p07@x.example.gov")).one()
        assert (row.state, row.reason) == (MessageState.BOUNCED.value, "gone")


def test_a_new_open_link_ends_the_old_one_and_can_be_ended(network: Network) -> None:
    public_id = make_open(network, open_link_cap=20)
    director = network.browser("director")
    here = f"/surveys/{public_id}"
    links = []
    for _ in range(2):
        body = director.post(f"{here}/open-link", {}, form=here).get_data(as_text=True)
        links.append(body.split('id="open-link" value="')[1].split('"')[0])
    assert links[0] != links[1]
    director.post(f"{here}/open-link/end", {}, form=here)
    assert "The open link takes nobody any more." in words(director.get(here))
    with network.database.reading() as session:
        assert find(session, public_id).open_link_hash is None


def test_rates_before_and_after_the_close(network: Network) -> None:
    public_id = make_open(network, MANY)
    with network.database.writing() as session:
        survey = find(session, public_id)
        assert rates(session, survey, counts(session, survey)) is None, "nobody is invited yet"
    go_on(network, public_id)
    with network.database.writing() as session:
        survey = find(session, public_id)
        partner = session.scalars(select(Partner).order_by(Partner.id.desc())).first()
        assert partner is not None
        session.add(SurveyResponse(survey_id=survey.id, completion="partial", partner_id=partner.id))
        session.flush()
        before = rates(session, survey, counts(session, survey))
        assert before is not None
        assert (before.rr1, before.rr2) == (0.25, None)
        survey.released_on = TODAY
        after = rates(session, survey, counts(session, survey))
        assert after is not None
        assert (after.rr1, after.rr2) == (0.25, 0.3)


def test_the_list_has_plans_open_planned_and_closed_ones(network: Network) -> None:
    make(network, title="A plan")
    make_open(network, title="An open one")
    make_open(network, title="A later one", opens=date(2026, 7, 1))
    closed = make_open(network, title="A closed one")
    director = network.browser("director")
    director.post(f"/surveys/{closed}/close", {}, form=f"/surveys/{closed}")
    page = words(director.get("/surveys"))
    parts = ["Open An open one", "Opens later A later one", "Being set up A plan", "Closed A closed one"]
    assert [page.index(part) for part in parts] == sorted(page.index(part) for part in parts)
    watcher = words(network.browser("analyst").get("/surveys"))
    assert "A plan" not in watcher
    assert "An open one" in watcher
    assert "Colorado Information Analysis Center" in words(network.browser("admin").get("/surveys"))
    other = words(network.browser("wyoming").get("/surveys"))
    assert "An open one" not in other


def navigation(network: Network, name: str) -> Any:
    return network.browser(name).get("/cycles").get_data(as_text=True)


def test_surveys_stand_in_the_navigation_of_those_who_may(network: Network) -> None:
    for name, there in (
        ("director", True),
        ("analyst", True),
        ("admin", True),
        ("manager", False),
        ("reviewer", False),
    ):
        assert ('href="/surveys"' in navigation(network, name)) is there, name


def test_cycles_of_surveys_stand_beside_those_of_checklists(network: Network) -> None:
    make(network, title="Only a plan")
    public_id = make_open(network, MANY, title="An open one")
    go_on(network, public_id)
    network.open()
    admin = network.browser("admin")
    page = words(admin.get("/cycles"))
    assert "Only a plan" not in page
    assert "An open one 15 Jun 2026 to 06 Jul 2026 5 finished answers to 1 survey" in page
    assert "0 of 3 pairs complete" in page
    own = words(admin.get("/cycles/products-co-2026-2"))
    assert "5 finished answers to 1 survey of fusion centers" in own
    assert "Colorado Information Analysis Center Confidential 5" in own
    assert "Close the cycle" in own
    assert admin.get("/cycles/products-co-2026").status_code == 404, "a plan is nobody else's business"
    assert "Colorado Information" not in words(network.browser("manager").get("/cycles/products-co-2026-2"))


def test_a_survey_is_not_offered_where_cycles_of_pairs_are_opened(network: Network) -> None:
    admin = network.browser("admin")
    assert "product-usefulness" not in admin.get("/cycles/new").get_data(as_text=True)
    refused = admin.post("/cycles/new", NEW | {"questionnaire": "product-usefulness 1.0"})
    assert refused.status_code == 422


def test_one_of_many_in_a_cycle_is_not_closed_by_one_director(network: Network) -> None:
    from assessment.cycles.services import NewCycle

    new = NewCycle("products", "Products", plans.QUESTIONNAIRE, TODAY, date(2026, 7, 6))
    with network.database.writing() as session:
        plans.create_for_cycle(session, network.library, new, None, None, NOW)
        public_id = (
            session.scalars(select(Survey).where(Survey.fusion_center.has(code="FC-CO"))).one().public_id
        )
    director = network.browser("director")
    director.post(f"/surveys/{public_id}/close", {}, form=f"/surveys/{public_id}")
    assert "one of many in its cycle, which an administrator closes" in words(
        director.get(f"/surveys/{public_id}")
    )
