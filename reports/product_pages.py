"""What the page of a survey's results shows, by state: one dictionary for the template. Knows no Flask."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from assessment.access import Action, Person, may
from assessment.surveys import plans
from questionnaires.definition import RESPONDENT
from reports import figures, product_figures, product_words
from reports.product_gathering import GatheredProducts
from reports.product_tables import SHARE, ResultTable, hidden_note, in_words, result_tables
from reports.products import EFFECT, HEADLINES, NEEDS, RATE, USES

Row = dict[str, Any]


class PageState(StrEnum):
    WAITING = "waiting"  # not released yet
    NOBODY = "nobody"
    BELOW_FLOOR = "below_floor"
    COMPLETE = "complete"


def state_of(found: GatheredProducts) -> PageState:
    if not found.place.readable:
        return PageState.WAITING
    if not found.report.responded:
        return PageState.NOBODY
    return PageState.BELOW_FLOOR if found.report.responded < found.report.floor else PageState.COMPLETE


def products_page(found: GatheredProducts, person: Person) -> dict[str, Any]:
    """The template's context."""
    report, place, state = found.report, found.place, state_of(found)
    survey = place.survey
    page: Row = {
        "state": str(state),
        "place": place,
        "survey": survey,
        "questionnaire": found.questionnaire,
        "report": report,
        "synthetic_cycle": report.synthetic,
        "has_figures": state is PageState.COMPLETE,
        "choices": found.places,
        "last_released": next((other for other in found.places if other.readable), None),
        "funnel": _funnel(found) if place.watchable or place.readable else [],
        "rate": _rate(found),
        "may_review": may(person, Action.RUN_SURVEYS, plans.facts_of(survey)),
        "comment_counts": found.comment_counts,
    }
    return page | _results(found) if state is PageState.COMPLETE else page


def _funnel(found: GatheredProducts) -> list[tuple[str, int]]:
    """From those asked to those who finished; who came by an open link was not asked by name."""
    counts, base = found.base.funnel, found.base
    steps = [
        ("Partners asked", counts.asked),
        ("Invitations sent", counts.invited),
        ("Opened their link", counts.opened),
        ("Started", counts.started),
    ]
    rows = [step for step in steps if step[1]]
    if found.place.survey.released_on is None:
        return [*rows, ("Finished", base.responded)]
    return [*rows, ("Finished", base.responded - base.partial), ("At least half answered", base.partial)]


def _rate(found: GatheredProducts) -> str:
    """The response rate with the name of its definition; or why there is none."""
    rates, base = found.report.rates, found.base
    if found.place.survey.open_link_cap is not None:
        return "An open link has no response rate: nobody knows how many people it reached."
    if base.invited is None:
        return "Nobody was invited by a link of their own, so there is no response rate."
    if rates is None or rates.rr1 is None or rates.rr2 is None:
        return "More people answered than were invited, so there is no response rate."
    one, two = in_words(rates.rr1, SHARE), in_words(rates.rr2, SHARE)
    return (
        f"Response rate {two} ({RATE}: complete and partial answers of all {base.invited:,} invited);"
        f" RR1, complete answers alone, {one}."
    )


def _results(found: GatheredProducts) -> Row:
    report = found.report
    tables = result_tables(found.questionnaire, report, found.trend)
    pages = {name: _table(table, report.floor) for name, table in tables.items()}
    return {
        "sentences": [product_words.headline(report, measure) for measure in HEADLINES],
        "tables": pages,
        "plot": figures.as_json(product_figures.importance_performance(report)),
        "plot_sentence": product_words.attributes(report),
        "types": figures.as_json(product_figures.product_types(report)),
        "types_sentence": product_words.product_types(report),
        "effect_sentence": product_words.effect(report),
        "effect_asked": EFFECT in found.questionnaire.by_id,
        "groups": figures.as_json(product_figures.groups(report)),
        "groups_sentence": product_words.groups(report),
        "uses": _choice(found, tables["uses"], USES, "what they used the products for"),
        "needs": _choice(found, tables["needs"], NEEDS, "what gets in the way"),
        "reliability": product_words.reliability(report),
        "trend": _trend(found, pages),
        "comments": _comments(found),
    }


def _table(table: ResultTable, floor: int) -> Row:
    """A table as the page prints it; where a row is hidden, its caption says why."""
    page = table.for_page()
    if any(row["hidden"] for row in table.rows):
        page["caption"] += f". Hidden: {hidden_note(floor)}."
    return page


def _choice(found: GatheredProducts, table: ResultTable, question: str, what: str) -> Row | None:
    if question not in found.questionnaire.by_id:
        return None
    rows = found.report.chosen(question)
    return {
        "sentence": product_words.chosen(rows, what),
        "figure": figures.as_json(product_figures.chosen(rows)),
        "table": _table(table, found.report.floor),
    }


def _trend(found: GatheredProducts, pages: Mapping[str, Row]) -> Row | None:
    change = found.trend
    if change is None or not change.shares:
        return None
    titles = {other.cycle.code: other.cycle.title for other in found.places}
    return {
        "figure": figures.as_json(product_figures.changes(change.shares)),
        "sentence": product_words.trend(change),
        "conditions": product_words.trend_conditions(change),
        "common": change.common,
        "previous": titles.get(change.previous_cycle or "", "the survey before"),
        "table": pages["trend"],
        "attributes": pages["attribute_trend"],
    }


def _comments(found: GatheredProducts) -> list[Row]:
    """Released comments by question."""
    by_question: dict[str, list[str]] = {}
    for comment in found.comments:
        by_question.setdefault(comment.question, []).append(comment.text)
    asked = found.questionnaire.by_id
    return [
        {"question": asked[name].wording[RESPONDENT], "texts": texts} for name, texts in by_question.items()
    ]
