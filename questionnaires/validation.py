"""What must be true of a questionnaire beyond its shape: small rules, all of them asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from questionnaires import conditions, shape
from questionnaires.answer_values import RESERVED_CODES
from questionnaires.definition import AnswerType, Audience, Side
from questionnaires.draft import WHOLE, Draft, Problem, option_code, party_words, scale_numbers

__all__ = ["RULES", "Problem", "find_problems"]

# A section's id is its page's address, and these addresses are taken.
TAKEN_ADDRESSES = frozenset({"review", "submit", "submitted", "receipt", "save", "print"})


def find_problems(document: Any) -> list[Problem]:
    """All faults of a definition as read from its file, of shape and of meaning, in file order.

    A rule of meaning is not asked about a value whose shape is wrong already.
    """
    problems, draft = shape.check(document)
    for rule in RULES:
        problems += rule(draft)
    places = {element: place for place, element in enumerate(draft.elements)}
    return sorted(dict.fromkeys(problems), key=lambda problem: places.get(problem.element, -1))


# --- ids and codes


def ids_are_unique(draft: Draft) -> Iterator[Problem]:
    """Across sections and questions, whatever the capitals: reports name both kinds in one list."""
    taken: dict[str, str] = {}
    named = [(element, section.get("id")) for element, section in draft.sections]
    named += [(question.element, question.id) for question in draft.questions]
    for element, own in named:
        if own is None:
            continue
        earlier = taken.get(own.lower())
        taken.setdefault(own.lower(), own)
        if earlier == own:
            yield Problem(element, f'The id "{own}" is used more than once. Give each part its own.')
        elif earlier:
            yield Problem(element, f'The id "{own}" differs from "{earlier}" only in capitals.')


def addresses_are_free(draft: Draft) -> Iterator[Problem]:
    ids = {section["id"].lower() for _, section in draft.sections if "id" in section}
    for element, section in draft.sections:
        own = section.get("id", "")
        head, _, number = own.rpartition("-")
        if own.lower() in TAKEN_ADDRESSES:
            yield Problem(element, f'The id "{own}" is the address of another page. Choose another id.')
        elif number.isdigit() and head.lower() in ids:
            yield Problem(element, f'The id "{own}" may become the address of a further page of "{head}".')


def codes_are_unique(draft: Draft) -> Iterator[Problem]:
    for element, part in _with_options(draft):
        codes = [option_code(option) for option in part.get("options", [])]
        for place, code in enumerate(codes):
            if code is not None and code.lower() in [c.lower() for c in codes[:place] if c]:
                yield Problem(element, f'The option code "{code}" is used more than once.')


def codes_are_not_reserved(draft: Draft) -> Iterator[Problem]:
    for element, part in _with_options(draft):
        for option in part.get("options", []):
            code = option_code(option) or ""
            if code.upper() in RESERVED_CODES:
                yield Problem(
                    element,
                    f'The option code "{code}" is reserved for "does not apply" and "do not know". '
                    "Choose another, or give the scale a label for not_applicable or do_not_know.",
                )


def options_alone_are_among_several(draft: Draft) -> Iterator[Problem]:
    for question in draft.questions:
        if question.type in (AnswerType.MULTIPLE_CHOICE, ""):
            continue
        if any("alone" in option for option in question.data.get("options", [])):
            yield Problem(question.element, "Only options of a multiple_choice can be alone. Remove alone.")


# --- whom it asks


def wordings_fit_the_audience(draft: Draft) -> Iterator[Problem]:
    if isinstance(draft.raw, dict) and "audience" in draft.raw and "audience" not in draft.document:
        return  # misshapen: whom it asks is not known
    audience = Audience(draft.document.get("audience", "sides"))
    for question in draft.questions:
        for party in sorted(question.parties.difference(audience.parties)):
            yield Problem(
                question.element,
                f'"wording.{party}" is for the {party_words(party)}, but the audience is {audience.value}.',
            )


# --- scales and rating sets


def scales_are_known(draft: Draft) -> Iterator[Problem]:
    named = [(question.element, question.data.get("scale")) for question in draft.questions]
    for element, parts in _with_parts(draft):
        named += [(element, part.get("scale")) for part in parts]
    yield from _unknown(draft, "scales", "scale", named)


def rating_sets_are_known(draft: Draft) -> Iterator[Problem]:
    named = [(question.element, question.data.get("ratings")) for question in draft.questions]
    yield from _unknown(draft, "rating_sets", "rating set", named)


def _unknown(draft: Draft, field: str, word: str, named: list[tuple[str, Any]]) -> Iterator[Problem]:
    """Names of parts of the file that it does not have; a misshapen one is there all the same."""
    written = draft.raw.get(field, {}) if isinstance(draft.raw, dict) else {}
    for element, name in named:
        if name is not None and isinstance(written, dict) and name not in written:
            known = ", ".join(draft.document.get(field, {})) or "none"
            yield Problem(element, f'There is no {word} "{name}"; known: {known}.')


def parts_have_their_own_names(draft: Draft) -> Iterator[Problem]:
    for element, parts in _with_parts(draft):
        names = [part["id"] for part in parts if "id" in part]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(element, f'The part "{name}" is there more than once. Give each its own id.')


def grids_pick_their_rows(draft: Draft) -> Iterator[Problem]:
    """What makes a rating set that of a grid must be there for one and only for one."""
    for question in draft.questions:
        name = question.data.get("ratings", "")
        if name not in draft.rating_sets or question.type not in ("grid_row", "dual_rating"):
            continue
        written = draft.raw["rating_sets"][name]
        for field in ("pick", "not_applicable"):
            if question.type == "grid_row" and field not in written:
                yield Problem(f"rating set {name}", f'"{field}" is missing; {question.id} is a grid_row.')
            if question.type == "dual_rating" and field in written:
                yield Problem(
                    question.element, f'Its rating set "{name}" has "{field}", which is for a grid_row.'
                )


def grids_have_sections_of_their_own(draft: Draft) -> Iterator[Problem]:
    """The page that picks the rows stands for a whole section."""
    place = 0
    for element, section in draft.sections:
        questions = draft.questions[place : place + len(section.get("questions", []))]
        place += len(questions)
        kinds = {(q.type, q.data.get("ratings", "")) for q in questions if q.type}
        if "grid_row" in {kind for kind, _ in kinds} and len(kinds) > 1:
            yield Problem(element, "A section with a grid_row has no other questions and one rating set.")


def scale_numbers_ascend(draft: Draft) -> Iterator[Problem]:
    for name, scale in draft.scales.items():
        for earlier, later in pairwise(scale_numbers(scale)):
            if later <= earlier:
                yield Problem(f"scale {name}", f"The numbers must rise: {later:g} comes after {earlier:g}.")


def evidence_is_asked_within_the_scale(draft: Draft) -> Iterator[Problem]:
    for name, scale in draft.scales.items():
        start, numbers = scale.get("evidence_from"), scale_numbers(scale)
        if start is not None and numbers and start not in numbers:
            yield Problem(f"scale {name}", f"evidence_from is {start:g}, which is not a point of the scale.")


# --- what is scored


def scored_questions_are_ratings(draft: Draft) -> Iterator[Problem]:
    for question in draft.scored:
        if not question.is_rating():
            yield Problem(question.element, "Only ratings are scored. Remove scored, or make it a rating.")


def scored_questions_have_rules(draft: Draft) -> Iterator[Problem]:
    if isinstance(draft.raw, dict) and "scoring" in draft.raw:
        return
    for question in draft.scored:
        yield Problem(question.element, "It is scored, but the file has no scoring rules.")


def scored_questions_share_a_scale(draft: Draft) -> Iterator[Problem]:
    first = next((q for q in draft.scored if q.data.get("scale") in draft.scales), None)
    for question in draft.scored:
        scale = question.data.get("scale")
        if first and scale in draft.scales and scale != first.data["scale"]:
            yield Problem(
                question.element,
                f'All scored questions use one scale: here it is "{scale}", '
                f'in {first.element} "{first.data["scale"]}".',
            )


def scored_scale_starts_at_zero(draft: Draft) -> Iterator[Problem]:
    name = next((q.data["scale"] for q in draft.scored if q.data.get("scale") in draft.scales), None)
    if draft.scored_numbers and draft.scored_numbers[0] != 0:
        yield Problem(f"scale {name}", "The scale of scored questions must start at 0.")


def scored_questions_have_an_action(draft: Draft) -> Iterator[Problem]:
    for question in draft.scored if draft.scoring is not None else []:
        if question.is_rating() and "action" not in question.written:
            yield Problem(question.element, '"action" is missing: say what to do where the score is low.')


def scored_questions_always_apply(draft: Draft) -> Iterator[Problem]:
    conditional = {id(q) for _, s in draft.sections if "applies_when" in s for q in s.get("questions", [])}
    for question in draft.scored:
        if "applies_when" in question.data or id(question.data) in conditional:
            yield Problem(
                question.element,
                "A scored question may not depend on another answer: the pair would have no score for it. "
                "Remove applies_when (what does not exist is rated lowest), or write scored: false.",
            )


def scoring_has_questions(draft: Draft) -> Iterator[Problem]:
    if draft.scoring is None or draft.scored or not draft.questions:
        return
    if all("type" in question.data for question in draft.questions):
        yield Problem("scoring", "There are scoring rules, but no question is scored.")


def scoring_asks_both_sides(draft: Draft) -> Iterator[Problem]:
    if draft.scoring is None or not all(question.parties for question in draft.questions):
        return
    asked = frozenset[str]().union(*(question.parties for question in draft.questions))
    for side in Side:
        if asked and side not in asked:
            yield Problem(
                WHOLE, f"A scored questionnaire asks both sides, but nothing is asked of the {side.words}."
            )


def mirrored_questions_ask_both_sides(draft: Draft) -> Iterator[Problem]:
    for question in draft.questions:
        if "mirror" in question.data and len(question.parties) == 1:
            yield Problem(question.element, "mirror compares two sides, but only one is asked. Remove it.")


# --- scoring rules


def levels_ascend(draft: Draft) -> Iterator[Problem]:
    for place, (element, level) in enumerate(draft.levels):
        if level.get("level", place) != place:
            yield Problem(
                element, f"Levels are numbered 0, 1, 2 in order: here {place} is due, not {level['level']}."
            )
    bounds = [(element, level["from"]) for element, level in draft.levels if "from" in level]
    for (_, earlier), (element, later) in pairwise(bounds):
        if later <= earlier:
            yield Problem(element, f"It starts from {later:g}, not above the level before ({earlier:g}).")


def levels_start_at_zero(draft: Draft) -> Iterator[Problem]:
    for element, level in draft.levels[:1]:
        if level.get("from", 0) != 0:
            yield Problem(element, f"The lowest level starts from 0, not {level['from']:g}.")


def lowest_level_has_no_gate(draft: Draft) -> Iterator[Problem]:
    for element, level in draft.levels[:1]:
        if level.get("gate"):
            yield Problem(element, "The lowest level has no gate: there is no level below it to fall to.")


def gates_are_on_the_scale(draft: Draft) -> Iterator[Problem]:
    highest = max(draft.scored_numbers, default=None)
    for element, level in draft.levels:
        least = level.get("gate", {}).get("critical_at_least")
        if least is not None and highest is not None and least > highest:
            yield Problem(element, f"critical_at_least is {least:g}, above the highest answer ({highest:g}).")


def rules_are_on_the_scale(draft: Draft) -> Iterator[Problem]:
    highest = max(draft.scored_numbers, default=None)
    for name in ("target", "discuss_at", "strength_from", "gap_to"):
        value = (draft.scoring or {}).get(name)
        if value is not None and highest is not None and value > highest:
            yield Problem("scoring", f"{name} is {value:g}, above the highest answer ({highest:g}).")


def gap_lies_below_strength(draft: Draft) -> Iterator[Problem]:
    scoring = draft.scoring or {}
    low, high = scoring.get("gap_to"), scoring.get("strength_from")
    if low is not None and high is not None and low >= high:
        yield Problem("scoring", f"gap_to ({low:g}) must be lower than strength_from ({high:g}).")


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    ids_are_unique,
    addresses_are_free,
    codes_are_unique,
    codes_are_not_reserved,
    options_alone_are_among_several,
    wordings_fit_the_audience,
    scales_are_known,
    rating_sets_are_known,
    parts_have_their_own_names,
    grids_pick_their_rows,
    grids_have_sections_of_their_own,
    scale_numbers_ascend,
    evidence_is_asked_within_the_scale,
    scored_questions_are_ratings,
    scored_questions_have_rules,
    scored_questions_share_a_scale,
    scored_scale_starts_at_zero,
    scored_questions_have_an_action,
    scored_questions_always_apply,
    scoring_has_questions,
    scoring_asks_both_sides,
    mirrored_questions_ask_both_sides,
    levels_ascend,
    levels_start_at_zero,
    lowest_level_has_no_gate,
    gates_are_on_the_scale,
    rules_are_on_the_scale,
    gap_lies_below_strength,
    *conditions.RULES,
)


def _with_options(draft: Draft) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((f"scale {name}", scale) for name, scale in draft.scales.items())
    yield from ((question.element, question.data) for question in draft.questions)


def _with_parts(draft: Draft) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield from ((f"rating set {name}", one.get("parts", [])) for name, one in draft.rating_sets.items())
