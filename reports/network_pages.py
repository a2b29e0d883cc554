"""What the network page shows: one dictionary for the template. Knows no Flask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assessment.access import Person, Role
from assessment.models.cycles import Cycle
from reports import figures, network_figures, network_words
from reports.maturity import item_bounds, score_bounds, shown
from reports.network import NATION, Numbers
from reports.network_gathering import GatheredNetwork
from reports.network_report import BASELINE_2011, STATUSES, every_scope
from reports.scoring import scoring_rules

MAP_SENTENCE = (
    "Each tile says how many of a state's pairs have answered on both sides. Its colour is the mean index of"
    " the state where that may be shown, else of its FEMA region: the darker, the higher."
)
HIDDEN = {"hidden": network_words.FEW}
_NUMERIC = [{"label": name, "numeric": True} for name in ("Pairs", "Both sides", "One side", "Not started")]


def network_page(found: GatheredNetwork, person: Person, cycles: Sequence[Cycle]) -> dict[str, Any]:
    """The template's context; ``cycles`` are those to choose from."""
    report = found.report
    numbers, questionnaire = report.numbers, report.questionnaire
    rules = scoring_rules(questionnaire)
    titles = network_words.titles(questionnaire)
    page: dict[str, Any] = {
        "report": report,
        "cycle": found.cycle,
        "cycles": cycles,
        "heading": network_words.scope_name(report.scope),
        "scope": report.scope,
        "sentences": network_words.opening(report),
        "counts": report.counts,
        "scopes": _scopes(found),
        "benchmark": person.role in (Role.DIRECTOR, Role.MANAGER, Role.STAFF),
        "groups": _group_tables(found),
        "questionnaire": questionnaire,
        "has_figures": True,
        "map": _map(found) if report.scope.kind == NATION else None,
    }
    if report.released is None:
        return page
    return page | {
        "index": numbers["index"],
        "index_table": _index_table(numbers["index"], rules),
        "levels": figures.as_json(network_figures.level_bars(numbers["levels"])),
        "levels_sentence": network_words.levels(report),
        "levels_table": _levels_table(numbers["levels"]),
        "dumbbell": _dumbbell(numbers["domains"], titles, rules),
        "dumbbell_sentence": network_words.wide_gaps(report),
        "domains_table": _domains_table(numbers["domains"], titles, rules),
        "gaps": [_gap(report.questionnaire, gap, rules) for gap in report.common_gaps],
        "items_table": _items_table(found, rules),
        "guidance_sentence": network_words.awareness(report),
        "guidance_table": _guidance_table(numbers["guidance"]),
        "trend": numbers["trend"],
    }


def _scopes(found: GatheredNetwork) -> list[dict[str, Any]]:
    """The scopes that this reader may switch to, the nation first."""
    scopes = every_scope(found.places) if found.readable is None else found.readable
    return [{"scope": scope, "name": network_words.scope_name(scope)} for scope in scopes]


def _cell(value: float | None, bounds: Any = (), decimals: int = 1) -> Any:
    return HIDDEN if value is None else shown(value, bounds, decimals)


def _count(value: int | None) -> Any:
    return HIDDEN if value is None else f"{value:,}"


def _map(found: GatheredNetwork) -> dict[str, Any]:
    """The state tile map: its ground is completeness, its colour the state's own mean or its region's."""
    groups = found.report.groups
    regions = {str(row["value"]): row["mean"] for row in groups if row["by"] == "fema_region"}
    states = [row for row in groups if row["by"] == "state"]
    region_of = {place.state: str(place.region) for place in found.places}
    colours = {row["value"]: row["mean"] or regions.get(region_of[row["value"]]) for row in states}
    columns = ["State", "FEMA region", *_NUMERIC, {"label": "Mean index, of", "nowrap": True}]
    rows = [
        [
            row["value"],
            region_of[row["value"]],
            row["expected"],
            *(row[name] for name in STATUSES),
            _colour_words(row["mean"], colours[row["value"]]),
        ]
        for row in states
    ]
    return {
        "figure": figures.as_json(network_figures.tile_map(states, colours)),
        "sentence": f"{MAP_SENTENCE} {network_words.regions(states)}",
        "table": {
            "caption": "States, with the number that colours the tile",
            "columns": columns,
            "rows": rows,
        },
    }


def _colour_words(own: float | None, used: float | None) -> str:
    if used is None:
        return "not shown"
    return f"{used:.0f}, the {'state' if own is not None else 'region'}"


def _group_tables(found: GatheredNetwork) -> list[dict[str, Any]]:
    names = {"fema_region": "FEMA regions", "state": "States", "eoc_level": "Levels of EOC"}
    tables = []
    for by, caption in names.items():
        rows = [row for row in found.report.groups if row["by"] == by]
        if rows:
            numeric = [
                *_NUMERIC,
                {"label": "In the mean", "numeric": True},
                {"label": "Mean index", "numeric": True},
            ]
            tables.append(
                {"caption": caption, "columns": [caption, *numeric], "rows": [_row(row) for row in rows]}
            )
    return tables


def _row(row: Any) -> list[Any]:
    name = f"Region {row['value']}" if row["by"] == "fema_region" else str(row["value"])
    counts = [row["expected"], *(row[status] for status in STATUSES)]
    if row["suppressed"]:
        return [name, *counts, HIDDEN, HIDDEN]
    mean = None if row["mean"] is None else shown(row["mean"], (), 1)
    return [name, *counts, row["n"], mean]


def _index_table(index: Numbers, rules: Any) -> dict[str, Any]:
    bounds = score_bounds(rules)
    few = {"hidden": "fewer than 10 pairs"} if index["mean"] is not None else HIDDEN
    rows = [["Pairs with an index", _count(index["n"])], ["Mean", _cell(index["mean"], bounds)]]
    for label, name in (("First quartile", "q1"), ("Median", "median"), ("Third quartile", "q3")):
        rows.append([label, few if index[name] is None else shown(index[name], bounds, 1)])
    return {
        "caption": "Maturity index, of 100",
        "columns": ["Number", {"label": "Value", "numeric": True}],
        "rows": rows,
    }


def _levels_table(levels: Sequence[Numbers]) -> dict[str, Any]:
    rows = [[f"{level['level']} {level['name']}", _count(level["count"])] for level in levels]
    return {
        "caption": "Pairs by level",
        "columns": ["Level", {"label": "Pairs", "numeric": True}],
        "rows": rows,
    }


def _dumbbell(domains: Sequence[Numbers], titles: dict[str, str], rules: Any) -> str | None:
    """The chart of both sides' means; none where no domain shows them."""
    if all(domain["gap"] is None for domain in domains):
        return None
    return figures.as_json(network_figures.domain_means(domains, titles, rules))


def _domains_table(domains: Sequence[Numbers], titles: dict[str, str], rules: Any) -> dict[str, Any]:
    heads = ("Pairs", "Mean joint score", "Fusion centers", "EOCs", "Gap")
    bounds = score_bounds(rules)
    rows = [
        [
            titles[domain["id"]],
            _count(domain["n"]),
            _cell(domain["mean"], bounds),
            _cell(domain["fusion_center"], bounds),
            _cell(domain["eoc"], bounds),
            HIDDEN if domain["gap"] is None else f"{domain['gap']:+.1f}".replace("-", "\u2212"),
        ]
        for domain in domains
    ]
    return {
        "caption": "Domains, of 100; a positive gap: fusion centers rate higher",
        "columns": ["Domain", *({"label": head, "numeric": True} for head in heads)],
        "rows": rows,
    }


def _gap(questionnaire: Any, gap: Numbers, rules: Any) -> dict[str, Any]:
    question = questionnaire.by_id[gap["id"]]
    return {
        "id": gap["id"],
        "wording": next(iter(question.wording.values())),
        "mean": shown(gap["mean"], item_bounds(rules), 1),
        "n": gap["n"],
        "action": question.action,
    }


def _items_table(found: GatheredNetwork, rules: Any) -> dict[str, Any]:
    questionnaire = found.report.questionnaire
    rows = [
        [
            f"{item['id']}: {next(iter(questionnaire.by_id[item['id']].wording.values()))}",
            _count(item["n"]),
            _cell(item["mean"], item_bounds(rules)),
            None if item["difference"] is None else f"{item['difference']:+.1f}".replace("-", "\u2212"),
        ]
        for item in found.report.numbers["items"]
    ]
    heads = ("Pairs", "Mean joint score, of 4", "Difference")
    return {
        "caption": "All items; a positive difference: fusion centers rate higher",
        "columns": ["Item", *({"label": head, "numeric": True} for head in heads)],
        "rows": rows,
    }


def _guidance_table(guidance: Numbers) -> dict[str, Any]:
    rows = []
    for side, name in (("fusion_center", "Fusion centers"), ("eoc", "EOCs")):
        now, then = guidance[side], BASELINE_2011[side]
        cells = ("not_seen", "seen_not_used", "used", "n")
        rows.append([f"{name}, this cycle", *(_count(now[cell]) for cell in cells)])
        rows.append(
            [
                f"{name} visited in 2011",
                then["not_seen"],
                then["seen_not_used"],
                f"{then['left']} left",
                then["n"],
            ]
        )
    heads = ("Not seen", "Seen, not used", "Used to plan", "Asked")
    return {
        "caption": "CPG-502: how far the guide is known and used",
        "columns": ["Who", *({"label": head, "numeric": True} for head in heads)],
        "rows": rows,
    }
