"""The network page's tables as files, packed with their data dictionary and a manifest.

A package holds one scope in one format. What is hidden from the reader is hidden in every file: the tables
are made from the same report as the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reports import network_words
from reports.network_gathering import GatheredNetwork
from reports.network_reading import Beside
from reports.network_tables import HIDDEN, NetworkTable, network_tables
from reports.packages import PackedFile, pack
from reports.sheets import plain_sheet, workbook
from reports.table_files import HIDDEN_CODE, csv_file, parquet_file, sav_file

About = Mapping[str, Any]
ABOUT = {
    "marking": "How this may be passed on.",
    "synthetic": "synthetic where the answers are made up for demonstration, else empty.",
    "cycle": "Code of the cycle.",
    "scope": "The part of the network.",
    "released": "The day as of which the numbers stand; empty before the cycle closes.",
    "period": "The days on which the cycle asked.",
    "questionnaire": "Id of the questionnaire.",
    "version": "Its version.",
    "n": "Pairs of the scope of which both sides have submitted.",
}
DICTIONARY = ("table", "column", "type", "description", "state_column")
_EVERY = "(every table)"
_HIDDEN_NOTE = (
    "A number that could give away a few pairs is missing, and so is one that is not released yet: the state "
    "beside it says hidden."
)


def about_network(found: GatheredNetwork, marking: str) -> dict[str, Any]:
    """What every file says of itself."""
    report, cycle = found.report, found.cycle
    return {
        "marking": marking,
        "synthetic": "synthetic" if cycle.synthetic else "",
        "cycle": report.cycle,
        "scope": network_words.scope_name(report.scope),
        "released": report.released.isoformat() if report.released else "",
        "period": f"{cycle.opens_on.isoformat()} to {cycle.closes_on.isoformat()}",
        "questionnaire": report.questionnaire.id,
        "version": report.questionnaire.version,
        "n": report.counts["complete"],
    }


def tables_of(found: GatheredNetwork, beside: Beside) -> list[NetworkTable]:
    """Every table of the page."""
    return network_tables(found.report, beside.steps, beside.regions)


def network_package(found: GatheredNetwork, beside: Beside, kind: str, marking: str, methods: str) -> bytes:
    """The archive of one scope; ``kind`` csv, xlsx, sav or parquet, ``methods`` where they are explained."""
    about = about_network(found, marking)
    return pack(network_files(tables_of(found, beside), kind, about), in_manifest(about, methods))


def in_manifest(about: About, methods: str) -> dict[str, Any]:
    """The same for programs that read the manifest."""
    return {
        **about,
        "synthetic": bool(about["synthetic"]),
        "released": about["released"] or None,
        "methods": methods,
    }


def package_name(found: GatheredNetwork, kind: str) -> str:
    scope = found.report.scope.key.replace(":", "-")
    return f"network-{found.report.cycle}-{scope}-{kind}.zip"


def network_files(tables: Sequence[NetworkTable], kind: str, about: About) -> list[PackedFile]:
    """The tables in this format, and what their columns mean."""
    dictionary = list(dictionary_rows(tables, about))
    if kind == "xlsx":
        files = [_workbook(tables, dictionary, about)]
    else:
        write = {"csv": _csv, "parquet": _parquet, "sav": _sav}[kind]
        files = [PackedFile(f"{t.name}.{kind}", write(t, about), len(t.frame)) for t in tables]
    described = csv_file(DICTIONARY, dictionary, about)
    return [*files, PackedFile("data_dictionary.csv", described, len(dictionary))]


def dictionary_rows(tables: Iterable[NetworkTable], about: About) -> Iterator[tuple[str, ...]]:
    """A line a column: those that lead every table, then those of each."""
    for name, value in about.items():
        yield _EVERY, name, "whole number" if isinstance(value, int) else "text", ABOUT[name], ""
    for table in tables:
        for column in table.columns:
            yield table.name, column.name, column.kind, column.description, column.state


def _csv(table: NetworkTable, about: About) -> bytes:
    return csv_file(table.names, table.frame.itertuples(index=False, name=None), about)


def _parquet(table: NetworkTable, about: About) -> bytes:
    return parquet_file(table.frame, about)


def _sav(table: NetworkTable, about: About) -> bytes:
    """A hidden number is HIDDEN_CODE, a missing value with a label; what does not exist is missing."""
    frame = table.frame.copy()
    hiding = [column for column in table.columns if column.state]
    for column in hiding:
        numbers = frame[column.name].astype("float64")
        frame[column.name] = numbers.mask(frame[column.state].eq(HIDDEN).astype(bool), HIDDEN_CODE)
    return sav_file(
        frame,
        about,
        f"{about['marking']} {about['cycle']} {about['scope']} {table.name}",
        {**ABOUT, **{column.name: column.description for column in table.columns}},
        {column.name: {HIDDEN_CODE: "Hidden"} for column in hiding},
    )


def _workbook(
    tables: Sequence[NetworkTable], dictionary: Sequence[Sequence[Any]], about: About
) -> PackedFile:
    """A sheet for each table, and before and after them what they are of and what they mean."""
    output = io.BytesIO()
    with workbook(output) as book:
        lines = [*about.items(), ("hidden", _HIDDEN_NOTE)]
        count = plain_sheet(book, "about", ("what", "value"), lines, about)
        for table in tables:
            rows = table.frame.itertuples(index=False, name=None)
            count += plain_sheet(book, table.name, table.names, rows, about)
        count += plain_sheet(book, "data_dictionary", DICTIONARY, dictionary, about)
    return PackedFile("network.xlsx", output.getvalue(), count)
