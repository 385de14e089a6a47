"""How the inspecting process asks for pieces of a file, and how it says what it found.

A question is 12 bytes, offset and count; the answer is a length of 4 bytes and so many bytes, fewer than asked for
at the end of the file. The offset RESULT announces so many bytes of JSON instead, and ends the conversation.
"""

import struct
from socket import socket

from shared.core.pieces import PiecewiseFile

QUESTION = struct.Struct(">QI")
LENGTH = struct.Struct(">I")
RESULT = 2**64 - 1
LARGEST = 1024 * 1024
"""Bytes of one piece, and of what was found."""


class RemoteFile(PiecewiseFile):
    """A file whose bytes are asked for over a socket."""

    def __init__(self, line: socket, size: int) -> None:
        super().__init__(size)
        self._line = line

    def fetch(self, at: int, most: int) -> bytes:
        """Ask for as much as fits."""
        self._line.sendall(QUESTION.pack(at, min(most, LARGEST)))
        (length,) = LENGTH.unpack(receive(self._line, LENGTH.size))
        return receive(self._line, length)


def receive(line: socket, count: int) -> bytes:
    """So many bytes; EOFError when the other side ends before."""
    data = bytearray()
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            raise EOFError("the other side has ended")
        data += piece
    return bytes(data)
