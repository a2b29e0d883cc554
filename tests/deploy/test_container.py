"""The Containerfile, as far as it can be checked without an engine: what it copies is all that is needed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Step = tuple[str, list[str]]


def stages() -> list[list[Step]]:
    """The steps of each stage: the instruction and its words."""
    text = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text())
    found: list[list[Step]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, shlex.split(rest)))
    return found


def copied(stage: list[Step]) -> list[tuple[str, str]]:
    """From the checkout, not from an earlier stage: source, target."""
    steps = [words for name, words in stage if name == "COPY" and not words[0].startswith("--")]
    return [(source, words[-1]) for words in steps for source in words[:-1]]


def lay_out(stage: list[Step], folder: Path) -> None:
    """Copy as the engine would, less what .containerignore keeps out."""
    folder.mkdir()
    for source, target in copied(stage):
        there = ROOT / source
        if there.is_dir():
            shutil.copytree(there, folder / target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(there, folder / target)


def test_every_file_that_is_copied_is_there_and_is_let_in() -> None:
    lines = (ROOT / ".containerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    wanted = {source for stage in stages() for source, _target in copied(stage)}
    assert wanted == let_in
    assert [source for source in wanted if not (ROOT / source).exists()] == []
    assert "*" in lines, "what is not named stays out"
    for secret in ("instance", ".git", ".venv", "deploy"):
        assert not any(fnmatch(secret, name) for name in let_in)


def test_both_stages_have_one_python_and_one_place() -> None:
    """An environment of Python works only where it was made, and only with the same Python."""
    first, last = stages()
    assert first[0][1][0] == last[0][1][0]
    assert [words for name, words in first if name == "WORKDIR"] == [["/opt/tandem"]]
    assert [words for name, words in last if name == "WORKDIR"] == [["/opt/tandem"]]


def test_it_runs_as_a_user_of_its_own_who_owns_nothing_but_the_instance() -> None:
    last = stages()[-1]
    names = [name for name, _words in last]
    user = next(words[0] for name, words in last if name == "USER")
    assert re.fullmatch(r"([1-9]\d*):\1", user), "a number, so that an engine can see that it is not root"
    assert "RUN" not in names[names.index("USER") :]
    assert not any(word.startswith("--chown") for name, words in last if name == "COPY" for word in words)
    assert last[-1] == ("CMD", ["[.venv/bin/python,", "-m,", "serving,", "--without-worker]"])


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The last stage's files, with the environment and the assets of this checkout."""
    folder = tmp_path / "image"
    lay_out(stages()[-1], folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "static").symlink_to(ROOT / "static")
    return folder


def test_what_is_copied_is_all_that_is_needed_to_serve_and_to_work(
    image: Path, tmp_path: Path, sqlite_template: Path
) -> None:
    """Nothing is found in the checkout by chance."""
    (tmp_path / "instance").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "instance" / "tandem.sqlite")
    script = (
        "from app import create_app\n"
        "import serving, assessment\n"
        "app = create_app()\n"
        "assert assessment.__file__.startswith(app.root_path), assessment.__file__\n"
        "commands = app.cli.list_commands(None)\n"
        "assert {'work', 'doctor', 'backup'} <= set(commands), commands\n"
        "assert app.test_client().get('/sign-in').status_code == 200\n"
    )
    environment = {"PATH": os.environ["PATH"], "TANDEM_INSTANCE": str(tmp_path / "instance")}
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=image, env=environment, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr[-2000:]


def test_the_assets_can_be_built_from_what_the_first_stage_has(tmp_path: Path) -> None:
    """`make` finds a rule for everything, before anything is installed."""
    folder = tmp_path / "build"
    lay_out(stages()[0], folder)
    said = subprocess.run(["make", "--dry-run", "assets"], cwd=folder, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "npm ci" in said.stdout
    assert "node assets/build.mjs" in said.stdout
