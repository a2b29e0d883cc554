"""The report's JSON, put together again from its tables; so files can be held against the report itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.network_report import BASELINE_2011

Tables = Mapping[str, pd.DataFrame]
SIDES = ("fusion_center", "eoc")
COUNTS = ("expected", "complete", "one_sided", "not_started")


def number(row: Any, name: str) -> Any:
    value = row[name]
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def json_of(tables: Tables) -> dict[str, Any]:
    """Everything of ``NetworkReport.to_json`` that is a number or says that one is hidden."""
    return {
        "pairs": {name: number(row, name) for row in rows(tables["completeness"]) for name in COUNTS},
        "index": measures(rows(tables["index"])),
        "levels": [
            {"level": number(row, "level"), "name": row["name"], "count": number(row, "pairs")} | mark(row)
            for row in rows(tables["levels"])
        ],
        "domains": [domain(row) for row in rows(tables["domains"])],
        "groups": [group(row) for row in rows(tables["groups"])],
        "guidance": guidance(tables["guidance"]),
        "common_gaps": [
            {"item": row["item"], "n": number(row, "pairs"), "mean": number(row, "mean")}
            for row in rows(tables["common_gaps"])
        ],
        "items": [item(row) for row in rows(tables["items"])],
        "trend": trend(tables["trend"]),
    }


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")


def mark(*states: Any) -> dict[str, bool]:
    """Of rows, or of states themselves."""
    found = {state["state"] if isinstance(state, dict) else state for state in states}
    assert found <= {"shown", "hidden", "none"}
    return {"suppressed": True} if "hidden" in found else {}


def measures(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["measure"]: number(row, "value") for row in lines} | mark(*lines)


def domain(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: number(row, name) for name in ("mean", "gap", *SIDES)}
    states = mark(row["state"], row["gap_state"], row["sides_state"])
    return {"id": row["domain"], "n": number(row, "pairs")} | numbers | states


def item(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {
        "n": number(row, "pairs"),
        "mean": number(row, "mean"),
        "difference": number(row, "difference"),
    }
    return {"id": row["item"]} | numbers | mark(row["state"], row["difference_state"])


def group(row: dict[str, Any]) -> dict[str, Any]:
    value = int(row["value"]) if row["breakdown"] == "fema_region" else str(row["value"])
    numbers = {"n": number(row, "pairs"), "mean": number(row, "mean")}
    return {"by": row["breakdown"], "value": value} | numbers | mark(row)


def guidance(frame: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {"baseline_2011": {}}
    for side in SIDES:
        now = rows(frame[(frame["side"] == side) & (frame["source"] == "this cycle")])
        then = rows(frame[(frame["side"] == side) & (frame["source"].astype(str) == "2011")])
        found[side] = {row["said"]: number(row, "centers") for row in now} | mark(*now)
        found["baseline_2011"][side] = {row["said"]: number(row, "centers") for row in then}
    [headline] = rows(frame[frame["said"] == "headline"])
    assert number(headline, "centers") is None
    found["baseline_2011"]["headline"] = headline["words"]
    assert found["baseline_2011"] == BASELINE_2011
    return found


def change_of(row: dict[str, Any]) -> dict[str, Any]:
    names = {"n": "pairs"} | {name: name for name in ("previous", "current", "change", "low", "high")}
    numbers = {name: number(row, column) for name, column in names.items()}
    return numbers | mark(row["state"], row["interval_state"])


def trend(frame: pd.DataFrame) -> dict[str, Any] | None:
    lines = rows(frame)
    if {row["state"] for row in lines} == {"none"}:
        return None
    [previous] = {row["previous_cycle"] for row in lines}
    return {"previous_cycle": previous} | measures(lines)
