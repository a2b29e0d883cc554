"""The results of a survey as tables: the one form that pages, figures and files are made from. Pure.

A row whose numbers may not be shown has none: ``hidden`` is all that is left of it, in every file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from questionnaires.definition import RESPONDENT, Questionnaire
from reports.maturity import shown
from reports.pair import plain
from reports.product_trend import Change, ProductsTrend
from reports.products import NEEDS, USES, ProductsReport
from reports.suppression import suppress
from reports.survey_tally import EOC, GROUP_OPTION, GROUP_QUESTION

HIDDEN = "Hidden"
GROUP_QUESTIONS = ("P-01", "P-02")
HIDDEN_NOTE = "fewer than {floor}, or it would reveal such a group"
SHARE, POINTS, MEAN, CHANGE = "share", "points", "mean", "change"
COUNT, WORDS, SCORE = "count", "words", "score"
INTERVAL = ("low", "high")  # two columns of a table, one on the page
GROUP_NAMES = {"eoc": "EOC officials", "other": "Others"}
MEASURE_NAMES = {"usefulness": "Usefulness", "quality": "Quality"}
TEST_NAMES = {"newcombe": "Newcombe", "mcnemar": "McNemar", "welch": "Welch", "paired_t": "Paired t"}
CHANGE_NAMES = {
    "O-01": "Usefulness",
    "O-02": "Quality",
    "O-03": "Satisfaction",
    "U-03": "Influenced a decision",
}
QUADRANT_NAMES = {
    "concentrate_here": "Act first",
    "keep_up": "Keep up",
    "low_priority": "Low priority",
    "possible_overkill": "Possibly more than is needed",
}


INTERVAL_LABEL = "95\xa0% interval"
_UNITS = {SHARE: "\xa0%", POINTS: "\xa0points", MEAN: "", CHANGE: "", SCORE: ""}
_OF_A_HUNDRED, _SIGNED = (SHARE, POINTS), (POINTS, CHANGE)


@dataclass(frozen=True)
class Column:
    """``kind``: share (of 1), points (a share less another), mean (on a scale), change (of means), score,
    count or words."""

    key: str
    label: str
    kind: str = WORDS

    @property
    def numeric(self) -> bool:
        return self.kind != WORDS


@dataclass(frozen=True)
class ResultTable:
    """Rows by column key, numbers unrounded; the first column names the row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]

    def for_page(self) -> dict[str, Any]:
        """As the macro ``data_table`` prints it; both ends of an interval stand in one column."""
        low, high = (self._column(key) for key in INTERVAL)
        shown = [column for column in self.columns if column is not high]
        columns = [{"label": INTERVAL_LABEL if c is low else c.label, "numeric": c.numeric} for c in shown]
        rows = [
            [_interval(row, c) if high and c is low else _cell(row, c) for c in shown] for row in self.rows
        ]
        return {"caption": self.title, "columns": columns, "rows": rows}

    def _column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)


def _cell(row: Mapping[str, Any], column: Column) -> Any:
    if row["hidden"] and column.numeric:
        return HIDDEN
    return in_words(row[column.key], column.kind)


def _interval(row: Mapping[str, Any], column: Column) -> Any:
    if row["hidden"]:
        return HIDDEN
    low, high = (row[key] for key in INTERVAL)
    return None if low is None or high is None else interval_in_words(low, high, column.kind)


def in_words(value: Any, kind: str) -> str | None:
    """A number as the page prints it: shares in percent with one decimal, half away from zero.

    A number and its unit are never on two lines.
    """
    if value is None:
        return None
    if kind == COUNT:
        return f"{value:,}"
    return _bare(value, kind) + _UNITS[kind] if kind in _UNITS else str(value)


def interval_in_words(low: float, high: float, kind: str) -> str:
    """From one end to the other, the unit said once."""
    return f"{_bare(low, kind)} to {_bare(high, kind)}{_UNITS[kind]}"


def _bare(value: float, kind: str) -> str:
    """Without the unit; a difference always with its sign."""
    size = shown(100 * abs(value), (), 1) if kind in _OF_A_HUNDRED else shown(abs(value), (), 2)
    sign = "" if not float(size) else "−" if value < 0 else "+" if kind in _SIGNED else ""
    return sign + size


def hidden_note(floor: int) -> str:
    """What stands below every table with a hidden row."""
    return HIDDEN_NOTE.format(floor=floor)


_INTERVAL = (
    Column("top_two", "4 or 5", SHARE),
    Column("low", "Interval from", SHARE),
    Column("high", "to", SHARE),
    Column("n", "Answers", COUNT),
)


def result_tables(
    questionnaire: Questionnaire, report: ProductsReport, trend: ProductsTrend | None = None
) -> dict[str, ResultTable]:
    """Every table of the results by its name, in the order of the page."""
    tables = [
        _headline(report),
        _groups(report),
        _difference(report),
        _attributes(report),
        _product_types(report),
        _scores(report),
        _chosen(report, USES, "uses", "What the products were used for"),
        _chosen(report, NEEDS, "needs", "What gets in the way"),
        _ratings(questionnaire, report),
        _choices(questionnaire, report),
    ]
    if trend is not None:
        tables += [
            _changes("trend", "Change of the shares of 4 and 5", SHARE, trend.shares, questionnaire),
            _changes("attribute_trend", "Change of performance", MEAN, trend.attributes, questionnaire),
        ]
    return {table.name: table for table in tables}


def _table(
    name: str, title: str, columns: Iterable[Column], frame: pd.DataFrame, **words: Any
) -> ResultTable:
    columns = tuple(columns)
    keys = [column.key for column in columns]
    found = frame.assign(**words)
    records = cast("list[dict[str, Any]]", found[[*keys, "hidden"]].to_dict("records"))
    rows = [{key: plain(value) for key, value in row.items()} for row in records]
    return ResultTable(name, title, columns, tuple(_without_numbers(row, columns) for row in rows))


def _without_numbers(row: dict[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """The second lock: a hidden row has no number, whatever came in."""
    if not row["hidden"]:
        return row
    return row | {column.key: None for column in columns if column.numeric}


def _headline(report: ProductsReport) -> ResultTable:
    columns = [
        Column("label", "Overall"),
        *_INTERVAL,
        Column("mean", "Mean", MEAN),
        Column("no_basis", "No basis to judge", COUNT),
    ]
    names = report.headline["measure"].map(MEASURE_NAMES)
    return _table("headline", "Usefulness and quality overall", columns, report.headline, label=names)


def _groups(report: ProductsReport) -> ResultTable:
    columns = [Column("label", "Group"), Column("measure_name", "Question"), *_INTERVAL]
    names = report.groups["group"].map(GROUP_NAMES)
    measures = report.groups["measure"].map(MEASURE_NAMES)
    title = "Shares of 4 and 5 by group"
    return _table("groups", title, columns, report.groups, label=names, measure_name=measures)


def _difference(report: ProductsReport) -> ResultTable:
    columns = (
        Column("label", "EOC officials less others"),
        Column("value", "Difference", POINTS),
        Column("low", "Interval from", POINTS),
        Column("high", "to", POINTS),
    )
    rows = [
        {"label": MEASURE_NAMES[name], **vars(found)}
        for name, found in report.differences.items()
        if found is not None
    ]
    frame = pd.DataFrame(rows, columns=["label", "value", "low", "high", "hidden"], dtype=object)
    return _table("difference", "Difference of the shares of 4 and 5", columns, frame)


def _attributes(report: ProductsReport) -> ResultTable:
    columns = (
        Column("wording", "A product ..."),
        Column("id", "Item"),
        Column("importance", "Importance", MEAN),
        Column("performance", "Performance", MEAN),
        Column("n", "Answers", COUNT),
        Column("reading", "Reading"),
    )
    reading = report.attributes["quadrant"].map(QUADRANT_NAMES)
    return _table("attributes", "Importance and performance", columns, report.attributes, reading=reading)


def _product_types(report: ProductsReport) -> ResultTable:
    columns = (
        Column("wording", "Product type"),
        Column("id", "Item"),
        Column("usefulness_net", "Net score", POINTS),
        Column("usefulness_top_two", "Useful: 4 or 5", SHARE),
        Column("usefulness", "Usefulness, mean", MEAN),
        Column("quality", "Quality, mean", MEAN),
        Column("n", "Answers", COUNT),
        Column("not_received", "Did not receive", COUNT),
    )
    ordered = report.product_types.sort_values(
        "usefulness_net", ascending=False, kind="stable", na_position="last"
    )
    return _table("product_types", "Product types by net score", columns, ordered)


def _scores(report: ProductsReport) -> ResultTable:
    """Numbers that stand alone: the quality score and how far its items belong together."""
    quality, reliability = report.quality_score, report.reliability
    rows = [
        ("Quality score, mean of 1 to 5", quality.mean, quality.low, quality.high, quality.n, quality.hidden),
        ("Cronbach's alpha", reliability.alpha, None, None, reliability.n, reliability.hidden),
        ("McDonald's omega", reliability.omega, None, None, reliability.n, reliability.hidden),
    ]
    columns = (
        Column("label", "Score"),
        Column("value", "Value", SCORE),
        Column("low", "Interval from", SCORE),
        Column("high", "to", SCORE),
        Column("n", "Respondents", COUNT),
    )
    frame = pd.DataFrame(rows, columns=[*(column.key for column in columns), "hidden"], dtype=object)
    return _table("scores", "Quality score and reliability", columns, frame)


def _chosen(report: ProductsReport, question: str, name: str, title: str) -> ResultTable:
    columns = (
        Column("label", "Answer"),
        Column("share", "Share", SHARE),
        Column("low", "Interval from", SHARE),
        Column("high", "to", SHARE),
        Column("count", "Chosen by", COUNT),
        Column("n", "Answers", COUNT),
    )
    return _table(name, title, columns, report.chosen(question))


def _ratings(questionnaire: Questionnaire, report: ProductsReport) -> ResultTable:
    columns = (
        Column("wording", "Question"),
        Column("question", "Item"),
        Column("part", "Part"),
        *_INTERVAL,
        Column("mean", "Mean", MEAN),
        Column("no_basis", "No basis to judge", COUNT),
    )
    words = report.ratings["question"].map(_wordings(questionnaire))
    return _table("ratings", "Everything that was rated", columns, report.ratings, wording=words)


def _choices(questionnaire: Questionnaire, report: ProductsReport) -> ResultTable:
    columns = (
        Column("label", "Answer"),
        Column("question", "Item"),
        Column("option", "Code"),
        Column("share", "Share", SHARE),
        Column("count", "Chosen by", COUNT),
        Column("n", "Answers", COUNT),
    )
    return _table("choices", "Everything that was chosen", columns, _group_sizes_hidden(report))


def _group_sizes_hidden(report: ProductsReport) -> pd.DataFrame:
    """What was chosen; of the questions that say who people are, small groups and what gives them away go.

    How many EOC officials there are can be told from their results where those are shown. So they are no
    cover for a small group then: the other groups are protected among themselves.
    """
    found = report.choices.copy()
    officials = report.groups[(report.groups["group"] == EOC) & ~report.groups["hidden"]]
    eoc_is_known = bool((officials["n"] >= report.floor).any())
    for question in GROUP_QUESTIONS:
        own = (found["question"] == question) & ~found["hidden"]
        if question == GROUP_QUESTION and eoc_is_known:
            own &= found["option"] != GROUP_OPTION
        if own.any():
            kept = suppress(found.loc[own, ["count"]].astype("int64"), report.floor)["count"].notna()
            found.loc[own, "hidden"] = ~kept
    return found


def _changes(
    name: str, title: str, kind: str, changes: tuple[Change, ...], questionnaire: Questionnaire
) -> ResultTable:
    change = POINTS if kind == SHARE else CHANGE
    columns = (
        Column("wording", "Question"),
        Column("question", "Item"),
        Column("before", "Before", kind),
        Column("now", "Now", kind),
        Column("difference", "Change", change),
        Column("low", "Interval from", change),
        Column("high", "to", change),
        Column("before_n", "Answers before", COUNT),
        Column("now_n", "Answers now", COUNT),
        Column("p", "p", SCORE),
        Column("method", "Method"),
    )
    frame = pd.DataFrame([vars(change) for change in changes], columns=[*Change.__dataclass_fields__])
    wordings = frame["question"].map(_wordings(questionnaire))
    methods = frame["test"].map(TEST_NAMES)
    return _table(name, title, columns, frame.astype(object), wording=wordings, method=methods, hidden=False)


def _wordings(questionnaire: Questionnaire) -> dict[str, str]:
    return {question.id: question.wording[RESPONDENT] for question in questionnaire.questions}
