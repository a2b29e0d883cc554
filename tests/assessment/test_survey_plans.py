"""Plans of surveys: what may not be said, what is binding once open, and what opening asks for."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessment.access import Action
from assessment.cycles.services import close_cycle
from assessment.errors import NotFound, Refused
from assessment.models.surveys import Recurrence, Survey, SurveyMode
from assessment.surveys import own_questions, plans, sharing
from assessment.surveys.compliance import compliance
from tests.conftest import NOW, Network
from tests.director import HEADER, PARTNERS, PLAN, TODAY, find, make, make_open, open_plan

OWN = own_questions.add_question("", "Do you read the weekly summary?", "yes_no")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": "  "}, "Enter a title."),
    ({"title": "x" * 201}, "The title has 201 characters and the limit is 200."),
    ({"introduction": "x" * 2001}, "The introduction has 2,001 characters and the limit is 2,000."),
    ({"closes": date(2026, 6, 14)}, "would close on 2026-06-14, before it opens on 2026-06-15"),
    ({"period_to": date(2025, 1, 1)}, "The period would end on 2025-01-01, before it begins"),
    ({"floor": 4}, "The smallest group shown is 5 to 100 respondents."),
    ({"floor": 101}, "The smallest group shown is 5 to 100 respondents."),
    ({"burden_minutes": 0}, "The burden is 1 to 999 minutes."),
    ({"open_link_cap": 0}, "The open link takes 1 to 100,000 answers."),
    ({"topics": ("T-01", "T-99")}, "T-99 is not a product type of the questionnaire."),
    ({"omb_control_number": "1103-117"}, "four digits, a dash and four digits"),
    ({"reminders": (TODAY,)}, "Reminders go out after the first day and by the last one"),
    ({"reminders": (date(2026, 7, 7),)}, "this is outside: 2026-07-07"),
    ({"reminders": tuple(TODAY + timedelta(n) for n in range(1, 7))}, "There are 6 reminders"),
    ({"own_questions": "id: [}"}, "line 1"),
    ({"fusion_center": "EOC-CO"}, "There is no fusion center EOC-CO"),
    ({"fusion_center": "FC-XX"}, "There is no fusion center FC-XX"),
]


def test_what_a_plan_may_not_say(network: Network) -> None:
    for changes, said in WRONG:
        with pytest.raises(Refused) as refused:
            make(network, "", **changes)
        assert said in refused.value.message, changes
        with network.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Survey)) == 0, changes


def test_a_plan_says_back_what_it_was_told(network: Network) -> None:
    plan = replace(
        PLAN,
        recurrence=Recurrence.HALF_YEARLY,
        mode=SurveyMode.ANONYMOUS,
        floor=12,
        introduction="Thank you.",
        topics=("T-01", "T-07"),
        own_questions=OWN,
        sponsor="The center",
        federal_sponsor=True,
        omb_control_number="1103-0117",
        omb_expires=date(2027, 1, 31),
        burden_minutes=9,
        reminders=(date(2026, 6, 22), date(2026, 6, 29)),
        open_link_cap=50,
    )
    public_id = make(network, "", **vars(plan))
    with network.database.reading() as session:
        found = plans.plan_of(session, find(session, public_id))
    assert found == plan
    assert all(getattr(plan, f.name) != f.default for f in fields(plan)), "each field has an unusual value"


def test_codes_of_cycles_are_made_and_given_once(network: Network) -> None:
    ids = [make(network, ""), make(network, ""), make(network, "", fusion_center="FC-WY")]
    with network.database.reading() as session:
        codes = [find(session, public_id).cycle.code for public_id in ids]
    assert codes == ["products-co-2026", "products-co-2026-2", "products-wy-2026"]


def test_the_questionnaire_asks_what_was_chosen_and_the_own_questions_last(network: Network) -> None:
    public_id = make(network, topics=("T-02", "T-07"), own_questions=OWN)
    with network.database.reading() as session:
        asked = plans.questionnaire_of(network.library, find(session, public_id))
    whole = network.library.get(plans.QUESTIONNAIRE)
    assert [q.id for q in plans.topic_questions(asked)] == ["T-02", "T-07"]
    assert [q.id for q in asked.questions if not q.id.startswith(("T-", "OWN-"))] == [
        q.id for q in whole.questions if not q.id.startswith("T-")
    ]
    assert [q.id for q in asked.sections[-1].questions] == ["OWN-01"]
    assert not asked.by_id["OWN-01"].required


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Another"),
        ("opens", date(2026, 6, 16)),
        ("period_from", date(2025, 1, 1)),
        ("period_to", date(2026, 1, 1)),
        ("mode", SurveyMode.ANONYMOUS),
        ("floor", 5),
        ("introduction", "More"),
        ("topics", ("T-01",)),
        ("own_questions", OWN),
        ("sponsor", "Somebody"),
        ("federal_sponsor", True),
        ("omb_control_number", "1103-0117"),
        ("omb_expires", date(2027, 1, 1)),
        ("burden_minutes", 5),
        ("fusion_center", "FC-WY"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_promised_stays_once_it_is_open(network: Network, name: str, value: Any) -> None:
    public_id = make_open(network)
    with network.database.writing() as session:
        survey = find(session, public_id)
        before = plans.plan_of(session, survey)
        with pytest.raises(Refused, match="has opened, so this stays as it is"):
            plans.change_survey(session, network.library, survey, {name: value}, NOW)
        assert plans.plan_of(session, survey) == before


def test_every_field_of_a_plan_is_binding_or_named_as_free() -> None:
    free = {"closes", "recurrence", "reminders", "open_link_cap"}
    assert plans.BINDING | free == set(plans.SurveyPlan.__dataclass_fields__)
    assert not plans.BINDING & free


def test_the_last_day_may_move_while_open_but_not_past_the_control_number(network: Network) -> None:
    number = {
        "federal_sponsor": True,
        "sponsor": "DHS",
        "omb_control_number": "1103-0117",
        "burden_minutes": 9,
    }
    public_id = make_open(network, omb_expires=date(2026, 7, 31), **number)
    with network.database.writing() as session:
        survey = find(session, public_id)
        plans.change_survey(session, network.library, survey, {"closes": date(2026, 7, 31)}, NOW)
        assert survey.cycle.closes_on == date(2026, 7, 31)
        with pytest.raises(Refused, match="before the survey closes on 1 August 2026"):
            plans.change_survey(session, network.library, survey, {"closes": date(2026, 8, 1)}, NOW)


FEDERAL = {
    "federal_sponsor": True,
    "sponsor": "DHS I&A",
    "omb_control_number": "1103-0117",
    "omb_expires": date(2027, 1, 31),
    "burden_minutes": 10,
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"period_from": None}, "Say which period the answers are about."),
        (FEDERAL | {"omb_control_number": ""}, "needs a current OMB control number before it opens"),
        (FEDERAL | {"omb_expires": None}, "Enter the day on which the OMB control number expires."),
        (FEDERAL | {"omb_expires": date(2026, 6, 14)}, "The OMB control number expired on 14 June 2026."),
        (
            FEDERAL | {"omb_expires": date(2026, 7, 5)},
            "expires on 5 July 2026, before the survey closes on 6 July",
        ),
        (FEDERAL | {"burden_minutes": None}, "Enter the burden in minutes"),
        (FEDERAL | {"sponsor": ""}, "Name the federal sponsor."),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_stands_in_the_way_of_opening(network: Network, changes: dict[str, Any], said: str) -> None:
    public_id = make(network, **changes)
    with pytest.raises(Refused) as refused:
        open_plan(network, public_id)
    assert said in refused.value.message
    with network.database.reading() as session:
        assert plans.is_draft(find(session, public_id))


def test_a_federal_sponsor_with_a_current_number_may_open(network: Network) -> None:
    public_id = make_open(network, **FEDERAL | {"omb_expires": date(2026, 7, 6)})
    with network.database.reading() as session:
        assert not plans.is_draft(find(session, public_id))


def test_nobody_asked_and_no_open_link_cannot_open(network: Network) -> None:
    public_id = make(network, "")
    with pytest.raises(Refused, match="Nobody is asked yet"):
        open_plan(network, public_id)
    make_open(network, "", open_link_cap=10)


def test_a_survey_whose_days_are_over_cannot_open_and_one_opens_once(network: Network) -> None:
    late, twice = make(network), make(network)
    open_plan(network, twice)
    with pytest.raises(Refused, match="opened already"):
        open_plan(network, twice)
    network.clock.move(days=40)
    with pytest.raises(Refused, match="Its last day, 2026-07-06, is over"):
        open_plan(network, late)


def test_opened_after_its_first_day_it_begins_today(network: Network) -> None:
    public_id = make(network)
    network.clock.move(days=3)
    open_plan(network, public_id)
    with network.database.reading() as session:
        assert find(session, public_id).cycle.opens_on == date(2026, 6, 18)


def test_a_plan_is_never_closed_and_an_open_one_closes_by_its_last_day(network: Network) -> None:
    plan, opened = make(network), make_open(network)
    with network.database.reading() as session:
        for day, closed in ((date(2026, 7, 6), False), (date(2026, 7, 7), True)):
            assert not plans.is_closed(find(session, plan), day)
            assert plans.is_closed(find(session, opened), day) is closed


def test_who_finds_a_survey(network: Network) -> None:
    public_id = make(network)
    allowed = {
        Action.RUN_SURVEYS: {"director"},
        Action.WATCH_SURVEYS: {"director", "analyst", "admin"},
        Action.READ_SURVEYS: {"director", "analyst"},
    }
    names = ["admin", "director", "analyst", "manager", "staff", "wyoming", "reviewer"]
    for action, expected in allowed.items():
        for name in names:
            with network.database.reading() as session:
                try:
                    plans.find_survey(session, network.person(name), action, public_id)
                    found = True
                except NotFound:
                    found = False
            assert found is (name in expected), f"{name}: {action}"
    with network.database.reading() as session, pytest.raises(NotFound):
        plans.find_survey(session, network.person("director"), Action.RUN_SURVEYS, "not-there")


def test_sharing_is_said_with_name_and_day_and_holds_for_later_surveys(network: Network) -> None:
    by = network.person("director").id
    first = make_open(network)
    with network.database.writing() as session:
        survey = find(session, first)
        sharing.set_shared(session, survey, True, TODAY, NOW, by)
        assert (survey.shared_on, survey.shared_by_id) == (TODAY, by)
        assert plans.facts_of(survey).shared
    with network.database.reading() as session:
        later = find(session, make(network))
        assert (later.shared_on, later.shared_by_id) == (TODAY, by)


def test_sharing_after_the_close_is_refused_and_does_not_hold(network: Network) -> None:
    public_id = make_open(network)
    with network.database.writing() as session:
        survey = find(session, public_id)
        close_cycle(session, survey.cycle.code, NOW, TODAY)
        with pytest.raises(Refused, match="this one has closed"):
            sharing.set_shared(session, survey, True, TODAY, NOW, 1)
        survey.released_on, survey.shared_on = TODAY, date(2026, 6, 16)
        assert not plans.facts_of(survey).shared


def points(network: Network, public_id: str) -> dict[str, bool]:
    with network.database.reading() as session:
        return {p.title: p.met for p in compliance(session, network.library, find(session, public_id))}


def test_the_six_points_of_the_inspector_general(network: Network) -> None:
    every = make(network, recurrence=Recurrence.YEARLY)
    assert points(network, every) == dict.fromkeys(
        [
            "Stand-alone",
            "Periodic",
            "Usefulness",
            "Quality",
            "Products and information",
            "Partners, EOC officials included",
        ],
        True,
    )
    assert not points(network, make(network))["Periodic"]
    assert not points(network, make(network, topics=("T-01", "T-02")))["Products and information"]
    assert not points(network, make(network, topics=("T-07",)))["Products and information"]
    assert points(network, make(network, topics=("T-01", "T-07")))["Products and information"]


@pytest.mark.parametrize(
    ("lines", "met"),
    [
        ("", False),
        ("a@x.example.gov,,,fire_ems,,\n", False),
        ("a@x.example.gov,,,eoc,,\n", False),
        ("a@x.example.gov,,,eoc,,\nb@x.example.gov,,,,,\n", True),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_partners_with_eoc_officials(network: Network, lines: str, met: bool) -> None:
    public_id = make(network, HEADER + lines if lines else "", open_link_cap=10)
    assert points(network, public_id)["Partners, EOC officials included"] is met


def test_own_questions_are_checked_with_all_faults(network: Network) -> None:
    main = network.library.get(plans.QUESTIONNAIRE)
    clash = OWN.replace("OWN-01", "O-01").replace("id: OWN\n", "id: O\n")
    assert own_questions.faults(clash, main) == [
        "O: this section is in the questionnaire already. Give yours another id.",
        "O-01: this question is in the questionnaire already. Give yours another id.",
    ]
    broken = OWN.replace("type: yes_no", "type: perhaps").replace("respondent:", "somebody:")
    found = " ".join(own_questions.faults(broken, main))
    assert "perhaps" in found
    assert "somebody" in found
    many = ""
    for number in range(own_questions.MOST + 1):
        many = own_questions.add_question(many, f"Question {number}?", "short_text")
    assert own_questions.faults(many, main) == ["There are 11 own questions and the limit is 10."]
    assert "characters and the limit" in own_questions.faults("#" * 20_001, main)[0]
    assert "audience" in " ".join(own_questions.faults(OWN.replace("respondents", "sides"), main))


@pytest.mark.parametrize("kind", own_questions.FREE_TYPES)
def test_every_kind_of_own_question_is_sound_and_can_be_taken_away(network: Network, kind: str) -> None:
    main = network.library.get(plans.QUESTIONNAIRE)
    text = own_questions.add_question(OWN, 'A "quoted": question?', kind, ["One", "Two: and more"])
    assert own_questions.faults(text, main) == []
    section = own_questions.section_of(text)
    assert section is not None
    assert [q.id for q in section.questions] == ["OWN-01", "OWN-02"]
    assert own_questions.remove_question(text, "OWN-02") == OWN
    assert own_questions.remove_question(OWN, "OWN-01") == ""


def test_partners_of_the_file_are_there(network: Network) -> None:
    public_id = make(network, PARTNERS)
    with network.database.reading() as session:
        assert plans.asked_count(session, find(session, public_id)) == 2
