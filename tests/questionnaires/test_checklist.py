"""The published questionnaires: what the checklist holds, and that no published file is edited."""

from __future__ import annotations

import hashlib
import re

import pytest
import yaml

from questionnaires.definition import AnswerType, Gate, Mirror, OperatingState, Side
from questionnaires.library import BUILT_IN, definition_files
from tests.questionnaires.conftest import DEFINITIONS

PUBLISHED = {
    "cpg502-checklist/1.0.yaml": "0b499c946744eeb3a56291643d8a4294c158fc3e99dd40a505c7a9304fee9178",
    "product-usefulness/1.0.yaml": "e4e30f46ad0ea654db92310ebc698d3f8ff754db2ecd9b904b5449fd8eb55de3",
}

# section: its items as (number, sides asked, operating state, weight): B both, F fusion center, E EOC
CONTENT = {
    "REL": "1BS2 2BS2 3BS1 4BS1 5BS1 6BS1",
    "GOV": "1BB2 2BB1 3BB2 4BS1 5BS1 6BS1",
    "PLN": "1BS2 2BB1 3BS1 4EB1 5FS1 6BB1",
    "GTH": "1ES1 2EB2 3FB1 4BS1",
    "PRC": "1FB1 2BA1 3EA1",
    "ANL": "1FS2 2BB1 3FA1 4EB1 5FB1",
    "DIS": "1BS2 2BB1 3BB1 4EA1 5FS1",
    "REV": "1FS2 2ES1 3BS1 4BB1",
    "ACT": "1BA2 2BA2 3EA1 4BA1 5BA1 6BA1",
    "SEC": "1BB2 2BS1 3FB2 4EB1 5BA1 6BS1",
    "TRN": "1BS2 2BS1 3BB1 4BS1",
    "SYS": "1BS1 2BA1 3BB1 4BB1",
}
UNNAMED = {"SEC-02"}  # both sides speak of the EOC's positions; the EOC says "our positions"
OWN = {"REL-01", "REL-02", "REL-03", "REL-06", "GOV-02", "GOV-03", "GOV-06", "ACT-02", "SEC-01", "TRN-02"}


def test_published_files_are_never_edited():
    found = {
        str(path.relative_to(BUILT_IN)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in definition_files(BUILT_IN)
    }
    assert found == PUBLISHED, (
        "A published questionnaire was edited, or a new one has no checksum here. Answers were given to its "
        "words: make a new version (a new file) and add its SHA-256 to PUBLISHED."
    )


def test_published_files_read_the_same_where_yaml_has_no_c_parser():
    for path in definition_files(BUILT_IN):
        text = path.read_text(encoding="utf-8")
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(
            text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )


def in_short(question) -> str:
    sides = "B" if question.shared else {Side.FUSION_CENTER: "F", Side.EOC: "E"}[question.sides[0]]
    state = {OperatingState.STEADY: "S", OperatingState.ACTIVE: "A", OperatingState.BOTH: "B"}[question.state]
    return f"{int(question.id[-2:])}{sides}{state}{question.weight:g}"


def test_items_sides_states_and_weights(checklist):
    found = {
        section.id: " ".join(in_short(question) for question in section.scored_questions)
        for section in checklist.sections
    }
    assert found == CONTENT
    assert list(found) == list(CONTENT)
    assert all(q.id.startswith(f"{checklist.section_of[q.id].id}-") for q in checklist.questions if q.scored)


def test_59_items_50_of_each_side(checklist):
    scored = [question for question in checklist.questions if question.scored]
    assert len(scored) == 59
    assert [sum(q.asked_of(side) for q in scored) for side in Side] == [50, 50]


def test_the_extras_come_last_in_rel_and_score_nothing(checklist):
    extras = checklist.section("REL").questions[6:]
    assert [question.id for question in extras] == ["GUIDE", "REL-G"]
    assert len(checklist.questions) == 61
    for question in extras:
        assert (question.type, question.scored, question.required) == (AnswerType.SINGLE_CHOICE, False, False)
        assert question.shared
    assert [option.code for option in extras[0].options] == ["not_seen", "seen_not_used", "used"]
    assert [option.code for option in extras[1].options] == ["0", "1", "2", "3", "4", "5"]
    assert all(option.anchor for option in extras[1].options)


def test_mirror_is_own_exactly_where_each_side_describes_its_half(checklist):
    scored = [question for question in checklist.questions if question.scored]
    assert {q.id for q in scored if q.mirror is Mirror.OWN} == OWN


def test_the_scale(checklist):
    scale = checklist.scale
    assert [(option.code, option.number, option.label) for option in scale.options] == [
        ("0", 0.0, "Not started"),
        ("1", 1.0, "Informal"),
        ("2", 2.0, "Partly in place"),
        ("3", 3.0, "In place"),
        ("4", 4.0, "Sustained"),
    ]
    assert all(option.anchor for option in scale.options)
    assert (scale.not_applicable, scale.do_not_know) == ("Does not apply to us", "We do not know")
    assert scale.evidence_from == 3.0
    for rule in ("weakest part", 'choose 0, not "does not apply"', "from your plans and exercises"):
        assert rule in scale.instruction


@pytest.mark.parametrize("name", ["cpg502-checklist", "worked-example"])
def test_the_scoring_rules(name, checklist, tiny):
    rules = (checklist if name == checklist.id else tiny.get(name)).scoring
    assert (rules.weaker_side_factor, rules.domain_coverage, rules.index_coverage) == (0.75, 0.70, 0.75)
    assert (rules.critical_weight, rules.target, rules.discuss_at) == (2, 3, 2)
    assert (rules.perception_gap, rules.perception_gap_items) == (20, 3)
    assert (rules.strength_from, rules.gap_to, rules.agreement_items) == (3, 1, 20)
    assert [(level.level, level.name, level.from_index, level.gate) for level in rules.levels] == [
        (0, "Not established", 0, Gate()),
        (1, "Informal", 20, Gate()),
        (2, "Partly in place", 40, Gate(domain_at_least=20)),
        (3, "In place", 60, Gate(critical_at_least=1, domain_at_least=40)),
        (4, "Sustained", 80, Gate(critical_at_least=2, domain_at_least=60, critical_known=True)),
    ]


def test_every_item_has_its_help(checklist):
    for question in checklist.questions:
        assert question.why, question.id
        assert len(re.findall(r"[.?!](?:\s|$)", question.why)) in (1, 2), question.why
        assert question.basis, question.id
        if question.scored:
            assert question.evidence, question.id
            assert question.action, question.id


def test_every_section_is_introduced_in_one_sentence(checklist):
    for section in checklist.sections:
        assert section.group
        assert section.introduction.endswith(".")
        assert section.introduction.count(".") == 1


def test_no_item_claims_a_step_or_page_of_the_guide(checklist):
    text = (BUILT_IN / "cpg502-checklist" / "1.0.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(step|page|section|chapter)\s+\d", text, re.IGNORECASE)


@pytest.mark.parametrize("side", list(Side))
def test_each_side_reads_about_itself_as_we_and_the_other_by_name(checklist, side):
    """An item asked of both names the other side; nobody is told about their own center by its kind."""
    ours = {Side.FUSION_CENTER: r"\bour fusion center\b", Side.EOC: r"\bthe EOC\b"}[side]
    theirs = {Side.FUSION_CENTER: r"\bEOC\b|[Ee]mergency management", Side.EOC: r"[Ff]usion center"}[side]
    for question in checklist.questions:
        words = question.wording.get(side, "")
        assert not re.search(ours, words), words
        if question.shared and question.scored and question.id not in UNNAMED:
            assert re.search(theirs, words), words


def test_shared_items_that_describe_one_fact_say_the_same_but_for_the_names(checklist):
    assert checklist.by_id["ACT-01"].wording[Side.EOC] == checklist.by_id["ACT-01"].wording[
        Side.FUSION_CENTER
    ].replace("the EOC", "the fusion center")


def test_the_worked_example_has_its_14_items_as_the_checklist_has_them(checklist, tiny):
    example = tiny.get("worked-example")
    assert [section.id for section in example.domains] == ["GOV", "DIS", "ACT"]
    assert " ".join(in_short(question) for question in example.questions) == (
        "1BB2 2BB1 3BB2 4BS1 1BS2 2BB1 3BB1 4EA1 5FS1 1BA2 2BA2 3EA1 4BA1 5BA1"
    )
    for question in example.questions:
        assert question == checklist.by_id[question.id]


def test_definitions_of_the_tests_are_not_published():
    assert not {path.parent.name for path in definition_files(DEFINITIONS)} & {
        path.parent.name for path in definition_files(BUILT_IN)
    }
