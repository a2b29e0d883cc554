"""A wrong setting stops the start with one line that says which and why."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from assessment.settings import SettingsError, from_environment

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "80a", "PORT is '80a'"),
        ("PORT", "70000", "from 1 to 65535"),
        ("TANDEM_TIMEZONE", "Mars/Olympus", "use an IANA name"),
        ("TANDEM_TIMEZONE", "../etc", "use an IANA name"),
        ("TANDEM_PROXIES", "-1", "TANDEM_PROXIES"),
        ("TANDEM_BASE_URL", "tandem.example.gov", "write it like https://"),
        ("TANDEM_BASE_URL", "ftp://tandem.example.gov", "write it like https://"),
        ("DATABASE_URL", "not a url", "DATABASE_URL"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL"),
        ("TANDEM_DEFINITIONS", "/nowhere/at/all", "not a folder"),
        ("TANDEM_DEMO", "yes", "1 or 0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=name) as raised:
        from_environment({"TANDEM_INSTANCE": str(tmp_path / "instance"), name: value})
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_start_ends_with_that_one_line(tmp_path: Path) -> None:
    flask = Path(sys.executable).with_name("flask")
    environment = os.environ | {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_TIMEZONE": "Mars"}
    done = subprocess.run([flask, "db", "upgrade"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.strip().splitlines() == [
        "Tandem cannot start. TANDEM_TIMEZONE is 'Mars'; use an IANA name such as America/Denver."
    ]


def test_the_instance_folder_and_its_key_are_private_and_the_key_stays(tmp_path: Path) -> None:
    environment = {"TANDEM_INSTANCE": str(tmp_path / "instance")}
    first, second = from_environment(environment), from_environment(environment)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 64
    assert stat.S_IMODE(first.instance.stat().st_mode) == 0o700
    assert stat.S_IMODE((first.instance / "secret_key").stat().st_mode) == 0o600


def test_cookies_are_secure_exactly_behind_https(tmp_path: Path) -> None:
    base = {"TANDEM_INSTANCE": str(tmp_path)}
    assert not from_environment(base).secure
    assert from_environment(base | {"TANDEM_BASE_URL": "https://tandem.example.gov"}).secure
