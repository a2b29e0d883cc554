"""Rows of a pair report as pages print them: words and shown numbers, no markup. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import pandas as pd

from questionnaires.answers import AnswerStatus
from questionnaires.definition import Questionnaire, Side
from reports import sentences
from reports.figure_style import SIDE_LABELS
from reports.maturity import gap_bounds, item_bounds, score_bounds, shown
from reports.pair import PairReport, plain
from reports.scoring import ItemState

Row = dict[str, Any]

STATE_WORDS = {
    str(ItemState.SCORED): "Scored",
    str(ItemState.UNKNOWN): "Not known",
    str(ItemState.SCOPE_CONFLICT): "Scope conflict",
    str(ItemState.NOT_APPLICABLE): "Does not apply",
}
ASKED_WORDS = {"both": "both sides", "fusion_center": "the fusion center", "eoc": "the EOC"}


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows as dictionaries by column."""
    return cast("list[Row]", frame.to_dict("records"))


def number(value: float | None, bounds: Collection[float] = (), decimals: int = 1) -> str | None:
    """The number as a table prints it, None where there is none."""
    return None if value is None or pd.isna(value) else shown(value, bounds, decimals)


def signed(value: float | None, bounds: Collection[float], span: float, decimals: int) -> Row | None:
    """A gap or difference: text with its sign, and the step of its colour (0 EOC higher, 6 fusion center)."""
    if value is None or pd.isna(value):
        return None
    size = shown(abs(value), bounds, decimals)
    sign = "" if not float(size) else "+" if value > 0 else "−"
    step = round(value / span * 3)
    return {"text": sign + size, "step": min(max(step, -3), 3) + 3}


def item_rows(report: PairReport, questionnaire: Questionnaire, reader: Side | None) -> list[Row]:
    """Each item with its words, the answers of the sides in the report, joint score and state.

    Where only one side is heard, items asked of the other alone are left out. ``statement`` is in the
    reader's own side's wording where it has one.
    """
    titles = dict(zip(report.domains["id"], report.domains["title"], strict=True))
    rows = records(report.items)
    heard = {"both", *report.sides} if not report.revealed else {"both", *SIDE_LABELS}
    return [_item(report, questionnaire, row, titles, reader) for row in rows if row["asked"] in heard]


def _item(
    report: PairReport,
    questionnaire: Questionnaire,
    row: Row,
    titles: Mapping[str, str],
    reader: Side | None,
) -> Row:
    sides = [side for side in report.sides if row["asked"] in ("both", side)]
    first = str(reader) if reader and str(reader) in sides else sides[0]
    wordings = {side: row[f"{side}_wording"] for side in sides}
    return {
        "id": row["item"],
        "domain": row["domain"],
        "domain_title": titles[row["domain"]],
        "statement": wordings[first],
        "same_wording": len(set(wordings.values())) == 1,
        "asked": ASKED_WORDS[row["asked"]],
        "one_side": row["asked"] != "both",
        "critical": bool(row["critical"]),
        "answers": [answer_row(questionnaire, row, side) for side in sides],
        "joint": number(plain(row["joint"]), item_bounds(report.rules), 2),
        "difference": signed(plain(row["difference"]), {report.rules.discuss_at}, 4, 0),
        "state": plain(row["state"]) or "",
        "state_words": STATE_WORDS.get(row["state"], ""),
        "discuss": bool(row["discuss"]),
        "action": row["action"],
        "sentence": sentences.difference(pd.Series(row)),
    }


def answer_row(questionnaire: Questionnaire, row: Row, side: str) -> Row:
    """One side's answer to an item: wording, rating (text, None for none), label, anchor and note."""
    scale = questionnaire.by_id[row["item"]].scale
    assert scale is not None
    rating = plain(row[side])
    option = next((option for option in scale.options if option.number == rating), None)
    words = {
        str(AnswerStatus.NOT_APPLICABLE): scale.not_applicable or "Does not apply",
        str(AnswerStatus.DO_NOT_KNOW): scale.do_not_know or "Not known",
    }
    return {
        "side": side,
        "wording": row[f"{side}_wording"],
        "rating": None if rating is None else f"{rating:g}",
        "label": option.label if option else words.get(plain(row[f"{side}_status"]) or "", "No answer"),
        "anchor": option.anchor if option else "",
        "note": row[f"{side}_note"],
    }


def by_id(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def domain_table(report: PairReport) -> Row:
    """The numbers behind the dumbbell chart."""
    scores, gaps = score_bounds(report.rules), gap_bounds(report.rules)
    rows = []
    for row in records(report.domains):
        gap = signed(plain(row["gap"]), gaps, 100, 1)
        joint = number(row["joint"], scores) if row["reportable"] else None
        rows.append(
            [
                row["title"],
                number(row["fusion_center"], scores),
                number(row["eoc"], scores),
                joint or ("not enough answers" if row["in_base"] else "does not apply"),
                gap and gap["text"],
                int(row["gap_items"]),
                "wide" if row["perception_gap"] else "",
            ]
        )
    names = ("Fusion center", "EOC", "Joint score", "Gap", "Items both rated")
    columns: list[Any] = ["Domain", *[{"label": name, "numeric": True} for name in names], "Flag"]
    caption = "Scores of 100 by domain; gap is fusion center minus EOC on items that both rated"
    return {"caption": caption, "columns": columns, "rows": rows}


def own_domain_table(report: PairReport, side: str) -> Row:
    """One side's own scores by domain, with how many of the items asked of it are rated."""
    asked = report.items[report.items["asked"].isin(["both", side])].groupby("domain")[side]
    rated, total = asked.count(), asked.size()
    rows = [
        [
            row["title"],
            number(row[side], score_bounds(report.rules)),
            f"{rated.get(row['id'], 0)} of {total.get(row['id'], 0)}",
        ]
        for row in records(report.domains[["id", "title", side]])
    ]
    columns = [
        "Domain",
        *({"label": name, "numeric": True} for name in (f"{SIDE_LABELS[side]}, of 100", "Items rated")),
    ]
    return {"caption": "Your own scores by domain", "columns": columns, "rows": rows}


def matrix_table(report: PairReport) -> Row:
    """The counts of the answer matrix, as drawn: a row an answer of the fusion center."""
    counts = report.answer_matrix
    columns = ["Fusion center", *({"label": f"EOC {name}", "numeric": True} for name in counts.columns)]
    rows = [[str(name), *(int(count) for count in row)] for name, row in counts.iterrows()]
    return {"caption": "Items by the answers of the two sides", "columns": columns, "rows": rows}


def trend_table(report: PairReport) -> Row:
    """Domains on their common items, then and now, and the index of the same items as the last row."""
    change = report.trend
    assert change is not None
    scores, gaps = score_bounds(report.rules), gap_bounds(report.rules)
    titles = dict(zip(report.domains["id"], report.domains["title"], strict=True))
    found = [
        (
            f"{titles[row['domain']]} ({row['domain']})",
            row["items"],
            row["previous"],
            row["current"],
            row["change"],
        )
        for row in records(change.domains)
    ]
    found.append(
        ("Index on the common items", change.items, change.previous, change.current, change.index_change)
    )
    rows = [
        [name, int(items), number(then, scores), number(now, scores), _moved(moved, gaps)]
        for name, items, then, now, moved in found
    ]
    names = ("Common items", "Before", "Now", "Change")
    columns = ["Domain", *({"label": name, "numeric": True} for name in names)]
    return {"caption": "Scores of 100 on the items scored in both cycles", "columns": columns, "rows": rows}


def _moved(value: float, bounds: Collection[float]) -> str:
    found = signed(value, bounds, 100, 1)
    assert found is not None
    return str(found["text"])


def coverage_table(report: PairReport) -> Row:
    """How much of each domain's weight has a joint score."""
    bound = {100 * report.rules.domain_coverage}
    rows = []
    for row in records(report.domains):
        share = plain(row["coverage"])
        words = (
            "Scored" if row["reportable"] else "Not enough answers" if row["in_base"] else "Does not apply"
        )
        rows.append([row["title"], None if share is None else f"{shown(100 * share, bound)} %", words])
    columns = ["Domain", {"label": "Coverage", "numeric": True}, "Joint score"]
    return {
        "caption": "Share of each domain's weight that has a joint score",
        "columns": columns,
        "rows": rows,
    }
