"""Inspection in a process of its own: bounded, told nothing, and judged by how it ends."""

import io
import os
import signal
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.intake.apart.process import Bounds, Interrupted
from services.intake.apart.wire import LARGEST, LENGTH, RemoteFile
from services.intake.domain.inspection import Inspection, Mark
from services.intake.inspection.process import WHAT, inspect
from tests.intake.apart import Watched
from tests.intake.files import GOOD, ole, pdf
from tests.intake.inspected import found

BOUNDS = Bounds()
LONG = pdf(size=3 * LARGEST)


def inspected(data: bytes, bounds: Bounds = BOUNDS) -> Inspection:
    return inspect(io.BytesIO(data), len(data), bounds)


def unreadable(why: str) -> Inspection:
    return Inspection(None, "nothing that could be examined", marks=(Mark("file-unreadable", why),))


@pytest.mark.parametrize("data", [GOOD["nota.docx"], LONG, b"", b"x"])
def test_a_process_of_its_own_says_the_same(data: bytes) -> None:
    assert inspected(data) == found(data)


def test_memory_is_bounded() -> None:
    made = io.BytesIO()
    Image.new("RGB", (8900, 8900)).save(made, "PNG", compress_level=1)
    inspection = inspected(made.getvalue(), Bounds(memory=200 * 1024 * 1024))
    assert [mark.what for mark in inspection.marks] == ["opening it takes more memory than a file may"]


def crowded(count: int) -> bytes:
    """A PDF with so many objects that no page needs."""
    made = bytearray(pdf())
    table = made.rindex(b"xref\n0")
    places = []
    for number in range(4, count + 4):
        places.append(len(made))
        made += (
            b"%d 0 obj<</S/P/K[1 2 3 4 5 6 7 8 9]/A<</O/Layout/BBox[1 2 3 4]/X[1 2 3 4]>>>>endobj\n" % number
        )
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Root 1 0 R/Size %d/Prev %d>>\n" % (count + 4, table)
    return bytes(made) + b"xref\n4 %d\n%s%sstartxref\n%d\n%%%%EOF\n" % (count, rows, trailer, len(made))


def test_a_pdf_of_very_many_objects_takes_no_more_memory_than_it_may() -> None:
    inspection = inspected(crowded(250_000))
    assert [(mark.code, mark.what) for mark in inspection.marks] == [
        ("not-examined", "it has more than 100000 objects")
    ]


def test_processor_time_is_bounded() -> None:
    data = ole("Workbook", struct.pack("<HH", 1, 0) * 12_000_000)
    assert inspected(data, Bounds(cpu=1)) == unreadable("examining it takes too long")


def test_time_on_the_clock_is_bounded() -> None:
    assert inspected(pdf(), Bounds(wall=0.0)) == unreadable("examining it takes too long")


def test_a_file_on_which_a_library_dies_is_unreadable() -> None:
    file = Watched(pdf(), WHAT, lambda pid: os.kill(pid, signal.SIGSEGV))
    assert inspect(file, len(pdf()), BOUNDS) == unreadable("the program that examines it fails on it")


def test_a_process_that_says_what_cannot_be_read_says_nothing_of_the_file() -> None:
    with pytest.raises(Interrupted, match="cannot be read"):
        inspected(pdf(), Bounds(result=3))


def test_a_process_that_somebody_else_ends_says_nothing_of_the_file() -> None:
    with pytest.raises(Interrupted, match="-9"):
        inspect(Watched(pdf(), WHAT, lambda pid: os.kill(pid, signal.SIGKILL)), len(pdf()), BOUNDS)


def test_a_process_knows_nothing_of_database_and_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://secret")
    seen: list[str] = []
    file = Watched(pdf(), WHAT, lambda pid: seen.append(Path(f"/proc/{pid}/environ").read_text()))
    inspect(file, len(pdf()), BOUNDS)
    assert {line.partition("=")[0] for line in seen[0].rstrip("\0").split("\0")} == {"PYTHONPATH"}


class Line:
    """The other end of a socket that has all bytes ready, a few at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.asked: list[bytes] = []

    def recv(self, count: int) -> bytes:
        """At most three bytes."""
        return self._data.read(min(count, 3))

    def sendall(self, data: bytes) -> None:
        """Keep what is asked for."""
        self.asked.append(data)


def test_pieces_are_put_together_and_nothing_lies_before_the_beginning() -> None:
    line: Any = Line(LENGTH.pack(5) + b"abcde")
    file = RemoteFile(line, 10)
    assert (file.seek(-8, io.SEEK_END), file.read(5), file.tell()) == (2, b"abcde", 7)
    with pytest.raises(EOFError):
        file.read(1)
    with pytest.raises(ValueError, match="before the beginning"):
        file.seek(-1)
