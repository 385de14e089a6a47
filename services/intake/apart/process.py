"""The other side of a process apart: starts it, tells it what to do, hands it the pieces that it asks for."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.intake.apart.wire import LARGEST, QUESTION, RESULT, SIZE, receive, send_counted

ENDING = 10.0
CODE = str(Path(__file__).parents[3])
FAULTS = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)
"""How a library ends a process when a file is more than it can bear."""


class Interrupted(Exception):
    """The process was ended by somebody else: that says nothing of the file."""


class Exhausted(Exception):
    """The file takes more time than it may."""


class Died(Exception):
    """The library that opens the file died of it."""


@dataclass(frozen=True)
class Bounds:
    """How much one file may take: bytes of memory, seconds of processor time and on the clock, bytes of a result."""

    memory: int = 768 * 1024 * 1024
    cpu: int = 30
    wall: float = 60.0
    result: int = 1024 * 1024


class Process:
    """A process of a program, which has begun within its bounds and waits for its order, the only one that it gets."""

    def __init__(self, program: str, bounds: Bounds) -> None:
        self._line, theirs = socket.socketpair()
        # Without `site`, whose work takes a third of the time until a process speaks: all paths are told.
        command = [sys.executable, "-S", "-m", program, str(bounds.memory), str(bounds.cpu)]
        # No more of the environment than where the code is: it holds the addresses of database and broker.
        env = {"PYTHONPATH": os.pathsep.join(filter(None, (CODE, *sys.path)))}
        nothing = subprocess.DEVNULL
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command, stdin=theirs.fileno(), stdout=nothing, stderr=nothing, env=env, cwd="/"
                )
        except OSError:
            self._line.close()
            raise

    @property
    def is_there(self) -> bool:
        """Whether nobody has ended it."""
        return self._process.poll() is None

    def ask(self, order: bytes, file: BinaryIO, size: int, bounds: Bounds) -> bytes:
        """What it says of a file that it is ordered to open; raises as the function of this name does."""
        try:
            return _converse(self._line, order, file, size, bounds)
        except TimeoutError:
            raise Exhausted from None
        except (EOFError, ConnectionError):
            raise ended(self._process.wait(ENDING)) from None

    def end(self) -> None:
        """End it, whatever it does."""
        self._line.close()
        self._process.kill()
        self._process.wait()


def ask(program: str, order: bytes, file: BinaryIO, size: int, bounds: Bounds) -> bytes:
    """What a program says of a file that it was ordered to open, in a process of its own.

    Raises Exhausted, Died, Interrupted, and what reading the file raises.
    """
    process = Process(program, bounds)
    try:
        return process.ask(order, file, size, bounds)
    finally:
        process.end()


def _converse(line: socket.socket, order: bytes, file: BinaryIO, size: int, bounds: Bounds) -> bytes:
    until = time.monotonic() + bounds.wall
    line.settimeout(max(bounds.wall, 0.001))
    line.sendall(SIZE.pack(size))
    send_counted(line, order)
    while True:
        line.settimeout(max(until - time.monotonic(), 0.001))
        start, count = QUESTION.unpack(receive(line, QUESTION.size))
        if start == RESULT:
            return receive(line, min(count, bounds.result))
        file.seek(min(start, size))
        send_counted(line, file.read(min(count, LARGEST)))


def ended(code: int) -> Exception:
    """What follows when a process ended without a word: the file's fault, or somebody else's."""
    if -code == signal.SIGXCPU:
        return Exhausted()
    if -code in FAULTS:
        return Died()
    return Interrupted(f"the process that opens it ended with {code}")
