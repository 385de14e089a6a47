"""Films and pictures of boxes: what their tables speak of must lie in the file."""

import struct

import pytest

from tests.intake.files import HEIC, MP4, box, heic, image, pdf
from tests.intake.inspected import judged

AVIF = image("AVIF").replace(b"avif", b"heic")
"""What a program for pictures of boxes wrote, by another brand: its tables are the same."""


def refusal(data: bytes, name: str = "a.heic") -> str | None:
    return judged(name, data)[0]


def film(*offsets: int, wide: bool = False) -> bytes:
    """A film whose chunks begin there."""
    table = box(
        "co64" if wide else "stco",
        struct.pack(f">II{len(offsets)}{'Q' if wide else 'I'}", 0, len(offsets), *offsets),
    )
    for name in ("stbl", "minf", "mdia", "trak"):
        table = box(name, table)
    return (
        box("ftyp", b"isom" + bytes(4))
        + box("moov", box("mvhd", bytes(100)) + table)
        + box("mdat", bytes(64))
    )


@pytest.mark.parametrize("data", [HEIC, AVIF, heic(b"mif1", b"heic"), heic(b"heix")])
def test_a_picture_whose_tables_fit_is_taken(data: bytes) -> None:
    assert judged("a.heic", data) == (None, [])


@pytest.mark.parametrize("data", [HEIC, AVIF])
def test_a_picture_that_was_cut_is_incomplete(data: bytes) -> None:
    start = data.index(b"mdat") + 4
    assert {refusal(data[:cut]) for cut in range(start, len(data))} == {"file-truncated"}


@pytest.mark.parametrize("data", [HEIC, AVIF])
def test_a_picture_that_was_cut_is_incomplete_when_its_last_box_has_no_length(data: bytes) -> None:
    start = data.index(b"mdat")
    endless = data[: start - 4] + bytes(4) + data[start:]
    assert judged("a.heic", endless) == (None, [])
    assert refusal(endless[:-3]) == "file-truncated"


@pytest.mark.parametrize(
    "data",
    [
        heic(picture=bytes(40)),
        heic(picture=b"teks biasa saja"),
        heic(picture=b""),
        heic(at=4),
        heic(kind=b"jpeg", picture=b""),
        HEIC.replace(b"iloc", b"free"),
        HEIC.replace(b"pitm", b"free"),
        HEIC.replace(b"iinf", b"free"),
        HEIC.replace(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\2"),
        HEIC.replace(b"\x44\0\0\1\0\1\0\0\0\1", b"\x44\0\0\1\0\1\0\0\0\0"),
        box("ftyp", b"heic" + bytes(4) + b"mif1heic") + box("meta", bytes(4)) + box("mdat", bytes(64)),
    ],
    ids=[
        "zeros",
        "text",
        "empty",
        "elsewhere",
        "empty-jpeg",
        "no-places",
        "no-first",
        "no-list",
        "unknown",
        "no-bytes",
        "no-tables",
    ],
)
def test_boxes_without_a_picture_are_none(data: bytes) -> None:
    assert refusal(data) == "file-unreadable"


@pytest.mark.parametrize("wide", [False, True])
def test_a_film_of_which_a_chunk_is_missing_is_incomplete(wide: bool) -> None:
    size = len(film(0, 0, wide=wide))
    assert judged("a.mp4", film(size - 64, size - 1, wide=wide)) == (None, [])
    assert refusal(film(size - 64, size, wide=wide), "a.mp4") == "file-truncated"


def test_a_film_that_begins_a_pdf_too_is_two_things() -> None:
    assert refusal(MP4 + box("free", pdf()), "a.mp4") == "file-ambiguous"


@pytest.mark.parametrize("content", [b"", b"isi apa saja", box("mvhd", bytes(100)), box("trak")])
def test_a_film_without_a_track_is_none(content: bytes) -> None:
    data = box("ftyp", b"isom" + bytes(4)) + box("moov", content) + box("mdat", bytes(64))
    assert refusal(data, "a.mp4") == "file-unreadable"


def test_a_table_may_say_its_length_in_eight_bytes() -> None:
    at = HEIC.index(b"meta") - 4
    length = int.from_bytes(HEIC[at : at + 4], "big")
    inner = HEIC.index(b"pitm") - 4
    wide = struct.pack(">I4sQ", 1, b"pitm", 22) + HEIC[inner + 8 : inner + 14]
    moved = HEIC[:inner] + wide + HEIC[inner + 14 :]
    place = moved.index(b"mdat") + 4
    moved = moved.replace(struct.pack(">I", HEIC.index(b"mdat") + 4), struct.pack(">I", place))
    moved = moved[:at] + struct.pack(">I", length + 8) + moved[at + 4 :]
    assert judged("a.heic", moved) == (None, [])
