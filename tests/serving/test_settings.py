"""The settings of the web processes, and what gunicorn is told of them."""

from __future__ import annotations

import gc
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from assessment.serving_settings import Address, ServingSettings
from assessment.settings import SettingsError, from_environment
from serving import Place, options, prepare, take_place


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TANDEM_LISTEN", "example.gov", "write an address of this machine"),
        ("TANDEM_LISTEN", "unix:run/tandem", "unix:/a/file"),
        ("TANDEM_METRICS", "9100", "an address and a port"),
        ("TANDEM_METRICS", "127.0.0.1:0", "an address and a port"),
        ("TANDEM_METRICS", "10.0.0.1:5000", "which is that of the pages"),
        ("TANDEM_PROCESSES", "0", "from 1 to 64"),
        ("TANDEM_THREADS", "many", "from 1 to 64"),
        ("TANDEM_REQUESTS_PER_PROCESS", "-1", "from 0 to"),
        ("TANDEM_LOGS", "xml", "json or plain"),
    ],
)
def test_a_wrong_one_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=name) as raised:
        from_environment({"TANDEM_INSTANCE": str(tmp_path), name: value})
    assert said in str(raised.value)


def test_by_default_only_this_machine_is_listened_to_and_no_metrics_are_served(tmp_path: Path) -> None:
    told = options(from_environment({"TANDEM_INSTANCE": str(tmp_path)}))
    assert told["bind"] == ["127.0.0.1:5000"]
    assert (told["workers"], told["threads"]) == (2, 8)
    assert told["max_requests"] > told["max_requests_jitter"] > 0


@pytest.mark.parametrize(
    ("listen", "metrics", "bind"),
    [
        ("0.0.0.0", "10.0.0.5:9100", ["0.0.0.0:8000", "10.0.0.5:9100"]),
        ("::", "[::1]:9100", ["[::]:8000", "[::1]:9100"]),
        ("unix:/run/tandem/web.sock", "", ["unix:/run/tandem/web.sock"]),
    ],
)
def test_where_it_listens(tmp_path: Path, listen: str, metrics: str, bind: list[str]) -> None:
    environment = {
        "TANDEM_INSTANCE": str(tmp_path),
        "PORT": "8000",
        "TANDEM_LISTEN": listen,
        "TANDEM_METRICS": metrics,
    }
    assert options(from_environment(environment))["bind"] == bind


@pytest.mark.parametrize(("demo", "form"), [("1", "plain"), ("0", "json")])
def test_logs_are_json_but_for_the_demonstration(tmp_path: Path, demo: str, form: str) -> None:
    found = from_environment({"TANDEM_INSTANCE": str(tmp_path), "TANDEM_DEMO": demo})
    assert found.serving.logs == form


def test_a_process_takes_the_lowest_place_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Place, "number", 0)
    server = SimpleNamespace(WORKERS={11: SimpleNamespace(place=1), 13: SimpleNamespace(place=3)})
    process = SimpleNamespace()
    take_place(server, process)
    assert process.place == Place.number == 2


def test_an_address_is_written_as_gunicorn_reads_it() -> None:
    served = ServingSettings(listen="::1", metrics=Address("10.0.0.5", 9100))
    assert served.bind(80) == ["[::1]:80", "10.0.0.5:9100"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_processes_share_is_left_alone_by_the_collector(app: Flask) -> None:
    """It would write to each object, so that every process had all of them for itself in the end."""
    gc.unfreeze()
    prepare(app)
    try:
        assert gc.get_freeze_count() > len(gc.get_objects())
    finally:
        gc.unfreeze()
