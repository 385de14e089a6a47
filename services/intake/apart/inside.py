"""The inside of a process apart: it bounds itself, and speaks over its standard input.

Its arguments are the file's size, and its bounds: bytes of memory, seconds of processor time.
"""

import io
import resource
import socket
import sys

from services.intake.apart.wire import QUESTION, RESULT, RemoteFile, receive_counted

READ_AHEAD = 256 * 1024
FILES = 64


class Task:
    """What a process apart is to do: an order, and the file that it is about."""

    def __init__(self, line: socket.socket, size: int) -> None:
        self._line, self.size = line, size
        self.order = receive_counted(line)
        self.file = io.BufferedReader(RemoteFile(line, size), READ_AHEAD)

    def answer(self, result: bytes) -> None:
        """Say what came of it, and no more."""
        self._line.sendall(QUESTION.pack(RESULT, len(result)) + result)


def begin() -> Task:
    """Take the bounds upon oneself, and give the task; what opens files is loaded after that."""
    size, memory, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # the lower one says why
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))
    return Task(socket.socket(fileno=0), size)
