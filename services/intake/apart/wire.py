"""How a process apart is told what to do, how it asks for pieces of a file, and how it says what came of it.

It is told first: the file's size in 8 bytes, then its order, a length of 4 bytes and so many bytes. A question is 12
bytes, offset and count; the answer is a length and so many bytes, fewer than asked for at the end of the file. The
offset RESULT announces so many bytes of result instead, and ends the conversation.
"""

import struct
from socket import socket

from shared.core.pieces import PiecewiseFile

QUESTION = struct.Struct(">QI")
SIZE = struct.Struct(">Q")
LENGTH = struct.Struct(">I")
RESULT = 2**64 - 1
LARGEST = 1024 * 1024
"""Bytes of one piece."""


class RemoteFile(PiecewiseFile):
    """A file whose bytes are asked for over a socket."""

    def __init__(self, line: socket, size: int) -> None:
        super().__init__(size)
        self._line = line

    def fetch(self, at: int, most: int) -> bytes:
        """Ask for as much as fits."""
        self._line.sendall(QUESTION.pack(at, min(most, LARGEST)))
        return receive_counted(self._line)


def send_counted(line: socket, data: bytes) -> None:
    """Send bytes behind their length."""
    line.sendall(LENGTH.pack(len(data)) + data)


def receive_counted(line: socket) -> bytes:
    """The bytes that were sent so; EOFError when the other side ends before."""
    (length,) = LENGTH.unpack(receive(line, LENGTH.size))
    return receive(line, length)


def receive(line: socket, count: int) -> bytes:
    """So many bytes; EOFError when the other side ends before."""
    data = bytearray()
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            raise EOFError("the other side has ended")
        data += piece
    return bytes(data)
