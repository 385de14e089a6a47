"""The other side of the inspecting process: starts it, hands it the pieces that it asks for, takes what it found."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from services.intake.domain.inspection import UNREADABLE, Inspection, Mark
from services.intake.inspection.wire import LARGEST, LENGTH, QUESTION, RESULT, receive

WHAT = "services.intake.inspection"
ENDING = 10.0
FAULTS = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL})
"""How a library ends a process when a file is more than it can bear."""


class Interrupted(Exception):
    """The inspecting process was ended by somebody else: that says nothing of the file."""


@dataclass(frozen=True)
class Bounds:
    """How much one inspection may take: bytes of memory, seconds of processor time, seconds on the clock."""

    memory: int = 768 * 1024 * 1024
    cpu: int = 30
    wall: float = 60.0


def inspect(file: BinaryIO, size: int, bounds: Bounds) -> Inspection:
    """What the file is, as a process of its own says it; what it cannot say within its bounds is unreadable.

    Raises Interrupted, and what reading the file raises.
    """
    with _process(size, bounds) as (process, line):
        try:
            return _converse(file, size, line, time.monotonic() + bounds.wall)
        except TimeoutError:
            return _unreadable("examining it takes too long")
        except (EOFError, ConnectionError, msgspec.MsgspecError):
            return ended(process.wait(ENDING))


def _converse(file: BinaryIO, size: int, line: socket.socket, until: float) -> Inspection:
    while True:
        line.settimeout(max(until - time.monotonic(), 0.001))
        start, count = QUESTION.unpack(receive(line, QUESTION.size))
        if start == RESULT:
            return msgspec.json.decode(receive(line, min(count, LARGEST)), type=Inspection)
        file.seek(min(start, size))
        piece = file.read(min(count, LARGEST))
        line.sendall(LENGTH.pack(len(piece)) + piece)


def ended(code: int) -> Inspection:
    """What follows when the process ended without a word: the file's fault, or somebody else's."""
    if -code == signal.SIGXCPU:
        return _unreadable("examining it takes too long")
    if -code in FAULTS:
        return _unreadable("the program that examines it fails on it")
    raise Interrupted(f"the inspecting process ended with {code}")


def _unreadable(why: str) -> Inspection:
    return Inspection(None, "nothing that could be examined", marks=(Mark(UNREADABLE, why),))


@contextmanager
def _process(size: int, bounds: Bounds) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", WHAT, *map(str, (size, bounds.memory, bounds.cpu))]
    # No more of the environment than where the code is: it holds the addresses of database and broker.
    with ours, theirs:
        process = subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            cwd="/",
        )
        theirs.close()
        try:
            yield process, ours
        finally:
            process.kill()
            process.wait()
