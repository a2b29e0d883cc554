"""The same numbers from parts on a cluster of two worker processes as from everything at once."""

from __future__ import annotations

import json
import math
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assessment.errors import Refused
from reports import engines, products
from reports.archives import ArchiveError
from reports.engines import Engine, code_seal, engine_of
from reports.network_parts import release_parts, score_part
from reports.product_summaries import Hiding
from reports.survey_parts import count_part
from reports.survey_tally import joined
from tests.conftest import email_of
from tests.network.demonstration import demonstration
from tests.network.random_networks import random_cycles, small_items
from tests.network.stored_networks import Stored
from tests.reports.parts_of import network_parts, survey_parts
from tests.reports.survey_answers import SURVEY, frame, random_people

pytestmark = pytest.mark.xdist_group("dask")  # one cluster
RELEASED = date(2027, 3, 1)
FEW = settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate])  # a cluster is slow


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """One cluster for all tests of this file."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        local_directory=tempfile.gettempdir(),
    ) as cluster:
        yield str(cluster.scheduler_address)


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[Engine]:
    with engine_of("dask", scheduler) as engine:
        yield engine


def test_two_processes_work_and_neither_is_this_one(cluster: Engine) -> None:
    found = set(cluster(lambda seconds: [os.getpid(), time.sleep(seconds)][0], [0.02] * 20))
    assert len(found) == 2
    assert os.getpid() not in found


@FEW
@given(st.integers(0, 2**32))
def test_random_networks_over_three_cycles(cluster: Engine, seed: int) -> None:
    """To the last digit: a pair's score knows nothing of other pairs, and means are over all at once."""
    rng = random.Random(seed)
    cycles = random_cycles(rng, rng.randint(6, 30), 3, small_items(rng), tidy=True)
    with tempfile.TemporaryDirectory() as folder:
        works = network_parts(Path(folder), cycles, rng.choice((3, 7, 100)))
        asked = [(cycle.code, cycle.questionnaire) for cycle in cycles]
        found = release_parts(asked, cluster(score_part, works)).release
    assert found.scopes == cycles[-1].release.scopes
    assert found.groups == cycles[-1].release.groups
    assert found.trend_left == cycles[-1].release.trend_left


@FEW
@given(st.integers(0, 2**32))
def test_random_surveys(cluster: Engine, seed: int) -> None:
    rng = random.Random(seed)
    answers = frame(random_people(rng, rng.randint(1, 60)), rng)
    whole = products.build(SURVEY, answers, floor=5, released=RELEASED)
    with tempfile.TemporaryDirectory() as folder:
        works = survey_parts(Path(folder), SURVEY, answers, rng.choice((3, 10, 100)))
        counted = joined(cluster(count_part, works))
    found = products.summarise(
        SURVEY, counted, hiding=Hiding(5, True), released=RELEASED, responded=counted.respondents
    )
    assert differing(found.to_json(), whole.to_json()) == []


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every number, word and null of a report under its path."""
    if isinstance(value, dict):
        return {k: v for name, each in value.items() for k, v in flat(each, f"{path}/{name}").items()}
    if isinstance(value, list):
        return {k: v for place, each in enumerate(value) for k, v in flat(each, f"{path}/{place}").items()}
    return {path: value}


def differing(found: Any, whole: Any) -> list[tuple[str, Any, Any]]:
    """Where two reports are not the same; numbers may differ in their last digits."""
    one, other = flat(found), flat(whole)
    return [
        (path, one.get(path, "missing"), other.get(path, "missing"))
        for path in one.keys() | other.keys()
        if type(one.get(path)) is not type(other.get(path))
        or (one[path] != other[path] and not alike(one[path], other[path]))
    ]


def alike(first: Any, second: Any) -> bool:
    return isinstance(first, float) and math.isclose(first, second, rel_tol=1e-12)


class Demonstration:
    """The demonstration with its archive, and the commands over both."""

    def __init__(self, stored: Stored, folder: Path) -> None:
        self.stored, self.folder = stored, folder
        self.run("answers", "archive", str(folder), "--pairs", "40", "--sheets", "50")

    def invoke(self, *command: str) -> Any:
        return self.stored.network.app.test_cli_runner().invoke(args=[*command])

    def run(self, *command: str) -> str:
        done = self.invoke(*command)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    def report(self, *command: str) -> Any:
        return json.loads(self.run("report", *command))


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("demonstration")
    stored = demonstration(folder, sqlite_template)
    yield Demonstration(stored, folder / "archive")
    stored.network.database.engine.dispose()


LATEST = ("network", "--cycle", "checklist-2026-1")
PARTS = ([], ["--region", "8"], ["--state", "CA"], ["--level", "county"])
READ = [
    LATEST,
    (*LATEST, "--region", "8"),
    (*LATEST, "--as", email_of("director")),
    ("products", "FC-CO", "--cycle", "products-2025"),
]


@pytest.mark.parametrize("command", READ, ids=" ".join)
def test_the_demonstration_on_the_cluster(
    demo: Demonstration, scheduler: str, command: tuple[str, ...]
) -> None:
    whole = demo.report(*command)
    found = demo.report(*command, "--archive", str(demo.folder), "--engine", "dask", "--scheduler", scheduler)
    assert differing(found, whole) == []
    assert '"suppressed": true' in json.dumps(whole) or command[0] == "products"


def test_every_reader_is_shown_the_same_or_told_the_same(demo: Demonstration) -> None:
    """What is hidden, and from whom, is decided by the same functions; here without a cluster, for many."""
    refusals = 0
    for account, part in zip(demo.stored.accounts, cycle(PARTS), strict=False):
        command = ["report", *LATEST, "--as", email_of(account.name), *part]
        whole, found = demo.invoke(*command), demo.invoke(*command, "--archive", str(demo.folder))
        assert (found.exit_code, found.stderr) == (whole.exit_code, whole.stderr)
        assert found.stdout == whole.stdout
        refusals += whole.exit_code
    assert 2 < refusals < len(demo.stored.accounts) - 2  # some parts are not theirs


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(Refused, match=words):
        yield


def test_a_damaged_or_missing_file_is_told_by_name_from_the_worker(cluster: Engine, tmp_path: Path) -> None:
    rng = random.Random(1)
    cycles = random_cycles(rng, 12, 1, small_items(rng), tidy=True)
    works = network_parts(tmp_path, cycles, 5)
    file = tmp_path / "C0-5.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"C0-5\.parquet is damaged"):
        cluster(score_part, works)
    file.unlink()
    with pytest.raises(ArchiveError, match=r"C0-5\.parquet cannot be read on .* see the archive"):
        cluster(score_part, works)


def test_workers_with_other_code_are_not_used(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "own_seal", lambda: code_seal()[::-1])
    with refused("Another version of Tandem"), engine_of("dask", scheduler):
        pass


@pytest.mark.parametrize(
    ("address", "words"),
    [("cluster", "is no address"), ("tcp://127.0.0.1:9", "No Dask scheduler answers at tcp://127.0.0.1:9")],
)
def test_a_scheduler_that_is_not_there(address: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_SECONDS", 1)
    with refused(words), engine_of("dask", address):
        pass


def test_a_cluster_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_SECONDS", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty,
        refused("has no worker"),
        engine_of("dask", empty.scheduler_address),
    ):
        pass
