"""Every table of the network page as a typed frame with a description of each column. Pure.

What a reader may not see is missing here as it is in the report that the tables are made from; beside each
number stands a state that tells hidden from not there. Numbers are unrounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from questionnaires.definition import Side
from reports.network import Numbers
from reports.network_history import Step
from reports.network_report import BASELINE_2011, STATUSES, NetworkReport
from reports.network_values import GUIDANCE
from reports.scoring import plan

TEXT, WHOLE, NUMBER = "text", "whole number", "number"
DTYPES: dict[str, Any] = {TEXT: "string", WHOLE: "Int64", NUMBER: "float64"}
SHOWN, HIDDEN, NONE = "shown", "hidden", "none"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """A column and what it holds; ``state`` names the column that says whether its numbers are shown."""

    name: str
    description: str
    kind: str = TEXT
    state: str = ""


@dataclass(frozen=True, eq=False)
class NetworkTable:
    """``frame`` has these columns in this order, of DTYPES; a number is missing unless its state is shown."""

    name: str
    title: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def network_tables(
    report: NetworkReport, steps: Sequence[Step] = (), regions: Mapping[str, Numbers] | None = None
) -> list[NetworkTable]:
    """All tables of a scope, in the order of the page; the same ones before and after the release.

    ``steps``: the changes up to this cycle. ``regions``: region -> its numbers, of those that the reader may
    read, for the nation.
    """
    numbers = report.numbers
    return [
        _table("completeness", "Who has answered", _COMPLETENESS, _completeness(report)),
        _table("index", "Maturity index", _INDEX, _measures(numbers["index"], _INDEX_MEASURES)),
        _table("levels", "Pairs by level", _LEVELS, _levels(numbers["levels"])),
        _table("trend", "Change since the cycle before", _TREND, _trend(numbers["trend"])),
        _table("changes", "Change from cycle to cycle", _CHANGES, _changes(steps)),
        _table("domains", "Domains", _DOMAINS, _domains(report, numbers)),
        _table("domains_by_region", "Domains by region", _REGIONS, _regions(report, regions or {})),
        _table("items", "Items", _ITEMS, _items(report)),
        _table("common_gaps", "What is low in common", _GAPS, _gaps(report)),
        _table("guidance", "How far CPG-502 is known and used", _GUIDANCE, _guidance(numbers["guidance"])),
        _table("groups", "Parts of the scope", _GROUPS, _groups(report)),
        _table("pairs", "Pairs of the scope, and who has answered", _PAIRS, _pairs(report)),
    ]


def state_of(found: Mapping[Any, Any], name: str) -> str:
    """Shown where there is a number; else hidden where its object says so, else none."""
    if found[name] is not None:
        return SHOWN
    return HIDDEN if found.get("suppressed") else NONE


def _table(name: str, title: str, columns: Sequence[Column], rows: Iterable[Row]) -> NetworkTable:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    # each column with its type at once: a fifth of the time of a frame whose columns are changed afterwards
    found = {
        column.name: pd.array(values, dtype=DTYPES[column.kind])
        for column, values in zip(columns, cells, strict=True)
    }
    return NetworkTable(name, title, tuple(columns), pd.DataFrame(found))


_STATE = Column(
    "state",
    "shown: the number is here. hidden: it may not be shown, or is not released yet. none: there is no such "
    "number.",
)


def _state(name: str, of: str) -> Column:
    return Column(name, f"The same as state, for {of}.")


def _counted(name: str, what: str) -> Column:
    return Column(name, f"{what}; never hidden.", WHOLE)


_STATUS_COLUMNS = (
    _counted("expected", "Pairs that were asked"),
    _counted("complete", "Pairs of which both sides have submitted"),
    _counted("one_sided", "Pairs of which one side has submitted"),
    _counted("not_started", "Pairs of which no side has submitted"),
)
_VALUE = Column("value", "The number, unrounded.", NUMBER, "state")
_BASE = Column("pairs", "Pairs that the mean rests on.", WHOLE, "state")

_COMPLETENESS = _STATUS_COLUMNS


def _completeness(report: NetworkReport) -> list[Row]:
    counts = report.counts
    return [(counts["expected"], *(counts[name] for name in STATUSES))]


_INDEX_MEASURES = {
    "n": "pairs that have an index",
    "mean": "mean, 0-100",
    "median": "median, 0-100",
    "q1": "first quartile, 0-100",
    "q3": "third quartile, 0-100",
}
_INDEX = (
    Column("measure", "n, mean, median, q1 or q3, as in the JSON."),
    Column("meaning", "The measure in words."),
    _VALUE,
    _STATE,
)


def _measures(found: Numbers, names: Mapping[str, str]) -> Iterator[Row]:
    for name, meaning in names.items():
        yield name, meaning, found[name], state_of(found, name)


_LEVELS = (
    Column("level", "Maturity level, 0 to 4.", WHOLE),
    Column("name", "Its name."),
    Column("pairs", "Pairs at this level.", WHOLE, "state"),
    _STATE,
)


def _levels(levels: Iterable[Numbers]) -> Iterator[Row]:
    for found in levels:
        yield found["level"], found["name"], found["count"], state_of(found, "count")


_TREND_MEASURES = {
    "n": "pairs that are in both cycles",
    "previous": "their mean index then, on the items that both cycles ask, 0-100",
    "current": "the same now, 0-100",
    "change": "mean change in points",
    "low": "lower end of its 95 % interval (Student's t)",
    "high": "upper end of it",
}
_TREND = (
    Column("previous_cycle", "The cycle that is compared with; empty where there is none."),
    Column("measure", "n, previous, current, change, low or high, as in the JSON."),
    Column("meaning", "The measure in words."),
    _VALUE,
    _STATE,
)


def _trend(found: Numbers | None) -> Iterator[Row]:
    """Of the first cycle of a questionnaire there is no trend: every number is none."""
    nothing: Numbers = dict.fromkeys(("previous_cycle", *_TREND_MEASURES))
    trend = found or nothing
    for row in _measures(trend, _TREND_MEASURES):
        yield trend["previous_cycle"], *row


_CHANGES = (
    Column("before", "Title of the earlier cycle."),
    Column("after", "Title of the next cycle of the same questionnaire."),
    Column("version_before", "Version of the questionnaire in the earlier cycle."),
    Column("version_after", "The same in the next; where they differ, only what both ask counts."),
    Column("pairs", "Pairs that are in both.", WHOLE, "state"),
    Column("previous", "Their mean index in the earlier cycle, 0-100.", NUMBER, "state"),
    Column("current", "The same in the next.", NUMBER, "state"),
    Column("change", "Mean change in points.", NUMBER, "state"),
    _STATE,
    Column("low", "Lower end of its 95 % interval (Student's t).", NUMBER, "interval_state"),
    Column("high", "Upper end of it.", NUMBER, "interval_state"),
    _state("interval_state", "the interval"),
)


def _changes(steps: Iterable[Step]) -> Iterator[Row]:
    for step in steps:
        found = step.trend or dict.fromkeys(_TREND_MEASURES)
        means = (found[name] for name in ("n", "previous", "current", "change"))
        interval = (found["low"], found["high"], state_of(found, "low"))
        yield step.before, step.after, *step.versions, *means, state_of(found, "change"), *interval


_DOMAINS = (
    Column("domain", "Id of the domain."),
    Column("title", "Its title in the questionnaire."),
    _BASE,
    Column("mean", "Mean joint score of the pairs, 0-100.", NUMBER, "state"),
    _STATE,
    Column("gap", "Mean of fusion center minus EOC, points of 100.", NUMBER, "gap_state"),
    _state("gap_state", "the gap; none where no item asks both sides"),
    Column("fusion_center", "Mean score of the fusion centers' sides, 0-100.", NUMBER, "sides_state"),
    Column("eoc", "Mean score of the EOCs' sides, 0-100.", NUMBER, "sides_state"),
    _state("sides_state", "the two sides' means"),
)


def _domains(report: NetworkReport, numbers: Numbers) -> Iterator[Row]:
    titles = {section.id: section.title for section in report.questionnaire.domains}
    for found in numbers["domains"]:
        mean = (found["n"], found["mean"], state_of(found, "mean"))
        sides = (*(found[str(side)] for side in Side), state_of(found, str(Side.EOC)))
        yield found["id"], titles[found["id"]], *mean, found["gap"], state_of(found, "gap"), *sides


_REGIONS = (Column("fema_region", "FEMA region of the EOC.", WHOLE), *_DOMAINS)


def _regions(report: NetworkReport, regions: Mapping[str, Numbers]) -> Iterator[Row]:
    for region, numbers in regions.items():
        for row in _domains(report, numbers):
            yield int(region), *row


_ITEM = (
    Column("item", "Id of the item."),
    Column("domain", "Id of its domain."),
    Column("wording", "What it asks."),
)
_ITEM_MEAN = Column("mean", "Mean joint score of the pairs, 0-4.", NUMBER, "state")
_ITEMS = (
    *_ITEM,
    _BASE,
    _ITEM_MEAN,
    _STATE,
    Column("difference", "Mean of fusion center minus EOC, -4 to 4.", NUMBER, "difference_state"),
    _state("difference_state", "the difference; none for an item that one side alone is asked"),
)


def _items(report: NetworkReport) -> Iterator[Row]:
    about = _item_facts(report)
    for found in report.numbers["items"]:
        mean = (found["n"], found["mean"], state_of(found, "mean"))
        yield *about[found["id"]], *mean, found["difference"], state_of(found, "difference")


def _item_facts(report: NetworkReport) -> dict[str, tuple[str, str, str]]:
    """Item -> itself, its domain, and its wording on the side that is asked first."""
    codebook = plan(report.questionnaire).codebook
    questions = report.questionnaire.by_id
    return {
        item: (item, domain, next(iter(questions[item].wording.values())))
        for item, domain in zip(codebook["question"], codebook["domain"], strict=True)
    }


_GAPS = (
    Column("rank", "1 is the lowest mean of the items that are shown.", WHOLE),
    *_ITEM,
    _BASE,
    _ITEM_MEAN,
    _STATE,
    Column("action", "What helps, from the questionnaire."),
)


def _gaps(report: NetworkReport) -> Iterator[Row]:
    about, questions = _item_facts(report), report.questionnaire.by_id
    for rank, found in enumerate(report.common_gaps, 1):
        item = found["id"]
        yield rank, *about[item], found["n"], found["mean"], SHOWN, questions[item].action or None


THIS_CYCLE, IN_2011 = "this cycle", "2011"
_GUIDANCE = (
    Column("side", "fusion_center or eoc; both for the headline of 2011."),
    Column("source", "this cycle, or 2011: the places that the Inspector General visited (OIG-12-15)."),
    Column("said", "not_seen, seen_not_used, used, n (all of them), left (2011: the rest), or headline."),
    Column("centers", "Centers; one in several pairs counts once, by the most it says.", WHOLE, "state"),
    _STATE,
    Column("words", "The headline of 2011 in its own words; the counts do not add up to it."),
)


def _guidance(guidance: Numbers) -> Iterator[Row]:
    """The counts of 2011 and the headline of then stand apart: neither follows from the other."""
    for side in map(str, Side):
        now, then = guidance[side], BASELINE_2011[side]
        for said in (*GUIDANCE, "n"):
            yield side, THIS_CYCLE, said, now[said], state_of(now, said), None
        for said, count in then.items():
            yield side, IN_2011, said, count, SHOWN, None
    yield "both", IN_2011, "headline", None, NONE, BASELINE_2011["headline"]


_GROUPS = (
    Column("breakdown", "fema_region, state or eoc_level: how the scope divides."),
    Column("value", "Which region, state or level; a pair lies where its EOC is."),
    *_STATUS_COLUMNS,
    Column("pairs", "Pairs that have an index.", WHOLE, "state"),
    Column("mean", "Mean index, 0-100.", NUMBER, "state"),
    _STATE,
)


def _groups(report: NetworkReport) -> Iterator[Row]:
    for found in report.groups:
        counts = (found["expected"], *(found[name] for name in STATUSES))
        index = (found["n"], found["mean"], state_of(found, "mean"))
        yield found["by"], str(found["value"]), *counts, *index


_PAIRS = (
    Column("fusion_center", "Code of the fusion center."),
    Column("fusion_center_name", "Its name."),
    Column("eoc", "Code of the EOC."),
    Column("eoc_name", "Its name."),
    Column("eoc_level", "Level of the EOC."),
    Column("fema_region", "FEMA region of the EOC.", WHOLE),
    Column("eoc_state", "State of the EOC."),
    Column("status", "complete, one_sided or not_started, as of the release; before it, as of now."),
)


def _pairs(report: NetworkReport) -> Iterator[Row]:
    sources = {"fema_region": "region", "eoc_state": "state"}
    names = [sources.get(column.name, column.name) for column in _PAIRS]
    found = report.pairs.sort_values(["fusion_center", "eoc"])[names]
    yield from found.itertuples(index=False, name=None)
