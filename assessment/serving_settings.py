"""How the web processes are run: where they listen, how many they are, what they tell whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from assessment.errors import SettingsError

HERE = "127.0.0.1"
SOCKET = "unix:"
LOGS = ("json", "plain")
MOST = 64  # processes, and threads of one


class Address(NamedTuple):
    """Where programs that watch may ask."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class ServingSettings:
    listen: str = HERE  # an address of this machine, or unix:/a/file
    processes: int = 2
    threads: int = 8  # of each process
    requests_per_process: int = 10_000  # after about as many another takes its place; 0: never
    metrics: Address | None = None  # none: no metrics are served
    logs: str = "plain"

    def bind(self, port: int) -> list[str]:
        """Every place to listen at, as gunicorn writes them."""
        own = self.listen if self.listen.startswith(SOCKET) else str(Address(self.listen, port))
        return [own, *([str(self.metrics)] if self.metrics else [])]


def serving_settings(environ: Mapping[str, str], port: int, demo: bool) -> ServingSettings:
    """Read and check; raises SettingsError with one sentence."""
    metrics = _metrics(environ.get("TANDEM_METRICS") or "")
    if metrics and metrics.port == port:
        raise SettingsError(f"TANDEM_METRICS names port {port}, which is that of the pages; take another.")
    return ServingSettings(
        listen=_listen(environ.get("TANDEM_LISTEN") or HERE),
        processes=_number(environ, "TANDEM_PROCESSES", 2, 1, MOST),
        threads=_number(environ, "TANDEM_THREADS", 8, 1, MOST),
        requests_per_process=_number(environ, "TANDEM_REQUESTS_PER_PROCESS", 10_000, 0, 10_000_000),
        metrics=metrics,
        logs=_logs(environ.get("TANDEM_LOGS") or ("plain" if demo else "json")),
    )


def _listen(text: str) -> str:
    if text.startswith(SOCKET + "/"):
        return text
    if not _is_address(text):
        raise SettingsError(
            f"TANDEM_LISTEN is {text!r}; write an address of this machine such as 0.0.0.0, or unix:/a/file."
        )
    return text


def _metrics(text: str) -> Address | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not _is_address(host) or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise SettingsError(
            f"TANDEM_METRICS is {text!r}; write an address and a port that only those who watch can reach,"
            " such as 127.0.0.1:9100."
        )
    return Address(host, int(port))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is {text!r}; it takes a whole number from {low} to {high}.")
    return int(text)


def _logs(text: str) -> str:
    if text not in LOGS:
        raise SettingsError(f"TANDEM_LOGS is {text!r}; it takes json or plain.")
    return text
