"""Where the parts of a calculation run: here, one after the other, or on a Dask cluster."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from assessment.errors import Refused
from reports.archives import ArchiveError

PANDAS = "pandas"  # else it is Dask
ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")
PATIENCE_SECONDS = 15
_Work = TypeVar("_Work")
_Found = TypeVar("_Found")


class Engine(Protocol):
    """Does a piece of work for each of these; the results in their order."""

    def __call__(self, work: Callable[[_Work], _Found], of: Sequence[_Work], /) -> list[_Found]: ...


def in_turn(work: Callable[[_Work], _Found], of: Sequence[_Work], /) -> list[_Found]:
    """The engine that needs nothing: this process, one part at a time."""
    return [work(each) for each in of]


@contextmanager
def engine_of(name: str, scheduler: str | None) -> Iterator[Engine]:
    """The engine of this name. Dask without a scheduler takes all cores of this machine.

    Refused, with a sentence, where it is not there or fails.
    """
    if name == PANDAS:
        if scheduler:
            raise Refused("--scheduler is for --engine dask; leave it out, or add --engine dask.")
        yield in_turn
        return
    with _client(scheduler) as client:
        _check_code(client)
        yield partial(_on_cluster, client)


@contextmanager
def _client(scheduler: str | None) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise Refused(
            "Dask is not installed here. Install it with: .venv/bin/pip install -r requirements-dask.txt"
        ) from error
    if scheduler is None:
        # tls with keys made for this run: else any account of this machine could hand work to our processes
        with (
            LocalCluster(
                n_workers=os.cpu_count(),
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                security=True,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    if not ADDRESS.fullmatch(scheduler):
        raise Refused(f"{scheduler} is no address of a Dask scheduler; it is like tcp://host:8786.")
    try:
        client = Client(scheduler, timeout=PATIENCE_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Refused(f"No Dask scheduler answers at {scheduler}. Is it running there?") from error
    with client:
        yield client


def code_seal() -> str:
    """A fingerprint of the code that computes: other code may give other numbers."""
    seal = hashlib.sha256()
    here = Path(__file__).resolve().parent
    for folder in (here, here.parent / "questionnaires"):
        for file in sorted(folder.glob("*.py")):
            seal.update(file.name.encode() + b"\0" + file.read_bytes())
    return seal.hexdigest()


own_seal = code_seal


def _check_code(client: Any) -> None:
    """Refused unless there are workers and all of them have this same version of Tandem."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        seals = client.run(code_seal)
    except TimeoutError as error:
        raise Refused("The Dask cluster has no worker. Start one on each machine: dask worker") from error
    except Exception as error:
        if "No module named" not in str(error):  # it comes as text, not as an ImportError
            raise
        raise Refused(
            "A Dask worker cannot load Tandem. Start the workers in Tandem's folder, by its own .venv, with"
            " PYTHONPATH=. set."
        ) from error
    others = sorted(worker for worker, seal in seals.items() if seal != own_seal())
    if others:
        raise Refused(f"Another version of Tandem is on {', '.join(others)}. Install the same everywhere.")


def _on_cluster(client: Any, work: Callable[[Any], Any], of: Sequence[Any], /) -> list[Any]:
    from distributed import KilledWorker

    try:
        found: list[Any] = client.gather(client.map(work, of, pure=False))
    except ArchiveError:
        raise
    except (KilledWorker, OSError) as error:
        raise Refused(
            "The Dask cluster lost its workers on the way; most often one had too little memory. Nothing was"
            " changed. Give the workers more memory, or write the archive in smaller parts, and try again."
        ) from error
    return found
