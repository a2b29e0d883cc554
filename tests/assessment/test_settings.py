"""A wrong setting stops the start with one line that says which and why."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from assessment.settings import MailServer, SettingsError, from_environment

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
        ("TANDEM_MAIL_URL", "mail.example.gov:25", "neither smtp:// nor smtps://"),
        ("TANDEM_MAIL_URL", "http://mail.example.gov", "neither smtp:// nor smtps://"),
        ("TANDEM_MAIL_URL", "smtp://", "it names no host"),
        ("TANDEM_MAIL_URL", "smtp://mail.example.gov:99999", "cannot be read"),
        ("TANDEM_MAIL_URL", "smtp://tandem@mail.example.gov", "a user needs a password"),
        ("TANDEM_MAIL_URL", "smtp://mail.example.gov/inbox", "something follows the port"),
        ("TANDEM_MAIL_FROM", "nobody", "write one address"),
        ("TANDEM_MAIL_FROM", "a@b.gov, c@d.gov", "write one address"),
        ("TANDEM_MAIL_FROM", "a@b.gov\nBcc: c@d.gov", "write one address"),
        ("TANDEM_MAIL_PER_MINUTE", "fast", "a whole number"),
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


@pytest.mark.parametrize(
    "url", ["smtp://u:hid/den@mail.example.gov", "smpt://u:hidden@x", "smtp://u:hid#den@x:25"]
)
def test_a_wrong_mail_address_is_said_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        from_environment({"TANDEM_INSTANCE": str(tmp_path), "TANDEM_MAIL_URL": url})
    shown = "".join(traceback.format_exception(raised.value))
    assert "hid" not in shown.replace(str(tmp_path), "")


def test_how_often_a_token_may_ask(tmp_path: Path) -> None:
    base = {"TANDEM_INSTANCE": str(tmp_path)}
    assert from_environment(base).api_per_minute == 600
    assert from_environment(base | {"TANDEM_API_PER_MINUTE": "0"}).api_per_minute == 0
    with pytest.raises(SettingsError, match="TANDEM_API_PER_MINUTE is '-1'; it takes a whole number"):
        from_environment(base | {"TANDEM_API_PER_MINUTE": "-1"})


def test_the_mail_server_and_who_writes(tmp_path: Path) -> None:
    base = {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_MAIL_FROM": "Survey team <survey@example.gov>"}
    url = "smtp://tandem:p%40ss%2Fword@mail.example.gov:2525"
    settings = from_environment(base | {"TANDEM_MAIL_URL": url})
    assert settings.mail_server == MailServer("mail.example.gov", 2525, False, "tandem", "p@ss/word")
    assert settings.mail_from == ("Survey team", "survey@example.gov")
    assert settings.mail_per_minute == 120
    assert "p@ss" not in repr(settings)
    secure = from_environment(base | {"TANDEM_MAIL_URL": "smtps://mail.example.gov"}).mail_server
    assert secure == MailServer("mail.example.gov", 465, True)
    here = from_environment(base | {"TANDEM_MAIL_URL": "smtp://localhost:25"})
    assert here.mail_per_minute == 0, "a server on this machine keeps its own pace"


def test_a_server_elsewhere_needs_to_know_who_writes(tmp_path: Path) -> None:
    environment = {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_MAIL_URL": "smtp://mail.example.gov"}
    with pytest.raises(SettingsError, match="TANDEM_MAIL_FROM is missing"):
        from_environment(environment)


def test_without_mail_settings_messages_stay_here(tmp_path: Path) -> None:
    settings = from_environment(
        {"TANDEM_INSTANCE": str(tmp_path), "TANDEM_BASE_URL": "https://tandem.example.gov"}
    )
    assert settings.mail_server is None
    assert settings.mail_from.address == "tandem@tandem.example.gov"
