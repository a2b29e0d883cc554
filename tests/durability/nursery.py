"""A Python with our modules loaded, which forks a server or a worker whenever a test wants one.

A start takes a second of a processor, nearly all of it for loading; what runs afterwards is the same program
in a process of its own. As an operator does, tests/serving/test_sockets.py starts the server and
tests/working/test_schedule.py the worker.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

import flask.cli
import psutil

import serving

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS: dict[str, Callable[[], Any]] = {"serving": serving.main, "flask": flask.cli.main}
LONGEST = 65_536  # bytes of what is asked for


class Nursery:
    """The process that forks, as a test sees it. It ends when the process of the tests does."""

    def __init__(self) -> None:
        self.ends: dict[int, int] = {}
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
            )

    def start(self, words: list[str], environment: dict[str, str], log: IO[bytes]) -> Forked:
        """Run a program with these words, as the leader of a session of its own; it writes to ``log``."""
        asked = json.dumps({"words": words, "environment": environment}).encode()
        socket.send_fds(self.line, [asked], [log.fileno()])
        while "pid" not in (told := self._told()):
            self.ends[told["ended"]] = told["code"]
        self.ends.pop(told["pid"], None)  # of another that had the same number
        return Forked(self, told["pid"])

    def end_of(self, pid: int) -> int | None:
        """The exit code of a process that has ended."""
        while pid not in self.ends and select.select([self.line], [], [], 0)[0]:
            told = self._told()
            self.ends[told["ended"]] = told["code"]
        return self.ends.get(pid)

    def _told(self) -> Any:
        told = self.line.recv(LONGEST)
        assert told, "the process that forks has ended"
        return json.loads(told)


class Forked:
    """What a test needs of ``subprocess.Popen``, for a process that the nursery has forked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.nursery, self.pid = nursery, pid

    def poll(self) -> int | None:
        return self.nursery.end_of(self.pid)

    def wait(self, timeout: float) -> int:
        ends = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired("a forked program", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def nursery() -> Nursery:
    """The one of this process."""
    return Nursery()


def ended() -> Iterator[bytes]:
    """Each child that has ended since the last look."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield json.dumps({"ended": found[0], "code": os.waitstatus_to_exitcode(found[1])}).encode()


def fork(line: socket.socket) -> Callable[[], Any] | None:
    """Fork for whatever is asked: a child returns with its program, the parent where the tests have ended."""
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    while True:
        ready = select.select([line, woken], [], [])[0]
        if woken in ready:
            woken.recv(LONGEST)
            for told in ended():
                line.send(told)
        if line in ready:
            asked, logs, _, _ = socket.recv_fds(line, LONGEST, 1)
            if not asked:  # whatever the tests could not stop any more ends with them
                for child in psutil.Process().children():
                    os.killpg(child.pid, signal.SIGKILL)
                return None
            if not (pid := os.fork()):
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (line, woken, wake):
                    one.close()
                return become(logs[0], **json.loads(asked))
            os.close(logs[0])
            line.send(json.dumps({"pid": pid}).encode())


def become(log: int, words: list[str], environment: dict[str, str]) -> Callable[[], Any]:
    """This process as if it had been started so."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    for standard in (sys.stdout, sys.stderr):
        os.dup2(log, standard.fileno())
    os.close(log)
    sys.argv = words
    return PROGRAMS[words[0]]


if __name__ == "__main__":
    if program := fork(socket.socket(fileno=int(sys.argv[1]))):
        program()
