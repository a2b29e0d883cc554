"""The guide for authors is true: its example is sound and does what the text says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from questionnaires import routing
from questionnaires.answers import parse
from questionnaires.definition import TEXT_LIMITS, AnswerType, Side
from questionnaires.loader import MAX_BYTES, MAX_DEPTH, loads
from tests.questionnaires.conftest import SURVEY

GUIDE = Path(__file__).parents[2] / "docs" / "questionnaires.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_example_is_sound_and_asks_what_it_says():
    example, _ = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    found = loads(example)
    assert not any(question.scored for question in found.questions)
    answers = {"LINK-01": parse(found.by_id["LINK-01"], "1")}
    asked = [question.id for question in routing.applicable_questions(found, Side.EOC, answers)]
    assert asked == ["LINK-01", "LINK-02"]
    assert [q.id for q in routing.applicable_questions(found, Side.EOC, {})] == ["LINK-01"]
    assert [q.id for q in routing.applicable_questions(found, Side.FUSION_CENTER, answers)] == ["LINK-01"]


def test_the_example_of_rating_sets_is_sound():
    _, example = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    document = yaml.safe_load(SURVEY) | yaml.safe_load(example)
    document["scales"] |= dict.fromkeys(("importance", "usefulness"), document["scales"]["quality"])
    for question in document["sections"][1]["questions"]:
        question["ratings"] = "product-type"
    found = loads(json.dumps(document))
    assert [part.id for part in found.by_id["P-3"].parts] == ["importance", "performance"]


def test_every_answer_type_is_in_the_table_with_the_limits_of_texts():
    rows = {row.split("`")[1]: row for row in TEXT.splitlines() if re.match(r"\| `[a-z_]+` \|", row)}
    assert set(rows) == set(map(str, AnswerType))
    for kind, limit in TEXT_LIMITS.items():
        assert f"{limit:,}" in rows[kind]


def test_every_condition_is_in_the_table():
    rows = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `{"))
    assert set(re.findall(r"(\w+):", rows)) == routing.OPERATORS | {"question"}


def test_limits_are_those_of_the_loader():
    assert f"at most {MAX_BYTES // 1_000_000} MB" in TEXT
    assert f"at most {MAX_DEPTH} deep" in TEXT
