"""Files packed into one archive with a manifest, and the check that all of them came through. Pure.

The manifest has the SHA-256 and the number of rows of each file. The archive ends with a SHA-256 of its own,
in the place that zip files keep for a comment, so that not one byte of it changes unseen.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANIFEST = "manifest.json"
_START = b"sha256:"
_COMMENT_LENGTH = len(_START) + 64
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class PackedFile:
    """``rows`` of a table, None for what is none. Of a workbook the rows of all its sheets together."""

    name: str
    content: bytes
    rows: int | None = None


def pack(files: Sequence[PackedFile], about: Mapping[str, Any]) -> bytes:
    """The archive; the same files and words give the same bytes."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (*files, PackedFile(MANIFEST, manifest(files, about))):
            entry = zipfile.ZipInfo(file.name)  # of 1980: when it was packed says nothing of the numbers
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.content)
    body = output.getvalue()[:-2]  # the length of the comment, which is empty so far
    return body + struct.pack("<H", _COMMENT_LENGTH) + _START + _sha256(body).encode()


def manifest(files: Sequence[PackedFile], about: Mapping[str, Any]) -> bytes:
    """What the files are of, and how each is recognised."""
    entries = [{"name": f.name, "rows": f.rows, "sha256": _sha256(f.content)} for f in files]
    return json.dumps({**about, "files": entries}, indent=2, ensure_ascii=False).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def verify(content: bytes) -> list[str]:
    """What is wrong with an archive of ``pack``, a sentence each; nothing where all of it came through."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE:
        return ["The archive cannot be opened: it was cut off, changed, or is no zip file."]
    with archive:
        problems = _files(archive)
    if not _is_sealed(content):
        problems.append("The archive's own checksum does not fit: it was cut off, changed or packed again.")
    return problems


def _is_sealed(content: bytes) -> bool:
    body, end = content[: -_COMMENT_LENGTH - 2], content[-_COMMENT_LENGTH - 2 :]
    return end == struct.pack("<H", _COMMENT_LENGTH) + _START + _sha256(body).encode()


def _named(name: str) -> str:
    """A file's name as a sentence may hold it: in a damaged archive it may be anything."""
    return name if name.isprintable() else ascii(name)


def _files(archive: zipfile.ZipFile) -> list[str]:
    names = archive.namelist()
    twice = sorted({name for name in names if names.count(name) > 1})
    problems = [f"{_named(name)} is in the archive twice." for name in twice]
    entries = _entries(archive)
    if entries is None:
        return [*problems, f"{MANIFEST} is missing or damaged, so nothing can be compared with it."]
    for name, entry in entries.items():
        wrong = _file(archive, name, entry) if name in names else "is missing."
        problems += [f"{_named(name)} {wrong}"] if wrong else []
    unknown = sorted(set(names) - {MANIFEST, *entries})
    return problems + [f"{_named(name)} is not in the manifest." for name in unknown]


def _entries(archive: zipfile.ZipFile) -> dict[str, Mapping[str, Any]] | None:
    """File -> its line of the manifest; None where that cannot be read."""
    try:
        found = json.loads(archive.read(MANIFEST))
        return {
            str(entry["name"]): {"rows": entry["rows"], "sha256": entry["sha256"]} for entry in found["files"]
        }
    except (*_DAMAGE, KeyError, TypeError):
        return None


def _file(archive: zipfile.ZipFile, name: str, entry: Mapping[str, Any]) -> str:
    """What is wrong with one file, as the rest of a sentence; "" where nothing is."""
    try:
        content = archive.read(name)
    except _DAMAGE:
        return "is damaged and cannot be read."
    if _sha256(content) != entry["sha256"]:
        return "is not the file that was written: its SHA-256 is another."
    try:
        rows = _rows(name, content)
    except Exception:  # whatever the library of that format says to something else
        return "is not what its ending says: its rows cannot be counted."
    if rows != entry["rows"]:
        return f"has {_counted(rows)}, the manifest says {_counted(entry['rows'])}."
    return ""


def _counted(rows: Any) -> str:
    if not isinstance(rows, int):
        return "no rows to count"
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _rows(name: str, content: bytes) -> int | None:
    """The rows of a file that is a table, headers not counted."""
    count = _COUNTS.get(name.rpartition(".")[2])
    return count(content) if count else None


def _csv_rows(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) - 1


def _xlsx_rows(content: bytes) -> int:
    """Each of our sheets begins with a line that says what it is, and its header."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        return sum(len(re.findall(rb"<row ", book.read(name))) - 2 for name in sheets)


def _parquet_rows(content: bytes) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(io.BytesIO(content)).num_rows)


def _sav_rows(content: bytes) -> int:
    import tempfile

    import pyreadstat

    with tempfile.NamedTemporaryFile(suffix=".sav") as file:
        file.write(content)
        file.flush()
        _, found = pyreadstat.read_sav(file.name, metadataonly=True)
    return int(found.number_rows or 0)


_COUNTS: Mapping[str, Callable[[bytes], int]] = {
    "csv": _csv_rows,
    "xlsx": _xlsx_rows,
    "parquet": _parquet_rows,
    "sav": _sav_rows,
}
