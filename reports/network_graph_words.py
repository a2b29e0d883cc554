"""The graph of the network in plain sentences, true for none, one and all. Pure."""

from __future__ import annotations

import pandas as pd

from questionnaires.definition import ScoringRules
from reports.maturity import score_bounds, shown
from reports.network_graph import Said

SAID_WORDS = {
    Said.INSUFFICIENT: "not enough answers for an index",
    Said.COMPLETE: "both sides have answered",
    Said.ONE_SIDED: "waits for one side",
    Said.NOT_STARTED: "no side has submitted",
}
SIDES_WORDS = {True: "sides far apart", False: "sides not far apart"}
ANSWERED = (Said.SCORED, Said.INSUFFICIENT, Said.COMPLETE)
OPENED = (Said.SCORED, Said.INSUFFICIENT)


def link_words(links: pd.DataFrame, rules: ScoringRules) -> list[str]:
    """What is said of each link, in the graph as in its table."""
    bounds, names = score_bounds(rules), {level.level: level.name for level in rules.levels}
    rows = zip(links["said"], links["index"], links["level"], links["wide"], strict=True)
    return [
        f"{shown(index, bounds)} of 100, level {level} {names[level]}, {SIDES_WORDS[wide]}"
        if said == Said.SCORED
        else SAID_WORDS[Said(said)]
        for said, index, level, wide in rows
    ]


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def sentence(links: pd.DataFrame) -> str:
    """How many links there are and how many have answered; how many the reader may open, and how they are."""
    centers, eocs = (links[name].nunique() for name in ("fusion_center", "eoc"))
    answered = int(links["said"].isin(ANSWERED).sum())
    between = f"between {counted(centers, 'fusion center')} and {counted(eocs, 'EOC')}"
    if len(links) == 1:
        first = f"1 link {between}; both sides of it have {'' if answered else 'not yet '}answered."
    else:
        who = "all" if answered == len(links) else f"{answered:,}" if answered else "none"
        first = f"{len(links):,} links {between}; both sides of {who} of them have answered."
    return f"{first} {_opened(links)}"


def _opened(links: pd.DataFrame) -> str:
    opened = int(links["said"].isin(OPENED).sum())
    wide = int(links["wide"].sum())
    if not opened:
        return "None of them is open to you here by name, so a line says only whether both have answered."
    scored = int((links["said"] == Said.SCORED).sum())
    first = f"{opened:,} of them {'is' if opened == 1 else 'are'} open to you"
    if not scored:
        return f"{first}, without enough answers for an index."
    if opened == 1:
        return f"{first}; its sides stand far apart in {'some' if wide else 'no'} domain."
    if not wide:
        return f"{first}; in none of these do the sides stand far apart in a domain."
    return f"{first}; in {wide:,} of these the sides stand far apart in some domain."
