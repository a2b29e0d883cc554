"""From file to questionnaire: what is read comes out as written, and nothing hostile gets in."""

from __future__ import annotations

import time

import pytest
import yaml

from questionnaires.definition import AnswerOption, AnswerType, Condition, Gate, Mirror, OperatingState, Side
from questionnaires.loader import MAX_BYTES, DefinitionError, load, loads


def sentence(text: str) -> str:
    """The one problem of ``text``."""
    with pytest.raises(DefinitionError) as caught:
        loads(text)
    assert len(caught.value.problems) == 1, caught.value.problems
    return caught.value.problems[0].message


def written(document) -> str:
    return yaml.safe_dump(document, sort_keys=False)


def test_what_is_written_comes_out(sound):
    sound["introduction"], sound["minutes"] = "Hello", 5
    sound["sections"][0]["questions"][0] |= {
        "mirror": "own", "state": "active", "why": "W", "evidence": "E", "basis": ["CPG", "OIG"],
    }  # fmt: skip
    found = loads(written(sound))
    assert (found.id, found.version, found.title, found.introduction, found.minutes) == (
        "tiny", "1.0", "Tiny", "Hello", 5,
    )  # fmt: skip
    first = found.by_id["A-1"]
    assert (first.type, first.scored, first.required, first.weight) == (AnswerType.RATING, True, True, 2.0)
    assert (first.mirror, first.state, first.why) == (Mirror.OWN, OperatingState.ACTIVE, "W")
    assert (first.evidence, first.action, first.basis) == ("E", "Call", ("CPG", "OIG"))
    assert first.wording == {Side.FUSION_CENTER: "We call.", Side.EOC: "We call."}
    assert first.scale is not None
    assert first.scale.options[2] == AnswerOption(code="2", label="All", number=2.0)
    assert (first.scale.not_applicable, first.scale.evidence_from) == ("Does not apply", 2.0)
    assert found.by_id["B-1"].sides == (Side.FUSION_CENTER,)
    assert found.by_id["C-2"].applies_when == Condition("is", "C-1", values=("left",))


def test_the_scoring_rules_come_out(sound):
    rules = loads(written(sound)).scoring
    assert rules is not None
    assert (rules.weaker_side_factor, rules.domain_coverage, rules.index_coverage) == (0.75, 0.7, 0.75)
    assert (rules.critical_weight, rules.target, rules.discuss_at) == (2.0, 2.0, 1.0)
    assert (rules.perception_gap, rules.perception_gap_items, rules.agreement_items) == (20.0, 3, 20)
    assert (rules.strength_from, rules.gap_to) == (2.0, 1.0)
    assert [(level.level, level.name, level.from_index) for level in rules.levels] == [
        (0, "Low", 0.0), (1, "Middle", 40.0), (2, "High", 80.0),
    ]  # fmt: skip
    assert [level.gate for level in rules.levels] == [
        Gate(), Gate(domain_at_least=20.0), Gate(critical_at_least=1.0, critical_known=True),
    ]  # fmt: skip


def test_ratings_are_scored_where_there_are_rules_and_choices_never(sound):
    found = loads(written(sound))
    assert [q.id for q in found.questions if q.scored] == ["A-1", "A-2", "B-1", "B-2"]
    del sound["scoring"]
    assert not any(q.scored for q in loads(written(sound)).questions)


def test_nested_conditions_come_out(sound):
    sound["sections"][1]["questions"][3]["applies_when"] = {
        "all": [
            {"question": "A-1", "at_least": 1},
            {"any": [{"question": "C-1", "one_of": ["left", "right"]}]},
        ]
    }
    condition = loads(written(sound)).by_id["C-2"].applies_when
    assert condition == Condition(
        "all",
        operands=(
            Condition("at_least", "A-1", values=("1",)),
            Condition("any", operands=(Condition("one_of", "C-1", values=("left", "right")),)),
        ),
    )


def test_words_that_yaml_takes_for_something_else_stay_words(sound):
    text = written(sound).replace("label: Left", "label: No").replace("title: First", "title: 2026-11-20")
    found = loads(text.replace("label: Right", "label: 10:30").replace("label: Nothing", "label: off"))
    assert [option.label for option in found.by_id["C-1"].options] == ["No", "10:30"]
    assert found.sections[0].title == "2026-11-20"
    assert found.by_id["A-1"].scale.options[0].label == "off"


def test_a_field_given_twice_is_named_with_its_element_and_lines(sound):
    text = written(sound).replace("    action: Call\n", "    action: Call\n    weight: 3\n")
    text = text.replace("title: Tiny\n", "title: Tiny\ntitle: Again\n")
    first, second = (text.splitlines().index(f"    weight: {weight}") + 1 for weight in (2, 3))
    with pytest.raises(DefinitionError) as caught:
        loads(text)
    problems = [(problem.element, problem.message) for problem in caught.value.problems]
    assert problems == [
        ("questionnaire", '"title" is given twice, in line 3 and in line 4.'),
        ("A-1", f'"weight" is given twice, in line {first} and in line {second}.'),
    ]


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1e999", "1.0e+999"])
def test_numbers_that_are_none_are_refused(sound, number):
    text = written(sound).replace("    weight: 2", f"    weight: {number}")
    assert sentence(text) == f'"weight" must be a number; it is "{number}".'


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n"])
def test_an_empty_file_is_said_to_be_empty(text):
    assert sentence(text) == "The file is empty."


@pytest.mark.parametrize("text", ["just words", "- a\n- list\n", "42"])
def test_a_file_that_is_no_block_of_fields_is_refused(text):
    assert sentence(text).startswith("It must be a block of fields")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2\n", "line 2"),
        ("a: b: c", "line 1, column 5"),
        ("id: x\n\ttitle: y", "line 2"),
        ("a: 'b", "line 1"),
    ],
)
def test_broken_yaml_is_named_by_line(text, place):
    found = sentence(text)
    assert found.startswith("The file cannot be read")
    assert place in found


def test_two_documents_in_one_file_are_refused(sound):
    assert "expected a single document" in sentence(f"{written(sound)}---\n{written(sound)}")


BILLION_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + earlier] * 9)}]\n"
    for earlier, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (BILLION_LAUGHS, "references (& and *) are not allowed"),
        ("a: &a [*a]\n", "references (& and *) are not allowed"),
        ("id: &x tiny\n", "references (& and *) are not allowed"),
        ("[" * 100_000, "nested more than 30 deep"),
        ("{a: " * 100_000, "nested more than 30 deep"),
        ("- " * 100_000, "nested more than 30 deep"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
        ("? [a]\n: b", "unhashable"),
        ("a: !!int x", "value that cannot be read"),
        ("a: \x00", "cannot be read"),
    ],
)
def test_hostile_yaml_is_refused_quickly_with_one_sentence(text, part):
    start = time.perf_counter()
    found = sentence(text)
    assert part in found
    assert len(found) < 300
    assert time.perf_counter() - start < 2


def test_a_merge_key_is_just_an_unknown_field(sound):
    assert 'no field "<<" here' in sentence(written(sound | {"<<": {"minutes": 5}}))


def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "tiny" / "1.0.yaml"
    path.parent.mkdir()
    path.write_bytes(b"\xff" * (MAX_BYTES + 1))
    with pytest.raises(DefinitionError, match="larger than 1,000 kB"):
        load(path)
    with pytest.raises(DefinitionError, match="larger than 1,000 kB"):
        loads("#" * (MAX_BYTES + 1))


def test_many_faults_do_not_take_for_ever():
    text = "id: x\n" + "".join(f"field{number}: 1\n" for number in range(20_000))
    start = time.perf_counter()
    with pytest.raises(DefinitionError):
        loads(text)
    assert time.perf_counter() - start < 5


def test_a_file_that_is_not_utf8_is_refused(tmp_path, sound):
    path = tmp_path / "tiny" / "1.0.yaml"
    path.parent.mkdir()
    path.write_bytes(written(sound).encode() + b"\n# \xe9")
    with pytest.raises(DefinitionError, match="not UTF-8"):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path, sound):
    path = tmp_path / "tiny" / "1.0.yaml"
    path.parent.mkdir()
    path.write_text(written(sound), encoding="utf-8-sig")
    assert load(path).id == "tiny"


@pytest.mark.parametrize(
    "place", ["tiny/1.1.yaml", "other/1.0.yaml", "tiny/1.0.yml", "1.0.yaml", "Tiny/1.0.yaml"]
)
def test_the_place_of_a_file_agrees_with_what_it_says(tmp_path, sound, place):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(sound))
    with pytest.raises(DefinitionError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.message.startswith("The file must be tiny/1.0.yaml, as its id and version say; it is ")


def test_a_link_counts_by_its_own_place(tmp_path, sound):
    (tmp_path / "stored.txt").write_text(written(sound))
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "1.0.yaml").symlink_to(tmp_path / "stored.txt")
    assert load(tmp_path / "tiny" / "1.0.yaml").id == "tiny"


def test_place_shape_and_meaning_are_told_in_one_run(tmp_path, sound):
    sound["sections"][0]["questions"][0] |= {"weight": "two"}
    sound["sections"][0]["questions"][1] |= {"scale": "nowhere"}
    path = tmp_path / "elsewhere.yaml"
    path.write_text(written(sound).replace("title: Tiny\n", "title: Tiny\ntitle: Tiny\n"))
    with pytest.raises(DefinitionError) as caught:
        load(path)
    assert sorted(problem.element for problem in caught.value.problems) == [
        "A-1", "A-2", "questionnaire", "questionnaire",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_said_so(tmp_path, name):
    with pytest.raises(DefinitionError, match="cannot be read"):
        load(tmp_path / name)
