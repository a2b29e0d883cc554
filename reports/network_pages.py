"""What the network page shows: one dictionary for the template. Knows no Flask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from assessment.access import Person, Role
from assessment.cycles.services import title_of
from assessment.models.cycles import Cycle
from assessment.network.opened import OpenPair
from reports import figures, network_figures, network_pictures, network_words
from reports.figure_style import SIDE_LABELS
from reports.maturity import item_bounds, score_bounds, shown
from reports.network import NATION, Numbers, Scope
from reports.network_cells import HIDDEN, NUMERIC_STATUSES, count, number, numeric, signed, with_sign
from reports.network_gathering import GatheredNetwork
from reports.network_graph_pages import Address as PairAddress
from reports.network_pictures import Address, linked
from reports.network_reading import Beside
from reports.network_report import STATUSES, every_scope
from reports.scoring import scoring_rules

OPENED_ON_PAGE = 25


def network_page(
    found: GatheredNetwork,
    beside: Beside,
    person: Person,
    cycles: Sequence[Cycle],
    address: Address,
    pair_address: PairAddress,
) -> dict[str, Any]:
    """The template's context; ``cycles`` are those to choose from, ``address`` is that of any scope."""
    report = found.report
    reachable = _reachable(found, address)
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
        "reviews": person.role is Role.REVIEWER,
        "groups": _group_tables(found, reachable),
        "questionnaire": report.questionnaire,
        "has_figures": True,
        "map": network_pictures.state_map(report, found.places, reachable)
        if report.scope.kind == NATION
        else None,
    }
    if report.released is None:
        return page
    released = _released(found, beside, cycles, reachable)
    return page | released | {"opened": _opened(beside.opened, pair_address)}


def _reachable(found: GatheredNetwork, address: Address) -> Address:
    """The address of a scope that this reader may read; None for others, and for the one that is shown."""

    def reach(scope: Scope) -> str | None:
        may_read = found.readable is None or scope in found.readable
        return address(scope) if may_read and scope != found.report.scope else None

    return reach


def _released(
    found: GatheredNetwork, beside: Beside, cycles: Sequence[Cycle], reachable: Address
) -> dict[str, Any]:
    """What there is once the cycle is released."""
    report = found.report
    numbers, rules = report.numbers, scoring_rules(report.questionnaire)
    titles = network_words.titles(report.questionnaire)
    return {
        "spread": network_pictures.spread(numbers["index"], rules),
        "place": network_words.place(beside.own_indexes, numbers["index"]),
        "levels": _level_bars(numbers["levels"]),
        "levels_sentence": network_words.levels(report),
        "levels_table": _levels_table(numbers["levels"]),
        "dumbbell": _dumbbell(numbers["domains"], titles, rules),
        "dumbbell_sentence": network_words.wide_gaps(report),
        "domains_table": _domains_table(numbers["domains"], titles, rules),
        "heat": network_pictures.region_heat(beside.regions, report.questionnaire, rules, reachable),
        "gaps": [_gap(report.questionnaire, gap, rules) for gap in report.common_gaps],
        "items_table": _items_table(found, rules),
        "guidance": network_pictures.guidance(report),
        "trend": numbers["trend"],
        "since": title_of(numbers["trend"]["previous_cycle"], cycles) if numbers["trend"] else "",
        "with_sign": with_sign,
        "score": partial(shown, bounds=score_bounds(rules), decimals=1),
        "history": network_pictures.history(beside.steps, rules),
    }


def _opened(pairs: Sequence[OpenPair], address: PairAddress) -> dict[str, Any]:
    """The pairs that are open by name, each with the way to its report; of many the first."""
    rows = [
        [
            pair.fusion_center_name,
            linked(pair.eoc_name, address(pair.fusion_center, pair.eoc)),
            f"{pair.eoc_level}, {pair.state}",
        ]
        for pair in pairs[:OPENED_ON_PAGE]
    ]
    return {
        "count": len(pairs),
        "table": {
            "caption": "Pairs that are open to you by name",
            "columns": [*SIDE_LABELS.values(), "Level and state of the EOC"],
            "rows": rows,
        },
    }


def _scopes(found: GatheredNetwork) -> list[dict[str, Any]]:
    """The scopes that this reader may switch to, the nation first."""
    scopes = every_scope(found.places) if found.readable is None else found.readable
    return [{"scope": scope, "name": network_words.scope_name(scope)} for scope in scopes]


def _group_tables(found: GatheredNetwork, reachable: Address) -> list[dict[str, Any]]:
    names = {"fema_region": "FEMA regions", "state": "States", "eoc_level": "Levels of EOC"}
    tables = []
    for by, caption in names.items():
        rows = [row for row in found.report.groups if row["by"] == by]
        if rows:
            columns = [caption, *NUMERIC_STATUSES, *numeric("In the mean", "Mean index")]
            cells = [_row(row, reachable(Scope(_KINDS[by], str(row["value"])))) for row in rows]
            tables.append({"caption": caption, "columns": columns, "rows": cells})
    return tables


_KINDS = {"fema_region": "region", "state": "state", "eoc_level": "level"}


def _row(row: Any, href: str | None) -> list[Any]:
    name = f"Region {row['value']}" if row["by"] == "fema_region" else str(row["value"])
    counts = [row["expected"], *(row[status] for status in STATUSES)]
    if row["suppressed"]:
        return [linked(name, href), *counts, HIDDEN, HIDDEN]
    mean = None if row["mean"] is None else shown(row["mean"], (), 1)
    return [linked(name, href), *counts, row["n"], mean]


def _level_bars(levels: Sequence[Numbers]) -> str | None:
    """The chart of the levels; none where no count is shown that draws a bar."""
    if not any(level["count"] for level in levels):
        return None
    return figures.as_json(network_figures.level_bars(levels))


def _levels_table(levels: Sequence[Numbers]) -> dict[str, Any]:
    rows = [[f"{level['level']} {level['name']}", count(level["count"])] for level in levels]
    return {
        "caption": "Pairs by level",
        "columns": ["Level", *numeric("Pairs")],
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
            count(domain["n"]),
            *(number(domain, name, bounds) for name in ("mean", "fusion_center", "eoc")),
            signed(domain, "gap"),
        ]
        for domain in domains
    ]
    return {
        "caption": "Domains, of 100; a positive gap: fusion centers rate higher",
        "columns": ["Domain", *numeric(*heads)],
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
            count(item["n"]),
            number(item, "mean", item_bounds(rules)),
            signed(item, "difference"),
        ]
        for item in found.report.numbers["items"]
    ]
    heads = ("Pairs", "Mean joint score, of 4", "Difference")
    return {
        "caption": "All items; a positive difference: fusion centers rate higher",
        "columns": ["Item", *numeric(*heads)],
        "rows": rows,
    }
