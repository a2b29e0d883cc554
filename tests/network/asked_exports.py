"""Files that take longer: how tests ask for one, have it made and find it; and what it is made of."""

from __future__ import annotations

import re
from datetime import date
from threading import Event
from typing import Any

from assessment.exports.worker import ExportWorker
from tests.conftest import Browser, Network
from tests.network.wide import add_wide_network, answered_cycle
from tests.signed_in import signed_in

LIST = "/reports/exports"
NETWORK = "/reports/network"


def one_cycle(network: Network) -> None:
    """Its numbers have been read, so they are kept."""
    add_wide_network(network)
    answered_cycle(network, "spring", date(2026, 5, 1))
    assert signed_in(network, "reviewer").get("/api/v1/reports/network").get_json()["cycle"] == "spring"


def makers(network: Network) -> dict[str, Any]:
    return network.app.extensions["tandem.makers"]


def made(network: Network) -> int:
    return ExportWorker(network.database, network.clock, makers(network), Event()).all_waiting()


def ask(browser: Browser, kind: str = "network-package", **fields: str) -> Any:
    fields = {"format": "csv", "cycle": "spring"} | fields | {"kind": kind}
    return browser.post(LIST, fields, form=LIST)  # every page has the same token


def address(browser: Browser) -> str:
    """Of the one file that is ready."""
    [found] = re.findall(rf'{LIST}/files/[\w-]+(?=")', browser.get(LIST).get_data(as_text=True))
    return str(found)
