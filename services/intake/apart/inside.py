"""The inside of a process apart: it bounds itself, and speaks over its standard input.

Its arguments are its bounds: bytes of memory, seconds of processor time.
"""

import io
import resource
import socket
import sys

from services.intake.apart.wire import QUESTION, RESULT, SIZE, RemoteFile, receive, receive_counted

READ_AHEAD = 256 * 1024
FILES = 64


class Task:
    """What a process apart is to do: an order, and the file that it is about; it waits for them."""

    def __init__(self, line: socket.socket) -> None:
        (self.size,) = SIZE.unpack(receive(line, SIZE.size))
        self._line = line
        self.order = receive_counted(line)
        self.file = io.BufferedReader(RemoteFile(line, self.size), READ_AHEAD)

    def answer(self, result: bytes) -> None:
        """Say what came of it, and no more."""
        self._line.sendall(QUESTION.pack(RESULT, len(result)) + result)


def begin() -> socket.socket:
    """Take the bounds upon oneself, and give the line for a task; what opens files is loaded after that."""
    memory, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # the lower one says why
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))
    return socket.socket(fileno=0)


def is_waited_for(line: socket.socket) -> bool:
    """Whether somebody has asked already, or went away."""
    try:
        line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    return True
