"""What the page of the network graph shows: one dictionary for the template. Knows no Flask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports import figures, network_words
from reports.figure_style import SIDE_LABELS
from reports.network_gathering import GatheredNetwork
from reports.network_graph import Layout, Said, graph
from reports.network_graph_figure import network_graph
from reports.network_graph_words import OPENED, link_words, sentence
from reports.scoring import scoring_rules

Row = dict[str, Any]
Address = Callable[[str, str], str]  # fusion center, EOC -> where the pair's report is
LINKS_ON_A_PAGE = 50
_SEARCHED = ["fusion_center", "fusion_center_name", "eoc", "eoc_name", "state", "eoc_level"]


@dataclass(frozen=True)
class Wanted:
    """How the reader wants to see it: the layout, and which part of the table."""

    layout: Layout = Layout.GEOGRAPHY
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Wanted:
        """From an address; what it does not say, or says strangely, is as at first."""
        layout = Layout.REGION if asked.get("layout") == Layout.REGION else Layout.GEOGRAPHY
        page = asked.get("page", "")
        number = int(page) if page.isdecimal() and len(page) < 7 else 1
        return cls(layout, asked.get("q", "").strip()[:100], max(number, 1))


def graph_page(
    found: GatheredNetwork,
    opened: pd.DataFrame,
    homes: Mapping[str, str],
    wanted: Wanted,
    address: Address,
) -> Row:
    """The template's context. ``opened`` as ``pairs_open_to`` gives it."""
    report = found.report
    rules = scoring_rules(report.questionnaire)
    drawn = graph(report.pairs, _as_edges(opened), wanted.layout, homes)
    links = drawn.links.assign(words=link_words(drawn.links, rules))
    rows = _searched(links, wanted.text)
    pages = max(-(-len(rows) // LINKS_ON_A_PAGE), 1)
    page = min(wanted.page, pages)
    return {
        "cycle": found.cycle,
        "scope": report.scope,
        "heading": network_words.scope_name(report.scope),
        "released": report.released,
        "sentence": sentence(links),
        "figure_json": figures.as_json(network_graph(drawn, rules)),
        "legend": _legend(links, rules.levels),
        "layout": wanted.layout,
        "layouts": {Layout.GEOGRAPHY: "By state", Layout.REGION: "By FEMA region"},
        "text": wanted.text,
        "found": len(rows),
        "page": page,
        "pages": pages,
        "table": _table(rows.iloc[(page - 1) * LINKS_ON_A_PAGE : page * LINKS_ON_A_PAGE], address),
        "has_figures": True,
    }


def _as_edges(opened: pd.DataFrame) -> pd.DataFrame:
    """What the graph needs of an opened pair; its gap is the widest of its domains."""
    gaps = opened[[name for name in opened.columns if name.startswith("gap:")]]
    return opened[["pair", "index", "level", "wide"]].assign(gap=gaps.abs().max(axis=1))


def _searched(links: pd.DataFrame, text: str) -> pd.DataFrame:
    """The links that fit, those that the reader may open first."""
    if text:
        words = links[_SEARCHED].astype(str).agg(" ".join, axis=1).str.casefold()
        links = links[words.str.contains(text.casefold(), regex=False)]
    order = links.assign(closed=~links["said"].isin(OPENED))
    return links.loc[order.sort_values(["closed", "fusion_center_name", "eoc_name", "pair"]).index]


def _table(links: pd.DataFrame, address: Address) -> Row:
    rows = []
    for row in links.to_dict("records"):
        href = address(row["fusion_center"], row["eoc"]) if row["said"] in OPENED else None
        eoc = {"text": row["eoc_name"], "href": href} if href else row["eoc_name"]
        where = f"{row['eoc_level']}, {row['state']}"
        rows.append([row["fusion_center_name"], eoc, where, _first(row["words"])])
    return {
        "caption": "Links, those that are open to you first",
        "columns": [*SIDE_LABELS.values(), "Level and state of the EOC", "How it stands"],
        "rows": rows,
    }


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]


def _legend(links: pd.DataFrame, levels: Any) -> list[Row]:
    """Every look of a line with what it says and how many links have it; those that nobody has are left out
    but for the levels."""
    counts = links["said"].value_counts()
    rows: list[Row] = []
    if counts.get(Said.SCORED):
        by_level = links["level"].value_counts()
        for level in levels:
            words = f"Level {level.level} {level.name}"
            count = int(by_level.get(level.level, 0))
            rows.append({"look": f"level-{level.level}", "words": words, "count": count})
        words = "Dashed, at any level: sides far apart in some domain"
        rows.append({"look": "wide", "words": words, "count": int(links["wide"].sum())})
    others = {
        "insufficient": ("Open to you, not enough answers for an index", [Said.INSUFFICIENT]),
        "complete": ("Both sides have answered; not open to you", [Said.COMPLETE]),
        "waiting": ("One side or both are still to answer", [Said.ONE_SIDED, Said.NOT_STARTED]),
    }
    for look, (said, which) in others.items():
        count = sum(int(counts.get(one, 0)) for one in which)
        if count:
            rows.append({"look": look, "words": said, "count": count})
    return rows
