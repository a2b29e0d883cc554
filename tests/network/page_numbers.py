"""The numbers of the network page, read from its tables as a person reads them, beside those of the JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any

COUNTS = ("expected", "complete", "one_sided", "not_started")
SAID = ("not_seen", "seen_not_used", "used")
NOTHING = {"\u2013none", "\u2013no pair", "\u2013"}
GAP = re.compile(r"Mean (\S+) of 4 over (\d+) pairs")
Numbers = Mapping[str, Any]


@dataclass
class Table:
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)  # the headings are not among them


class Page(HTMLParser):
    """``tables``: caption -> its rows. ``gaps``: what stands in the list of low items. ``cards``: counts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.gaps: list[tuple[str, str, str]] = []
        self._table, self._into, self._inside = Table(), "", Counter[str]()
        self.feed(text)
        self.cards = re.findall(r'<div class="number-card"><dt>[^<]*</dt><dd>([\d,]+)', text)
        for found in re.finditer(r"<li><p><b>([^<]+)</b>(.*?)</p></li>", text, re.DOTALL):
            numbers = GAP.search(found[2])
            if numbers:
                self.gaps.append((found[1], numbers[1], numbers[2]))

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._inside[tag] += 1
        if tag == "table":
            self._table = Table()
        elif tag == "tr":
            self._table.rows.append([])
        elif tag in ("td", "th"):
            self._table.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside[tag] -= 1
        if tag == "table":
            self.tables[self._table.caption.strip()] = self._table.rows[1:]

    def handle_data(self, data: str) -> None:
        if self._inside["caption"]:
            self._table.caption += data
        elif self._inside["td"] or self._inside["th"]:
            self._table.rows[-1][-1] += data.strip()


def says(cell: str, value: float | None, hidden: bool = True) -> bool:
    """Whether the cell has this number, to its own last digit; where there is none, that it is hidden or not
    there. Next to a whole number, where meanings change, it may be rounded away from it."""
    text = cell.replace("\u2212", "-").replace(",", "")
    if value is None:
        return text.lower().startswith(("hidden", "not shown")) if hidden else text in NOTHING
    try:
        found = Decimal(text)
    except ArithmeticError:
        return False
    step = Decimal(1).scaleb(int(found.as_tuple().exponent))
    exact = Decimal(str(round(value, 9)))
    rounded = exact.quantize(step, ROUND_HALF_UP)
    return found == rounded or (rounded == rounded.to_integral_value() and abs(found - exact) < step)


@dataclass
class Compared:
    """What does not agree, and how many numbers of which table were compared and shown."""

    wrong: list[Any] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def cells(self, where: str, cells: Sequence[str], values: Sequence[Any], hidden: bool = True) -> None:
        for cell, value in zip(cells, values, strict=True):
            self.seen[where] += value is not None
            if not says(cell, value, hidden):
                self.wrong.append((where, cell, value))


def compare(page: Page, report: Numbers, trends: Sequence[Numbers | None], found: Compared) -> None:
    """The page of a scope beside its JSON. ``trends``: of each cycle up to this one, as its JSON has them."""
    if page.cards:
        found.cells("cards", page.cards, [report["pairs"][name] for name in COUNTS])
    if report["released"] is None:
        found.wrong += [(name, "before the release") for name in page.tables if not is_count(name)]
        return
    one_row_each(page, report, found)
    for row, trend in zip(page.tables.get("Mean index on common items, of 100", []), trends, strict=True):
        if trend is None:
            found.cells("changes", row[3:4], [0])
            continue
        values = [trend[name] for name in ("n", "previous", "current", "change")]
        found.cells("changes", row[3:7], values)
        if trend["low"] is not None:
            found.cells("intervals", row[7].split(" to "), [trend["low"], trend["high"]])
    for gap, (item, mean, count) in zip(report["common_gaps"], page.gaps, strict=True):
        found.cells("gaps", [mean, count], [gap["mean"], gap["n"]])
        if item != gap["item"]:
            found.wrong.append(("gaps", item, gap))
    groups(page, report, found)


def is_count(caption: str) -> bool:
    """Of who has answered; the rest of these tables is compared as hidden."""
    return caption in ("States, with the number that colours the tile", *GROUPS.values())


def one_row_each(page: Page, report: Numbers, found: Compared) -> None:
    index, tables = report["index"], page.tables
    if "Maturity index, of 100" in tables:
        cells = [row[1] for row in tables["Maturity index, of 100"]]
        found.cells("index", cells, [index[name] for name in ("n", "mean", "q1", "median", "q3")])
    cells = [row[1] for row in tables["Pairs by level"]]
    found.cells("levels", cells, [level["count"] for level in report["levels"]])
    rows = tables["Domains, of 100; a positive gap: fusion centers rate higher"]
    for row, domain in zip(rows, report["domains"], strict=True):
        names = ("n", "mean", "fusion_center", "eoc", "gap")
        for cell, name in zip(row[1:], names, strict=True):
            hidden = name == "n" or domain.get("suppressed", False)
            found.cells(f"domains {name}", [cell], [domain[name]], hidden)
    rows = tables["All items; a positive difference: fusion centers rate higher"]
    for row, item in zip(rows, report["items"], strict=True):
        for cell, name in zip(row[1:], ("n", "mean", "difference"), strict=True):
            hidden = name == "n" or item.get("suppressed", False)
            found.cells(f"items {name}", [cell], [item[name]], hidden)
        if not row[0].startswith(f"{item['id']}:"):
            found.wrong.append((row[0], item["id"]))
    rows = tables["CPG-502: how far the guide is known and used"]
    for row, side in zip(rows[:2], ("fusion_center", "eoc"), strict=True):
        now = report["guidance"][side]
        found.cells("guidance", [*row[1:4], row[5]], [*(now[name] for name in SAID), now["n"]])


GROUPS = {"fema_region": "FEMA regions", "state": "States", "eoc_level": "Levels of EOC"}


def groups(page: Page, report: Numbers, found: Compared) -> None:
    """The parts of the scope, and what colours the map of the states."""
    means = {}
    for by, caption in GROUPS.items():
        of_kind = [group for group in report["groups"] if group["by"] == by]
        for row, group in zip(page.tables.get(caption, []), of_kind, strict=bool(of_kind)):
            means[by, str(group["value"])] = group["mean"]
            if row[0] != (f"Region {group['value']}" if by == "fema_region" else group["value"]):
                found.wrong.append((caption, row[0], group["value"]))
            found.cells("groups", row[5:], [group["n"], group["mean"]], group.get("suppressed", False))
    for row in page.tables.get("States, with the number that colours the tile", []):
        own, region = means["state", row[0]], means["fema_region", row[1]]
        found.cells("map", [row[6].partition(",")[0]], [region if own is None else own])


def heat(page: Page, regions: Mapping[str, Numbers], found: Compared) -> None:
    """The nation's table of regions beside the JSON of each."""
    rows = page.tables.get("Mean joint scores by region and domain", [])
    if [row[0] for row in rows] != [f"Region {region}" for region in regions]:
        found.wrong.append(("heat", [row[0] for row in rows], list(regions)))
    for row, numbers in zip(rows, regions.values(), strict=False):
        parts = [numbers["index"], *numbers["domains"]]
        for cell, part in zip(row[1:], parts, strict=True):
            text = re.sub(r"(fusion centers|EOCs) much higher$", "", cell)
            hidden = part["n"] != 0 and part.get("suppressed", False)
            found.cells("heat", [text], [part["mean"]], hidden)


def shown(value: Any) -> Iterator[float]:
    """Every number of a JSON."""
    if isinstance(value, dict):
        for part in value.values():
            yield from shown(part)
    elif isinstance(value, list):
        for part in value:
            yield from shown(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
