"""What the pair report's page shows, by state: one dictionary for the template, nothing computed in it.

Knows no Flask. Everything in the dictionary may be read by the person it was made for: what they may not
read is not in the report that comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from assessment.access import Action, Person, may, own_side
from assessment.cycles.services import state_of, title_of
from assessment.frames import PairInCycle
from assessment.models.cycles import Cycle
from assessment.models.responses import Response, ResponseStatus
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library
from reports import figures, pair_rows, sentences
from reports.comparison import Quadrant
from reports.figure_style import SIDE_LABELS
from reports.gathering import GatheredPair
from reports.maturity import PairStatus, item_bounds, score_bounds, shown
from reports.pair import PairReport, plain
from reports.pair_rows import Row

FIRST = 5  # improvements, and items to talk about, before the rest is folded away


class PageState(StrEnum):
    COMPLETE = "complete"
    INSUFFICIENT = "insufficient"
    OWN_PROFILE = "own_profile"  # one side, read by that side
    WAITING = "waiting"  # nothing that this reader may read yet


def pair_page(
    found: GatheredPair,
    library: Library,
    person: Person,
    *,
    today: date | None = None,
    cycles: Sequence[Cycle] = (),
) -> dict[str, Any]:
    """The template's context.

    ``today`` in the zone of the cycles (UTC where it is not given); ``cycles`` are those of this pair that
    the person may open.
    """
    place, report = found.place, found.report
    questionnaire = library.get(place.cycle.questionnaire_id, place.cycle.version)
    reader = own_side(person, place.facts)
    state = _state(found)
    page = {
        "state": str(state),
        "place": place,
        "reader": str(reader) if reader else None,
        "questionnaire": questionnaire,
        "cycle_state": str(state_of(place.cycle, today or datetime.now(UTC).date())),
        "synthetic_cycle": report.synthetic,
        "cycle_choices": cycles,
        "has_figures": state is not PageState.WAITING,
        "sentences": _waiting_sentences(place) if state is PageState.WAITING else sentences.opening(report),
        "basis": _basis(place),
        "progress": _progress(place, person),
        "partner": _partner(place, reader),
        "own_response": _own_response(place, person, reader),
    }
    if state is PageState.WAITING:
        return page
    rows = pair_rows.item_rows(report, questionnaire, reader)
    page |= {"items": rows, "filter_items": _item_filter(rows), "domains": _domain_names(report)}
    page |= {"evidence": _evidence(report), "extras": _extras(report, questionnaire, reader)}
    if state is PageState.OWN_PROFILE:
        return page | _own_profile(report, rows)
    return page | _joint(report, rows, reader) | {"change": _change(report, place.cycle, cycles)}


def _state(found: GatheredPair) -> PageState:
    """By what this reader may read, not by what is there."""
    if not found.place.readable:
        return PageState.WAITING
    if found.report.status is PairStatus.COMPLETE:
        return PageState.COMPLETE
    return PageState.INSUFFICIENT if found.report.revealed else PageState.OWN_PROFILE


def _waiting_sentences(place: PairInCycle) -> tuple[str, str, str]:
    """Three sentences where there is nothing to read: how far it is, and how it goes on."""
    given = {
        0: "Neither side has submitted its answers yet.",
        1: "One of the two sides has submitted its answers.",
    }
    return (
        given.get(len(place.facts.submitted), "Both sides have submitted their answers."),
        "Each side answers alone and cannot see the other's answers.",
        "When both have submitted, both read the same report.",
    )


def _basis(place: PairInCycle) -> list[Row]:
    """Of each side that may be read: when it submitted and how many people took part."""
    return [
        {
            "side": str(side),
            "submitted_at": response.submitted_at,
            "participants": response.participants,
            "edition": response.edition,
        }
        for side, response in place.responses.items()
        if side in place.readable and response.status == ResponseStatus.SUBMITTED
    ]


def _progress(place: PairInCycle, person: Person) -> list[Row]:
    """How far each side is, for those who may know that; never what it answered."""
    if not may(person, Action.SEE_PROGRESS, place.facts):
        return []
    centers = {Side.FUSION_CENTER: place.fusion_center, Side.EOC: place.eoc}
    return [
        {"side": str(side), "name": centers[side].name, "words": _how_far(response)}
        for side, response in place.responses.items()
    ]


def _how_far(response: Response) -> str:
    if response.status == ResponseStatus.SUBMITTED:
        return "submitted"
    if response.edition > 1:
        return "reopened, not submitted again"
    return "started, not submitted" if response.last_question else "not started"


def _partner(place: PairInCycle, reader: Side | None) -> str:
    """The other center's name, for a reader with a side."""
    if reader is None:
        return "the other side"
    return str((place.eoc if reader is Side.FUSION_CENTER else place.fusion_center).name)


def _own_response(place: PairInCycle, person: Person, reader: Side | None) -> Row | None:
    """The reader's own form: where to go on, or where the receipt is."""
    if reader is None or not may(person, Action.ANSWER, place.facts, reader):
        return None
    response = place.responses[reader]
    submitted = response.status == ResponseStatus.SUBMITTED
    return {
        "public_id": response.public_id,
        "submitted": submitted,
        "reopened": not submitted and response.edition > 1,
        "started": response.last_question is not None or response.edition > 1,
    }


def _domain_names(report: PairReport) -> list[Row]:
    return pair_rows.records(report.domains[["id", "title"]])


def _item_filter(rows: list[Row]) -> Callable[[Mapping[str, str]], Row]:
    """From what the address asks for (domain, state, discuss) to the items that fit."""

    def chosen(wanted: Mapping[str, str]) -> Row:
        domain, state = wanted.get("domain", ""), wanted.get("state", "")
        discuss = wanted.get("discuss", "") == "1"
        fitting = [
            row
            for row in rows
            if domain in ("", row["domain"])
            and state in ("", row["state"])
            and (row["discuss"] or not discuss)
        ]
        return {"rows": fitting, "domain": domain, "state": state, "discuss": discuss}

    return chosen


def _evidence(report: PairReport) -> list[Row]:
    """Ratings that ask for a note and those without one, of the sides in the report."""
    return [row for row in pair_rows.records(report.evidence) if row["side"] in report.sides]


def _extras(report: PairReport, questionnaire: Questionnaire, reader: Side | None) -> list[Row]:
    """The unscored questions: what each side in the report chose, in words."""
    found = []
    for row in pair_rows.records(report.extras):
        question = questionnaire.by_id[row["question"]]
        options = {option.code: option for option in question.choices}
        answers = [
            {"side": side, "option": options.get(row[side]), "code": row[side]}
            for side in report.sides
            if question.asked_of(Side(side))
        ]
        if answers:
            wording = question.wording.get(reader) if reader else None
            wording = wording or question.wording[Side(answers[0]["side"])]
            found.append({"id": question.id, "wording": wording, "answers": answers})
    return found


def _own_profile(report: PairReport, rows: list[Row]) -> Row:
    """One side's own numbers; reads no other side's columns."""
    own, of = report.sides[0], pair_rows.by_id(rows)
    low = report.items[report.items[own] <= report.rules.gap_to]
    low = low.sort_values(["critical", own], ascending=[False, True], kind="stable")
    return {
        "own": own,
        "profile": figures.as_json(figures.profile(report.domains, own, report.rules)),
        "profile_sentence": sentences.domains(report),
        "profile_table": pair_rows.own_domain_table(report, own),
        "lowest": [of[item] for item in low["item"]],
        "rules": report.rules,
        "size": _size(len(report.domains)),
    }


def _size(rows: int) -> str:
    """The room that the page keeps for a chart with a row a domain."""
    return "tall" if rows > 9 else "medium" if rows > 4 else "short"


def _joint(report: PairReport, rows: list[Row], reader: Side | None) -> Row:
    """What both sides read, in the order of the page."""
    of = pair_rows.by_id(rows)
    talk = [of[item] for item in report.talk_about["item"]]
    return {
        "standing": _standing(report, of),
        "size": _size(len(report.domains)),
        "dumbbell": figures.as_json(figures.dumbbell(report.domains, report.rules)),
        "dumbbell_sentence": sentences.domains(report),
        "dumbbell_table": pair_rows.domain_table(report),
        "improvements": _improvements(report, of),
        "talk": talk,
        "first": FIRST,
        "matrix": figures.as_json(figures.answer_matrix(report.answer_matrix)),
        "matrix_sentence": sentences.matrix(report),
        "matrix_table": pair_rows.matrix_table(report),
        "quadrants": _quadrants(report, of, reader),
        "quadrant_sentence": sentences.quadrants(report),
        "agreement": _agreement(report),
        "find_first": [of[item] for item in report.find_first["item"]],
        "scope_conflicts": [of[item] for item in report.scope_conflicts["item"]],
        "unknowns": [of[item] for item in report.unknowns["item"]],
        "coverage_table": pair_rows.coverage_table(report),
        "rules": report.rules,
    }


def _standing(report: PairReport, of: Mapping[str, Row]) -> Row:
    """Index and level, each level with its band, and what held the level back."""
    levels = report.rules.levels
    ends = [*(level.from_index for level in levels[1:]), 100.0]
    index = None if report.index is None else shown(report.index, score_bounds(report.rules))
    return {
        "index": index,
        "level": report.level,
        "band": report.band,
        "levels": [
            {"level": level, "from": f"{level.from_index:g}", "to": f"{end:g}"}
            for level, end in zip(levels, ends, strict=True)
        ],
        "held_back_by": [_held_back(report, name, of) for name in report.held_back_by],
        "not_known": [of[item] for item in report.not_known],
        "reportable_domains": report.reportable_domains,
        "domains_in_base": report.domains_in_base,
    }


def _held_back(report: PairReport, name: str, of: Mapping[str, Row]) -> Row:
    """An item or a domain that fails the gate, with what it has and what the level asks for."""
    assert report.band is not None
    gate = report.band.gate
    if name in of:
        joint: float | None = plain(report.items.set_index("item")["joint"][name])
        least = (
            f"every critical item needs at least {gate.critical_at_least:g}" if gate.critical_at_least else ""
        )
        if joint is None:
            return {"item": of[name], "has": "not known", "needs": "every critical item must be known"}
        return {
            "item": of[name],
            "has": f"joint score {shown(joint, item_bounds(report.rules), 2)}",
            "needs": least,
        }
    row = next(row for row in pair_rows.records(report.domains) if row["id"] == name)
    score = shown(row["joint"], score_bounds(report.rules), 1)
    needs = f"every domain needs at least {gate.domain_at_least:g}"
    return {"title": row["title"], "has": f"joint score {score} of 100", "needs": needs}


def _improvements(report: PairReport, of: Mapping[str, Row]) -> list[Row]:
    return [
        of[row["item"]] | {"priority": shown(row["priority"], (), 2)}
        for row in pair_rows.records(report.improvements[["item", "priority"]])
    ]


def _quadrants(report: PairReport, of: Mapping[str, Row], reader: Side | None) -> list[Row]:
    """The quadrants as lists, headed by what to do with them from where the reader stands."""
    high, low = f"{report.rules.strength_from:g}", f"{report.rules.gap_to:g}"
    headings = {
        Quadrant.SHARED_STRENGTH: ("Keep", f"Shared strength: both sides answered {high} or more."),
        Quadrant.SHARED_GAP: ("Build together", f"Shared gap: both sides answered {low} or less."),
        **{name: _higher(side, reader) for name, side in _HIGHER.items()},
        Quadrant.SAME_PARTLY: (
            "Finish together",
            "Same, partly in place: both sides gave the same answer in between.",
        ),
    }
    return [
        {
            "name": str(name),
            "heading": heading,
            "meaning": meaning,
            "items": [of[item] for item in report.quadrant(str(name))["item"]],
        }
        for name, (heading, meaning) in headings.items()
    ]


_HIGHER = {Quadrant.FUSION_CENTER_HIGHER: Side.FUSION_CENTER, Quadrant.EOC_HIGHER: Side.EOC}


def _higher(side: Side, reader: Side | None) -> tuple[str, str]:
    """Whoever is higher explains what it sees or does; the other listens."""
    name = SIDE_LABELS[str(side)]
    meaning = f"{name} higher: "
    if reader is None:
        return f"The {side.words} explains", meaning + f"the {side.other.words} listens."
    if reader is side:
        return "Explain", meaning + "say what you do or see that the other side may not know of."
    return "Listen", meaning + "ask what they do or see that you may not know of."


def _agreement(report: PairReport) -> Row:
    found = report.agreement
    return {
        "index": None if found.index is None else shown(found.index),
        "items": found.items,
        "counts": [
            ("Same", found.same),
            ("Close (one apart)", found.close),
            ("Apart (two or more)", found.apart),
        ],
        "exact": None if found.exact is None else shown(100 * found.exact),
        "within_one": None if found.within_one is None else shown(100 * found.within_one),
        "difference": pair_rows.signed(found.difference, (), 4, 2),
        "weighted_kappa": pair_rows.number(found.weighted_kappa, (), 2),
        "icc": pair_rows.number(found.icc, (), 2),
    }


def _change(report: PairReport, now: Cycle, cycles: Sequence[Cycle]) -> Row | None:
    if report.trend is None:
        return None
    before = title_of(report.trend.previous_cycle, cycles)
    return {
        "figure": figures.as_json(figures.slopes(report.trend, before, now.title, report.rules)),
        "sentence": sentences.trend(report),
        "table": pair_rows.trend_table(report),
    }
