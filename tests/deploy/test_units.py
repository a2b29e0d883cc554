"""The units of systemd and what stands beside them: as far as it can be checked without systemd running."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assessment.settings import from_environment
from serving import SECONDS_TO_FINISH, SECONDS_TO_STOP, options

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
INSTALLED = "/opt/tandem"
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 3.0  # of 10, as systemd counts; a unit that says nothing has 9.6
READ = re.compile(r"\"(TANDEM_[A-Z_]+|DATABASE_URL|SECRET_KEY)\"")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")


def unit(file: Path) -> dict[str, list[str]]:
    """The lines of [Service] by name; a name may stand there several times."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", file.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@needs_systemd
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """With the paths of this checkout, whose programs are there."""
    for file in (*SERVICES, *DEPLOY.glob("*.timer"), *DEPLOY.glob("*.socket")):
        words = file.read_text().replace(INSTALLED, str(ROOT)).replace("User=tandem", "User=daemon")
        (tmp_path / file.name).write_text(words.replace("Group=tandem", "Group=daemon"))
    units = [str(tmp_path / name) for name in sorted(path.name for path in tmp_path.iterdir())]
    said = subprocess.run(
        [str(ANALYZE), "verify", "--recursive-errors=one", *units], capture_output=True, text=True
    )
    ours = [line for line in said.stderr.splitlines() if "tandem-" in line]
    assert (said.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_a_service_may_do_little_on_its_machine(file: Path) -> None:
    command = [str(ANALYZE), "security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", str(file)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-300:] + said.stderr


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_a_service_runs_as_its_own_user_what_is_there(file: Path) -> None:
    lines = unit(file)
    assert (lines["User"], lines["Group"], lines["UMask"]) == (["tandem"], ["tandem"], ["0077"])
    programs = re.findall(rf"{INSTALLED}/\S+|\.venv/bin/\w+", " ".join(lines["ExecStart"]))
    for program in programs:
        assert (ROOT / program.removeprefix(f"{INSTALLED}/")).exists(), program
    assert programs


def test_a_stop_waits_for_what_is_in_hand() -> None:
    for name, seconds in (("web", SECONDS_TO_FINISH), ("worker", SECONDS_TO_STOP)):
        lines = unit(DEPLOY / f"tandem-{name}.service")
        assert int(lines["TimeoutStopSec"][0]) > seconds, name
        assert lines["KillMode"] == ["mixed"], "gunicorn itself asks its processes to end"


def test_systemd_listens_where_the_pages_are_asked_for(tmp_path: Path) -> None:
    """And, once the line is on, where those who watch ask: see tests/serving/test_sockets.py."""
    words = (DEPLOY / "tandem-web.socket").read_text()
    (pages,) = re.findall(r"^ListenStream=(\S+)$", words, re.MULTILINE)
    assert f"proxy_pass http://{pages};" in (DEPLOY / "nginx.conf").read_text()
    assert [pages] == options(from_environment({"TANDEM_INSTANCE": str(tmp_path)}))["bind"]
    (watched,) = re.findall(r"^#ListenStream=(\S+)$", words, re.MULTILINE)
    assert f"#TANDEM_METRICS={watched}\n" in (DEPLOY / "tandem.env").read_text()
    assert "Requires" not in (DEPLOY / "tandem-web.service").read_text(), "it also runs without"


def test_the_settings_that_come_along_are_settings(tmp_path: Path) -> None:
    """Those that are on can be used as they are, and every one is read by the product."""
    known = {
        name for file in (ROOT / "assessment").glob("*settings.py") for name in READ.findall(file.read_text())
    }
    lines = (DEPLOY / "tandem.env").read_text().splitlines()
    names = {line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)}
    assert names <= known
    set_here = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    settings = from_environment({**set_here, "TANDEM_INSTANCE": str(tmp_path / "instance")})
    assert settings.secure
    assert settings.proxies == 1


def test_commands_run_with_these_settings_and_as_this_user(tmp_path: Path) -> None:
    """The script, with its paths put elsewhere and the change of user shown instead of made."""
    words = (DEPLOY / "tandem").read_text().replace("/etc/tandem/tandem.env", str(tmp_path / "env"))
    words = words.replace("/opt/tandem", str(tmp_path)).replace("exec setpriv", "echo setpriv")
    (tmp_path / "env").write_text("TANDEM_MAIL_FROM='Tandem <tandem@example.gov>'\n")
    script = words.replace("umask 077", 'echo "$TANDEM_MAIL_FROM, $TANDEM_INSTANCE"')
    said = subprocess.run(["sh", "-c", script, "tandem", "users", "add"], capture_output=True, text=True)
    assert said.stderr == ""
    assert said.stdout.splitlines() == [
        "Tandem <tandem@example.gov>, /var/lib/tandem",
        "setpriv --reuid=tandem --regid=tandem --clear-groups .venv/bin/flask users add",
    ]


def test_the_backup_of_each_night_takes_a_name_of_its_own() -> None:
    """systemd halves each double %% and $$ before a shell sees them."""
    lines = unit(DEPLOY / "tandem-backup.service")["ExecStart"]
    assert lines[1].endswith("flask doctor"), "a fault that is found makes the unit fail"
    shell = re.fullmatch(r"/bin/sh -c '(.*)'", lines[0])
    assert shell is not None
    script = shell[1].replace("%%", "%").replace("$$", "$").replace("exec .venv/bin/flask", "echo")
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"backup /var/backups/tandem/tandem-\d{8}T\d{6}Z\.zip\n", said)
