"""Archives of answers: a folder of Parquet files, a few hundred pairs or some thousand sheets in each.

No words are in it, and no names: ids of pairs, numbers of sheets, questions, ratings, options. The manifest
says what each file holds and its SHA-256, and is sealed itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

FORMAT = 1
MANIFEST = "manifest.json"
AGAIN = "Write the archive again with: flask answers archive"


class ArchiveError(Exception):
    """A sentence that says what is wrong with an archive and what to do."""


@dataclass(frozen=True)
class Part:
    """One file: ``first`` is the id of the lowest pair that it may hold, or the number of its first sheet."""

    file: str
    first: int
    rows: int
    sha256: str


@dataclass(frozen=True)
class Held:
    """A released cycle of the network, or one fusion center's survey of a cycle; empty for a network.

    ``released``: when, as the database has it. ``members``: its complete pairs or its sheets.
    """

    cycle: str
    fusion_center: str
    released: str
    members: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Archive:
    """``size``: how many ids of pairs fall into one part; in all cycles the same pairs into the same."""

    folder: Path
    size: int
    held: tuple[Held, ...]

    def find(self, cycle: str, fusion_center: str = "") -> Held:
        """What it holds of a cycle; ArchiveError where that is nothing."""
        for each in self.held:
            if (each.cycle, each.fusion_center) == (cycle, fusion_center):
                return each
        of = f"cycle {cycle}{f' of {fusion_center}' if fusion_center else ''}"
        raise ArchiveError(f"The archive {self.folder} has nothing of {of}. {AGAIN}.")


def write_part(folder: Path, file: str, first: int, frame: pd.DataFrame) -> Part:
    """Write a frame as one file of the archive."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    output = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), output, compression="zstd")
    content = output.getvalue().to_pybytes()
    target = folder / file
    for above in reversed(target.relative_to(folder).parents[:-1]):
        (folder / above).mkdir(mode=0o700, exist_ok=True)
    _write(target, content)
    return Part(file, first, len(frame), hashlib.sha256(content).hexdigest())


def write_manifest(folder: Path, size: int, held: Sequence[Held], about: dict[str, Any]) -> None:
    """The last file of an archive; without it there is none."""
    content = {"format": FORMAT, **about, "size": size, "held": [asdict(each) for each in held]}
    text = json.dumps({"seal": _seal(content), "archive": content}, indent=1)
    _write(folder / MANIFEST, text.encode())


def _write(file: Path, content: bytes) -> None:
    """For nobody else to read, and on the disk when this returns."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def open_archive(folder: Path) -> Archive:
    """The archive in this folder; ArchiveError where there is none, or a damaged or newer one."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        content = found["archive"]
        if _seal(content) != found["seal"]:
            raise ValueError
        if content["format"] != FORMAT:
            raise ArchiveError(f"{folder} was written by another version of Tandem. {AGAIN}.")
        return Archive(folder.resolve(), int(content["size"]), tuple(_held(content["held"])))
    except OSError as error:
        raise ArchiveError(f"{folder} holds no archive that can be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"The manifest of {folder} is damaged. {AGAIN}.") from error


def _held(rows: list[dict[str, Any]]) -> Iterator[Held]:
    for row in rows:
        parts = tuple(Part(**part) for part in row["parts"])
        for part in parts:
            place = PurePosixPath(part.file)
            if place.is_absolute() or ".." in place.parts:
                raise ValueError(part.file)
        yield Held(**{**row, "parts": parts})


def load_part(folder: Path, part: Part) -> pd.DataFrame:
    """The frame of one file; ArchiveError where it is missing on this machine or not what was written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / part.file
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ArchiveError(
            f"{file} cannot be read on {platform.node()} ({error.strerror})."
            " Every machine of the cluster must see the archive at this same place."
        ) from error
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise ArchiveError(f"{file} is damaged: it is not what the manifest says. {AGAIN}.")
    found: pd.DataFrame = pq.read_table(pa.BufferReader(content)).to_pandas()
    return found
