"""A center's table of pairs as a file, numbers unrounded."""

from __future__ import annotations

import csv
import io

from reports.center_gathering import GatheredCenter
from reports.exports import safe_cell

_COLUMNS = ["partner", "partner_name", "partner_level", "state", "region", "status", "waits_for"]
_NUMBERS = ["index", "level", "level_name", "held_back_by", "agreement", "items", "apart", "change"]
_DOMAIN = ("joint", "fusion_center", "eoc", "gap")


def pairs_file(found: GatheredCenter, marking: str) -> str:
    """A line a pair with its domains; of pairs that the reader may not read only how far they are."""
    report = found.report
    about = {
        "marking": marking,
        "synthetic": "synthetic" if found.cycle.synthetic else "",
        "cycle": report.cycle,
        "center": report.center,
        "questionnaire": report.questionnaire.id,
        "version": report.questionnaire.version,
    }
    scores = report.domains.set_index(["pair", "domain"]).to_dict("index")
    names = [(domain, part) for domain in report.means["id"] for part in _DOMAIN]
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    header = [*about, *_COLUMNS, *_NUMBERS, *(f"{domain}_{part}" for domain, part in names)]
    writer.writerow([safe_cell(name) for name in header])
    for row in report.pairs.to_dict("records"):
        row["held_back_by"] = ";".join(row["held_back_by"])
        domains = [scores.get((row["pair"], domain), {}).get(part) for domain, part in names]
        values = [*about.values(), *(row[name] for name in (*_COLUMNS, *_NUMBERS)), *domains]
        writer.writerow([safe_cell(value) for value in values])
    return "\ufeff" + output.getvalue()
