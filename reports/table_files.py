"""A table as a file of each kind. Every line says what it is of, also when it is cut from the file."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports.exports import safe_cell

HIDDEN_CODE = -99.0  # the missing-value code of a hidden number in SPSS
_LONGEST_LABEL, _LONGEST_TITLE = 255, 64  # characters that SPSS takes

About = Mapping[str, Any]


def csv_file(header: Sequence[str], rows: Iterable[Iterable[Any]], about: About) -> bytes:
    """UTF-8 with a byte-order mark; words that a spreadsheet would run are led in by an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in (*about, *header)])
    start = [safe_cell(value) for value in about.values()]
    writer.writerows([*start, *map(safe_cell, row)] for row in rows)
    return ("\ufeff" + output.getvalue()).encode()


def parquet_file(frame: pd.DataFrame, about: About) -> bytes:
    """The frame's own types; what is missing is null."""
    output = io.BytesIO()
    led_by(frame, about).to_parquet(output, index=False)
    return output.getvalue()


def sav_file(
    frame: pd.DataFrame,
    about: About,
    title: str,
    labels: Mapping[str, str],
    value_labels: Mapping[str, Mapping[float, str]],
) -> bytes:
    """``labels`` of columns; a column whose ``value_labels`` have HIDDEN_CODE has it as a missing value."""
    import pyreadstat

    whole = led_by(frame, about)
    names = {**dict.fromkeys(about, ""), **labels}
    hiding = [name for name, words in value_labels.items() if HIDDEN_CODE in words]
    return written(
        lambda file: pyreadstat.write_sav(
            pd.DataFrame({name: _as_spss(column) for name, column in whole.items()}),
            file,
            file_label=title[:_LONGEST_TITLE],
            column_labels={name: label[:_LONGEST_LABEL] for name, label in names.items()},
            variable_value_labels={name: dict(words) for name, words in value_labels.items()},
            missing_ranges={name: [HIDDEN_CODE] for name in hiding},
            note=[f"{name}: {value}" for name, value in about.items()],
        )
    )


def _as_spss(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers as floats; words without a missing kind of their own."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return pd.Series(column.to_numpy(dtype=object, na_value=""), dtype=object, index=column.index)


def led_by(frame: pd.DataFrame, about: About) -> pd.DataFrame:
    """The frame with a column for each thing that it is of, before its own."""
    columns: dict[Any, Any] = {
        name: pd.array([value] * len(frame), dtype="Int64" if isinstance(value, int) else "string")
        for name, value in about.items()
    }
    return pd.DataFrame(columns | dict(frame.items()), index=frame.index)


def written(write: Callable[[str], object]) -> bytes:
    """What a library writes that knows files only."""
    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        file = Path(folder) / "table"
        write(str(file))
        return file.read_bytes()
