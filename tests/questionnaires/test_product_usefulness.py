"""The survey of usefulness and quality: its 34 rows, their order, types, codes and scales."""

from __future__ import annotations

from questionnaires import answers
from questionnaires.definition import RESPONDENT, AnswerType

TYPES = {
    AnswerType.SINGLE_CHOICE: "P-01 P-02 P-03",
    AnswerType.MULTIPLE_CHOICE: "P-04 U-02 N-01",
    AnswerType.YES_NO: "P-05",
    AnswerType.GRID_ROW: " ".join(f"T-{n:02}" for n in range(1, 10)),
    AnswerType.DUAL_RATING: " ".join(f"A-{n:02}" for n in range(1, 13)),
    AnswerType.FREQUENCY: "U-01",
    AnswerType.RATING: "U-03 U-04 U-05 S-01 S-02 S-03 S-04 S-05 O-01 O-02 O-03 O-04",
    AnswerType.LONG_TEXT: "N-02",
}
CODES = {
    "P-01": "eoc fire_ems law_enforcement public_health infrastructure executive other",
    "P-02": "state territory tribal regional county city special_district federal private",
    "P-03": "never less_than_monthly monthly weekly daily",
    "P-04": "email hsin other_portal liaison phone_briefing colleague other",
    "P-05": "yes no",
    "U-02": "planning readiness protective_measures briefing public_information training sharing"
    " awareness_only not_used",
    "N-01": "too_late too_many not_relevant too_restricted hard_to_find no_access not_on_list"
    " unsure_how_to_use other nothing",
}
SCALES = {
    "usefulness": "O-01",
    "quality": "O-02",
    "satisfaction": "O-03",
    "change": "O-04",
    "frequency": "U-01",
    "agreement": "U-03 U-04 U-05 S-01 S-02 S-03 S-04 S-05",
}
LABELS = {
    "importance": [
        "Not important", "Slightly important", "Moderately important", "Very important", "Essential",
    ],
    "quality": ["Very poor", "Poor", "Fair", "Good", "Very good"],
    "usefulness": [
        "Not at all useful", "Slightly useful", "Moderately useful", "Very useful", "Extremely useful",
    ],
    "change": ["Much worse", "Worse", "Same", "Better", "Much better"],
    "frequency": ["Never", "Rarely", "Sometimes", "Often", "Always"],
}  # fmt: skip


def test_34_rows_in_the_order_that_a_respondent_meets_them(product_usefulness):
    assert [section.id for section in product_usefulness.sections] == [
        "P",
        "YEAR",
        "T",
        "A",
        "U",
        "S",
        "O",
        "N",
    ]
    ids = [question.id for question in product_usefulness.questions]
    assert [own for own in ids if not own.startswith(f"{product_usefulness.section_of[own].id}-")] == [
        "P-04",
        "P-05",
    ]
    assert len([own for own in ids if not own.startswith("T-")]) + 1 == 34


def test_the_type_of_each_question(product_usefulness):
    found: dict[AnswerType, list[str]] = {}
    for question in product_usefulness.questions:
        found.setdefault(question.type, []).append(question.id)
    assert {kind: " ".join(ids) for kind, ids in found.items()} == TYPES


def test_codes_in_the_order_of_the_options(product_usefulness):
    found = {q.id: " ".join(o.code for o in q.options) for q in product_usefulness.questions if q.options}
    assert found == CODES
    alone = [(q.id, o.code) for q in product_usefulness.questions for o in q.options if o.alone]
    assert alone == [("U-02", "not_used"), ("N-01", "nothing")]


def test_ratings_go_from_1_to_5_with_every_point_labelled_and_a_way_not_to_judge(product_usefulness):
    scales = {q.scale.id: q.scale for q in product_usefulness.questions if q.scale}
    scales |= {p.scale.id: p.scale for q in product_usefulness.questions for p in q.parts}
    for scale in scales.values():
        assert [(option.code, option.number) for option in scale.options] == [
            (str(n), n) for n in range(1, 6)
        ]
        assert scale.do_not_know == ("Cannot say" if scale.id == "change" else "No basis to judge")
        assert not scale.not_applicable
    for name, labels in LABELS.items():
        assert [option.label for option in scales[name].options] == labels
    by_scale = {
        name: " ".join(q.id for q in product_usefulness.questions if q.scale and q.scale.id == name)
        for name in SCALES
    }
    assert by_scale == SCALES


def test_the_parts_are_those_of_the_files(product_usefulness):
    for question in product_usefulness.questions:
        parts = {
            AnswerType.GRID_ROW: [("usefulness", "usefulness"), ("quality", "quality")],
            AnswerType.DUAL_RATING: [("importance", "importance"), ("performance", "quality")],
        }.get(question.type, [])
        assert [(part.id, part.scale.id) for part in question.parts] == parts
    row = product_usefulness.by_id["T-01"]
    assert answers.label(row, answers.parse(row, "NA")) == "Did not receive"


def test_everything_is_asked_of_respondents_and_only_the_comment_may_stay_blank(product_usefulness):
    assert all(set(question.wording) == {RESPONDENT} for question in product_usefulness.questions)
    assert [question.id for question in product_usefulness.questions if not question.required] == ["N-02"]
    assert product_usefulness.by_id["N-02"].text_limit == 1000
    assert not any(question.scored for question in product_usefulness.questions)


def test_page_one_says_what_is_rated(product_usefulness):
    assert product_usefulness.introduction == (
        "Products and information means everything the fusion center sends you: written products, alerts, "
        "briefings, answers to your requests. Think of the last 12 months."
    )
    assert product_usefulness.minutes == 10


def test_every_sentence_is_short(product_usefulness):
    """A respondent reads them on a phone, standing."""
    for question in product_usefulness.questions:
        assert len(question.wording[RESPONDENT].split()) <= 21, question.wording
    for section in product_usefulness.sections:
        assert len(section.introduction.split()) <= 18, section.introduction
