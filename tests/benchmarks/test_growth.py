"""How figures grow: the picture shows what was taken; an export takes little memory whatever its size."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.growth_pictures import draw

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def test_ten_times_the_responses_in_ten_times_the_time_is_a_straight_line() -> None:
    points = {"100": [0.01, 0.001], "1000": [0.1, 0.01], "100000": [10.0, 1.0]}
    picture = ET.fromstring(draw("CSV", points))
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in picture.iter(f"{SVG}circle")]
    assert len(dots) == 6
    (x1, y1), (x2, y2), (x3, y3) = dots[:3]
    assert (x3 - x2) / (x2 - x1) == pytest.approx(2, abs=0.01)
    assert (y3 - y2) / (y2 - y1) == pytest.approx(2, abs=0.01)
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert {"CSV: time by responses stored", "1 ms", "10 s", "1,000,000"} <= set(words)


@pytest.mark.parametrize(
    ("kind", "sheets"),
    [
        ("csv", "300"),
        *(pytest.param(kind, "1000000", marks=pytest.mark.soak) for kind in ("csv", "parquet")),
        pytest.param("xlsx", "100000", marks=pytest.mark.soak),
    ],
)
def test_an_export_takes_less_than_250_mb_above_idle(kind: str, sheets: str) -> None:
    command = [sys.executable, "-m", "benchmarks.memory", sheets, "--kind", kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
