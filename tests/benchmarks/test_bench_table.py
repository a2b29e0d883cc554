"""The harness of make bench: figures in turn, the table's words, and the exit status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import table
from benchmarks.measure import Measure, Result, take
from benchmarks.pages import NAMED


def measure(ours: float, limit: float, unit: str = "s") -> Measure:
    return Measure("a measure", unit, lambda: ours, lambda: 1.0, limit)


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (1.5, "a measure | 1.50 s | 1.00 s | 1.50 | 1.5 | ok"),
        (1.51, "a measure | 1.51 s | 1.00 s | 1.51 | 1.5 | NOT OK"),
    ],
)
def test_a_line_says_whether_the_limit_is_kept(ours: float, words: str) -> None:
    assert table.row(take(measure(ours, 1.5))) == words


def test_figures_are_medians_of_at_least_five_taken_in_turn() -> None:
    order: list[str] = []
    sizes = iter([900.0, 1, 2, 3, 4, 100, 5, 6])  # the first warms up

    def ours() -> float:
        order.append("ours")
        return next(sizes)

    def floor() -> float:
        order.append("floor")
        return 2.0

    result = take(Measure("a measure", "s", ours, floor, 1))
    assert (result.ours, result.floor, result.ratio) == (4, 2, 2)
    assert order == ["ours", "floor"] * 8


@pytest.mark.parametrize(("ours", "status"), [(1.0, 0), (1.2, 1)])
def test_one_broken_limit_ends_with_1(
    ours: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def area(_folder: Path) -> Iterator[list[Measure]]:
        yield [measure(ours, 1.1), measure(1.0, 1.1)]

    monkeypatch.setattr(bench, "AREAS", {"one": area})
    monkeypatch.setattr("sys.argv", ["benchmarks"])
    assert bench.main() == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3] == table.HEADER
    assert [line.endswith("NOT OK") for line in lines[-2:]] == [status == 1, False]


@pytest.mark.parametrize(
    ("figure", "unit", "words"),
    [(0.01234, "s", "12.34 ms"), (2048, "bytes", "2.0 KB"), (11, "statements", "11 statements")],
)
def test_figures_as_people_read_them(figure: float, unit: str, words: str) -> None:
    assert table.shown(figure, unit) == words
    assert Result(measure(1, 1, unit), figure, figure).ok


def test_everything_that_a_page_names_is_weighed() -> None:
    page = (
        '<link rel="icon" href="/a.svg"><script type="module" src="/b.js"></script><img alt="" src="/c.svg">'
    )
    style = '@font-face{src:url("d.woff2")} a{background:url(e.svg)}'
    script = 'import{x}from"./f.js";import"./g.js";'
    assert NAMED["text/html"].findall(page) == ["/a.svg", "/b.js", "/c.svg"]
    assert NAMED["text/css"].findall(style) == ["d.woff2", "e.svg"]
    assert NAMED["text/javascript"].findall(script) == ["./f.js", "./g.js"]
