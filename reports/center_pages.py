"""What a center's page shows: one dictionary for the template. Knows no Flask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from assessment.cycles.services import CycleState, state_of, title_of
from questionnaires.definition import Questionnaire
from reports import center_words, figures
from reports.center import SIDES, CenterReport
from reports.center_gathering import GatheredCenter
from reports.maturity import gap_bounds, item_bounds, score_bounds, shown
from reports.pair import plain
from reports.pair_rows import number

Row = dict[str, Any]
Address = Callable[[str], str]  # the other center's code -> where the pair's report is
COMMON = 5  # items below the target before the rest is folded away


def center_page(found: GatheredCenter, today: date, address: Address) -> Row:
    """The template's context."""
    report = found.report
    is_open = state_of(found.cycle, today) is CycleState.OPEN
    domains = report.means[["id", "title"]].to_dict("records")
    rows = _pairs(report, address)
    before = title_of(report.trend.previous_cycle, found.cycles) if report.trend else ""
    return {
        "center": found.center,
        "cycle": found.cycle,
        "cycles": found.cycles,
        "is_open": is_open,
        "sentences": center_words.opening(report, is_open),
        "counts": report.counts,
        "partner_kind": center_words.partner_kind(report),
        "call_first": _call_first(report, address, before),
        "domains": domains,
        "heat": _heat(report, rows),
        "heat_sentence": center_words.heat(report),
        "levels": _levels(report),
        "missing": [row for row in rows if row["answered"] < len(SIDES)],
        "pairs_table": _pairs_table(report, rows),
        "common_sentence": center_words.common(report),
        "common": _common(report)[:COMMON],
        "common_table": _common_table(report),
        "means": _means(report),
        "change": _change(report, before, found.cycle.title),
        "has_figures": bool(report.means["reportable"].any()),
    }


def _pairs(report: CenterReport, address: Address) -> list[Row]:
    bounds = score_bounds(report.rules)
    rows: list[Row] = []
    for row in report.pairs.to_dict("records"):
        link = address(str(row["partner"])) if row["opens"] else None
        rows.append(
            {
                **{str(name): plain(value) for name, value in row.items() if name not in _LISTS},
                "href": link,
                "status_words": center_words.status(row),
                "shown_index": number(row["index"], bounds, 1),
                "held_back_by": list(row["held_back_by"]),
                "moved": _signed(row["change"], report),
            }
        )
    return rows


_LISTS = ("held_back_by",)


def _signed(value: Any, report: CenterReport) -> str | None:
    value = plain(value)
    if value is None:
        return None
    size = shown(abs(value), gap_bounds(report.rules), 1)
    return ("" if not float(size) else "+" if value > 0 else "\u2212") + size


def _call_first(report: CenterReport, address: Address, before: str) -> list[Row]:
    return [
        {
            "name": row["partner_name"],
            "href": address(str(row["partner"])),
            "reasons": center_words.reasons(row, report, before),
        }
        for row in report.call_first.to_dict("records")
    ]


def _heat(report: CenterReport, pairs: Sequence[Row]) -> list[Row]:
    """A row a pair that may be read, the lowest index first, those without one last; a cell a domain."""
    cells = {
        (row["pair"], row["domain"]): _heat_cell(row, report) for row in report.domains.to_dict("records")
    }
    read = [row for row in pairs if row["joint"]]
    order = sorted(read, key=lambda row: (row["index"] is None, row["index"] or 0))
    names = list(report.means["id"])
    return [row | {"cells": [cells.get((row["pair"], name)) for name in names]} for row in order]


def _heat_cell(row: Any, report: CenterReport) -> Row | None:
    """Score, the level whose band it lies in, and which side is higher where the gap is wide."""
    if not row["reportable"]:
        return None
    bands = [level.level for level in report.rules.levels if row["joint"] >= level.from_index - 1e-9]
    side = "fusion_center" if row["gap"] > 0 else "eoc"
    return {
        "text": shown(row["joint"], score_bounds(report.rules)),
        "level": bands[-1] if bands else 0,
        "higher": side if row["perception_gap"] else None,
    }


def _levels(report: CenterReport) -> list[Row]:
    counts = report.scored["level"].value_counts()
    return [
        {"level": level.level, "name": level.name, "count": int(counts.get(level.level, 0))}
        for level in report.rules.levels
    ]


def _pairs_table(report: CenterReport, pairs: Sequence[Row]) -> Row:
    heads = ["Index", "Level", "Agreement", "Items apart", "Change"]
    rows = [
        [
            {"text": row["partner_name"], "href": row["href"]} if row["href"] else row["partner_name"],
            f"{row['partner_level']}, {row['state']}",
            row["status_words"],
            row["shown_index"],
            None if row["level"] is None else f"{row['level']} {row['level_name']}",
            number(row["agreement"], (), 0),
            None if row["apart"] is None else int(row["apart"]),
            row["moved"],
        ]
        for row in pairs
    ]
    numeric = [{"label": head, "numeric": head != "Level"} for head in heads]
    return {
        "caption": "All pairs of this center",
        "columns": [center_words.partner_kind(report), "Kind and state", "How far", *numeric],
        "rows": rows,
    }


def _common(report: CenterReport) -> list[Row]:
    questionnaire = report.questionnaire
    return [
        {
            "id": row["item"],
            "wording": _wording(questionnaire, str(row["item"])),
            "mean": shown(row["mean"], item_bounds(report.rules), 1),
            "below": int(row["below"]),
            "n": int(row["n"]),
            "apart": int(row["apart"]),
            "action": row["action"],
        }
        for row in report.common.to_dict("records")
    ]


def _wording(questionnaire: Questionnaire, item: str) -> str:
    return str(next(iter(questionnaire.by_id[item].wording.values())))


def _common_table(report: CenterReport) -> Row:
    target = f"{report.rules.target:g}"
    heads = ["Pairs", f"Below {target}", "Mean joint score, of 4", "Two or more apart"]
    return {
        "caption": f"Items below {target} of 4, those that most pairs have in common first",
        "columns": ["Item", *({"label": head, "numeric": True} for head in heads)],
        "rows": [
            [f"{row['id']}: {row['wording']}", row["n"], row["below"], row["mean"], row["apart"]]
            for row in _common(report)
        ],
    }


def _means(report: CenterReport) -> Row | None:
    """Both sides' means by domain, as a chart with its table."""
    rows = report.means[report.means["reportable"]]
    if rows.empty:
        return None
    bounds = score_bounds(report.rules)
    heads = ("Pairs", "Mean joint score", "Fusion center", "EOC", "Gap")
    return {
        "figure": figures.as_json(figures.dumbbell(rows, report.rules)),
        "sentence": _means_sentence(rows, report),
        "table": {
            "caption": "Domains, means of 100; a positive gap: fusion center higher",
            "columns": ["Domain", *({"label": head, "numeric": True} for head in heads)],
            "rows": [
                [
                    row["title"],
                    row["n"],
                    *(number(row[name], bounds, 1) for name in _SCORES),
                    _gap(row, report),
                ]
                for row in rows.to_dict("records")
            ],
        },
    }


_SCORES = ("joint", "fusion_center", "eoc")


def _gap(row: Any, report: CenterReport) -> str | None:
    return _signed(row["gap"], report)


def _means_sentence(rows: pd.DataFrame, report: CenterReport) -> str:
    compared = rows[rows["gap"].notna()]
    if compared.empty:
        return "No domain can be compared between the sides."
    row = compared.loc[[compared["gap"].abs().idxmax()]].to_dict("records")[0]
    size = shown(abs(row["gap"]), gap_bounds(report.rules), 1)
    if not float(size):
        return "Both sides see every domain the same on average."
    who = "the fusion center" if row["gap"] > 0 else "the EOC"
    return (
        f"On average over these pairs the widest gap is in {row['title']}: {who} stands {size} points higher."
    )


def _change(report: CenterReport, before: str, now: str) -> Row | None:
    if report.trend is None:
        return None
    titles = dict(zip(report.means["id"], report.means["title"], strict=True))
    rows = [
        _change_row(titles[row["domain"]], row["previous"], row["current"], row["change"], report)
        for row in report.trend.domains.to_dict("records")
    ]
    found = report.trend
    rows.append(_change_row("Index", found.previous, found.current, found.index_change, report))
    heads = [f"In {before}", "Now", "Change"]
    return {
        "figure": figures.as_json(figures.slopes(found, before, now, report.rules)),
        "sentence": center_words.trend(report, before),
        "table": {
            "caption": "Means on common items, of 100",
            "columns": ["Domain", *({"label": head, "numeric": True} for head in heads)],
            "rows": rows,
        },
    }


def _change_row(name: str, previous: float, current: float, change: float, report: CenterReport) -> list[Any]:
    bounds = score_bounds(report.rules)
    return [name, number(previous, bounds, 1), number(current, bounds, 1), _signed(change, report)]
