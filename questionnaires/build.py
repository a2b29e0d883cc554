"""The frozen Questionnaire of a document in which no problem was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from questionnaires.definition import (
    RESPONDENT,
    YES_AND_NO,
    AnswerOption,
    AnswerType,
    Audience,
    Condition,
    Gate,
    MaturityLevel,
    Mirror,
    OperatingState,
    Question,
    Questionnaire,
    RatingPart,
    RatingSet,
    ResponseScale,
    ScoringRules,
    Section,
    Side,
)
from questionnaires.draft import is_scored, option_code


def build(document: dict[str, Any]) -> Questionnaire:
    """``document`` must be free of problems (``validation.find_problems``)."""
    scales = {name: _scale(name, scale) for name, scale in document.get("scales", {}).items()}
    sets = {name: _rating_set(name, one, scales) for name, one in document.get("rating_sets", {}).items()}
    shared = _Shared(scales, sets, "scoring" in document)
    return Questionnaire(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        sections=tuple(_section(section, shared) for section in document["sections"]),
        introduction=document.get("introduction", ""),
        scoring=_scoring(document["scoring"]) if shared.has_rules else None,
        minutes=document.get("minutes"),
        audience=Audience(document.get("audience", "sides")),
    )


@dataclass(frozen=True)
class _Shared:
    """What questions name and do not hold themselves."""

    scales: dict[str, ResponseScale]
    rating_sets: dict[str, RatingSet]
    has_rules: bool


def _rating_set(name: str, data: dict[str, Any], scales: dict[str, ResponseScale]) -> RatingSet:
    return RatingSet(
        id=name,
        parts=tuple(
            RatingPart(part["id"], part["name"], part["ask"], scales[part["scale"]]) for part in data["parts"]
        ),
        pick=data.get("pick", ""),
        not_applicable=data.get("not_applicable", ""),
    )


def _scale(name: str, data: dict[str, Any]) -> ResponseScale:
    return ResponseScale(
        id=name,
        options=tuple(_option(option) for option in data["options"]),
        instruction=data.get("instruction", ""),
        not_applicable=data.get("not_applicable", ""),
        do_not_know=data.get("do_not_know", ""),
        evidence_from=_number(data.get("evidence_from")),
    )


def _option(data: dict[str, Any]) -> AnswerOption:
    return AnswerOption(
        code=option_code(data) or "",
        label=data["label"],
        anchor=data.get("anchor", ""),
        number=_number(data.get("number")),
        alone=data.get("alone", False),
    )


def _section(data: dict[str, Any], shared: _Shared) -> Section:
    return Section(
        id=data["id"],
        title=data["title"],
        questions=tuple(
            _question(question, shared, data.get("applies_when")) for question in data["questions"]
        ),
        group=data.get("group", ""),
        introduction=data.get("introduction", ""),
    )


def _question(data: dict[str, Any], shared: _Shared, section_applies_when: Any) -> Question:
    own_options = tuple(_option(option) for option in data.get("options", []))
    return Question(
        id=data["id"],
        type=AnswerType(data["type"]),
        wording={party: data["wording"][party] for party in (*Side, RESPONDENT) if party in data["wording"]},
        scale=shared.scales[data["scale"]] if "scale" in data else None,
        options=YES_AND_NO if data["type"] == "yes_no" else own_options,
        rating_set=shared.rating_sets[data["ratings"]] if "ratings" in data else None,
        limit=data.get("limit"),
        scored=is_scored(data, shared.has_rules),
        required=data.get("required", True),
        weight=float(data.get("weight", 1)),
        mirror=Mirror(data.get("mirror", "same")),
        state=OperatingState(data.get("state", "both")),
        why=data.get("why", ""),
        evidence=data.get("evidence", ""),
        action=data.get("action", ""),
        basis=tuple(data.get("basis", [])),
        applies_when=_both(section_applies_when, data.get("applies_when")),
    )


def _both(of_section: Any, of_question: Any) -> Condition | None:
    """Nobody who walks the questions need know of a section's condition: each of its questions has it."""
    conditions = [_condition(one) for one in (of_section, of_question) if one is not None]
    return (
        Condition("all", operands=tuple(conditions)) if len(conditions) == 2 else next(iter(conditions), None)
    )


def _condition(data: dict[str, Any]) -> Condition:
    for operator in ("all", "any"):
        if operator in data:
            return Condition(operator, operands=tuple(_condition(operand) for operand in data[operator]))
    operator, wanted = next((name, value) for name, value in data.items() if name != "question")
    if operator == "answered":
        return Condition(operator, data["question"])
    values = wanted if isinstance(wanted, list) else [wanted]
    return Condition(operator, data["question"], values=tuple(str(value) for value in values))


def _scoring(data: dict[str, Any]) -> ScoringRules:
    return ScoringRules(
        weaker_side_factor=float(data["weaker_side_factor"]),
        domain_coverage=float(data["domain_coverage"]),
        index_coverage=float(data["index_coverage"]),
        critical_weight=float(data["critical_weight"]),
        target=float(data["target"]),
        discuss_at=float(data["discuss_at"]),
        perception_gap=float(data["perception_gap"]),
        perception_gap_items=int(data["perception_gap_items"]),
        strength_from=float(data["strength_from"]),
        gap_to=float(data["gap_to"]),
        agreement_items=int(data["agreement_items"]),
        levels=tuple(_level(level) for level in data["levels"]),
    )


def _level(data: dict[str, Any]) -> MaturityLevel:
    gate = data.get("gate", {})
    return MaturityLevel(
        level=int(data["level"]),
        name=data["name"],
        meaning=data["meaning"],
        from_index=float(data["from"]),
        gate=Gate(
            critical_at_least=_number(gate.get("critical_at_least")),
            domain_at_least=_number(gate.get("domain_at_least")),
            critical_known=gate.get("critical_known", False),
        ),
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
