"""Take every measure, or those of some areas, and print one table; ends with 1 where a limit is not kept."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import answering, answering_by_link, mailing, network, pages, results, scoring, table
from benchmarks.load import measures as load
from benchmarks.measure import take

AREAS = {
    "answering": answering.measures,
    "answering-by-link": answering_by_link.measures,
    "load": load.measures,
    "mailing": mailing.measures,
    "network": network.measures,
    "pages": pages.measures,
    "results": results.measures,
    "scoring": scoring.measures,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("areas", nargs="*", choices=[[], *AREAS], metavar="AREA", help=", ".join(AREAS))
    wanted = parser.parse_args().areas or list(AREAS)
    kept = True
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        print(*table.conditions(Path(folder)), "", table.HEADER, sep="\n", flush=True)
        for area in wanted:
            place = Path(folder) / area
            place.mkdir()
            with AREAS[area](place) as measures:
                for measure in measures:
                    result = take(measure)
                    print(table.row(result), flush=True)
                    kept &= result.ok
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
