"""How the figures grow with the answers stored: ``python -m benchmarks.growth --sizes 100 1000 10000``.

Writes what it took into docs/performance.json, beside what was taken for other sizes, and draws the pictures
of docs/performance.md again. ``--draw`` only draws.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import network, results, table
from benchmarks.answering import Form
from benchmarks.growth_pictures import draw
from benchmarks.measure import Measure, seconds, take
from benchmarks.stored import MOST_PAIRS, filled
from benchmarks.survey_answers import filled as filled_survey

DOCS = Path(__file__).parent.parent / "docs"
TAKEN = DOCS / "performance.json"
RUNS = 5
MANY = 1_000_000  # responses that are looked at once: a run takes minutes
CYCLES = 2  # at least, so that one is closed
MOST_LINES_OF_A_WORKBOOK = 10_000  # sheets; beyond it takes minutes, ours or not
Taken = dict[str, dict[str, list[float]]]  # measure -> size -> ours and floor in seconds


def measures(folder: Path, size: int) -> Iterator[Measure]:
    """Name, ours and floor at this size."""
    place = filled(folder, size, most_pairs=min(MOST_PAIRS, size // (2 * CYCLES)))
    form, none = Form(place), Form(filled(folder / "none", 2))
    yield Measure("save an answer", "s", form.saving_time, none.saving_time, 1, RUNS)
    yield Measure("open a section", "s", form.opening_time, none.opening_time, 1, RUNS)
    network.release_all(place)
    survey, file = filled_survey(folder, size), folder / "answers"
    pairs = {
        "network numbers": (partial(network.first, place), partial(network.grouped, place)),
        "survey results": (partial(results.results, survey), partial(results.grouped, survey)),
        "CSV": (partial(results.export_csv, survey, file), partial(results.bare_csv, survey, file)),
        "Parquet": (
            partial(results.export_parquet, survey, file),
            partial(results.bare_parquet, survey, file),
        ),
    }
    if size <= MOST_LINES_OF_A_WORKBOOK:
        pairs["XLSX"] = (
            partial(results.export_xlsx, survey, file),
            partial(results.bare_xlsx, survey, file),
        )
    for name, (ours, floor) in pairs.items():
        runs = 1 if size >= MANY else RUNS
        yield Measure(name, "s", partial(seconds, ours), partial(seconds, floor), 1, runs)


def taken(sizes: list[int]) -> None:
    found: Taken = json.loads(TAKEN.read_text(encoding="utf-8"))["taken"] if TAKEN.is_file() else {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="tandem-growth-") as folder:
            conditions = list(table.conditions(Path(folder)))
            (Path(folder) / "none").mkdir()
            for measure in measures(Path(folder), size):
                result = take(measure)
                found.setdefault(measure.name, {})[str(size)] = [result.ours, result.floor]
                ours, floor = table.shown(result.ours, "s"), table.shown(result.floor, "s")
                print(f"{measure.name} | {size:,} | {ours} | {floor} | {result.ratio:.2f}", flush=True)
        held = {"conditions": conditions, "taken": found}
        TAKEN.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--draw", action="store_true", help="draw what was taken before")
    wanted = parser.parse_args()
    if not wanted.draw:
        taken(wanted.sizes)
    held = json.loads(TAKEN.read_text(encoding="utf-8"))
    for name, points in held["taken"].items():
        file = DOCS / "images" / f"growth-{name.lower().replace(' ', '-')}.svg"
        file.write_text(draw(name, points), encoding="utf-8")


if __name__ == "__main__":
    main()
