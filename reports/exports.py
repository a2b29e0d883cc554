"""Reports as files. The same frames as pages and figures, numbers unrounded."""

from __future__ import annotations

import csv
import io
from typing import Any

from questionnaires.spreadsheet_text import harmless
from reports.pair import PairReport, plain


def items_csv(report: PairReport, marking: str) -> str:
    """The item table: a line an item, in file order; of one side alone only its own columns and items.

    Every line carries the marking, pair, cycle and questionnaire version, so that a line cut from the file
    still says what it is. A byte-order mark at the start tells spreadsheets that this is UTF-8. Words that
    a spreadsheet would take for a formula are led in by an apostrophe; numbers stay numbers.
    """
    sides = report.sides
    about = {
        "marking": marking,
        "synthetic": "synthetic" if report.synthetic else "",
        "cycle": report.cycle,
        "fusion_center": report.fusion_center,
        "eoc": report.eoc,
        "questionnaire": report.questionnaire,
        "version": report.version,
        "status": str(report.status),
    }
    wanted = [*(f"{side}_{part}" for part in ("wording", "rating", "status", "note") for side in sides)]
    joint = ["joint", "difference", "state", "discuss", "quadrant", "priority"] if report.revealed else []
    columns = ["item", "domain", "weight", "critical", "asked", *wanted, *joint, "action"]
    asked = {"both", *sides}
    rows = report.items[report.items["asked"].isin(asked)]
    rows = rows.rename(columns={side: f"{side}_rating" for side in sides})
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in (*about, *columns)])
    for row in rows[columns].itertuples(index=False, name=None):
        writer.writerow([safe_cell(value) for value in (*about.values(), *row)])
    return "\ufeff" + output.getvalue()


def safe_cell(value: Any) -> str:
    """A cell as text: nothing for missing, numbers unrounded, words that no spreadsheet runs."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(int(value)) if float(value).is_integer() else repr(value)
    return harmless(str(value))
