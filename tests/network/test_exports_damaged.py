"""What is found when an archive of files was damaged, cut off or changed on its way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from flask import Flask

from reports.packages import PackedFile, pack, verify
from tests.network.packages import KINDS


@pytest.fixture(scope="module")
def archive() -> bytes:
    """An archive that needs no database."""
    table = b"a,b\r\n" + b"".join(b"%d,%d\r\n" % (n, n * n) for n in range(200))
    return pack([PackedFile("squares.csv", table, 200), PackedFile("notes.txt", b"two words")], {"n": 1})


def test_an_archive_that_was_cut_off_fails(archive: bytes) -> None:
    assert verify(archive) == []
    for length in range(0, len(archive), 7):
        assert verify(archive[:length]), length
    assert verify(archive[:-1])
    assert verify(archive + b"\0")


def test_an_archive_with_one_changed_bit_fails_wherever_it_is(archive: bytes) -> None:
    rng = random.Random(5)
    for place in range(len(archive)):
        changed = bytearray(archive)
        changed[place] ^= 1 << rng.randrange(8)
        problems = verify(bytes(changed))
        assert problems, place
        assert all(problem.endswith(".") and problem.isprintable() for problem in problems)


def test_a_file_of_another_kind_under_a_right_checksum_is_found() -> None:
    for kind in KINDS:
        wrong = pack([PackedFile(f"a.{kind}", b"\xff\xfe not that", 1)], {})
        assert verify(wrong) == [f"a.{kind} is not what its ending says: its rows cannot be counted."], kind
    assert verify(b"no archive") == [
        "The archive cannot be opened: it was cut off, changed, or is no zip file."
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_says_whether_an_archive_is_whole(app: Flask, archive: bytes, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.zip", tmp_path / "cut.zip"
    whole.write_bytes(archive)
    cut.write_bytes(archive[:-100])
    run = app.test_cli_runner().invoke
    assert run(args=["report", "verify", str(whole)]).output.startswith("whole.zip is whole")
    refused = run(args=["report", "verify", str(cut)])
    assert refused.exit_code == 1
    assert refused.output.startswith("The archive cannot be opened")
