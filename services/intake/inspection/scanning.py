"""The virus scanner: ClamAV's clamd, which is handed each file over its INSTREAM command."""

import io
import socket
import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from services.intake.domain.inspection import INFECTED, Mark

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0
LONGEST_REPLY = 4096
NESTED = 60
"""Archives inside archives, deeper than clamd looks by its default (MaxRecursion 17)."""
LIMITS = "Heuristics.Limits.Exceeded"


class ScannerAway(Exception):
    """The scanner does not answer, or is not set up to be believed: that says nothing of the file."""


@dataclass
class Scanner:
    """clamd at an address: HOST:PORT, or the path of its socket."""

    address: str
    _believed: bool = False

    def scan(self, pieces: Iterable[bytes]) -> Mark | None:
        """What the scanner says of a file: nothing, what it found, or that it did not look through all of it.

        Raises ScannerAway, and what reading the file raises.
        """
        if not self._believed:
            self._check_limits()
        return _mark(self._ask(pieces))

    def _check_limits(self) -> None:
        """Believe a scanner only when it says what it did not look through: without AlertExceedsMax that is "OK"."""
        if LIMITS not in self._ask([_nested_archives()]):
            raise ScannerAway(
                "clamd says OK to what exceeds its limits: set AlertExceedsMax yes in clamd.conf"
            )
        self._believed = True

    def _ask(self, pieces: Iterable[bytes]) -> str:
        try:
            with self._connected() as line:
                _send(line, pieces)
                return _reply(line)
        except OSError as why:
            raise ScannerAway(f"clamd at {self.address} does not answer: {why}") from why

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        host, _, port = self.address.rpartition(":")
        if "/" in self.address:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(CONNECT_SECONDS)
            with line:
                line.connect(self.address)
                line.settimeout(SILENCE_SECONDS)
                yield line
            return
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS) as line:
            line.settimeout(SILENCE_SECONDS)
            yield line


def _send(line: socket.socket, pieces: Iterable[bytes]) -> None:
    # A scanner that has had enough answers at once, and listens no more.
    with suppress(BrokenPipeError, ConnectionResetError):
        line.sendall(b"zINSTREAM\0")
        for piece in pieces:
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))


def _reply(line: socket.socket) -> str:
    """What clamd answers, up to the NUL that ends it; ScannerAway when it ends without one."""
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < LONGEST_REPLY:
        piece = line.recv(LONGEST_REPLY)
        if not piece:
            raise ScannerAway("clamd ended without an answer")
        reply += piece
    return reply.rstrip(b"\0").decode("utf-8", "replace")


def _mark(reply: str) -> Mark | None:
    said = reply.removeprefix("stream: ")
    if said == "OK":
        return None
    if LIMITS in said or "size limit exceeded" in said:
        return Mark("not-scanned", "it is larger, or nested deeper, than the scanner looks")
    if said.endswith(" FOUND"):
        return Mark(INFECTED, said.removesuffix(" FOUND"))
    raise ScannerAway(f"clamd answers {said!r}")


def _nested_archives() -> bytes:
    inner = b"nothing"
    for _ in range(NESTED):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
            into.writestr("a.zip", inner)
        inner = made.getvalue()
    return inner
