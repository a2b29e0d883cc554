"""Questionnaires and answer frames for the tests of the calculation, built in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from questionnaires.definition import (
    AnswerOption,
    AnswerType,
    Gate,
    MaturityLevel,
    Mirror,
    Question,
    Questionnaire,
    ResponseScale,
    ScoringRules,
    Section,
    Side,
)

FC, EOC = "fusion_center", "eoc"
NAMES = ("Not started", "Informal", "Partly in place", "In place", "Sustained")

SCALE = ResponseScale(
    id="maturity",
    options=tuple(AnswerOption(str(n), name, number=float(n)) for n, name in enumerate(NAMES)),
    not_applicable="Does not apply",
    do_not_know="Do not know",
    evidence_from=3,
)

LEVELS = (
    MaturityLevel(0, "Not established", "no or chance contact", 0),
    MaturityLevel(1, "Informal", "networking", 20),
    MaturityLevel(2, "Partly in place", "cooperating", 40, Gate(domain_at_least=20)),
    MaturityLevel(3, "In place", "coordinating", 60, Gate(critical_at_least=1, domain_at_least=40)),
    MaturityLevel(
        4,
        "Sustained",
        "collaborating",
        80,
        Gate(critical_at_least=2, domain_at_least=60, critical_known=True),
    ),
)

RULES: dict[str, Any] = {
    "weaker_side_factor": 0.75,
    "domain_coverage": 0.7,
    "index_coverage": 0.75,
    "critical_weight": 2,
    "target": 3,
    "discuss_at": 2,
    "perception_gap": 20,
    "perception_gap_items": 3,
    "strength_from": 3,
    "gap_to": 1,
    "agreement_items": 20,
    "levels": LEVELS,
}

# (id, asked of: "both" | side, weight, ratings of the two sides) of the worked example in part iv.
WORKED_EXAMPLE: tuple[tuple[str, str, float, str | None, str | None], ...] = (
    ("GOV-01", "both", 2, "3", "1"),
    ("GOV-02", "both", 1, "2", "2"),
    ("GOV-03", "both", 2, "3", "2"),
    ("GOV-04", "both", 1, "1", "DK"),
    ("DIS-01", "both", 2, "4", "2"),
    ("DIS-02", "both", 1, "3", "3"),
    ("DIS-03", "both", 1, "3", "1"),
    ("DIS-04", EOC, 1, None, "3"),
    ("DIS-05", FC, 1, "2", None),
    ("ACT-01", "both", 2, "3", "3"),
    ("ACT-02", "both", 2, "2", "1"),
    ("ACT-03", EOC, 1, None, "2"),
    ("ACT-04", "both", 1, "NA", "2"),
    ("ACT-05", "both", 1, "1", "2"),
)

# Items of the real checklist, as "asked of" letters (b both, f, e) with the weight: 59 items, 50 a side.
CHECKLIST_SHAPE = {
    "REL": "b2 b2 b1 b1 b1 b1",
    "GOV": "b2 b1 b2 b1 b1 b1",
    "PLN": "b2 b1 b1 e1 f1 b1",
    "GTH": "e1 e2 f1 b1",
    "PRC": "f1 b1 e1",
    "ANL": "f2 b1 f1 e1 f1",
    "DIS": "b2 b1 b1 e1 f1",
    "REV": "f2 e1 b1 b1",
    "ACT": "b2 b2 e1 b1 b1 b1",
    "SEC": "b2 b1 f2 e1 b1 b1",
    "TRN": "b2 b1 b1 b1",
    "SYS": "b1 b1 b1 b1",
}


def question(
    item: str, asked: str = "both", weight: float = 1, mirror: str = "same", action: str = ""
) -> Question:
    sides = tuple(Side) if asked == "both" else (Side(asked),)
    return Question(
        id=item,
        type=AnswerType.RATING,
        wording={side: f"{item} as asked of {side}" for side in sides},
        scale=SCALE,
        weight=weight,
        mirror=Mirror(mirror),
        action=action or f"Act on {item}",
    )


def questionnaire(questions: Iterable[Question], version: str = "1.0", **rules: Any) -> Questionnaire:
    """Domains are what stands before the dash of an item's id, in the order in which they turn up."""
    domains: dict[str, list[Question]] = {}
    for q in questions:
        domains.setdefault(q.id.split("-")[0], []).append(q)
    sections = tuple(Section(name, f"Domain {name}", tuple(qs)) for name, qs in domains.items())
    return Questionnaire("tiny", version, "Tiny", sections, scoring=ScoringRules(**(RULES | rules)))


def worked_questionnaire(**rules: Any) -> Questionnaire:
    return questionnaire((question(i, asked, w) for i, asked, w, _, _ in WORKED_EXAMPLE), **rules)


def worked_frame() -> pd.DataFrame:
    fusion_center = {i: f for i, _, _, f, _ in WORKED_EXAMPLE if f is not None}
    eoc = {i: e for i, _, _, _, e in WORKED_EXAMPLE if e is not None}
    return frame({FC: fusion_center, EOC: eoc})


def checklist_like(**rules: Any) -> Questionnaire:
    asked = {"b": "both", "f": FC, "e": EOC}
    return questionnaire(
        (
            question(f"{domain}-{n:02}", asked[shape[0]], float(shape[1:]), "own" if n % 3 == 0 else "same")
            for domain, shapes in CHECKLIST_SHAPE.items()
            for n, shape in enumerate(shapes.split(), start=1)
        ),
        **rules,
    )


def value_row(raw: str, text: str = "") -> dict[str, Any]:
    """A file's value as the columns of an answer frame."""
    status = {"NA": "not_applicable", "DK": "do_not_know", "": "unanswered"}.get(raw, "answered")
    number = float(raw) if status == "answered" else float("nan")
    return {"status": status, "number": number, "option": None, "text": text}


def frame(
    answers: Mapping[str, Mapping[str, str]], notes: Mapping[tuple[str, str], str] | None = None
) -> pd.DataFrame:
    """side -> item -> "0".."4", "NA", "DK" or "" as an answer frame of one pair."""
    rows = [
        {"side": side, "question": item, **value_row(raw, (notes or {}).get((side, item), ""))}
        for side, given in answers.items()
        for item, raw in given.items()
    ]
    return pd.DataFrame(rows, columns=["side", "question", "status", "number", "option", "text"])


def frames_of(pairs: Mapping[Any, Mapping[str, Mapping[str, str]]]) -> pd.DataFrame:
    """pair -> answers of one pair, as one answer frame with a ``pair`` column."""
    parts = [frame(answers).assign(pair=pair) for pair, answers in pairs.items()]
    return pd.concat(parts, ignore_index=True)
