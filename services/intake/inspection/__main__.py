"""The inspecting process: bounds itself, asks for the file over its standard input, says what it found, and ends.

Its arguments are the file's size, and its bounds: bytes of memory, seconds of processor time.
"""

import io
import resource
import socket
import sys

import msgspec

from services.intake.inspection.wire import QUESTION, RESULT, RemoteFile

READ_AHEAD = 256 * 1024
FILES = 64


def main(size: int, memory: int, seconds: int) -> None:
    """Inspect one file of so many bytes."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # the lower one says why
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))
    # The libraries are loaded within the bounds.
    from services.intake.inspection.inspecting import inspect_file

    line = socket.socket(fileno=0)
    file = io.BufferedReader(RemoteFile(line, size), READ_AHEAD)
    found = msgspec.json.encode(inspect_file(file, size))
    line.sendall(QUESTION.pack(RESULT, len(found)) + found)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
